"""The few-example scorer on public intents: what it accepts is right, strangers are seldom accepted."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from ivr.actions import Expectation, Option
from ivr.events import Hypothesis
from ivr.nlu.match import ACCEPT, REJECT, understand

DATA = Path(os.environ.get("IVR_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
FILE = DATA / "intents" / "clinc150-train.json"


def by_intent(rows):
    sorted_out: dict[str, list[str]] = {}
    for text, intent in rows:
        sorted_out.setdefault(intent, []).append(text)
    return sorted_out


@pytest.mark.skipif(not FILE.exists(), reason=f"needs {FILE} (set IVR_TEST_DATA)")
def test_what_is_accepted_is_right():
    data = json.loads(FILE.read_text(encoding="utf-8"))
    known, asked, rng = by_intent(data["train"]), by_intent(data["val"]), random.Random(11)
    accepted = right = inside = outside = taken = refused = 0
    for _ in range(6):
        names = rng.sample(sorted(known), 7)
        expect = Expectation(
            kind="choice",
            is_open=True,
            options=tuple(Option(name=name, phrases=tuple(rng.sample(known[name], 15))) for name in names),
        )
        for name in names:
            for text in asked[name]:
                meaning = understand(expect, (Hypothesis(text=text, confidence=1.0),))
                inside += 1
                accepted += meaning.confidence > ACCEPT
                right += meaning.confidence > ACCEPT and meaning.value == name
        strangers = [text for text, _ in rng.sample(data["oos_val"], 30)]
        strangers += [asked[name][0] for name in sorted(asked) if name not in names][:30]
        for text in strangers:
            confidence = understand(expect, (Hypothesis(text=text, confidence=1.0),)).confidence
            outside += 1
            taken += confidence > ACCEPT
            refused += confidence < REJECT
    print(f"accepted {accepted / inside:.3f}, right {right / accepted:.3f}; "
          f"strangers taken {taken / outside:.3f}, refused {refused / outside:.3f}")  # fmt: skip
    assert accepted / inside > 0.85 and right / accepted > 0.98
    assert taken / outside < 0.08 and refused / outside > 0.85
