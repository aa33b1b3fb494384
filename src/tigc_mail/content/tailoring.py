"""From an edition to what one audience reads of it."""

from collections.abc import Iterable

from tigc_mail.content.attachment import Attachment
from tigc_mail.content.block import (
    AnyBlock,
    CallToActionBlock,
    CourseListBlock,
    CustomBlock,
    EventBlock,
    FigureBlock,
    KeyMessageBlock,
    PartnerGroup,
    PartnerListBlock,
    QuoteBlock,
    StatisticsBlock,
    TextBlock,
)
from tigc_mail.content.event import Event
from tigc_mail.content.tailored import (
    Fallback,
    TailoredAttachment,
    TailoredAudience,
    TailoredBlock,
    TailoredCallToAction,
    TailoredCourse,
    TailoredCourseList,
    TailoredCustom,
    TailoredEvent,
    TailoredEventDetail,
    TailoredEventDetails,
    TailoredFigure,
    TailoredKeyMessage,
    TailoredPartner,
    TailoredPartnerGroup,
    TailoredPartnerList,
    TailoredQuote,
    TailoredStatistic,
    TailoredStatistics,
    TailoredText,
)
from tigc_mail.content.text import Text
from tigc_mail.ground.language import Locale, Translations, translated
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience


def visible(block: AnyBlock, audience: Audience) -> AnyBlock | None:
    """Return what the audience may read of a block; None where it may read nothing."""
    if not block.is_for(audience.id) or not audience.ceiling.allows(block.marking):
        return None
    if isinstance(block, EventBlock):
        return block.model_copy(update={"event": _visible_event(block.event, audience.ceiling)})
    if isinstance(block, PartnerListBlock):
        groups = tuple(_visible_groups(block.groups, audience.ceiling))
        return block.model_copy(update={"groups": groups}) if groups else None
    if isinstance(block, StatisticsBlock):
        shown = tuple(one for one in block.statistics if _allowed(one.marking, audience.ceiling))
        return block.model_copy(update={"statistics": shown}) if shown else None
    return block


def _visible_event(event: Event, ceiling: Marking) -> Event:
    details = tuple(detail for detail in event.details if _allowed(detail.marking, ceiling))
    return event.model_copy(update={"details": details})


def _visible_groups(groups: Iterable[PartnerGroup], ceiling: Marking) -> Iterable[PartnerGroup]:
    for group in groups:
        if not _allowed(group.marking, ceiling):
            continue
        partners = tuple(one for one in group.partners if _allowed(one.marking, ceiling))
        if partners:
            yield group.model_copy(update={"partners": partners})


def _allowed(marking: Marking | None, ceiling: Marking) -> bool:
    return marking is None or ceiling.allows(marking)


def highest(markings: Iterable[Marking | None]) -> Marking:
    """Return the marking that travels least far; TLP:CLEAR where there is none."""
    given = (marking for marking in markings if marking is not None)
    return max(given, key=lambda marking: marking.level, default=Marking.CLEAR)


class Voice:
    """Speaks to one audience in one language, and keeps account of what it had to replace."""

    def __init__(self, audience: Audience, locale: Locale, default: Locale) -> None:
        self.audience = audience
        self.locale = locale
        self._default = default
        self._fallbacks: list[Fallback] = []

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        """What was replaced so far."""
        return tuple(self._fallbacks)

    def say(self, path: str, text: Text | None) -> str:
        """Return the words of a text; an empty string where there is no text."""
        if text is None:
            return ""
        found = text.resolve(self.audience.id, self.locale, self._default)
        if found.locale != self.locale:
            self._replaced(path, self.locale, found.locale)
        elif found.audience is None and self.audience.id in text.by_audience:
            self._replaced(path, f"{self.locale} for {self.audience.id}", found.locale)
        return found.text

    def translate(self, path: str, texts: Translations) -> str:
        """Return a text of the audience's file in the language of the message."""
        if self.locale not in texts:
            used = self._default if self._default in texts else next(iter(texts))
            self._replaced(path, self.locale, used)
        return translated(texts, self.locale, self._default)

    def _replaced(self, path: str, wanted: str, used: Locale) -> None:
        self._fallbacks.append(Fallback(path, wanted, used))


