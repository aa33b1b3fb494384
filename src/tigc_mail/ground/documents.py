"""Authors' YAML files: read, checked against a model, all faults reported at once with their place.

YAML 1.2 (so that the country code `NO` is a text and not a boolean), no duplicate keys, no tags.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError

from tigc_mail.errors import DocumentError, Fault
from tigc_mail.ground.keys import keys_at
from tigc_mail.ground.reading import LINE_BREAK, UnreadableError, content_of
from tigc_mail.ground.scalars import written_at
from tigc_mail.ground.spot import spot, undecodable
from tigc_mail.ground.wording import shortened, worded
from tigc_mail.ground.yaml import Repeated, Unmade, load, told_of

Step = str | int
Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES = 5_000_000
"""No author's YAML file is larger; one that is was not written by hand."""


class Frozen(BaseModel):
    """The base of every model read from an author's file: immutable; unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(NamedTuple):
    """The parsed content of one file, and where in it each value stands."""

    name: str
    """How messages call the file: its path within the workspace, with forward slashes."""
    content: Any
    text: str
    """The file as it was read."""
    repeated: tuple[Repeated, ...] = ()
    """The keys that stand twice."""

    def fault(self, path: Iterable[Step], cause: str, cure: str = "") -> Fault:
        """Return a fault at `path` (keys and indices) of this file."""
        path = tuple(path)
        line, column = _position(self.content, path)
        return Fault(self._place(path, f"line {line + 1}, column {column + 1}"), cause, cure)

    def place_within(self, path: tuple[Step, ...], offset: int) -> str:
        """Return the place of a letter of the text at `path`, which counts without outer blanks.

        Where the text is written with escapes that hide it, the place of the text.
        """
        found = written_at(self.text, self.content, path, offset)
        if found is None:
            return self.fault(path, "").place
        return self._place(path, spot(self.text, found))

    def _place(self, path: tuple[Step, ...], where: str) -> str:
        dotted = f": {_dotted(path)}" if path else ""
        return f"{self.name}{dotted} ({where})"

    def check(
        self,
        model: type[Model],
        *,
        named: str | None = None,
        refusal: tuple[str, str] = ("is not known here", "Remove it."),
        context: object = None,
    ) -> Model:
        """Return the content as `model`.

        Args:
            model: what it is read as; its fields are what a misspelt key may mean.
            named: the `id` of what is read, where that is the name of the file or its folder.
            refusal: cause and cure of an `id` that is written all the same.
            context: what the validators of the model are told.

        Raises:
            DocumentError: with every fault of the content, in the model's order.
        """
        faults = [*self._misread()]
        given = {} if named is None else {"id": named}
        faults += [self.fault((key,), *refusal) for key in given if key in self.content]
        try:
            content = {**self.content, **given} if given else self.content
            made = model.model_validate(content, context=context)
            if not faults:
                return made
        except ValidationError as error:
            told = {fault.place for fault in faults}
            faults += [one for one in self._faults_of(error, model) if one.place not in told]
        raise DocumentError(tuple(faults))

    def _misread(self) -> Iterator[Fault]:
        """Yield what is wrong with the content whatever it is read as."""
        for path, value in _walked(self.content):
            if isinstance(value, Unmade):
                yield self.fault(path, value.cause, value.cure)
            for one in self.repeated:
                if one.mapping is value:
                    where = f"line {one.line + 1}, column {one.column + 1}"
                    cause = f"the key `{shortened(one.key)}` stands twice"
                    yield Fault(self._place((*path, one.key), where), cause, "Keep one of them.")

    def _faults_of(self, error: ValidationError, model: type[BaseModel]) -> Iterable[Fault]:
        problems = error.errors(include_url=False)
        found = (
            _told(self, problem, model) for problem in problems if not _echoes(problem, problems)
        )
        return dict.fromkeys(found)


def read_document(path: Path, name: str) -> Document:
    """Read the YAML file at `path`.

    Args:
        path: the file.
        name: how messages call it.

    Raises:
        DocumentError: where the file is missing, not UTF-8, not YAML, or not a mapping. What else
            is wrong in it, `Document.check` tells.
    """
    text = _text(path, name)
    content, repeated = _parsed(text, name)
    if not isinstance(content, CommentedMap):
        raise _wrong(name, "holds no mapping of names to values", "Write one, `key: value`.")
    return Document(name, content, text, repeated)


def _text(path: Path, name: str) -> str:
    try:
        raw = content_of(path, MAX_BYTES + 1)
    except FileNotFoundError:
        raise _wrong(name, "no such file", "Write it, or check its name.") from None
    except UnreadableError as error:
        raise _wrong(name, error.cause, error.cure) from None
    if len(raw) > MAX_BYTES:
        raise _wrong(name, f"is larger than {MAX_BYTES // 1_000_000} MB", "Split it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(name, "is not UTF-8", "Save it as UTF-8.", undecodable(error)) from None
    return LINE_BREAK.sub("\n", text)


def _parsed(text: str, name: str) -> tuple[Any, tuple[Repeated, ...]]:
    try:
        return load(text)
    except DuplicateKeyError as error:
        where = _marked(error)
        raise _wrong(name, "the same key stands twice", "Keep one of them.", where) from None
    except MarkedYAMLError as error:
        cause, cure = told_of(error)
        raise _wrong(name, cause, cure, _marked(error)) from None


def _marked(error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _wrong(name: str, cause: str, cure: str, where: str = "") -> DocumentError:
    place = f"{name} ({where})" if where else name
    return DocumentError((Fault(place, cause, cure),))


def _dotted(path: tuple[Step, ...]) -> str:
    """Return `blocks[2].body.fr` for ("blocks", 2, "body", "fr")."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _walked(content: Any) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Yield every value of a file with its path, in order; a part in several places but once."""
    waiting: list[tuple[tuple[Step, ...], Any]] = [((), content)]
    seen = set[int]()
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, CommentedMap | CommentedSeq):
            if id(value) in seen:
                continue
            seen.add(id(value))
            inner = value.items() if isinstance(value, CommentedMap) else enumerate(value)
            waiting += reversed([((*at, step), each) for step, each in inner])
        yield at, value


