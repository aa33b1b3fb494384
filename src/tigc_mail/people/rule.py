"""The language of segment rules, as authors write it in YAML.

::

    all: [RULE, ...]      every one holds
    any: [RULE, ...]      at least one holds
    not: RULE             it does not hold
    {field: FIELD, OPERATOR: VALUE}

    FIELD      email, given_name, family_name, organisation, role, sector, country, locale,
               consent_basis, tags, or attributes.NAME for another column of a contacts file
    OPERATOR   equals: VALUE              is exactly that; on an attribute also a number or a date
               in: [VALUE, ...]           equals one of them
               contains: TEXT             a tag: has it; a text: the letters stand in it
               present: true | false      is known, or is not
               less_than, at_most, greater_than, at_least: NUMBER or DATE     on attributes only

Logic has two values: what is not known makes a comparison false, and `not` of it true. Capital and
small letters differ. A rule is at most `MAX_DEPTH` deep and has at most `MAX_RULES` parts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from math import isfinite
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from tigc_mail.ground.documents import Frozen
from tigc_mail.ground.problems import Problems
from tigc_mail.ground.wording import did_you_mean, shortened
from tigc_mail.people import values as read
from tigc_mail.people.contact import CODED_FIELDS, TEXT_FIELDS, day_in

MAX_DEPTH = 20
MAX_RULES = 500
MAX_VALUES = 5_000
"""The most values that all the `in` lists of one rule hold together."""

COLUMNS = ("email", *TEXT_FIELDS, *CODED_FIELDS, "consent_basis")
"""The fields that hold one value each."""

ATTRIBUTE = "attributes."
"""What the name of an attribute's field begins with."""

Operator = Literal[
    "equals", "in", "contains", "present", "less_than", "at_most", "greater_than", "at_least"
]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
ORDERING = ("less_than", "at_most", "greater_than", "at_least")

Scalar = str | float
"""What `equals` and `in` compare with; a date stands as its text, YYYY-MM-DD."""

Quantity = float | date
"""What has an order."""

Value = Scalar | Quantity | bool | tuple[Scalar, ...]
"""What an operator takes."""

_CODES: Mapping[str, Callable[[str], str]] = {
    "sector": read.sector,
    "country": read.country,
    "locale": read.locale,
    "consent_basis": read.consent_basis,
}


def _list_of_rules(rules: Any) -> Any:
    if isinstance(rules, str) or not isinstance(rules, Sequence) or not rules:
        raise ValueError("needs a list of rules, at least one")
    return rules


class AllOf(Frozen):
    """Holds where every one of its rules holds."""

    rules: Annotated[tuple["_Rule", ...], BeforeValidator(_list_of_rules)] = Field(alias="all")

    @model_serializer
    def _written(self) -> dict[str, Any]:
        return {"all": self.rules}


class AnyOf(Frozen):
    """Holds where at least one of its rules holds."""

    rules: Annotated[tuple["_Rule", ...], BeforeValidator(_list_of_rules)] = Field(alias="any")

    @model_serializer
    def _written(self) -> dict[str, Any]:
        return {"any": self.rules}


class Not(Frozen):
    """Holds where its rule does not."""

    rule: "_Rule" = Field(alias="not")

    @model_serializer
    def _written(self) -> dict[str, Any]:
        return {"not": self.rule}


