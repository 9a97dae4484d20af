"""Options and universal commands by their example phrases: exact, held in a sentence, alike, asking for a person.

Scores words alone; which reading of an utterance counts, and values, are ``match``'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from ivr.actions import Option
from ivr.nlu.intents import Intents
from ivr.nlu.normalise import content, tokens
from ivr.nlu.phrases import PERSON
from ivr.nlu.score import COMMON

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

    def __init__(self, options: tuple[Option, ...], commands: tuple[Option, ...], is_open: bool) -> None:
        self.options = [(o.name, phrase, tokens(phrase)) for o in options for phrase in o.phrases]
        self.commands = [(c.name, phrase, tokens(phrase)) for c in commands for phrase in c.phrases]
        self.people = [tokens(phrase) for phrase in PERSON] if _has(commands, "agent") else []
        self.is_open = is_open
        self.phrases: dict[tuple[str, ...], tuple[str, str]] = {}
        for kind, rows in (("command", self.commands), ("option", self.options)):
            self.phrases |= {words: (name, kind) for words, name in _owned(rows).items()}

    @cached_property
    def intents(self) -> Intents | None:
        """Learnt when the first sentence comes that is none of the phrases, or ahead of it; None without phrases."""
        examples = [
            (f"{kind}:{name}", phrase, words)
            for kind, rows in (("option", self.options), ("command", self.commands))
            for name, phrase, words in rows
            if words and (kind == "option" or name == "agent")
        ]
        return Intents(examples, by_meaning=self.is_open) if examples else None

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
        scores = []
        for one in self.intents.rank(words) if self.intents else ():
            kind, _, name = one.name.partition(":")
            named: Literal["option", "command"] = "option" if kind == "option" else "command"
            scores.append(Score(named, name, one.chance, f"like: {one.example}"))
        held = {name: phrase for name, phrase, wanted in self.options if holds(words, content(wanted))}
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
def matcher(options: tuple[Option, ...], commands: tuple[Option, ...], is_open: bool = False) -> Matcher:
    """The matcher of these options and commands; the same ones share it.

    ``is_open``: callers use sentences of their own, so that what they mean counts and not only their words.
    """
    return Matcher(options, commands, is_open)


def _owned(rows: list[tuple[str, str, tuple[str, ...]]]) -> dict[tuple[str, ...], str]:
    """The name that each phrase belongs to, with and without its politeness; none where it is two names'."""
    found: dict[tuple[str, ...], set[str]] = {}
    for name, _, phrase in rows:
        for words in {phrase, content(phrase)} - {()}:
            found.setdefault(words, set()).add(name)
    return {words: names.pop() for words, names in found.items() if len(names) == 1}


def contains(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return size > 0 and any(words[i : i + size] == phrase for i in range(len(words) - size + 1))


def holds(words: tuple[str, ...], core: tuple[str, ...]) -> bool:
    """Whether the words contain a phrase that says something: of "please do" the "do" is in any question."""
    return contains(words, core) and not COMMON.issuperset(core)


def _has(options: tuple[Option, ...], name: str) -> bool:
    return any(option.name == name for option in options)
