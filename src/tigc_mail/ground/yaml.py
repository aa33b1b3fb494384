"""YAML as ruamel.yaml reads it, with a mark, a cause and a cure for everything that it refuses.

Where only one value or one key is wrong, the rest is read, to be looked at as well.
"""

import re
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import FileMark, MarkedYAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scanner import Scanner

from tigc_mail.ground.signs import unfit

MAX_DEPTH = 100
"""Lists and mappings within each other."""

_BEYOND = re.compile(r"\\U(?!000|0010)[0-9A-Fa-f]{8}")
_OUT_OF_LINE = re.compile(r"expected <block end>, but found '(?:<block \w+ start>|-)'")
_TEXT_OUT_OF_LINE = re.compile(r"expected <block end>, but found '<(?:scalar|alias|anchor|tag)>'")
_TABS = "Put spaces in the place of the tab."
_LEVEL = "Give it as many spaces in front as the other keys, or dashes, of the same list or group."
_COLON = (
    "Give the line as many spaces in front as the one above, "
    "or put quotes around a text that holds a colon."
)
_TEXT = (
    "Give every line of a text the same spaces in front, and more than its key has; "
    "a text over several lines stands behind `|`, as in `body: |`."
)
_TEXT_OR_KEY = (
    "A line of a text has as many spaces in front as the first line of the text, and a text over "
    "several lines stands behind `|`, as in `body: |`; a key has a colon and a space behind it."
)
_QUOTED = {
    '"': 'Write \\" for a quote within the text, or put the text into single quotes.',
    "'": "Write '' for a quote within the text, or put the text into double quotes.",
}
_GENERAL = "Look at the indentation, the quotes and the colons on this line and the one above."


class UnreadableYAMLError(MarkedYAMLError):
    """What YAML refuses without saying where."""

    def __init__(self, cause: str, mark: Any, cure: str) -> None:
        super().__init__(problem=cause, problem_mark=mark)
        self.cure = cure


class Unmade(str):
    """A day, a time or a number that there is not, as it is written."""

    cause: str
    cure = "Correct it; put quotes around it if it is a text."


class Repeated(NamedTuple):
    """A key that stands twice in a mapping, which has the first value."""

    mapping: Any
    key: Any
    line: int
    """Of the second, from 0; and so is its column."""
    column: int


class _Constructor(RoundTripConstructor):
    """Makes values; of what cannot be made, it makes what tells so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.repeated: list[Repeated] = []

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Return the value of a node."""
        try:
            return super().construct_object(node, deep)
        except ValueError:
            kind = "day or time" if node.tag.endswith("timestamp") else "number"
            made = Unmade(node.value)
            made.cause = f"`{made[:40]}` looks like a {kind}, and there is none such"
            if kind == "day or time":
                made.cure += " A day is written like 2020-08-26, a time like 2020-08-26T09:00:00Z."
            self.recursive_objects.pop(node, None)
            self.constructed_objects[node] = made
            return made

    def check_mapping_key(
        self, node: Any, key_node: Any, mapping: Any, key: Any, value: Any
    ) -> bool:
        """Return whether a key stands once; one that stands twice is noted."""
        if key not in mapping:
            return True
        if isinstance(mapping, CommentedMap):
            mark = key_node.start_mark
            self.repeated.append(Repeated(mapping, key, mark.line, mark.column))
            return False
        return bool(super().check_mapping_key(node, key_node, mapping, key, value))


class _Composer(Composer):
    """Puts lists and mappings together, as deep as that is sensible."""

    levels = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return a value with all that stands in it."""
        self.levels += 1
        if self.levels > MAX_DEPTH:
            cause = f"lists or mappings are nested more than {MAX_DEPTH} deep"
            cure = "Look for a row of brackets or dashes that is too long."
            raise UnreadableYAMLError(cause, self.parser.peek_event().start_mark, cure)
        node = super().compose_node(parent, index)
        self.levels -= 1
        return node


def load(text: str) -> tuple[Any, tuple[Repeated, ...]]:
    """Return the content of a file, and the keys that stand twice; in it may be what is `Unmade`.

    Raises:
        MarkedYAMLError: where it cannot be read; `told_of` tells cause and cure.
    """
    reader = YAML(typ="rt", pure=True)
    reader.Composer, reader.Constructor = _Composer, _Constructor
    reader.Scanner = Scanner  # it passes comments over, which takes a sixth less time
    try:
        content = reader.load(text)
    except MarkedYAMLError as error:
        raise _stray_line(error, text.split("\n")) or error from None
    except ReaderError as error:
        odd = unfit(chr(error.character))
        what = odd.what if odd else f"a character that YAML refuses (U+{error.character:04X})"
        raise UnreadableYAMLError(
            f"there is {what}", _mark(text, error.position), "Remove it."
        ) from None
    except ValueError:
        beyond = _BEYOND.search(text)
        cause = "there is an escape for no character"
        mark = _mark(text, beyond.start() if beyond else 0)
        raise UnreadableYAMLError(cause, mark, "Write the character itself.") from None
    return content, tuple(reader.constructor.repeated)


def told_of(error: MarkedYAMLError) -> tuple[str, str]:
    """Return cause and cure of what cannot be read."""
    if isinstance(error, UnreadableYAMLError):
        return str(error.problem), error.cure
    said = str(error.problem or error.context)
    mark = error.problem_mark or error.context_mark
    if "'\\t'" in said and mark:
        return f"line {mark.line + 1} has a tab where YAML wants spaces", _TABS
    if _OUT_OF_LINE.search(said) and mark:
        return f"line {mark.line + 1} does not begin below the lines it belongs to", _LEVEL
    if said.startswith("mapping values are not allowed"):
        return "there is a colon where no key can stand", _COLON
    return f"is not valid YAML: {said}", _GENERAL


def _mark(text: str, position: int) -> FileMark:
    line = text.count("\n", 0, position)
    return FileMark("", position, line, position - text.rfind("\n", 0, position) - 1)


def _stray_line(error: MarkedYAMLError, lines: list[str]) -> UnreadableYAMLError | None:
    """Return what is wrong with a line of text that belongs to nothing; None where it is not that.

    It is the commonest of mistakes: a line of a text that is indented less than the first.
    """
    said, mark = str(error.problem), error.problem_mark
    if said == "could not find expected ':'" and error.context_mark:
        mark = error.context_mark  # the line that was taken for a key, and not the one behind it
        cause = f"line {mark.line + 1} is no key with a colon, and not indented like a text"
        return UnreadableYAMLError(cause, mark, _TEXT_OR_KEY)
    if not mark or not _TEXT_OUT_OF_LINE.search(said):
        return None
    before = lines[mark.line][: mark.column].rstrip()
    if before:
        cure = _QUOTED.get(before[-1])
        cause = "a text goes on behind its closing quote"
        return UnreadableYAMLError(cause, mark, cure) if cure else None
    above = next((line for line in reversed(lines[: mark.line]) if line.strip()), "")
    depth = len(above) - len(above.lstrip())
    how = "less" if mark.column < depth else "more" if mark.column > depth else "otherwise"
    cause = f"line {mark.line + 1} is indented {how} than the text before it"
    return UnreadableYAMLError(cause, mark, _TEXT)
