"""Which addresses everyone reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.render.lint.addresses import is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 (not bound to)
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2002:808:808::1",
        "2001:0:0:0:0:0:f5ff:fffe",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "::ffff:0:8.8.8.8",
        "fec0::1",
        "feff::1",
        "3fff::1",
        "5f00::1",
        "ff0e::1",
        "2606:4700::200:5efe:a00:1",
        "2606:4700::5efe:808:808",
        "192.88.99.1",
        "192.0.0.9",
    ],
)
def test_an_address_that_not_everyone_reaches_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_that_everyone_reaches_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_in_the_new_form_as_in_the_old(address: object) -> None:
    assert is_public(f"::ffff:{address}") is is_public(str(address))
