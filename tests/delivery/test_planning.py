"""A plan in SQL is what the rules say, person by person."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, text
from tests.delivery.world import NOON, World

from tigc_mail import Audience, CampaignError, CompiledMessage, Contact, Edition, Provider, Segment
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.campaign import Campaign, Campaigns
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.planning import BATCH_SIZE, MAX_CONDITIONAL_BLOCKS, Planner
from tigc_mail.delivery.tables import batches, deliveries, exclusions, variants
from tigc_mail.delivery.tokens import Signer
from tigc_mail.ground.database import metadata, open_engine
from tigc_mail.ground.language import Locale
from tigc_mail.people.contact import SECTORS
from tigc_mail.people.tables import contact_tags, contacts, suppressions

LOCALES = ("en", "fr", "es", "ar")
TAGS = ("a", "b", "c")
NAMES = ("one", "two", "three", "four")
CEILINGS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER")

RULES = st.recursive(
    st.one_of(
        st.fixed_dictionaries({"field": st.just("tags"), "contains": st.sampled_from(TAGS)}),
        st.fixed_dictionaries({"field": st.just("sector"), "equals": st.sampled_from(SECTORS)}),
        st.fixed_dictionaries({"field": st.just("locale"), "present": st.booleans()}),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=3,
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

    def audiences(self) -> Mapping[str, Audience]:
        return self._known

    def compiler(self) -> Self:
        return self

    def compile(self, edition: TailoredEdition) -> CompiledMessage:
        said = ("Hello.",)
        return CompiledMessage(
            edition.audience.id, edition.locale, said, said, said, (b"Hello.",), ("", "")
        )

    def fixed_texts(self) -> tuple[str, ...]:
        return ()

    def provider(self, name: str | None) -> Provider:
        raise NotImplementedError

    def signer(self, provider: Provider) -> Signer:
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


@st.composite
def editions(draw: st.DrawFn, names: Sequence[str]) -> Edition:
    language = draw(st.sampled_from(LOCALES[:2]))
    others = draw(st.sets(st.sampled_from(LOCALES[:3])))
    blocks = [
        {
            "id": f"block-{at}",
            "marking": draw(st.sampled_from(CEILINGS)),
            "audiences": draw(
                st.none() | st.lists(st.sampled_from(names), min_size=1, unique=True)
            ),
            "show_when": draw(st.none() | RULES),
        }
        for at in range(draw(st.integers(1, 4)))
    ]
    return edition_of(names, blocks, language=language, languages=sorted(others | {language}))


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    found = []
    for at in range(1, draw(st.integers(1, 10)) + 1):
        consent = draw(st.sampled_from(["given", "given", "given", "none", "withdrawn"]))
        contact = Contact(
            id=3 * at,
            email=f"reader{at}@example.org",
            email_readable=f"reader{at}@example.org",
            sector=draw(st.none() | st.sampled_from(SECTORS)),
            locale=draw(st.none() | st.sampled_from(LOCALES)),
            consent_basis="consent" if consent == "given" else None,
            tags=draw(st.frozensets(st.sampled_from(TAGS))),
        )
        suppressed = draw(st.sampled_from([False, False, False, True]))
        found.append(Person(contact, consent == "withdrawn", suppressed))
    return found


@st.composite
def situations(
    draw: st.DrawFn,
) -> tuple[Edition, dict[str, Audience], list[list[str]], list[Person]]:
    """Return an edition, the audiences, two orders to send it in, and everybody there is."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    known = {
        name: audience_of(name, draw(RULES), draw(st.sampled_from(CEILINGS))) for name in names
    }
    orders = [
        draw(st.lists(st.sampled_from(names), min_size=1, unique=True).map(list)) for _ in range(2)
    ]
    return draw(editions(names)), known, orders, draw(people())


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
            if table.name != "consents":
                connection.execute(table.delete())


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine("sqlite://")
    yield engine
    engine.dispose()


def office(engine: Engine, known: Mapping[str, Audience]) -> Campaigns:
    ids = (f"{number:03d}" for number in count(1))
    return Campaigns(
        Office(Ledger(engine), Words(known), lambda: NOON, lambda: next(ids), Path("unused"))
    )


def batch_rows(engine: Engine, campaign: Campaign) -> list[Any]:
    with engine.connect() as connection:
        query = select(batches).where(batches.c.campaign == campaign._number)
        return list(connection.execute(query.order_by(batches.c.number)))


