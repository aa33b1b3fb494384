"""Synthetic readers for the benchmarks: as many as wanted, always the same, no two alike.

Their values are as mixed as in life: accents, apostrophes, ampersands, Arabic, missing names. All
addresses are in domains reserved for examples (RFC 2606).
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Engine, Table

from tigc_mail.people.tables import contact_attributes, contact_tags, contacts, suppressions

_GIVEN = """
Ana Ben Chloé Daniel Émilie Fatima Grace Hugo Inès Jean-Paul Karim Léa María Noor Óscar Priya Quentin
Rosa Søren Thérèse Uma Víctor Wanjiku Xiomara Yasmine Zoë Adam Beth Carlos Diana Erik Farid أحمد Sinéad
Łukasz محمد Peter Paul Mary John Sarah James Linda Robert Susan David Karen Thomas Nancy George Helen
Ivan Julia Kofi Laura Marco Nadia Oliver Paula Ramón Sofia Tariq Ursula Vera Walid Ximena Yusuf Zahra
Alice Bruno Cécile Dmitri Elena François Gloria Hassan Isabel Jorge Khadija Louise Mehmet Nicole Omar
Patricia Rachid Simone Teresa Umberto Valérie Wendy Youssef Agnes Björn Clara Denis Esther فاطمة Greta
""".split()
_FAMILY = """
Solís Carter Martin Rojas Dubois Zahra Mensah Lemoine Moreau Okoye Haddad Fontaine Vargas Rahman Jiménez
Nair Roux Delgado Lind N'Diaye Patel Álvarez Kamau Peña Ali Dijk O'Brien Nowak المنصور Smith Johnson
Brown Miller Davis Wilson Anderson Taylor Moore Jackson White Harris Clark Lewis Young Walker Hall
""".split()
_KINDS = (
    """
National Police|Customs Service|Police judiciaire|Border Agency|Ministry of Justice|Brand Protection & Co
Intellectual Property Office|Ministère de l'Économie|Pharma Group|Paiements SA|Parcel Express|وزارة العدل
Consumers' Association|Smith "Quality" Tools|Port Authority|Free Zone Administration|Laboratoire Curie
""".strip()
    .replace("\n", "|")
    .split("|")
)
_PLACES = """
Alajuela Amman Berlin Bogotá Brussels Cairo Dakar Geneva Kingston Lima London Lyon Madrid Montréal Nairobi
Paris Quito Rabat Rome San-José Tunis Vienna Warsaw Zürich
""".split()
_ROLES = (
    """
Investigator|Inspector|Analyst|Customs officer|Adviser|Legal officer|Head of unit|Security manager
Counsel|Chargée d'études|Teacher|محقق
""".strip()
    .replace("\n", "|")
    .split("|")
)
_REGIONS = "North|South|Île-de-France|San José|Western Cape|Haute-Savoie|East|عمان".split("|")
_SECTORS = ("law-enforcement", "government", "private-sector", "public", "public", None)
_COUNTRIES = ("FR", "CR", "SN", "CO", "GB", "MX", "JO", "CH", "CA", "ES", "BE", "KE", None)
_LOCALES = ("en", "fr", "en", "es", "fr", "ar", None)
_TAGS = {29: "liaison-officer", 53: "industry-association", 61: "latin-america-caribbean"}
"""Every so-manyth reader has the tag."""

_MOMENT = "2026-01-01T00:00:00.000000+00:00"
_AT_ONCE = 50_000


class Reader(NamedTuple):
    """One synthetic contact."""

    id: int
    email: str
    given_name: str
    family_name: str
    organisation: str
    role: str
    sector: str | None
    country: str | None
    locale: str | None
    consent_basis: str | None
    consent_withdrawn: bool

    @property
    def region(self) -> str:
        """The value of the attribute `region`."""
        return _REGIONS[self.id % len(_REGIONS)]

    @property
    def page(self) -> str:
        """The value of the attribute `page`, which no two readers share."""
        return f"{self.id * 2_654_435_761 % 2**32:08x}"


def reader(number: int) -> Reader:
    """Return the so-manyth reader, counted from 1.

    One in 11 has no name, one in 13 no organisation; one in 40 gave no consent or took it back.
    """
    drawn = _drawn(number, _GIVEN, _FAMILY, _FAMILY, _KINDS, _PLACES, _ROLES)
    given, family, second, kind, place, role = drawn
    sector, country, locale = _drawn(-number, _SECTORS, _COUNTRIES, _LOCALES)
    named, working, agreed = number % 11, number % 13, number % 40 != 7
    return Reader(
        id=number,
        email=f"reader.{number}@example.org",
        given_name=f"{given}" if named else "",
        family_name=(f"{family} {second}" if number % 2 else f"{family}") if named else "",
        organisation=f"{kind}, {place}" if working else "",
        role=f"{role}" if working else "",
        sector=sector,
        country=country,
        locale=locale,
        consent_basis="consent" if agreed else None,
        consent_withdrawn=not agreed and number % 80 == 7,
    )


def _drawn(number: int, *pools: Sequence[str | None]) -> Iterator[str | None]:
    """Yield a member of each pool, at random, but always the same for a number."""
    lot = blake2b(number.to_bytes(8, "big", signed=True), digest_size=8).digest()
    rest = int.from_bytes(lot, "big")
    for pool in pools:
        rest, place = divmod(rest, len(pool))
        yield pool[place]


def write_readers(engine: Engine, size: int) -> None:
    """Write the first `size` readers into an empty database, by bulk SQL.

    One in 500 is on the suppression list; the tags are those that the shipped audiences ask for,
    and one in 97 works for a regulator.
    """
    everybody = map(reader, range(1, size + 1))
    columns = (*Reader._fields, "email_readable", "email_key", "created_at", "updated_at")
    while some := list(islice(everybody, _AT_ONCE)):
        _write(engine, contacts, columns, ((*r, r.email, r.email, _MOMENT, _MOMENT) for r in some))
        _write(engine, contact_tags, ("contact_id", "tag"), _tags(some))
        _write(engine, contact_attributes, ("contact_id", "name", "value"), _attributes(some))
        blocked = ((r.email, "bounced", "benchmark", _MOMENT) for r in some if not r.id % 500)
        _write(engine, suppressions, ("email_key", "reason", "source", "at"), blocked)


def _tags(some: list[Reader]) -> Iterator[tuple[int, str]]:
    return ((r.id, tag) for r in some for every, tag in _TAGS.items() if not r.id % every)


def _attributes(some: list[Reader]) -> Iterator[tuple[int, str, str]]:
    for one in some:
        yield one.id, "page", one.page
        yield one.id, "region", one.region
        if not one.id % 97:
            yield one.id, "authority", "regulator"


def _write(engine: Engine, table: Table, columns: tuple[str, ...], rows: Iterator[Any]) -> None:
    """Write rows past SQLAlchemy, which would take three times as long for a million."""
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("BEGIN")
        cursor.executemany(statement, list(rows))
        cursor.execute("COMMIT")
    finally:
        raw.close()
