"""A small workspace with everything that delivery decides on, and the office that runs it."""

import atexit
import csv
import resource
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from textwrap import dedent

from sqlalchemy import Engine, NullPool, create_engine, text
from tests.conftest import SHIPPED

from tigc_mail import (
    Audience,
    Edition,
    Envelope,
    Provider,
    Shipment,
    Workspace,
)
from tigc_mail.delivery.addressing import Addressees, slot_values
from tigc_mail.delivery.audit import Deed
from tigc_mail.delivery.batches import Batch
from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.campaigns import Campaigns
from tigc_mail.delivery.dispatch import Dispatch
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.lock import Holds
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.outgoing import posts
from tigc_mail.delivery.pace import Limits
from tigc_mail.delivery.retrying import RetryPolicy
from tigc_mail.delivery.states import CampaignState
from tigc_mail.delivery.tokens import Signer
from tigc_mail.ground.database import open_engine
from tigc_mail.render.compiler import Compiler

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOT_AFTER = datetime(2026, 12, 31, 23, tzinfo=UTC)

_AUDIENCE = """\
name: {{en: "The {id}"}}
segment: {segment}
ceiling: {ceiling}
sender: {{name: {{en: The programme}}, address: {id}@example.org}}
list_id: {id}.example.org
salutation: {{named: {{en: "Dear {{given_name}},"}}, unnamed: {{en: "Hello,"}}}}
key_messages: {{crime: {{title: {{en: Crime}}, body: {{en: "It pays for crime, say the {id}."}}}}}}
reason: {{en: You asked for it.}}
"""

_AUDIENCES = {
    "police": ("{field: tags, contains: officer}", "TLP:AMBER"),
    "traders": ("{field: sector, equals: private-sector}", "TLP:GREEN"),
    "public": ("{field: sector, equals: public}", "TLP:CLEAR"),
}

_EDITION = """\
kind: newsletter
language: en
languages: [en, fr]
audiences: [police, traders, public]
subject: {en: News, fr: Nouvelles}
preheader: {en: What is new, fr: Du nouveau}
not_after: 2026-12-31T23:00:00Z
blocks:
  - id: welcome
    type: text
    marking: TLP:CLEAR
    body: {en: "{{ recipient.salutation }} welcome.", fr: "{{ recipient.salutation }} bienvenue."}
  - {id: crime, type: key-message, marking: TLP:CLEAR, key_message: crime}
  - id: insiders
    type: text
    marking: TLP:CLEAR
    show_when: {field: tags, contains: insider}
    body: {en: Only for insiders., fr: Pour les initiés.}
  - id: page
    type: text
    marking: TLP:CLEAR
    show_when: {field: attributes.page, present: true}
    body: {en: "[Your page]({{ recipient.attributes.page }})"}
"""

_MJML = """\
<mjml><mj-body>
  {% for block in blocks %}
  <mj-section><mj-column>
    <mj-text>{{ block.title }} {{ block.body_html }}</mj-text>
  </mj-column></mj-section>
  {% endfor %}
  <mj-section><mj-column><mj-text>
    <a href="{{ links.unsubscribe }}">Unsubscribe</a>
  </mj-text></mj-column></mj-section>
</mj-body></mjml>
"""

_TEXT = """\
{% for block in blocks %}
{{ block.title }} {{ block.body_text }}
{% endfor %}
{{ links.unsubscribe }}
"""


def lay_down(folder: Path) -> Path:
    """Write the workspace into a folder and return it."""
    files = {
        f"audiences/{id_}.yaml": _AUDIENCE.format(id=id_, segment=segment, ceiling=ceiling)
        for id_, (segment, ceiling) in _AUDIENCES.items()
    }
    files |= {
        "editions/news/edition.yaml": _EDITION,
        "templates/newsletter.mjml.j2": _MJML,
        "templates/newsletter.txt.j2": _TEXT,
        "templates/theme.yaml": (SHIPPED / "templates" / "theme.yaml").read_text("utf-8"),
        "templates/phrases/en.po": "",
        "templates/phrases/fr.po": "",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(content), "utf-8")
    return folder


@cache
def empty_database() -> Path:
    """Return a file with all the tables, which is quicker to copy than to make."""
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_engine(f"sqlite:///{folder / 'empty.db'}").dispose()
    return folder / "empty.db"


class Clock:
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, step: timedelta) -> None:
        self.now += step


