"""What a template may do is bounded, whatever way it takes to do too much."""

import resource
from collections.abc import Callable, Iterator

import pytest

from tigc_mail.errors import TemplateError
from tigc_mail.render.blame import place_in
from tigc_mail.render.templates import Templates

TemplatesOf = Callable[..., Templates]

ROOM = 1_000_000_000
"""Octets of memory that may be taken beyond what is taken already."""

DOUBLED = "{% set ns = namespace(x='ab') %}{% for i in range(60) %}SET{% endfor %}"
"""Something that grows with each round."""
LISTED = DOUBLED.replace("'ab'", "['ab']")

ENDLESS = {
    "two loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "two loops that keep nothing": (
        "{% for i in range(99999) %}{% for j in range(99999) if false %}{% endfor %}{% endfor %}"
    ),
    "a loop over a list that is kept": (
        "{% set x = range(99999) | list %}"
        "{% for i in range(99999) %}{% for j in x if false %}{% endfor %}{% endfor %}"
    ),
    "a loop that calls itself": (
        "{% for i in [[1, 2]] recursive %}{{ loop([[1], [2]]) if loop.depth < 60 }}{% endfor %}"
    ),
    "a macro that calls itself twice": (
        "{% macro m(n) %}{% if n %}{% set x = m(n - 1) ~ m(n - 1) %}{% endif %}{% endmacro %}{{ m(60) }}"
    ),
    "a template that includes itself twice": (
        "{% set n = n | default(60) - 1 %}{% if n %}{% include 'a.j2' %}{% include 'a.j2' %}{% endif %}"
    ),
    "texts joined": DOUBLED.replace("SET", "{% set ns.x = ns.x ~ ns.x %}"),
    "texts added": DOUBLED.replace("SET", "{% set ns.x = ns.x + ns.x %}"),
    "texts kept": DOUBLED.replace("SET", "{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}"),
    "texts filled in": DOUBLED.replace("SET", "{% set ns.x = '{0}{0}'.format(ns.x) %}"),
    "texts filled in by a filter": DOUBLED.replace("SET", "{% set ns.x = '%s%s' | format(ns.x, ns.x) %}"),
    "texts of a macro": (
        "{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}" + DOUBLED.replace("SET", "{% set ns.x = m(ns.x) %}")
    ),
    "texts replaced": DOUBLED.replace("SET", "{% set ns.x = ns.x | replace('a', ns.x) %}"),
    "texts replaced by a method": DOUBLED.replace("SET", "{% set ns.x = ns.x.replace('a', ns.x) %}"),
    "texts between others": DOUBLED.replace("SET", "{% set ns.x = ns.x | list | join(ns.x) %}"),
    "lists added": LISTED.replace("SET", "{% set ns.x = ns.x + ns.x %}"),
    "lists in lists, printed": (
        LISTED.replace("SET", "{% set ns.x = [ns.x, ns.x] %}") + "{{ ns.x | string }}"
    ),
    "lists in lists, joined": LISTED.replace("SET", "{% set ns.x = [ns.x, ns.x] %}") + "{{ ns.x ~ '' }}",
    "lists that are searched": (
        "{% set x = range(99999) | list %}{% for i in range(99999) %}{% if -1 in x %}{% endif %}{% endfor %}"
    ),
    "lists that are copied": (
        "{% set x = range(99999) | list %}{% for i in range(99999) %}{% set y = x[:] %}{% endfor %}"
    ),
    "filters within each other": (
        "{% set x = range(99999) | list %}{% for i in range(99999) %}{{ x | map('string') | list | length }}{% endfor %}"
    ),
    "a wide text": "{{ 'a'.ljust(10 ** 5 * 9999) }}",
    "a wide text by a method": "{{ 'a'.ljust(9999999999) }}",
    "a wide text by a filter": "{{ 'a' | center(9999999999) }}",
    "a wide pattern": "{{ '%9999999999d' % 1 }}",
    "a wide pattern by a filter": "{{ '%9999999999d' | format(1) }}",
    "a wide pattern by a method": "{{ '{:>9999999999}'.format(1) }}",
    "a width in a pattern": "{{ '{:>{}}'.format(1, 9999999999) }}",
    "a width beside a pattern": "{{ '%*d' % (9999999999, 1) }}",
    "many digits": "{{ 2 | round(9999999999, 'ceil') }}",
    "many parts": "{{ [1] | batch(9999999999, 0) | list | length }}",
    "a long range": "{{ range(9999999999) | list | length }}",
    "a very long range": "{{ range(10 ** 5 ** 5) | list | length }}",
}  # fmt: skip


@pytest.fixture
def little_room() -> Iterator[None]:
    """Let the process take some more memory only."""
    with open("/proc/self/statm") as taken:  # noqa: PTH123
        size = int(taken.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_go_on_for_too_long_is_stopped_at_its_line(
    templates_of: TemplatesOf, name: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        templates_of({"a.j2": f"\n{ENDLESS[name]}"}).render("a.j2", "en", {})
    assert caught.value.place.startswith("templates/a.j2 (line 2, column ")
    assert caught.value.cure
    assert "memory" not in caught.value.cause


def test_a_text_of_an_author_is_bounded_likewise(templates_of: TemplatesOf) -> None:
    place = "editions/x/edition.yaml: subject"
    source = ENDLESS["two loops"]
    with pytest.raises(TemplateError, match="does more than any message needs") as caught:
        templates_of().render_text(source, place_in(place, source), {})
    assert caught.value.place.startswith(f"{place} (line 1, column ")


def test_each_rendering_begins_anew(templates_of: TemplatesOf) -> None:
    loop = "{% for i in range(99999) %}{% endfor %}done"
    templates = templates_of({"a.j2": loop})
    assert [templates.render("a.j2", "en", {}) for _ in range(5)] == ["done"] * 5


HARMLESS = {
    "a loop with its length": ("{% for i in x %}{{ i }}{{ loop.length if loop.last }}{% endfor %}", "abc3"),
    "a loop over a filter": ("{% for i in x | map('upper') if i != 'B' %}{{ i }}{% endfor %}", "AC"),
    "a loop over nothing": ("{% for i in [] %}{% else %}none{% endfor %}", "none"),
    "a loop over names": ("{% for a, b in {'c': 'd'}.items() %}{{ a ~ b }}{% endfor %}", "cd"),
    "a comparison of three": ("{{ 'yes' if 1 < 2 < 3 }}", "yes"),
    "a part of a list": ("{{ x[1:] | join('-') }}", "b-c"),
    "a large number": ("{{ 1250000 }} {{ 1250000 + 1 }} {{ '%d' % 1250000 }}", "1250000 1250001 1250000"),
    "a rounded number": ("{{ 2.345 | round(1) }}", "2.3"),
    "a pattern": ("{{ '%s of %s' | format(1, 2) }} {{ '{} of {}'.format(1, 2) }}", "1 of 2 1 of 2"),
    "an include in a loop": ("{% for i in x %}{% include 'b.j2' %}{% endfor %}", "(a)(b)(c)"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_what_templates_do_is_not_changed_by_counting_it(
    templates_of: TemplatesOf, name: str
) -> None:
    source, shown = HARMLESS[name]
    templates = templates_of({"a.j2": source, "b.j2": "({{ i }})"})
    assert templates.render("a.j2", "en", {"x": ["a", "b", "c"]}) == shown
