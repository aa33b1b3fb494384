"""Slots: where a recipient's own values go, opaque while a message is compiled.

A template prints a slot and gets a *token* in its place: lower-case letters and digits of fixed
length, with a nonce for each document, which passes unchanged through Jinja, Markdown, MJML and
premailer. The compiled message is then cut at the tokens.
"""

import re
import secrets
from typing import NoReturn

from markupsafe import Markup

from tigc_mail.errors import RenderError

TOKEN = re.compile(r"xq[0-9a-f]{8}[0-9]{3}qx")

RECIPIENT_FIELDS = ("salutation", "given_name", "family_name", "organisation", "role", "email")
"""The fields of a recipient that a text or a template may print, beside `attributes`."""

MAX_SLOTS = 1_000


class SlotSheet:
    """The slots of one document, and the token of each."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(4)
        self._names: list[str] = []

    def token(self, name: str) -> str:
        """Return the token that stands for the slot `name` in this document."""
        if name not in self._names:
            if len(self._names) == MAX_SLOTS:
                raise RenderError(f"a message has at most {MAX_SLOTS} different slots")
            self._names.append(name)
        return f"xq{self._nonce}{self._names.index(name):03d}qx"

    def name(self, token: str) -> str:
        """Return the slot that a token of this document stands for."""
        return self._names[int(token[-5:-2])]

    def cut(self, text: str) -> tuple[list[str], list[str]]:
        """Cut `text` at its tokens: the literals (one more) and the slot names between them.

        Raises:
            RenderError: if something (a filter, a slice) has damaged a token.
        """
        literals = TOKEN.split(text)
        if any(f"xq{self._nonce[:5]}" in literal.lower() for literal in literals):
            cure = "Print slots as they are; no filter but `default` may touch them."
            raise RenderError("a slot was changed after it was printed", "", cure)
        return literals, [self.name(token) for token in TOKEN.findall(text)]


class Slot:
    """A value that is not known yet: it can be printed, and nothing else.

    Comparing, measuring or changing it would decide something before the recipient is known, so
    all of that raises `RenderError`.
    """

    __slots__ = ("_name", "_token")

    def __init__(self, name: str, token: str) -> None:
        self._name = name
        self._token = token

    def __str__(self) -> str:
        return self._token

    def __html__(self) -> Markup:
        """Return the token, which needs no escaping."""
        return Markup(self._token)  # noqa: S704 (letters and digits only)

    def _refuse(self, *_: object) -> NoReturn:
        cause = f"`{self._name}` differs for each recipient, so it can only be printed"
        raise RenderError(cause, "", "Use a block's `show_when` rule to decide who sees what.")

    __bool__ = __len__ = __iter__ = __eq__ = __ne__ = __lt__ = __le__ = _refuse
    __gt__ = __ge__ = __add__ = __radd__ = __mul__ = __mod__ = __contains__ = _refuse
    __getitem__ = __int__ = __float__ = __hash__ = _refuse


class RecipientSlots:
    """What templates know as `recipient`: one slot a field, and `attributes` by name."""

    def __init__(self, sheet: SlotSheet) -> None:
        self._sheet = sheet
        self.attributes = AttributeSlots(sheet)

    def __getattr__(self, field: str) -> Slot:
        if field not in RECIPIENT_FIELDS:
            raise AttributeError(field)
        return _slot(self._sheet, f"recipient.{field}")


class AttributeSlots:
    """What templates know as `recipient.attributes`: a slot for every name."""

    def __init__(self, sheet: SlotSheet) -> None:
        self._sheet = sheet

    def __getattr__(self, name: str) -> Slot:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Slot:
        return _slot(self._sheet, f"recipient.attributes.{name}")


def _slot(sheet: SlotSheet, name: str) -> Slot:
    return Slot(name, sheet.token(name))
