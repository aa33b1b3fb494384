"""(c) Planning, beside the bare SQL that writes the same deliveries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Insert, and_, case, func, insert, literal, or_, select
from tests.benchmarks import world
from tests.benchmarks.measuring import timed
from tests.benchmarks.report import Figure, Goal, Result

from tigc_mail import Workspace
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.tables import deliveries, exclusions
from tigc_mail.ground.database import reading, writing
from tigc_mail.people.segment import Segment
from tigc_mail.people.tables import contacts, suppressions

ABOUT = """\
`campaigns.create` does everything: loading, compiling all variants, planning, one commit. The bare
SQL is one INSERT ... SELECT that writes the same deliveries (contact and variant) into the same
table with the same condition and commits; no batches, no reasons for who is left out, no order.
Same file, same settings, same indexes. The goal compares the whole of `create` with it."""

_TIMES = 3


@dataclass(frozen=True)
class _Written:
    """What one way took, and what it wrote."""

    seconds: float
    rows: int
    digest: int


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it in a workspace laid down below `folder`."""
    size = 100_000 if quick else 1_000_000
    ready = world.lay_down(folder / "ready", size)
    planned, bare, excluded = [], [], 0
    for _ in range(1 if quick else _TIMES):
        with world.copied(ready) as copy:
            planned.append(_plan(copy))
            excluded = _excluded(copy)
        with world.copied(ready) as copy:
            bare.append(_insert(copy))
    assert {one.digest for one in planned} == {one.digest for one in bare}
    ours, theirs = (min(one.seconds for one in some) for some in (planned, bare))
    return Result(
        title=f"planning: {size:,} contacts, {planned[0].rows:,} deliveries",
        about=ABOUT,
        figures=(
            Figure("campaigns.create", ours, "s", f"and {excluded:,} exclusions with reasons"),
            Figure("bare INSERT ... SELECT", theirs, "s"),
        ),
        goals=(Goal("planning / bare SQL", ours / theirs, 2, " times"),),
    )


def _plan(folder: Path) -> _Written:
    workspace = Workspace.open(folder)
    workspace.contacts.count()  # the database is open
    with timed() as watch:
        workspace.campaigns.create(world.EDITION, author="ana")
    return _written(workspace, watch.seconds)


def _insert(folder: Path) -> _Written:
    workspace = Workspace.open(folder)
    statement = _bare_statement(workspace)
    with writing(workspace._engine) as connection:
        _add_campaign(workspace, connection)
    with timed() as watch, writing(workspace._engine) as connection:
        connection.execute(statement)
    return _written(workspace, watch.seconds)


def _bare_statement(workspace: Workspace) -> Insert:
    """Return the one statement; it numbers the variants as planning does."""
    edition, audiences = workspace.edition(world.EDITION), workspace.audiences()
    chosen = [Segment(audiences[name].segment).condition() for name in edition.audiences]
    others = [locale for locale in edition.languages if locale != edition.language]
    places = {locale: at for at, locale in enumerate(others, 1)}
    language = case(places, value=contacts.c.locale, else_=0)
    (shown,) = [Segment(b.show_when).condition() for b in edition.blocks if b.show_when is not None]
    first = case(*((condition, 1 << at) for at, condition in enumerate(chosen)))
    variant = (first * (1 + len(others)) + language) * 2 + case((shown, 1), else_=0)
    reachable = and_(
        contacts.c.consent_basis.is_not(None),
        contacts.c.email_key.not_in(select(suppressions.c.email_key)),
        or_(*chosen),
    )
    rows = select(literal(1), contacts.c.id, variant, literal("planned")).where(reachable)
    return insert(deliveries).from_select(["campaign", "contact_id", "variant", "state"], rows)


def _add_campaign(workspace: Workspace, connection: Connection) -> None:
    Ledger(workspace._engine).add_campaign(
        connection,
        id="bare",
        edition=world.EDITION,
        audiences="",
        author="ana",
        rules="",
        state="draft",
        created_at=datetime.now(UTC),
    )


def _written(workspace: Workspace, seconds: float) -> _Written:
    """Return what is in the ledger: the number of rows, and a sum that tells them apart."""
    mixed = func.sum(deliveries.c.contact_id * 31 % 1_000_003 * (deliveries.c.variant + 7))
    with reading(workspace._engine) as connection:
        rows, told = connection.execute(select(func.count(), mixed).select_from(deliveries)).one()
    workspace._engine.dispose()
    return _Written(seconds, rows, told)


def _excluded(folder: Path) -> int:
    with reading(Workspace.open(folder)._engine) as connection:
        return connection.scalar(select(func.count()).select_from(exclusions)) or 0
