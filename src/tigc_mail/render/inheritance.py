"""Blocks that a template fills in for the one that it extends: each has to be there."""

from collections.abc import Iterator
from difflib import get_close_matches

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes

from tigc_mail.errors import TemplateError
from tigc_mail.ground.spot import spot
from tigc_mail.render.tokens import offset_of, with_breaks


def check_blocks(environment: Environment, name: str) -> None:
    """Refuse a template with a block that none of those has that it extends.

    Jinja drops what such a block holds, without a word. A block within another may be new.

    Raises:
        TemplateError: at the block.
    """
    source = _source(environment, name)
    if "extends" not in source:
        return
    tree = environment.parse(source, name)
    parent = _parent(tree)
    if parent is None:
        return
    try:
        known = set(_known(environment, parent))
    except (TemplateNotFound, TemplateSyntaxError):
        return  # which is told, with its line, as soon as it is filled
    for block in _outermost(tree):
        if block.name not in known:
            near = get_close_matches(block.name, known, n=1, cutoff=0.6)
            told = ", ".join(f"`{one}`" for one in sorted(known)) or "none"
            cure = f"Did you mean `{near[0]}`?" if near else f"It has {told}."
            cause = f"there is no block `{block.name}` in templates/{parent}, so nothing shows it"
            where = spot(with_breaks(source), offset_of(block.lineno))
            raise TemplateError(cause, f"templates/{name} ({where})", cure)


def _outermost(node: nodes.Node) -> Iterator[nodes.Block]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            yield child
        else:
            yield from _outermost(child)


def _known(environment: Environment, name: str) -> Iterator[str]:
    """Yield the names of the blocks of a template, and of those that it extends."""
    seen: set[str] = set()
    following: str | None = name
    while following is not None and following not in seen:
        seen.add(following)
        tree = environment.parse(_source(environment, following), following)
        yield from (block.name for block in tree.find_all(nodes.Block))
        following = _parent(tree)


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None  # noqa: S101
    source, _, _ = environment.loader.get_source(environment, name)
    return source


def _parent(tree: nodes.Template) -> str | None:
    """Return the template that one extends; None where there is none, or it is not written out."""
    for extends in tree.find_all(nodes.Extends):
        if isinstance(extends.template, nodes.Const):
            return str(extends.template.value)
    return None
