"""Providers: adapters to something that sends, each in a file of its own.

Other packages add theirs through the entry point group `tigc_mail.providers`.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from tigc_mail.delivery.providers.protocol import Opening, Provider
from tigc_mail.errors import ConfigurationError, UsageError

GROUP = "tigc_mail.providers"
"""The group of entry points; each names a function from an `Opening` to a `Provider`."""

_HERE = "tigc_mail.delivery.providers"

OWN: Mapping[str, EntryPoint] = {
    name: EntryPoint(name, value, GROUP)
    for name, value in {
        "outbox": f"{_HERE}.outbox:Outbox.open",
        "discard": f"{_HERE}.discard:Discard.open",
        "smtp": f"{_HERE}.smtp:Smtp.open",
        "sendgrid": f"{_HERE}.sendgrid:SendGrid.open",
    }.items()
}
"""The providers that tigc_mail brings, by name; each is loaded when it is first used."""


def providers() -> Mapping[str, EntryPoint]:
    """Return every provider there is, by name; none takes the name of one of our own."""
    return {each.name: each for each in entry_points(group=GROUP)} | dict(OWN)


def open_provider(name: str, opening: Opening) -> Provider:
    """Return the provider called `name`.

    Raises:
        UsageError: if there is none of that name.
        ConfigurationError: if it cannot be loaded, or its options are wrong.
    """
    found = OWN.get(name) or providers().get(name)  # to look for those of others takes a while
    if found is None:
        cure = f"There are {', '.join(providers())}."
        raise UsageError(f"there is no provider {name!r}", "provider", cure)
    try:
        make = found.load()
    except (ImportError, AttributeError) as error:
        cause = f"cannot be loaded: {error}"
        raise ConfigurationError(cause, f"provider {name}", "Install it again.") from error
    return cast("Provider", make(opening))