def tailor_audience(voice: Voice) -> TailoredAudience:
    """Return the audience in the language of the message."""
    audience = voice.audience
    return TailoredAudience(
        id=audience.id,
        name=voice.translate("audience.name", audience.name),
        reason=voice.translate("audience.reason", audience.reason),
        sender_name=voice.translate("audience.sender.name", audience.sender.name),
        sender_address=audience.sender.address,
        reply_to=audience.sender.reply_to,
        list_id=audience.list_id,
        salutation=(
            voice.translate("audience.salutation.named", audience.salutation.named),
            voice.translate("audience.salutation.unnamed", audience.salutation.unnamed),
        ),
    )


def tailor_block(block: AnyBlock, voice: Voice) -> TailoredBlock:  # noqa: C901, PLR0911 (a case a type)
    """Return a block, of which only the visible part was given, in the words for one audience."""
    path = f"blocks[{block.id}]"
    match block:
        case TextBlock():
            title, body = _title_and_body(block, path, voice)
            return TailoredText(id=block.id, marking=block.marking, title=title, body=body)
        case KeyMessageBlock():
            return _key_message(block, path, voice)
        case QuoteBlock():
            return _quote(block, path, voice)
        case EventBlock():
            return _event(block, path, voice)
        case CourseListBlock():
            return _course_list(block, path, voice)
        case PartnerListBlock():
            return _partner_list(block, path, voice)
        case StatisticsBlock():
            return _statistics(block, path, voice)
        case FigureBlock():
            return _figure(block, path, voice)
        case CallToActionBlock():
            return _call_to_action(block, path, voice)
        case CustomBlock():
            return _custom(block, path, voice)


def _title_and_body(block: AnyBlock, path: str, voice: Voice) -> tuple[str, str]:
    return voice.say(f"{path}.title", block.title), voice.say(f"{path}.body", block.body)


def _key_message(block: KeyMessageBlock, path: str, voice: Voice) -> TailoredKeyMessage:
    title, body = _title_and_body(block, path, voice)
    own = {"title": title, "body": body}
    if block.key_message is not None:
        standing = voice.audience.key_messages[block.key_message]
        at = f"audience.key_messages.{block.key_message}"
        title = title or voice.translate(f"{at}.title", standing.title)
        body = body or voice.translate(f"{at}.body", standing.body)
    return TailoredKeyMessage(
        id=block.id,
        marking=block.marking,
        title=title,
        body=body,
        key_message=block.key_message,
        standing=tuple(field for field, words in own.items() if not words),
    )


def _quote(block: QuoteBlock, path: str, voice: Voice) -> TailoredQuote:
    title, body = _title_and_body(block, path, voice)
    return TailoredQuote(
        id=block.id,
        marking=block.marking,
        title=title,
        body=body,
        speaker=voice.say(f"{path}.speaker", block.speaker),
        role=voice.say(f"{path}.role", block.role),
    )


def _event(block: EventBlock, path: str, voice: Voice) -> TailoredEvent:
    title, body = _title_and_body(block, path, voice)
    return TailoredEvent(
        id=block.id,
        marking=highest((block.marking, *(detail.marking for detail in block.event.details))),
        title=title,
        body=body,
        event=_event_details(block, f"{path}.event", voice),
    )


def _event_details(block: EventBlock, path: str, voice: Voice) -> TailoredEventDetails:
    event = block.event
    return TailoredEventDetails(
        marking=block.marking,
        name=voice.say(f"{path}.name", event.name),
        uid=event.uid,
        sequence=event.sequence,
        issued=event.issued,
        stage=event.stage,
        start=event.start,
        end=event.last,
        time_zone=event.time_zone,
        previous_start=event.previous_start,
        previous_end=event.previous_last,
        place=voice.say(f"{path}.place", event.place),
        country=event.country,
        url=event.url,
        hashtag=event.hashtag,
        registration_url=event.registration_url,
        registration_until=event.registration_until,
        online_url=event.online_url,
        details=tuple(
            TailoredEventDetail(
                label=voice.say(f"{path}.details[{at}].label", detail.label),
                text=voice.say(f"{path}.details[{at}].text", detail.text),
                marking=highest((block.marking, detail.marking)),
            )
            for at, detail in enumerate(event.details)
        ),
    )


