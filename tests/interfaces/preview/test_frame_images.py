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


@pytest.mark.parametrize(
    "address", ["//e.org/a.png", "near.png", "/a.png", "cid:a@b", "&#104;ttps://e.org"]
)
def test_whatever_is_not_in_the_page_is_held_back(address: str) -> None:
    assert framed(f'<img src="{address}">', Mode.LIGHT) == '<img src="data:,">'


@pytest.mark.parametrize("address", ["near.png", "/a.png", "cid:a@b"])
def test_what_is_not_of_the_web_is_held_back_also_where_images_are_wanted(address: str) -> None:
    """Nothing of a message is asked of the preview itself."""
    assert framed(f"<img src={address}>", Mode.LIGHT, images=True) == "<img src=data:,>"


@pytest.mark.parametrize(
    "hiding",
    [
        "<a title='> \"'>",
        "<a title=it's>",
        "<p title='>'x='>'>",
        "<!-- don't <a title=' -->",
        "<!-->",
        "<title>don't <a '</title>",
        "<style>a { content: '<' }</style>",
        "<a b = '<img' c>",
    ],
)
def test_an_image_is_found_after_anything(hiding: str) -> None:
    """As a browser reads it, so does what looks for images."""
    page = f"{hiding}<IMG\n alt='a < b'/src='{WEB}'>"
    assert WEB not in framed(page, Mode.LIGHT)
    assert framed(page, Mode.LIGHT, images=True) == page


@pytest.mark.parametrize("kind", ["stylesheet", "preconnect", "dns-prefetch", "icon"])
def test_links_to_what_is_no_image_are_never_followed(kind: str) -> None:
    page = f"<head><LINK rel='{kind}' href='https://e.org/a'></head><p>Text</p>"
    for images in (False, True):
        assert framed(page, Mode.LIGHT, images=images) == "<head></head><p>Text</p>"
