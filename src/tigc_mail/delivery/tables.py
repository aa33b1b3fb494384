"""The ledger's tables."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from tigc_mail.delivery.states import (
    CAMPAIGN_TRANSITIONS,
    DELIVERY_TRANSITIONS,
    CampaignState,
    DeliveryState,
)
from tigc_mail.ground.database import Instant, Told, metadata


def _one_of(column: str, states: type[CampaignState]) -> CheckConstraint:
    known = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"{column} IN ({known})", name=column)


def _one_or_another(column: str, states: type[DeliveryState]) -> CheckConstraint:
    """Return the same check in a form that takes SQLite a tenth of the time a row, the first state
    first; an update of deliveries was mostly that.
    """
    known = " OR ".join(f"{column} = '{state}'" for state in states)
    return CheckConstraint(known, name=column)


campaigns = Table(
    "campaigns",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("edition", String, nullable=False),
    Column("audiences", String, nullable=False),  # ids in the order that decides, comma between
    Column("author", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_after", Instant),
    Column("planned", Integer, nullable=False, default=0),
    Column("rules", String, nullable=False),  # digest of the rules that the plan was made by
    Column("outside", Integer, nullable=False, default=0),  # contacts in none of its audiences
    Column("provider", String),  # through which it was sent last; several with a comma between
    Column("approved_by", String),
    Column("approved_at", Instant),
    Column("approved_digest", String),  # what the approval is bound to
    Column("paused_by", String),  # who paused it; nobody where a provider's failure did
    Column("pause_reason", Told),
    Column("not_before", Instant),  # when it is scheduled for
    _one_of("state", CampaignState),
)

variants = Table(
    "variants",
    metadata,
    Column("campaign", ForeignKey("campaigns.number"), primary_key=True),
    Column("code", Integer, primary_key=True, autoincrement=False),
    Column("audience", String, nullable=False),
    Column("locale", String, nullable=False),
    Column("shown", String, nullable=False),  # ids of the conditional blocks shown, comma between
    Column("recipients", Integer, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),  # those of a plan without a gap
    Column("campaign", Integer, nullable=False),
    Column("contact_id", Integer, nullable=False),
    Column("variant", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", Told),  # why it is where it is, for a person
    Column("receipt", Told),  # the provider's name for it
    Column("changed_at", Instant),
    Column("provider", String),  # to which it was handed over last
    Column("attempts", Integer, nullable=False, server_default="0"),  # that it was put off
    Column("due_at", Instant),  # when it may be tried again
    UniqueConstraint("campaign", "contact_id"),  # nobody is written to twice
    ForeignKeyConstraint(["campaign"], ["campaigns.number"]),
    _one_or_another("state", DeliveryState),
)

batches = Table(
    "batches",
    metadata,
    Column("campaign", ForeignKey("campaigns.number"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("variant", Integer, nullable=False),
    Column("first", Integer, nullable=False),  # the deliveries of a batch: first to last
    Column("last", Integer, nullable=False),
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("campaign", ForeignKey("campaigns.number"), primary_key=True),
    Column("contact_id", Integer, primary_key=True),
    Column("audience", String, primary_key=True),
    Column("reason", String, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("campaign", ForeignKey("campaigns.number"), primary_key=True),
    Column("uid", String, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("issued", Instant, nullable=False),
    Column("stage", String, nullable=False),
    Column("dates", String, nullable=False),  # the first and the last, as an interval of ISO 8601
)

provider_events = Table(
    "provider_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", String, nullable=False, unique=True),  # the provider's name for the report
    Column("delivery", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", Instant, nullable=False),  # when it happened, as the provider says
    Column("reason", Told),
    Column("applied", Boolean, nullable=False),  # whether the delivery's state took it in
    Index(None, "delivery"),
)

_waiting = provider_events.c.applied.is_(False)
waiting_events = Index(
    "ix_provider_events_waiting",
    provider_events.c.delivery,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
"""The events that no delivery's state took in yet: few, or none, of all there ever were."""

