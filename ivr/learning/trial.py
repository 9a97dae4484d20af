"""Trying a change before it is written: it must load, worry lint no more than before, break no talk, teach what it
is for, and understand the sentences set aside no worse.

All of it in memory; who writes the files is the command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.errors import Fault, FlowError, IvrError
from ivr.flow.lint import lint
from ivr.flow.load import parse
from ivr.flow.lookups import Signature
from ivr.flow.site import Book
from ivr.learning.grouping import Group, meaning
from ivr.learning.lessons import ask_at
from ivr.learning.proposal import Example, Proposal, teachable
from ivr.learning.talk import Way, outcome, way_to
from ivr.nlu.match import ACCEPT
from ivr.nlu.normalise import tokens
from ivr.rehearsal import read, text
from ivr.rehearsal.judge import Failure, judge
from ivr.rehearsal.read import Script

TO_TRANSLATE = "translation-missing"
"""The code of what lint finds where a new choice has no words in another language: callers hear the main one's."""
MOST_TOLD = 5
"""Objections of one kind that are listed."""


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of flows as it is."""

    flows: Mapping[str, str]
    talks: Mapping[str, str]
    signatures: Mapping[str, Signature]


@dataclass(frozen=True, slots=True)
class Score:
    """How the sentences set aside are understood."""

    right: int
    wrong: int
    """Taken for something else without asking back."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would do."""

    changed: Mapping[str, str]
    """The texts to be written, by file."""
    talk: str
    """The new talk's name; empty where there is none."""
    says: str
    """What its caller says last."""
    examples: int
    """Sentences set aside that it was tried on."""
    before: Score
    after: Score
    talks: int
    objections: tuple[str, ...]
    """Why it must not be; empty: it may."""
    todo: tuple[str, ...]
    """What lint will go on to ask for: the words of a new choice in further languages."""


def attempt(files: Files, book: Book, group: Group, proposal: Proposal, examples: Sequence[Example]) -> Trial:
    """Try a proposal. Raises IvrError where it cannot even be tried."""
    changed = proposal.made(files.flows[proposal.file])
    nothing = Score(0, 0)
    try:
        new = parse({**files.flows, proposal.file: changed}, files.signatures)
    except FlowError as error:
        told = tuple(map(str, error.faults[:MOST_TOLD]))
        return Trial({proposal.file: changed}, "", "", 0, nothing, nothing, 0, told, ())
    way = way_to(book, proposal.step, group.language, files.talks)
    act = {"caller": _telling(new, group, proposal)}
    turn = {**act, **_expected(book, new, way, group, proposal)}
    name = f"callers who say {act['caller']}"
    talks, named = way.written(name, turn, new)
    scripts = _scripts(new, {**files.talks, way.file: talks})
    failed = _failed(new, scripts)
    examples = [_decided(each, group, proposal) for each in examples]
    before, after = score(book, examples), score(new, examples)
    worries = _worries(book, new, files.signatures)
    left = [each for each in worries if each.code == TO_TRANSLATE]
    objections = (
        *(f"lint finds: {each}" for each in worries if each not in left),
        *_broken(book, files, failed, (way.file, named)),
        *_unproved(book, way, turn, name),
        *_worse(before, after),
    )
    texts, todo = {proposal.file: changed, way.file: talks}, tuple(map(str, left))
    return Trial(texts, named, act["caller"], len(examples), before, after, len(scripts), objections, todo)


def _decided(example: Example, group: Group, proposal: Proposal) -> Example:
    """What no choice served, and this change is for, is to be served by it."""
    is_own = not example.label and tokens(example.text) in {lesson.words for lesson in group.lessons}
    return replace(example, label=proposal.choice) if is_own else example


