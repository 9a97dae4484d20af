"""Prompts and conditions: what they read, the phrases they are spoken in, and that there is no way out."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ivr.flow.template import MAX_OUTPUT, TemplateFailed, evaluate, render, split, uses

VALUES: dict[str, Any] = {
    "name": "Ada",
    "order": {"items": ["a kettle", "two pillows"], "status": "on its way", "keys": "none"},
    "identity": {"verified": True, "tries_left": 2},
    "text": "<b> & {{ name }}",
}


def test_fields_of_answers_are_read_by_their_name_even_where_python_has_one() -> None:
    assert render("{{ order.items | listing }}, {{ order.keys }}", VALUES) == "a kettle and two pillows, none"


def test_white_space_is_folded_and_values_are_never_templates() -> None:
    assert render("  Hello\n {{ name }}. {{ text }}", VALUES) == "Hello Ada. <b> & {{ name }}"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("identity.verified", True),
        ("not identity.verified", False),
        ("identity.tries_left == 2 and name == 'Ada'", True),
        ("order.status in ['delivered', 'cancelled']", False),
        ("nobody is defined and nobody.verified", False),
        ("identity.locked is defined", False),
        ("identity.tries_left > 2 or (identity.tries_left - 1) == 1", True),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    assert evaluate(condition, VALUES) is holds


@pytest.mark.parametrize(
    "text", ["{{ nobody }}", "{{ identity.locked }}", "{{ nobody.name }}", "{{ name.upper }}"]
)
def test_what_is_not_known_fails(text: str) -> None:
    with pytest.raises(TemplateFailed, match=r"undefined|no element|has no"):
        render(text, VALUES)


def test_what_a_template_reads() -> None:
    read = uses("{{ a.b | money(c) }} {% if d.e.f > 1 %}{{ g }}{% endif %}")
    assert read.names == {"a", "c", "d", "g"}
    assert read.fields == {("a", "b"), ("d", "e")}
    assert uses("a.b and c", is_condition=True).names == {"a", "c"}


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ name.__class__ }}",
    "{{ name['__class__'] }}",
    "{{ order.items.append('x') }}",
    "{{ order['__init__'] }}",
    "{{ self }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum() }}",
    "{{ range(999999999) }}",
    "{{ namespace() }}",
    "{{ name | attr('__class__') }}",
    "{{ [name] | map('upper') }}",
    "{{ name | format }}",
    "{{ 'x' * 999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{% for i in order.items %}{{ i }}{% endfor %}",
    "{% set x = 1 %}",
    "{% macro m() %}{% endmacro %}",
    "{% include '/etc/passwd' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% block b %}{% endblock %}",
    "{% call m() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{{ name",
    "{{ (" * 900 + "1" + ") }}" * 900,
    "{{ " + "(" * 1_500 + "1" + ")" * 1_500 + " }}",
    "{{ " + "1 + " * 900 + "1 + 'x' }}",
    "{{ " + "not " * 900 + "nobody }}",
    "x" * 5_000,
    "{{ name" + " | spell" * 400 + " }}",
    "{{ [name, name]" + " | listing" * 200 + " }}{{ nobody }}",
    "{{ name ~ " * 5 + "nobody" + " }}" * 5,
]


@pytest.mark.parametrize("text", ESCAPES)
def test_no_way_out_and_no_long_work(text: str) -> None:
    began = time.process_time()
    with pytest.raises(TemplateFailed):
        render(text, VALUES)
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("condition", ["1) }}{% set x = 1 %}{{ (1", "{{ name }}", "", "name =", "lipsum()"])
def test_a_condition_is_only_a_condition(condition: str) -> None:
    with pytest.raises(TemplateFailed):
        evaluate(condition, VALUES)


def test_a_long_text_is_refused_not_cut() -> None:
    with pytest.raises(TemplateFailed, match="at most 2,000"):
        render("{{ long }}", {"long": "x" * (MAX_OUTPUT + 1)})
    assert render("{{ long }}", {"long": "x" * MAX_OUTPUT})


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("", ()),
        ("Hello.", ("Hello.",)),
        ("Hello, this is Fernhill. How can I help?", ("Hello, this is Fernhill.", "How can I help?")),
        ("Yes, no, or maybe.", ("Yes, no, or maybe.",)),
        ("It costs 1.50 now", ("It costs 1.50 now",)),
        (
            "We're closed today, for Christmas Day. We open tomorrow at nine a m, until four thirty p m.",
            (
                "We're closed today,",
                "for Christmas Day.",
                "We open tomorrow at nine a m,",
                "until four thirty p m.",
            ),
        ),
        (
            "A sentence with no comma stays whole even when it is long.",
            ("A sentence with no comma stays whole even when it is long.",),
        ),
    ],
)
def test_phrases(text: str, phrases: tuple[str, ...]) -> None:
    assert split(text) == phrases


def test_phrases_are_the_whole_text() -> None:
    text = "First,  second; third: fourth, and a long fifth part of it all.  Sixth!\nSeventh? Eighth"
    assert " ".join(split(text)) == " ".join(text.split())
