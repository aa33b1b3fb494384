"""Authors' YAML files: read, checked against a model, all faults reported at once with their place.

YAML 1.2 (so that the country code `NO` is a text and not a boolean), no duplicate keys, no tags.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError

from tigc_mail.errors import DocumentError, Fault
from tigc_mail.ground.wording import worded
from tigc_mail.ground.yaml import load, told_of

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

    def fault(self, path: Iterable[Step], cause: str, cure: str = "") -> Fault:
        """Return a fault at `path` (keys and indices) of this file."""
        path = tuple(path)
        line = _line(self.content, path)
        where = f": {_dotted(path)}" if path else ""
        return Fault(f"{self.name}{where} (line {line})", cause, cure)

    def check(self, model: type[Model]) -> Model:
        """Return the content as `model`.

        Raises:
            DocumentError: with every fault of the content.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            raise DocumentError(self.faults_of(error)) from None

    def faults_of(self, error: ValidationError) -> tuple[Fault, ...]:
        """Return the faults behind a validation error of this content, in the model's order."""
        problems = error.errors(include_url=False)
        found = [_told(self, problem) for problem in problems if not _echoes(problem, problems)]
        return tuple(dict.fromkeys(found))


def read_document(path: Path, name: str) -> Document:
    """Read the YAML file at `path`.

    Args:
        path: the file.
        name: how messages call it.

    Raises:
        DocumentError: where the file is missing, not UTF-8, not YAML, or not a mapping.
    """
    content = _parsed(_text(path, name), name)
    if not isinstance(content, CommentedMap):
        raise _wrong(name, "holds no mapping of names to values", "Write one, `key: value`.")
    return Document(name, content)


def _text(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _wrong(name, "no such file", "") from None
    except OSError as error:
        raise _wrong(
            name, f"cannot be read: {error.strerror}", "Look at the file and its rights."
        ) from None
    if len(raw) > MAX_BYTES:
        raise _wrong(name, f"is larger than {MAX_BYTES // 1_000_000} MB", "Split it.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _wrong(name, "is not UTF-8", "Save it as UTF-8.", line) from None


def _parsed(text: str, name: str) -> Any:
    try:
        return load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _wrong(name, "the same key stands twice", "Keep one of them.", line) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        cause, cure = told_of(error)
        raise _wrong(name, cause, cure, mark.line + 1 if mark else 1) from None


def _wrong(name: str, cause: str, cure: str, line: int | None = None) -> DocumentError:
    place = name if line is None else f"{name} (line {line})"
    return DocumentError((Fault(place, cause, cure),))


def _dotted(path: tuple[Step, ...]) -> str:
    """Return `blocks[2].body.fr` for ("blocks", 2, "body", "fr")."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _line(content: Any, path: tuple[Step, ...]) -> int:
    """Return the line (from 1) on which the value at `path` stands, or the nearest above it."""
    line = 1
    for step in path:
        if not isinstance(content, CommentedMap | CommentedSeq):
            break
        try:
            position = content.lc.key(step) if isinstance(content, CommentedMap) else None
            position = position or content.lc.item(step)
            content = content[step]
        except (KeyError, IndexError, TypeError):
            break
        line = position[0] + 1
    return line


def _echoes(problem: Any, problems: list[Any]) -> bool:
    """Return whether a list or mapping is called too short only because of what is wrong in it."""
    at = problem["loc"]
    return problem["type"] == "too_short" and any(
        other["loc"][: len(at)] == at and len(other["loc"]) > len(at) for other in problems
    )


def _told(document: Document, problem: Any) -> Fault:
    """Return a pydantic problem in an author's words, at the path that the author wrote."""
    path = _written(document.content, problem["loc"], missing=problem["type"] == "missing")
    return document.fault(path, *worded(problem, path[-1] if path else ""))


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
