"""What is wrong with a value of an author's file, in an author's words: cause and cure."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from tigc_mail.ground.marking import Marking

_LEVELS = ", ".join(marking.value for marking in Marking)
_CEILINGS = ", ".join(marking.value for marking in Marking if marking is not Marking.RED)

_TRAVELS = f"Write how far it may travel: {_LEVELS}, which is never mailed."
_READS = f"Write the highest marking that it may read: {_CEILINGS}."
_LISTED = "Write a list, such as [one, two]."
_MAPPED = "Write `key: value`, each on a line of its own below it."
_COUNTED = ("is no whole number", "Write one in digits, such as 3.")
_NUMBER = ("is no number", "Write one in digits, such as 3.5.")
_CHOICE = ("is neither true nor false", "Write one of the two, without quotes.")
_TEXT = "Write a text; put quotes around numbers, dates and yes/no."

_ANOTHER_RULE = (
    "stands beside another: a rule has one of all, any, not, or a field with an operator",
    "Put this one inside the other, as one of its list.",
)
"""Of a key that is known in its place, but not beside the others there: only rules have such."""

_TOLD: Mapping[str, tuple[str, str]] = {
    "missing": ("is required", "Add the key with its value."),
    "extra_forbidden": ("is not known here", "Check the spelling, or remove it."),
    "model_type": ("is not a mapping of names to values", _MAPPED),
    "dict_type": ("is not a mapping of names to values", _MAPPED),
    "list_type": ("is not a list", _LISTED),
    "tuple_type": ("is not a list", _LISTED),
    "string_too_short": ("is empty", "Write a text, or remove the key."),
    "string_type": ("is not a text", _TEXT),
    "string_unicode": ("holds half a character", "Remove it."),
    "int_type": _COUNTED,
    "int_parsing": _COUNTED,
    "int_from_float": _COUNTED,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "bool_type": _CHOICE,
    "bool_parsing": _CHOICE,
}
"""Cause and cure of the faults that need no more than their kind."""

_REQUIRED = {
    "marking": _TRAVELS,
    "ceiling": _READS,
    "type": "Write what kind of block it is, such as `type: text`.",
    "alt": "Write what the image shows, for those who cannot see it.",
    "preheader": "Write a line that goes on where the subject ends.",
    "issued": "Write when the notice is issued, such as 2020-06-15T09:00:00Z.",
    "start": "Write when it begins, such as 2020-08-26 or 2020-08-26T09:00:00.",
}
"""The cure where a key is missing that is no matter of course."""

_CURE = re.compile(r"; (?=(?:add|choose|correct|give|keep|put|remove|split|write)\b)")
_GENERAL = "Correct it; the files that `tigc-mail init` writes show what may stand there."


MOST_SHOWN = 60
"""Letters of a value that a message repeats."""


def shortened(value: Any) -> str:
    """Return a value as messages repeat it: not more of it than a line can hold."""
    text = str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def worded(problem: Any, key: str | int, beside: Iterable[str]) -> tuple[str, str]:
    """Return cause and cure of a problem that pydantic found.

    Args:
        problem: as pydantic tells it.
        key: the last step on the way to the value.
        beside: the keys that may stand where `key` does.
    """
    kind, context, known = problem["type"], problem.get("ctx", {}), tuple(beside)
    if kind in _TOLD:
        cause, cure = _TOLD[kind]
        if kind == "extra_forbidden" and key in known:
            return _ANOTHER_RULE
        if kind == "extra_forbidden":
            return cause, did_you_mean(key, known) or cure
        return cause, _REQUIRED.get(str(key), cure) if kind == "missing" else cure
    match kind:
        case "literal_error" | "enum":
            expected = context["expected"]
            cause = f"{_shown(problem['input'])} is not one of {expected}"
            return cause, _one_of(key, problem["input"], re.findall(r"'(.*?)'", str(expected)))
        case "value_error":
            return _parted(str(context["error"]))
        case "too_short" if context["actual_length"] == 0:
            return "is empty", "Write at least one."
        case "too_long":
            most = context["max_length"]
            return f"has {context['actual_length']} parts", f"Write at most {most}."
        case "greater_than_equal":
            return (
                f"is {shortened(problem['input'])}, which is too little",
                f"Write {context['ge']} or more.",
            )
        case _:
            cause, cure = _parted(problem["msg"][:1].lower() + problem["msg"][1:])
            return cause, context.get("cure") or cure


def _shown(value: Any) -> str:
    return repr(shortened(value)) if isinstance(value, str) else shortened(repr(value))


def did_you_mean(written: Any, known: Iterable[str], alike: float = 0.6) -> str:
    """Return the question whether one of some names was meant; empty where none is near.

    Args:
        written: what stands there.
        known: the names.
        alike: how much a name is to have in common with it, from 0 to 1.
    """
    near = get_close_matches(str(written), list(known), n=1, cutoff=alike)
    return f"Did you mean `{near[0]}`?" if near else ""


def _one_of(key: str | int, written: Any, known: Iterable[str]) -> str:
    if key == "marking":
        return _TRAVELS
    return did_you_mean(written, known) or "Write one of them."


def _parted(said: str) -> tuple[str, str]:
    """Return a cause and the cure that stands behind it in one sentence."""
    cause, *cures = _CURE.split(said, maxsplit=1)
    if not cures:
        return cause, _GENERAL
    cure = f"{cures[0][:1].upper()}{cures[0][1:]}"
    return cause, cure if cure.endswith("?") else f"{cure}."
