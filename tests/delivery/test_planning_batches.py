"""The deliveries of a plan stand in batches of one variant."""

from collections import Counter
from collections.abc import Mapping

import pytest
from sqlalchemy import Engine, insert, select
from tests.delivery.plans import (
    audience_of,
    batch_rows,
    clear,
    edition_of,
    office,
)
from tests.delivery.world import NOON

from tigc_mail.delivery.planning import BATCH_SIZE
from tigc_mail.delivery.tables import deliveries
from tigc_mail.ground.language import Locale
from tigc_mail.people.tables import contacts


@pytest.mark.parametrize(
    "sizes",
    [{"fr": 1}, {"fr": BATCH_SIZE, "en": 1}, {"fr": 2 * BATCH_SIZE + 1, "en": BATCH_SIZE + 1}],
)
def test_batches_hold_each_delivery_once_of_one_variant_and_at_most_the_size(
    shared_engine: Engine, sizes: dict[Locale, int]
) -> None:
    clear(shared_engine)
    fill(shared_engine, sizes)
    known = {"all": audience_of("all", {"field": "email", "present": True})}
    edition = edition_of(["all"], [{"id": "one", "marking": "TLP:CLEAR"}], languages=["en", "fr"])
    campaigns = office(shared_engine, known)
    for campaign in (campaigns.create(edition, author="ana") for _ in range(2)):
        with shared_engine.connect() as connection:
            query = select(deliveries.c.id, deliveries.c.variant)
            query = query.where(deliveries.c.campaign == campaign._number)
            variant_of = dict(connection.execute(query).all())
        held: Counter[int] = Counter()
        for batch in batch_rows(shared_engine, campaign):
            numbers = range(batch.first, batch.last + 1)
            held.update(numbers)
            assert 1 <= len(numbers) <= BATCH_SIZE
            assert {variant_of[number] for number in numbers} == {batch.variant}
        assert held == Counter(variant_of.keys())
        assert campaign.planned == sum(sizes.values())


def fill(shared_engine: Engine, sizes: Mapping[Locale, int]) -> None:
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
    with shared_engine.begin() as connection:
        connection.execute(insert(contacts), rows)
