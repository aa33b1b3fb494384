"""Pages to be checked: a good one, and the same with one thing wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.render.compile import compile_message
from tigc_mail.render.lint.finding import Remark, Variant
from tigc_mail.render.lint.page import Page
from tigc_mail.render.message import Pieces
from tigc_mail.render.templates import Templates

PUBLIC_URL = "https://mail.example.org"

SUBJECT = "What is new this month"
PREHEADER = "Three things that changed, and the one of them that asks for a decision."
BODY = "The programme changed three things this month. One of them asks you for a decision by May."

HTML = f"""\
<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<title>{SUBJECT}</title>
<meta name="color-scheme" content="light dark">
<style>
/* dark */
@media (prefers-color-scheme: dark) {{ .page {{ background-color: #101010 !important; }} .page h1, .page p, .page a {{ color: #f0f0f0 !important; }} }}
</style>
</head>
<body lang="en" dir="ltr">
<div style="display:none">{PREHEADER}</div>
<div class="page" style="background-color:#ffffff">
<table role="presentation"><tr><td>
<h1 style="color:#102030">{SUBJECT}</h1>
<p style="color:#102030">{BODY}</p>
<!-- here -->
<p style="color:#102030"><a style="color:#0b4a8b" href="{PUBLIC_URL}/unsubscribe/Sample">Unsubscribe</a></p>
</td></tr></table>
</div>
</body>
</html>
"""
"""A page without a fault."""

TEXT = f"{SUBJECT}\n\n{BODY}\n\nUnsubscribe: {PUBLIC_URL}/unsubscribe/Sample\n"

Check = Callable[[Page], Iterator[Remark]]
Look = Callable[..., list[Remark]]


def with_(more: str) -> str:
    """Return the good page with more in its middle."""
    return HTML.replace("<!-- here -->", more)


def without(part: str, instead: str = "") -> str:
    """Return the good page with a part replaced, which it has to hold."""
    assert part in HTML
    return HTML.replace(part, instead)


@pytest.fixture(scope="session")
def page_of(
    edition_of: Callable[..., TailoredEdition], templates_of: Callable[..., Templates]
) -> Callable[..., Page]:
    """Return the page of an edition, with parts of it as given.

    Args:
        html, text, subject: in place of what was rendered, texts or pieces; the good ones by
            default.
        fields: those of the edition.
    """
    templates = templates_of()

    def build(
        html: str | Pieces = HTML,
        text: str = TEXT,
        subject: str | Pieces = SUBJECT,
        **fields: Any,
    ) -> Page:
        edition = edition_of(**{"preheader": PREHEADER, "body": BODY, **fields})
        message = replace(
            compile_message(edition, templates, PUBLIC_URL),
            html=(html,) if isinstance(html, str) else html,
            text=(text,),
            subject=(subject,) if isinstance(subject, str) else subject,
        )
        return Page(Variant("public", "en"), edition, message, PUBLIC_URL)

    return build


@pytest.fixture(scope="session")
def ids(page_of: Callable[..., Page]) -> Callable[..., list[str]]:
    """Return the ids of the remarks of a check on a page (see `page_of`), each once."""

    def found(check: Check, *args: Any, **fields: Any) -> list[str]:
        return list(dict.fromkeys(remark.check.id for remark in check(page_of(*args, **fields))))

    return found
