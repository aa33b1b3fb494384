"""Images of the web are in a message's frame only where they were asked for."""

import pytest

from tigc_mail.interfaces.preview.frame import Mode, framed, policy

WEB = "https://example.org/a.png"
PLACES = [
    f'<img alt="One" src="{WEB}">',
    f"<IMG src='{WEB}'>",
    f"<img alt='a > b' src={WEB}>",
    f'<img src = "{WEB}">',
    f'<image src="{WEB}">',
    f'<input type="image" src="{WEB}">',
    f'<svg><image width="9" height="9" href="{WEB}"/></svg>',
    f"<svg><image xlink:href='{WEB}' href='{WEB}'/></svg>",
    f'<svg><feImage href="{WEB}"/></svg>',
    f'<td background="{WEB}">',
    f'<td style="background: url({WEB}) top">',
    f"<style>a {{ background: url('{WEB}') }}</style>",
]


@pytest.mark.parametrize("place", PLACES)
def test_they_are_taken_out_and_all_else_stays(place: str) -> None:
    assert framed(place, Mode.LIGHT) == place.replace(WEB, "data:,")
    assert framed(place, Mode.LIGHT, images=True) == place


@pytest.mark.parametrize(
    "other",
    [
        f'<a href="{WEB}">{WEB}</a>',
        f'<svg><a href="{WEB}"></a></svg>',
        '<img src="data:image/gif;base64,R0lG">',
        f"<p>{WEB}</p>",
    ],
)
def test_nothing_else_is_taken_for_one(other: str) -> None:
    assert framed(other, Mode.DARK) == other


def test_the_policy_forbids_them_in_any_case() -> None:
    assert "img-src data:;" in policy(images=False)
    assert "img-src data: https: http:;" in policy(images=True)


def test_other_ways_to_name_a_picture_are_held_back_too() -> None:
    html = (
        '<img srcset="https://e.org/a.png 2x, https://e.org/b.png" alt="a" src="https://e.org/c.png">'
        "<video poster='https://e.org/d.png'></video>"
    )
    assert "e.org" not in framed(html, Mode.LIGHT)
    assert framed(html, Mode.LIGHT, images=True) == html


def test_images_without_a_protocol_are_held_back_too() -> None:
    assert framed('<img src="//e.org/a.png">', Mode.LIGHT) == '<img src="data:,">'


@pytest.mark.parametrize("kind", ["stylesheet", "preconnect", "dns-prefetch", "icon"])
def test_links_to_what_is_no_image_are_never_followed(kind: str) -> None:
    page = f"<head><LINK rel='{kind}' href='https://e.org/a'></head><p>Text</p>"
    for images in (False, True):
        assert framed(page, Mode.LIGHT, images=images) == "<head></head><p>Text</p>"
