"""Planning: who gets which variant, decided set-based in the database.

One scan of the contacts writes, for everybody in one of the campaign's audiences, a row of small
integers into a temporary table: the audiences (a bit each), the language, the conditional blocks
shown (a bit each) and what stands in the way. All that follows is arithmetic on these.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
)

from tigc_mail.content.edition import Edition
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.bound import require_few
from tigc_mail.delivery.earlier import has_it
from tigc_mail.delivery.obstacles import (
    EARLIER_AUDIENCE,
    LATER_AUDIENCE,
    NOTHING_TO_SHOW,
    Obstacle,
    obstacle,
)
from tigc_mail.delivery.states import DeliveryState
from tigc_mail.delivery.tables import batches, deliveries, exclusions, variants
from tigc_mail.errors import CampaignError
from tigc_mail.ground.documents import Step
from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.people.audience import Audience
from tigc_mail.people.segment import Segment
from tigc_mail.people.tables import contacts

BATCH_SIZE = 1_000
"""Deliveries in one batch: what SendGrid takes in one request."""


LANGUAGE = "language"
CONTACTS = "contacts"
OTHER_LANGUAGES = "other_languages"
"""The names under which the log keeps what was so when a campaign was planned."""

_chosen = Table(
    "chosen",
    MetaData(),
    Column("contact_id", Integer, nullable=False),
    Column("mask", Integer, nullable=False),
    Column("language", Integer, nullable=False),
    Column("blocks", Integer, nullable=False),
    Column("obstacle", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True)
class Variant:
    """What some recipients of a campaign share."""

    code: int
    audience: str
    locale: Locale
    shown: frozenset[str]
    """The ids of the conditional blocks that they see."""


class Planned(NamedTuple):
    """What a plan holds."""

    recipients: int
    contacts: int
    """How many contacts there were, in an audience or in none."""
    other_languages: Mapping[Locale, int]
    """How many of them get the edition's own language though they read another, by that."""


class Compared(NamedTuple):
    """Contacts who could be written to now, alike in what they would get and in what is planned."""

    now: Variant
    """What they would get, were they planned now."""
    planned_for: str | None
    """The language of what is planned for them; None where nothing is."""
    state: str | None
    """Of their deliveries; None where they have none."""
    size: int


@dataclass(frozen=True)
class Outlook:
    """What one contact would get of an edition, were it planned now."""

    audience: str
    """The one that decides: the first of the contact's that shows it anything."""
    locale: Locale
    shown: frozenset[str]
    """The ids of the conditional blocks that it would see."""
    reason: str | None
    """Why it would get nothing, as reports name it; None where it would get this."""