def _course_list(block: CourseListBlock, path: str, voice: Voice) -> TailoredCourseList:
    title, body = _title_and_body(block, path, voice)
    courses = tuple(
        TailoredCourse(
            title=voice.say(f"{path}.courses[{at}].title", course.title),
            body=voice.say(f"{path}.courses[{at}].body", course.body),
            url=course.url,
        )
        for at, course in enumerate(block.courses)
    )
    return TailoredCourseList(
        id=block.id,
        marking=block.marking,
        title=title,
        body=body,
        courses=courses,
        url=block.url,
    )


def _partner_list(block: PartnerListBlock, path: str, voice: Voice) -> TailoredPartnerList:
    title, body = _title_and_body(block, path, voice)
    groups = tuple(
        _partner_group(group, block.marking, f"{path}.groups[{at}]", voice)
        for at, group in enumerate(block.groups)
    )
    partners = (partner.marking for group in groups for partner in group.partners)
    return TailoredPartnerList(
        id=block.id,
        marking=highest((block.marking, *partners)),
        title=title,
        body=body,
        groups=groups,
    )


def _partner_group(
    group: PartnerGroup, of_block: Marking, path: str, voice: Voice
) -> TailoredPartnerGroup:
    name, marking = voice.say(f"{path}.name", group.name), highest((of_block, group.marking))
    partners = tuple(
        TailoredPartner(
            name=voice.say(f"{path}.partners[{at}].name", partner.name),
            acronym=partner.acronym,
            url=partner.url,
            marking=highest((marking, partner.marking)),
        )
        for at, partner in enumerate(group.partners)
    )
    return TailoredPartnerGroup(name=name, marking=marking, partners=partners)


def _statistics(block: StatisticsBlock, path: str, voice: Voice) -> TailoredStatistics:
    title, body = _title_and_body(block, path, voice)
    return TailoredStatistics(
        id=block.id,
        marking=highest((block.marking, *(one.marking for one in block.statistics))),
        title=title,
        body=body,
        statistics=tuple(
            TailoredStatistic(
                number=one.number,
                unit=one.unit,
                label=voice.say(f"{path}.statistics[{at}].label", one.label),
                marking=highest((block.marking, one.marking)),
            )
            for at, one in enumerate(block.statistics)
        ),
    )


def _figure(block: FigureBlock, path: str, voice: Voice) -> TailoredFigure:
    title, body = _title_and_body(block, path, voice)
    return TailoredFigure(
        id=block.id,
        marking=block.marking,
        title=title,
        body=body,
        image=block.image,
        alt=voice.say(f"{path}.alt", block.alt),
        caption=voice.say(f"{path}.caption", block.caption),
        url=block.url,
    )


def _call_to_action(block: CallToActionBlock, path: str, voice: Voice) -> TailoredCallToAction:
    title, body = _title_and_body(block, path, voice)
    return TailoredCallToAction(
        id=block.id,
        marking=block.marking,
        title=title,
        body=body,
        label=voice.say(f"{path}.label", block.label),
        url=block.url,
    )


def _custom(block: CustomBlock, path: str, voice: Voice) -> TailoredCustom:
    title, body = _title_and_body(block, path, voice)
    return TailoredCustom(
        id=block.id,
        marking=block.marking,
        title=title,
        body=body,
        template=block.template,
        lines={key: voice.say(f"{path}.lines.{key}", text) for key, text in block.lines.items()},
        texts={key: voice.say(f"{path}.texts.{key}", text) for key, text in block.texts.items()},
        links=dict(block.links),
    )


def tailor_attachment(attachment: Attachment, at: int, voice: Voice) -> TailoredAttachment:
    """Return a file that the audience gets, the one at a place among those it gets."""
    return TailoredAttachment(
        file=attachment.file.name,
        title=voice.say(f"attachments[{at}].title", attachment.title),
        marking=attachment.marking,
        media_type=attachment.file.media_type,
        content=attachment.file.content,
    )
