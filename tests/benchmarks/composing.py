"""(a) Composing complete MIME messages, beside the naive pipeline and a bare join of bytes."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html import unescape
from pathlib import Path
from statistics import median

from tests.benchmarks import world
from tests.benchmarks.measuring import timed
from tests.benchmarks.naive import NaivePipeline
from tests.benchmarks.readers import reader
from tests.benchmarks.report import Figure, Goal, Result

from tigc_mail import CompiledMessage, Workspace
from tigc_mail.delivery.addressing import Addressees, slot_values
from tigc_mail.delivery.planning import BATCH_SIZE
from tigc_mail.delivery.tokens import Signer
from tigc_mail.ground.language import Locale
from tigc_mail.render.message import Columns

ABOUT = """\
Timed for the splice: a batch's values in, complete messages (headers, text, HTML, calendar) out;
that is escaping, transfer encoding and joining. Every batch has other readers. The values themselves
(database, greeting, signature of the links) are timed with `sending`. Names and organisations that
several readers share are remembered from batch to batch, as in a send.
The naive pipeline gets its values and its calendar ready made: Jinja, MJML, premailer and
EmailMessage for each.
The bare join gets the same literals and the same values, encoded already, a row a recipient."""

AUDIENCE = "government"
LOCALE: Locale = "en"


@dataclass
class _Seconds:
    """Seconds a message, one entry a round."""

    naive: list[float] = field(default_factory=list)
    splice: list[float] = field(default_factory=list)
    encode: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    prepared: list[float] = field(default_factory=list)


def run(folder: Path, *, quick: bool) -> Result:
    """Measure it in a workspace laid down below `folder`."""
    workspace = Workspace.open(world.lay_down(folder / "composing", 0))
    compiled = world.variants(workspace)
    edition, audience = workspace.edition(world.EDITION), workspace.audience(AUDIENCE)
    shown = frozenset(block.id for block in edition.conditional_blocks(audience))
    tailored = edition.for_audience(audience, LOCALE, shown)
    message = workspace.compile(edition, audience, LOCALE, shown)
    naive = NaivePipeline(workspace, tailored)
    seconds = _Seconds()
    for columns in _batches(message, 4 if quick else 30):
        _measure(message, columns, seconds)
    for columns in _batches(message, 4 if quick else 20):
        _measure_naive(message, naive, columns, seconds)
    return _result(message, list(compiled.values()), seconds)


def _measure(message: CompiledMessage, columns: Columns, seconds: _Seconds) -> None:
    with timed() as encoding:
        splice = message.splice(columns)
    with timed() as joining:
        deque(splice, maxlen=0)
    rows = list(zip(*splice.columns, strict=True))
    with timed() as bare:
        deque(_bare(splice.literals, rows), maxlen=0)
    whole = [_interleaved(splice.literals, row) for row in rows]
    with timed() as prepared:
        deque(map(b"".join, whole), maxlen=0)
    size = len(rows)
    seconds.encode.append(encoding.seconds / size)
    seconds.splice.append((encoding.seconds + joining.seconds) / size)
    seconds.bare.append(bare.seconds / size)
    seconds.prepared.append(prepared.seconds / size)


def _measure_naive(
    message: CompiledMessage, naive: NaivePipeline, columns: Columns, seconds: _Seconds
) -> None:
    """Time the naive pipeline apart: what it leaves in the caches slows whatever comes next."""
    few = [{slot: column[at] for slot, column in columns.items()} for at in range(20)]
    with timed() as slow:
        contents = [naive.compose(values) for values in few]
    _require_alike(contents[1], message.fill(few[1]).as_bytes())
    seconds.naive.append(slow.seconds / len(few))


def _bare(literals: Sequence[bytes], rows: Sequence[tuple[bytes, ...]]) -> Iterator[bytes]:
    """Join literals and values, as plainly as it can be written."""
    parts = [b""] * (2 * len(literals) - 1)
    parts[0::2] = literals
    for row in rows:
        parts[1::2] = row
        yield b"".join(parts)


def _interleaved(literals: Sequence[bytes], row: Sequence[bytes]) -> list[bytes]:
    parts = [b""] * (2 * len(literals) - 1)
    parts[0::2], parts[1::2] = literals, row
    return parts


def _batches(message: CompiledMessage, count: int) -> Iterator[Columns]:
    """Yield the values of so many full batches, each of other readers."""
    signer, now = Signer("a key for nothing but benchmarks"), datetime.now(UTC)
    for batch in range(count):
        some = [reader(batch * BATCH_SIZE + at + 1) for at in range(BATCH_SIZE)]
        ids = [f"{world.EDITION}-0f3a9c-{one.id}" for one in some]
        people = Addressees(
            delivery_ids=ids,
            tokens=signer.tokens(ids),
            emails=[one.email for one in some],
            given_names=[one.given_name for one in some],
            family_names=[one.family_name for one in some],
            organisations=[one.organisation for one in some],
            roles=[one.role for one in some],
            countries=[one.country for one in some],
            attributes={
                "page": [one.page for one in some],
                "region": [one.region for one in some],
            },
        )
        yield slot_values(message, people, now)


def _require_alike(ours: bytes, theirs: bytes) -> None:
    """Make sure that both ways show a reader the same."""
    one, other = (message_from_bytes(content, policy=default) for content in (ours, theirs))
    for kind in ("plain", "html"):
        shown = [part.get_body((kind,)) for part in (one, other)]
        first, second = (unescape(part.get_content()).split() for part in shown if part is not None)
        assert first == second, kind


def _result(
    message: CompiledMessage, variants: Sequence[CompiledMessage], seconds: _Seconds
) -> Result:
    naive, splice, bare = (median(times) for times in (seconds.naive, seconds.splice, seconds.bare))
    sizes = [world.html_size(variant) for variant in variants]
    literals = sum(len(part) for part in message.wire if isinstance(part, bytes))
    encode, prepared = median(seconds.encode), median(seconds.prepared)
    return Result(
        title="composing: complete MIME messages on one core",
        about=ABOUT,
        figures=(
            Figure(
                "HTML",
                world.html_size(message) / 1000,
                "KB",
                f"of {len(sizes)} variants, {min(sizes) / 1000:.1f} to {max(sizes) / 1000:.1f}",
            ),
            Figure("places of slots", len(world.places(message)), "", "in all three parts"),
            Figure("message", literals / 1000, "KB", "without values"),
            Figure("naive pipeline", 1 / naive, "messages/s", f"{naive * 1e3:.1f} ms each"),
            Figure(
                "splice",
                1 / splice,
                "messages/s",
                f"{splice * 1e6:.2f} us each, {encode * 1e6:.2f} of them encoding",
            ),
            Figure("bare join", 1 / bare, "messages/s", f"{bare * 1e6:.2f} us each"),
            Figure(
                "bare join of ready lists",
                1 / prepared,
                "messages/s",
                f"{prepared * 1e6:.2f} us each: the same, its lists of pieces made beforehand",
            ),
        ),
        goals=(
            Goal("splice / naive pipeline", naive / splice, 300, " times", at_least=True),
            Goal("splice / bare join", bare / splice, 0.5, at_least=True),
        ),
    )
