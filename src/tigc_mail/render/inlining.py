"""Inlining styles by premailer, which takes a seventh of a second to load."""

import logging
from functools import lru_cache
from typing import Any

import cssutils
from premailer import Premailer


class Inliner(Premailer):  # type: ignore[misc]
    """premailer that reads a style sheet once, fetches nothing and keeps quiet."""

    def __init__(self, html: str, css: str) -> None:
        super().__init__(
            html,
            css_text=css,
            allow_network=False,
            keep_style_tags=True,
            strip_important=False,
            disable_validation=True,
            disable_leftover_css=True,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        )

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:  # noqa: FBT001, FBT002
        parser = cssutils.CSSParser(fetcher=lambda _url: ("utf-8", b""), loglevel=logging.CRITICAL)
        return parser.parseString(css_body, validate=validate)

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
        return _rules(css_body, ruleset_index)


@lru_cache(8)
def _rules(css: str, at: int) -> Any:
    """Return the rules of a style sheet as premailer reads them; it only looks at them."""
    return Premailer._parse_style_rules(Inliner("", css), css, at)  # noqa: SLF001
