"""The workspace: the folder that a team edits, and everything that can be done with it."""

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from weakref import finalize

from sqlalchemy import Engine, make_url

from tigc_mail.content.edition import Edition
from tigc_mail.content.load import FILE as EDITION_FILE
from tigc_mail.content.load import edition_folder, list_editions, load_in_workspace
from tigc_mail.content.tailored import Fallback, TailoredEdition
from tigc_mail.delivery.addressing import sample_values
from tigc_mail.delivery.campaigns import Campaigns
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.pace import Limits
from tigc_mail.delivery.providers import open_provider, providers
from tigc_mail.delivery.providers.protocol import Opening, Provider
from tigc_mail.delivery.retrying import RetryPolicy
from tigc_mail.delivery.tokens import Signer
from tigc_mail.errors import (
    ConfigurationError,
    DocumentError,
    StoreError,
    UsageError,
)
from tigc_mail.ground.database import LONGEST_WAIT, open_engine
from tigc_mail.ground.documents import Step
from tigc_mail.ground.fingerprint import fingerprint
from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.ground.reading import content_of
from tigc_mail.interfaces.kept import Kept
from tigc_mail.interfaces.manuscripts import author_texts, edition_document
from tigc_mail.interfaces.pacing import PaceOptions
from tigc_mail.interfaces.settings import Settings, database_url, load_settings, setting_place
from tigc_mail.interfaces.shipped import lay_down, require_workspace
from tigc_mail.people.audience import Audience, load_audiences
from tigc_mail.people.contact import Contact
from tigc_mail.people.contacts import Contacts
from tigc_mail.people.segment import Segment
from tigc_mail.render.cache import CompiledCache
from tigc_mail.render.compiler import Compiler
from tigc_mail.render.message import CompiledMessage, RenderedMessage
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import Links

LOCAL_KEY = "links of messages that never leave this machine"
"""Signs links where no secret key is set, which only providers for this machine allow."""


def known_contact(contacts: Contacts, email: str, place: str) -> Contact:
    """Return the contact with an address, in any case.

    Args:
        contacts: those of the workspace.
        email: the address.
        place: where it was given, for the message.

    Raises:
        UsageError: if there is none.
    """
    found = contacts.get(email)
    if found is None:
        cure = "Check the spelling, or import the contact."
        raise UsageError("there is no contact with this address", place, cure)
    return found