paces = Table(
    "paces",
    metadata,
    Column("provider", String, primary_key=True),
    Column("scope", String, primary_key=True),  # recipients, requests, a domain, or "day DATE"
    Column("filled_until", Instant),  # of a rate: until when what was taken fills it
    Column("taken", Integer),  # of a day: how many recipients
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),  # empty: nobody, it happened by itself
    Column("action", String, nullable=False),
    Column("campaign", String, nullable=False),
    Column("detail", String, nullable=False),  # JSON
    Column("digest", String, nullable=False),  # of the row and the digest of the one before
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("digest", String, nullable=False),  # that of the last entry
)

frozen = Table(
    "frozen",
    metadata,
    Column("campaign", ForeignKey("campaigns.number"), primary_key=True),
    Column("part", String, primary_key=True),  # what a person calls it
    Column("content", LargeBinary, nullable=False),  # JSON, compressed by zlib
)


def audit_triggers(dialect: str) -> Sequence[str]:
    """Return the statements that make the database refuse to change or delete an audit entry.

    Args:
        dialect: the name of a SQLAlchemy dialect, `sqlite` or `postgresql`.
    """
    return _AUDIT_TRIGGERS[dialect]


_AUDIT_TRIGGERS = {
    "sqlite": [
        f"""
        CREATE TRIGGER audit_not_{name} BEFORE {event} ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """
        for name, event in (("updated", "UPDATE"), ("deleted", "DELETE"))
    ],
    "postgresql": [
        """
        CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the audit log is append-only'
            USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER audit_not_changed BEFORE UPDATE OR DELETE ON audit
        FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()
        """,
        """
        CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
        """,
    ],
}


def replacement_triggers(dialect: str) -> Sequence[str]:
    """Return what makes SQLite refuse to replace an audit entry: that asks no other trigger.

    Args:
        dialect: the name of a SQLAlchemy dialect; PostgreSQL knows no replacing.
    """
    if dialect != "sqlite":
        return []
    return [
        """
        CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit
        WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """
    ]


def transition_triggers(dialect: str) -> Sequence[str]:
    """Return the statements that make the database refuse every transition there is not.

    Args:
        dialect: the name of a SQLAlchemy dialect, `sqlite` or `postgresql`.
    """
    patterns = _TRIGGERS[dialect]
    allowed = {
        "deliveries": _allowed(DELIVERY_TRANSITIONS),
        "campaigns": _allowed(CAMPAIGN_TRANSITIONS),
    }
    return [
        pattern.format(table=table, allowed=condition)
        for table, condition in allowed.items()
        for pattern in patterns
    ]


def _allowed(transitions: Mapping[Any, Collection[Any]]) -> str:
    """Return the condition for the transitions of a table: the frequent ones are asked first."""
    cases = "".join(
        f" WHEN '{source}' THEN NEW.state IN ({_listed(targets)})"
        for source, targets in transitions.items()
        if targets
    )
    return (
        "(OLD.state = 'planned' AND NEW.state = 'claimed')"
        " OR (OLD.state = 'claimed' AND NEW.state = 'accepted') OR NEW.state = OLD.state"
        f" OR (CASE OLD.state{cases} ELSE 1 = 0 END)"
    )


def _listed(states: Collection[Any]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


_TRIGGERS = {
    "sqlite": [
        """
        CREATE TRIGGER {table}_transition AFTER UPDATE OF state ON {table} WHEN NOT ({allowed})
        BEGIN SELECT RAISE(ABORT, 'there is no such transition of {table}'); END
        """
    ],
    "postgresql": [
        """
        CREATE FUNCTION refuse_transition_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'there is no such transition of {table}'
            USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER {table}_transition AFTER UPDATE OF state ON {table} FOR EACH ROW
        WHEN (NOT ({allowed})) EXECUTE FUNCTION refuse_transition_of_{table}()
        """,
    ],
}
"""After the update, the frequent transitions asked first: SQLite is ten times as slow otherwise."""
