"""``--update``: the words that a file of talks expects, replaced by those that came; comments and layout are kept."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML

from ivr.rehearsal.actor import answered
from ivr.rehearsal.report import Result
from ivr.rehearsal.stage import said

WIDTH = 120
WORDS = frozenset({"bot", "bot_exactly", "bot_one_of"})
"""Expectations that can be written anew; all others are the designer's word."""


def updated(text: str, results: Iterable[Result]) -> str:
    """A file's text with what its machine said in place of the expected words that did not come."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    is_changed = False
    for result in results:
        body = document["talks"][result.script.name]
        turns = body if isinstance(body, list) else body["turns"]
        for failure in result.failures:
            if failure.key in WORDS:
                is_changed = (
                    _write(turns[failure.index], failure.key, _came(result, failure.index)) or is_changed
                )
    if not is_changed:
        return text
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _came(result: Result, index: int) -> str:
    """All that was said in answer to the act that this turn speaks of."""
    stage = result.stage
    talk = stage.script.talk
    acts = [place for place in range(index + 1) if talk.turns[place].is_act]
    act = acts[-1] if acts else -1
    assert talk.turns[index] in answered(talk, act)
    moments = [m for beat in stage.beats if beat.index == act for m in stage.moments_of(beat)]
    return " ".join(said(moments))


def _write(turn: Any, key: str, words: str) -> bool:
    if not words or key not in turn:
        return False
    turn[key] = [words] if key == "bot_one_of" else words
    return True
