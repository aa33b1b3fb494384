"""From MJML to finished HTML: compiled by mrml, styles inlined by premailer, languages set."""

import logging
import re
from functools import lru_cache
from typing import Any

import cssutils
from mjml import mjml2html
from premailer import Premailer

from tigc_mail.errors import TemplateError
from tigc_mail.ground.language import Locale, direction
from tigc_mail.render.nesting import depth, fault, quotes_break_out, with_attributes

_MARKER = ' data-premailer="ignore"'
_SPAN = re.compile(r"(\d+):(\d+)")
_INLINE_STYLE = re.compile(r"<mj-style\b[^>]*\sinline\s*=")

_TITLE = re.compile(r"<mj-title\b[^>]*>.*?</mj-title>", re.DOTALL)
_LINE_BREAK = re.compile(r"\s*[\r\n\t]\s*")
_NOT_PLAIN = re.compile(r"[^ -\[\]-~]")

MAX_DEPTH = 200
"""Nesting of elements: beyond 255 premailer loses content without a word."""


def finish(mjml: str, *, css: str, locale: Locale, place: str, sentinel: str) -> str:
    """Return the HTML of an MJML document.

    Args:
        mjml: the document, filled by the templates.
        css: rules to inline.
        locale: the language of the text; it decides `lang` and `dir`.
        place: the layout, for messages.
        sentinel: a token put at the very end of the body, to find out whether anything was cut.

    Raises:
        TemplateError: if the document is not valid MJML, is nested too deep or lost its end.
    """
    _check(mjml, place)
    ending = f"<mj-raw><!--[if {sentinel}]><![endif]--></mj-raw></mj-body>"
    html = _compiled(_spelled_out(ending.join(mjml.rsplit("</mj-body>", 1))), place)
    html = _inlined(html, css)
    return _with_language(_without(html, sentinel, place), locale, place)


def _spelled_out(mjml: str) -> str:
    """Return MJML with references for all but plain letters in attributes and in the title.

    The compiler writes attributes as Rust writes texts for programmers: a blank that does not break
    lines, as French has it before a colon, would be read out as `\\u{a0}`. The title becomes an
    attribute too.
    """
    mjml = with_attributes(mjml, _references)
    return _TITLE.sub(lambda title: _references(title.group()), mjml)


def _references(text: str) -> str:
    plain = _LINE_BREAK.sub(" ", text)
    return _NOT_PLAIN.sub(lambda letter: f"&#{ord(letter.group())};", plain)


def _check(mjml: str, place: str) -> None:
    """Refuse what the compiler, or premailer, takes without a word and gets wrong."""
    if depth(mjml) > MAX_DEPTH:
        cause = f"elements are nested more than {MAX_DEPTH} deep"
        raise TemplateError(cause, place, "Look for an element that is never closed.")
    if inline := _INLINE_STYLE.search(mjml):
        cause = f'<mj-style inline="inline"> is not inlined{_near(mjml, inline.start())}'
        raise TemplateError(cause, place, "Write its rules into templates/theme.css.")
    if (position := quotes_break_out(mjml)) is not None:
        cause = f"a double quote stands in an attribute in single quotes{_near(mjml, position)}"
        raise TemplateError(cause, place, "Put the attribute into double quotes, with `&quot;`.")


def _compiled(mjml: str, place: str) -> str:
    try:
        html = mjml2html(mjml, fonts={})
    except ValueError as error:
        raise _mjml_error(mjml, str(error), place) from None
    return "<!DOCTYPE html>" + html[len("<!doctype html>") :]


def _mjml_error(mjml: str, said: str, place: str) -> TemplateError:
    """Return the fault that can be found, else mrml's complaint and what its span points at."""
    cure = "Close every element, write `&lt;` for `<`, and quote every attribute."
    if found := fault(mjml):
        position, cause = found
        return TemplateError(f"is not valid MJML: {cause}{_near(mjml, position)}", place, cure)
    told = said.split(" at position", maxsplit=1)[0]
    if span := _SPAN.search(said):
        position = len(mjml.encode()[: int(span[1])].decode("utf-8", "ignore"))
        told += _near(mjml, position)
    return TemplateError(f"is not valid MJML: {told}", place, cure)


def _near(mjml: str, position: int) -> str:
    excerpt = " ".join(mjml[max(0, position - 30) : position + 50].split())
    line = mjml.count("\n", 0, position) + 1
    return f", near `{excerpt}` (line {line} of the filled MJML)"


def _inlined(html: str, css: str) -> str:
    """Inline `css`; what MJML made (media queries, conditional comments) stays as it is."""
    marked = html.replace("<style", f"<style{_MARKER}")
    inlined: str = _Inliner(
        marked,
        css_text=css,
        allow_network=False,
        keep_style_tags=True,
        strip_important=False,
        disable_validation=True,
        disable_leftover_css=True,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
    ).transform(pretty_print=False)
    return inlined.replace(_MARKER, "")


class _Inliner(Premailer):  # type: ignore[misc]
    """premailer with a CSS parser that fetches nothing and keeps quiet."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:  # noqa: FBT001, FBT002
        return _parsed(css_body, validate)


@lru_cache(8)
def _parsed(css: str, validate: bool) -> Any:  # noqa: FBT001 (a cached twin of the method above)
    parser = cssutils.CSSParser(fetcher=lambda _url: ("utf-8", b""), loglevel=logging.CRITICAL)
    return parser.parseString(css, validate=validate)


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
