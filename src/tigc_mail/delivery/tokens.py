"""Capability tokens: one for each delivery, unforgeable, good for all the links of its message."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable

_DIGITS = 22
"""Characters of the signature: 128 bits of HMAC-SHA256 in base64url."""


class Signer:
    """Makes and checks tokens.

    Args:
        secret: the workspace's secret key; at least 16 characters.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"tigc_mail: token of a delivery", "sha256")

    def tokens(self, delivery_ids: Iterable[str]) -> list[str]:
        """Return the token of each delivery: its id, a hyphen, a signature."""
        key, digest, encode = self._key, hmac.digest, urlsafe_b64encode
        return [
            f"{name}-{encode(digest(key, name.encode(), 'sha256')[:16])[:_DIGITS].decode()}"
            for name in delivery_ids
        ]

    def delivery_id(self, token: str) -> str | None:
        """Return the delivery that a token stands for; None where the token is not ours."""
        if not token.isascii():
            return None
        name = token[: -_DIGITS - 1]
        expected = self.tokens([name])[0]
        return name if hmac.compare_digest(expected.encode(), token.encode()) else None
