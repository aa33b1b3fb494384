"""The history of consent only grows."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import UpdateBase

from tigc_mail.ground.database import writing
from tigc_mail.people.tables import consents, contacts

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PERSON = {"email": "a@example.org", "email_readable": "a@example.org", "email_key": "a@example.org"}
GRANT = {"event": "granted", "basis": "consent", "source": "form", "at": NOW, "recorded_at": NOW}


@pytest.fixture
def granted(engine: Engine) -> Engine:
    with writing(engine) as connection:
        connection.execute(insert(contacts).values(id=1, created_at=NOW, updated_at=NOW, **PERSON))
        connection.execute(insert(consents).values(contact_id=1, **GRANT))
    return engine


@pytest.mark.parametrize(
    "change",
    [update(consents).values(source="else"), delete(consents), delete(contacts)],
    ids=["update", "delete", "delete the contact"],
)
def test_a_recorded_consent_is_neither_changed_nor_deleted(
    granted: Engine, change: UpdateBase
) -> None:
    with pytest.raises(IntegrityError), writing(granted) as connection:
        connection.execute(change)


@pytest.mark.parametrize("wrong", [{"basis": None}, {"event": "withdrawn"}, {"event": "lost"}])
def test_a_grant_has_a_basis_and_a_withdrawal_has_none(
    granted: Engine, wrong: dict[str, str | None]
) -> None:
    with pytest.raises(IntegrityError), writing(granted) as connection:
        connection.execute(insert(consents).values(contact_id=1, **{**GRANT, **wrong}))


def test_two_contacts_never_share_an_address(granted: Engine) -> None:
    with pytest.raises(IntegrityError), writing(granted) as connection:
        connection.execute(insert(contacts).values(created_at=NOW, updated_at=NOW, **PERSON))
