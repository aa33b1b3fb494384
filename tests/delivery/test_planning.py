"""A plan in SQL is what the rules say, person by person."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from tests.databases import BOTH, examples
from tests.delivery.plans import (
    Person,
    Plan,
    audience_of,
    clear,
    edition_of,
    expected,
    office,
    recorded,
    store,
)
from tests.delivery.world import World

from tigc_mail import Audience, CampaignError, Contact, Edition
from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.tables import batches, deliveries, exclusions, variants
from tigc_mail.people.contact import SECTORS

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


Situation = tuple[Edition, dict[str, Audience], list[list[str]], list[Person]]


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Return an edition, the audiences, two orders to send it in, and everybody there is."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    known = {
        name: audience_of(name, draw(RULES), draw(st.sampled_from(CEILINGS))) for name in names
    }
    orders = [
        draw(st.lists(st.sampled_from(names), min_size=1, unique=True).map(list)) for _ in range(2)
    ]
    return draw(editions(names)), known, orders, draw(people())


def test_everybody_is_planned_as_the_rules_say_or_counted_with_the_reason(
    shared_engine: Engine,
) -> None:
    @examples(shared_engine)
    @given(situation=situations())
    def hold(situation: Situation) -> None:
        assert_planned(shared_engine, *situation)

    hold()


def assert_planned(
    shared_engine: Engine,
    edition: Edition,
    known: Mapping[str, Audience],
    orders: Sequence[list[str]],
    everyone: Sequence[Person],
) -> None:
    clear(shared_engine)
    store(shared_engine, everyone)
    campaigns = office(shared_engine, known)
    for order in orders:
        plan = expected(edition, [known[name] for name in order], everyone)
        if not plan.planned:
            with pytest.raises(CampaignError):
                campaigns.create(edition, audiences=order, author="ana")
            continue
        campaign = campaigns.create(edition, audiences=order, author="ana")
        assert recorded(shared_engine, campaign) == plan
        assert_accounted(campaign, plan, everyone)


def test_the_outlook_of_each_person_is_what_a_plan_holds(shared_engine: Engine) -> None:
    @examples(shared_engine)
    @given(situation=situations())
    def hold(situation: Situation) -> None:
        assert_foreseen(shared_engine, *situation)

    hold()


def assert_foreseen(
    shared_engine: Engine,
    edition: Edition,
    known: Mapping[str, Audience],
    _: Sequence[list[str]],
    everyone: Sequence[Person],
) -> None:
    clear(shared_engine)
    store(shared_engine, everyone)
    campaigns = office(shared_engine, known)
    plan = expected(edition, [known[name] for name in edition.audiences], everyone)
    for person in everyone:
        number = person.contact.id or 0
        outlook = campaigns.outlook(edition, number)
        if outlook is None:
            assert number not in plan.planned
            assert all(contact != number for contact, _ in plan.excluded)
        elif outlook.reason is None:
            assert plan.planned[number] == (outlook.audience, outlook.locale, outlook.shown)
        else:
            assert number not in plan.planned
            assert plan.excluded[number, outlook.audience] == outlook.reason
    assert campaigns.outlook(edition, 2) is None, "nobody has this number"


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
    assert len(plan.planned) + len(left_out) + plan.outside == len(everyone) == status.contacts
    in_several = {contact for contact, _ in plan.excluded if contact in plan.planned}
    assert status.in_several == len(in_several)
    assert campaign.verify() == ()


@BOTH
def test_a_plan_that_fails_leaves_no_campaign_and_no_row(world: World) -> None:
    world.enrol_public(3)
    world.edit("templates/newsletter.mjml.j2", "{{ block.title }}", "{{ block.nonsense }}")
    with pytest.raises(Exception, match=r"newsletter\.mjml\.j2"):
        world.campaigns.create("news", author="ana")
    assert list(world.campaigns) == []
    with world.engine.connect() as connection:
        for table in (deliveries, batches, variants, exclusions):
            assert connection.execute(select(text("count(*)")).select_from(table)).scalar() == 0
