"""The check of an edition: which variants are looked at, and where findings are."""

from datetime import datetime
from pathlib import Path

import pytest
from tests.interfaces.small import COURSES, Small, spot_of

from tigc_mail import StoreError, UsageError, Workspace
from tigc_mail.interfaces.checking import check_edition
from tigc_mail.render.lint.follow import Policy

# What cannot even be rendered


def test_a_wrong_file_is_told_fault_by_fault(small: Small) -> None:
    small.change("marking: TLP:CLEAR", "marking: TLP:WHITE")
    small.change("kind: newsletter", "kind: letter")
    checked = small.check()
    assert not checked.clean
    assert [finding.check.id for finding in checked.findings] == ["wrong-file"] * 2
    assert checked.findings[0].place == "editions/news/edition.yaml: kind (line 1, column 1)"
    assert (checked.variants, checked.matrix) == ((), ())


def test_a_text_that_cannot_be_rendered_is_told_and_the_rest_is_checked(small: Small) -> None:
    small.change("[les cours](https://example.org/cours)", "[les cours](http://example.org/cours)")
    small.change(COURSES, "[click here](https://example.org/courses)")
    finding = small.found("cannot-render")
    assert "does not begin with https://" in finding.cause
    assert [variant.locale for variant in finding.variants] == ["fr"]
    assert small.found("link-text-vague")


def test_texts_that_cannot_be_rendered_are_told_all_in_one_go(small: Small) -> None:
    small.change("The programme changed", "The programme {{ nope }} changed")
    small.change("title: {en: Welcome", "title: {en: 'Welcome {{ recipient.nope }}'")
    small.change("What is new in May", "'What is {{ new }}'")
    small.change("en: Three things", 'en: "{{ nope }}" # Three things')
    small.change(COURSES, "[here](http://example.org)", small.edition)
    found = [one for one in small.check().findings if one.check.id == "cannot-render"]
    assert {one.place.split(" (")[0].split(": ")[1] for one in found} == {
        "subject.en",
        "preheader.en",
        "blocks[0].title.en",
        "blocks[0].body.en",
    }
    assert len(found) == 4
    assert {variant.locale for one in found for variant in one.variants} == {"en"}


def test_a_text_of_an_audience_file_that_cannot_be_rendered_is_told_beside_others(
    small: Small,
) -> None:
    small.change("A fake earns", "A fake {{ nope }} earns", small.audience)
    small.change("What is new in May", "'What is {{ new }}'")
    found = [one for one in small.check().findings if one.check.id == "cannot-render"]
    assert sorted(one.place.split(" (")[0] for one in found) == [
        "audiences/readers.yaml: key_messages.crime.body.en",
        "editions/news/edition.yaml: subject.en",
    ]


def test_a_wrong_audience_does_not_hide_what_is_wrong_with_the_edition(small: Small) -> None:
    small.change("ceiling: TLP:CLEAR", "ceiling: TLP:PINK", small.audience)
    small.change("kind: newsletter", "kind: letter")
    assert [one.place.split(" (")[0] for one in small.check().findings] == [
        "audiences/readers.yaml: ceiling",
        "editions/news/edition.yaml: kind",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("blocks/text.mjml.j2", b"{% if %}"),
        ("blocks/text.mjml.j2", b"caf\xe9"),
        ("newsletter.mjml.j2", b"<mjml>"),
        ("theme.yaml", b"- one"),
        ("theme.css", b"@media print {}"),
        ("phrases/fr.po", b'msgid "a" b'),
        ("phrases/fr.po", b"caf\xe9"),
    ],
)
def test_a_wrong_template_is_told_with_its_name(small: Small, name: str, content: bytes) -> None:
    (small.folder / "templates" / name).write_bytes(content)
    finding = small.found("cannot-render")
    assert finding.place.startswith(f"templates/{name}")
    assert {variant.locale for variant in finding.variants} >= {"fr"}


def test_an_unknown_edition_is_wrong_usage(small: Small) -> None:
    with pytest.raises(UsageError, match="there is no edition"):
        check_edition(Workspace.open(small.folder), "old")


# Following links


@pytest.fixture
def lookups() -> list[str]:
    """The hosts that were looked up, as they come."""
    return []


@pytest.fixture
def private(lookups: list[str]) -> Policy:
    """A policy of a world in which every host is on a private network."""

    def resolve(host: str, _port: int) -> list[str]:
        lookups.append(host)
        return ["10.0.0.8"]

    return Policy(resolve=resolve)


