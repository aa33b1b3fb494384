"""From MJML to finished HTML: compiled by mrml, styles inlined, tables and languages told."""

import re

from mjml import mjml2html

from tigc_mail.errors import TemplateError
from tigc_mail.ground.language import Locale, direction
from tigc_mail.render.markup import MarkupError, with_attributes
from tigc_mail.render.mjml_rules import check_mjml
from tigc_mail.render.tables import with_roles

_MARKER = ' data-premailer="ignore"'
_SPAN = re.compile(r"(\d+):(\d+)")

_BEHIND_STYLE = re.compile(r"</mj-style\s*>\s+")  # blanks there are more than mrml can read
_TITLE = re.compile(r"<mj-title\b[^>]*>.*?</mj-title>", re.DOTALL)
_LINE_BREAK = re.compile(r"\s*[\r\n\t]\s*")
_NOT_PLAIN = re.compile(r"[^ -\[\]-~]")


def finish(mjml: str, *, css: str, locale: Locale, place: str, sentinel: str) -> str:
    """Return the HTML of an MJML document.

    Args:
        mjml: the document, filled by the templates.
        css: rules to inline.
        locale: the language of the text; it decides `lang` and `dir`.
        place: the layout, for messages.
        sentinel: a token put at the very end of the body, to find out whether anything was cut.

    Raises:
        MarkupError: if the document is not valid MJML, is nested too deep or holds what may not be.
        TemplateError: if it lost its end.
    """
    check_mjml(mjml)
    ending = f"<mj-raw><!--[if {sentinel}]><![endif]--></mj-raw></mj-body>"
    html = _compiled(_spelled_out(ending.join(mjml.rsplit("</mj-body>", 1))), mjml)
    html = with_roles(_inlined(html, css), direction(locale))
    return _with_language(_without(html, sentinel, place), locale, place)


def _spelled_out(mjml: str) -> str:
    """Return MJML with references for all but plain letters in attributes and in the title.

    The compiler writes attributes as Rust writes texts for programmers: a blank that does not break
    lines, as French has it before a colon, would be read out as `\\u{a0}`. The title becomes an
    attribute too.
    """
    mjml = with_attributes(_BEHIND_STYLE.sub("</mj-style>\n", mjml), _references)
    return _TITLE.sub(lambda title: _references(title.group()), mjml)


def _references(text: str) -> str:
    plain = _LINE_BREAK.sub(" ", text)
    return _NOT_PLAIN.sub(lambda letter: f"&#{ord(letter.group())};", plain)


def _compiled(spelled_out: str, mjml: str) -> str:
    try:
        html = mjml2html(spelled_out, fonts={})
    except ValueError as error:
        raise _mjml_error(mjml, str(error)) from None
    return "<!DOCTYPE html>" + html[len("<!doctype html>") :]


def _mjml_error(mjml: str, said: str) -> MarkupError:
    """Return mrml's complaint, at what its span points at in the document as it was filled."""
    try:
        mjml2html(mjml, fonts={})
    except ValueError as error:
        said = str(error)
    told = said.split(" at position", maxsplit=1)[0]
    span = _SPAN.search(said)
    position = len(mjml.encode()[: int(span[1])].decode("utf-8", "ignore")) if span else 0
    cure = "Close every element, write `&lt;` for `<`, and quote every attribute."
    return MarkupError(position, f"is not valid MJML: {told}", cure)


def _inlined(html: str, css: str) -> str:
    """Inline `css`; what MJML made (media queries, conditional comments) stays as it is."""
    from tigc_mail.render.inlining import Inliner  # noqa: PLC0415 (heavy; not for kept messages)

    marked = html.replace("<style", f"<style{_MARKER}")
    inlined: str = Inliner(marked, css).transform(pretty_print=False)
    return inlined.replace(_MARKER, "")


def _without(html: str, sentinel: str, place: str) -> str:
    comment = f"<!--[if {sentinel}]><![endif]-->"
    if html.count(comment) != 1:
        cause = "the end of the message was lost on the way"
        raise TemplateError(cause, place, "Look for an unclosed element or comment.")
    return html.replace(comment, "")


def _with_language(html: str, locale: Locale, place: str) -> str:
    """Set `lang` and `dir` on html and body, as assistive software expects."""
    attributes = f'lang="{locale}" dir="{direction(locale)}"'
    html, heads = re.subn(r'<html lang="[^"]*" dir="[^"]*"', f"<html {attributes}", html)
    html, bodies = re.subn(r"<body\b", f"<body {attributes}", html)
    if (heads, bodies) != (1, 1):
        cause = "the layout has no single <mjml> with one <mj-body>"
        raise TemplateError(cause, place, 'Write <mjml lang="..." dir="..."> around it.')
    return html
