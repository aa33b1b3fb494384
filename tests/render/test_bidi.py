"""Right-to-left plain text, read by the Unicode bidirectional algorithm."""

import re
from collections.abc import Callable

import pytest
from bidi import get_display
from hypothesis import example, given
from hypothesis import strategies as st

from tigc_mail.render.bidi import END, FIRST_STRONG_ISOLATE, RTL_ISOLATE, RTL_MARK, arranged
from tigc_mail.render.message import CompiledMessage
from tigc_mail.render.slots import SlotSheet

MARKS = re.compile("[\u200e\u200f\u2066-\u2069]")

ARABIC = ["المؤتمر", "في", "سان خوسيه", "برنامج", "والقرصنة", "مؤجَّلة"]
NAMES = [
    "INTERPOL",
    "IP Crime Conference",
    "@IIPCIC",
    "#IPCrimeConference",
    "World Customs Organization (WCO)",
    "TLP:AMBER+STRICT",
    "contact@tigc.example.org",
    "C++",
    "3D",
    "-35%",
    "+33 1 23 45",
]
LINKS = [
    "https://tigc.example.org/",
    "https://tigc.example.org/a-b_c?x=1&y=2",
    "https://tigc.example.org/2026",
    "https://a.org/x=",
]


def shown(line: str) -> str:
    """Return a line as it is shown from left to right, without the marks."""
    return MARKS.sub("", get_display(line, base_dir="R"))


@given(
    words=st.lists(st.sampled_from([*ARABIC, *NAMES, *LINKS]), min_size=1, max_size=7),
    separator=st.sampled_from([" ", "، ", " | ", " │ ", " · "]),
    item=st.sampled_from(["", "- ", "> ", "1. ", "    "]),
)
@example(words=["المؤتمر", "+33 1 23 45", "3D"], separator=" ", item="")
def test_names_and_links_keep_their_order_on_every_line(
    words: list[str], separator: str, item: str
) -> None:
    spaced = [word if word[-1].isalnum() else f"{word} " for word in words]
    line = arranged(item + separator.join(spaced))
    for name in {*words} & {*NAMES, *LINKS}:
        assert name in shown(line), line


@given(words=st.lists(st.sampled_from([*NAMES, *LINKS, "----", "=", "12"]), min_size=1, max_size=4))
def test_a_line_without_an_arabic_letter_stands_on_the_right(words: list[str]) -> None:
    """The first strong character decides on the direction of a line (rules P2 and P3)."""
    assert arranged(" | ".join(words)).startswith(RTL_MARK)


@given(
    text=st.text(
        st.sampled_from("ab1 .-|│·()[]\n:@#/ابت،") | st.characters(codec="utf-8"), max_size=60
    )
)
def test_nothing_but_marks_is_added_and_isolates_are_closed_on_their_line(text: str) -> None:
    text = MARKS.sub("", text)
    marked = arranged(text)
    assert MARKS.sub("", marked).replace(" \n", "\n").rstrip(" ") == text.replace(
        " \n", "\n"
    ).rstrip(" ")
    for line in marked.split("\n"):
        assert line.count("\u2066") == line.count(END)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("line", ["الموقع: {}", "- INTERPOL: {}", "{}", "انظر {} هنا"])
def test_behind_a_link_stands_a_blank_or_nothing(line: str, link: str) -> None:
    """Or mail programs would take the mark for a part of the address."""
    behind = arranged(line.format(link)).partition(link)[2]
    assert behind[:1] in ("", " ")


def test_lines_of_arabic_words_alone_are_left_as_they_are() -> None:
    text = "\n\n".join(ARABIC)
    assert arranged(text) == text


def test_words_on_both_sides_of_a_separator_are_apart() -> None:
    """Cells of a table and names in a row follow the direction of the line."""
    assert shown(arranged("OECD | WCO · TIGC")) == "TIGC · WCO | OECD"
    assert shown(arranged("OECD │ WCO")) == "WCO │ OECD"


def test_values_of_recipients_stand_in_isolates() -> None:
    sheet = SlotSheet()
    given_name, family_name, salutation, own_time = map(
        sheet.token,
        ("recipient.given_name", "recipient.family_name", "recipient.salutation", "b.own_time"),
    )
    text = f"{given_name} {family_name} مع\n{salutation}\nمع{own_time}"
    name, hello, time = arranged(text, sheet.name).split("\n")
    assert f"{FIRST_STRONG_ISOLATE}{given_name} {family_name}{END}" in name
    assert hello == f"{RTL_MARK}{RTL_ISOLATE}{salutation}{END}"
    assert time == f"مع{own_time}"


def test_the_text_of_an_arabic_message_is_arranged_and_others_are_not(
    compile_with: Callable[..., CompiledMessage],
) -> None:
    body = "مع [INTERPOL](https://www.example.int/)"
    (arabic,) = compile_with(locale="ar", direction="rtl", body=body).text
    (english,) = compile_with(body=body).text
    assert arabic == "مع \u2066INTERPOL\u2069: https://www.example.int/ \u200e\n"
    assert not MARKS.search(str(english))
