"""The studio: renders what the page asks for, and remembers what last went well.

Writers look at the page while they write: a file may be half saved, renamed, or wrong for a while.
Each answer holds what is wrong now and, beside it, the last message that could be made.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock, RLock
from typing import Generic, NamedTuple, TypeVar

from tigc_mail.content.edition import Edition
from tigc_mail.content.load import edition_folder, load_edition
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.addressing import sample_values
from tigc_mail.errors import DocumentError, Fault, TigcMailError
from tigc_mail.ground.fingerprint import fingerprint
from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.interfaces.checking import Checked, check_edition
from tigc_mail.interfaces.choices import choices_of
from tigc_mail.interfaces.kept import Kept
from tigc_mail.interfaces.preview.last_good import LastGood
from tigc_mail.interfaces.preview.readers import reader_of
from tigc_mail.interfaces.preview.regions import Regions, regions_of
from tigc_mail.interfaces.preview.revisions import Revisions
from tigc_mail.interfaces.settings import FILE as SETTINGS
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.people.audience import Audience
from tigc_mail.people.contact import Contact
from tigc_mail.render.layout import SourceLine
from tigc_mail.render.lint.finding import Variant
from tigc_mail.render.lint.page import Page
from tigc_mail.render.message import CompiledMessage, RenderedMessage, Values
from tigc_mail.render.templates import Templates

K = TypeVar("K")
T = TypeVar("T")

MAX_REMEMBERED = 500
"""How many messages are remembered; then it begins anew."""

MAX_TRACED = 60
"""Of how many messages it is remembered where their blocks stand."""


class Wanted(NamedTuple):
    """What of an edition is to be shown, and whose values are in it."""

    edition: str
    variant: Variant
    contact: str = ""
    """The number of a contact, or the name of somebody imaginary (see `readers`)."""
    revision: str = ""
    """The commit whose files are meant; empty for those that are saved now."""


@dataclass(frozen=True)
class Proof:
    """One message as its readers get it."""

    edition: TailoredEdition
    compiled: CompiledMessage
    values: Values
    """What stands in its slots."""
    reader: Contact
    message: RenderedMessage

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what is seen of it; equal digests, nothing to repaint."""
        seen = (self.message.subject, self.message.html, self.message.text)
        return sha256("\0".join(seen).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What could be made, and what is wrong."""

    last: T | None
    """Of now, or the last that could be made; None where none could be."""
    faults: tuple[Fault, ...] = ()
    """Why there is nothing newer; empty where it is of now."""


@dataclass
class Studio:
    """All that the preview knows of one workspace. Several threads may ask at the same time.

    Args:
        folder: that of the workspace.
        loaded: called once all that makes a message is loaded.
    """

    folder: Path
    loaded: Callable[[], object] = lambda: None
    _lock: RLock = field(default_factory=RLock)
    _opened: Kept[Workspace] = field(default_factory=Kept)
    _proofs: dict[Wanted, Proof] = field(default_factory=dict)
    _read: LastGood = field(default_factory=LastGood)
    _editions: dict[str, Edition] = field(default_factory=dict)
    _checks: dict[str, Checked] = field(default_factory=dict)
    _runs: "dict[str, _Run]" = field(default_factory=dict)
    _regions: dict[Wanted, tuple[str, Regions]] = field(default_factory=dict)
    revisions: Revisions = field(init=False)
    """Those of the workspace."""

    def __post_init__(self) -> None:
        self.revisions = Revisions(self.folder)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """Lend the workspace, with the settings as they are now, to one at a time.

        Raises:
            TigcMailError: if its settings are wrong.
        """
        with self._lock:
            settings = (self.folder / SETTINGS,)
            yield self._opened.of(settings, self._open)

    @contextmanager
    def alone(self, wanted: "Wanted | None" = None) -> Iterator[None]:
        """Let nobody else read the files meanwhile: what is told and what is wrong fit together.

        Args:
            wanted: what they are read for: of a revision it is not of these files, and takes long.
        """
        if wanted is not None and wanted.revision:
            yield
            return
        with self._lock:
            yield

    def _open(self) -> Workspace:
        opened = Workspace.open(self.folder)
        return Workspace(opened.folder, opened.settings, reads=self._read.read)

    def editions(self) -> Mapping[str, Answer[Edition]]:
        """Return every edition of the workspace by id, as far as its files are right.

        Raises:
            TigcMailError: if the workspace cannot be read at all.
        """
        with self.workspace() as workspace:
            return {name: self.edition(name) for name in workspace.editions()}

    def edition(self, name: str) -> Answer[Edition]:
        """Return an edition, with what is wrong with it and with the files of audiences."""

        def made() -> Edition:
            with self.workspace() as workspace:
                return workspace.edition(name)

        with self.alone():
            answer = _kept(made, name, self._editions)
            own = self._own_faults(name) if self._read.hopeless else answer.faults
            faults = (*self._read.all, *self._read.besides(own))
        return Answer(answer.last, tuple(dict.fromkeys(faults)))

    def _own_faults(self, name: str) -> tuple[Fault, ...]:
        """Return what is wrong with the file of an edition, as far as it needs no audience."""
        try:
            load_edition(edition_folder(self.folder / "editions", name), {})
        except (TigcMailError, OSError) as error:
            return faults_of(error)
        return ()

    @property
    def wrong_audiences(self) -> tuple[Fault, ...]:
        """What is wrong with the files of audiences, as they were read last, by whomever."""
        return self._read.all

    def audiences(self) -> Mapping[str, Audience]:
        """Return the audiences by id, or as each last was right: an edition tells their faults.

        Raises:
            TigcMailError: if none of them ever was right.
        """
        with self.workspace() as workspace:
            return workspace.audiences()

    def variants(self, edition: Edition) -> tuple[Variant, ...]:
        """Return the variants of an edition that the page shows, in order.

        Where there are more than a campaign may have, they are those that a check looks at.
        """
        audiences = self.audiences()
        return tuple(
            Variant(name, locale, choice)
            for name in edition.audiences
            if name in audiences  # else its file is gone, which the edition's faults tell
            for choice in choices_of(edition.conditional_blocks(audiences[name]))[0]
            for locale in edition.languages
        )

    def proof(self, wanted: Wanted) -> Answer[Proof]:
        """Return a message.

        Where the file of its audience is wrong, it is that of the audience as it last was right.
        """

        def made() -> Proof:
            with self.lent(wanted) as (workspace, reader):
                return _made(workspace, wanted, reader)

        with self.alone(wanted):
            if len(self._proofs) > MAX_REMEMBERED:
                self._proofs.clear()
            first = not self._proofs
            answer = self._with_wrong(wanted, _kept(made, wanted, self._proofs))
        if first and answer.last:
            self.loaded()
        return answer

    def _with_wrong(self, wanted: Wanted, answer: Answer[Proof]) -> Answer[Proof]:
        """Return a message with what is wrong with the file of its audience, and of no other."""
        if wanted.revision:
            return answer
        wrong = self._read.faults_of(wanted.variant.audience)
        faults = self._read.besides(answer.faults)
        if answer.faults and not faults:  # an audience is missed, whose file is wrong
            faults = self._read.unknown
        return Answer(answer.last, tuple(dict.fromkeys((*wrong, *faults))))

    def remembered(self, wanted: Wanted, digest: str) -> Proof | None:
        """Return a message that was made before, as far as it is the one of a digest.

        Args:
            wanted: which one.
            digest: the beginning of it; none is like that of no message.
        """
        proof = self._proofs.get(wanted)
        return proof if proof and digest and proof.digest.startswith(digest) else None

    def source(self, wanted: Wanted) -> tuple[SourceLine, ...]:
        """Return the MJML of a message line by line, each with its place in the authors' files.

        Raises:
            TigcMailError: if it cannot be made.
        """
        with self.lent(wanted) as (workspace, _):
            return workspace.compiler().source(_tailored(workspace, wanted))

    @contextmanager
    def lent(self, wanted: Wanted) -> Iterator[tuple[Workspace, Contact]]:
        """Lend the workspace that a message is made from, and whose values are in it, to one.

        Raises:
            TigcMailError: if there is no such person, or no such revision.
        """
        with self.workspace() as now:
            reader = reader_of(now, wanted.contact)
            if not wanted.revision:
                yield now, reader
                return
        with self.revisions.lent(now, wanted.revision, wanted.edition) as before:
            yield before, reader

    def regions(self, wanted: Wanted, proof: Proof) -> Regions:
        """Return where the blocks of a message stand in its page, which takes half a second.

        Raises:
            TigcMailError: if its templates are wrong by now.
        """
        digest, kept = self._regions.get(wanted, ("", None))
        if kept is None or digest != proof.digest:
            with self.lent(wanted) as (workspace, _):
                folder, public_url = workspace.folder, workspace.settings.public_url
            # Templates of its own: others may be rendering with those of the workspace.
            templates = Templates(folder / "templates")
            page = Page(wanted.variant, proof.edition, proof.compiled, public_url)
            kept = regions_of(page, proof.message.html, templates)
            if len(self._regions) > MAX_TRACED:
                self._regions.clear()
            self._regions[wanted] = proof.digest, kept
        return kept

    def count(self, name: str) -> int:
        """Return how many messages an edition has; 0 where its files or the audiences are wrong."""
        with suppress(TigcMailError, OSError):
            answer = self.edition(name)
            return len(self.variants(answer.last)) if answer.last else 0
        return 0

    def check(
        self, name: str, advance: Callable[[float], None] = lambda _: None
    ) -> Answer[Checked]:
        """Return what a check of an edition finds, which takes a second and more.

        Args:
            name: the id of the edition.
            advance: called with 0 when it begins, and with 1 for each message.
        """
        run = self._runs.setdefault(name, _Run(self.folder))
        return _kept(lambda: run.checked(name, advance), name, self._checks)


class _Outdated(Exception):  # noqa: N818 (it is no error: somebody asks for a newer check)
    """The files are others than those that are being checked."""


class _Run:
    """The checks of one edition: one at a time, and none of what was saved since."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._wanted: str | None = None
        """The fingerprint of the files whose check was asked for last."""
        self._found: tuple[str | None, Checked | None] = (None, None)

    def checked(self, name: str, advance: Callable[[float], None]) -> Checked:
        """Check the edition; or wait for another thread that does, and return what that found."""
        own = edition_folder(self._folder / "editions", name)
        others = (self._folder / each for each in ("audiences", "templates", SETTINGS))
        places = (own, *others)
        while True:
            before = self._found
            self._wanted = state = fingerprint(*places)

            def going(step: float, state: str | None = state) -> None:
                if self._wanted != state:
                    raise _Outdated
                advance(step)

            with self._lock, suppress(_Outdated):
                of, found = self._found
                newer = self._found is not before
                if found and newer and state is not None and of == state:
                    return found
                going(0)
                found = check_edition(Workspace.open(self._folder), name, advance=going)
                self._found = state, found
                return found


def _made(workspace: Workspace, wanted: Wanted, reader: Contact) -> Proof:
    tailored = _tailored(workspace, wanted)
    compiler = workspace.compiler()
    compiled = compiler.compile(tailored)
    values = sample_values(compiled, reader, tailored.id, workspace.now())
    return Proof(tailored, compiled, values, reader, compiler.fill(tailored, compiled, values))


def _tailored(workspace: Workspace, wanted: Wanted) -> TailoredEdition:
    edition, reader = workspace.edition(wanted.edition), wanted.variant
    audience = workspace.audience(reader.audience)
    return edition.for_audience(audience, reader.locale, frozenset(reader.shown))


def _kept(make: Callable[[], T], name: K, kept: dict[K, T]) -> Answer[T]:
    """Make something; where that fails, return the last that could be made, and why."""
    try:
        made = make()
    except (TigcMailError, OSError) as error:
        return Answer(kept.get(name), faults_of(error))
    kept[name] = made
    return Answer(made)


def faults_of(error: TigcMailError | OSError) -> tuple[Fault, ...]:
    """Return what is wrong, one thing at a time."""
    if isinstance(error, DocumentError):
        return error.faults
    if isinstance(error, TigcMailError):
        return (Fault(error.place, error.cause, error.cure),)
    cure = "Save the file once more; the page looks again at once."
    return (Fault(str(error.filename or ""), error.strerror or "cannot be read", cure),)


def language(name: str) -> Locale | None:
    """Return the language of that code; None where it is none of ours."""
    return next((locale for locale in LOCALES if locale == name), None)
