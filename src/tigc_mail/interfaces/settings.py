"""Settings: `tigc-mail.toml` in the workspace, overridden by `TIGC_MAIL_...` in the environment.

Secrets come from the environment only; one in the file is refused.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from tigc_mail.delivery.providers import OWN, providers
from tigc_mail.errors import ConfigurationError
from tigc_mail.ground.database import no_database_url
from tigc_mail.ground.reading import UnreadableError, content_of
from tigc_mail.interfaces.pacing import PaceOptions, RetryOptions, Schedule

FILE = "tigc-mail.toml"
"""The file in a workspace that holds its settings, and makes a folder a workspace."""

_SECRET = re.compile("key|password|secret|token", re.IGNORECASE)
"""What the name of a secret holds."""

_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@|[?&][a-z]*password=", re.IGNORECASE)
"""What a URL with a password in it holds."""


class Settings(BaseSettings):
    """The settings of one workspace."""

    model_config = SettingsConfigDict(
        env_prefix="TIGC_MAIL_", env_ignore_empty=True, extra="forbid", frozen=True
    )

    database_url: str = "sqlite:///tigc-mail.db"
    """A SQLAlchemy URL of SQLite or PostgreSQL; a relative path is meant from the workspace."""

    provider: str = "outbox"
    """What sends, where a command does not name another; several with a comma between: the next
    gets what those before it surely did not send."""

    providers: Mapping[str, Mapping[str, Any]] = {}
    """The tables `[providers.NAME]`: what each provider is told; which options it has, it says."""

    public_url: Annotated[str, StringConstraints(pattern=r"^https://[^\s/?#]+(/[^\s?#]*)?$")] = (
        "https://mail.example.org"
    )
    """Where recipients find the unsubscribe, preference and web copy pages (RFC 8058: https)."""

    pace: Mapping[str, PaceOptions] = {}
    """The tables `[pace.NAME]`: how much each provider is handed."""

    schedule: Schedule | None = None
    """The table `[schedule]`: when mail may go out; at any time by default."""

    retry: RetryOptions = RetryOptions()
    """The table `[retry]`: how often what is refused for now is tried again, and when."""

    test_addresses: tuple[str, ...] = ()
    """Colleagues who may get tests of every audience's messages, whatever their marking."""

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
    _refuse_secrets(written)
    _require_json()
    try:
        settings = Settings(**written)
    except ValidationError as error:
        raise _told(error) from None
    for name in map(str.strip, settings.provider.split(",")):
        _require_known(name, setting_place("provider"))
    for table in ("providers", "pace"):
        for name in getattr(settings, table):
            _require_known(name, setting_place(f"{table}.{name}"))
    return settings


