"""What was learnt, in words for a designer."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.flow.site import Book
from ivr.learning.accuracy import Accuracy
from ivr.learning.grouping import Group
from ivr.learning.lessons import Lesson, ask_at
from ivr.learning.proposal import Proposal
from ivr.learning.trial import Trial
from ivr.learning.wishes import Wish
from ivr.tables import table

LONGEST = 48
"""Characters of a sentence in a list."""
MOST_SENTENCES = 12
"""Sentences of a group that are shown."""


def period(calls: int, lessons: Sequence[Lesson], since: datetime, until: datetime) -> str:
    """How much there was to learn from, and how well it went."""
    how = Counter(lesson.how for lesson in lessons)
    bad = how["unmatched"] + how["corrected"]
    share = f" ({100 * bad / len(lessons):.1f} %)" if lessons else ""
    return (
        f"{_count(calls, 'call')} from {day(since)} to {day(until)}: callers answered {len(lessons)} times in "
        f"their own words at questions with choices; {how['unmatched']} were not understood and "
        f"{how['corrected']} taken for something else{share}, {how['asked_back']} right but asked back."
    )


def listing(found: Sequence[Group], proposals: Mapping[int, Proposal], once: int) -> list[str]:
    """The groups, a line each. ``once``: sentences that are in none of them."""
    rows = [_row(group, proposals.get(group.number)) for group in found]
    width = max((len(row[2]) for row in rows), default=0)
    said = max((len(row[3]) for row in rows), default=0)
    lines = [
        f"{n:>4}  {calls:>5}  {at:<{width}}  {text:<{said}}  {what}" for n, calls, at, text, what in rows
    ]
    if lines:
        lines.insert(0, f"{'N':>4}  calls  {'at':<{width}}  {'callers said':<{said}}  what helps")
    if once:
        lines.append(f"Besides, {_count(once, 'sentence')} that fewer callers said.")
    if lines and proposals:
        number = next(iter(proposals))
        lines += ["", f"`ivr learn show {number}` tells more, `ivr learn apply {number}` makes the change."]
    return lines or ["Nothing that was said often is left to learn."]


def group_lines(book: Book, group: Group) -> list[str]:
    """What callers said, and what they meant by it."""
    lines = [f"{group.number}: {_count(group.calls, 'call')} at {group.place}. Callers said:"]
    lines += [f"  {each.count:>4}  {each.text}" for each in group.sentences[:MOST_SENTENCES]]
    if (more := len(group.sentences) - MOST_SENTENCES) > 0:
        lines.append(f"        and {more} more")
    meant = [f"{_named(book, group, label)} ({count})" for label, count in group.votes]
    noted = len({each.call_id for each in group.lessons if each.by == "agent" and not each.is_beyond})
    if meant:
        lines.append(
            f"They meant: {', '.join(meant)}" + (f"; of {noted} a person noted it." if noted else ".")
        )
    if group.beyond:
        lines.append(f"Of {_count(group.beyond, 'call')} a person noted that no choice serves it.")
    if codes := Counter(code for each in group.lessons for code in each.codes):
        noted_as = ", ".join(f"{code} ({count})" for code, count in codes.most_common())
        lines.append(f"Persons noted how these calls ended: {noted_as}.")
    if group.to_a_person:
        lines.append(f"{_count(group.to_a_person, 'call')} went to a person.")
    return lines


def trial_lines(trial: Trial, before: Mapping[str, str]) -> list[str]:
    """What would be written, and how the change did. ``before``: the files as they are."""
    lines: list[str] = []
    for file, text in trial.changed.items():
        old = before.get(file, "")
        diff = difflib.unified_diff(old.splitlines(), text.splitlines(), file, file, n=1, lineterm="")
        lines += list(diff)
    if trial.objections:
        return [*lines, "", "It must not be made:", *(f"  - {each}" for each in trial.objections)]
    if trial.examples:
        kept = (
            f"of {_count(trial.examples, 'sentence')} set aside {trial.after.right} are understood, "
            f"{trial.before.right} before"
        )
    else:
        kept = "no sentence is set aside yet to try it on"
    tried = f"lint finds nothing new, {_count(trial.talks, 'talk')} pass, {kept}."
    return [*lines, "", f"Tried: {tried}", *(f"Left for you to write: {each}" for each in trial.todo)]


def wish_lines(found: Sequence[Wish], first: datetime, calls: int) -> list[str]:
    """The month's list."""
    head = f"{first:%B %Y}, {_count(calls, 'call')}. What callers wanted that no choice serves:"
    if not found:
        return [
            f"{first:%B %Y}, {_count(calls, 'call')}: callers wanted nothing twice that no choice serves."
        ]
    lines = [head, "", "calls  month before  to a person  noted  they said"]
    for wish in found:
        said = "; ".join(each.text for each in wish.group.sentences[:3])
        lines.append(f"{wish.calls:>5}  {wish.before:>12}  {wish.to_a_person:>11}  {wish.noted:>5}  {said}")
    return lines


def accuracy_lines(found: Sequence[Accuracy]) -> list[str]:
    """The fields, a line each."""
    if not found:
        return ["No values were heard."]
    head = (
        "field", "by", "values", "judged", "right", "95 %", "asked back", "right", "taken", "called wrong",
        "no value",
    )  # fmt: skip
    rows = []
    for each in found:
        low, high = each.interval
        between = f"{100 * low:.0f}-{100 * high:.0f} %" if each.judged else "-"
        rows.append((
            each.field, "keys" if each.is_keyed else "voice", str(each.asked_back + each.taken), str(each.judged),
            _share(each.right, each.judged), between, str(each.asked_back),
            _share(each.asked_right, each.asked_right + each.asked_wrong), str(each.taken),
            str(each.taken_wrong), str(each.unmatched),
        ))  # fmt: skip
    return [
        *table(head, rows),
        "",
        "judged: the caller said yes or no to it; right: of these; 95 %: between what the truth lies.",
        "asked back, taken: without asking; called wrong: of those taken; no value: answers that were none.",
    ]


def day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _row(group: Group, proposal: Proposal | None) -> tuple[str, str, str, str, str]:
    text = group.sentences[0].text
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    more = len(group.sentences) - 1
    said = f"{text} (+{more})" if more else text
    place = f"{group.place} ({group.language})" if group.language else group.place
    return str(group.number), str(group.calls), place, said, _helps(group, proposal)


def _helps(group: Group, proposal: Proposal | None) -> str:
    meant = ", ".join(f"{label} {count}" for label, count in group.votes[:3])
    if proposal is not None:
        return f"{_count(len(proposal.phrases), 'phrase')} for {proposal.choice} (callers meant: {meant})"
    if group.label:
        return f"no sentence of it can be a phrase for {group.label} yet"
    if group.beyond:
        return f"no choice serves it ({_count(group.beyond, 'call')} noted so); `--as NAME` makes one"
    if group.votes:
        return f"callers meant different things ({meant}); `--as NAME` decides"
    return "nobody knows what was meant; `--as NAME` decides"


def _named(book: Book, group: Group, label: str) -> str:
    steps = (group.step, *(lesson.step for lesson in group.lessons if lesson.label == label))
    for step in steps:
        asked = ask_at(book, step)
        if asked is not None and label in asked.choices:
            return asked.named(label)
    return label


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
