"""All the campaigns of a workspace: creating one, finding one, listing them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import NamedTuple

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.approval import (
    rules_digest,
)
from tigc_mail.delivery.audit import Deed, note
from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.earlier import NOT_AGAIN
from tigc_mail.delivery.events import EventReport, take_events
from tigc_mail.delivery.ledger import states_of
from tigc_mail.delivery.not_again import ON_ITS_WAY, require_none_under_way
from tigc_mail.delivery.notices import require_in_order
from tigc_mail.delivery.office import Office, no_campaign
from tigc_mail.delivery.planning import (
    CONTACTS,
    LANGUAGE,
    OTHER_LANGUAGES,
    Outlook,
    Planner,
    Variant,
)
from tigc_mail.delivery.providers.protocol import ProviderEvent, Receipt
from tigc_mail.delivery.states import CampaignState, DeliveryState
from tigc_mail.delivery.trial import send_edition_test
from tigc_mail.errors import CampaignError, UsageError
from tigc_mail.ground.language import Locale
from tigc_mail.people.audience import Audience
from tigc_mail.people.contact import Contact


class Outline(NamedTuple):
    """What can be told of a campaign without counting everybody in it."""

    id: str
    edition: str
    state: CampaignState
    approved_by: str | None
    planned: int
    """How many recipients it was planned for."""
    states: Mapping[DeliveryState, int]
    """How many deliveries are in each state; nothing where they were not counted."""


class Campaigns:
    """All the campaigns of a workspace."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def create(
        self,
        edition: Edition | str,
        *,
        audiences: Sequence[str] | None = None,
        author: str,
        not_again: bool = False,
    ) -> Campaign:
        """Plan a campaign: a draft that names every recipient.

        Args:
            edition: what to send.
            audiences: ids, in the order that decides for a contact in several; by default all that
                the edition is for, in its order.
            author: who creates it; somebody else has to approve it.
            not_again: whether whoever has this edition already, or may have, through any campaign
                is left out, with the reason `already-sent`.

        Raises:
            UsageError: if an edition or audience does not exist, or the edition is not for it.
            CampaignError: if there is nobody to send it to, or its time is over; with `not_again`,
                also while another campaign may still send the edition.
            DocumentError: if the edition or an audience is wrong, or an event told out of order.
            TemplateError: if one of its variants cannot be compiled.
        """
        if isinstance(edition, str):
            edition = self._office.sources.edition(edition)
        if not author.strip():
            raise UsageError("the author has no name", "author", "Write who creates it.")
        if edition.not_after is not None and self._office.clock() > edition.not_after:
            cause = f"its time is over: not after {edition.not_after:%Y-%m-%d %H:%M} UTC"
            place = f"editions/{edition.id}/edition.yaml: not_after"
            raise CampaignError(cause, place, "Move it, where the edition is still to be sent.")
        require_in_order(edition, self._office)
        chosen = self._chosen(edition, audiences)
        planner = Planner(edition, chosen, not_again=not_again)
        name = f"{edition.id}-{self._office.new_id()}"
        with self._office.ledger.writing() as connection:
            if not_again:
                states = (CampaignState.APPROVED, *ON_ITS_WAY)
                require_none_under_way(connection, self._office, edition.id, states)
            number = self._office.ledger.add_campaign(
                connection,
                id=name,
                edition=edition.id,
                audiences=",".join(audience.id for audience in chosen),
                author=" ".join(author.split()),
                state=CampaignState.DRAFT.value,
                created_at=self._office.clock(),
                not_after=edition.not_after,
                rules=rules_digest(edition, chosen),
            )
            campaign = Campaign(self._office, name, number)
            planned = campaign.plan(connection, planner)
            detail = {
                "edition": edition.id,
                "planned": planned.recipients,
                "not_after": str(edition.not_after and edition.not_after.astimezone(UTC)),
                LANGUAGE: edition.language,
                OTHER_LANGUAGES: planned.other_languages,
                CONTACTS: planned.contacts,
                NOT_AGAIN: not_again,
            }
            deed = Deed(self._office.clock(), " ".join(author.split()), detail)
            note(connection, name, CampaignState.DRAFT.value, deed)
        return campaign

    def get(self, name: str) -> Campaign:
        """Return the campaign with that id.

        Raises:
            UsageError: if there is none.
        """
        row = self._office.ledger.campaign(name)
        if row is None:
            raise no_campaign(name, self._office.ledger)
        return Campaign(self._office, row.id, row.number)

    def outlook(self, edition: Edition, contact: int) -> Outlook | None:
        """Return what a contact would get of an edition that is planned for all its audiences.

        Args:
            edition: the edition.
            contact: the contact's number.

        Returns:
            The same as a plan made now would hold; None where the contact is in no audience.
        """
        planner = Planner(edition, self._chosen(edition, None))
        with self._office.ledger.reading() as connection:
            return planner.outlook(connection, contact)

    def outlines(self, counted: Collection[str] = ()) -> Sequence[Outline]:
        """Return what can be told quickly of all campaigns, the newest first.

        Args:
            counted: the ids of those whose states are counted, beside those being sent or paused.
        """
        ledger = self._office.ledger
        with ledger.reading() as connection:
            return [
                Outline(
                    row.id,
                    row.edition,
                    CampaignState(row.state),
                    row.approved_by,
                    row.planned,
                    states_of(connection, row.number)
                    if row.state in ON_ITS_WAY or row.id in counted
                    else {},
                )
                for row in ledger.campaigns()
            ]

    def send_test(
        self,
        edition: Edition,
        to: Sequence[str],
        *,
        audience: str,
        locale: Locale,
        shown: frozenset[str] = frozenset(),
        reader: Contact | None = None,
        provider: str | None = None,
        by: str = "",
    ) -> Sequence[Receipt]:
        """Send one message of an edition, of which there need be no campaign, as a test.

        Args:
            edition: the edition.
            to: the addresses, at most `trial.MOST`.
            audience: for whom the message is.
            locale: its language.
            shown: the ids of its conditional blocks; none by default.
            reader: whose values are in it; an imaginary reader's by default.
            provider: the name of a provider; that of the settings by default.
            by: who sends it, for the log; the name of this process's user by default.

        Raises:
            UsageError: if an address is none, or there is no such message.
            ConfidentialityError: if somebody may not read it; nothing was sent.
            ProviderError: if the provider could not be used.
        """
        return send_edition_test(
            self._office,
            edition,
            Variant(0, audience, locale, shown),
            to,
            reader=reader,
            provider=provider,
            by=by,
        )

    def take_events(self, events: Iterable[ProviderEvent]) -> EventReport:
        """Take in what a provider reports of deliveries, in any order; repetitions do nothing."""
        return take_events(self._office.ledger, events, self._office.clock())

    def __iter__(self) -> Iterator[Campaign]:
        """Yield all campaigns, the newest first."""
        for row in self._office.ledger.campaigns():
            yield Campaign(self._office, row.id, row.number)

    def _chosen(self, edition: Edition, names: Sequence[str] | None) -> list[Audience]:
        known = self._office.sources.audiences()
        wanted = list(dict.fromkeys(edition.audiences if names is None else names))
        if not wanted:
            cure = f"It is for {', '.join(edition.audiences)}; name none of them to mean all."
            raise UsageError("no audience is named", f"edition {edition.id}", cure)
        for name in wanted:
            if name not in known:
                cure = f"There are {', '.join(known)}."
                raise UsageError(f"there is no audience {name!r}", "audience", cure)
            if name not in edition.audiences:
                cure = f"It is for {', '.join(edition.audiences)}."
                raise UsageError(f"is not for the audience {name!r}", f"edition {edition.id}", cure)
        return [known[name] for name in wanted]
