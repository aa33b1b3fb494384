"""How SendGrid is reached: the table `[providers.sendgrid]`, and the environment."""

import os
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
        if host is None:
            return None
        parts = urlsplit(host)
        safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
        if safe and parts.hostname and parts.path in ("", "/") and not parts.query:
            return host.rstrip("/")
        raise ValueError("is no https address of a host, such as https://api.sendgrid.com")

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


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
