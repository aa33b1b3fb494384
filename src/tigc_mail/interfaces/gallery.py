"""The gallery: the editions of some campaigns rendered into files, and a page that links them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from tigc_mail.delivery.account import Status
from tigc_mail.ground.language import Locale, direction
from tigc_mail.interfaces.left_out import left_out, told_sums
from tigc_mail.interfaces.workspace import Workspace
from tigc_mail.people.audience import Audience
from tigc_mail.render.files import write_message


@dataclass(frozen=True)
class Leaf:
    """One rendered variant."""

    edition: str
    kind: str
    audience: str
    audience_name: str
    ceiling: str
    locale: Locale
    subject: str
    folder: str
    """Where its files are, from the page."""
    calendar: bool
    kilobytes: int


def write_gallery(
    workspace: Workspace,
    folder: Path,
    statuses: Sequence[Status],
    advance: Callable[[float], None],
) -> Path:
    """Render the editions of campaigns for every audience and language, and write `index.html`.

    Args:
        workspace: what is rendered.
        folder: where `rendered/` and the page go.
        statuses: the accounts of the campaigns, shown on the page.
        advance: called with 1 for each variant.

    Returns:
        The page.
    """
    leaves = []
    for leaf in _render(workspace, folder, [status.edition for status in statuses]):
        leaves.append(leaf)
        advance(1)
    pages = Environment(
        loader=PackageLoader("tigc_mail.interfaces", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    index = folder / "index.html"
    page = pages.get_template("gallery.html.j2").render(
        leaves=leaves,
        statuses=statuses,
        direction=direction,
        left_out=left_out,
        told_sums=told_sums,
    )
    index.write_text(page, "utf-8")
    return index


def _render(workspace: Workspace, folder: Path, names: Iterable[str]) -> Iterator[Leaf]:
    audiences = workspace.audiences()
    for name in names:
        edition = workspace.edition(name)
        for audience in edition.audiences:
            for locale in edition.languages:
                yield _leaf(workspace, folder, name, audiences[audience], locale)


def _leaf(
    workspace: Workspace, folder: Path, name: str, audience: Audience, locale: Locale
) -> Leaf:
    edition = workspace.edition(name)
    place = f"rendered/{name}/{audience.id}-{locale}"
    message = workspace.render(edition, audience=audience.id, locale=locale)
    write_message(message, folder / place)
    return Leaf(
        edition=name,
        kind=edition.kind,
        audience=audience.id,
        audience_name=audience.display_name,
        ceiling=audience.ceiling.value,
        locale=locale,
        subject=message.subject,
        folder=place,
        calendar=message.calendar is not None,
        kilobytes=round(len(message.html.encode()) / 1000),
    )
