"""A page is shown in the colours and on the medium that were asked for."""

import pytest

from tigc_mail.interfaces.preview.frame import Mode, framed

PAGE = """<style media="x">@media (prefers-color-scheme: dark) { a {} }
@media screen and (max-width:520px) { b {} } @media only print { c {} }</style>
<p>@media print (prefers-color-scheme: dark)</p>"""


@pytest.mark.parametrize(
    ("mode", "dark", "screen", "paper"),
    [
        (Mode.LIGHT, "max-width: 0px", "all and", "only not all"),
        (Mode.DARK, "min-width: 0px", "all and", "only not all"),
        (Mode.PRINT, "max-width: 0px", "not all and", "only all"),
    ],
)
def test_the_rules_answer_for_the_mode(mode: Mode, dark: str, screen: str, paper: str) -> None:
    page = framed(PAGE, mode)
    assert f"@media ({dark}) {{ a {{}} }}" in page
    assert f"@media {screen} (max-width:520px) {{ b {{}} }}" in page
    assert f"@media {paper} {{ c {{}} }}" in page


def test_the_text_of_a_page_is_left_alone() -> None:
    assert "<p>@media print (prefers-color-scheme: dark)</p>" in framed(PAGE, Mode.DARK)
