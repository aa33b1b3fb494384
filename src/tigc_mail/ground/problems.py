"""What is wrong with one value of an author's file, gathered to be reported at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError


class Problems:
    """What is wrong with one value, gathered to be reported at once."""

    def __init__(self) -> None:
        self._found: list[InitErrorDetails] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(
        self, value: object, cause: str, cure: str = "", at: tuple[str | int, ...] = ()
    ) -> None:
        """Note one thing wrong, at a path below the value that is being read."""
        kind = PydanticCustomError("content", "{cause}", {"cause": cause, "cure": cure})
        self._found.append(InitErrorDetails(type=kind, loc=at, input=value))

    @contextmanager
    def at(self, value: object, *at: str | int) -> Iterator[None]:
        """Note the `ValueError` that is raised within, at a path below the value that is read."""
        try:
            yield
        except ValueError as error:
            kind = PydanticCustomError("value_error", "{error}", {"error": str(error)})
            self._found.append(InitErrorDetails(type=kind, loc=at, input=value))

    def report(self, title: str) -> None:
        """Do nothing where nothing is wrong.

        Raises:
            ValidationError: with everything noted, each at its path.
        """
        if self._found:
            raise ValidationError.from_exception_data(title, self._found)
