"""Lint of flows with 200 steps: reading, judging and advising, without the spoken checks."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path

from ivr.bench.figures import LINT, Figure, Report
from ivr.flow.lint import lint
from ivr.flow.load import parse, texts

STEPS = 200
PHRASES = 12
"""Of each choice."""
_FLOW = """
flow: {name}
start: menu
steps:
  menu:
    ask: What about {name} can I do for you? Say it in your own words.
    open: true
    choices:
{choices}
    no_match:
      - Sorry, I did not get that about {name}. What is it about?
      - You can say, for example, what {name} costs. Or press one to order, two for the price, or zero for a person.
    no_input: [I am listening., "Say order, or price of {name}. Or press one or two."]
  number:
    collect: {name}_number
    ask: What is the number of your {name}?
    digits: 8
    check: luhn
    next: find
    no_match: [It has eight digits., "Please key in the eight digits of your {name}, or zero for a person."]
    help: The number stands at the top of the letter about {name}.
  find:
    look_up: {name}_price
    with: {{ number: "{{{{ {name}_number }}}}" }}
    found: is_known
    not_found: unknown
    failed: person
  is_known:
    if: {name}_price.amount is defined and {name}_price.amount | float > 0
    then: tell
    else: unknown
  tell:
    say: Your {name} costs {{{{ {name}_price.amount | money }}}}, until {{{{ {name}_price.day | on_date }}}}.
    next: more
  more:
    confirm: Would you like the {name}, then?
    yes: order
    no: bye
  order:
    look_up: {name}_order
    with: {{ number: "{{{{ {name}_number }}}}" }}
    changes: true
    found: bye
    failed: person
  unknown:
    confirm: I have no {name} {{{{ {name}_number | digits }}}}. Did I get the number right?
    of: {name}_number
    yes: person
    no: number
  person: {{ transfer: {queue}, reason: "Wants a {name}." }}
  bye: {{ hang_up: "Thank you for asking about {name}. Goodbye." }}
"""
_CHOICE = """
      {choice}:
        key: {key}
        next: {next}
        phrases: [{phrases}]
"""
_EACH = 10
"""Steps of the flow above."""


def measure(folder: Path, report: Report, rounds: int) -> None:
    """Lint the flows in ``folder`` with as many more as make ``STEPS`` steps, of new words each time."""
    files, _ = texts(folder)
    taken_ms = []
    for number in range(rounds):
        whole = with_steps(files, f"thing{number}x")
        began_s = time.perf_counter()
        lint(parse(whole))
        taken_ms.append(1000 * (time.perf_counter() - began_s))
    report.figures.append(Figure.of(LINT, taken_ms))


def with_steps(files: Mapping[str, str], name: str) -> dict[str, str]:
    """The files, and as many flows called ``name`` and a number as make ``STEPS`` steps with them."""
    have = sum(len(flow.steps) for flow in parse(files).flows.values())
    more = max(0, math.ceil((STEPS - have) / _EACH))
    return {**files, **{f"{name}{each}.yaml": _flow(f"{name}{each}") for each in range(more)}}


def _flow(name: str) -> str:
    choices = "".join(
        _CHOICE.format(
            choice=way,
            key=key,
            next=to,
            phrases=", ".join(f"{way} {name} in the way {each}" for each in range(PHRASES)),
        )
        for key, (way, to) in enumerate((("order", "number"), ("price", "number"), ("leave", "bye")), start=1)
    )
    return _FLOW.format(name=name, choices=choices, queue="customer_service")
