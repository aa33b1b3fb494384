"""The head of a message names its recipient, whatever the name."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from tigc_mail.delivery.addressing import Addressees, slot_values
from tigc_mail.testing import address, shipment

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def heads(*names: str) -> list[bytes]:
    """Return the heads of a message to people who are called so."""
    sent, nothing = shipment(range(1)), [""] * len(names)
    people = Addressees(
        delivery_ids=nothing,
        tokens=nothing,
        emails=[address(0)] * len(names),
        given_names=names,
        family_names=nothing,
        organisations=nothing,
        roles=nothing,
        countries=[None] * len(names),
        attributes={name.removeprefix("recipient.attributes."): nothing for name in sent.values},
    )
    values = slot_values(sent.message, people, NOW)
    envelopes = [sent.envelopes[0]] * len(names)
    parcel = replace(sent, envelopes=envelopes, values=values)
    return [content.partition(b"\r\n\r\n")[0] for _, content in parcel]


@pytest.mark.parametrize("length", [1, 66, 67, 998, 3_000])
@pytest.mark.parametrize("sign", ["Z", "Z Z", "é", "\N{PARTY POPPER}", '"'])
def test_a_name_of_any_length_is_read_whole_and_makes_no_line_longer_than_it_may_be(
    sign: str, length: int
) -> None:
    name = (sign * length)[:length].strip()
    (head,) = heads(name)
    assert max(map(len, head.split(b"\r\n"))) <= 998  # RFC 5322, 2.1.1
    told, email = parseaddr(message_from_bytes(head)["To"])
    assert (str(make_header(decode_header(told))), email) == (name, address(0))


def test_a_name_of_ordinary_length_stands_as_it_is_written() -> None:
    (head,) = heads("Ana Lopez-O'Brien")
    assert b'To: "Ana Lopez-O\'Brien" <reader0@example.org>\r\n' in head
