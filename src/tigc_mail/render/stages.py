"""The stages of an event's life: what each is called, and where that is said."""

import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from tigc_mail.content.event import Stage
from tigc_mail.content.tailored import TailoredEdition, TailoredEvent
from tigc_mail.ground.language import Locale

Phrase = Callable[[str], str]
"""Translates a fixed phrase into the language of a message."""


class StageWords(NamedTuple):
    """What a stage is called, and the roots of words by which an author may have said it."""

    label: str
    """A fixed phrase, in English as in the templates."""
    en: tuple[str, ...]
    fr: tuple[str, ...]
    es: tuple[str, ...]
    ar: tuple[str, ...]

    def said_in(self, text: str, locale: Locale) -> bool:
        """Return whether a text says in its own words that the event is at this stage."""
        roots: tuple[str, ...] = getattr(self, locale)
        return any(_bare(root) in _bare(text) for root in roots)


STAGES: dict[Stage, StageWords] = {
    "announced": StageWords(
        "Save the date",
        en=("save the date",),
        fr=("à noter", "réservez la date", "date à retenir", "dates à retenir"),
        es=("reserve la fecha", "reserve las fechas"),
        ar=("احفظوا الموعد", "احفظوا التاريخ"),
    ),
    "registration-open": StageWords(
        "Registration open",
        en=("registration is", "registration open", "registration for", "register", "sign up"),
        fr=("inscription", "inscrivez", "inscrire"),
        es=("inscripci", "inscríba", "inscriba"),
        ar=("التسجيل", "سجّلوا"),
    ),
    "reminder": StageWords(
        "Reminder",
        en=("remind",),
        fr=("rappel",),
        es=("recordatorio", "recuerde", "recordamos"),
        ar=("تذكير", "نذكّر"),
    ),
    "postponed": StageWords(
        "Postponed",
        en=("postpon",),
        fr=("report", "ajourn"),
        es=("aplaza", "pospon", "pospuest"),
        ar=("إرجاء", "تأجيل", "مؤجل", "تأجل", "أرجئ", "مرجأ"),
    ),
    "rescheduled": StageWords(
        "New dates",
        en=("new date", "reschedul"),
        fr=("nouvelle date", "nouvelles dates", "reprogramm"),
        es=("nueva fecha", "nuevas fechas", "reprogram"),
        ar=("موعد جديد", "مواعيد جديدة", "الموعد الجديد", "المواعيد الجديدة", "موعدًا جديدًا"),
    ),
    "moved-online": StageWords(
        "Now online",
        en=("now online", "moves online", "moved online", "goes online", "held online", "virtual"),
        fr=("désormais en ligne", "passe en ligne", "lieu en ligne", "tiendra en ligne", "virtuel"),
        es=("ahora en línea", "celebrará en línea", "será en línea", "pasa a", "virtual"),
        ar=("الآن عبر", "يعقد عبر", "ينتقل إلى الإنترنت", "انتقال", "افتراضي"),
    ),
    "cancelled": StageWords(
        "Cancelled",
        en=("cancel",),
        fr=("annul",),
        es=("cancel", "anula"),
        ar=("إلغاء", "ملغا", "ألغي", "تلغى"),
    ),
}
"""The labels stand in `templates/blocks/status.j2`, where they are translated from, too."""

TOLD_IN_CALENDARS: tuple[Stage, ...] = ("postponed", "moved-online", "cancelled")
"""The stages that a calendar's title begins with, because it has no other sign for them."""


def labelled(stage: Stage, text: str, phrase: Phrase) -> str:
    """Return a text after the name of a stage."""
    told = {"label": phrase(STAGES[stage].label), "url": text}
    return phrase("%(label)s: %(url)s") % told


def subject_of(edition: TailoredEdition, subject: str, phrase: Phrase) -> str:
    """Return the subject of a message.

    That of a notice about one event begins with the event's stage, unless it says so itself.
    """
    stages = {block.event.stage for block in edition.blocks if isinstance(block, TailoredEvent)}
    if edition.kind != "notice" or len(stages) != 1:
        return subject
    (stage,) = stages
    words = STAGES[stage]
    if words.said_in(subject, edition.locale) or _bare(phrase(words.label)) in _bare(subject):
        return subject
    return labelled(stage, subject, phrase)


def _bare(text: str) -> str:
    """Return a text in small letters without accents and vowel signs."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
