"""Equal inputs of a compilation have equal identities, and different ones different."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.ground.fingerprint import fingerprint
from tigc_mail.ground.marking import Marking
from tigc_mail.render import identity
from tigc_mail.render.identity import _plain, identity_of


@dataclass(frozen=True)
class One:
    value: object


@dataclass(frozen=True)
class Other:
    value: object


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.binary(max_size=3)
    | st.dates()
    | st.datetimes(
        timezones=st.sampled_from([UTC, ZoneInfo("Europe/Paris"), timezone(timedelta(hours=1))])
    )
    | st.sampled_from(Marking)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple) | st.builds(One, inner) | st.builds(Other, inner)
    ),
)


def known(value: object) -> str:
    """Return a text that is another for another value, its types and zones included."""
    if isinstance(value, tuple):
        return f"({','.join(map(known, value))},)"
    if isinstance(value, One | Other):
        return f"{type(value).__name__}({known(value.value)})"
    return f"{type(value).__name__} {value!r}"


@given(values, values)
def test_values_are_written_the_same_only_if_they_are_the_same(one: object, other: object) -> None:
    assert (json.dumps(_plain(one)) == json.dumps(_plain(other))) is (known(one) == known(other))


def test_a_value_of_an_unknown_kind_is_refused_and_not_left_out() -> None:
    with pytest.raises(TypeError, match="has no place in the identity"):
        _plain(One({"a": "set"}.keys()))
    with pytest.raises(TypeError, match="has no place in the identity"):
        _plain(One(Path("agenda.pdf")))


def test_a_date_a_text_and_a_moment_that_look_alike_are_different() -> None:
    alike = [date(2027, 3, 2), "2027-03-02", datetime(2027, 3, 2, tzinfo=UTC)]
    assert len({str(_plain(value)) for value in alike}) == 3
    assert _plain(Marking.GREEN) != _plain("TLP:GREEN")


def test_each_input_counts(shipped_variants: tuple[TailoredEdition, ...]) -> None:
    edition = shipped_variants[0]
    same = identity_of(edition, "templates", "https://a.example")
    assert identity_of(replace(edition), "templates", "https://a.example") == same
    assert len({identity_of(one, "t", "u") for one in shipped_variants}) == len(shipped_variants)
    others = [
        identity_of(replace(edition, preheader="another"), "templates", "https://a.example"),
        identity_of(edition, "others", "https://a.example"),
        identity_of(edition, "templates", "https://b.example"),
    ]
    assert len({same, *others}) == 4


def test_another_version_of_a_package_is_another_program(
    shipped_variants: tuple[TailoredEdition, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edition = shipped_variants[0]
    before = identity_of(edition, "t", "u")
    (tmp_path / "premailer-99.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    identity.tools.cache_clear()
    try:
        assert identity_of(edition, "t", "u") != before
    finally:
        monkeypatch.undo()
        identity.tools.cache_clear()
    assert identity_of(edition, "t", "u") == before


def test_a_moved_folder_is_the_same_and_a_linked_folder_is_looked_into(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "x").write_text("1")
    here.mkdir()
    (here / "blocks").symlink_to(tmp_path / "blocks")
    (here / "circle").symlink_to(here)
    before = fingerprint(here)
    assert before is not None
    (tmp_path / "blocks" / "x").write_text("2")
    assert fingerprint(here) != before
    (tmp_path / "blocks" / "x").write_text("1")
    here.rename(there)
    (there / "circle").unlink()
    (there / "circle").symlink_to(there)
    assert fingerprint(there) == before