def _require_known(name: str, place: str) -> None:
    """Refuse a provider that there is not; to look for those of others takes a while."""
    if name not in OWN and name not in providers():
        cure = f"There are {', '.join(providers())}."
        raise ConfigurationError(f"there is no provider {name!r}", place, cure)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(content_of(path).decode())
    except FileNotFoundError:
        return {}
    except UnreadableError as error:
        raise ConfigurationError(error.cause, FILE, error.cure) from None
    except UnicodeDecodeError:
        raise ConfigurationError("is not UTF-8", FILE, "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        told, _, spot = str(error).removesuffix(")").partition(" (at ")
        place = f"{FILE} ({spot})" if spot.startswith("line ") else FILE
        cure = 'Correct it; lines are such as provider = "outbox".'
        raise ConfigurationError(f"is not valid TOML: {told}", place, cure) from None


def _require_json() -> None:
    """Refuse a variable that holds no JSON where its setting is a table or a list."""
    for name in _AS_JSON:
        try:
            json.loads(os.environ.get(_variable(name)) or "{}")
        except ValueError as error:
            raise ConfigurationError(f"is not JSON: {error}", *_place_and_cure(name, "")) from None


def _refuse_secrets(written: Mapping[str, Any]) -> None:
    """Refuse a file that holds a secret, in whatever table, whether we know its name or not."""
    for name, value in written.items():
        if isinstance(value, dict):
            head = "" if name == "providers" else f"{name}_"
            _refuse_secrets({f"{head}{key}": inner for key, inner in value.items()})
        elif _SECRET.search(name) or (isinstance(value, str) and _PASSWORD.search(value)):
            cause = f"{name} holds a secret, and secrets come from the environment only"
            cure = f"Take it out, choose a new one, and set {_variable(name)}."
            raise ConfigurationError(cause, FILE, cure)


def _told(error: ValidationError) -> ConfigurationError:
    """Return the first fault, naming the file or the variable; never the value."""
    problem = error.errors(include_input=False, include_url=False)[0]
    name, *inner = map(str, problem["loc"])
    if problem["type"] == "extra_forbidden":
        cause, cure = "is not a setting", "Check the spelling, or remove the line."
        name = ".".join([name, *inner])
    elif inner and name in ("pace", "schedule", "retry"):
        cause = problem["msg"].removeprefix("Value error, ")
        cause, cure = f"{cause[:1].lower()}{cause[1:]}", "Correct it, or remove the line."
        name = ".".join([name, *inner])
    else:
        cause, cure = _WORDS.get(name, ("is not a text", f'Write {name} = "...", in quotes.'))
    return ConfigurationError(cause, *_place_and_cure(name, cure))


def _place_and_cure(name: str, in_file: str) -> tuple[str, str]:
    """Return where a setting was taken from, and what is to be written there."""
    place = setting_place(name)
    if place == _variable(name) and name in _AS_JSON:
        return place, f"Write it as JSON, such as {_AS_JSON[name]}."
    return place, in_file


_AS_JSON = {
    "pace": '{"smtp": {"requests_per_second": 5}}',
    "providers": '{"smtp": {"url": "smtp://mail.example.org"}}',
    "retry": '{"recipient": {"attempts": 5}}',
    "schedule": '{"zone": "Europe/Paris", "days": ["mon", "fri"]}',
    "test_addresses": '["ana@example.org"]',
}
"""What a variable of the environment holds for a setting that is a table or a list."""

_WORDS = {
    "pace": ("is not a table for each provider", "Write a heading such as [pace.smtp]."),
    "schedule": ("is not a table", "Write a heading [schedule], and its lines below."),
    "retry": ("is not a table", "Write a heading such as [retry.recipient]."),
    "test_addresses": (
        "is not a list of addresses",
        'Write test_addresses = ["ana@example.org"].',
    ),
    "providers": (
        "is not a table for each provider",
        "Write a heading such as [providers.smtp], and its options below.",
    ),
    "secret_key": (
        "is shorter than 16 characters",
        "Take at least 16 characters, from a password manager.",
    ),
    "public_url": (
        "is not an https address",
        "Write one without ? and #, such as https://mail.example.org.",
    ),
}
"""Cause and cure of a wrong value, by the name of the setting."""


def _variable(name: str) -> str:
    return f"TIGC_MAIL_{name.upper()}"


def setting_place(name: str) -> str:
    """Return where a setting, or a line `pace.smtp.domains` in its table, was taken from."""
    top, dot, line = name.partition(".")
    variable = _variable(top)
    return f"{variable}{dot and f': {line}'}" if os.environ.get(variable) else f"{FILE}: {name}"


def database_url(folder: Path, written: str) -> str:
    """Return the URL of the database; a relative path of SQLite is meant from `folder`.

    Raises:
        ConfigurationError: if it is none, or names a file in a folder that is not there.
    """
    setting = setting_place("database_url")
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        raise no_database_url(setting) from None
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            cause = "names no file, so nothing would be kept"
            raise ConfigurationError(cause, setting, "Write one such as sqlite:///tigc-mail.db.")
        file = folder / str(url.database)
        if not file.parent.exists():
            cause = f"names a file in a folder that is not there ({file.parent})"
            raise ConfigurationError(cause, setting, "Make the folder, or name another file.")
        url = url.set(database=str(file))
    return url.render_as_string(hide_password=False)
