"""A token stands for one delivery, and only we can make it."""

import hmac
from base64 import urlsafe_b64encode
from string import ascii_lowercase, ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.delivery.tokens import Signer

SECRET = "the workspace's own secret key"
SIGNER = Signer(SECRET)
WORDS = st.text(ascii_lowercase + digits, min_size=1, max_size=9)
NAMES = st.builds(
    "{}-{}".format,
    st.lists(WORDS, min_size=1, max_size=4).map("-".join),
    st.integers(1, 999_999_999),
)
LETTERS = ascii_lowercase + ascii_uppercase + digits + "-_"


def token(name: str, signer: Signer = SIGNER) -> str:
    (made,) = signer.tokens([name])
    return made


@given(names=st.lists(NAMES, unique=True))
def test_each_delivery_has_its_own_token_which_leads_back_to_it(names: list[str]) -> None:
    made = SIGNER.tokens(names)
    assert [SIGNER.delivery_id(each) for each in made] == names
    assert len(set(made)) == len(names)


@given(name=NAMES)
def test_a_token_is_signed_as_rfc_2104_says(name: str) -> None:
    """So links of mail that was sent long ago are good with whatever computes it."""
    key = hmac.digest(SECRET.encode(), b"tigc_mail: token of a delivery", "sha256")
    signature = urlsafe_b64encode(hmac.digest(key, name.encode(), "sha256")[:16])
    assert token(name) == f"{name}-{signature.decode().rstrip('=')}"


@given(name=NAMES)
def test_a_token_needs_no_escaping_in_an_address(name: str) -> None:
    assert set(token(name)) <= set(LETTERS)


@given(name=NAMES, data=st.data())
def test_a_token_with_another_letter_is_not_ours(name: str, data: st.DataObject) -> None:
    made = token(name)
    at = data.draw(st.integers(0, len(made) - 1))
    letter = data.draw(st.sampled_from(LETTERS.replace(made[at], "")))
    assert SIGNER.delivery_id(made[:at] + letter + made[at + 1 :]) is None


@given(name=NAMES, data=st.data())
def test_a_token_cut_short_is_not_ours(name: str, data: st.DataObject) -> None:
    made = token(name)
    start, end = data.draw(st.integers(0, len(made))), data.draw(st.integers(0, len(made)))
    if (start, end) != (0, len(made)):
        assert SIGNER.delivery_id(made[start:end]) is None


@given(name=NAMES, other=NAMES)
def test_the_signature_of_another_delivery_does_not_fit(name: str, other: str) -> None:
    if name != other:
        assert SIGNER.delivery_id(name + token(other)[len(other) :]) is None


@given(name=NAMES, secret=st.text(min_size=16))
def test_the_token_of_another_workspace_is_not_ours(name: str, secret: str) -> None:
    assert SIGNER.delivery_id(token(name, Signer(secret))) is None


@given(text=st.text() | st.text(LETTERS, min_size=20, max_size=40))
def test_any_other_text_is_not_ours(text: str) -> None:
    assert SIGNER.delivery_id(text) is None


@pytest.mark.parametrize("text", ["", "-", "\ud800" * 30, "é" * 30, "news-1-" + "\udcff" * 22])
def test_what_no_token_can_hold_is_not_ours(text: str) -> None:
    assert SIGNER.delivery_id(text) is None
