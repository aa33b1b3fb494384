"""The notices of events that were sent, and whether another one may follow them."""

from collections.abc import Iterable

from sqlalchemy import func, insert, select

from tigc_mail.content.edition import Edition
from tigc_mail.content.life import Notice, life_faults, notices_of
from tigc_mail.delivery.office import Office
from tigc_mail.delivery.tables import campaigns, notices
from tigc_mail.errors import DocumentError, Fault


def require_in_order(edition: Edition, office: Office) -> None:
    """Do nothing where the notices of an edition may be sent, or it has none.

    Raises:
        DocumentError: if one does not follow those of the other editions of the workspace, or those
            that campaigns have sent, whatever became of their editions since.
    """
    events = {one.uid for one in notices_of(edition)}
    if not events:
        return
    others = office.sources.editions_about(events)
    files = (one for other in others for one in notices_of(other))
    beside = [one for one in files if one.edition != edition.id]
    _require(edition, (*_sent(office), *beside), office)


def require_not_overtaken(edition: Edition, office: Office) -> None:
    """Do nothing where no campaign has sent what the notices of an edition may not follow.

    It is asked of what was approved: another campaign may have been sent since.

    Raises:
        DocumentError: if one has.
    """
    if notices_of(edition):
        _require(edition, _sent(office), office)


def _require(edition: Edition, known: Iterable[Notice], office: Office) -> None:
    faults = tuple(
        Fault(office.sources.place(edition.id, fault.path), fault.cause, fault.cure)
        for fault in life_faults(edition, known)
    )
    if faults:
        raise DocumentError(faults)


def note_sent(edition: Edition, campaign: int, office: Office) -> None:
    """Write down the notices of an edition that a campaign begins to send, or goes on to send."""
    rows = [
        {
            "campaign": campaign,
            "uid": one.uid,
            "sequence": one.sequence,
            "issued": one.issued,
            "stage": one.stage,
            "dates": one.dates,
        }
        for one in notices_of(edition)
    ]
    if not rows:
        return
    with office.ledger.writing() as connection:
        noted = select(func.count()).select_from(notices).where(notices.c.campaign == campaign)
        if not connection.scalar(noted):
            connection.execute(insert(notices), rows)


def _sent(office: Office) -> list[Notice]:
    columns = (campaigns.c.edition, *notices.c[*_TOLD], campaigns.c.id)
    found = select(*columns).join(campaigns, campaigns.c.number == notices.c.campaign)
    with office.ledger.reading() as connection:
        return [Notice(*row) for row in connection.execute(found.order_by(notices.c.campaign))]


_TOLD = ("uid", "sequence", "issued", "stage", "dates")
"""The columns of a notice, in the order of its fields."""