@given(situation=situations())
def test_everybody_is_planned_as_the_rules_say_or_counted_with_the_reason(
    engine: Engine,
    situation: tuple[Edition, dict[str, Audience], list[list[str]], list[Person]],
) -> None:
    edition, known, orders, everyone = situation
    clear(engine)
    store(engine, everyone)
    campaigns = office(engine, known)
    for order in orders:
        plan = expected(edition, [known[name] for name in order], everyone)
        if not plan.planned:
            with pytest.raises(CampaignError):
                campaigns.create(edition, audiences=order, author="ana")
            continue
        campaign = campaigns.create(edition, audiences=order, author="ana")
        assert recorded(engine, campaign) == plan
        assert_accounted(campaign, plan, everyone)


def assert_accounted(campaign: Campaign, plan: Plan, everyone: Sequence[Person]) -> None:
    """The status tells the plan in numbers, and leaves nobody out."""
    status = campaign.status()
    assert status.planned == campaign.planned == sum(status.states.values()) == len(plan.planned)
    reasons = Counter(plan.excluded.values())
    assert status.excluded == {
        **reasons,
        **({"in-no-audience": plan.outside} if plan.outside else {}),
    }
    left_out = [contact for contact, _ in plan.excluded if contact not in plan.planned]
    assert len(plan.planned) + len(left_out) + plan.outside == len(everyone)
    assert campaign.verify() == ()


def test_a_block_above_the_ceiling_makes_no_variant_of_its_own(engine: Engine) -> None:
    clear(engine)
    rule = {"field": "tags", "contains": "a"}
    everyone = {"field": "email", "present": True}
    known = {"low": audience_of("low", everyone), "high": audience_of("high", rule, "TLP:AMBER")}
    blocks: list[dict[str, Any]] = [
        {"id": "open", "marking": "TLP:CLEAR"},
        {"id": "secret", "marking": "TLP:AMBER", "show_when": rule},
    ]
    contact = {"email_readable": "", "consent_basis": "consent"}
    people = [
        Contact(id=1, email="1@example.org", **contact, tags=frozenset("a")),
        Contact(id=2, email="2@example.org", **contact),
    ]
    store(engine, [Person(each, withdrawn=False, suppressed=False) for each in people])
    edition = edition_of(["low", "high"], blocks)
    low = office(engine, known).create(edition, author="ana")
    assert recorded(engine, low).planned == {
        1: ("low", "en", frozenset()),
        2: ("low", "en", frozenset()),
    }
    assert len(batch_rows(engine, low)) == 1
    clear(engine)
    store(engine, [Person(each, withdrawn=False, suppressed=False) for each in people])
    high = office(engine, known).create(edition, audiences=["high", "low"], author="ana")
    assert recorded(engine, high).planned == {
        1: ("high", "en", frozenset({"secret"})),
        2: ("low", "en", frozenset()),
    }


def test_who_is_shown_nothing_as_one_audience_is_written_to_as_a_later_one(engine: Engine) -> None:
    clear(engine)
    everyone = {"field": "email", "present": True}
    known = {name: audience_of(name, everyone) for name in ("one", "two", "three")}
    tagged = {"field": "tags", "contains": "a"}
    blocks: list[dict[str, Any]] = [
        {"id": "rare", "marking": "TLP:CLEAR", "audiences": ["one"], "show_when": tagged},
        {"id": "open", "marking": "TLP:CLEAR", "audiences": ["two", "three"]},
    ]
    contact = {"email_readable": "", "consent_basis": "consent"}
    people = [
        Contact(id=1, email="1@example.org", **contact, tags=frozenset("a")),
        Contact(id=2, email="2@example.org", **contact),
    ]
    store(engine, [Person(each, withdrawn=False, suppressed=False) for each in people])
    edition = edition_of(list(known), blocks)
    campaign = office(engine, known).create(edition, author="ana")
    assert recorded(engine, campaign) == Plan(
        planned={1: ("one", "en", frozenset({"rare"})), 2: ("two", "en", frozenset())},
        excluded={
            (1, "two"): "in-an-earlier-audience",
            (1, "three"): "in-an-earlier-audience",
            (2, "one"): "in-a-later-audience",
            (2, "three"): "in-an-earlier-audience",
        },
        outside=0,
    )


def test_who_is_shown_nothing_in_any_audience_is_counted_once(engine: Engine) -> None:
    clear(engine)
    everyone = {"field": "email", "present": True}
    known = {name: audience_of(name, everyone) for name in ("one", "two")}
    block = {"id": "rare", "marking": "TLP:CLEAR", "show_when": {"field": "tags", "contains": "a"}}
    contact = {"email_readable": "", "consent_basis": "consent"}
    people = [
        Contact(id=1, email="1@example.org", **contact, tags=frozenset("a")),
        Contact(id=2, email="2@example.org", **contact),
    ]
    store(engine, [Person(each, withdrawn=False, suppressed=False) for each in people])
    campaign = office(engine, known).create(edition_of(list(known), [block]), author="ana")
    assert campaign.status().excluded == {"in-an-earlier-audience": 1, "nothing-to-show": 1}
    assert campaign.planned == 1


