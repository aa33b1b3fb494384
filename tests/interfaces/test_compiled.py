"""A second run compiles nothing; a change of any input compiles anew; nobody gets unapproved bytes."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.interfaces.conftest import Run
from tests.interfaces.small import Small
from tests.interfaces.world import NEWSLETTER, replace_in

from tigc_mail import Workspace
from tigc_mail.render import cache as cache_module
from tigc_mail.render import html, identity
from tigc_mail.render.cache import CompiledCache

Compilations = Callable[[], int]

_BROKEN = """
import json, sys
from tigc_mail.render import html
def refuse(*_, **__):
    raise AssertionError("this is compiled again")
html.mjml2html = refuse
from tigc_mail.interfaces.cli import main
_, folder, commands = sys.argv
for words in json.loads(commands):
    sys.argv = ["tigc-mail", "-w", folder, *words]
    try:
        main()
    except SystemExit as end:
        assert not end.code, words
"""


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> Compilations:
    """Returns how often MJML was compiled since it was last asked."""
    count = 0
    real = html.mjml2html

    def counted(*given: object, **named: object) -> str:
        nonlocal count
        count += 1
        return str(real(*given, **named))

    monkeypatch.setattr(html, "mjml2html", counted)

    def since() -> int:
        nonlocal count
        found, count = count, 0
        return found

    return since


def kept_in(folder: Path) -> list[Path]:
    return sorted((folder / ".tigc-mail" / "compiled").glob("*.json"))


def test_no_process_compiles_what_another_has_compiled(news: Path, run: Run) -> None:
    draft = run("-w", news, "campaign", "create", NEWSLETTER, "--author", "ana", "--json")
    campaign = draft.json["campaign"]
    run("-w", news, "render", NEWSLETTER, "--audience", "public", "--out", "out")
    commands = [
        ["render", NEWSLETTER, "--audience", "public", "--out", "out"],
        ["campaign", "create", NEWSLETTER, "--author", "ana"],
        ["campaign", "approve", campaign, "--by", "ben"],
        ["campaign", "send", campaign, "--provider", "discard"],
    ]
    command = [sys.executable, "-c", _BROKEN, str(news), json.dumps(commands)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_second_check_compiles_nothing(tmp_path: Path, compilations: Compilations) -> None:
    small = Small(tmp_path / "small")
    found = small.check()
    assert compilations() == 2
    assert small.check() == found
    assert compilations() == 0


def test_a_second_run_gives_the_same_message(news: Path, compilations: Compilations) -> None:
    first = Workspace.open(news)
    edition, audience = first.edition(NEWSLETTER), first.audience("public")
    one = first.compile(edition, audience, "fr", frozenset())
    assert compilations() == 1
    two = Workspace.open(news).compile(edition, audience, "fr", frozenset())
    assert compilations() == 0
    (file,) = kept_in(news)
    file.unlink()
    three = Workspace.open(news).compile(edition, audience, "fr", frozenset())
    assert compilations() == 1
    assert one == two == three
    assert one.digest == two.digest == three.digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("templates/newsletter.mjml.j2", "\n", "\n\n"),
        ("templates/theme.css", "a", "a "),
        ("templates/theme.yaml", "\n", "\n\n"),
        ("templates/phrases/fr.po", "\n", "\n\n"),
        ("audiences/public.yaml", "A fake is never", "A fake is hardly ever"),
        (f"editions/{NEWSLETTER}/edition.yaml", "shopping season", "cold season"),
        ("tigc-mail.toml", "https://mail.example.org", "https://mail.example.net"),
    ],
)
def test_a_change_of_any_input_compiles_anew(
    news: Path, compilations: Compilations, file: str, old: str, new: str
) -> None:
    Workspace.open(news).render(NEWSLETTER, audience="public", locale="en")
    assert compilations() == 1
    replace_in(news / file, old, new)
    Workspace.open(news).render(NEWSLETTER, audience="public", locale="en")
    assert compilations() == 1
    replace_in(news / file, new, old)
    Workspace.open(news).render(NEWSLETTER, audience="public", locale="en")
    assert compilations() == 0, "what it was before is still there"


def test_another_program_compiles_anew(
    news: Path, compilations: Compilations, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.open(news).render(NEWSLETTER, audience="public")
    monkeypatch.setattr(identity, "tools", lambda: "another version of premailer")
    Workspace.open(news).render(NEWSLETTER, audience="public")
    assert compilations() == 2


def test_a_block_above_the_ceiling_is_not_in_the_identity(
    news: Path, compilations: Compilations
) -> None:
    Workspace.open(news).render(NEWSLETTER, audience="public")
    before = kept_in(news)
    edition = news / f"editions/{NEWSLETTER}/edition.yaml"
    block = (
        "  - {id: secret, type: text, marking: TLP:AMBER, title: T, body: Not for the public.}\n"
    )
    edition.write_text(edition.read_text("utf-8").rstrip("\n") + "\n" + block, "utf-8")
    Workspace.open(news).render(NEWSLETTER, audience="public")
    assert kept_in(news) == before
    assert compilations() == 1


def test_templates_that_change_while_they_are_compiled_are_not_kept(
    news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = html.mjml2html

    def change(*given: object, **named: object) -> str:
        replace_in(news / "templates/theme.css", "a", "a ")
        return str(real(*given, **named))

    with monkeypatch.context() as patched:
        patched.setattr(html, "mjml2html", change)
        Workspace.open(news).render(NEWSLETTER, audience="public")
    assert kept_in(news) == []


def test_a_folder_that_takes_nothing_stops_nothing(news: Path) -> None:
    (news / ".tigc-mail").mkdir(exist_ok=True)
    (news / ".tigc-mail/compiled").write_text("a file where a folder should be")
    first = Workspace.open(news).render(NEWSLETTER, audience="public")
    assert first.html == Workspace.open(news).render(NEWSLETTER, audience="public").html


def test_a_forged_message_is_not_sent(
    news: Path, run: Run, approved: str, compilations: Compilations
) -> None:
    """Even one under a right seal: the approval is bound to what is loaded, not to its name."""
    workspace = Workspace.open(news)
    kept = workspace.compiler().cache
    compiler = workspace.compiler()
    edition, audience = workspace.edition(NEWSLETTER), workspace.audience("public")
    conditional = frozenset(block.id for block in edition.conditional_blocks(audience))
    tailored = edition.for_audience(audience, "es", conditional)
    if not kept.get(identity.identity_of(tailored, str(compiler.state), compiler.public_url)):
        tailored = edition.for_audience(audience, "es", frozenset())
    name = identity.identity_of(tailored, str(compiler.state), compiler.public_url)
    path = kept.path(name)
    body = path.read_bytes()[len(cache_module.FORMAT) + 65 :]
    message = cache_module._as_json().validate_json(body)
    first, *others = message.wire
    assert isinstance(first, bytes)
    forged = type(message)(**{**vars(message), "wire": (b"X-Evil: yes\r\n" + first, *others)})
    kept.put(name, forged)
    compilations()
    sent = run("-w", news, "campaign", "send", approved, "--provider", "discard")
    assert sent.code == 1
    assert "the message for public in es" in sent.err
    assert compilations() == 0


def test_a_damaged_message_is_compiled_anew_and_sent(news: Path, run: Run, approved: str) -> None:
    for at, path in enumerate(kept_in(news)):
        whole = path.read_bytes()
        path.write_bytes(
            whole[: len(whole) // 2] if at % 2 else whole[:-9] + b"forged" + whole[-3:]
        )
    assert run("-w", news, "campaign", "send", approved, "--provider", "discard").code == 0


def test_a_secret_key_seals_what_is_kept(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may write into the folder and does not know the key cannot write a message into it."""
    Workspace.open(news).render(NEWSLETTER, audience="public")
    without = kept_in(news)
    monkeypatch.setenv("TIGC_MAIL_SECRET_KEY", "a long key that signs links")
    workspace = Workspace.open(news)
    workspace.render(NEWSLETTER, audience="public")
    assert len(kept_in(news)) == 2 * len(without)
    assert isinstance(workspace.compiler().cache, CompiledCache)
    assert "a long key" not in "".join(path.read_text("utf-8") for path in kept_in(news))


