"""The contact sheet: every message of an edition at a glance, for whoever approves it."""

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from tigc_mail.content.edition import Edition
from tigc_mail.errors import DocumentError, Fault, UsageError
from tigc_mail.ground.files import write_files
from tigc_mail.ground.language import direction, translated
from tigc_mail.ground.marking import Marking
from tigc_mail.interfaces.checking import Checked
from tigc_mail.interfaces.preview.camera import WIDTH, Camera
from tigc_mail.interfaces.preview.frame import Mode, framed
from tigc_mail.interfaces.preview.studio import Proof, Studio, Wanted
from tigc_mail.people.audience import Audience
from tigc_mail.render.lint.finding import Severity, Variant

SUFFIXES = (".png", ".pdf")
"""The kinds of files that a contact sheet is written into."""

ROOM = 1_020, 415
"""Pixels on paper for the messages of one row, which are the languages of one audience."""

LARGEST = 0.4
"""How large a message is at most, also where there is room for more."""

MOST_STRIPS = 20
_EDGE, _GAP = 34, 6
"""Pixels around the strips of a message, and between two of them."""

_LANGUAGES = {"en": "English", "fr": "French", "es": "Spanish", "ar": "Arabic"}

_pages = Environment(
    loader=PackageLoader("tigc_mail.interfaces", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
)


class Strip(NamedTuple):
    """A part of a message, from its top on."""

    source: str
    """A `data:` address of its picture."""
    width: int
    """Pixels on paper."""


@dataclass(frozen=True)
class Shot:
    """One message on the sheet."""

    variant: Variant
    audience: Audience
    proof: Proof | None
    """None where it cannot be rendered."""
    strips: tuple[Strip, ...]
    found: Mapping[Severity, int]
    """How many findings concern it."""
    faults: tuple[Fault, ...]
    """Why it cannot be rendered."""

    @property
    def told(self) -> dict[str, object]:
        """What stands beside its picture."""
        locale = self.variant.locale
        known: dict[str, object] = {}
        if self.proof is not None:
            size = len(self.proof.message.html.encode())
            known = {
                "subject": self.proof.message.subject,
                "marking": self.proof.edition.marking,
                "size": f"{round(size / 1000):,} KB",
                "digest": self.proof.compiled.digest,
            }
        return {
            "audience": self.audience.display_name,
            "ceiling": self.audience.ceiling,
            "language": _LANGUAGES[locale],
            "locale": locale,
            "direction": direction(locale),
            "shown": self.variant.shown,
            "strips": self.strips,
            "found": {severity.value: count for severity, count in self.found.items() if count},
            "faults": self.faults,
            **known,
        }


@dataclass(frozen=True)
class Sheet:
    """The messages of an edition, photographed."""

    edition: Edition
    moment: datetime
    checked: Checked | None
    """None where it could not be checked."""
    shots: tuple[Shot, ...]

    @property
    def marking(self) -> Marking:
        """How far the sheet may travel: no further than any message on it."""
        made = (shot.proof.edition.marking for shot in self.shots if shot.proof)
        return max(made, default=Marking.CLEAR)

    @property
    def complete(self) -> bool:
        """Whether every message could be rendered."""
        return all(shot.proof for shot in self.shots)

    def to_json(self, files: Sequence[Path]) -> dict[str, object]:
        """Return it for programs, with the files that it was written into."""
        return {
            "edition": self.edition.id,
            "marking": self.marking.value,
            "messages": len(self.shots),
            "complete": self.complete,
            "files": [str(file) for file in files],
        }

    def files(self, camera: Camera, suffixes: tuple[str, ...] = SUFFIXES) -> dict[str, bytes]:
        """Return it as files by suffix."""
        told = {
            "edition": self.edition.id,
            "title": translated(
                self.edition.subject.everyone, self.edition.language, self.edition.language
            ),
            "kind": self.edition.kind,
            "marking": self.marking,
            "moment": f"{self.moment:%d %B %Y, %H:%M} UTC",
            "clean": self.checked and self.checked.clean,
            "several": any(shot.variant.shown for shot in self.shots),
            "columns": len(self.edition.languages),
            "rows": [[shot.told for shot in row] for _, row in groupby(self.shots, _readers)],
            "messages": len(self.shots),
        }
        made = {}
        if ".png" in suffixes:
            made[".png"] = camera.png(_page("sheet.html.j2", **told, paper=False))
        if ".pdf" in suffixes:
            edges = [_page("sheet_edge.html.j2", **told, place=each) for each in ("top", "bottom")]
            made[".pdf"] = camera.pdf(_page("sheet.html.j2", **told, paper=True), *edges)
        return made


def photograph(
    studio: Studio,
    name: str,
    camera: Camera,
    advance: Callable[[float], None] = lambda _: None,
    checking: Callable[[float], None] = lambda _: None,
) -> Sheet:
    """Check an edition, and take its pictures.

    Args:
        studio: what renders.
        name: the id of the edition.
        camera: what takes the pictures.
        advance: called with 0 when the first is taken, and with 1 for each message.
        checking: the same for the check before.

    Raises:
        UsageError: if there is no such edition.
        DocumentError: if its file is wrong.
    """
    edition, audiences = _edition(studio, name), studio.audiences()
    answer = studio.check(name, checking)
    checked = None if answer.faults else answer.last
    findings = checked.findings if checked else ()

    def shots() -> Iterator[Shot]:
        advance(0)
        for variant in studio.variants(edition):
            answer = studio.proof(Wanted(name, variant))
            proof = None if answer.faults else answer.last
            strips = tuple(_strips(camera, proof, len(edition.languages))) if proof else ()
            concerning = (
                each for each in findings if variant in each.variants or not each.variants
            )
            found = Counter(each.severity for each in concerning)
            audience = audiences[variant.audience]
            yield Shot(variant, audience, proof, strips, found, answer.faults)
            advance(1)

    with studio.workspace() as workspace:
        now = workspace.now()
    return Sheet(edition, now, checked, tuple(shots()))


def write_sheets(
    studio: Studio,
    names: list[str],
    out: Path,
    camera: Camera,
    advance: Callable[[float], None] = lambda _: None,
) -> Iterator[tuple[Sheet, list[Path]]]:
    """Write the contact sheets of editions, and yield each with its files.

    Args:
        studio: what renders.
        names: the ids of the editions.
        out: a folder, which gets a PNG and a PDF of each; or the name of one such file.
        camera: what takes the pictures.
        advance: called with 1 for each message.

    Raises:
        UsageError: if there is no such edition, or one file is named for several.
        DocumentError: if the file of an edition is wrong.
        OutputError: if the folder or the disk does not take the files.
    """
    single = _is_file(names, out)
    for name in names:
        sheet = photograph(studio, name, camera, advance)
        suffixes = (out.suffix.lower(),) if single else SUFFIXES
        made = sheet.files(camera, suffixes)
        if single:
            yield sheet, write_files(out.parent, {out.name: made[suffixes[0]]})
        else:
            contents = {f"{name}{suffix}": content for suffix, content in made.items()}
            yield sheet, write_files(out, contents)


def require_place(out: Path) -> None:
    """Refuse a name that is meant for a file of another type, and would become a folder.

    A folder that is there may be called as it likes, and a new one `sheets-2026.11`.

    Raises:
        UsageError: if it is none of a PNG, a PDF and a folder.
    """
    ending = out.suffix
    if ending.lower() in SUFFIXES or not ending[1:2].isalpha() or out.is_dir():
        return
    cure = "Name a file that ends in .png or .pdf, or a folder, which has no ending."
    raise UsageError(f"ends in {ending}, which no contact sheet is made as", str(out), cure)


def count_messages(studio: Studio, names: list[str], out: Path) -> int:
    """Return how many messages `write_sheets` is going to take pictures of.

    Raises:
        UsageError: if there is no such edition, or one file is named for several.
        DocumentError: if the file of an edition is wrong.
    """
    _is_file(names, out)
    return sum(len(studio.variants(_edition(studio, name))) for name in names)


def _is_file(names: list[str], out: Path) -> bool:
    """Return whether it is one file that is named, which takes one edition."""
    if out.suffix.lower() not in SUFFIXES:
        return False
    if len(names) != 1:
        cure = "Choose one with --edition, or name a folder, which gets a PNG and a PDF of each."
        raise UsageError(f"names one file, and there are {len(names)} editions", str(out), cure)
    return True


def _edition(studio: Studio, name: str) -> Edition:
    answer = studio.edition(name)
    if answer.last is None or answer.faults:
        with studio.workspace() as workspace:
            workspace.edition(name)  # raises what is wrong
        raise DocumentError(answer.faults)
    return answer.last


def _readers(shot: Shot) -> tuple[str, tuple[str, ...]]:
    """Return who reads a message, in whatever language."""
    return shot.variant.audience, shot.variant.shown


def _strips(camera: Camera, proof: Proof, columns: int) -> Iterator[Strip]:
    """Yield a message in as many strips as show it largest beside those in other languages."""

    def scale(height: int, number: int) -> float:
        across = (ROOM[0] / columns - _EDGE - (number - 1) * _GAP) / (number * WIDTH)
        return min(across, ROOM[1] * number / height, LARGEST)

    def number(height: int) -> int:
        return max(range(1, MOST_STRIPS + 1), key=partial(scale, height))

    height, pictures = camera.strips(framed(proof.message.html, Mode.LIGHT), number)
    width = int(WIDTH * scale(height, len(pictures)))
    for picture in pictures:
        yield Strip(f"data:image/jpeg;base64,{b64encode(picture).decode()}", width)


def _page(name: str, **told: object) -> str:
    return _pages.get_template(name).render(**told)
