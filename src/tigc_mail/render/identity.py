"""The identity of a compiled message: a digest of all that is an input of its compilation."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from tigc_mail.content.tailored import TailoredEdition

_COMPILING = ("tigc_mail.render", "tigc_mail.content", "tigc_mail.ground")
"""The packages whose code has a part in compiling."""


def identity_of(edition: TailoredEdition, templates: str, public_url: str) -> str:
    """Return a digest that is another wherever an input of the compilation is another.

    What is above the ceiling of the audience is not in a tailored edition, so it is not in here.

    Args:
        edition: what is compiled.
        templates: the fingerprint of the templates, with theme, styles and phrases.
        public_url: the address of the public pages.
    """
    told = [_plain(edition), templates, public_url, tools()]
    return sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value as lists, texts, numbers and truths, so that different values stay different.

    Raises:
        TypeError: if it is of a kind that this function was not told of.
    """
    if value is None or type(value) in (str, int, bool, float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    kind = type(value).__qualname__
    if isinstance(value, Mapping):
        return {"": kind, "of": [[_plain(name), _plain(one)] for name, one in value.items()]}
    if is_dataclass(value):
        return {
            "": kind,
            **{part.name: _plain(getattr(value, part.name)) for part in fields(value)},
        }
    return {"": kind, "is": _scalar(value)}


def _scalar(value: Any) -> str | list[str]:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime):
        return [value.isoformat(), str(value.fold), str(value.tzinfo)]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__qualname__} has no place in the identity of a message")


@cache
def tools() -> str:
    """Return a digest of the program that compiles: Python, our own code, installed packages."""
    told = [sys.version, *_code(), *sorted(_installed())]
    return sha256(json.dumps(told).encode()).hexdigest()


def _code() -> Iterator[str]:
    """Yield a digest of each module that has a part in compiling."""
    for package in _COMPILING:
        for module in sorted(files(package).iterdir(), key=lambda one: one.name):
            if module.name.endswith(".py"):
                yield f"{package}.{module.name} {sha256(module.read_bytes()).hexdigest()}"


def _installed() -> set[str]:
    """Return names and versions of the installed packages, as pip writes them on their folders.

    Asking `importlib.metadata` for each would take longer than reading an edition's messages.
    """
    return {
        path.name
        for folder in sys.path
        if folder and Path(folder).is_dir()
        for path in Path(folder).iterdir()
        if path.name.endswith((".dist-info", ".egg-info"))
    }
