"""tigc_mail: newsletters and event notices, tailored to each audience and language.

>>> from tigc_mail import Workspace

The names below are the public ones; each is loaded when it is first used, so that importing the
package itself costs next to nothing.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tigc_mail.content.edition import Edition
    from tigc_mail.delivery.account import Status
    from tigc_mail.delivery.campaign import Campaign
    from tigc_mail.delivery.campaigns import Campaigns
    from tigc_mail.delivery.providers.protocol import (
        Envelope,
        Opening,
        Provider,
        Receipt,
        Shipment,
    )
    from tigc_mail.errors import (
        ApprovalError,
        CampaignError,
        ChangedError,
        ConfidentialityError,
        ConfigurationError,
        ContactsFileError,
        DocumentError,
        Fault,
        OutputError,
        ProviderError,
        RenderError,
        StoreError,
        TemplateError,
        TigcMailError,
        UnavailableError,
        UsageError,
    )
    from tigc_mail.ground.marking import Marking
    from tigc_mail.interfaces.workspace import Workspace
    from tigc_mail.people.audience import Audience
    from tigc_mail.people.contact import Contact
    from tigc_mail.people.contacts import Contacts
    from tigc_mail.people.importing import ImportReport
    from tigc_mail.people.segment import Segment
    from tigc_mail.render.message import CompiledMessage, RenderedMessage

_HOMES = {
    "content.edition": ("Edition",),
    "delivery.account": ("Status",),
    "delivery.campaign": ("Campaign",),
    "delivery.campaigns": ("Campaigns",),
    "delivery.providers.protocol": (
        "Envelope",
        "Opening",
        "Provider",
        "Receipt",
        "Shipment",
    ),
    "errors": (
        "ApprovalError",
        "CampaignError",
        "ChangedError",
        "ConfidentialityError",
        "ConfigurationError",
        "ContactsFileError",
        "DocumentError",
        "Fault",
        "OutputError",
        "ProviderError",
        "RenderError",
        "StoreError",
        "TemplateError",
        "TigcMailError",
        "UnavailableError",
        "UsageError",
    ),
    "ground.marking": ("Marking",),
    "interfaces.workspace": ("Workspace",),
    "people.audience": ("Audience",),
    "people.contact": ("Contact",),
    "people.contacts": ("Contacts",),
    "people.importing": ("ImportReport",),
    "people.segment": ("Segment",),
    "render.message": ("CompiledMessage", "RenderedMessage"),
}

_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ApprovalError",
    "Audience",
    "Campaign",
    "CampaignError",
    "Campaigns",
    "ChangedError",
    "CompiledMessage",
    "ConfidentialityError",
    "ConfigurationError",
    "Contact",
    "Contacts",
    "ContactsFileError",
    "DocumentError",
    "Edition",
    "Envelope",
    "Fault",
    "ImportReport",
    "Marking",
    "Opening",
    "OutputError",
    "Provider",
    "ProviderError",
    "Receipt",
    "RenderError",
    "RenderedMessage",
    "Segment",
    "Shipment",
    "Status",
    "StoreError",
    "TemplateError",
    "TigcMailError",
    "UnavailableError",
    "UsageError",
    "Workspace",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("tigc-mail")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
