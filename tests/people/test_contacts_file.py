"""A contacts file is read row by row; what is wrong is told with its line, field and reason."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BufferedReader, RawIOBase, TextIOWrapper
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigc_mail.errors import ContactsFileError, UsageError
from tigc_mail.people.contacts_file import Note, RejectedRow, Row, open_contacts_file, read_contacts

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
Write = Callable[..., Path]


def read(path: Path) -> list[Row | RejectedRow | Note]:
    with open_contacts_file(path) as file:
        return list(read_contacts(file, path.name, NOW))


def good(path: Path) -> list[Row]:
    return [row for row in read(path) if isinstance(row, Row)]


def rejected(path: Path) -> list[RejectedRow]:
    return [row for row in read(path) if isinstance(row, RejectedRow)]


def test_a_row_becomes_a_contact(write: Write) -> None:
    (row,) = read(
        write(
            "email,given_name,family_name,organisation,role,sector,country,locale,"
            "consent_basis,consent_at,tags,region,score\n"
            "Zoë@BÜCHER.example,Zoë,Ñandú,Customs,Officer,Law-Enforcement,fr,AR,"
            "Consent,2026-11-24T13:00:00+01:00,a;b,North,3\n"
        )
    )
    assert isinstance(row, Row)
    assert row.contact.model_dump() == {
        "id": None,
        "email": "Zoë@xn--bcher-kva.example",
        "email_readable": "Zoë@bücher.example",
        "given_name": "Zoë",
        "family_name": "Ñandú",
        "organisation": "Customs",
        "role": "Officer",
        "sector": "law-enforcement",
        "country": "FR",
        "locale": "ar",
        "consent_basis": "consent",
        "consent_at": NOW,
        "tags": frozenset({"a", "b"}),
        "attributes": {"region": "North", "score": "3"},
    }


@pytest.mark.parametrize(
    "content",
    [
        "email,given_name,note\na@example.org,Ana,x",
        "email;given_name;note\na@example.org;Ana;x\n",
        "\ufeffemail,given_name,note\r\na@example.org,Ana,x\r\n",
        "\ufeffemail;given_name;note\ra@example.org;Ana;x\r",
        '"email";"given_name";"note"\n"a@example.org";"Ana";"x"\n',
        "\n\n EMAIL , Given Name ,note\n\n a@example.org , Ana\u00a0, x\n,,\n",
    ],
)
def test_one_table_may_be_written_in_many_ways(write: Write, content: str) -> None:
    (row,) = good(write(content))
    assert row.contact.email == "a@example.org"
    assert row.contact.given_name == "Ana"
    assert row.contact.attributes == {"note": "x"}


def test_the_delimiter_is_that_of_the_first_line(write: Write) -> None:
    (row,) = good(write('email;"a,b,c";tags\na@example.org;1,5;"x;y"\n'))
    assert row.contact.attributes == {"a,b,c": "1,5"}
    assert row.contact.tags == {"x", "y"}


def test_blank_cells_beyond_the_columns_do_not_count(write: Write) -> None:
    (row,) = good(write("email,given_name\nana@example.org,Ana,, ,\n"))
    assert row.contact.given_name == "Ana"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("e-mail,city", "there is no column 'email' among 'e-mail', 'city'"),
        ("email\tcity", "there are tabs between the columns"),
        ("ana@example.org,Rome", "there is no column 'email' among 'Rome'"),
    ],
)
def test_a_first_line_without_the_column_is_told_with_the_names_that_stand_there(
    write: Write, header: str, told: str
) -> None:
    with pytest.raises(ContactsFileError, match=re.escape(told)) as error:
        read(write(f"{header}\na@example.org,Rome\n"))
    assert "ana@" not in str(error.value)


ORGANISATIONS = "email,organisation,sector,country,note\n"


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("b@example.org,Acme, Inc,private-sector,CH,x", 6),
        ("b@example.org,Acme, Inc,private-sector,CH,", 6),
        ("b@example.org,Acme, Inc,private-sector,,", 6),
        ("b@example.org,Acme, Inc, Bern,private-sector,,", 7),
        ("Acme, Inc,b@example.org,private-sector,CH,,", 7),
        ("b@example.org,Acme,private-sector,CH,x,surplus", 6),
    ],
)
@pytest.mark.parametrize("before", ["", "a@example.org,Acme,,,\n"], ids=["first", "second"])
@pytest.mark.parametrize("end", ["", ",", ", ,"])
def test_a_row_with_an_unquoted_comma_is_told_once_and_for_that_alone(
    write: Write, row: str, cells: int, before: str, end: str
) -> None:
    lines = [ORGANISATIONS.strip(), *before.splitlines(), row]
    (found,) = rejected(write("".join(f"{line}{end}\n" for line in lines)))
    assert found == RejectedRow(
        3 if before else 2,
        "row",
        f"the row has {cells + end.count(',')} cells, the first line names 5 columns; put each text that holds a"
        " comma or a semicolon in quotes, or remove the last cells",
    )


def test_a_file_whose_rows_all_end_in_a_delimiter_is_read_and_its_faults_told(
    write: Write,
) -> None:
    rows = [
        "a@example.org,Acme,public,CH,x,",
        "b@example.org,Acme,police,CH,,",
        "c@example.org,Acme,public,CH,,",
        "d@example.org,Acme, Inc,public,CH,,",
    ]
    path = write(ORGANISATIONS + "\n".join(rows))
    assert [row.line for row in good(path)] == [2, 4]
    assert [(row.line, row.field) for row in rejected(path)] == [(3, "sector"), (5, "row")]


@pytest.mark.parametrize("end", ["", ",", ", ,"])
def test_a_blank_cell_at_the_end_is_the_cause_only_where_the_good_rows_before_have_none(
    write: Write, end: str
) -> None:
    header = f"{ORGANISATIONS.strip()}{end}"
    rows = ["a@example.org,,,,,", "b@example.org,,,,", "c@example.org,Acme, Inc,public,,"]
    assert [row.field for row in rejected(write("\n".join([header, *rows])))] == ["row"]


def test_before_the_first_good_row_a_delimiter_that_ends_the_first_line_is_no_cause(
    write: Write,
) -> None:
    path = write("email,sector,\na@example.org,polic,\nb@example.org,polic,\nc@example.org,polic,,")
    found = rejected(path)
    assert [(row.line, row.field) for row in found] == [(2, "sector"), (3, "sector"), (4, "row")]


def test_the_delimiter_is_the_one_that_sets_the_column_apart(write: Write) -> None:
    (row,) = good(write("email;x,y\nana@example.org;1\n"))
    assert row.contact.attributes == {"x,y": "1"}


def test_a_short_row_is_filled_up_with_blanks(write: Write) -> None:
    (row,) = good(write("email,given_name,note\na@example.org\n"))
    assert row.contact.attributes == {}


def test_a_line_is_the_one_on_which_the_row_starts(write: Write) -> None:
    content = 'email,note\n"a@example.org","two\r\nlines"\n\nb@example.org,"x\n\ny"\nwrong,z\n'
    rows = read(write(content))
    assert [row.line for row in rows] == [2, 5, 8]
    assert rows[0].contact.attributes == {"note": "two\r\nlines"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (",Ana", "email", "is empty"),
        ("ana,Ana", "email", "@-sign"),
        ('a@example.org,"Ana\nSmith"', "given_name", "on one line"),
        ('a@example.org,"Ana\n"', "given_name", "on one line"),
        ("a@example.org,Ana\x00", "given_name", "remove it"),
        ("a@example.org,,police", "sector", "law-enforcement"),
        ("a@example.org,,,Utopia", "country", "ISO 3166-1"),
        ("a@example.org,,,,xx", "locale", "en, fr, es or ar"),
        ("a@example.org,,,,,yes", "consent_basis", "public-task"),
        ("a@example.org,,,,,consent,soon", "consent_at", "2026-11-30"),
        ("a@example.org,,,,,consent,2026-11-24T12:00:01Z", "consent_at", "in the future"),
        ("a@example.org,,,,,,2026-11-24", "consent_basis", "is empty, but consent_at is not"),
        ("a@example.org,,,,,,,x", "column 8", "has no name"),
        ("a@example.org,,,,,,,,\x07", "note", "control character"),
        ("a@example.org,,,,,,,,,x", "row", "10 cells, the first line names 9 columns"),
        ('a@example.org,"Ana "Smith""', "row", "must be doubled"),
    ],
)
def test_a_wrong_row_is_rejected_and_the_others_are_read(
    write: Write, row: str, field: str, reason: str
) -> None:
    header = "email,given_name,sector,country,locale,consent_basis,consent_at,,note"
    first, found, last = read(write(f"{header}\nfirst@example.org\n{row}\nlast@example.org\n"))
    assert isinstance(first, Row)
    assert isinstance(found, RejectedRow)
    assert isinstance(last, Row)
    assert (found.line, found.field) == (3, field)
    assert reason in found.reason
    assert "a@example.org" not in found.reason


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("police", "sector: 'police' is not a sector we know; write public, government, law-"),
        (",UK", "country: 'UK' is not a country code; write the two letters of ISO 3166-1, for"),
        (",,english", "locale: 'english' is not a language we know; write en, fr, es or ar"),
        (",,,yes", "consent_basis: 'yes' is not a basis we know; write consent, public-task or"),
        (",,,consent,soon", "consent_at: 'soon' is not a date of ISO 8601"),
        (",,,consent,2999-01-01", "consent_at: '2999-01-01' lies in the future"),
        (",,,consent,2999-01-01@10:00", "consent_at: lies in the future"),
        (",,,consent,24/11/2026", "consent_at: '24/11/2026' is not a date"),
        (",,,consent,2026-13-01T09:00:00.5+02:00", "consent_at: '2026-13-01T09:00:00.5+02:00' is"),
        (",,,,,a;b,b", "remove_tags: 'b' stands in tags, too"),
        (f"{'x' * 30}", f"sector: '{'x' * 30}' is not a sector"),
        ("Café-Bar", "sector: 'Café-Bar' is not a sector"),
    ],
)
def test_a_wrong_value_is_repeated_where_it_is_one_word_or_a_date(
    write: Write, cells: str, told: str
) -> None:
    header = "email,sector,country,locale,consent_basis,consent_at,tags,remove_tags,note"
    (row,) = rejected(write(f"{header}\na@example.org,{cells}\n"))
    assert f"{row.field}: {row.reason}".startswith(told)


@pytest.mark.parametrize(
    "cells",
    [
        "Marie Dupont +33 612345678",
        "ana[at]secret.org",
        "secret.org",
        "0612345678",
        "x" * 31,
        ",2026-01-32",
        ",Marie Dupont",
        ",,Marie Dupont",
        ",,,Marie Dupont",
        ",,,consent,Marie Dupont",
        ",,,consent,+33612345678",
        ",,,consent,0612345678",
        ",,,consent,20261399",
        ",,,consent,06.12.34.56.78",
        ",,,consent,612-345-6789",
        ",,,consent,06-12/3456",
        ",,,consent,61-23-45",
        ",,,consent,61-23-4567",
        ",,,consent,2999-01-01 09:00",
        ",,,,,Marie Dupont,Marie Dupont",
        ',,,,,"Marie\nDupont"',
        ",,,,,,,Marie\x07",
    ],
)
def test_a_wrong_value_that_may_tell_of_somebody_is_not_repeated(write: Write, cells: str) -> None:
    header = "email,sector,country,locale,consent_basis,consent_at,tags,remove_tags,note"
    (row,) = rejected(write(f"{header}\na@example.org,{cells}\n"))
    assert row.reason.startswith(("is not a ", "lies in ", "a tag stands in ", "holds a "))
    for part in re.findall(r"\w+", cells.replace("consent", "")):
        assert not re.search(rf"\b{part}\b", row.reason.partition("; ")[0])


@pytest.mark.parametrize(
    ("cells", "meant"),
    [
        ("goverment", "government"),
        ("Law Enforcement", "law-enforcement"),
        ("private sector", "private-sector"),
        (",fra", "fr"),
        (",,public task", "public-task"),
        ("police", None),
        (",english", None),
        (",,yes", None),
    ],
)
def test_a_code_that_is_nearly_right_is_proposed(
    write: Write, cells: str, meant: str | None
) -> None:
    (row,) = rejected(write(f"email,sector,locale,consent_basis\na@example.org,{cells}\n"))
    asked = re.findall(r"\. Did you mean `(.+)`\?$", row.reason)
    assert asked == ([] if meant is None else [meant])


@pytest.mark.parametrize("at", ["@", "\N{FULLWIDTH COMMERCIAL AT}", "\N{SMALL COMMERCIAL AT}"])
@pytest.mark.parametrize(
    "column",
    ["given_name", "role", "sector", "country", "locale", "consent_basis", "consent_at", "note"],
)
def test_no_reason_holds_an_address_wherever_it_stands(write: Write, column: str, at: str) -> None:
    content = f"email,{column}\na@example.org,Ana ana{at}example.org\x07\n"
    (row,) = rejected(write(content))
    assert row.field == column
    assert "ana" not in row.reason.lower()


def test_a_cell_that_is_too_long_is_its_rows_fault_alone(write: Write) -> None:
    long = "x" * 200_000
    file = write(f"email,note\na@example.org,{long}\nb@example.org,\nc@example.org,{long}")
    assert [(row.line, row.field) for row in rejected(file)] == [(2, "row"), (4, "row")]
    assert [row.contact.email for row in good(file)] == ["b@example.org"]


def test_no_reason_holds_a_name(write: Write) -> None:
    rows = "a@example.org,Ana\x07,\nb@example.org,,Solis\x07\n"
    told = str(rejected(write(f"email,given_name,family_name\n{rows}")))
    assert told.count("holds a control character") == 2
    assert "Ana" not in told
    assert "Solis" not in told


def test_a_row_with_several_faults_is_rejected_once_and_tells_them_all(write: Write) -> None:
    (found,) = rejected(write("email,sector,country\nana,police,XX\n"))
    assert found.field == "email"
    assert "; sector: 'police' is not a sector" in found.reason
    assert "; country: 'XX' is not a country" in found.reason


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "members.csv: is empty"),
        (b"\n \n", "members.csv: is empty"),
        (b"name,mail\nx,y\n", "members.csv, line 1: there is no column 'email'"),
        (b"email,Email\nx,y\n", "members.csv, line 1: the column 'email' stands there more"),
        (b"email,note,note\n", "members.csv, line 1: the column 'note' stands there more"),
        (b'email,"no\nte"\n', "members.csv, line 1: the name of column 2 holds a line break"),
        (b"email\na@example.org\nb\xe9@example.org\n", "members.csv, line 3: is not UTF-8"),
        ("email\n".encode("utf-16"), "members.csv, line 1: is not UTF-8"),
        (b'email\na@example.org\n"b@example.org\nc\n', "members.csv, line 3: a quoted cell"),
        (b'email,"note\n', "members.csv, line 1: a quoted cell"),
        (b'email,note\na@example.org,"' + b"x" * 200_000, "members.csv, line 2: a quoted cell"),
        ("email\na@example.org\n".encode("utf-16-le"), "members.csv, line 1: is not UTF-8, but"),
        (b"x" * 1_000_001, "members.csv, line 1: a line of more than"),
    ],
)
def test_a_file_that_is_no_table_of_contacts_is_refused(
    write: Write, content: bytes, told: str
) -> None:
    with pytest.raises(ContactsFileError) as caught:
        read(write(content))
    assert str(caught.value).startswith(told)


def test_a_spreadsheet_is_not_taken_for_a_csv_file(write: Write) -> None:
    with pytest.raises(ContactsFileError, match="Save it as CSV in UTF-8"):
        read(write("email\n", name="members.xlsx"))


def test_a_file_that_is_missing_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"members\.csv: no such file"):
        read(tmp_path / "members.csv")


class Endless(RawIOBase):
    """A file that has no end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        row = b"email\n"
        buffer[: len(row)] = row
        return len(row)


