"""Settings: `tigc-mail.toml` in the workspace, overridden by `TIGC_MAIL_...` in the environment.

Secrets come from the environment only; one in the file is refused.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from tigc_mail.delivery.providers import PROVIDERS
from tigc_mail.errors import ConfigurationError

FILE = "tigc-mail.toml"
"""The file in a workspace that holds its settings, and makes a folder a workspace."""

SECRETS = frozenset({"secret_key"})


class Settings(BaseSettings):
    """The settings of one workspace."""

    model_config = SettingsConfigDict(env_prefix="TIGC_MAIL_", extra="forbid", frozen=True)

    database_url: str = "sqlite:///tigc-mail.db"
    """A SQLAlchemy URL; a relative path of SQLite is meant from the workspace's folder."""

    provider: str = "outbox"
    """What sends, where a command does not name another."""

    public_url: Annotated[str, StringConstraints(pattern=r"^https://[^\s/?#]+(/[^\s?#]*)?$")] = (
        "https://mail.example.org"
    )
    """Where recipients find the unsubscribe, preference and web copy pages (RFC 8058: https)."""

    secret_key: SecretStr | None = Field(default=None, min_length=16)
    """Signs the links of messages; required by every provider that really sends."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the signature is that of pydantic)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, which comes in through the constructor."""
        return env_settings, init_settings


def load_settings(folder: Path) -> Settings:
    """Return the settings of the workspace in `folder`.

    Raises:
        ConfigurationError: if the file or a variable of the environment is wrong.
    """
    written = _read(folder / FILE)
    for name in sorted(SECRETS & written.keys()):
        cause = f"{name} stands in the file, and secrets come from the environment only"
        cure = f"Take it out, set TIGC_MAIL_{name.upper()}, and choose another secret."
        raise ConfigurationError(cause, FILE, cure)
    try:
        settings = Settings(**written)
    except ValidationError as error:
        raise _told(error, written) from None
    if settings.provider not in PROVIDERS:
        cause = f"there is no provider {settings.provider!r}"
        raise ConfigurationError(cause, "provider", f"There are {', '.join(PROVIDERS)}.")
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        cure = 'Write lines such as provider = "outbox", in UTF-8.'
        raise ConfigurationError(f"is not valid TOML: {error}", FILE, cure) from None


def _told(error: ValidationError, written: dict[str, Any]) -> ConfigurationError:
    """Return the first fault, naming the file or the variable; never the value."""
    problem = error.errors(include_input=False, include_url=False)[0]
    name = str(problem["loc"][0])
    place = f"{FILE}: {name}" if name in written else f"TIGC_MAIL_{name.upper()}"
    cure = {
        "secret_key": "Take at least 16 characters, from a password manager.",
        "public_url": "Write an https address such as https://mail.example.org.",
        "extra_forbidden": "Check the spelling, or remove the line.",
    }
    told = cure.get(name) or cure.get(problem["type"], "")
    return ConfigurationError(problem["msg"][:1].lower() + problem["msg"][1:], place, told)
