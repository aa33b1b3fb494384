"""The ledger's tables."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from tigc_mail.delivery.states import CampaignState, DeliveryState
from tigc_mail.ground.database import Instant, metadata


def _one_of(column: str, states: type[CampaignState | DeliveryState]) -> CheckConstraint:
    known = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"{column} IN ({known})", name=column)


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
    Column("provider", String),  # through which it was sent last
    Column("approved_by", String),
    Column("approved_at", Instant),
    Column("approved_digest", String),  # what the approval is bound to
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
    Column("id", Integer, primary_key=True),
    Column("campaign", Integer, nullable=False),
    Column("contact_id", Integer, nullable=False),
    Column("variant", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),  # why it is where it is, for a person
    Column("receipt", String),  # the provider's name for it
    Column("changed_at", Instant),
    UniqueConstraint("campaign", "contact_id"),  # nobody is written to twice
    ForeignKeyConstraint(["campaign"], ["campaigns.number"]),
    _one_of("state", DeliveryState),
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