@pytest.mark.parametrize(
    "sizes",
    [{"fr": 1}, {"fr": BATCH_SIZE, "en": 1}, {"fr": 2 * BATCH_SIZE + 1, "en": BATCH_SIZE + 1}],
)
def test_batches_hold_each_delivery_once_of_one_variant_and_at_most_the_size(
    engine: Engine, sizes: dict[Locale, int]
) -> None:
    clear(engine)
    fill(engine, sizes)
    known = {"all": audience_of("all", {"field": "email", "present": True})}
    edition = edition_of(["all"], [{"id": "one", "marking": "TLP:CLEAR"}], languages=["en", "fr"])
    campaigns = office(engine, known)
    for campaign in (campaigns.create(edition, author="ana") for _ in range(2)):
        with engine.connect() as connection:
            query = select(deliveries.c.id, deliveries.c.variant)
            query = query.where(deliveries.c.campaign == campaign._number)
            variant_of = dict(connection.execute(query).all())
        held: Counter[int] = Counter()
        for batch in batch_rows(engine, campaign):
            numbers = range(batch.first, batch.last + 1)
            held.update(numbers)
            assert 1 <= len(numbers) <= BATCH_SIZE
            assert {variant_of[number] for number in numbers} == {batch.variant}
        assert held == Counter(variant_of.keys())
        assert campaign.planned == sum(sizes.values())


def fill(engine: Engine, sizes: Mapping[Locale, int]) -> None:
    """Write many contacts at once."""
    rows = [
        {
            "email": f"{locale}{at}@example.org",
            "email_readable": f"{locale}{at}@example.org",
            "email_key": f"{locale}{at}@example.org",
            "locale": locale,
            "consent_basis": "consent",
            "created_at": NOON,
            "updated_at": NOON,
        }
        for locale, size in sizes.items()
        for at in range(size)
    ]
    with engine.begin() as connection:
        connection.execute(insert(contacts), rows)


def test_more_conditional_blocks_than_variants_stay_few_with_are_refused(engine: Engine) -> None:
    known = {"all": audience_of("all", {"field": "email", "present": True})}
    rule = {"field": "tags", "contains": "a"}
    blocks = [
        {"id": f"block-{at}", "marking": "TLP:CLEAR", "show_when": rule}
        for at in range(MAX_CONDITIONAL_BLOCKS + 1)
    ]
    Planner(edition_of(["all"], blocks[1:]), tuple(known.values()))
    with pytest.raises(CampaignError, match=r"17 blocks have a `show_when` rule.* Keep to 16"):
        Planner(edition_of(["all"], blocks), tuple(known.values()))


def test_all_conditional_blocks_there_may_be_still_find_their_readers(engine: Engine) -> None:
    names = [f"audience-{at}" for at in range(12)]
    known = {name: audience_of(name, {"field": "tags", "contains": name}) for name in names}
    blocks = [
        {
            "id": f"block-{at}",
            "marking": "TLP:CLEAR",
            "show_when": {"field": "tags", "contains": f"block-{at}"},
        }
        for at in range(MAX_CONDITIONAL_BLOCKS)
    ]
    everyone = [
        Person(
            Contact(
                id=at,
                email=f"reader{at}@example.org",
                email_readable=f"reader{at}@example.org",
                consent_basis="consent",
                tags=frozenset({*names[at - 1 :], "block-15", f"block-{at}"}),
            ),
            withdrawn=False,
            suppressed=False,
        )
        for at in range(1, 13)
    ]
    clear(engine)
    store(engine, everyone)
    edition = edition_of(names, blocks)
    campaign = office(engine, known).create(edition, author="ana")
    assert recorded(engine, campaign) == expected(edition, tuple(known.values()), everyone)


def test_a_plan_that_fails_leaves_no_campaign_and_no_row(world: World) -> None:
    world.enrol_public(3)
    world.edit("templates/newsletter.mjml.j2", "{{ block.title }}", "{{ block.nonsense }}")
    with pytest.raises(Exception, match=r"newsletter\.mjml\.j2"):
        world.campaigns.create("news", author="ana")
    assert list(world.campaigns) == []
    with world.engine.connect() as connection:
        for table in (deliveries, batches, variants, exclusions):
            assert connection.execute(select(text("count(*)")).select_from(table)).scalar() == 0
