"""Small workspaces to render from, and editions to render."""

import email
from collections.abc import Callable, Mapping
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from tests.conftest import SHIPPED

from tigc_mail.content.tailored import TailoredAudience, TailoredEdition, TailoredText
from tigc_mail.ground.marking import Marking
from tigc_mail.render.compile import compile_message
from tigc_mail.render.message import CompiledMessage, Occurrence
from tigc_mail.render.templates import Templates

PUBLIC_URL = "https://mail.example.org"

LAYOUT = """\
<mjml lang="{{ locale }}" dir="{{ direction }}">
  <mj-head>
    <mj-title>{{ edition.subject }}</mj-title>
    <mj-preview>{{ edition.preheader }}</mj-preview>
  </mj-head>
  <mj-body>
    {% for block in blocks %}
    <mj-section><mj-column><mj-text>{{ block.body_html }}</mj-text></mj-column></mj-section>
    {% endfor %}
  </mj-body>
</mjml>
"""

FILES = {
    "theme.yaml": (SHIPPED / "templates" / "theme.yaml").read_text("utf-8"),
    "theme.css": "",
    "newsletter.mjml.j2": LAYOUT,
    "newsletter.txt.j2": "{% for block in blocks %}{{ block.body_text }}{% endfor %}\n",
}

EDITION = TailoredEdition(
    id="news",
    kind="newsletter",
    audience=TailoredAudience(
        id="public",
        name="Public",
        reason="You asked for it.",
        sender_name="The programme",
        sender_address="news@example.org",
        reply_to=None,
        list_id="public.example.org",
        salutation=("Dear {given_name},", "Hello,"),
    ),
    locale="en",
    direction="ltr",
    subject="News",
    preheader="What is new",
    not_after=None,
    blocks=(TailoredText(id="welcome", marking=Marking.CLEAR, body="Hello."),),
    marking=Marking.CLEAR,
    fallbacks=(),
)


@pytest.fixture(scope="session")
def edition_of() -> Callable[..., TailoredEdition]:
    """Return an edition with one text block (`body`, `title`); other fields replace its own.

    Fields of the audience are given as a mapping, `audience={"sender_name": "..."}`.
    """

    def build(
        *, body: str = "Hello.", title: str = "", audience: Mapping[str, Any] = {}, **fields: Any
    ) -> TailoredEdition:
        block = replace(EDITION.blocks[0], body=body, title=title)
        return replace(
            EDITION,
            audience=replace(EDITION.audience, **audience),
            **{"blocks": (block,), **fields},
        )

    return build


@pytest.fixture(scope="session")
def shipped_templates() -> Templates:
    """The templates that ship with the library."""
    return Templates(SHIPPED / "templates")


@pytest.fixture(scope="session")
def templates_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Templates]:
    """Return the smallest templates, with the files given in place of theirs or beside them."""

    def build(files: Mapping[str, str | bytes] = {}) -> Templates:
        folder = tmp_path_factory.mktemp("workspace") / "templates"
        for name, content in {**FILES, **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Templates(folder)

    return build


@pytest.fixture(scope="session")
def compile_with(
    templates_of: Callable[..., Templates], edition_of: Callable[..., TailoredEdition]
) -> Callable[..., CompiledMessage]:
    """Compile an edition (see `edition_of`) with templates (see `templates_of`)."""

    def compile_(files: Mapping[str, str | bytes] = {}, **fields: Any) -> CompiledMessage:
        return compile_message(edition_of(**fields), templates_of(files), PUBLIC_URL)

    return compile_


@pytest.fixture(scope="session")
def layout() -> Callable[..., str]:
    """Return an MJML document with `content` in its only column, and `head` in its head."""

    def build(content: str, head: str = "") -> str:
        body = f"<mj-section><mj-column>{content}</mj-column></mj-section>"
        return (
            f'<mjml lang="en" dir="ltr"><mj-head><mj-title>News</mj-title>{head}</mj-head>'
            f"<mj-body>{body}</mj-body></mjml>"
        )

    return build


@pytest.fixture(scope="session")
def fill() -> Callable[..., EmailMessage]:
    """Splice values into a message and parse its bytes; slots without a value get a plain one."""

    def filled(message: CompiledMessage, values: Mapping[str, str] = {}) -> EmailMessage:
        plain = dict.fromkeys(message.slots, "plain")
        plain |= {"delivery.to": "alex@example.org", "delivery.date": _DATE}
        content = message.fill({**plain, **values}).as_bytes()
        parsed = email.message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    return filled


_DATE = "Sun, 01 Nov 2026 08:00:00 +0000"


@pytest.fixture(scope="session")
def places() -> Callable[..., list[tuple[str, str]]]:
    """Return slot and context of each occurrence in the pieces of a message."""

    def found(pieces: tuple[Any, ...]) -> list[tuple[str, str]]:
        return [(p.slot, p.context.value) for p in pieces if isinstance(p, Occurrence)]

    return found
