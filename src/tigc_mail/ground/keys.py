"""The keys that an author may write at a place of a file: the names of its model's fields."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel


def keys_at(model: type[BaseModel], content: Any, path: Sequence[str | int]) -> tuple[str, ...]:
    """Return the keys that are known in a part of a file, in the order of its model.

    Where it may be one of several models (a block of any type), only those count that its own
    literal values fit, such as `type: text`.

    Args:
        model: of the whole file.
        content: of the whole file, as it was written.
        path: the keys and indices, all of them written, that lead to the part.
    """
    found = [model]
    for step in path:
        content = content[step]
        inner = [field for one in found if (field := _field(one, step)) is not None]
        if inner:  # else an index, or a key of the author's own
            found = [part for field in inner for part in _models_in(field.annotation)]
        found = [one for one in found if _fits(one, content)]
    return tuple(dict.fromkeys(name for one in found for name in _fields(one)))


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _field(model: type[BaseModel], step: str | int) -> Any:
    return _fields(model).get(str(step))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models among the parts of a type, such as those of `tuple[A | B, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _fits(model: type[BaseModel], content: Any) -> bool:
    """Return whether a model's literal fields allow what stands in them; a list is looked into."""
    if not isinstance(content, dict):
        return True
    return all(
        content[name] in get_args(field.annotation)
        for name, field in _fields(model).items()
        if name in content and get_origin(field.annotation) is Literal
    )
