"""Every error that tigc_mail raises on purpose.

::

    TigcMailError                 one clear message: place, cause, cure
    ├── UsageError                the caller named something that does not exist (exit code 2)
    ├── ConfigurationError        a setting is missing, contradictory or unsafe (exit code 2)
    ├── DocumentError             an author's files are wrong; `faults` lists every fault found
    ├── ContactsFileError         a contacts file cannot be read at all; nothing was imported
    ├── RenderError               a message cannot be compiled or filled
    │   └── TemplateError         ... because of a template; the place names the author's file
    ├── StoreError                the database is not ours, newer, full, read-only or out of reach
    ├── OutputError               files cannot be written where they should go
    ├── CampaignError             a campaign cannot do that now
    │   ├── ApprovalError         ... because it is not approved, or approved by its own author
    │   ├── ChangedError          ... because something changed since it was approved
    │   └── ConfidentialityError  ... because a message holds what its audience must not read
    │       └── LabelError        ... because it does not say how far it may travel
    └── ProviderError             a provider could not be used; what it did not answer was not sent
        ├── RefusedError          ... because it refused every message of a batch
        └── UnavailableError      ... for now: the same may work later, with nothing mended

The exit code of a command is 2 where what it was given is wrong, its words or its settings, so that
it began nothing and the same again ends the same; with any other error it is 1.

Messages carry ids, never addresses or secrets.
"""

from typing import NamedTuple


class Fault(NamedTuple):
    """One thing wrong in an author's file."""

    place: str
    """File and path within it: `editions/x/edition.yaml: blocks[2].body.fr (line 31, column 7)`."""
    cause: str
    """What is wrong, in a few words."""
    cure: str = ""
    """What to do about it; empty where the cause says so already."""

    def __str__(self) -> str:
        return _sentence(self.cause, self.place, self.cure)


def _sentence(cause: str, place: str, cure: str) -> str:
    told = f"{place}: {cause}" if place else cause
    if not cure:
        return told
    separator = "" if told.endswith((".", "!", "?")) else "."
    return f"{told}{separator} {cure}"


class TigcMailError(Exception):
    """The root of the tree: a message for the person who can mend it.

    Args:
        cause: what is wrong.
        place: where: a file, line, field, or the name of a command's argument.
        cure: what to do about it.
    """

    exit_code = 1
    """The exit code of a command that ends with this error."""

    def __init__(self, cause: str, place: str = "", cure: str = "") -> None:
        super().__init__(cause, place, cure)
        self.cause = cause
        self.place = place
        self.cure = cure

    def __str__(self) -> str:
        return _sentence(self.cause, self.place, self.cure)


class UsageError(TigcMailError):
    """The caller named something that does not exist, or asked for what cannot be."""

    exit_code = 2


class ConfigurationError(TigcMailError):
    """A setting is missing, contradictory or unsafe."""

    exit_code = 2


class DocumentError(TigcMailError):
    """An author's files are wrong; all the faults found are reported at once.

    Args:
        faults: every fault, in the order of the files.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        Exception.__init__(self, faults)
        self.faults = faults
        self.cause = "; ".join(fault.cause for fault in faults)
        self.place = faults[0].place if faults else ""
        self.cure = faults[0].cure if faults else ""

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class ContactsFileError(TigcMailError):
    """A contacts file cannot be read at all; nothing was imported."""


class RenderError(TigcMailError):
    """A message cannot be compiled, or a value cannot be put into it."""


class TemplateError(RenderError):
    """A template is wrong; the place names the author's file, line and column."""


class StoreError(TigcMailError):
    """The database is not ours, newer than the code, full, read-only or out of reach."""


class OutputError(TigcMailError):
    """Files cannot be written where they should go: no room, or no right."""


class CampaignError(TigcMailError):
    """A campaign cannot do what was asked, in the state it is in."""


class ApprovalError(CampaignError):
    """A campaign is not approved, or its author tried to approve it."""


class ChangedError(CampaignError):
    """Messages, audiences or recipients are not those that were approved."""


class ConfidentialityError(CampaignError):
    """A compiled message holds what its audience must not read, or lacks its marking.

    It names blocks and markings, never their words.
    """


class LabelError(ConfidentialityError):
    """A compiled message does not show the label of what it holds."""


class ProviderError(TigcMailError):
    """A provider could not be used, or no longer: what it had not answered for was not sent.

    Somebody has to mend something before the next attempt: a key, a sender, a disk.
    """


class RefusedError(ProviderError):
    """A provider answered for every message of a batch, and refused them all; none was sent."""


class UnavailableError(ProviderError):
    """A provider could not be used at this moment; the same may work later.

    Args:
        cause: what is wrong.
        place: which provider.
        cure: what to do about it.
        retry_after: the seconds after which the provider asks to be tried again, if it said so.
    """

    def __init__(
        self, cause: str, place: str = "", cure: str = "", *, retry_after: float | None = None
    ) -> None:
        super().__init__(cause, place, cure)
        self.retry_after = retry_after