@dataclass
class World:
    """The workspace, its office, and the providers that a test wrote for it."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    providers: dict[str, Provider] = field(default_factory=dict)
    pace: Limits = Limits()  # noqa: RUF009 (it never changes)
    database: str = "sqlite:///tigc-mail.db"
    first: int = 1
    """With what the ids of its campaigns begin."""
    policy: RetryPolicy = RetryPolicy()  # noqa: RUF009 (likewise)
    meanwhile: Callable[[float], object] = lambda _: None
    """What happens while a send waits for so many seconds."""

    def __post_init__(self) -> None:
        lay_down(self.folder)
        (self.folder / "tigc-mail.toml").write_text(f'database_url = "{self.database}"\n', "utf-8")
        if self.database.startswith("sqlite:///tigc"):
            shutil.copy(empty_database(), self.folder / "tigc-mail.db")
        self.workspace = Workspace.open(self.folder)
        self.engine: Engine = self.workspace._engine
        self.ledger = Ledger(self.engine)
        ids = (f"{number:03d}" for number in count(self.first))
        office = Office(
            ledger=self.ledger,
            sources=self,
            clock=self.clock,
            new_id=lambda: next(ids),
            locks=self.folder / ".locks",
            nap=self._nap,
        )
        self.campaigns = Campaigns(office)
        self._office = office

    def _nap(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        self.meanwhile(seconds)

    # What campaigns take from a workspace

    def edition(self, name: str) -> Edition:
        return self.workspace.edition(name)

    def editions_about(self, events: Collection[str]) -> Iterable[Edition]:
        return self.workspace.editions_about(events)

    def place(self, edition: str, path: tuple[str | int, ...]) -> str:
        return self.workspace.place(edition, path)

    def audiences(self) -> Mapping[str, Audience]:
        return self.workspace.audiences()

    def compiler(self) -> Compiler:
        return self.workspace.compiler()

    def fixed_texts(self) -> Iterable[str]:
        return self.workspace.fixed_texts()

    def open_providers(self, names: str | None) -> Sequence[Provider]:
        every = (names or "outbox").split(",")
        return [self.providers.get(name) or self.workspace.provider(name) for name in every]

    def limits(self, provider: str) -> Limits:  # noqa: ARG002 (they are the same for all)
        return self.pace

    def retry_policy(self) -> RetryPolicy:
        return self.policy

    def provider_names(self) -> str:
        return "outbox"

    def test_addresses(self) -> frozenset[str]:
        return frozenset({"colleague@example.org"})

    def signer(self, providers: Sequence[Provider]) -> Signer:  # noqa: ARG002 (it is one for all)
        return Signer("a key for nothing but tests")

    # What tests do to it

    def enrol(self, people: Iterable[Mapping[str, str]]) -> None:
        """Import people; each has at least an address, and gave consent where nothing is said."""
        rows = [{"consent_basis": "consent", "consent_at": "2026-01-01", **one} for one in people]
        names = sorted({name for row in rows for name in row})
        path = self.folder / "people.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
        report = self.workspace.contacts.import_file(path)
        assert not report.rejected

    def enrol_public(self, size: int) -> None:
        """Import so many members of the public, who all share one variant."""
        self.enrol({"email": address(at), "sector": "public"} for at in range(size))

    def approved(self) -> Campaign:
        campaign = self.campaigns.create("news", author="ana")
        campaign.approve(by="ben")
        return campaign

    def sole_sender(self, campaign: Campaign) -> AbstractContextManager[Holds]:
        """Be the one process that sends a campaign."""
        return self._office.sole_sender(campaign.id)

    def sending(self, campaign: Campaign, provider: Provider) -> tuple[Dispatch, list[Batch]]:
        """Return what a send of the campaign would dispatch, batch by batch."""
        row = posts(campaign._contents.messages(), self.audiences())
        signer = self.signer([provider])
        if campaign.state is CampaignState.APPROVED:
            self.ledger.move_campaign(
                campaign._number, campaign.state, CampaignState.SENDING, Deed(self.clock())
            )
        dispatch = Dispatch(self.ledger, campaign.id, row, provider, signer, self.clock)
        return dispatch, self.ledger.open_batches(campaign._number)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the workspace."""
        path = self.folder / name
        content = path.read_text("utf-8")
        assert old in content
        path.write_text(content.replace(old, new), "utf-8")

    def tamper(self, statement: str) -> None:
        """Change the database behind the library's back."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.begin() as changing:
                changing.exec_driver_sql("SET LOCAL session_replication_role = replica")
                changing.exec_driver_sql(statement)
            return
        url = f"sqlite:///{self.folder / 'tigc-mail.db'}"
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            triggers = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(statement)
            for _, sql in triggers:
                connection.exec_driver_sql(sql)

    def fates(self, campaign: Campaign) -> dict[str, tuple[str, str | None]]:
        """Return the state and the reason of each recipient of a campaign, by address."""
        query = (
            "SELECT email, state, reason FROM deliveries"
            " JOIN contacts ON contacts.id = contact_id"
            " WHERE campaign = :campaign ORDER BY deliveries.id"
        )
        with self.engine.connect() as connection:
            rows = connection.execute(text(query), {"campaign": campaign._number})
            return {email: (state, reason) for email, state, reason in rows}

    def states(self, campaign: Campaign) -> dict[str, str]:
        """Return the state of each recipient of a campaign, by address."""
        return {email: state for email, (state, _) in self.fates(campaign).items()}

    def outbox(self) -> list[str]:
        """Return the names of what stands in the outbox, hidden files included."""
        return sorted(path.name for path in (self.folder / "outbox").glob("*"))


def address(at: int) -> str:
    """Return the address of the so-manyth member of the public."""
    return f"reader{at}@example.org"


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Have the system refuse the octets of a file beyond `size`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def shipment(world: World, numbers: range) -> Shipment:
    """Return messages to so many members of the public, as dispatch hands them over."""
    edition, audience = world.edition("news"), world.audiences()["public"]
    message = world.workspace.compile(edition, audience, "en", frozenset())
    delivery_ids = [f"news-001-{number}" for number in numbers]
    emails, nothing = [address(number) for number in numbers], [""] * len(numbers)
    tokens = Signer("a key for nothing but tests").tokens(delivery_ids)
    people = Addressees(
        delivery_ids, tokens, emails, nothing, nothing, nothing, nothing, nothing, {}
    )
    pairs = zip(delivery_ids, emails, strict=True)
    envelopes = [Envelope(name, audience.sender.address, email) for name, email in pairs]
    return Shipment(message, envelopes, slot_values(message, people, NOON))


def worlds(
    folder: Path,
    kind: type[World] = World,
    database: str = "sqlite:///tigc-mail.db",
    first: int = 1,
) -> Iterator[World]:
    """Yield a world and close what it opened."""
    world = kind(folder, database=database, first=first)
    yield world
    world.engine.dispose()
