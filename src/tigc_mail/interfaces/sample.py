"""The two hundred synthetic contacts of the demonstration, some honest faults among them.

All addresses are in domains that are reserved for examples (RFC 2606).
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

COLUMNS = (
    "email",
    "given_name",
    "family_name",
    "organisation",
    "role",
    "sector",
    "country",
    "locale",
    "consent_basis",
    "consent_at",
    "tags",
    "authority",
)

GOOD = 200
"""Contacts without a fault in their row."""

_NAMES = """
Ana Solís|Ben Carter|Chloé Martin|Daniel Rojas|Émilie Dubois|Fatima Zahra|Grace Mensah|Hugo Lemoine
Inès Moreau|Jean-Paul Okoye|Karim Haddad|Léa Fontaine|María José Vargas|Noor Rahman|Óscar Jiménez
Priya Nair|Quentin Roux|Rosa Delgado|Søren Lind|Thérèse N'Diaye|Uma Patel|Víctor Álvarez
Wanjiku Kamau|Xiomara Peña|Yasmine Ben Ali|Zoë van Dijk
أحمد المنصور|Sinéad O'Brien|Łukasz Nowak|李 娜
"""
_SECTORS = {
    "law-enforcement": (
        ["National Police", "Customs Service", "Police judiciaire", "Border Agency"],
        ["Investigator", "Inspector", "Analyst", "Customs officer"],
    ),
    "government": (
        ["Ministry of Justice", "Intellectual Property Office", "Ministère de l'Économie"],
        ["Adviser", "Legal officer", "Head of unit"],
    ),
    "private-sector": (
        ["Brand Protection & Co", "Pharma Group", "Paiements SA", "Parcel Express"],
        ["Security manager", "Counsel", "Investigator"],
    ),
    "public": (["", "", "Consumers' Association"], ["", "Teacher", ""]),
}
_COUNTRIES = ["FR", "CR", "SN", "CO", "GB", "MX", "JO", "CH", "CA", "ES", "BE", "KE"]
_LANGUAGES = ["en", "en", "fr", "fr", "es", "ar", ""]
_BASES = {
    "law-enforcement": "public-task",
    "government": "public-task",
    "private-sector": "legitimate-interest",
    "public": "consent",
}

UNSUBSCRIBED = ("person017@example.net", "person058@example.com")
"""Those who withdraw their consent after the import."""

BOUNCED = ("person031@example.com",)
"""Those who are suppressed after the import."""

_FAULTY = (
    {"email": "no-at-sign.example.org", "sector": "public"},
    {"email": "faulty.country@example.org", "sector": "government", "country": "XX"},
    {"email": "faulty.language@example.org", "sector": "public", "locale": "klingon"},
    {"email": "faulty.sector@example.org", "sector": "press"},
    {"email": "faulty.date@example.org", "consent_basis": "consent", "consent_at": "last spring"},
    {"email": "two\nlines@example.org", "sector": "public"},
    {"email": "PERSON005@example.net", "given_name": "Twice", "sector": "private-sector"},
)


def write_contacts(path: Path) -> None:
    """Write the contacts into a CSV file, the same at every call."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        rows = [*_good()]
        for at, row in enumerate(_FAULTY):
            rows.insert(24 * (at + 1), row)
        writer.writerows(rows)


def _good() -> Iterator[dict[str, str]]:
    random = Random(20201)  # noqa: S311 (synthetic people, not secrets)
    names = [name for line in _NAMES.strip().splitlines() for name in line.split("|")]
    for number in range(GOOD):
        sector = random.choice([*_SECTORS, "law-enforcement", "public"])
        organisations, roles = _SECTORS[sector]
        given, _, family = names[number % len(names)].partition(" ")
        recorded = number % 19 != 3  # some people never said yes
        yield {
            "email": f"person{number:03d}@example.{('org', 'com', 'net')[number % 3]}",
            "given_name": given if number % 23 else "",
            "family_name": family if number % 23 else "",
            "organisation": random.choice(organisations),
            "role": random.choice(roles),
            "sector": sector if number % 41 != 7 else "",
            "country": random.choice(_COUNTRIES),
            "locale": random.choice(_LANGUAGES),
            "consent_basis": _BASES[sector] if recorded else "",
            "consent_at": f"2024-0{number % 9 + 1}-15" if recorded else "",
            "tags": _tags(number, sector),
            "authority": "regulator" if number % 29 == 11 else "",
        }


def _tags(number: int, sector: str) -> str:
    tags = []
    if sector == "government" and number % 4 == 0:
        tags.append("liaison-officer")
    if sector == "private-sector" and number % 5 == 0:
        tags.append("industry-association")
    return ";".join(tags)
