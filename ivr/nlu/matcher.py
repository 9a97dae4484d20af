"""Options and universal commands by their example phrases: exact, held in a sentence, alike, asking for a person.

Scores words alone; which reading of an utterance counts, and values, are ``match``'s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ivr.actions import Option
from ivr.nlu.normalise import content, tokens
from ivr.nlu.phrases import PERSON
from ivr.nlu.score import Scorer

MOST_LIKE = 0.95
"""Likeness alone is never as sure as the phrase itself."""
PER_COSINE, PER_LEAD, NOT_LIKE = 15.2, 4.7, 3.9
"""Logistic fit of "the nearest option is the right one" on CLINC150: 12 draws of 7 intents with 15 examples,
1,260 sentences of theirs against 720 of no intent of the draw. Of the former 74 % come out above ACCEPT,
99.3 % of them right; of the latter 3.5 %, and 81 % below REJECT. Measured again in ``tests/nlu``."""
A_PERSON = "asks for a person"
"""Evidence of the wish for a person, wherever in a sentence it stands."""


@dataclass(frozen=True, slots=True)
class Score:
    kind: Literal["option", "command"]
    name: str
    value: float
    evidence: str


class Matcher:
    """All about some options and commands that does not depend on the words; kept by ``matcher``."""

    def __init__(self, options: tuple[Option, ...], commands: tuple[Option, ...]) -> None:
        self.options = [(o.name, phrase, tokens(phrase)) for o in options for phrase in o.phrases]
        self.commands = [(c.name, phrase, tokens(phrase)) for c in commands for phrase in c.phrases]
        self.people = [tokens(phrase) for phrase in PERSON] if _has(commands, "agent") else []
        self.scorer = Scorer(
            (f"{kind}:{name}", phrase, words)
            for kind, rows in (("option", self.options), ("command", self.commands))
            for name, phrase, words in rows
            if kind == "option" or name == "agent"
        )
        self.phrases: dict[tuple[str, ...], tuple[str, str]] = {}
        for kind, rows in (("command", self.commands), ("option", self.options)):
            for name, _, phrase in rows:
                self.phrases |= {words: (name, kind) for words in (phrase, content(phrase)) if words}

    def scores(self, words: tuple[str, ...]) -> list[Score]:
        """What the words may mean and how well, at most one entry a name, best first; options win ties."""
        found = [self._exact(words), *self._likely(words), self._command(words), self._person(words)]
        best: dict[tuple[str, str], Score] = {}
        for score in found:
            if score and score.value > best.get((score.kind, score.name), NONE).value:
                best[score.kind, score.name] = score
        return sorted(best.values(), key=lambda s: (-s.value, s.kind == "command"))

    def _exact(self, words: tuple[str, ...]) -> Score | None:
        name, kind = self.phrases.get(words) or self.phrases.get(content(words)) or ("", "")
        if kind == "option":
            return Score("option", name, 1.0, f"exact: {' '.join(words)}")
        if kind == "command":
            return Score("command", name, 1.0, f"exact: {' '.join(words)}")
        return None

    def _likely(self, words: tuple[str, ...]) -> list[Score]:
        """Options, and the wish for a person, in words of the caller's own."""
        near = self.scorer.rank(words)
        scores = []
        for at, one in enumerate(near):
            rival = near[1 if at == 0 else 0].cosine if len(near) > 1 else 0.0
            kind, _, name = one.name.partition(":")
            value = _trust(one.cosine, rival)
            scores.append(
                Score("option" if kind == "option" else "command", name, value, f"like: {one.example}")
            )
        held = {name: phrase for name, phrase, wanted in self.options if contains(words, content(wanted))}
        if len(held) == 1:
            ((name, phrase),) = held.items()
            share = len(content(tokens(phrase))) / len(content(words))
            scores.append(Score("option", name, 0.75 + 0.25 * share, f"contains: {phrase}"))
        return scores

    def _command(self, words: tuple[str, ...]) -> Score | None:
        """A command inside more words counts only where it is most of what was said."""
        said = content(words)
        for name, phrase, wanted in self.commands:
            core = content(wanted)
            if contains(words, core) and len(core) * 2 >= len(said) and (len(core) > 1 or len(said) <= 2):
                return Score("command", name, 0.85, f"contains: {phrase}")
        return None

    def _person(self, words: tuple[str, ...]) -> Score | None:
        if any(contains(words, wanted) for wanted in self.people):
            return Score("command", "agent", 0.9, A_PERSON)
        return None


NONE = Score("option", "", 0.0, "")


@lru_cache(maxsize=512)
def matcher(options: tuple[Option, ...], commands: tuple[Option, ...]) -> Matcher:
    """The matcher of these options and commands; the same ones share it."""
    return Matcher(options, commands)


def _trust(cosine: float, rival: float) -> float:
    """How likely the option of this nearness is right, given its lead over the next one."""
    lead = max(0.0, cosine - rival)
    return min(MOST_LIKE, 1 / (1 + math.exp(NOT_LIKE - PER_COSINE * cosine - PER_LEAD * lead)))


def contains(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return size > 0 and any(words[i : i + size] == phrase for i in range(len(words) - size + 1))


def _has(options: tuple[Option, ...], name: str) -> bool:
    return any(option.name == name for option in options)
