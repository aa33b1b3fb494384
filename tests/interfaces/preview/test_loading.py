"""What a page would load and is no image is taken out of it, and nothing else is."""

from html.parser import HTMLParser
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.interfaces.preview.loading import spared

FAR = "https://e.org/far"

LOADING = {
    f'<video controls src="{FAR}"><source src={FAR}></video>': "<video controls ><source ></video>",
    f"<audio SRC = '{FAR}' loop></audio>": "<audio  loop></audio>",
    "<track src='near.vtt'>": "<track >",
    f"<iframe src='{FAR}'></iframe>": "<iframe ></iframe>",
    f'<iframe srcdoc="<img src={FAR}>">Words</iframe>': "<iframe >Words</iframe>",
    f'<object data="{FAR}">Words</object>': "<object >Words</object>",
    f"<embed src={FAR}>": "<embed >",
    f"<svg><use href='{FAR}#a'/></svg>": "<svg><use /></svg>",
    f"<link rel=stylesheet href={FAR}>A": "A",
    f"<base href={FAR}>A": "A",
    f"<META http-equiv=Refresh content='1; url={FAR}'>A": "A",
    f"<style>@import '{FAR}?a;b'; a {{}}</style>": "<style>  a {}</style>",
    f"<style>@IMPORT url({FAR}?a;b) screen; a {{}}</style>": "<style>  a {}</style>",
    f"<style>a {{}} @font-face {{ src: url({FAR}) }} b {{}}</style>": "<style>a {}   b {}</style>",
    f"<style>a {{ b: 'open\n; }} @import '{FAR}'; c {{}} </style>": "<style>a { b: 'open\n; }   c {} </style>",
    f"<p style='filter: url({FAR}#a)'>": "<p style='filter: url(data:,)'>",
}

STAYS = [
    f"<img alt=\"url({FAR})\" title='url({FAR})' src='data:,'>",
    "<svg><use href='#a'/><rect filter='url(#a)'/></svg>",
    f"<style>/* @import '{FAR}'; url({FAR}) */ a::after {{ content: '@import url({FAR})' }}</style>",
    "<style>@font-face { src: local('Arial') } a { background: url(data:image/gif;base64,R0lG) }</style>",
    f"<p title=\"{FAR}\">@import '{FAR}'; url({FAR}) &lt;video src={FAR}></p>",
    f"<!--[if mso]><v:fill src='{FAR}'><![endif]--><!--[if !mso]><!--><a href='{FAR}'>A</a><!--<![endif]-->",
    f"<title><video src='{FAR}'></title><textarea><link href='{FAR}'></textarea>",
    "<meta http-equiv='X-UA-Compatible' content='IE=edge'><img alt='' src=''>",
    f"<script src='{FAR}'>'<video src=x>'</script>",
    "<p style=\"font-family: 'Open Sans', sans-serif; color: rgb(1, 2, 3)\">",
]


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize(("page", "left"), LOADING.items())
def test_it_is_taken_out_with_images_and_without(*, page: str, left: str, images: bool) -> None:
    assert spared(page, images=images) == left


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("page", STAYS)
def test_all_else_stays_as_it_was_written(*, page: str, images: bool) -> None:
    assert spared(page, images=images) == page


def test_pictures_of_style_sheets_are_images() -> None:
    page = f"<p style=\"list-style-image: image-set('{FAR}' 1x, url(&quot;{FAR}&quot;) 2x)\">"
    assert spared(page, images=True) == page
    assert FAR not in spared(page, images=False)


class _Words(HTMLParser):
    """What is read of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [str(value) for name, value in attrs if (tag, name) == ("a", "href")]


_PIECE = st.one_of(
    st.sampled_from(["<p>", "</p>", "<br/>", "<!-- ' -->", f"<img alt='>' src='{FAR}'>"]),
    st.sampled_from([f"<a title='\"' href='{FAR}'>", "</a>", f"<video src={FAR}>", "<link a>"]),
    st.text("ab '\"=/(@;:#", min_size=1, max_size=8),
)


@given(st.lists(_PIECE, max_size=12))
def test_words_and_links_stay_whatever_stands_around_them(pieces: list[str]) -> None:
    page = "".join(pieces)
    for images in (False, True):
        words = "".join(_Words(spared(page, images=images)).found)
        assert words == "".join(_Words(page).found)


_OPEN = [
    '<img src="',
    "<a b='",
    "<img ",
    "<a =",
    "<a b= ",
    "<!--",
    "<style>",
    "<title>",
    "<iframe ",
]
_STYLES = ["@import (", '@import "x', "@font-face{", "@font-face(", "url(", "url('", "image-set('"]


@pytest.mark.parametrize(
    "again", [*_OPEN, *_STYLES, "<img srcset=a", *(f"<p style='{each}" for each in _STYLES)]
)
@pytest.mark.parametrize("before", ["", "<style>", "<p style='"])
def test_no_page_takes_longer_than_its_length(before: str, again: str) -> None:
    """A million characters of what never ends; were each looked at to the end, it took hours."""
    page = before + again * (1_000_000 // len(again))
    began = perf_counter()
    spared(page, images=False)
    assert perf_counter() - began < 10
