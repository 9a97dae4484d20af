"""Results of talks for people and for machines: a failure as the conversation it was, a summary, junit's XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from ivr.actions import Enqueue, Lookup, Say
from ivr.events import AgentAnswered, AgentLeft, HandFailed, Heard, LookedUp, Silent
from ivr.rehearsal.judge import Failure
from ivr.rehearsal.read import Script
from ivr.rehearsal.stage import Beat, Moment, Stage, without_secrets
from ivr.rehearsal.words import plain
from ivr.rehearsal.world import shown

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (2.2, Char)."""
MARK = "  ✗ "
ROOM = "    "


@dataclass(frozen=True, slots=True)
class Result:
    """One talk as it went under one condition."""

    script: Script
    condition: str
    """Empty for text; of sound how it was, such as ``15 dB``."""
    stage: Stage
    failures: tuple[Failure, ...]
    took_s: float

    @property
    def has_passed(self) -> bool:
        return not self.failures

    @property
    def name(self) -> str:
        return f"{self.script.file}: {self.script.name}" + (f" ({self.condition})" if self.condition else "")


def told(result: Result) -> str:
    """A talk that failed, as a conversation; the turn where it went wrong is marked and explained."""
    stage, first = result.stage, result.failures[0]
    wrong = _beat(stage, first)
    lines = [f"FAILED  {result.name}"]
    for beat in stage.beats:
        is_wrong = beat is wrong
        lines += [
            (MARK if is_wrong and number == 0 else ROOM) + line
            for number, line in enumerate(_beat_lines(stage, beat))
        ]
        if is_wrong:
            lines += _explained(
                result, [each for each in result.failures if each.index <= first.index or each is first]
            )
            break
    if wrong is None:
        lines += _explained(result, list(result.failures))
    more = sum(each.index > first.index for each in result.failures)
    if more:
        lines.append(f"        {more} more went wrong after that")
    return "\n".join(lines)


def summary(results: Sequence[Result]) -> str:
    passed = sum(result.has_passed for result in results)
    return f"{passed} of {len(results)} conversations passed"


def table(results: Sequence[Result]) -> str:
    """How many talks pass under each condition."""
    conditions = list(dict.fromkeys(result.condition for result in results))
    lines = [f"{'condition':<14}  passed"]
    for condition in conditions:
        own = [result for result in results if result.condition == condition]
        passed = sum(result.has_passed for result in own)
        lines.append(f"{condition:<14}  {passed} of {len(own)} ({100 * passed / len(own):.0f} %)")
    return "\n".join(lines)


def junit(results: Sequence[Result]) -> str:
    """For continuous integration: one suite a file, one case a talk."""
    root = ElementTree.Element("testsuites")
    files = list(dict.fromkeys((result.script.file, result.condition) for result in results))
    for file, condition in files:
        own = [each for each in results if (each.script.file, each.condition) == (file, condition)]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"{file} ({condition})" if condition else file,
            tests=str(len(own)),
            failures=str(sum(not each.has_passed for each in own)),
            errors="0",
            time=f"{sum(each.took_s for each in own):.3f}",
        )
        for each in own:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=each.script.flow,
                name=_printable(each.script.name),
                file=each.script.file,
                line=str(each.script.line),
                time=f"{each.took_s:.3f}",
            )
            if not each.has_passed:
                first = each.failures[0]
                message = f"line {first.line}: wanted {first.expected}; {first.came}"
                ElementTree.SubElement(case, "failure", message=_printable(message)).text = _printable(
                    told(each)
                )
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _beat(stage: Stage, failure: Failure) -> Beat | None:
    """The beat in which a failure came about: that of the turn, or of the act before it."""
    known = [beat for beat in stage.beats if beat.index <= failure.index]
    is_unacted = failure.key == "caller"
    return None if is_unacted or not known else known[-1]


def _explained(result: Result, failures: list[Failure]) -> list[str]:
    lines = []
    for failure in failures:
        lines.append(f"        {result.script.file}:{failure.line}: {failure.key}")
        lines.append(f"          wanted  {failure.expected}")
        lines.append(f"          came    {failure.came}")
        if failure.why:
            lines.append(f"          why     {failure.why}")
    return lines


def _beat_lines(stage: Stage, beat: Beat) -> list[str]:
    moments = stage.moments_of(beat)
    begun_ms = moments[0].at_ms if moments else beat.ended_ms
    lines = [f"{begun_ms / 1000:7.2f}  caller  {beat.act}"] if beat.act else []
    for moment in moments:
        lines += _moment_lines(moment, beat)
    return lines or [f"{begun_ms / 1000:7.2f}          (nothing happened)"]


def _moment_lines(moment: Moment, beat: Beat) -> Iterator[str]:
    at = f"{moment.at_ms / 1000:7.2f}"
    match moment.event:
        case Heard(hypotheses=()):
            yield f"{at}          (heard a sound without words)"
        case Heard(hypotheses=(best, *_)) if plain(best.text) != plain(beat.act) or best.confidence < 1:
            yield f"{at}          (heard: {best.text}, {best.confidence:.2f})"
        case LookedUp(is_found=is_found, fields=fields):
            answer = shown(fields) if is_found and fields else "found" if is_found else "not found"
            yield f"{at}          (answer: {answer})"
        case HandFailed(action=failed, reason=reason):
            yield f"{at}          ({failed} failed: {reason})"
        case Silent(timer="no_input"):
            yield f"{at}          (silence)"
        case AgentAnswered(agent_name=name):
            yield f"{at}  {name} answers"
        case AgentLeft(agent_name=name, reason=reason):
            yield f"{at}  {name} is gone ({reason})"
    for action in moment.actions:
        match action:
            case Say():
                yield f"{at}  bot     {' '.join(action.phrases)}"
            case Lookup():
                yield f"{at}          looks up {action.name} {shown(without_secrets(action))}"
            case Enqueue():
                yield f"{at}          to {action.ticket.queue}: {action.ticket.reason}"


def _printable(text: str) -> str:
    """Without the characters that XML does not know."""
    return _NO_XML.sub("", text)
