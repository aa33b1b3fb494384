"""A segment: the contacts that a rule chooses, in SQL and one by one, with the reason.

The two ways choose the same people; a property in the tests holds them together.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import ge, gt, le, lt
from typing import Any, assert_never

from sqlalchemy import Column, ColumnElement, Select, and_, exists, func, not_, or_, select

from tigc_mail.people.contact import Contact, day_in, number_in
from tigc_mail.people.rule import AllOf, AnyOf, Comparison, Not, Operator, Rule, Scalar
from tigc_mail.people.tables import contact_attributes, contact_tags, contacts

_ORDERS: Mapping[Operator, Callable[[Any, Any], Any]] = {
    "less_than": lt,
    "at_most": le,
    "greater_than": gt,
    "at_least": ge,
}

_WORDS: Mapping[Operator, str] = {
    "equals": "equals",
    "in": "is one of",
    "contains": "contains",
    "less_than": "is less than",
    "at_most": "is at most",
    "greater_than": "is greater than",
    "at_least": "is at least",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a contact is in a segment, or out of it: one node for each part of the rule."""

    rule: str
    """The part of the rule, in words."""
    verdict: bool
    """Whether the part holds for the contact."""
    has: str | None = None
    """What the contact has in the field compared; None where the part compares nothing itself."""
    parts: tuple["Explanation", ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Yield one line a part, such as `in: sector equals public (has: public)`, indented."""
        has = "" if self.has is None else f" (has: {self.has})"
        yield f"{'in' if self.verdict else 'out'}: {self.rule}{has}"
        for part in self.parts:
            yield from (f"  {line}" for line in part.lines())

    def to_json(self) -> dict[str, Any]:
        """Return `{"rule", "verdict": "in" or "out", "has", "parts": [...]}`."""
        return {
            "rule": self.rule,
            "verdict": "in" if self.verdict else "out",
            "has": self.has,
            "parts": [part.to_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Segment:
    """The contacts for whom a rule holds. Consent is not asked here."""

    rule: Rule

    def condition(self) -> ColumnElement[bool]:
        """Return the rule as a condition over `tables.contacts`; it is never NULL."""
        return _condition(self.rule)

    def select(self) -> Select[int]:
        """Return a statement that selects the ids of the contacts, in no order."""
        return select(contacts.c.id).where(self.condition())

    def matches(self, contact: Contact) -> bool:
        """Return whether the rule holds for the contact."""
        return _holds(self.rule, contact)

    def explain(self, contact: Contact) -> Explanation:
        """Return why the contact is in or out, part by part."""
        return _explained(self.rule, contact)


# In SQL


def _condition(rule: Rule) -> ColumnElement[bool]:
    match rule:
        case AllOf():
            return and_(*map(_condition, rule.rules))
        case AnyOf():
            return or_(*map(_condition, rule.rules))
        case Not():
            return not_(_condition(rule.rule))
        case Comparison():
            return _wanted(_comparison_condition(rule), rule)
        case _:
            assert_never(rule)


def _wanted(found: ColumnElement[bool], rule: Comparison) -> ColumnElement[bool]:
    return not_(found) if rule.present is False else found


def _comparison_condition(rule: Comparison) -> ColumnElement[bool]:
    if rule.attribute is not None:
        of_contact = contact_attributes.c.contact_id == contacts.c.id
        named = contact_attributes.c.name == rule.attribute
        row = exists().where(of_contact, named, _attribute_condition(rule))
        return row.correlate(contacts)
    if rule.field == "tags":
        row = exists().where(contact_tags.c.contact_id == contacts.c.id)
        row = row if rule.operator == "present" else row.where(contact_tags.c.tag == rule.value)
        return row.correlate(contacts)
    column = contacts.c[rule.field]
    known = _text_condition(column, rule)
    return and_(column.is_not(None), known) if column.nullable else known


def _text_condition(column: Column[Any], rule: Comparison) -> ColumnElement[bool]:
    match rule.operator:
        case "equals":
            return column == rule.value
        case "in":
            return column.in_(_scalars(rule))
        case "contains":  # LIKE ignores case in SQLite; `replace` is exact in both databases
            return func.replace(column, rule.value, "") != column
        case _:
            return column != ""


def _attribute_condition(rule: Comparison) -> ColumnElement[bool]:
    value, operator = rule.value, rule.operator
    columns = contact_attributes.c
    if compare := _ORDERS.get(operator):
        ordered: ColumnElement[bool]
        if isinstance(value, date):
            ordered = compare(columns.day, value.isoformat())
        else:
            ordered = compare(columns.number, value)
        return ordered
    if operator not in ("equals", "in"):
        return _text_condition(columns.value, rule)
    texts, numbers = _sorted_out(rule)
    return or_(columns.value.in_(texts), columns.number.in_(numbers))


def _sorted_out(rule: Comparison) -> tuple[list[str], list[float]]:
    """Return the texts and the numbers that `equals` or `in` asks for."""
    values = _scalars(rule)
    texts = [value for value in values if isinstance(value, str)]
    return texts, [value for value in values if isinstance(value, float)]


def _scalars(rule: Comparison) -> tuple[Scalar, ...]:
    if rule.in_ is not None:
        return rule.in_
    return () if rule.equals is None else (rule.equals,)


# One contact


def _holds(rule: Rule, contact: Contact) -> bool:
    match rule:
        case AllOf():
            return all(_holds(each, contact) for each in rule.rules)
        case AnyOf():
            return any(_holds(each, contact) for each in rule.rules)
        case Not():
            return not _holds(rule.rule, contact)
        case Comparison():
            return _comparison_holds(rule, contact)
        case _:
            assert_never(rule)


def _comparison_holds(rule: Comparison, contact: Contact) -> bool:
    if rule.field == "tags":
        found = bool(contact.tags) if rule.operator == "present" else rule.value in contact.tags
        return found is not (rule.present is False)
    has = _value_of(rule, contact)
    match rule.operator:
        case "present":
            return bool(has) is rule.value
        case "contains":
            return str(rule.value) in has
        case "equals" | "in":
            texts, numbers = _sorted_out(rule)
            return has in texts or number_in(has) in numbers
        case ordering:
            kind = day_in if isinstance(rule.value, date) else number_in
            quantity = kind(has)
            return quantity is not None and bool(_ORDERS[ordering](quantity, rule.value))


def _value_of(rule: Comparison, contact: Contact) -> str:
    """Return what the contact has in a field other than tags; "" where nothing is known."""
    if rule.attribute is not None:
        return contact.attributes.get(rule.attribute, "")
    return getattr(contact, rule.field) or ""


def _explained(rule: Rule, contact: Contact) -> Explanation:
    verdict = _holds(rule, contact)
    match rule:
        case AllOf() | AnyOf():
            title = "all of these" if isinstance(rule, AllOf) else "at least one of these"
            parts = tuple(_explained(each, contact) for each in rule.rules)
            return Explanation(title, verdict, parts=parts)
        case Not():
            return Explanation("not this", verdict, parts=(_explained(rule.rule, contact),))
        case Comparison():
            tags = ", ".join(sorted(contact.tags))
            has = tags if rule.field == "tags" else _value_of(rule, contact)
            return Explanation(in_words(rule), verdict, has or "nothing")
        case _:
            assert_never(rule)


def in_words(rule: Rule) -> str:
    """Return a rule on one line: `country equals FR and not (tags contain press)`."""
    match rule:
        case AllOf() | AnyOf():
            joint = " and " if isinstance(rule, AllOf) else " or "
            simple = len(rule.rules) == 1
            parts = (_part_in_words(each, alone=simple) for each in rule.rules)
            return joint.join(parts)
        case Not():
            return f"not ({in_words(rule.rule)})"
        case Comparison():
            return _compared(rule)
        case _:
            assert_never(rule)


def _part_in_words(rule: Rule, *, alone: bool) -> str:
    joins = isinstance(rule, AllOf | AnyOf) and not alone
    return f"({in_words(rule)})" if joins else in_words(rule)


def _compared(rule: Comparison) -> str:
    if rule.operator == "present":
        return f"{rule.field} {'is' if rule.value else 'is not'} known"
    verb = "contain" if rule.field == "tags" else _WORDS[rule.operator]
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    return f"{rule.field} {verb} {', '.join(map(_value_in_words, values))}"


def _value_in_words(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return f"{value:.0f}" if whole else str(value)
