"""Plans as the rules say them, person by person, and as the database holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, insert, select
from tests.delivery.world import NOON

from tigc_mail import Audience, CompiledMessage, Contact, Edition, Provider, Segment
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.campaigns import Campaigns
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.pace import Limits
from tigc_mail.delivery.retrying import RetryPolicy
from tigc_mail.delivery.tables import batches, deliveries, exclusions, variants
from tigc_mail.delivery.tokens import Signer
from tigc_mail.ground.database import metadata
from tigc_mail.people.tables import contact_tags, contacts, suppressions
from tigc_mail.render.message import Letterhead

LETTERHEAD = Letterhead(
    "The programme", "we@example.org", "", "news.example.org", "https://example.org/u/"
)


@dataclass(frozen=True)
class Person:
    """A contact, with what may stand in the way of writing to it."""

    contact: Contact
    withdrawn: bool
    suppressed: bool

    @property
    def obstacle(self) -> str | None:
        if self.suppressed:
            return "suppressed"
        if self.withdrawn:
            return "withdrawn"
        return None if self.contact.consent_basis else "no-consent"


class Words:
    """Sources that compile every variant to the same few words."""

    def __init__(self, known: Mapping[str, Audience]) -> None:
        self._known = known

    def edition(self, name: str) -> Edition:
        raise NotImplementedError

    def editions_about(self, _events: object) -> tuple[Edition, ...]:
        return ()

    def place(self, edition: str, path: tuple[str | int, ...]) -> str:
        raise NotImplementedError

    def audiences(self) -> Mapping[str, Audience]:
        return self._known

    def compiler(self) -> Self:
        return self

    def compile(self, edition: TailoredEdition) -> CompiledMessage:
        said = ("Hello.",)
        return CompiledMessage(
            edition.audience.id,
            edition.locale,
            said,
            said,
            said,
            (b"Hello.",),
            ("", ""),
            LETTERHEAD,
        )

    def fixed_texts(self) -> tuple[str, ...]:
        return ()

    def open_providers(self, names: str | None) -> Sequence[Provider]:
        raise NotImplementedError

    def provider_names(self) -> str:
        return "outbox"

    def retry_policy(self) -> RetryPolicy:
        return RetryPolicy()

    def limits(self, provider: str) -> Limits:  # noqa: ARG002
        return Limits()

    def test_addresses(self) -> frozenset[str]:
        raise NotImplementedError

    def signer(self, providers: Sequence[Provider]) -> Signer:
        raise NotImplementedError


def audience_of(name: str, segment: Mapping[str, Any], ceiling: str = "TLP:CLEAR") -> Audience:
    return Audience.model_validate(
        {
            "id": name,
            "name": {"en": name},
            "segment": segment,
            "ceiling": ceiling,
            "sender": {"name": {"en": "We"}, "address": "we@example.org"},
            "list_id": f"{name}.example.org",
            "salutation": {"named": {"en": "Hello,"}, "unnamed": {"en": "Hello,"}},
            "reason": {"en": "You asked for it."},
        }
    )


def edition_of(
    audiences: Sequence[str], blocks: Sequence[Mapping[str, Any]], **head: Any
) -> Edition:
    return Edition.model_validate(
        {
            "id": "news",
            "kind": "newsletter",
            "language": "en",
            "languages": ["en"],
            "audiences": audiences,
            "subject": "News",
            "preheader": "New",
            "blocks": [{"type": "text", "body": "Words.", **block} for block in blocks],
            **head,
        }
    )


@dataclass
class Plan:
    """What becomes of everybody."""

    planned: dict[int, tuple[str, str, frozenset[str]]]
    """The audience, the language and the conditional blocks shown, by contact."""
    excluded: dict[tuple[int, str], str]
    """The reason, by contact and audience."""
    outside: int


def expected(edition: Edition, order: Sequence[Audience], everyone: Sequence[Person]) -> Plan:
    plan = Plan({}, {}, 0)
    for person in everyone:
        place(plan, edition, order, person)
    return plan


def place(plan: Plan, edition: Edition, order: Sequence[Audience], person: Person) -> None:
    contact = person.contact
    number = contact.id or 0
    matching = [each for each in order if Segment(each.segment).matches(contact)]
    if not matching:
        plan.outside += 1
        return
    showing = [each for each in matching if shown_to(contact, edition, each) is not None]
    used = [*showing, *matching][0]
    if person.obstacle:
        plan.excluded[number, used.id] = person.obstacle
    elif not showing:
        plan.excluded[number, used.id] = "nothing-to-show"
    else:
        at = matching.index(used)
        plan.excluded |= {(number, each.id): "in-a-later-audience" for each in matching[:at]}
        plan.excluded |= {
            (number, each.id): "in-an-earlier-audience" for each in matching[at + 1 :]
        }
        locale = contact.locale if contact.locale in edition.languages else None
        shown = shown_to(contact, edition, used) or frozenset()
        plan.planned[number] = (used.id, locale or edition.language, shown)


def shown_to(contact: Contact, edition: Edition, audience: Audience) -> frozenset[str] | None:
    """Return the conditional blocks that a contact is shown in an audience; None for nothing."""
    seen = [
        block
        for block in edition.blocks
        if audience.ceiling >= block.marking and block.is_for(audience.id)
    ]
    shown = frozenset(
        block.id
        for block in seen
        if block.show_when is not None and Segment(block.show_when).matches(contact)
    )
    return shown if shown or any(block.show_when is None for block in seen) else None


def recorded(engine: Engine, campaign: Campaign) -> Plan:
    number = campaign._number
    of_campaign = deliveries.c.campaign == number
    with engine.connect() as connection:
        rows = connection.execute(
            select(
                deliveries.c.contact_id, variants.c.audience, variants.c.locale, variants.c.shown
            )
            .join(variants, variants.c.code == deliveries.c.variant)
            .where(of_campaign, variants.c.campaign == number)
        ).fetchall()
        left_out = connection.execute(
            select(exclusions.c.contact_id, exclusions.c.audience, exclusions.c.reason).where(
                exclusions.c.campaign == number
            )
        ).fetchall()
    assert len({row.contact_id for row in rows}) == len(rows)
    return Plan(
        planned={
            row[0]: (row[1], row[2], frozenset(filter(None, row[3].split(",")))) for row in rows
        },
        excluded={(row[0], row[1]): row[2] for row in left_out},
        outside=campaign._row.outside,
    )


def store(engine: Engine, everyone: Sequence[Person]) -> None:
    with engine.begin() as connection:
        for person in everyone:
            values = person.contact.model_dump(exclude={"tags", "attributes", "consent_at"})
            key, withdrawn = person.contact.email_key, person.withdrawn
            row = {**values, "email_key": key, "consent_withdrawn": withdrawn}
            connection.execute(insert(contacts).values(created_at=NOON, updated_at=NOON, **row))
            for tag in person.contact.tags:
                connection.execute(insert(contact_tags).values(contact_id=values["id"], tag=tag))
            if person.suppressed:
                block = {"email_key": key, "reason": "bounced", "source": "test", "at": NOON}
                connection.execute(insert(suppressions).values(block))


def clear(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in ("consents", "audit", "audit_head"):
                connection.execute(table.delete())


_IDS = (f"{number:03d}" for number in count(1))
"""No two campaigns share one: the log, which nothing is taken out of, tells them apart by it."""


def office(engine: Engine, known: Mapping[str, Audience]) -> Campaigns:
    return Campaigns(
        Office(Ledger(engine), Words(known), lambda: NOON, lambda: next(_IDS), Path("unused"))
    )


def batch_rows(engine: Engine, campaign: Campaign) -> list[Any]:
    with engine.connect() as connection:
        query = select(batches).where(batches.c.campaign == campaign._number)
        return list(connection.execute(query.order_by(batches.c.number)))
