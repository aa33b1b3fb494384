"""Bad editions, audiences and templates: one message at the author's file, and nothing rendered."""

from pathlib import Path

import pytest
from tests.interfaces.bad import (
    EDITION,
    RENDER,
    Case,
    append,
    change,
    expect,
    folder_instead,
    remove,
    write,
)
from tests.interfaces.conftest import Run
from tests.interfaces.world import NEWSLETTER, replace_in

DOCUMENTS = {
    "an edition that is no YAML": Case(
        RENDER, (f"{EDITION} (line ", "is not valid YAML", "Look at"), spoil=append(EDITION, "x: [")
    ),
    "an edition in another encoding": Case(
        RENDER, (f"{EDITION} (line ", "is not UTF-8", "Save it"), spoil=append(EDITION, b"\xe9")
    ),
    "a line that is indented with a tab": Case(
        RENDER,
        (f"{EDITION} (line ", " has a tab where YAML wants spaces", "Put spaces"),
        spoil=append(EDITION, "own:\n\tcolour: red\n"),
    ),
    "a line that is indented too little": Case(
        RENDER,
        (f"{EDITION} (line ", " does not begin below the lines it belongs to", "as many spaces"),
        spoil=append(EDITION, "   colour: red\n"),
    ),
    "a line that is indented too far": Case(
        RENDER,
        (f"{EDITION} (line ", "there is a colon where no key can stand", "as many spaces"),
        spoil=append(EDITION, "colour: red\n  ground: blue\n"),
    ),
    "an attached file that is missing": Case(
        RENDER,
        (f"{EDITION}: attachments[0].file", "no file agenda.pdf", "Put it into that folder"),
        spoil=append(
            EDITION, "attachments: [{file: agenda.pdf, title: {en: A}, marking: TLP:CLEAR}]\n"
        ),
    ),
    "an overlong value": Case(
        RENDER,
        (f"{EDITION}: blocks[0].type", f"'{'x' * 60}...' is not one of"),
        spoil=change(EDITION, "type: text", f"type: {'x' * 500}"),
    ),
    "an edition without its file": Case(RENDER, (EDITION, "no such file"), spoil=remove(EDITION)),
    "an edition whose file is a folder": Case(
        RENDER, (EDITION, "is not a file to read from"), spoil=folder_instead(EDITION)
    ),
    "an unknown block type": Case(
        RENDER,
        (f"{EDITION}: blocks[0].type (line ", "'poem' is not one of 'text', 'key-message'"),
        spoil=change(EDITION, "type: text", "type: poem"),
    ),
    "an unknown key": Case(
        RENDER,
        (f"{EDITION}: shoe_size (line ", "is not known here", "Check the spelling"),
        spoil=append(EDITION, "shoe_size: 43\n"),
    ),
    "a misspelt key of a block": Case(
        RENDER,
        (f"{EDITION}: blocks[0].show_wen (line ", "is not known here", "mean `show_when`?"),
        spoil=change(EDITION, "type: text", "type: text\n    show_wen: {field: role}"),
    ),
    "a misspelt key of an audience": Case(
        "audiences list",
        ("audiences/public.yaml: sender.replyto (line ", "Did you mean `reply_to`?"),
        spoil=change("audiences/public.yaml", "reply_to:", "replyto:"),
    ),
    "a misspelt operator in a rule": Case(
        "audiences list",
        ("audiences/public.yaml: segment.any[0].equal (line ", "Did you mean `equals`?"),
        spoil=change("audiences/public.yaml", "equals:", "equal:"),
    ),
    "a misspelt key of the theme": Case(
        RENDER,
        ("templates/theme.yaml: scoial (line ", "Did you mean `social`?"),
        spoil=append("templates/theme.yaml", "scoial: []\n"),
    ),
    "an edition for an unknown audience": Case(
        RENDER,
        (f"{EDITION}: audiences", "press", "there are government"),
        spoil=change(EDITION, "audiences: [", "audiences: [press, "),
    ),
    "an audience that is no YAML": Case(
        "audiences list",
        ("audiences/public.yaml (line ", "is not valid YAML", "Look at"),
        spoil=append("audiences/public.yaml", "x: ["),
    ),
    "an audience with an unknown field in its rule": Case(
        "audiences count",
        ("audiences/public.yaml: segment.any[0].field (line ", "is not a field", "Write one of"),
        spoil=change("audiences/public.yaml", "field: sector", "field: colour"),
    ),
    "a theme that is no YAML": Case(
        RENDER,
        ("templates/theme.yaml (line ", "is not valid YAML", "Look at"),
        spoil=append("templates/theme.yaml", "x: ["),
    ),
    "a theme that is missing": Case(
        RENDER, ("templates/theme.yaml", "no such file"), spoil=remove("templates/theme.yaml")
    ),
    "a wrong edition to send": Case(
        f"campaign create {NEWSLETTER} --author ana",
        (f"{EDITION}: blocks[0].type", "'poem' is not one of"),
        spoil=change(EDITION, "type: text", "type: poem"),
    ),
}

