"""What lint must not say: flows that come near a mistake and are right, each told nothing."""

from __future__ import annotations

import pytest
from corpus import LOOKUPS, good_files

from ivr.flow.lint import lint
from ivr.flow.load import parse

ACCOUNT = "  account: { collect: account, ask: Which account?, digits: 8, next: NEXT }\n"
PIN = "  pin: { collect: pin, ask: Your PIN?, digits: 4, secret: true, next: NEXT }\n"
LOOK = """
  look:
    look_up: balance
    with: { account: "{{ account }}", pin: "{{ pin }}" }
    into: money
    found: tell
    failed: person
  tell: { say: "You have {{ money.amount }}.", next: done }
  person: { transfer: desk, reason: "Wants the balance of {{ account }}." }
"""
PAY = LOOK.replace("into: money", "into: money\n    changes: true")
RIGHT = {
    "known on every way": ACCOUNT.replace("NEXT", "pin") + PIN.replace("NEXT", "look") + LOOK,
    "known on one way and tested": """
  a: { confirm: Have you an account?, "yes": account, "no": which }
  which: { if: account is defined, then: tell, else: bye }
  tell: { say: "{{ account }}", next: done }
  bye: { hang_up: "" }
"""
    + ACCOUNT.replace("NEXT", "which"),
    "known on one way and said only then": """
  a: { confirm: Have you an account?, "yes": account, "no": tell }
  tell: { say: "{% if account is defined %}{{ account }}{% else %}None{% endif %}.", next: done }
"""
    + ACCOUNT.replace("NEXT", "tell"),
    "known wherever what is tested is known": """
  first: { if: money is defined, then: again, else: account }
  again: { say: "{{ account }} has {{ money.amount }}.", next: done }
"""
    + ACCOUNT.replace("NEXT", "pin")
    + PIN.replace("NEXT", "look")
    + LOOK.replace("found: tell", "found: first")
    .replace("failed: person", "not_found: tell\n    failed: person")
    .replace("You have {{ money.amount }}.", "No such account: {{ account }}."),
    "known where what is tested is not unknown": """
  first: { if: money is undefined, then: account, else: again }
  again: { say: "{{ account }} has {{ money.amount }}.", next: done }
"""
    + ACCOUNT.replace("NEXT", "pin")
    + PIN.replace("NEXT", "look")
    + LOOK.replace("found: tell", "found: first")
    .replace("failed: person", "not_found: tell\n    failed: person")
    .replace("You have {{ money.amount }}.", "No such account: {{ account }}."),
    "known where it is not unknown": """
  first: { if: not account is defined, then: account, else: tell }
  tell: { say: "{{ account }}", next: done }
"""
    + ACCOUNT.replace("NEXT", "first"),
    "asked for again after a no": ACCOUNT.replace("NEXT", "right")
    + """
  right: { confirm: "Is it {{ account | digits }}?", of: account, "yes": tell, "no": account }
  tell: { say: "{{ account }}", next: done }
""",
    "kept by set": """
  a: { set: { colour: red }, next: tell }
  tell: { say: "{{ colour }}", next: done }
""",
    "paid after a yes": ACCOUNT.replace("NEXT", "pin")
    + PIN.replace("NEXT", "sure")
    + '  sure: { confirm: Shall I pay?, "yes": look, "no": done }\n'
    + PAY,
    "paid after a choice called yes": ACCOUNT.replace("NEXT", "pin")
    + PIN.replace("NEXT", "sure")
    + '  sure: { ask: Pay?, choices: { "yes": { phrases: pay, next: look }, "no": { phrases: stop, next: done } } }\n'
    + PAY,
    "paid after a form was read back": """
  a:
    form:
      account: { digits: 8, ask: Which account? }
      pin: { digits: 4, secret: true, ask: Your PIN? }
    confirm: Shall I pay from {{ account | digits }}?
    next: look
"""
    + PAY,
    "remembered after a yes": """
  a: { confirm: May I remember you?, "yes": keep, "no": done }
  keep: { remember: [name], next: done }
""",
    "forgotten without asking": "  a: { remember: [], next: done }\n",
    "a menu that callers can leave": """
  a:
    ask: Red, or done?
    choices: { red: { phrases: red, next: b }, finished: { phrases: done, next: done } }
  b: { say: It is red., next: a }
""",
    "silence that ends": """
  a:
    ask: Red, or done?
    if_silent: bye
    choices: { red: { phrases: red, next: b }, finished: { phrases: done, next: done } }
  b: { say: It is red., next: a }
  bye: { hang_up: "" }
""",
    "no such thing told as a failure, to a person": ACCOUNT.replace("NEXT", "pin")
    + PIN.replace("NEXT", "look")
    + LOOK.replace("failed: person", "not_found: person\n    failed: person"),
    "numbers in words that are no keys": """
  a:
    ask: Which one would you like, and for two or three people?
    choices: { red: { key: 4, phrases: red, next: done }, blue: { key: 5, phrases: blue, next: bye } }
    no_match: [Which one?, "Press four for red, five for blue, zero for a person, or nine to hear it again."]
  bye: { hang_up: "" }
""",
    "numbers before for, and no key": """
  a:
    ask: "A table, two for lunch, or four for dinner?"
    choices: { lunch: { key: 1, phrases: lunch, next: done }, dinner: { key: 2, phrases: dinner, next: bye } }
  bye: { hang_up: "" }
""",
    "five options": """
  a:
    ask: Press one for red, two for blue, three for green, four for pink, or five for grey.
    into: colour
    choices:
      red: { key: 1, phrases: red, next: done }
      blue: { key: 2, phrases: blue, next: done }
      green: { key: 3, phrases: green, next: done }
      pink: { key: 4, phrases: pink, next: done }
      grey: { key: 5, phrases: grey, next: done }
""",
    "a scale": """
  a:
    ask: How was it, from one for bad to seven for good?
    into: rating
    choices:
      s1: { key: 1, phrases: one, next: done }
      s2: { key: 2, phrases: two, next: done }
      s3: { key: 3, phrases: three, next: done }
      s4: { key: 4, phrases: four, next: done }
      s5: { key: 5, phrases: five, next: done }
      s6: { key: 6, phrases: six, next: done }
      s7: { key: 7, phrases: seven, next: done }
""",
    "said once more only": """
  a: { confirm: Shall I?, misses: 1, no_match: Yes or no?, "yes": b, "no": done }
  b: { hang_up: "" }
""",
    "a name with pin in it": "  a: { collect: shipping_code, ask: Which shipping code?, digits: 8, next: done }\n",
    "a number from one": "  a: { collect: people, ask: How many?, type: number, at_least: 1, next: done }\n",
    "a secret with a name that the site's own words use": PIN.replace("pin", "number").replace(
        "NEXT", "done"
    ),
    "long branches of which one is said": "  a:\n    say: >-\n"
    + "".join(
        f"      {{% {word} %}}{'Words that take some time to say. ' * 6}\n" for word in ("if agent", "else")
    )
    + "      {% endif %}\n    next: done\n",
}


