"""The law: what is above an audience's ceiling changes nothing of what that audience gets."""

from collections.abc import Callable, Mapping
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
def details(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    prefix = HIDDEN if markings is HIGH else ""
    marking = draw(st.sampled_from(markings))
    return {"label": texts(draw, prefix), "text": texts(draw, prefix), "marking": marking}


@st.composite
def event_blocks(draw: st.DrawFn, markings: tuple[str, ...]) -> Written:
    prefix = HIDDEN if markings is HIGH else ""
    marking = draw(st.sampled_from(markings))
    event = {
        "name": texts(draw, prefix),
        "uid": f"{draw(st.uuids())}@example.org",
        "issued": "2020-06-15T09:00:00Z",
        "stage": draw(st.sampled_from(["announced", "postponed", "cancelled"])),
        "time_zone": "America/Costa_Rica",
        "start": "2020-08-26",
        "details": [] if markings is HIGH else draw(st.lists(details(HIGH), max_size=2)),
    }
    return {"type": "event", "title": texts(draw, prefix), "marking": marking, "event": event}


def blocks(markings: tuple[str, ...]) -> st.SearchStrategy[Written]:
    return st.one_of(text_blocks(markings), partner_blocks(markings), event_blocks(markings))


def files(markings: tuple[str, ...]) -> st.SearchStrategy[list[Written]]:
    """Draw attachments, without their names."""
    prefix = HIDDEN if markings is HIGH else ""
    one = st.fixed_dictionaries(
        {"title": words.map(lambda text: prefix + text), "marking": st.sampled_from(markings)}
    )
    return st.lists(one, max_size=2)


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
    if block["type"] == "event":
        kept = [detail for detail in block["event"]["details"] if not is_secret(detail)]
        hidden = draw(st.lists(details(HIGH), max_size=2))
        event = block["event"] | {"details": interleaved(draw, kept, hidden)}
        return block | {"event": event}
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
    event = draw(event_blocks(LOW)) | {"id": "base-event"}
    whole = [base, event, *written]
    return whole, disturbed(draw, whole)


@st.composite
def file_pairs(draw: st.DrawFn) -> tuple[list[Written], list[Written]]:
    """Draw attachments, and others that look the same from below TLP:GREEN."""
    low = [file | {"file": f"f{at}.pdf"} for at, file in enumerate(draw(files(LOW)))]
    both = []
    for name in ("x", "y"):
        high = [file | {"file": f"{name}{at}.pdf"} for at, file in enumerate(draw(files(HIGH)))]
        both.append(interleaved(draw, low, high))
    return both[0], both[1]


@given(
    pair=pairs(), attached=file_pairs(), locale=st.sampled_from(["en", "fr"]), every=st.booleans()
)
def test_what_is_above_the_ceiling_changes_nothing_below_it(
    pair: tuple[list[Written], list[Written]],
    attached: tuple[list[Written], list[Written]],
    locale: Any,
    every: bool,  # noqa: FBT001 - drawn by name
    audiences: Mapping[str, Audience],
    edition_of: Callable[..., Written],
) -> None:
    one, other = (
        Edition.model_validate(
            edition_of(*written, attachments=files), context=Scope(workspace=audiences)
        )
        for written, files in zip(pair, attached, strict=True)
    )
    shown = None if every else frozenset[str]()
    public = audiences["public"]
    tailored = one.for_audience(public, locale, shown)
    assert tailored == other.for_audience(public, locale, shown)
    assert one.conditional_blocks(public) == other.conditional_blocks(public)
    assert HIDDEN not in repr(tailored)
    assert tailored.marking is Marking.CLEAR
