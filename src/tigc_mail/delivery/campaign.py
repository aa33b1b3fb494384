"""Campaigns: an edition on its way to audiences, from the plan to the account of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.delivery import steering
from tigc_mail.delivery.account import Status
from tigc_mail.delivery.approval import (
    MIN_DIGEST,
    Messages,
    combined,
    rules_of,
    same_name,
)
from tigc_mail.delivery.audit import Entry, entries_of, user_name
from tigc_mail.delivery.contents import Contents
from tigc_mail.delivery.drift import Drift
from tigc_mail.delivery.fallbacks import count_fallbacks
from tigc_mail.delivery.frozen import contents, freeze
from tigc_mail.delivery.notices import require_in_order, require_not_overtaken
from tigc_mail.delivery.office import Compiling, Office, no_campaign
from tigc_mail.delivery.outgoing import Warn, send_out, status_now
from tigc_mail.delivery.planning import Planned, Planner, Variant
from tigc_mail.delivery.proof import problems
from tigc_mail.delivery.providers.protocol import Receipt
from tigc_mail.delivery.sending import WORKERS, Progress, Waiting
from tigc_mail.delivery.settlement import SettlementReport
from tigc_mail.delivery.states import UNSENT, CampaignState
from tigc_mail.delivery.steering import Verdict, named, require_paused, schedule, sendable, through
from tigc_mail.delivery.trial import send_test
from tigc_mail.delivery.unsettled import Unsettled, unsettled
from tigc_mail.errors import ApprovalError, CampaignError, UsageError
from tigc_mail.ground.language import LOCALES, Locale


class Campaign:
    """One edition on its way to some audiences.

    Every answer is read from the ledger at the moment of asking.
    """

    def __init__(self, office: Office, name: str, number: int) -> None:
        self._office = office
        self._number = number
        self.id = name

    def __repr__(self) -> str:
        return f"Campaign({self.id!r})"

    @property
    def state(self) -> CampaignState:
        """How far it is."""
        return CampaignState(self._row.state)

    @property
    def author(self) -> str:
        """Who created it."""
        return str(self._row.author)

    @property
    def planned(self) -> int:
        """How many recipients it was planned for."""
        return int(self._row.planned)

    @property
    def unsent(self) -> int:
        """How many deliveries still wait for their outcome."""
        return self._office.ledger.count(self._number, UNSENT)

    def plan(self, connection: Connection, planner: Planner) -> Planned:
        """Write a delivery for every recipient, and count who is left out and why.

        Args:
            connection: the transaction in which the campaign was created.
            planner: the edition and the audiences.

        Returns:
            How many recipients there are, and who of them reads another language.

        Raises:
            CampaignError: if there is nobody to send it to, or too many variants.
            TemplateError: if one of its variants cannot be compiled.
        """
        ledger = self._office.ledger
        known, outside = planner.choose(connection)
        readers = planner.variants(connection, self._office.sources.place)
        tailored = planner.tailored(readers)
        if not tailored:
            raise planner.nobody(outside, found=bool(readers))
        sent = {variant: readers[variant].total() for variant in tailored}
        with ThreadPoolExecutor(1) as beside:  # the database writes without the interpreter
            compiling = beside.submit(_compiled, self._office.sources.compiler(), tailored)
            planned = planner.write(connection, self._number, sent)
            messages = compiling.result()
        ledger.describe_plan(connection, self._number, sent, outside)
        rules = rules_of(planner.edition, planner.audiences)
        freeze(connection, self._number, contents(messages, rules))
        languages = sum((readers[variant] for variant in tailored), Counter[Locale | None]())
        others = {locale: languages[locale] for locale in LOCALES if locale in languages}
        return Planned(planned, known, others)

    def approve(self, *, by: str, digest: str = "") -> str:
        """Approve exactly what would be sent now.

        Args:
            by: the name of the approver, who is not the author.
            digest: the digest that is meant, or its first characters, 8 or more; any by default.

        Returns:
            The digest that the approval is bound to.

        Raises:
            UsageError: if the approver has no name, or so little of a digest names none.
            ApprovalError: if the approver is the author, or the digest is another one.
            CampaignError: if it is neither a draft nor approved already, or is just being sent.
            ChangedError: if the rules changed since the recipients were planned, or the recipients
                since an earlier approval.
            DocumentError: if it tells of an event out of order.
        """
        approver, state = " ".join(by.split()), self.state
        if not approver:
            raise UsageError("the approver has no name", "by", "Write who approves it.")
        if digest and len(digest) < MIN_DIGEST:
            cure = f"Give {MIN_DIGEST} or more of its characters."
            raise UsageError("so little names no digest", "digest", cure)
        if same_name(approver, self.author):
            cause = f"{approver} cannot approve it: the author is {self.author}"
            raise ApprovalError(cause, self.id, "Ask a colleague: approve --by NAME.")
        if state not in (CampaignState.DRAFT, CampaignState.APPROVED):
            cure = f"Look at it: tigc-mail campaign status {self.id}."
            raise CampaignError(f"is {state}; only a draft can be approved", self.id, cure)
        with self._office.sole_sender(self.id):  # what is approved is not sent meanwhile
            contents = self._contents
            messages = contents.messages()
            parts = contents.digests(messages)
            contents.require_as_planned(parts)
            require_in_order(contents.edition, self._office)
            if not combined(parts).startswith(digest.lower()):
                cause = f"what would be approved has the digest {combined(parts)[:16]} now"
                raise ApprovalError(cause, self.id, "Look at it again, then approve that.")
            contents.bind(approver, parts, messages)
        return combined(parts)

    def digest(self) -> str:
        """Return the digest of what would be approved now: messages, rules and recipients."""
        contents = self._contents
        return combined(contents.digests(contents.messages()))

    def send(
        self,
        provider: str | None = None,
        *,
        by: str = "",
        not_before: datetime | None = None,
        progress: Progress | None = None,
        waiting: Waiting | None = None,
        warn: Warn | None = None,
        workers: int = WORKERS,
    ) -> Status:
        """Send it, or what is still unsent of it.

        The same call continues a send that was interrupted in any way, or that a provider's failure
        paused; of a finished campaign it returns the account. What a provider refuses for now is
        waited for and tried again.

        Args:
            provider: the name of a provider, or several with a comma between: the next one gets
                what those before it surely did not send. By default those of the settings; where
                it was sent through others before, they are to be named.
            by: who sends it, for the log; the name of this process's user by default.
            not_before: when to begin, with a time zone; the call waits for it, and so does a later
                one. At once by default, or when an earlier call said.
            progress: told how many deliveries were settled, batch by batch.
            waiting: told why nothing goes out for a while, and until when.
            warn: told, before anything is sent, of a provider that delivers to nobody.
            workers: how many batches are sent at the same time.

        Returns:
            The account after the send.

        Raises:
            ApprovalError: if it is not approved.
            ChangedError: if anything changed since it was approved.
            DocumentError: if another campaign has sent a later notice of its event since.
            CampaignError: if another process is sending it, somebody paused it, or it is over.
            ProviderError: if no provider could be used: it is paused, and the rest still planned.
            UsageError: if it was sent through others before, and nobody says through which it goes.
        """
        return self._go_on(provider, by, progress, waiting, warn, workers, not_before=not_before)

    def resume(
        self,
        provider: str | None = None,
        *,
        by: str,
        not_before: datetime | None = None,
        take_refusals: bool = False,
        progress: Progress | None = None,
        waiting: Waiting | None = None,
        warn: Warn | None = None,
        workers: int = WORKERS,
    ) -> Status:
        """Go on with what was paused; the arguments and errors are those of `send`.

        Args:
            provider: as for `send`.
            by: the name of who resumes it.
            not_before: as for `send`.
            take_refusals: whether to take it for an answer when a provider refuses every message
                of a batch; otherwise that pauses it again.
            progress: as for `send`.
            waiting: as for `send`.
            warn: as for `send`.
            workers: as for `send`.

        Raises:
            CampaignError: if it is not paused.
        """
        named(by)
        require_paused(self._office, self._row)
        return self._go_on(
            provider,
            by,
            progress,
            waiting,
            warn,
            workers,
            not_before=not_before,
            resumed=True,
            take_refusals=take_refusals,
        )

    def pause(self, *, by: str, reason: str = "") -> None:
        """Let nothing more be claimed until somebody resumes it; what is in flight is finished.

        Raises:
            CampaignError: if it is not being sent.
        """
        steering.pause(self._office, self.id, self._number, by, reason)

    def cancel(self, *, by: str, reason: str = "") -> int:
        """End it for good; what is in flight is finished, what is planned is not sent.

        Returns:
            How many deliveries were cancelled.

        Raises:
            CampaignError: if it is over already.
        """
        return steering.cancel(self._office, self.id, self._number, by, reason)

    def settle(self, verdict: Verdict, *, by: str) -> SettlementReport:
        """Decide what became of the deliveries whose outcome is unknown: `sent` or `not-sent`.

        What was not sent is planned again, for the next send.

        Raises:
            CampaignError: if it is being sent at this moment.
        """
        return steering.settle(self._office, self.id, self._number, by, verdict)

    def settle_from(
        self, file: str | Path, *, by: str, by_address: bool = False
    ) -> SettlementReport:
        """Take from a CSV file of the provider what became of its deliveries.

        Args:
            file: with a column `delivery_id` or `email`, and a column `event` or `status`.
            by: the name of who settles it.
            by_address: whether rows that name only an address count: a test, or other mail of the
                same account, may be what they tell of.

        Raises:
            UsageError: if the file cannot be read, or lacks those columns.
            CampaignError: if it is being sent at this moment.
        """
        return steering.settle_from(
            self._office, self.id, self._number, by, Path(file), by_address=by_address
        )

    def unsettled(self) -> Iterator[Unsettled]:
        """Yield the deliveries whose outcome is not known, or not yet, however many they are."""
        return unsettled(self._office.ledger, self.id, self._number)

    def status(self) -> Status:
        """Return the account of it at this moment."""
        return status_now(self._office, self._row, self._contents.changed_since())

    def fallbacks(self) -> Mapping[str, int]:
        """Return how many texts are not shown as wanted today, by language; `check` names them."""
        sources, variants = self._office.sources, self._office.ledger.variants(self._number)
        edition, compiler = self._contents.edition, sources.compiler()
        return count_fallbacks(edition, sources.audiences(), variants, compiler)

    def verify(self) -> tuple[str, ...]:
        """Return what does not add up in its account; nothing where all is well."""
        row = self._row
        return (*problems(self._office.ledger, row), *self._contents.problems())

    def changes(self) -> Mapping[str, Sequence[str]]:
        """Return what changed in the workspace since it was planned, or approved, by part.

        Returns:
            Lines as of a unified diff; nothing where all is the same.

        Raises:
            CampaignError: if its edition is gone.
        """
        return self._contents.differences()

    def drift(self) -> Drift:
        """Return what contacts changed since it was planned: who would be written to, and how.

        Nothing of it is in the plan, and none keeps the campaign from being sent.

        Raises:
            CampaignError: if its edition is gone.
        """
        return self._contents.drift()

    def send_test(
        self,
        to: Sequence[str],
        *,
        audience: str | None = None,
        locale: str | None = None,
        provider: str | None = None,
        by: str = "",
    ) -> Mapping[Variant, Sequence[Receipt]]:
        """Send its messages to some addresses as tests; the campaign is as it was afterwards.

        Args:
            to: the addresses.
            audience: only the messages for this one; all by default.
            locale: only those in this language; all by default.
            provider: the name of a provider; that of the settings by default.
            by: who sends them, for the log; the name of this process's user by default.

        Returns:
            What the provider answered, by variant.

        Raises:
            UsageError: if an address is none, or there is no such message.
            ConfidentialityError: if somebody may not read one of them; nothing was sent.
            ProviderError: if the provider could not be used.
        """
        return send_test(
            self._office,
            self._contents,
            self.id,
            self._number,
            to,
            audience=audience,
            locale=locale,
            provider=provider,
            by=by,
        )

    def log(self) -> Sequence[Entry]:
        """Return who did what to it, from the beginning."""
        with self._office.ledger.reading() as connection:
            return list(entries_of(connection, self.id))

    # Sending

    def _go_on(
        self,
        provider: str | None,
        by: str,
        progress: Progress | None,
        waiting: Waiting | None,
        warn: Warn | None,
        workers: int,
        *,
        not_before: datetime | None,
        resumed: bool = False,
        take_refusals: bool = False,
    ) -> Status:
        if not sendable(self._row, resumed=resumed):
            return self.status()
        with self._office.sole_sender(self.id) as holds:
            if sendable(self._row, resumed=resumed):  # another process may just have ended it
                contents, who = self._contents, " ".join(by.split()) or user_name()
                contents.require_attested()
                messages: Messages = {}
                if self._office.ledger.has(self._number, UNSENT):  # else it is over
                    messages = contents.messages()
                    contents.require_unchanged(messages, who)
                    require_not_overtaken(contents.edition, self._office)
                if not_before is not None:
                    schedule(self._office, self._row, not_before, who)
                names = through(self._office, self._row, provider)
                chosen = self._office.sources.open_providers(names)
                send_out(
                    self._office,
                    self._row,
                    contents.edition,
                    messages,
                    chosen,
                    holds,
                    by=who,
                    progress=progress,
                    waiting=waiting,
                    warn=warn,
                    workers=workers,
                    take_refusals=take_refusals,
                )
        return self.status()

    @property
    def _contents(self) -> Contents:
        """What it is made of."""
        return Contents(self._office, self._row)

    @property
    def _row(self) -> Row[Any]:
        row = self._office.ledger.campaign(self.id)
        if row is None:
            raise no_campaign(self.id, self._office.ledger)
        return row


def _compiled(compiler: Compiling, tailored: Mapping[Variant, TailoredEdition]) -> Messages:
    """Compile variants, before anything of the plan is committed."""
    return {variant: compiler.compile(each) for variant, each in tailored.items()}