def score(book: Book, examples: Sequence[Example]) -> Score:
    """How a book understands sentences whose meaning is known, were they heard perfectly."""
    right = wrong = 0
    for example in examples:
        found = meaning(book, example.step, example.language, example.text)
        if found is None:
            continue
        is_taken = found.kind == "option" and found.confidence > ACCEPT
        is_right = (found.kind, found.value) == ("option", example.label) if example.label else not is_taken
        right += is_right
        wrong += not is_right and found.confidence > ACCEPT
    return Score(right, wrong)


def _telling(new: Book, group: Group, proposal: Proposal) -> str:
    """The sentence that tells most: one that was not understood, is no new phrase, and is understood now."""
    for each in teachable(group):
        found = meaning(new, proposal.step, group.language, each.text)
        is_new = each.text not in proposal.phrases
        if is_new and found and found.value == proposal.choice and found.confidence > ACCEPT:
            return each.text
    return proposal.phrases[0]


def _expected(book: Book, new: Book, way: Way, group: Group, proposal: Proposal) -> dict[str, object]:
    """What must come of the talk's last turn."""
    if proposal.queue:
        return {"transfer": {"queue": proposal.queue, "reason": proposal.reason}}
    return outcome(new, way, _known_way(book, group, proposal))


def _known_way(book: Book, group: Group, proposal: Proposal) -> dict[str, str]:
    """A turn of the caller that took the choice before: its key, or one of its phrases."""
    asked = ask_at(book.speaking(group.language), proposal.step)
    choice = asked.choices[proposal.choice] if asked else None
    for phrase in choice.phrases if choice else ():
        found = meaning(book, proposal.step, group.language, phrase)
        if found and found.value == proposal.choice and found.confidence > ACCEPT:
            return {"caller": phrase}
    if choice is None or not choice.key:
        raise IvrError(
            f"the choice {proposal.choice} has no key and no phrase that takes it, so no talk can tell"
        )
    return {"keys": choice.key}


def _scripts(book: Book, talks: Mapping[str, str]) -> list[Script]:
    return [script for file in sorted(talks) for script in read.parse(talks[file], file, book)]


def _failed(book: Book, scripts: Sequence[Script]) -> dict[tuple[str, str], Failure]:
    """The talks that do not pass, each with what went wrong first."""
    found = {}
    for script in scripts:
        if failures := judge(text.perform(script, book)):
            found[script.file, script.name] = failures[0]
    return found


def _worries(book: Book, new: Book, signatures: Mapping[str, Signature]) -> list[Fault]:
    """What lint finds that it did not find before."""
    known = Counter((each.file, each.code, each.found) for each in lint(book, signatures))
    found = []
    for fault in lint(new, signatures):
        key = fault.file, fault.code, fault.found
        known[key] -= 1
        if known[key] < 0:
            found.append(fault)
    return found[:MOST_TOLD]


def _broken(
    book: Book, files: Files, failed: Mapping[tuple[str, str], Failure], own: tuple[str, str]
) -> list[str]:
    """Talks that pass no more, and the new one if it does not pass."""
    if not failed:
        return []
    were = _failed(book, [each for each in _scripts(book, files.talks) if (each.file, each.name) in failed])
    return [
        f"the {'new ' if place == own else ''}talk {place[1]!r} of {place[0]} does not pass: expected "
        f"{failure.expected}, came: {failure.came}"
        for place, failure in failed.items()
        if place not in were
    ][:MOST_TOLD]


def _unproved(book: Book, way: Way, turn: dict[str, object], name: str) -> list[str]:
    """A talk that passes without the change proves nothing."""
    if judge(text.perform(way.script(name, turn, book), book)):
        return []
    return [f"{turn['caller']!r} is understood already: there is nothing to learn from it"]


def _worse(before: Score, after: Score) -> list[str]:
    found, whose = [], "it would get worse: of the sentences set aside"
    if after.right < before.right:
        found.append(f"{whose} {after.right} would be understood, {before.right} are now")
    if after.wrong > before.wrong:
        found.append(
            f"{whose} {after.wrong} would be taken for something else without asking back, {before.wrong} are now"
        )
    return found
