"""The law: what is above an audience's ceiling changes nothing of what that audience gets."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.content.edition import Edition
from tigc_mail.content.scope import Scope
from tigc_mail.ground.marking import Marking
from tigc_mail.people.audience import Audience

HIDDEN = "sesame "
"""Stands in every text that the public must not read."""

Written = dict[str, Any]
LOW, HIGH = ("TLP:CLEAR",), tuple(str(each) for each in Marking if each is not Marking.CLEAR)

words = st.text("abc é", min_size=1).filter(str.strip)


def texts(draw: st.DrawFn, prefix: str) -> Written:
    """Draw a text in some languages and for some audiences; English is always there."""
    keys = draw(st.sets(st.sampled_from(["fr", "police", "public"])))
    return {key: prefix + draw(words).strip() for key in sorted({"en", *keys})}


@st.composite
def text_blocks(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    prefix = HIDDEN if markings is HIGH else ""
    block = {"type": "text", "body": texts(draw, prefix), "title": texts(draw, prefix)}
    if draw(st.booleans()):
        block["show_when"] = {"field": "tags", "contains": "liaison"}
    return block | {"marking": draw(st.sampled_from(markings))}


@st.composite
def partners(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    prefix = HIDDEN if markings is HIGH else ""
    marking = draw(st.sampled_from(markings))
    return {"name": texts(draw, prefix), "acronym": prefix + "X", "marking": marking}


@st.composite
def groups(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    prefix = HIDDEN if markings is HIGH else ""
    inside = st.one_of(partners(markings), partners(HIGH))
    return {
        "name": texts(draw, prefix),
        "marking": draw(st.sampled_from(markings)),
        "partners": draw(st.lists(inside, min_size=1, max_size=3)),
    }


@st.composite
def partner_blocks(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    prefix = HIDDEN if markings is HIGH else ""
    return {
        "type": "partner-list",
        "title": texts(draw, prefix),
        "marking": draw(st.sampled_from(markings)),
        "groups": draw(st.lists(groups(markings), min_size=1, max_size=3)),
    }


@st.composite
def statistics(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    label = texts(draw, HIDDEN if markings is HIGH else "")
    number = draw(st.integers(0, 9)) + (7_777_000 if markings is HIGH else 0)
    return {"number": number, "label": label, "marking": draw(st.sampled_from(markings))}


@st.composite
def statistics_blocks(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    inside = st.one_of(statistics(markings), statistics(HIGH))
    return {
        "type": "statistics",
        "title": texts(draw, HIDDEN if markings is HIGH else ""),
        "marking": draw(st.sampled_from(markings)),
        "statistics": draw(st.lists(inside, min_size=1, max_size=3)),
    }


@st.composite
def flat_blocks(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    """Draw a block whose parts have no marking of their own."""
    said = partial(texts, draw, HIDDEN if markings is HIGH else "")
    link = f"https://example.org/{'sesame-' if markings is HIGH else ''}page"
    kinds: list[Written] = [
        {"type": "quote", "body": said(), "speaker": said(), "role": said()},
        {"type": "figure", "image": link, "alt": said(), "caption": said(), "url": link},
        {
            "type": "custom",
            "template": "poll",
            "lines": {"question": said()},
            "texts": {"advice": said()},
            "links": {"page": link},
        },
    ]
    return draw(st.sampled_from(kinds)) | {"marking": draw(st.sampled_from(markings))}


def blocks(markings: tuple[str, ...]) -> st.SearchStrategy[Written]:
    return st.one_of(
        text_blocks(markings),
        partner_blocks(markings),
        statistics_blocks(markings),
        flat_blocks(markings),
    )


def interleaved(draw: st.DrawFn, items: list[Written], secret: list[Written]) -> list[Written]:
    """Return `items` in their order, with all of `secret` put in between somewhere."""
    found = list(items)
    for one in secret:
        found.insert(draw(st.integers(0, len(found))), one)
    return found


def is_secret(one: Written) -> bool:
    return one.get("marking") in HIGH


def disturbed(draw: st.DrawFn, written: list[Written]) -> list[Written]:
    """Return blocks that differ only in what is above TLP:CLEAR, from the top down to partners."""
    kept = [disturbed_inside(draw, block) for block in written if not is_secret(block)]
    added = draw(st.lists(blocks(HIGH), max_size=2))
    named = [block | {"id": f"hidden-{at}"} for at, block in enumerate(added)]
    return interleaved(draw, kept, named)


def disturbed_inside(draw: st.DrawFn, block: Written) -> Written:
    if block["type"] == "statistics":
        open_ones = [one for one in block["statistics"] if not is_secret(one)]
        secret = draw(st.lists(statistics(HIGH), min_size=not open_ones, max_size=2))
        return block | {"statistics": interleaved(draw, open_ones, secret)}
    if block["type"] != "partner-list":
        return block
    open_groups = [disturbed_group(draw, group) for group in block["groups"]]
    kept = [group for group in open_groups if not is_secret(group)]
    hidden = draw(st.lists(groups(HIGH), min_size=not kept, max_size=2))
    return block | {"groups": interleaved(draw, kept, hidden)}


def disturbed_group(draw: st.DrawFn, group: Written) -> Written:
    kept = [partner for partner in group["partners"] if not is_secret(partner)]
    hidden = draw(st.lists(partners(HIGH), min_size=not kept, max_size=2))
    return group | {"partners": interleaved(draw, kept, hidden)}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[Written], list[Written]]:
    """Draw the blocks of an edition, and others that look the same from below TLP:GREEN."""
    drawn = draw(st.lists(st.one_of(blocks(LOW), blocks(HIGH)), max_size=4))
    written = [block | {"id": f"block-{at}"} for at, block in enumerate(drawn)]
    base = {"id": "base", "type": "text", "marking": "TLP:CLEAR", "body": "Hello"}
    return [base, *written], disturbed(draw, [base, *written])


@given(pair=pairs(), locale=st.sampled_from(["en", "fr"]), every=st.booleans())
def test_what_is_above_the_ceiling_changes_nothing_below_it(
    pair: tuple[list[Written], list[Written]],
    locale: Any,
    every: bool,  # noqa: FBT001 - drawn by name
    audiences: Mapping[str, Audience],
    edition_of: Callable[..., Written],
) -> None:
    one, other = (
        Edition.model_validate(edition_of(*written), context=Scope(workspace=audiences))
        for written in pair
    )
    shown = None if every else frozenset[str]()
    public = audiences["public"]
    tailored = one.for_audience(public, locale, shown)
    assert tailored == other.for_audience(public, locale, shown)
    assert one.conditional_blocks(public) == other.conditional_blocks(public)
    assert HIDDEN.strip() not in repr(tailored)
    assert "7777" not in repr(tailored)
    assert tailored.marking is Marking.CLEAR
