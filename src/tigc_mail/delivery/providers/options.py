"""The options of a provider, as its table of the workspace's settings has them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tigc_mail.errors import ConfigurationError

Options = TypeVar("Options", bound=BaseModel)


def read_options(model: type[Options], name: str, written: Mapping[str, Any]) -> Options:
    """Return the options of a provider.

    Args:
        model: what they must be.
        name: the provider's name.
        written: its table in the settings.

    Raises:
        ConfigurationError: if one is unknown or wrong; its value is not told, as it may be secret.
    """
    try:
        return model.model_validate(written)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, problem["loc"]))
        place = f"tigc-mail.toml: providers.{name}.{field}".rstrip(".")
        if problem["type"] == "extra_forbidden":
            cause, cure = "is not an option", f"There are {', '.join(model.model_fields)}."
        else:
            cause = problem["msg"].removeprefix("Value error, ")
            cause, cure = cause[:1].lower() + cause[1:], "Correct it, or remove the line."
        raise ConfigurationError(cause, place, cure) from None
