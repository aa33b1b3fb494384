"""What campaigns need to run: the ledger, and what they take from the workspace."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tigc_mail.content.edition import Edition
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery.lanes import Lanes, lanes
from tigc_mail.delivery.ledger import Ledger
from tigc_mail.delivery.lock import Holds, is_taken, sole_sender
from tigc_mail.delivery.pace import Limits
from tigc_mail.delivery.providers.protocol import Provider
from tigc_mail.delivery.retrying import RetryPolicy
from tigc_mail.delivery.tokens import Signer
from tigc_mail.errors import UsageError
from tigc_mail.ground.documents import Step
from tigc_mail.people.audience import Audience
from tigc_mail.render.message import CompiledMessage


class Compiling(Protocol):
    """What compiles variants, with the templates as they were when it was asked for."""

    def compile(self, edition: TailoredEdition) -> CompiledMessage:
        """Return the message of one variant."""
        ...


class Sources(Protocol):
    """What campaigns take from the workspace, as it is at that moment."""

    def edition(self, name: str) -> Edition:
        """Return an edition; raises UsageError where there is none of that name."""
        ...

    def editions_about(self, events: Collection[str]) -> Iterable[Edition]:
        """Return the editions that may tell of some events (`uid`), and whose files are right."""
        ...

    def place(self, edition: str, path: tuple[Step, ...]) -> str:
        """Return where a value of an edition's file stands, by its path there."""
        ...

    def audiences(self) -> Mapping[str, Audience]:
        """Return the audiences by id."""
        ...

    def compiler(self) -> Compiling:
        """Return what compiles variants with the templates as they are now."""
        ...

    def fixed_texts(self) -> Iterable[str]:
        """Return the texts that no edition brings: of templates, the theme and phrases."""
        ...

    def open_providers(self, names: str | None) -> Sequence[Provider]:
        """Open providers in their order, a comma between names; by default the workspace's own."""
        ...

    def limits(self, provider: str) -> Limits:
        """Return how fast, how many and when a provider is handed mail, by its name."""
        ...

    def retry_policy(self) -> RetryPolicy:
        """Return how patient a send is."""
        ...

    def test_addresses(self) -> frozenset[str]:
        """Return the keys of the addresses that may get every test."""
        ...

    def provider_names(self) -> str:
        """Return the names of the workspace's own providers, a comma between."""
        ...

    def signer(self, providers: Sequence[Provider]) -> Signer:
        """Return what signs the links of messages sent through some providers."""
        ...


@dataclass(frozen=True)
class Office:
    """Where campaigns are run: the ledger, the workspace's sources, the clock and the ids."""

    ledger: Ledger
    sources: Sources
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    """Yields a short random text, with which the id of a campaign ends."""
    locks: Path
    """The folder for lock files of sending processes."""
    nap: Callable[[float], object] | None = None
    """Lets so many seconds go by, or fewer, while a send waits; by default as clocks do."""

    def sole_sender(self, campaign: str) -> AbstractContextManager[Holds]:
        """Be the only process that sends a campaign.

        Raises:
            CampaignError: if another process is sending it, or its lock cannot be written.
        """
        return sole_sender(self.locks, campaign, self.ledger.engine)

    def has_sender(self, campaign: str) -> bool:
        """Return whether a process sends a campaign at this moment."""
        return is_taken(self.locks, campaign, self.ledger.engine)

    def lanes(self, provider: str, size: int) -> AbstractContextManager[Lanes]:
        """Open the lanes of a provider, which all sending processes share.

        Raises:
            StoreError: if the database's server refuses.
        """
        return lanes(self.locks, provider, size, self.ledger.engine)


def no_campaign(name: str, ledger: Ledger) -> UsageError:
    """Return the error about a campaign that there is not."""
    known = ", ".join(row.id for row in ledger.campaigns()[:5]) or "none yet"
    return UsageError(f"there is no campaign {name!r}", "campaign", f"The newest are: {known}.")
