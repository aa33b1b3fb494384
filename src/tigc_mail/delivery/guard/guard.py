"""The comparison: nothing that an audience must not read stands in what it would be sent."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

from babel.dates import get_day_names, get_month_names

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.guard.reading import texts_of
from tigc_mail.delivery.guard.telling import CLEAR, RANKS, RED, Secret, marking_of, pieces
from tigc_mail.delivery.guard.words import all_runs, runs
from tigc_mail.errors import ConfidentialityError, LabelError
from tigc_mail.people.audience import Audience
from tigc_mail.render.message import CompiledMessage

_LABEL = re.compile(r"TLP:(?:CLEAR|GREEN|AMBER\+STRICT|AMBER|RED)")


Texts: TypeAlias = Mapping[str, Mapping[str, None]]
"""The texts of a message, each with the names of what it stands in."""


class Guard:
    """Refuses the messages of one edition to one audience that say what they must not.

    Args:
        edition: the edition as loaded, with all that is in it.
        audience: who reads.
        fixed: returns the texts that no edition brings and everybody may read: of templates, the
            theme, phrases. It is called once, where there is anything to keep back.
    """

    def __init__(
        self, edition: Edition, audience: Audience, fixed: Callable[[], Iterable[str]] = tuple
    ) -> None:
        self._edition = edition
        self._audience = audience
        self._fixed = fixed

    def require(self, message: CompiledMessage, shown: frozenset[str]) -> None:
        """Do nothing where a message may be sent to the audience.

        Args:
            message: one variant, compiled.
            shown: the ids of its conditional blocks.

        Raises:
            ConfidentialityError: if it holds something above the ceiling, or for other audiences,
                or does not carry the marking of what it holds.
        """
        texts: dict[str, dict[str, None]] = {}
        for name, text in texts_of(message):
            texts.setdefault(text, {})[name] = None
        self._require_nothing_secret(message, texts)
        self._require_marking(message, shown, texts)

    @cached_property
    def _secret(self) -> Mapping[str, Secret]:
        """The runs that must not be told, each with the piece it is from."""
        told = list(pieces(self._edition, self._audience))
        secret = {run: piece.secret for piece in told if piece.secret for run in runs(piece.text)}
        if not secret:
            return {}
        open_ = all_runs(piece.text for piece in told if piece.secret is None)
        open_ |= all_runs(self._audience.model_dump_json().split('"'))
        open_ |= all_runs(self._fixed())
        open_ |= all_runs(name for locale in self._edition.languages for name in _dates(locale))
        return {run: why for run, why in secret.items() if run not in open_}

    def _require_nothing_secret(self, message: CompiledMessage, texts: Texts) -> None:
        found: dict[Secret, dict[str, None]] = {}
        for text, names in texts.items() if self._secret else ():
            for run in self._secret.keys() & all_runs([text]):
                found.setdefault(self._secret[run], {}).update(names)
        if found:
            raise self._leak(message, found)

    def _leak(
        self, message: CompiledMessage, found: Mapping[Secret, Iterable[str]]
    ) -> ConfidentialityError:
        told = "; ".join(
            f"{self._why(secret)}, in its {', '.join(found[secret])}" for secret in found
        )
        cause = f"holds words that {self._audience.id} must not read, of {told}"
        cure = (
            "Nothing is sent. This should not happen: please report it. If the words are no secret,"
            " write them in a block that this audience may read as well."
        )
        return ConfidentialityError(cause, self._place(message), cure)

    def _why(self, secret: Secret) -> str:
        if secret.above:
            return f"{secret.where} ({secret.marking}, above {self._audience.ceiling.value})"
        return f"{secret.where} ({secret.marking}, for other audiences)"

    def _require_marking(
        self, message: CompiledMessage, shown: frozenset[str], texts: Texts
    ) -> None:
        """Require the label of what a message holds, in its subject and in both its bodies."""
        due = marking_of(self._edition, self._audience, shown)
        subject = next(text for text, names in texts.items() if "subject" in names)
        label = _LABEL.match(subject)
        carried = label.group() if label else CLEAR
        place = self._place(message)
        if carried == RED or RANKS[carried] > RANKS[self._audience.ceiling.value]:
            cause = f"is marked {carried}, above {self._audience.ceiling.value}, the ceiling"
            raise ConfidentialityError(cause, place, "Nothing of it is sent.")
        if carried != due:
            cause = f"is marked {carried} in its subject, and what it may hold is {due}"
            raise ConfidentialityError(cause, place, "Nothing of it is sent.")
        for part in ("html", "text") if due != CLEAR else ():
            if not any(due in _LABEL.findall(text) for text, in_ in texts.items() if part in in_):
                cure = "Print {{ marking }} in the layout where it is above TLP:CLEAR."
                raise LabelError(f"does not say {due} in its {part}", place, cure)

    def _place(self, message: CompiledMessage) -> str:
        return f"edition {self._edition.id} for {message.audience} in {message.locale}"


def _dates(locale: str) -> Iterable[str]:
    """Return the names that dates are written with."""
    for width in ("wide", "abbreviated"):
        yield from get_month_names(width, locale=locale).values()
        yield from get_day_names(width, locale=locale).values()
