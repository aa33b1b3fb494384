"""Two messages of one edition side by side: what is the same in them, and what is not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, TypeAlias

from lxml import html as lxml_html
from starlette.requests import Request
from starlette.routing import Route

from tigc_mail.content.block import AnyBlock
from tigc_mail.content.tailoring import visible
from tigc_mail.errors import Fault, TigcMailError
from tigc_mail.ground.language import direction
from tigc_mail.interfaces.preview.answers import told_faults
from tigc_mail.interfaces.preview.asking import required, wanted_of
from tigc_mail.interfaces.preview.endpoints import get
from tigc_mail.interfaces.preview.regions import Region
from tigc_mail.interfaces.preview.studio import Proof, Studio, Wanted
from tigc_mail.interfaces.preview.words import pieces
from tigc_mail.people.audience import Audience
from tigc_mail.render.authored import texts_of
from tigc_mail.render.lint.envelope import preheader_of

_SAID = frozenset({"title", "body", "speaker", "role", "alt", "caption", "label", "url"})
"""The texts of a block that are compared where its page could not be traced."""

Showing: TypeAlias = Literal["shown", "above-ceiling", "for-others", "not-chosen", "absent"]
"""What becomes of a block in a message: it is there, or why it is not."""


def routes(studio: Studio) -> list[Route]:
    """Return the addresses at which the page asks what differs."""
    return [get("differences", _differences, studio), get("revisions", _revisions, studio)]


def _revisions(studio: Studio, request: Request) -> dict[str, Any]:
    found = studio.revisions.of(required(request, "edition"))
    return {"revisions": [revision._asdict() for revision in found]}


def _differences(studio: Studio, request: Request) -> dict[str, Any]:
    """Tell what differs between the message asked for, and that of the values named `other_`."""
    (left, faults), (right, others) = (
        _side(studio, wanted_of(request, prefix)) for prefix in ("", "other_")
    )
    return {
        "left": _told(left, faults),
        "right": _told(right, others),
        "heads": [] if left is None or right is None else [*_heads(left, right)],
        "blocks": [] if left is None or right is None else [*_rows(left, right)],
    }


@dataclass(frozen=True)
class Side:
    """One of two messages."""

    proof: Proof
    showing: Mapping[str, Showing]
    """What becomes of every block of the edition, by id, in their order."""
    regions: Mapping[str, Region]
    """What is read of those that are shown."""

    @property
    def heads(self) -> Mapping[str, str]:
        """What stands around the blocks."""
        message, compiled = self.proof.message, self.proof.compiled
        return {
            "Sender": compiled.letterhead.sender_name,
            "Subject": message.subject,
            "Preheader": preheader_of(lxml_html.document_fromstring(message.html)),
            "Attached files": ", ".join(one.name for one in compiled.attachments),
        }


def _side(studio: Studio, wanted: Wanted) -> tuple[Side | None, tuple[Fault, ...]]:
    """Return a side, the last that could be made, and what is wrong with it."""
    answer = studio.proof(wanted)
    if answer.last is None:
        return None, answer.faults
    shown = [block.id for block in answer.last.edition.blocks]
    showing: dict[str, Showing] = dict.fromkeys(shown, "shown")
    regions: Mapping[str, Region] = {}
    with suppress(TigcMailError, OSError):  # where the files are wrong by now, the answer tells it
        regions = studio.regions(wanted, answer.last).blocks
        with studio.lent(wanted) as (workspace, _):
            audience = workspace.audience(wanted.variant.audience)
            blocks = workspace.edition(wanted.edition).blocks
        if not answer.faults:
            showing = {block.id: _showing(block, audience, shown) for block in blocks}
    if not regions.keys() >= set(shown):
        regions = dict(_as_written(answer.last))
    return Side(answer.last, showing, regions), answer.faults


def _showing(block: AnyBlock, audience: Audience, shown: Collection[str]) -> Showing:
    if block.id in shown:
        return "shown"
    if not audience.ceiling.allows(block.marking):
        return "above-ceiling"
    if not block.is_for(audience.id):
        return "for-others"
    return "above-ceiling" if visible(block, audience) is None else "not-chosen"


def _as_written(proof: Proof) -> Iterator[tuple[str, Region]]:
    """Yield the blocks as their authors wrote them, for a page that could not be traced."""
    texts = texts_of(proof.edition)
    for block in proof.edition.blocks:
        own = f"blocks[{block.id}]."
        said = (texts[path] for path in texts if path.startswith(own) and path[len(own) :] in _SAID)
        yield block.id, Region(tuple("\n".join(said).split("\n")), "")


def _told(side: Side | None, faults: tuple[Fault, ...]) -> dict[str, Any]:
    if side is None:
        return {"faults": told_faults(faults)}
    edition = side.proof.edition
    return {
        "digest": side.proof.digest,
        "locale": edition.locale,
        "direction": direction(edition.locale),
        "faults": told_faults(faults),
    }


def _heads(left: Side, right: Side) -> Iterator[dict[str, Any]]:
    for name, before in left.heads.items():
        after = right.heads[name]
        if before or after:
            yield {"name": name, "same": before == after, **_texts(left, right, [before], [after])}


def _texts(left: Side, right: Side, before: Sequence[str], after: Sequence[str]) -> dict[str, Any]:
    """Return two texts: as one where they are of one language, else one beside the other."""
    if left.proof.edition.locale != right.proof.edition.locale:
        return {"left": "\n".join(before), "right": "\n".join(after)}
    return {"pieces": [piece._asdict() for piece in pieces(before, after)]}


def _rows(left: Side, right: Side) -> Iterator[dict[str, Any]]:
    """Yield every block that a side shows, or must not show: of the latter, only the id."""
    moved = _moved(left, right)
    for name in _merged([*left.showing], [*right.showing]):
        showing = (left.showing.get(name, "absent"), right.showing.get(name, "absent"))
        row = {"id": name, "left_showing": showing[0], "right_showing": showing[1]}
        match showing:
            case ("shown", "shown"):
                yield row | {"moved": name in moved} | _compared(left, right, name)
            case ("shown", _):
                yield row | {"status": "left", **_texts(left, right, left.regions[name].lines, ())}
            case (_, "shown"):
                yield row | {
                    "status": "right",
                    **_texts(left, right, (), right.regions[name].lines),
                }
            case _ if "above-ceiling" in showing:
                yield row | {"status": "withheld"}


def _compared(left: Side, right: Side, name: str) -> dict[str, Any]:
    """Return whether a block that both sides show is the same in them.

    Of two languages, only the words count: each has a look of its own.
    """
    before, after = left.regions[name], right.regions[name]
    translated = left.proof.edition.locale != right.proof.edition.locale
    if before == after or (translated and before.lines == after.lines):
        return {"status": "same"}
    if before.lines == after.lines:
        return {"status": "changed", "only_looks": True}
    return {"status": "changed", **_texts(left, right, before.lines, after.lines)}


def _shown(side: Side) -> list[str]:
    return [name for name, showing in side.showing.items() if showing == "shown"]


def _moved(left: Side, right: Side) -> set[str]:
    """Return the blocks of both sides that stand in another order."""
    both = set(_shown(left)) & set(_shown(right))
    before, after = ([name for name in _shown(side) if name in both] for side in (left, right))
    kept = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return both.difference(*(before[found.a : found.a + found.size] for found in kept))


def _merged(left: list[str], right: list[str]) -> list[str]:
    """Return the ids of both sides in the order of the right one, each once."""
    order, at = list(right), 0
    for name in left:
        if name in order:
            at = order.index(name) + 1
        else:
            order.insert(at, name)
            at += 1
    return order