class Planner:
    """Turns an edition and its audiences into deliveries.

    Args:
        edition: what is sent.
        audiences: to whom, in the order that decides for a contact in several.
        not_again: whether whoever has the edition already, or may have, is left out.
    """

    def __init__(
        self, edition: Edition, audiences: Sequence[Audience], *, not_again: bool = False
    ) -> None:
        self.edition = edition
        self._already = has_it(edition.id) if not_again else None
        self.audiences = tuple(audiences)
        conditional = {
            block.id: block
            for audience in audiences
            for block in edition.conditional_blocks(audience)
        }
        self._conditional = tuple(conditional.values())
        self._deciding = self._first_with_something_to_show()

    def choose(self, connection: Connection) -> tuple[int, int]:
        """Write everybody in one of the audiences into the temporary table.

        Returns:
            How many contacts there are, and how many of them are in none of the audiences.
        """
        _chosen.drop(connection, checkfirst=True)
        _chosen.create(connection)
        people = self._people()
        if len(self.audiences) == 1:  # few, maybe, and one question
            people = people.where(Segment(self.audiences[0].segment).condition())
        connection.execute(insert(_chosen).from_select(list(_chosen.c.keys()), people))
        connection.execute(delete(_chosen).where(_chosen.c.mask == 0))
        known = connection.scalar(select(func.count()).select_from(contacts)) or 0
        return known, known - (connection.scalar(select(func.count()).select_from(_chosen)) or 0)

    def outlook(self, connection: Connection, contact: int) -> Outlook | None:
        """Return what one contact would get; None where it is in none of the audiences.

        Nothing is written.

        Args:
            connection: a transaction.
            contact: the contact's number.
        """
        one = self._people().where(contacts.c.id == contact).cte(_chosen.name)
        chosen = select(self._code(), _chosen.c.obstacle).where(_chosen.c.mask != 0)
        row = connection.execute(chosen.add_cte(one)).first()
        if row is None:
            return None
        code, found = row
        variant, reason = self._variant(int(code)), Obstacle(found).reason if found else None
        if not self.tailored([variant]):
            reason = reason or NOTHING_TO_SHOW
        return Outlook(variant.audience, variant.locale, variant.shown, reason)

    def compared(self, connection: Connection, campaign: int) -> Iterator[Compared]:
        """Yield what those who can be written to would get now, beside what a campaign holds.

        Nothing is written.

        Args:
            connection: a transaction.
            campaign: the number of a campaign to the same audiences.
        """
        everybody = self._people().cte(_chosen.name).prefix_with("MATERIALIZED")  # asked once each
        own = and_(
            deliveries.c.campaign == campaign, deliveries.c.contact_id == _chosen.c.contact_id
        )
        planned = and_(variants.c.campaign == campaign, variants.c.code == deliveries.c.variant)
        alike = self._code().label("now"), variants.c.locale, deliveries.c.state
        rows = connection.execute(
            select(*alike, func.count())
            .select_from(_chosen.outerjoin(deliveries, own).outerjoin(variants, planned))
            .where(_chosen.c.mask != 0, _chosen.c.obstacle == Obstacle.NONE)
            .group_by(*alike)
            .add_cte(everybody)
        )
        for code, locale, state, size in rows:
            yield Compared(self._variant(int(code)), locale, state, int(size))

    def variants(
        self, connection: Connection, place_of: Callable[[str, tuple[Step, ...]], str]
    ) -> dict[Variant, Counter[Locale | None]]:
        """Return the variants of those who can be written to, with how many read which language.

        Only languages that the edition does not have are told apart; None stands for all else.

        Args:
            connection: the transaction in which `choose` ran.
            place_of: tells where a value of an edition's file stands, by its path.

        Raises:
            CampaignError: if there are too many.
        """
        read = (None, *self._others())
        alike = self._code() * len(read) + _chosen.c.language // len(self._locales())
        counted = connection.execute(
            select(alike, func.count())
            .where(_chosen.c.obstacle == Obstacle.NONE)
            .group_by(alike)
            .order_by(alike)
        )
        found: dict[int, Counter[Locale | None]] = {}
        for number, size in counted:
            code, other = divmod(int(number), len(read))
            found.setdefault(code, Counter())[read[other]] = int(size)
        sizes = {code: readers.total() for code, readers in found.items()}
        require_few(self.edition, self._conditional, sizes, partial(place_of, self.edition.id))
        return {self._variant(code): readers for code, readers in found.items()}

    def tailored(self, variants: Iterable[Variant]) -> dict[Variant, TailoredEdition]:
        """Return the edition as each variant has it; those that show nothing are left out."""
        audiences = {audience.id: audience for audience in self.audiences}
        every = {
            each: self.edition.for_audience(audiences[each.audience], each.locale, each.shown)
            for each in variants
        }
        return {variant: each for variant, each in every.items() if each.blocks}

    def nobody(self, outside: int, *, found: bool) -> CampaignError:
        """Return the error that there is nobody to send it to.

        Args:
            outside: how many contacts are in none of the audiences.
            found: whether there would be somebody, if it showed them anything.
        """
        where = f"edition {self.edition.id}"
        if found:
            return CampaignError("shows nothing to those it could be sent to", where)
        names = ", ".join(audience.id for audience in self.audiences)
        cause = f"there is nobody to send it to in {names} ({outside} contacts in none of them)"
        if self._already is not None:
            cause += ", and who has it already is left out"
        cure = "Import contacts with a recorded consent, or look at `tigc-mail audiences count`."
        return CampaignError(cause, where, cure)

    def write(self, connection: Connection, campaign: int, sizes: Mapping[Variant, int]) -> int:
        """Write deliveries, batches and exclusions.

        Args:
            connection: the transaction in which `choose` ran.
            campaign: the number of the campaign.
            sizes: the variants to be sent; recipients of others are excluded, nothing to show.

        Returns:
            How many deliveries are planned.
        """
        planned = sum(sizes.values())
        codes = [variant.code for variant in sizes]
        self._write_deliveries(connection, campaign, codes)
        if planned:
            last = connection.scalar(select(func.max(deliveries.c.id))) or 0
            _write_batches(connection, campaign, last - planned + 1, sizes)
        self._write_exclusions(connection, campaign, codes)
        _chosen.drop(connection)
        return planned

    def _people(self) -> Select[Any]:
        """Return what selects a row of `_chosen` for every contact, its mask 0 where it is in none.

        Asking for several audiences once more to leave those out takes as long again.
        """
        conditions = [Segment(audience.segment).condition() for audience in self.audiences]
        columns = (
            contacts.c.id,
            _bits(conditions),
            self._language(),
            _bits(self._block_conditions()),
            obstacle(self._already),
        )
        named = zip(columns, _chosen.c.keys(), strict=True)
        return select(*(column.label(name) for column, name in named))

    def _write_deliveries(self, connection: Connection, campaign: int, codes: list[int]) -> None:
        """Write a row a recipient, in the order of variants: planning is serialised, so their ids
        follow each other without a gap, though not always those of the plan before.
        """
        code = self._code()
        connection.execute(
            insert(deliveries).from_select(
                ["campaign", "contact_id", "variant", "state"],
                select(
                    literal(campaign),
                    _chosen.c.contact_id,
                    code,
                    literal(DeliveryState.PLANNED.value),
                )
                .where(_chosen.c.obstacle == Obstacle.NONE, code.in_(codes))
                .order_by(code, _chosen.c.contact_id),
            )
        )

    def _write_exclusions(self, connection: Connection, campaign: int, codes: list[int]) -> None:
        reasons = {step.value: step.reason for step in Obstacle if step}
        audience = case(
            {1 << at: audience.id for at, audience in enumerate(self.audiences)},
            value=self._deciding,
        )
        reason = case(reasons, value=_chosen.c.obstacle, else_=NOTHING_TO_SHOW)
        left_out = or_(_chosen.c.obstacle != Obstacle.NONE, self._code().not_in(codes))
        _exclude(connection, campaign, audience, reason, left_out)
        mask = _chosen.c.mask
        in_several = mask.op("&")(mask - 1) != 0  # few are; what comes first decides the most
        for at, other in enumerate(self.audiences):
            also = and_(
                in_several,
                mask.op("&")(1 << at) != 0,
                _chosen.c.obstacle == Obstacle.NONE,
                self._deciding != (1 << at),
                self._code().in_(codes),  # who gets nothing at all is counted once
            )
            reason = case((self._deciding < (1 << at), EARLIER_AUDIENCE), else_=LATER_AUDIENCE)
            _exclude(connection, campaign, literal(other.id), reason, also)

    def _first_with_something_to_show(self) -> ColumnElement[int]:
        """Return the bit of the audience whose message a contact gets: the first of its audiences
        that shows it anything, or simply the first where none does.
        """
        mask: ColumnElement[int] = _chosen.c.mask
        showing = mask
        for at, audience in enumerate(self.audiences):
            if not self.edition.shows_everybody(audience):
                shown = _chosen.c.blocks.op("&")(self._visible(audience)) != 0
                silent = and_(mask.op("&")(1 << at) != 0, not_(shown))
                showing = showing - case((silent, 1 << at), else_=0)
        first = mask.op("&")(-mask)
        return (
            first
            if showing is mask
            else case((showing != 0, showing.op("&")(-showing)), else_=first)
        )

    def _block_conditions(self) -> list[ColumnElement[bool]]:
        rules = (block.show_when for block in self._conditional)
        return [Segment(rule).condition() for rule in rules if rule is not None]

    def _language(self) -> ColumnElement[int]:
        """Return the place of the contact's language among those of the edition; 0 is its own.

        Where the edition does not have it, the number is a multiple of how many it has.
        """
        size = len(self._locales())
        places = {locale: at for at, locale in enumerate(self._locales()) if at}
        places |= {locale: size * at for at, locale in enumerate(self._others(), 1)}
        return case(places, value=contacts.c.locale, else_=0)

    def _locales(self) -> list[Locale]:
        own = self.edition.language
        return [own, *(locale for locale in self.edition.languages if locale != own)]

    def _others(self) -> list[Locale]:
        """Return the languages that contacts read, and the edition does not have."""
        return [locale for locale in LOCALES if locale not in self._locales()]

    def _code(self) -> ColumnElement[int]:
        """Return the variant of a chosen contact as one number."""
        blocks = len(self._conditional)
        visible = case(
            {1 << at: self._visible(audience) for at, audience in enumerate(self.audiences)},
            value=self._deciding,
        )
        size = len(self._locales())
        place = (self._deciding * size + _chosen.c.language % size) * (1 << blocks)
        return place + (_chosen.c.blocks.op("&")(visible) if blocks else literal(0))

    def _visible(self, audience: Audience) -> int:
        """Return the bits of the conditional blocks that this audience may see."""
        ids = {block.id for block in self.edition.conditional_blocks(audience)}
        return sum(1 << at for at, block in enumerate(self._conditional) if block.id in ids)

    def _variant(self, code: int) -> Variant:
        place, bits = divmod(code, 1 << len(self._conditional))
        mask, language = divmod(place, len(self._locales()))
        shown = (block.id for at, block in enumerate(self._conditional) if bits >> at & 1)
        return Variant(
            code=code,
            audience=self.audiences[mask.bit_length() - 1].id,
            locale=self._locales()[language],
            shown=frozenset(shown),
        )


def _bits(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[int]:
    """Return an integer with a bit for each condition that holds."""
    total: ColumnElement[int] = literal(0)
    for at, condition in enumerate(conditions):
        bit = case((condition, 1 << at), else_=0)
        total = bit if not at else total + bit
    return total


def _write_batches(
    connection: Connection, campaign: int, first: int, sizes: Mapping[Variant, int]
) -> None:
    rows = []
    for variant, size in sizes.items():
        cuts = [*range(first, first + size, BATCH_SIZE), first + size]
        rows += [(variant.code, start, end - 1) for start, end in pairwise(cuts)]
        first += size
    columns = ("campaign", "number", "variant", "first", "last")
    written = [
        dict(zip(columns, (campaign, number, *row), strict=True))
        for number, row in enumerate(rows, 1)
    ]
    connection.execute(insert(batches), written)


def _exclude(
    connection: Connection,
    campaign: int,
    audience: ColumnElement[str],
    reason: ColumnElement[str],
    condition: ColumnElement[bool],
) -> None:
    connection.execute(
        insert(exclusions).from_select(
            ["campaign", "contact_id", "audience", "reason"],
            select(literal(campaign), _chosen.c.contact_id, audience, reason).where(condition),
        )
    )
