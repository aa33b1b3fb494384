"""What an edition says about itself at its head, which its texts and blocks are checked against."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from tigc_mail.ground.language import LOCALES, Locale
from tigc_mail.ground.wording import did_you_mean, shortened
from tigc_mail.people.audience import Audience

MAX_SLUG = 60

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_slug(text: str) -> bool:
    """Return whether a text is a name in kebab case, such as `key-message-2`."""
    return len(text) <= MAX_SLUG and _SLUG.fullmatch(text) is not None


def _slug(value: str) -> str:
    if is_slug(value):
        return value
    cause = f"{value[:MAX_SLUG]!r} is not a name in small letters, digits and single hyphens"
    raise ValueError(f"{cause}, up to {MAX_SLUG} in all")


Slug = Annotated[str, AfterValidator(_slug)]
"""A name in kebab case."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The languages and audiences that texts and blocks may name.

    The defaults are those of a text that stands in no edition.
    """

    language: Locale = LOCALES[0]
    """The edition's default language: that of a text written without one."""
    languages: tuple[Locale, ...] = LOCALES
    """The edition's languages."""
    audiences: tuple[str, ...] | None = None
    """The ids of the edition's audiences; None where they are not known."""
    readers: tuple[str, ...] = ()
    """The ids of the audiences that may be shown what is checked now, as far as they are right."""
    in_edition: bool = False
    """Whether `language` is that of an edition, which every text of it is written in."""
    repeated: frozenset[str] = frozenset()
    """The ids that stand on more than one block."""
    workspace: Mapping[str, Audience | None] | None = None
    """The audiences of the workspace by id, None for one whose file is wrong.

    None where there is no workspace to check against.
    """
    folder: Path | None = None
    """Where the edition's files are; None where they are not looked at."""

    def among(self, readers: tuple[str, ...]) -> "Scope":
        """Return the scope of a block that is for these audiences only."""
        return replace(self, readers=readers)

    def known_readers(self) -> list[Audience]:
        """Return those of the readers that the workspace knows."""
        workspace = self.workspace or {}
        found = (workspace.get(name) for name in self.readers)
        return [audience for audience in found if audience is not None]


def scope_of(info: ValidationInfo) -> Scope:
    """Return the scope that a validation takes place in."""
    return info.context if isinstance(info.context, Scope) else Scope()


def _of_the_edition(value: str, info: ValidationInfo) -> str:
    scope = scope_of(info)
    known = scope.audiences
    if known is None and scope.workspace is not None:
        known = tuple(scope.workspace)
    if known is not None and value not in known:
        cause = f"{shortened(value)}: {_lacking(scope)}"
        cure = did_you_mean(value, known) or "Add it there, or remove it."
        raise PydanticCustomError("content", "{cause}", {"cause": cause, "cure": cure})
    return value


def once_each(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of audiences, of which none stands twice."""
    if len(set(value)) < len(value):
        raise ValueError("names an audience twice; keep one")
    return value


SomeAudiences = Annotated[
    tuple[Annotated[str, AfterValidator(_of_the_edition)], ...],
    Field(min_length=1),
    AfterValidator(once_each),
]
"""The ids of the audiences that a part of an edition is for: each is the edition's, and once."""


def _lacking(scope: Scope) -> str:
    """Return what is said of an audience that is not known."""
    return "no such audience" if scope.audiences is None else "not among the edition's audiences"
