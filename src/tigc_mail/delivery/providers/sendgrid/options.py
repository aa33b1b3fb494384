"""How SendGrid is reached: the table `[providers.sendgrid]`, and the environment."""

import os
import re
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from tigc_mail.delivery.providers.options import read_options
from tigc_mail.delivery.providers.protocol import Opening
from tigc_mail.errors import ConfigurationError

KEY = "TIGC_MAIL_SENDGRID_API_KEY"
HOST = "TIGC_MAIL_SENDGRID_HOST"

_HOSTS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}

_NO_ADDRESS = "is no https address of a host, such as https://api.sendgrid.com"
_MORE = re.compile(r"[\s\x00-\x1f\x7f@?#]")
"""What stands in no address of a host: a blank, a user, a query, a fragment."""


class SendGridOptions(BaseModel):
    """The options of the provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    residency: Literal["global", "eu"] = "global"
    """Where SendGrid keeps the data; `eu` needs an account (subuser) of that region."""
    host: str | None = None
    """The address of the API, for a stand-in; by default that of the residency."""
    timeout: float = Field(default=30.0, gt=0, le=600)
    """Seconds that SendGrid may take for each step of an answer."""
    sandbox: bool = False
    """Whether SendGrid only checks the requests, and sends nothing."""
    key: SecretStr = Field(default=SecretStr(""), exclude=True, repr=False)

    @field_validator("host")
    @classmethod
    def _only_https(cls, host: str | None) -> str | None:
        return None if host is None else _address(host)

    @property
    def url(self) -> str:
        """The address of the API."""
        return self.host or _HOSTS[self.residency]

    @classmethod
    def read(cls, opening: Opening) -> "SendGridOptions":
        """Return the options of a workspace.

        Raises:
            ConfigurationError: if the key is missing or cannot be one, or an option is wrong.
        """
        options = read_options(cls, "sendgrid", opening.options)
        if host := os.environ.get(HOST):
            try:
                options = cls.model_validate(options.model_dump() | {"host": host})
            except ValueError:
                cause = "is no https address of a host"
                cure = "Write one such as https://api.sendgrid.com, or unset it."
                raise ConfigurationError(cause, HOST, cure) from None
        key = os.environ.get(KEY, "").strip()
        if not key:
            raise ConfigurationError("no key is set", KEY, "Set the key of your SendGrid account.")
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ConfigurationError("is no key of SendGrid", KEY, "Copy it again, on one line.")
        return options.model_copy(update={"key": SecretStr(key)})


def _address(written: str) -> str:
    """Return the address of a host: scheme, name in ASCII, and port.

    Raises:
        ValueError: if it is none, or no place for a key.
    """
    try:
        parts = urlsplit(written)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # no name of a host (UnicodeError), or a port that is no number
        raise ValueError(_NO_ADDRESS) from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not (safe and host and port != 0 and parts.path in ("", "/")) or _MORE.search(written):
        raise ValueError(_NO_ADDRESS)
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" if port is None else f"{parts.scheme}://{name}:{port}"


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, as far as its name alone tells."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
