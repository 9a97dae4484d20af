"""Every text that callers may hear is listed, in every way it may be said."""

from __future__ import annotations

from pathlib import Path

import pytest
from proofkit import book_of

from ivr.flow.load import load
from ivr.proof import Prompt, prompts

ROOT = Path(__file__).parents[2]

STEPS = """
  first: { say: "Hello {{ caller_name }}.", next: menu }
  menu:
    ask: Which?
    choices: { a: { phrases: a thing, next: number } }
    no_input: [Silence one., Silence two.]
    no_match: Not that.
    help: Helping.
  number: { collect: number, ask: Number?, digits: 4, next: details }
  details:
    form:
      day: { type: date, ask: Which day?, no_match: No day., help: A day. }
    ask: When?
    confirm: "On {{ day | date }}?"
    next: sure
  sure: { confirm: Sure?, yes: data, no: menu }
  data: { look_up: thing, filler: Looking., found: keep, failed: person }
  keep: { set: { caller_name: "{{ number }}" }, next: bye }
  person: { transfer: desk, say: To a person., reason: Never said. }
  bye: { hang_up: Bye bye. }
"""


def of_flow(steps: str = STEPS) -> list[Prompt]:
    return [prompt for prompt in prompts(book_of(steps)) if prompt.flow]


def test_every_text_of_every_verb_is_listed_and_no_other() -> None:
    assert {(prompt.step, prompt.key): prompt.text for prompt in of_flow()} == {
        ("first", "say"): "Hello {{ caller_name }}.",
        ("menu", "ask"): "Which?",
        ("menu", "no_input/0"): "Silence one.",
        ("menu", "no_input/1"): "Silence two.",
        ("menu", "no_match/0"): "Not that.",
        ("menu", "help"): "Helping.",
        ("number", "ask"): "Number?",
        ("details", "ask"): "When?",
        ("details", "form/day/ask"): "Which day?",
        ("details", "form/day/no_match/0"): "No day.",
        ("details", "form/day/help"): "A day.",
        ("details", "confirm"): "On {{ day | date }}?",
        ("sure", "confirm"): "Sure?",
        ("data", "filler"): "Looking.",
        ("person", "say"): "To a person.",
        ("bye", "hang_up"): "Bye bye.",
    }


def test_a_prompt_knows_its_place() -> None:
    (silence,) = [prompt for prompt in of_flow() if prompt.key == "no_input/1"]
    lines = f"flow: main\nstart: first\nsteps:\n{STEPS}".splitlines()
    assert silence.file == "main.yaml"
    assert lines[silence.line - 1][silence.column - 1 :].startswith("Silence two.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("On {{ x | date }}.", ["On Thursday the third of December."]),
        ("{{ x.amount | money(x.currency) }}", ["one hundred and five pounds and twenty pence"]),
        ("{{ x | count('try', 'tries') }}", ["three tries"]),
        ("{{ x.things | listing }}", ["red shoes and a blue scarf"]),
        (
            "{{ x[company].day | date }}, {{ x['y'].z | money }}",
            ["Thursday the third of December, one hundred and five pounds and twenty pence"],
        ),
        (
            "At {{ x.opens | time }} {{ x.opens | on_date }}",
            ["At nine a m on Thursday the third of December"],
        ),
        ("{% if x > 3 %}Many{% elif x == 3 %}Three{% else %}Few{% endif %}.", ["Many.", "Three.", "Few."]),
        ("Paid {{ 'in' if x.amount | float > 0 else 'out' }}.", ["Paid in.", "Paid out."]),
    ],
)
def test_values_are_made_up_and_every_branch_is_said(text: str, said: list[str]) -> None:
    steps = (
        f'  first: {{ say: "{text}", next: look }}\n'
        "  look: { look_up: x, into: x, found: done, failed: done }\n"
    )
    (prompt,) = of_flow(steps)
    assert list(prompt.spoken) == said


def test_a_field_has_a_value_of_its_type() -> None:
    (said,) = [prompt.spoken for prompt in of_flow() if (prompt.step, prompt.key) == ("details", "confirm")]
    assert said == ("On Thursday the third of December?",)


def test_words_that_no_made_up_value_fits_are_listed_all_the_same() -> None:
    (prompt,) = of_flow("  first: { say: \"{{ company | money('XYZ') }}\", next: done }\n")
    assert prompt.spoken == ()


def test_more_ways_than_can_be_listed_still_say_every_branch() -> None:
    names = [f"x{number}" for number in range(6)]
    text = " ".join(
        f"{{% if company == '{name}' %}}yes-{name}{{% else %}}no-{name}{{% endif %}}" for name in names
    )
    (prompt,) = of_flow(f'  first: {{ say: "{text}", next: done }}\n')
    said = " ".join(prompt.spoken).split()
    assert len(prompt.spoken) < 10 and set(said) == {
        f"{way}-{name}" for name in names for way in ("yes", "no")
    }


def test_every_prompt_of_the_sample_can_be_spoken() -> None:
    silent = [prompt for prompt in prompts(load(ROOT / "call_flows")) if not prompt.spoken]
    assert silent == []
