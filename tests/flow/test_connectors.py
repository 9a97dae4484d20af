"""What is wrong with a look-up as it is written, at its line; and what is not."""

from __future__ import annotations

import json
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ivr.errors import Fault, FlowError
from ivr.flow.connectors import wanted_parameters
from ivr.flow.load import parse
from ivr.flow.site import Book

GOOD = Path(__file__).parents[1] / "flows" / "good"


def faults(look_up: str) -> tuple[Fault, ...]:
    """Of one look-up named ``it``, whose first line is line 3."""
    text = "look_ups:\n  it:\n" + textwrap.indent(textwrap.dedent(look_up).strip("\n"), "    ") + "\n"
    with pytest.raises(FlowError) as failed:
        load_with(text)
    return tuple(fault for fault in failed.value.faults if fault.file == "look_ups.yaml")


def load_with(look_ups: str) -> Book:
    files = {path.name: path.read_text(encoding="utf-8") for path in GOOD.glob("*.yaml")}
    return parse({**files, "look_ups.yaml": look_ups})


@pytest.mark.parametrize(
    ("look_up", "code", "line"),
    [
        ("about: nothing", "look-up-source", 2),
        ("sql: select 1\nhttp: GET https://a.example.com", "look-up-source", 2),
        ("about: x\nsql: select 1; select 2", "sql-statement", 4),
        ("sql: select 1; delete from x --", "sql-statement", 3),
        ("sql: select 'a;b' as x; commit", "sql-statement", 3),
        ("sql: |\n  select 'a\\'; drop table x --'", "sql-statement", 3),
        ("sql: pragma query_only=off", "sql-statement", 3),
        ("sql: commit", "sql-statement", 3),
        ("sql: set transaction read write", "sql-statement", 3),
        ("sql: /* select */ attach 'x' as y", "sql-statement", 3),
        ("sql: delete from x", "look-up-changes", 3),
        ("sql: update x set y = 1\nchanges: true\nretry: 1", "look-up-changes", 5),
        ("sql: update x set y = 1\nchanges: true\ncache: 5s", "look-up-changes", 5),
        ("sql: select 1\nheaders: { X-A: b }", "look-up-source", 4),
        ("sql: select :number", "unknown-parameter", 3),
        ("sql: select :numbr\nparameters: [number]", "unknown-parameter", 3),
        ("sql: select 1\nparameters:\n  - number", "unused-parameter", 5),
        ("http: https://a.example.com/x", "http-method", 3),
        ("http: FETCH https://a.example.com/x", "http-method", 3),
        ("http: PUT https://a.example.com/x", "look-up-changes", 3),
        ("http: GET https://a.example.com/x\nbody: { a: b }", "http-method", 4),
        ("http: GET a.example.com/x", "http-address", 3),
        ("http: GET ftp://a.example.com/x", "http-address", 3),
        ("http: GET https://me:pw@a.example.com/x", "http-address", 3),
        ("http: GET https://{host}/x\nparameters: [host]", "http-address", 3),
        ("http: GET https://a.example.com:99999/x", "http-address", 3),
        ("http: 'GET https://a.example.com/x#y'", "http-address", 3),
        ("http: GET https://a.example.com/a b", "http-address", 3),
        ("http: GET https://a.example.com/{n}", "unknown-parameter", 3),
        ("http: GET https://a.example.com/x\nheaders:\n  Host: b.example.com", "http-header", 5),
        ('http: GET https://a.example.com/x\nheaders:\n  X-A: "b\\r\\nX-B: c"', "http-header", 5),
        ("http: POST https://a.example.com/x\nparameters: [n]\nbody: { n: ':n as numbr' }", "unknown-kind", 5),
        ("sql: select 1 as a\nfields:\n  b: a as mony", "unknown-kind", 5),
        ("sql: select 1 as a\nfields:\n  b: a b", "look-up-field", 5),
        ("sql: select 1 as a\nfields: { b: a }\nfound_if: c == 1", "unknown-name", 5),
        ("sql: select 1 as a\nfields: { b: a }\nfound_if: b ==", "template", 5),
        ("sql: select 1\ntimeot: 3s", "unknown-key", 4),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_line(look_up: str, code: str, line: int) -> None:
    found = faults(look_up)
    if look_up.startswith("sql: select :numbr"):  # the mistyped one and the one that then is not used
        assert [fault.code for fault in found] == [code, "unused-parameter"]
        assert "'number'" in found[0].remedy
        return
    assert [(fault.code, fault.line) for fault in found] == [(code, line)]


@pytest.mark.parametrize(
    "look_up",
    [
        "sql: select 1;",
        "sql: \"select ';' as a, 'it''s :n' as b -- ; not two\"\nparameters: [n]",
        "sql: SELECT x::text FROM y WHERE z = :n\nparameters: [n]",
        "sql: with a as (select 1) select * from a",
        "sql: insert into x values (:n)\nparameters: [n]\nchanges: true",
        "http: GET https://a.example.com:8443/x/{n}?q={n}\nparameters: [n]",
        "http: POST https://a.example.com/search\nparameters: [n]\nbody: { q: [':n as number'] }",
        "http: DELETE https://a.example.com/x/{n}\nparameters: [n]\nchanges: true",
        "sql: select 1 as a\nfields: { b: 'a? as money' }\nfound_if: b != none\nretry: 2\ncache: 60s",
    ],
)
def test_what_is_sound_loads(look_up: str) -> None:
    text = "look_ups:\n  it:\n" + textwrap.indent(look_up, "    ") + "\n"
    book = load_with(text)
    assert set(book.look_ups["it"].parameters) == wanted_parameters(book.look_ups["it"])
    assert book.look_ups["it"].file == "look_ups.yaml"
    assert book.look_ups["it"].places[""] == (2, 3)


def test_hostile_statements_are_judged_quickly() -> None:
    for text in ("'" * 3_999, "/*" * 1_999, "--" * 1_999, "(" * 3_999, ":" * 3_999):
        began = time.perf_counter()
        with suppress(FlowError):
            load_with(f"look_ups: {{ it: {{ sql: {json.dumps('select ' + text[:3_900])} }} }}")
        assert time.perf_counter() - began < 1
    assert faults(f"sql: select {'1' * 5_000}")[0].line == 3