def test_too_many_variants_are_told_by_the_command(news: Path, run: Run) -> None:
    edition = news / f"editions/{NEWSLETTER}/edition.yaml"
    tags = [f"tag{at}" for at in range(7)]
    blocks = "".join(
        f"  - {{id: only-{tag}, type: text, marking: TLP:CLEAR, body: {{en: x}},"
        f" show_when: {{field: tags, contains: {tag}}}}}\n"
        for tag in tags
    )
    edition.write_text(edition.read_text("utf-8").rstrip("\n") + "\n" + blocks, "utf-8")
    people = "".join(
        f"r{at}@example.org,public,en,consent,2026-01-01,"
        + ";".join(tag for bit, tag in enumerate(tags) if at >> bit & 1)
        + "\n"
        for at in range(128)
    )
    file = news / "more.csv"
    file.write_text("email,sector,locale,consent_basis,consent_at,tags\n" + people, "utf-8")
    assert run("-w", news, "contacts", "import", file).code == 0
    refused = run("-w", news, "campaign", "create", NEWSLETTER, "--author", "ana")
    assert refused.code == 1
    assert "variants would be sent, and 64 is the most" in " ".join(refused.err.split())
    told = r"the rule of only-tag6 at blocks\[\d+\]\.show_when \(line \d+, column \d+\) makes 64 of"
    assert re.search(told, " ".join(refused.err.split()))
    assert "Traceback" not in refused.err
    assert list(Workspace.open(news).campaigns) == []