@pytest.mark.parametrize("steps", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_right_is_told_nothing(steps: str) -> None:
    first = steps.strip().partition(":")[0]
    files = good_files() | {"main.yaml": f"flow: main\nstart: {first}\nsteps:\n{steps}"}
    found = lint(parse(files, LOOKUPS), LOOKUPS)
    assert [str(fault) for fault in found if fault.file == "main.yaml"] == []


def test_what_a_flow_sets_is_known_to_the_flow_that_ran_it() -> None:
    files = good_files()
    files["main.yaml"] = (
        "flow: main\nstart: a\nsteps:\n  a: { run: other, next: b }\n  b: { say: '{{ account }}', next: done }\n"
    )
    files["other.yaml"] = "flow: other\nstart: account\nsteps:\n" + ACCOUNT.replace("NEXT", "done")
    assert [fault.code for fault in lint(parse(files, LOOKUPS), LOOKUPS) if fault.file == "main.yaml"] == []
    files["other.yaml"] += "    \n  more: { say: Hello., next: done }\n"
    files["other.yaml"] = files["other.yaml"].replace("start: account", "start: first") + (
        '  first: { confirm: "Have you one?", "yes": account, "no": more }\n'
    )
    assert [fault.code for fault in lint(parse(files, LOOKUPS), LOOKUPS) if fault.file == "main.yaml"] == [
        "may-be-unset"
    ]


def test_a_yes_before_another_flow_is_run_counts_there() -> None:
    files = good_files()
    files["main.yaml"] = (
        "flow: main\nstart: a\nsteps:\n"
        '  a: { confirm: Shall I pay?, "yes": b, "no": done }\n  b: { run: pay, next: done }\n'
    )
    pay = (
        "flow: pay\nstart: account\nsteps:\n"
        + ACCOUNT.replace("NEXT", "pin")
        + PIN.replace("NEXT", "look")
        + PAY
    )
    files["pay.yaml"] = pay
    assert [fault.code for fault in lint(parse(files, LOOKUPS), LOOKUPS) if fault.file == "pay.yaml"] == []
    files["main.yaml"] = files["main.yaml"].replace('"no": done', '"no": b')
    assert [fault.code for fault in lint(parse(files, LOOKUPS), LOOKUPS) if fault.file == "pay.yaml"] == [
        "no-confirmation"
    ]


def test_a_yes_in_a_flow_that_was_run_counts_after_it() -> None:
    files = good_files()
    steps = (
        ACCOUNT.replace("NEXT", "pin")
        + PIN.replace("NEXT", "sure")
        + "  sure: { run: sure, next: look }\n"
        + PAY
    )
    files["main.yaml"] = "flow: main\nstart: account\nsteps:\n" + steps
    sure = '  a: { confirm: Shall I pay?, "yes": done, "no": bye }\n  bye: { hang_up: "" }\n'
    files["sure.yaml"] = "flow: sure\nstart: a\nsteps:\n" + sure
    assert [fault.code for fault in lint(parse(files, LOOKUPS), LOOKUPS) if fault.file == "main.yaml"] == []
    files["sure.yaml"] = (
        files["sure.yaml"].replace('"no": bye', '"no": b') + "  b: { say: Well., next: done }\n"
    )
    files["sure.yaml"] = files["sure.yaml"].replace('  bye: { hang_up: "" }\n', "")
    assert [fault.code for fault in lint(parse(files, LOOKUPS), LOOKUPS) if fault.file == "main.yaml"] == [
        "no-confirmation"
    ]