def test_links_are_followed_only_where_that_is_asked_for(
    small: Small, private: Policy, lookups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    small.check()
    assert lookups == []
    small.check(private)
    assert lookups == ["example.org"] * 2


def test_a_link_that_was_followed_leads_back_to_its_text(small: Small, private: Policy) -> None:
    small.change("https://example.org/cours)", "https://example.org/courses)")
    finding = small.found("link-private", private)
    assert finding.place.startswith("editions/news/edition.yaml: blocks[0].body.en (line ")
    assert finding.cause == "https://example.org/courses leads to an address that is not public"
    assert [variant.locale for variant in finding.variants] == ["en", "fr"]


def test_links_left_out_are_counted(small: Small) -> None:
    policy = Policy(resolve=lambda _host, _port: ["10.0.0.8"], links=1)
    assert small.found("link-unfollowed", policy).cause == "1 of 2 links were not followed"


def test_progress_is_told_for_each_variant(small: Small) -> None:
    steps: list[float] = []
    check_edition(Workspace.open(small.folder), "news", advance=steps.append)
    assert steps == [1, 1]


NOTICE = """\
  - id: event
    type: event
    marking: TLP:CLEAR
    title: {en: The meeting, fr: La réunion}
    event:
      uid: meeting@example.org
      sequence: 2
      issued: 2027-03-01T09:00:00Z
      stage: announced
      name: {en: The meeting, fr: La réunion}
      time_zone: Europe/Paris
      start: 2027-06-01
"""


def test_an_attribute_that_no_contact_has_is_told_where_it_is_named(
    small: Small, tmp_path: Path
) -> None:
    small.change("See [the", "In {{ recipient.attributes.regoin }}, see [the")
    small.change("Voyez", '{{ recipient.attributes["region"] }} : voyez')
    small.change(
        "    key_message: crime",
        "    key_message: crime\n"
        "    show_when: {any: [{field: role, equals: x}, {not: {field: attributes.scoer, equals: 3}}]}",
    )
    segment = (
        "segment: {all: [{field: sector, equals: public}, {field: attributes.%s, present: %s}]}"
    )
    rules = (segment % ("regio", "true"), segment % ("score", "false"))
    small.change("segment: {field: sector, equals: public}", rules[0], small.audience)
    other = small.audience.with_name("others.yaml")
    other.write_text(small.audience.read_text("utf-8").replace(*rules), "utf-8")
    small.change("[readers]", "[readers, others]")
    told = [one for one in small.check().findings if one.check.id == "attribute-unknown"]
    assert told == []
    assert not list(small.folder.glob("*.db")), "a check makes no database"
    (tmp_path / "c.csv").write_text("email,region,score\nana@example.org,North,3\n", "utf-8")
    Workspace.open(small.folder).contacts.import_file(tmp_path / "c.csv")
    told = [one for one in small.check().findings if one.check.id == "attribute-unknown"]
    segment_at = spot_of(small.audience, "field: attributes.regio")
    file, rule = "editions/news/edition.yaml", spot_of(small.edition, "field: attributes.scoer")
    assert {(one.place, one.cause.partition(";")[0], one.cure) for one in told} == {
        (
            f"{file}: blocks[0].body.en ({spot_of(small.edition, 'recipient.attributes.regoin')})",
            "no contact has the attribute 'regoin'",
            "Did you mean `region`?",
        ),
        (
            f"{file}: blocks[1].show_when.any[1].not.field ({rule})",
            "no contact has the attribute 'scoer'",
            "Did you mean `score`?",
        ),
        (
            f"audiences/readers.yaml: segment.all[1].field ({segment_at})",
            "no contact has the attribute 'regio'",
            "Did you mean `region`?",
        ),
    }
    (of_segment,) = [one for one in told if one.place.startswith("audiences/")]
    assert {variant.audience for variant in of_segment.variants} == {"readers"}
    assert all(one.cause.endswith("; those of contacts are 'region', 'score'") for one in told)


def test_a_database_that_cannot_be_read_stops_no_check(small: Small) -> None:
    small.change("See [the", "In {{ recipient.attributes.region }}, see [the")
    (small.folder / "tigc-mail.db").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError):
        Workspace.open(small.folder).contacts.count()
    assert small.check().clean


def test_a_moment_on_the_wrong_side_of_now_is_told(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.add(NOTICE)
    small.edition.write_text(
        f"not_after: 2027-02-28T23:00:00Z\n{small.edition.read_text('utf-8')}", "utf-8"
    )
    own = {"not-after-over", "issued-ahead"}

    def told(now: str) -> dict[str, str]:
        monkeypatch.setattr(Workspace, "now", lambda _: datetime.fromisoformat(now))
        findings = small.check().findings
        return {one.check.id: one.place for one in findings if one.check.id in own}

    assert told("2027-02-28T22:00:00Z") == {
        "issued-ahead": "editions/news/edition.yaml: blocks[2].event.issued (line 35, column 7)"
    }
    assert told("2027-03-02T09:00:00Z") == {
        "not-after-over": "editions/news/edition.yaml: not_after (line 1, column 1)"
    }


def test_the_notices_of_an_event_in_two_editions_are_compared(small: Small) -> None:
    small.add(NOTICE)
    assert "event-order" not in small.ids()
    later = small.edition.read_text("utf-8").replace("2027-03-01", "2027-04-01")
    folder = small.folder / "editions" / "later"
    folder.mkdir()
    (folder / "edition.yaml").write_text(later, "utf-8")
    found = small.found("event-order")
    assert found.place == "editions/news/edition.yaml: blocks[2].event.sequence (line 33, column 7)"
    assert found.cause.startswith("news and later tell of meeting@example.org; later is issued")
    assert len(found.variants) == 2
    (folder / "edition.yaml").write_text("kind: letter\n", "utf-8")
    assert "event-order" not in small.ids()
