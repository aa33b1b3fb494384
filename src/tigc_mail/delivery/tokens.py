"""Capability tokens: one for each delivery, unforgeable, good for all the links of its message."""

import hmac
from binascii import b2a_base64
from collections.abc import Iterable
from hashlib import sha256

_DIGITS = 22
"""Characters of the signature: 128 bits of HMAC-SHA256 in base64url."""

_OCTETS = 16
"""Octets of the signature."""

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Signer:
    """Makes and checks tokens.

    Args:
        secret: the workspace's secret key; at least 16 characters.
    """

    def __init__(self, secret: str) -> None:
        key = hmac.digest(secret.encode(), b"tigc_mail: token of a delivery", "sha256")
        key = key.ljust(sha256().block_size, b"\0")
        self._inner = sha256(bytes(octet ^ 0x36 for octet in key))
        self._outer = sha256(bytes(octet ^ 0x5C for octet in key))

    def tokens(self, delivery_ids: Iterable[str]) -> list[str]:
        """Return the token of each delivery: its id, a hyphen, a signature."""
        names = list(delivery_ids)
        parts = [self._signature(name.encode()) + b"\0\0" for name in names]
        digits = b2a_base64(b"".join(parts), newline=False).translate(_URL_SAFE).decode()
        return [f"{name}-{digits[at * 24 : at * 24 + _DIGITS]}" for at, name in enumerate(names)]

    def _signature(self, content: bytes) -> bytes:
        """Return HMAC-SHA256 (RFC 2104), with the key hashed once for all: half the time it takes
        where that is done anew."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(content)
        outer.update(inner.digest())
        return outer.digest()[:_OCTETS]

    def delivery_id(self, token: str) -> str | None:
        """Return the delivery that a token stands for; None where the token is not ours."""
        if not token.isascii():
            return None
        name = token[: -_DIGITS - 1]
        expected = self.tokens([name])[0]
        return name if hmac.compare_digest(expected.encode(), token.encode()) else None
