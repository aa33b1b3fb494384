"""What each stage of an event is called: in subjects, and in the template that a team may change."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import SHIPPED
from tests.render.events import STAGES, about, at_stage

from tigc_mail.content.event import Stage
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.ground.language import LOCALES, Locale, direction
from tigc_mail.render.compile import compile_message
from tigc_mail.render.stages import STAGES as WORDS
from tigc_mail.render.stages import subject_of
from tigc_mail.render.templates import Templates

EditionOf = Callable[..., TailoredEdition]


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(SHIPPED / "templates")


@pytest.fixture
def subject(edition_of: EditionOf, templates: Templates) -> Callable[[Stage, Locale, str], str]:
    """Return the subject that readers get of a notice at a stage."""

    def made(stage: Stage, locale: Locale, text: str) -> str:
        edition = about(edition_of(locale=locale), at_stage(stage))
        return subject_of(edition, text, templates.phrases(locale).gettext)

    return made


@pytest.mark.parametrize(
    ("stage", "locale", "text"),
    [
        ("postponed", "fr", "Notre reportage sur la conférence"),
        ("postponed", "fr", "Rapporteurs et reporters à la conférence"),
        ("postponed", "en", "The conference is not postponed"),
        ("postponed", "en", "Is the conference postponed?"),
        ("postponed", "es", "La conferencia no se aplaza"),
        ("postponed", "ar", "لم يتم تأجيل المؤتمر"),
        ("registration-open", "en", "Business registers and counterfeits"),
        ("registration-open", "en", "How to register a trademark"),
        ("registration-open", "es", "Inscripciones antiguas en los sellos"),
        ("moved-online", "es", "¿Qué pasa ahora…?"),
        ("moved-online", "en", "The conference is virtually sold out"),
        ("moved-online", "fr", "Les ventes virtuelles"),
        ("cancelled", "en", "The conference is not cancelled"),
        ("cancelled", "en", "The conference isn\u2019t cancelled"),
        ("cancelled", "en", "The conference isn't cancelled"),
        ("cancelled", "fr", "La conférence n\u2019est pas annulée"),
        ("cancelled", "fr", "Le manuel annuel de la conférence"),
        ("cancelled", "es", "La cancelería del hotel"),
        ("cancelled", "ar", "لم يتم إلغاء المؤتمر"),
        ("rescheduled", "en", "No new dates yet"),
        ("reminder", "en", "The reminders of a counterfeiter"),
        ("reminder", "fr", "Rappeler les produits dangereux"),
    ],
)
def test_what_only_looks_like_the_stage_does_not_stand_for_it(
    subject: Callable[[Stage, Locale, str], str],
    templates: Templates,
    stage: Stage,
    locale: Locale,
    text: str,
) -> None:
    label = templates.phrases(locale).gettext(WORDS[stage].label)
    found = subject(stage, locale, text)
    assert found.startswith(label)
    assert found.endswith(text)
    assert found != text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("stage", STAGES)
def test_every_form_says_its_stage_and_no_other(
    subject: Callable[[Stage, Locale, str], str], stage: Stage, locale: Locale
) -> None:
    for form in getattr(WORDS[stage], locale):
        for text in (f"{form} 2027", f"2027: {form}.", f"({form})", form.capitalize()):
            assert subject(stage, locale, text) == text
        said = [other for other in STAGES if subject(other, locale, form) == form]
        assert said == [stage]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("stage", STAGES)
def test_the_prefix_itself_is_not_put_twice(
    subject: Callable[[Stage, Locale, str], str], stage: Stage, locale: Locale
) -> None:
    once = subject(stage, locale, "2027")
    assert once != "2027"
    assert subject(stage, locale, once) == once


def test_a_form_is_found_whatever_its_vowel_signs(
    subject: Callable[[Stage, Locale, str], str],
) -> None:
    assert subject("cancelled", "ar", "أُلغي المؤتمر") == "أُلغي المؤتمر"


# The templates of the stages


def test_a_team_changes_one_stage_in_one_file(
    edition_of: EditionOf, templates: Templates, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(SHIPPED / "templates", folder)
    (folder / "blocks" / "event" / "postponed.j2").write_text(
        '{% set alert = false %}{% set label = "Later" %}{% set sentence = "Wait & <see>." %}'
        '{% set actions = [("Ask us", "mailto:desk@example.org")] %}',
        "utf-8",
    )
    own = Templates(folder)
    for stage in STAGES:
        edition = about(edition_of(direction=direction("en")), at_stage(stage))
        shown = []
        for one in (own, templates):
            message = compile_message(edition, one, "https://mail.example.org")
            shown.append(message.fill(dict.fromkeys(message.slots, "x")))
        changed, shipped = shown
        assert (changed.text == shipped.text) is (stage != "postponed")
        assert (changed.html == shipped.html) is (stage != "postponed")
        if stage == "postponed":
            assert "Later\n" in changed.text
            assert "Wait & <see>.\nAsk us: mailto:desk@example.org" in changed.text
            assert "Wait &amp; &lt;see&gt;." in changed.html
            assert 'href="mailto:desk@example.org"' in changed.html


def test_an_announced_event_that_is_online_promises_no_invitation_to_register(
    edition_of: EditionOf, templates: Templates
) -> None:
    online = {"online_url": "https://example.org/online"}
    register = {"registration_url": "https://example.org/register"}
    for changes, follows in (({}, True), (online, False), (online | register, True)):
        edition = about(edition_of(), at_stage("announced", **changes))
        message = compile_message(edition, templates, "https://mail.example.org")
        shown = message.fill(dict.fromkeys(message.slots, "x"))
        text = " ".join(shown.text.split())
        assert ("An invitation to register will follow." in text) is follows
        assert ("The event will take place online." in text) is not follows
        assert ("An invitation to register will follow." in shown.html) is follows
