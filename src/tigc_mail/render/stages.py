"""The stages of an event's life: what each is called, and where that is said."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tigc_mail.content.event import Stage
from tigc_mail.content.tailored import TailoredEdition, TailoredEvent, TailoredEventDetails
from tigc_mail.ground.language import Locale
from tigc_mail.render.phrases import phrase as _phrase

Phrase = Callable[[str], str]
"""Translates a fixed phrase into the language of a message."""


class StageWords(NamedTuple):
    """What a stage is called, and the words by which an author has surely said it.

    Whole words, and few of them: a stage that is said twice is only ugly, and a postponement that
    no subject tells of is missed.
    """

    label: str
    """A fixed phrase, in English as in the templates."""
    en: tuple[str, ...]
    fr: tuple[str, ...]
    es: tuple[str, ...]
    ar: tuple[str, ...]


STAGES: dict[Stage, StageWords] = {
    "announced": StageWords(
        "Save the date",
        en=("save the date", "save the dates"),
        fr=("à noter", "réservez la date", "date à retenir", "dates à retenir"),
        es=("reserve la fecha", "reserve las fechas"),
        ar=("احفظوا الموعد", "احفظوا التاريخ"),
    ),
    "registration-open": StageWords(
        "Registration open",
        en=("registration open", "registration is open", "registration is now open"),
        fr=("inscriptions ouvertes", "ouverture des inscriptions", "inscriptions sont ouvertes"),
        es=("inscripción abierta", "inscripciones abiertas", "abierta la inscripción"),
        ar=("باب التسجيل مفتوح", "فتح باب التسجيل"),
    ),
    "reminder": StageWords(
        "Reminder",
        en=("reminder",),
        fr=("rappel",),
        es=("recordatorio",),
        ar=("تذكير",),
    ),
    "postponed": StageWords(
        "Postponed",
        en=("postponed", "postponement of"),
        fr=("reporté", "reportée", "report de", "report du", "ajourné", "ajournée"),
        es=("aplazada", "aplazado", "se aplaza", "aplazamiento de", "pospuesta", "pospuesto"),
        ar=("إرجاء", "تأجيل", "مؤجل", "مؤجلة", "أرجئ", "تأجل"),
    ),
    "rescheduled": StageWords(
        "New dates",
        en=("new date", "new dates", "rescheduled"),
        fr=("nouvelle date", "nouvelles dates", "reprogrammée", "reprogrammé"),
        es=("nueva fecha", "nuevas fechas", "reprogramada", "reprogramado"),
        ar=("موعد جديد", "مواعيد جديدة", "الموعد الجديد", "المواعيد الجديدة", "موعدا جديدا"),
    ),
    "moved-online": StageWords(
        "Now online",
        en=("now online", "moves online", "moved online", "goes online", "held online"),
        fr=("désormais en ligne", "passe en ligne", "aura lieu en ligne", "se tiendra en ligne"),
        es=("ahora en línea", "pasa a celebrarse en línea", "se celebrará en línea"),
        ar=("عبر الإنترنت الآن", "الآن عبر الإنترنت", "يعقد عبر الإنترنت", "ينتقل إلى الإنترنت"),
    ),
    "cancelled": StageWords(
        "Cancelled",
        en=("cancelled", "canceled", "cancellation of"),
        fr=("annulé", "annulée", "annulation de", "annulation du"),
        es=("cancelada", "cancelado", "se cancela", "cancelación de", "anulada", "anulado"),
        ar=("إلغاء", "ملغى", "ملغاة", "ألغي"),
    ),
}
"""The labels stand in the templates of the stages, where they are translated from, too."""

_DOUBT: dict[Locale, str] = {
    "en": r"not|no|never|cannot|\w+n[\u2019']t|without|unless|if",
    "fr": r"ne|n|non|pas|jamais|sans|ni|si",
    "es": r"no|ni|nunca|jamás|sin|si",
    "ar": r"لا|لم|لن|ما|ليس|ليست|غير|دون|بدون|إذا",
}
"""Words with which a subject may say that the event is not at a stage."""

TOLD_IN_CALENDARS: tuple[Stage, ...] = ("postponed", "moved-online", "cancelled")
"""The stages that a calendar's title begins with, because it has no other sign for them."""

NOT_TAKING_PLACE: Mapping[Stage, str] = {
    "postponed": _phrase(
        "The event will not take place on these dates. Please take them out of your plans; "
        "new dates will be announced."
    ),
    "cancelled": _phrase("The event will not take place. Please take it out of your plans."),
}
"""What calendars say of an event that readers should not come to."""


def where(event: TailoredEventDetails, phrase: Phrase) -> str:
    """Return where to go; nothing of an event that was online and does not take place."""
    if event.online_url is None:
        return event.place
    return phrase("Online") if event.takes_place else ""


def labelled(stage: Stage, text: str, phrase: Phrase) -> str:
    """Return a text after the name of a stage."""
    told = {"label": phrase(STAGES[stage].label), "url": text}
    return phrase("%(label)s: %(url)s") % told


def subject_of(edition: TailoredEdition, subject: str, phrase: Phrase) -> str:
    """Return the subject of a message.

    That of a notice about one event begins with the event's stage, unless it surely says so itself.
    """
    stages = {block.event.stage for block in edition.blocks if isinstance(block, TailoredEvent)}
    if edition.kind != "notice" or len(stages) != 1:
        return subject
    (stage,) = stages
    words = STAGES[stage]
    own: tuple[str, ...] = getattr(words, edition.locale)
    if _says(subject, (phrase(words.label), *own), edition.locale):
        return subject
    return labelled(stage, subject, phrase)


def _says(subject: str, forms: tuple[str, ...], locale: Locale) -> bool:
    """Return whether a subject has a form in whole words, and neither denies nor asks."""
    said = _bare(subject)
    if re.search(rf"[?؟]|(?<!\w)(?:{_DOUBT[locale]})(?!\w)", said):
        return False
    return any(re.search(rf"(?<!\w){re.escape(_bare(form))}(?!\w)", said) for form in forms)


def _bare(text: str) -> str:
    """Return a text in small letters, without the vowel signs of Arabic."""
    letters = unicodedata.normalize("NFC", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