def test_no_more_is_read_than_is_asked_for() -> None:
    file = TextIOWrapper(BufferedReader(Endless(), 1), encoding="utf-8", newline="")
    rows = list(islice(read_contacts(file, "endless.csv", NOW), 3))
    assert [row.line for row in rows] == [2, 3, 4]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]))


@given(st.lists(TEXTS, max_size=4))
def test_every_text_in_quotes_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "quoted.csv"
    cells = ['"' + text.replace('"', '""') + '"' for text in texts]
    rows = (f"{at}@example.org,{cell}" for at, cell in enumerate(cells))
    path.write_text("\n".join(["email,note", *rows]), encoding="utf-8", newline="")
    found = [row.contact.attributes.get("note", "") for row in good(path)]
    assert found == [text.strip(" \u00a0") for text in texts]


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ("givenname", "given_name"),
        ("First name", "given_name"),
        ("surname", "family_name"),
        ("consent", "consent_basis"),
        ("Consent-Date", "consent_at"),
        ("organization", "organisation"),
        ("contry", "country"),
        ("tag", "tags"),
    ],
)
def test_a_column_that_looks_like_one_of_ours_is_an_attribute_with_a_hint(
    write: Write, title: str, meant: str
) -> None:
    note, row = read(write(f"\nemail,{title}\nana@example.org,x\n"))
    assert isinstance(note, Note)
    assert (note.line, note.field) == (2, title)
    assert f"call the column `{meant}`" in note.note
    assert isinstance(row, Row)
    assert row.contact.attributes == {title: "x"}


@pytest.mark.parametrize(
    "header", ["email,region,score,since,Customer no,timezone", "email,Given-Name", "email,email 2"]
)
def test_no_other_column_gets_a_hint(write: Write, header: str) -> None:
    assert len(read(write(f"{header}\nana@example.org\n"))) == 1