class Workspace:
    """A folder with audiences, templates, editions and settings; its contacts and campaigns.

    A change of a file is seen by the next call; what did not change is not made again. Nothing is
    shared between two workspaces, and nothing is global.

    Args:
        folder: the folder.
        settings: its settings.
        patience: the seconds for which its database is waited for while another program holds it.
        reads: what reads the folder of audiences.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        patience: float = LONGEST_WAIT,
        reads: Callable[[Path], dict[str, Audience]] = load_audiences,
    ) -> None:
        self.folder = folder
        self._reads, self._patience = reads, patience
        self.settings = settings
        self._audiences: Kept[dict[str, Audience]] = Kept()
        self._editions: dict[str, Kept[Edition]] = {}
        self._made_templates: Kept[Templates] = Kept()

    @classmethod
    def open(cls, folder: str | Path = ".", *, patience: float = LONGEST_WAIT) -> "Workspace":
        """Open the workspace in a folder.

        Args:
            folder: the folder.
            patience: the seconds to wait for its database while another program holds it.

        Raises:
            UsageError: if the folder is not a workspace.
            ConfigurationError: if its settings are wrong.
        """
        folder = Path(folder).absolute()
        require_workspace(folder)
        return cls(folder, load_settings(folder), patience=patience)

    @classmethod
    def create(cls, folder: str | Path) -> "Workspace":
        """Lay down a copy of the shipped workspace and open it.

        Raises:
            UsageError: if the folder exists and is not empty.
            OutputError: if the folder or the disk does not take it; then nothing of it is left.
        """
        lay_down(Path(folder))
        return cls.open(folder)

    # People

    @cached_property
    def contacts(self) -> Contacts:
        """The people that the workspace knows."""
        return Contacts(self._engine, self.now)  # whose clock keeps the workspace open

    def known_attributes(self) -> tuple[str, ...] | None:
        """Return the names of the attributes that contacts have.

        Nothing depends on it: it is None where there is no contact, or no database that can be
        read; none is made for it.
        """
        try:
            known = self.known_contacts()
            return None if known is None else known.attributes()
        except StoreError:
            return None

    def known_contacts(self) -> Contacts | None:
        """Return the contacts; None where there is no database yet, and none is made for it."""
        return self.contacts if self.has_database() else None

    def audiences(self) -> Mapping[str, Audience]:
        """Return the audiences by id, in the order of their files.

        Raises:
            DocumentError: with every fault of every audience's file.
        """
        folder = self.folder / "audiences"
        return dict(self._audiences.of((folder,), lambda: self._reads(folder)))

    def audience(self, name: str) -> Audience:
        """Return the audience with that id.

        Raises:
            UsageError: if there is none.
            DocumentError: with every fault of every audience's file.
        """
        audiences = self.audiences()
        if name not in audiences:
            known = ", ".join(audiences)
            raise UsageError(f"there is no audience {name!r}", "audiences", f"There are {known}.")
        return audiences[name]

    # Content

    def editions(self) -> tuple[str, ...]:
        """Return the ids of the editions.

        Raises:
            DocumentError: if their folder cannot be read.
        """
        return list_editions(self.folder / "editions")

    def edition(self, name: str) -> Edition:
        """Return the edition with that id.

        Raises:
            UsageError: if there is none.
            DocumentError: with every fault of its file, and of those of audiences.
        """
        folder = edition_folder(self.folder / "editions", name)
        kept = self._editions.setdefault(folder.name, Kept())
        made_from = (folder, self.folder / "audiences")
        return kept.of(made_from, lambda: load_in_workspace(folder, self.audiences))

    def editions_about(self, events: Collection[str]) -> Iterator[Edition]:
        """Yield the editions that may tell of one of some events, as far as their files are right.

        Checking one of the others tells its faults. A file that names none of the events is not
        read as an edition, which takes a tenth of a second; one with escapes (`\\`) may name it.

        Args:
            events: the `uid` of each.
        """
        signs = [b"\\", *(uid.encode() for uid in events)] if events else []
        for name in self.editions():
            with suppress(DocumentError, OSError):
                content = content_of(self.folder / "editions" / name / EDITION_FILE)
                if any(sign in content for sign in signs):
                    yield self.edition(name)

    def place(self, edition: str, path: tuple[Step, ...]) -> str:
        """Return where a value of an edition's file stands, by its path there.

        Raises:
            DocumentError: if the file cannot be read.
        """
        return edition_document(self.folder, edition).fault(path, "").place

    # Rendering

    def render(
        self,
        edition: Edition | str,
        *,
        audience: str,
        locale: str | None = None,
        contact: Contact | str | None = None,
    ) -> RenderedMessage:
        """Return an edition as one person would get it.

        Args:
            edition: the edition, or its id.
            audience: the id of one of its audiences.
            locale: one of its languages; by default the contact's, or the edition's own.
            contact: whose values fill the slots and whose data decides on the conditional blocks:
                a contact or its address; by default an imaginary one, who sees all the blocks.

        Raises:
            UsageError: if there is no such audience, language or contact.
            DocumentError: if the edition or an audience is wrong.
            TemplateError: if a template is wrong.
            RenderError: if a value of the contact must not stand where a template puts it.
        """
        edition = self.edition(edition) if isinstance(edition, str) else edition
        reader = self._reader(contact)
        to = self.audience(audience)
        tailored = self._tailored(edition, to, _locale(edition, locale, reader), reader)
        compiler = self.compiler()
        message = compiler.compile(tailored)
        values = sample_values(message, reader, edition.id, self.now())
        rendered = compiler.fill(tailored, message, values)
        others = () if locale else _other_language(reader, tailored.locale)
        return replace(rendered, fallbacks=(*others, *tailored.fallbacks, *rendered.fallbacks))

    def compile(
        self, edition: Edition, audience: Audience, locale: Locale, shown: frozenset[str]
    ) -> CompiledMessage:
        """Compile one variant of an edition.

        Raises:
            TemplateError: if a template is wrong.
        """
        return self.compiler().compile(edition.for_audience(audience, locale, shown))

    def compiler(self) -> Compiler:
        """Return what compiles variants with the templates as they are now.

        Each distinct variant is compiled once and kept in `.tigc-mail/compiled/`.
        """
        folder = self.folder / "templates"
        state = fingerprint(folder)

        def unchanged() -> bool:
            same = fingerprint(folder) == state
            if not same:
                self._made_templates.forget()  # they may be of both
            return same

        return Compiler(
            cache=CompiledCache(self.folder / ".tigc-mail" / "compiled", self._secret or LOCAL_KEY),
            templates=lambda: self._made_templates.at(state, lambda: Templates(folder)),
            state=state,
            unchanged=unchanged,
            public_url=self.settings.public_url,
            sources=partial(author_texts, self.folder),
        )

    def fixed_texts(self) -> Iterable[str]:
        """Return the texts that no edition brings: of templates, theme, phrases and public links.

        Raises:
            DocumentError: if `theme.yaml` is wrong.
        """
        links = Links.under(self.settings.public_url, "")
        return (
            *self.compiler().templates().sources,
            links.unsubscribe,
            links.preferences,
            links.web,
        )

    # Delivery

    @cached_property
    def campaigns(self) -> Campaigns:
        """The editions on their way, and those that arrived."""
        office = Office(
            ledger=Ledger(self._engine),
            sources=self,
            clock=self.now,
            new_id=partial(secrets.token_hex, 3),
            locks=self._locks,
        )
        return Campaigns(office)

    def has_database(self) -> bool:
        """Return whether there is a database already, or one on a server: looking makes one."""
        url = make_url(database_url(self.folder, self.settings.database_url))
        path = Path(str(url.database))
        there = url.get_backend_name() != "sqlite"
        return there or (path.is_file() and path.stat().st_size > 0)

    def provider(self, name: str | None = None) -> Provider:
        """Open one provider; the first of the settings where none is named.

        Raises:
            UsageError: if there is none of that name.
            ConfigurationError: if its settings are wrong.
        """
        name = name or self.settings.provider.split(",")[0].strip()
        return open_provider(name, Opening(self.folder, self.settings.providers.get(name, {})))

    def open_providers(self, names: str | None = None) -> Sequence[Provider]:
        """Open several providers, which are tried in this order; those of the settings by default.

        Args:
            names: their names, a comma between.

        Raises:
            UsageError: if there is none of that name.
            ConfigurationError: if the settings of one are wrong.
        """
        chosen = map(str.strip, (names or self.settings.provider).split(","))
        with ExitStack() as opened:
            found: list[Provider] = []
            for name in dict.fromkeys(filter(None, chosen)):
                found.append(self.provider(name))
                opened.callback(found[-1].close)
            if not found:
                cure = f"There are {', '.join(providers())}."
                raise UsageError("names no provider", "provider", cure)
            opened.pop_all()
        return found

    def provider_names(self) -> str:
        """Return the names of the providers of the settings, a comma between."""
        return self.settings.provider

    def limits(self, provider: str) -> Limits:
        """Return how fast, how many and when a provider is handed mail."""
        schedule = self.settings.schedule
        options = self.settings.pace.get(provider, PaceOptions())
        return options.limits(None if schedule is None else schedule.window())

    def retry_policy(self) -> RetryPolicy:
        """Return how patient a send is with what is refused for now."""
        return self.settings.retry.policy()

    def test_addresses(self) -> frozenset[str]:
        """Return the keys of the addresses that may get every test."""
        return frozenset(address.lower() for address in self.settings.test_addresses)

    def signer(self, providers: Sequence[Provider]) -> Signer:
        """Return what signs the links of messages sent through some providers.

        Raises:
            ConfigurationError: if messages leave this machine and no secret key is set.
        """
        if self._secret is not None:
            return Signer(self._secret)
        for provider in providers:
            if provider.leaves_machine:
                cause = f"{provider.name} really sends, and no secret key is set to sign links with"
                cure = "Set it in the environment."
                raise ConfigurationError(cause, "TIGC_MAIL_SECRET_KEY", cure)
        return Signer(LOCAL_KEY)

    def now(self) -> datetime:
        """Return this moment in UTC: the clock of all that is done in the workspace."""
        return datetime.now(UTC)

    @property
    def _locks(self) -> Path:
        """The folder for locks: beside the database, which several workspaces may share."""
        url = self._engine.url
        if url.get_backend_name() != "sqlite" or not url.database:
            return self.folder / ".tigc-mail"
        return Path(url.database).resolve().parent / ".tigc-mail"

    @cached_property
    def _engine(self) -> Engine:
        url = database_url(self.folder, self.settings.database_url)
        engine = open_engine(url, setting_place("database_url"), patience=self._patience)
        finalize(self, engine.dispose)  # its connections go with the workspace
        return engine

    @property
    def _secret(self) -> str | None:
        secret = self.settings.secret_key
        return None if secret is None else secret.get_secret_value()

    def _reader(self, contact: Contact | str | None) -> Contact | None:
        if not isinstance(contact, str):
            return contact
        return known_contact(self.contacts, contact, "contact")

    def _tailored(
        self, edition: Edition, audience: Audience, locale: Locale, reader: Contact | None
    ) -> TailoredEdition:
        if reader is None:
            return edition.for_audience(audience, locale)
        conditional = edition.conditional_blocks(audience)
        shown = {
            block.id
            for block in conditional
            if block.show_when is None or Segment(block.show_when).matches(reader)
        }
        return edition.for_audience(audience, locale, frozenset(shown))


def _other_language(reader: Contact | None, locale: Locale) -> Iterator[Fallback]:
    """Yield that a whole message is in another language than its reader's."""
    wanted = reader.locale if reader else None
    if wanted is not None and wanted != locale:
        yield Fallback("edition", wanted, locale)


def _locale(edition: Edition, wanted: str | None, reader: Contact | None) -> Locale:
    if wanted is None:
        return edition.locale_for(reader.locale if reader else None)
    for locale in LOCALES:
        if locale == wanted:
            return locale
    cure = f"There are {', '.join(LOCALES)}."
    raise UsageError(f"there is no language {wanted!r}", "locale", cure)
