"""Which server, and how it is spoken to: the URL, the options of the settings, the environment."""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from tigc_mail.delivery.providers.options import read_options
from tigc_mail.delivery.providers.protocol import Opening
from tigc_mail.errors import ConfigurationError

VARIABLE = "TIGC_MAIL_SMTP_URL"
"""The variable of the environment that holds the URL, with the password if there is one."""

PORTS: Mapping[str, int] = {"smtp": 587, "smtps": 465}
"""The port of each scheme where the URL names none (RFC 6409, RFC 8314)."""

_TABLE = "tigc-mail.toml: providers.smtp"
_EXAMPLE = "Write one such as smtp://user:password@mail.example.org:587"


class SmtpOptions(BaseModel):
    """The table `[providers.smtp]` of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = None
    """The server, without a password; the environment wins."""
    starttls: Literal["required", "offered", "never"] | None = None
    """Whether a connection of `smtp://` must, may or must not turn to TLS (RFC 3207); by default it
    must, but for a server on this machine, where it may."""
    ca_file: str | None = None
    """Certificates (PEM) that are trusted instead of the system's; relative to the workspace."""
    connections: int = Field(default=4, ge=1, le=100)
    """How many connections are open at the same time, at most."""
    messages_per_connection: int = Field(default=500, ge=1)
    """After how many messages a connection is closed and another is opened."""
    timeout: float = Field(default=60, gt=0, le=3600)
    """Seconds to wait for a connection, and for each answer but that to a message."""
    answer_timeout: float = Field(default=600, gt=0, le=3600)
    """Seconds to wait for the answer to a message: ten minutes, as RFC 5321 (4.5.3.2.6) asks,
    since whoever gives up earlier does not know whether it was sent."""
    ehlo_name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.:\[\]-]+$")
    """The name by which this machine greets the server; by default its own."""


@dataclass(frozen=True)
class Server:
    """A server, ready to be connected to."""

    host: str
    port: int
    implicit_tls: bool
    """Whether a connection begins with TLS (`smtps://`)."""
    options: SmtpOptions
    context: ssl.SSLContext = field(repr=False)
    """How certificates are checked."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """How errors name it."""
        return f"smtp server {self.host}:{self.port}"


def server_of(opening: Opening) -> Server:
    """Return the server that settings and environment name.

    Raises:
        ConfigurationError: if they name none, or something about it is wrong.
    """
    options = read_options(SmtpOptions, "smtp", opening.options)
    url = os.environ.get(VARIABLE, "")
    place = VARIABLE if url else f"{_TABLE}.url"
    split = _split(url or options.url or "", place)
    user, password = _credentials(split, place)
    if password and not url:
        cause = "holds a password, and secrets come from the environment only"
        raise ConfigurationError(cause, place, f"Take it out, choose a new one, set {VARIABLE}.")
    return Server(
        host=str(split.hostname),
        port=split.port or PORTS[split.scheme],
        implicit_tls=split.scheme == "smtps",
        options=options,
        context=_context(opening.workspace, options),
        user=user,
        password=password,
    )


def _split(url: str, place: str) -> SplitResult:
    """Take a URL apart; what is wrong is told without it, for it may hold a password."""
    if not url:
        raise ConfigurationError("no server is named", VARIABLE, f"{_EXAMPLE}.")
    try:
        split = urlsplit(url)
        _ = split.port
    except ValueError:
        cure = f"{_EXAMPLE}, and signs such as / # @ as %2F %23 %40."
        raise ConfigurationError("is not a URL", place, cure) from None
    if split.scheme not in PORTS:
        raise ConfigurationError("is neither smtp:// nor smtps://", place, f"{_EXAMPLE}.")
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ConfigurationError("holds a space or a control character", place, f"{_EXAMPLE}.")
    if not split.hostname or split.port == 0:
        raise ConfigurationError("names no host, or port 0", place, f"{_EXAMPLE}.")
    if split.path.strip("/") or split.query or split.fragment:
        cure = f"{_EXAMPLE}, and signs such as / # ? in a password as %2F %23 %3F."
        raise ConfigurationError("has something after the port", place, cure)
    return split


def _credentials(split: SplitResult, place: str) -> tuple[str, str]:
    try:
        user = unquote(split.username or "", errors="strict")
        password = unquote(split.password or "", errors="strict")
    except UnicodeDecodeError:
        cause = "user or password is not UTF-8 once its %.. are read"
        raise ConfigurationError(cause, place, "Encode them as UTF-8.") from None
    if bool(user) != bool(password):
        cause = "has a user without a password, or a password without a user"
        raise ConfigurationError(cause, place, f"{_EXAMPLE}, or without both.")
    if re.search(r"[\x00-\x1f\x7f]", user + password):
        cause = "user or password holds a control character"
        raise ConfigurationError(cause, place, "Choose another password.")
    return user, password


def _context(workspace: Path, options: SmtpOptions) -> ssl.SSLContext:
    if options.ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(workspace / options.ca_file))
    except ssl.SSLError:
        cause = "is not a file of certificates in PEM form"
    except OSError as error:
        cause = f"cannot be read: {error.strerror}"
    raise ConfigurationError(cause, f"{_TABLE}.ca_file", "Name a file of certificates.")