class Comparison(Frozen):
    """Compares one field of a contact; exactly one operator is given."""

    field: str
    equals: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in")
    contains: str | None = None
    present: bool | None = None
    less_than: Quantity | None = None
    at_most: Quantity | None = None
    greater_than: Quantity | None = None
    at_least: Quantity | None = None

    @property
    def operator(self) -> Operator:
        """The operator given."""
        return next(each for each in OPERATORS if getattr(self, _python_name(each)) is not None)

    @property
    def value(self) -> Value:
        """What the operator compares with."""
        found: Value = getattr(self, _python_name(self.operator))
        return found

    @property
    def attribute(self) -> str | None:
        """The name of the attribute compared; None where the field is none."""
        return self.field.removeprefix(ATTRIBUTE) if self.field.startswith(ATTRIBUTE) else None

    @field_validator("field")
    @classmethod
    def _known_field(cls, field: str) -> str:
        if field in (*COLUMNS, "tags") or (field.startswith(ATTRIBUTE) and field != ATTRIBUTE):
            return field
        known = (*COLUMNS, "tags")
        cause = f"{shortened(field)!r} is not a field of a contact"
        cure = f"{did_you_mean(field, known)} Write one of {', '.join(known)} or attributes.NAME."
        raise PydanticCustomError("rule", "{cause}", {"cause": cause, "cure": cure.lstrip()})

    @field_validator("equals", mode="plain")
    @classmethod
    def _one_value(cls, value: Any, info: ValidationInfo) -> Scalar:
        field = _field_of(info, but_not=("tags",), instead="contains")
        return _comparable(field, value)

    @field_validator("in_", mode="plain")
    @classmethod
    def _values(cls, value: Any, info: ValidationInfo) -> tuple[Scalar, ...]:
        field = _field_of(info, but_not=("tags",), instead="contains, in several rules under any")
        if isinstance(value, str) or not isinstance(value, Sequence) or not value:
            raise ValueError("needs a list of values, such as [FR, CR]")
        found, problems = list[Scalar](), Problems()
        for at, each in enumerate(value):
            with problems.at(each, at):
                found.append(_comparable(field, each))
        problems.report("in")
        return tuple(found)

    @field_validator("contains", mode="plain")
    @classmethod
    def _part(cls, value: Any, info: ValidationInfo) -> str:
        _field_of(info, but_not=tuple(_CODES), instead="equals or in")
        return _text(value)

    @field_validator("present", mode="plain")
    @classmethod
    def _yes_or_no(cls, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ValueError("is not true or false")

    @field_validator(*ORDERING, mode="plain")
    @classmethod
    def _orderable(cls, value: Any, info: ValidationInfo) -> Quantity:
        _field_of(info, but_not=(*COLUMNS, "tags"), instead="equals or in")
        quantity = _quantity(value)
        if quantity is None:
            raise ValueError("is not a number or a date; write one such as 3 or 2026-11-30")
        return quantity

    @model_validator(mode="after")
    def _one_operator(self) -> "Comparison":
        if len(self.model_fields_set) != 2:
            raise ValueError(f"needs exactly one operator: {', '.join(OPERATORS)}")
        return self

    @model_serializer
    def _written(self) -> dict[str, Any]:
        return {"field": self.field, self.operator: self.value}


def _python_name(operator: Operator) -> str:
    return "in_" if operator == "in" else operator


def _field_of(info: ValidationInfo, *, but_not: tuple[str, ...], instead: str) -> str:
    """Return the field of the comparison; "" where it is wrong itself and reported already."""
    field: str = info.data.get("field", "")
    if field in but_not:
        raise ValueError(f"cannot be asked of {field}; write {instead}")
    return field


def _comparable(field: str, value: Any) -> Scalar:
    if field in _CODES:
        return _code(field, value)
    if field.startswith(ATTRIBUTE) and (quantity := _quantity(value)) is not None:
        return quantity.isoformat() if isinstance(quantity, date) else quantity
    return _text(value)


def _code(field: str, value: Any) -> str:
    try:
        return _CODES[field](_text(value))
    except ValueError as error:
        raise ValueError(f"{value!r} {error}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is not a text; write it in quotes")  # noqa: TRY004  # pydantic's way
    if not value:
        raise ValueError("is empty; to ask whether anything is known, write present: true")
    return str(read.attribute(value))


def _quantity(value: Any) -> Quantity | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if isfinite(number) else None
    return day_in(value) if isinstance(value, str) else None


_GROUPS: Mapping[str, type[Frozen]] = {"all": AllOf, "any": AnyOf, "not": Not}


def _kind(value: Any) -> str | None:
    """Return the tag of the one kind of rule that `value` can be; None where it is no rule."""
    if isinstance(value, Comparison):
        return "<comparison>"
    for key, model in _GROUPS.items():
        if isinstance(value, model) or (isinstance(value, Mapping) and key in value):
            return f"<{key}>"
    return "<comparison>" if isinstance(value, Mapping) else None


_Rule = Annotated[
    Union[  # noqa: UP007  # the parts are annotations, which `|` does not join
        Annotated[AllOf, Tag("<all>")],
        Annotated[AnyOf, Tag("<any>")],
        Annotated[Not, Tag("<not>")],
        Annotated[Comparison, Tag("<comparison>")],
    ],
    Discriminator(
        _kind,
        custom_error_type="rule",
        custom_error_message="Is not a rule; write all, any, not, or field with an operator",
    ),
]


def _bounded(rule: Any) -> Any:
    """Refuse a rule that is too deep or too large before anything descends into it."""
    values = 0
    for count, (depth, part) in enumerate(_parts(rule), start=1):
        listed = part.get("in")
        values += len(listed) if isinstance(listed, Sequence) else 0
        if depth > MAX_DEPTH:
            raise ValueError(f"is more than {MAX_DEPTH} rules deep; split it")
        if count > MAX_RULES or values > MAX_VALUES:
            raise ValueError(f"has more than {MAX_RULES} rules or {MAX_VALUES} values; split it")
    return rule


def _parts(rule: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield every rule within `rule`, as it was written, with its depth from 1."""
    waiting = [(1, rule)]
    while waiting:
        depth, part = waiting.pop()
        if not isinstance(part, Mapping):
            continue
        yield depth, part
        for key in _GROUPS:
            inner = part.get(key)
            within = inner if key != "not" and isinstance(inner, Sequence) else [inner]
            waiting.extend((depth + 1, each) for each in within)


Rule = Annotated[_Rule, BeforeValidator(_bounded)]
"""A rule over contacts, usable as the type of a field in a model of an author's file."""

for _model in _GROUPS.values():
    _model.model_rebuild()