TEMPLATES = {
    "a template with a wrong tag": Case(
        RENDER,
        ("templates/blocks/text.mjml.j2 (line 1, column 7)", "Expected an expression"),
        spoil=lambda news: write(
            "templates/blocks/text.mjml.j2",
            "{% if %}" + (news / "templates/blocks/text.mjml.j2").read_text("utf-8"),
        )(news),
    ),
    "a template with an unknown variable": Case(
        RENDER,
        ("templates/blocks/text.txt.j2 (line ", "'colour' is undefined", "`tigc-mail init` writes"),
        spoil=append("templates/blocks/text.txt.j2", "{{ colour }}"),
    ),
    "a text with an unknown slot": Case(
        RENDER,
        (
            f"{EDITION}: blocks[0].body.en (line 65, column 22)",
            "shoe_size",
            "`tigc-mail init` writes",
        ),
        spoil=change(EDITION, "The shopping season", "{{ recipient.shoe_size }} season"),
    ),
    "a template that is missing": Case(
        RENDER,
        ("templates/newsletter.mjml.j2", "there is no template"),
        spoil=remove("templates/newsletter.mjml.j2"),
    ),
    "a template in another encoding": Case(
        RENDER,
        ("templates/blocks/text.mjml.j2 (line ", "is not UTF-8", "Save it"),
        spoil=append("templates/blocks/text.mjml.j2", b"\xe9"),
    ),
    "styles that are a folder": Case(
        RENDER,
        ("templates/theme.css", "is not a file to read from"),
        spoil=folder_instead("templates/theme.css"),
    ),
    "a wrong template in a campaign": Case(
        f"campaign create {NEWSLETTER} --author ana",
        ("templates/blocks/text.txt.j2 (line ", "'colour' is undefined"),
        spoil=append("templates/blocks/text.txt.j2", "{{ colour }}"),
    ),
}

LONG = "a " * 1_500_000
"""A text of 3 MB; a file of 20 MB is not even read."""

BLOCK = "templates/blocks/text.mjml.j2"
OWN = "templates/blocks/own.mjml.j2"


def own_block(news: Path) -> None:
    """A team adds a template of its own, and includes it in a shipped one."""
    write(OWN, "{# Ours. #}\n<mj-section>\n  <mj-colum />\n</mj-section>\n")(news)
    append("templates/masthead.mjml.j2", '{% include "blocks/own.mjml.j2" %}')(news)


AUTHORS = {
    "a template with an element in a wrong place": Case(
        RENDER,
        (f"{BLOCK} (line 1, column 47)", "a text stands in <mj-body>", "Move it into an <mj-text>"),
        spoil=change(
            BLOCK,
            "{# A paragraph",
            "{% if true %}{% endif %}{# A #}{{ '' }}{# b #}Words{# A paragraph",
        ),
    ),
    "a template of the team's own": Case(
        RENDER,
        (f"{OWN} (line 3, column 3)", "<mj-colum> is no", "mean `mj-column`?"),
        spoil=own_block,
    ),
    "a template that includes itself": Case(
        RENDER,
        (f"{BLOCK} (line ", "includes itself, without end", "include each other"),
        spoil=append(BLOCK, '{% include "blocks/text.mjml.j2" %}'),
    ),
    "a template with an unknown filter": Case(
        RENDER,
        (f"{BLOCK} (line ", "No filter named 'shout'"),
        spoil=append(BLOCK, "{{ 'a' | shout }}"),
    ),
    "an image without alt": Case(
        RENDER,
        ("templates/masthead.mjml.j2 (line ", "<mj-image> has no `alt`", 'alt=""'),
        spoil=change(
            "templates/masthead.mjml.j2",
            "<mj-text",
            '<mj-image src="https://e.org/a.png" /><mj-text',
        ),
    ),
    "a text of 3 MB": Case(
        RENDER,
        (
            f"{EDITION}: blocks[0].body.en (line 62, column 7)",
            "more than 200,000 characters",
            "Shorten it",
        ),
        spoil=change(EDITION, "The shopping season", f"{LONG} season"),
    ),
    "an edition of 20 MB": Case(
        RENDER, (EDITION, "is larger than 5 MB"), spoil=append(EDITION, b"# " + b"a" * 20_000_000)
    ),
    "300 quotes": Case(
        RENDER,
        (f"{EDITION}: blocks[0].body.en (line 65, column 9)", "nested more than 50 deep"),
        spoil=change(EDITION, "The shopping season", f"{'>' * 300} season"),
    ),
    "a link that runs something": Case(
        RENDER,
        (
            f"{EDITION}: blocks[0].body.en (line 65, column 15)",
            "`javascript:alert`",
            "Write the whole address",
        ),
        spoil=change(EDITION, "The shopping season", "[The](javascript:alert) season"),
    ),
    "a block without marking": Case(
        RENDER,
        (f"{EDITION}: blocks[0].marking (line ",),
        spoil=change(EDITION, "    marking: TLP:CLEAR\n", ""),
    ),
    "a ceiling that is no level": Case(
        "audiences list",
        ("audiences/public.yaml: ceiling (line ",),
        spoil=change("audiences/public.yaml", "TLP:CLEAR", "TLP:PINK"),
    ),
}

CASES = {**DOCUMENTS, **TEMPLATES, **AUTHORS}


@pytest.mark.parametrize("name", CASES)
def test_one_message_tells_what_is_wrong_and_nothing_is_half_done(
    name: str, run: Run, news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(CASES[name], run, news, tmp_path, monkeypatch)


def test_all_the_faults_of_a_file_are_told_at_once(run: Run, news: Path) -> None:
    replace_in(news / EDITION, "type: text", "type: poem")
    replace_in(news / EDITION, "kind: newsletter", "kind: novel")
    told = run("-w", news, *RENDER.split())
    assert told.code == 1
    assert len(told.err.splitlines()) == 2
    assert f"{EDITION}: kind (line " in told.err
    assert f"{EDITION}: blocks[0].type (line " in told.err
