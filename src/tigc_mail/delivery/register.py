"""The register: the campaigns of the ledger, their variants, and how far each is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, insert, select, update

from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.planning import Variant
from tigc_mail.delivery.states import CAMPAIGN_TRANSITIONS, CampaignState, require
from tigc_mail.delivery.tables import campaigns, variants
from tigc_mail.errors import CampaignError
from tigc_mail.ground.database import reading, writing


class Register:
    """The campaigns of a database.

    Writing transactions of one process take turns, which costs less than having SQLite wait for
    them.

    Args:
        engine: the database, up to date.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = Lock()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a writing transaction when it is this thread's turn."""
        with self._turn, writing(self.engine) as connection:
            yield connection

    def reading(self) -> Any:
        """Open a reading transaction."""
        return reading(self.engine)

    def add_campaign(self, connection: Connection, **columns: Any) -> int:
        """Write a campaign and return its number."""
        added = connection.execute(insert(campaigns).values(**columns))
        (number,) = added.inserted_primary_key or (0,)
        return int(number)

    def describe_plan(
        self,
        connection: Connection,
        campaign: int,
        sizes: Mapping[Variant, int],
        outside: int,
    ) -> None:
        """Write down the variants of a plan, and how many contacts are in none of its audiences."""
        connection.execute(
            insert(variants),
            [
                {
                    "campaign": campaign,
                    "code": variant.code,
                    "audience": variant.audience,
                    "locale": variant.locale,
                    "shown": ",".join(sorted(variant.shown)),
                    "recipients": size,
                }
                for variant, size in sizes.items()
            ],
        )
        connection.execute(
            update(campaigns)
            .where(campaigns.c.number == campaign)
            .values(planned=sum(sizes.values()), outside=outside)
        )

    def variants(self, campaign: int) -> list[Variant]:
        """Return the variants of a campaign, in the order of its batches."""
        with self.reading() as connection:
            rows = connection.execute(
                select(variants).where(variants.c.campaign == campaign).order_by(variants.c.code)
            )
            return [
                Variant(
                    row.code,
                    row.audience,
                    row.locale,
                    frozenset(filter(None, row.shown.split(","))),
                )
                for row in rows
            ]

    def campaign(self, name: str) -> Row[Any] | None:
        """Return the row of the campaign with that id."""
        return self._row(campaigns.c.id == name)

    def campaigns(self) -> Sequence[Row[Any]]:
        """Return the rows of all campaigns, the newest first."""
        with self.reading() as connection:
            rows: Sequence[Row[Any]] = connection.execute(
                select(campaigns).order_by(campaigns.c.number.desc())
            ).fetchall()
        return rows

    def move_campaign(
        self,
        campaign: int,
        source: CampaignState,
        target: CampaignState,
        deed: Deed,
        **columns: Any,
    ) -> None:
        """Move a campaign along one transition.

        Raises:
            CampaignError: if it is no longer in `source`.
        """
        with self.writing() as connection:
            self.change(connection, campaign, source, target, deed, **columns)

    def halt(self, campaign: int, reason: str, now: datetime) -> None:
        """Pause what is being sent, because of a failure and in nobody's name."""
        with self.writing() as connection:
            if self.state(connection, campaign) is CampaignState.SENDING:
                self.change(
                    connection,
                    campaign,
                    CampaignState.SENDING,
                    CampaignState.PAUSED,
                    Deed(now, detail={"reason": reason}),
                    paused_by=None,
                    pause_reason=reason,
                )

    def change(
        self,
        connection: Connection,
        campaign: int,
        source: CampaignState,
        target: CampaignState,
        deed: Deed,
        **columns: Any,
    ) -> None:
        """Move a campaign along one transition, in a transaction with other changes, and note it.

        Raises:
            CampaignError: if it is no longer in `source`.
        """
        require(target in CAMPAIGN_TRANSITIONS[source], source, target)
        moved = connection.execute(
            update(campaigns)
            .where(campaigns.c.number == campaign, campaigns.c.state == source.value)
            .values(state=target.value, **columns)
            .returning(campaigns.c.id)
        ).scalar_one_or_none()
        if moved is None:
            cause = f"the campaign is no longer {source}"
            raise CampaignError(cause, "", "Look at it with `tigc-mail campaign status`.")
        note(connection, moved, target.value, deed)

    def state(self, connection: Connection, campaign: int) -> CampaignState:
        """Return the state of a campaign.

        Args:
            connection: a transaction; while one that writes is open, no other changes the state.
            campaign: its number.
        """
        found = connection.scalar(select(campaigns.c.state).where(campaigns.c.number == campaign))
        return CampaignState(str(found))

    def late(self, connection: Connection, campaign: int, now: datetime) -> bool:
        """Return whether the time of a campaign is over."""
        row = select(campaigns.c.not_after).where(campaigns.c.number == campaign)
        not_after: datetime | None = connection.execute(row).scalar_one()
        return not_after is not None and now > not_after

    def schedule(self, connection: Connection, campaign: int, not_before: datetime) -> None:
        """Write down when a campaign may begin to be sent."""
        connection.execute(
            update(campaigns).where(campaigns.c.number == campaign).values(not_before=not_before)
        )

    def note_provider(self, campaign: int, name: str) -> None:
        """Write down through what a campaign is sent."""
        with self.writing() as connection:
            connection.execute(
                update(campaigns).where(campaigns.c.number == campaign).values(provider=name)
            )

    def _row(self, condition: ColumnElement[bool]) -> Row[Any] | None:
        with self.reading() as connection:
            row: Row[Any] | None = connection.execute(
                select(campaigns).where(condition)
            ).one_or_none()
        return row
