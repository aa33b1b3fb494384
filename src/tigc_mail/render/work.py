"""How much a template may do: no mistake in one runs on for minutes, or fills the memory.

Whatever costs time or room is counted while a template is rendered: the rounds of its loops, its
calls and includes, the texts that it keeps, joins and prints, and what its filters are given. So
the bound is the same on every machine.
"""

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from tigc_mail.errors import RenderError

MAX_WORK = 10_000_000
"""Letters and items that are looked at in one rendering, all in all."""

STEP = 50
"""What a round of a loop, a call or an include counts for: 200,000 of them are too many."""

MAX_PRODUCT = 100_000
"""No multiplication, power or width in a template yields a larger number, or a longer text."""

SHALLOW = frozenset(
    "attr batch count d default dictsort first groupby items last length list map max min random "
    "reject rejectattr reverse select selectattr slice sort sum unique".split()
)
"""The filters that look at the items of a list, and not into them."""

WIDE = frozenset("batch center indent round slice tojson truncate wordwrap".split())
"""The filters that are told how wide or long something shall be."""

_WIDTH = re.compile(r"\d{4,}|\*|\{[^{}]*\{")
_SIZED = (str, bytes, list, tuple, dict, set, frozenset, range)


class FrugalEnvironment(ImmutableSandboxedEnvironment):
    """Jinja that counts what its templates do, and stops them where that is too much."""

    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._left = MAX_WORK
        self.globals["range"] = _range
        del self.globals["lipsum"]

    def begin(self) -> None:
        """Begin another rendering."""
        self._left = MAX_WORK

    def spend(self, cost: int) -> None:
        """Count some work.

        Raises:
            RenderError: if that is too much in one rendering.
        """
        self._left -= cost
        if self._left < 0:
            cause = "does more than any message needs: it would go on for too long"
            cure = "Look for a loop within a loop, a long `range`, or a text that grows each round."
            raise RenderError(cause, "", cure)

    def step(self) -> None:
        """Count a round of a loop, or an include."""
        self.spend(STEP)

    def looked_at(self, value: Any) -> Any:
        """Return a value whose letters or items are going to be looked at."""
        self.spend(_size(value))
        return value

    def joined(self, value: Any) -> Any:
        """Return a value that is going to be joined with others, or printed."""
        self.spend(_weight(value, self._left))
        return value

    def concat(self, pieces: Iterable[str]) -> str:
        """Return the text of a macro, a block that is kept, or a whole template."""
        text = "".join(pieces)
        self.spend(len(text))
        return text

    def paying(self, name: str, function: Any) -> Callable[..., Any]:
        """Return a filter or test that counts what it is given."""

        @wraps(function)
        def paid(*args: Any, **kwargs: Any) -> Any:
            values = [*args, *kwargs.values()]
            weights = [_size(value) for value in values]
            if name not in SHALLOW:
                weights = [_weight(value, self._left) for value in values]
            if name in WIDE:
                weights += [_width(value) for value in values[1:]]
            if name == "format":
                _check_widths(values[0])
            self.spend(STEP + _product(weights))
            return function(*args, **kwargs)

        return paid

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a macro, a function or a method."""
        owner = getattr(function, "__self__", None)
        if owner is self:
            return function(*args)
        values = [*args, *kwargs.values()]
        weights = [_size(value) for value in (owner, *values)]
        if isinstance(owner, str):
            weights += [_width(value) for value in values]
        self.spend(STEP + _product(weights))
        return super().call(context, function, *args, **kwargs)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return `str.format` made safe, as long as it makes nothing wide."""
        made = super().wrap_str_format(value)
        if made is not None:
            _check_widths(value.__self__)
        return made

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Add, multiply or format, as long as the result stays small."""
        self.spend(_size(left) + _size(right))
        if operator == "**":
            _refuse_large(abs(left) ** min(abs(right), 20) if _whole(left, right) else 0)
        elif operator == "*":
            _refuse_large((_size(left) or _number(left)) * (_size(right) or _number(right)))
        elif operator == "%":
            _check_widths(left)
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        counted = _Counting().visit(tree)
        counted.set_environment(self)
        return counted  # type: ignore[no-any-return]


class _Counting(NodeTransformer):
    """Writes into a template what counts its work."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 (the names are Jinja's)
        self.generic_visit(node)
        node.iter = _told("looked_at", node.iter)  # type: ignore[arg-type]
        node.body = [_step(node), *node.body]
        return node

    def visit_Include(self, node: nodes.Include) -> list[nodes.Node]:  # noqa: N802
        return [_step(node), self.generic_visit(node)]

    def visit_Concat(self, node: nodes.Concat) -> nodes.Concat:  # noqa: N802
        self.generic_visit(node)
        node.nodes = [_told("joined", part) for part in node.nodes]
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Compare:  # noqa: N802
        self.generic_visit(node)
        for operand in node.ops:
            operand.expr = _told("looked_at", operand.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Getitem:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _told("looked_at", node.node)
        return node


def _step(node: nodes.Node) -> nodes.Node:
    return nodes.ExprStmt(_call("step", [], node.lineno), lineno=node.lineno)


def _told(method: str, expression: nodes.Expr) -> nodes.Expr:
    return _call(method, [expression], expression.lineno)


def _call(method: str, arguments: list[nodes.Expr], line: int) -> nodes.Expr:
    counter = nodes.EnvironmentAttribute(method, lineno=line)
    return nodes.Call(counter, arguments, [], None, None, lineno=line)


def _size(value: Any) -> int:
    return len(value) if isinstance(value, _SIZED) else 0


def _weight(value: Any, most: int) -> int:
    """Return what it counts for to look into a value; no more than a little over `most`."""
    if not isinstance(value, list | tuple | set | frozenset | dict):
        return _size(value)
    weight = 0
    for inner in [*value, *value.values()] if isinstance(value, dict) else value:
        weight += STEP + _weight(inner, most - weight)
        if weight > most:
            break
    return weight


def _product(weights: list[int]) -> int:
    """Return what comes of values that are looked at for each part of each other, at most."""
    *_, second, first = sorted((1, 1, *weights))
    return first * second


def _width(value: Any) -> int:
    width = abs(value) if isinstance(value, int) else 0
    if width > MAX_PRODUCT:
        cause = f"a width or length is more than {MAX_PRODUCT:,}"
        raise RenderError(cause, "", "Write a smaller number.")
    return width


def _check_widths(pattern: Any) -> None:
    if isinstance(pattern, str) and (found := _WIDTH.search(pattern)):
        cause = f"the pattern of a text tells how wide it shall be: `{found.group()[:20]}`"
        raise RenderError(cause, "", "Write the pattern without a width.")


def _whole(*numbers: Any) -> bool:
    return all(isinstance(number, int) for number in numbers)


def _number(value: Any) -> int:
    return abs(value) if isinstance(value, int) else 0


def _refuse_large(size: int) -> None:
    if size > MAX_PRODUCT:
        cause = f"a multiplication yields more than {MAX_PRODUCT:,}"
        raise RenderError(cause, "", "Multiply by less.")


def _range(*bounds: int) -> range:
    """Return a range of numbers that is not too long."""
    numbers = range(*bounds)
    if numbers and abs(numbers[-1] - numbers[0]) // abs(numbers.step) >= MAX_PRODUCT:
        cause = f"a range has more than {MAX_PRODUCT:,} numbers"
        raise RenderError(cause, "", "Write a shorter one.")
    return numbers