def _position(content: Any, path: tuple[Step, ...]) -> tuple[int, int]:
    """Return line and column (from 0) of what stands at `path`, or of the nearest above it."""
    found = (0, 0)
    for step in path:
        if not isinstance(content, CommentedMap | CommentedSeq):
            break
        try:
            position = content.lc.key(step) if isinstance(content, CommentedMap) else None
            line, column, *_ = position or content.lc.item(step)
            content = content[step]
        except (KeyError, IndexError, TypeError):
            break
        found = (line, column)
    return found


def _echoes(problem: Any, problems: list[Any]) -> bool:
    """Return whether a list or mapping is called too short only because of what is wrong in it."""
    at = problem["loc"]
    return problem["type"] == "too_short" and any(
        other["loc"][: len(at)] == at and len(other["loc"]) > len(at) for other in problems
    )


def _told(document: Document, problem: Any, model: type[BaseModel]) -> Fault:
    """Return a pydantic problem in an author's words, at the path that the author wrote."""
    path = _written(document.content, problem["loc"], missing=problem["type"] == "missing")
    known = keys_at(model, document.content, path[:-1])
    return document.fault(path, *worded(problem, path[-1] if path else "", known))


def _written(content: Any, location: tuple[Step, ...], *, missing: bool) -> tuple[Step, ...]:
    """Drop from a pydantic location the steps that the author did not write (union tags, `[key]`).

    So no tag may have the name of a key in what it tags.

    Args:
        content: what the author wrote.
        location: where pydantic found the fault.
        missing: whether the last step is a key that the author should have written.
    """
    path: list[Step] = []
    last = len(location) - 1
    for at, step in enumerate(location):
        if _holds(content, step):
            content = content[step]
            path.append(step)
        elif missing and at == last and isinstance(content, CommentedMap):
            path.append(step)
    return tuple(path)


def _holds(content: Any, step: Step) -> bool:
    if isinstance(content, CommentedMap):
        return step in content
    return isinstance(content, CommentedSeq) and isinstance(step, int) and step < len(content)
