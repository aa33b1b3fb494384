"""Slots: where a recipient's own values go, opaque while a message is compiled.

A template prints a slot and gets a *token* in its place: lower-case letters and digits of fixed
length, with a nonce for each document, which passes unchanged through Jinja, Markdown, MJML and
premailer. The compiled message is then cut at the tokens.
"""

import re
from random import SystemRandom
from typing import NoReturn

from markupsafe import Markup

from tigc_mail.errors import RenderError

_LETTERS = "bcdfghjklmnprstvwz"
"""The letters of a nonce, each at most once: no run of them is met in a text, a colour or a style.

Neither `ffffff` nor `https` can be one.
"""

TOKEN = re.compile(rf"xq[{_LETTERS}]{{8}}[0-9]{{3}}qx")

RECIPIENT_FIELDS = ("salutation", "given_name", "family_name", "organisation", "role", "email")
"""The fields of a recipient that a text or a template may print, beside `attributes`."""

MAX_SLOTS = 1_000


class SlotSheet:
    """The slots of one document, and the token of each."""

    def __init__(self) -> None:
        self._nonce = "".join(SystemRandom().sample(_LETTERS, 8))
        self._remains = _remains(self._nonce)
        self._names: list[str] = []

    def token(self, name: str) -> str:
        """Return the token that stands for the slot `name` in this document."""
        if name not in self._names:
            if len(self._names) == MAX_SLOTS:
                raise RenderError(f"a message has at most {MAX_SLOTS} different slots")
            self._names.append(name)
        return f"xq{self._nonce}{self._names.index(name):03d}qx"

    def name(self, token: str) -> str:
        """Return the slot that a token stands for.

        Raises:
            RenderError: if it is not a token of this document.
        """
        number = int(token[-5:-2])
        if token[2:-5] != self._nonce or number >= len(self._names):
            cause = f"the text `{token}` has the form that slots have while a message is compiled"
            raise RenderError(cause, "", "Write it in another way, with a blank in it.")
        return self._names[number]

    def cut(self, text: str) -> tuple[list[str], list[str]]:
        """Cut `text` at its tokens: the literals (one more) and the slot names between them.

        Raises:
            RenderError: if something (a filter, a slice) has damaged a token.
        """
        literals = TOKEN.split(text)
        if any(self._remains.search(literal) for literal in literals):
            cure = "Print slots as they are; no filter but `default` may touch them."
            raise RenderError("a slot was changed after it was printed", "", cure)
        return literals, [self.name(token) for token in TOKEN.findall(text)]


def _remains(nonce: str) -> re.Pattern[str]:
    """Return what finds the remains of a token: its head, or five letters of the nonce in a row."""
    pieces = [f"xq{nonce[:2]}"]
    for letters in (nonce, nonce[::-1]):
        pieces += [letters[at : at + 5] for at in range(len(nonce) - 4)]
    return re.compile("|".join(pieces), re.IGNORECASE)


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

    __repr__ = __str__

    def __html__(self) -> Markup:
        """Return the token, which needs no escaping."""
        return Markup(self._token)  # noqa: S704 (letters and digits only)

    def _refuse(self, *_: object) -> NoReturn:
        cause = f"`{self._name}` differs for each recipient, so it can only be printed"
        raise RenderError(cause, "", "Use a block's `show_when` rule to decide who sees what.")

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = _refuse
    __truediv__ = __floordiv__ = __pow__ = __rpow__ = __neg__ = __pos__ = __call__ = _refuse


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
