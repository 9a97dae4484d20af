"""Judging what a site says about people: queues and their hours, where callers go instead, what agents may do.

A part of ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from ivr.flow import near
from ivr.flow.faults import Notes
from ivr.flow.hours import DAYS, spans
from ivr.flow.lookups import Signature
from ivr.flow.model import Flow
from ivr.flow.site import Queue, Site

TOPICS = ("complaint", "legal", "medical", "threat", "vulnerable")
"""Topics that come with words of their own (``nlu.topics``)."""
INSTEAD = ("callback", "message")
"""What may be offered in place of another queue; so no queue may be called that."""
_COUNTRY = re.compile(r"\+[1-9]\d{0,3}")


def judge(
    site: Site,
    flows: Mapping[str, Flow],
    lookups: Mapping[str, Signature] | None,
    notes: Notes,
    *,
    is_whole: bool,
) -> None:
    """Notes the faults. Without ``is_whole`` a flow may stand in a file that was not read."""
    for name, queue in site.queues.items():
        _queue(site, name, queue, notes)
    _circles(site, notes)
    _hours(site, notes)
    if is_whole:
        _flows(site, flows, notes)
    _screen(site, lookups, notes)
    _mood(site, notes)
    for index, code in enumerate(site.callback_countries):
        if not _COUNTRY.fullmatch(code):
            remedy = 'Write it with the plus and in quotes, such as "+44".'
            notes.fault(
                site,
                f"callback_countries/{index}",
                f"{code[:20]!r} for a country",
                "its calling code",
                remedy,
                "country",
            )


def _mood(site: Site, notes: Notes) -> None:
    if site.mood.queue is not None and site.mood.queue not in site.queues:
        _no_queue(site, "mood/queue", site.mood.queue, site.queues, notes)
    for name, topic in site.mood.topics.items():
        path = f"mood/topics/{name}"
        if topic.queue is not None and topic.queue not in site.queues:
            _no_queue(site, f"{path}/queue", topic.queue, site.queues, notes)
        if not topic.phrases and name not in TOPICS:
            found = f"the topic {name!r}, which has no words of its own"
            wanted = f"phrases, or one of {', '.join(TOPICS)}"
            notes.fault(site, path, found, wanted, "Add 'phrases:' with what callers say.", "no-phrase")


def _queue(site: Site, name: str, queue: Queue, notes: Notes) -> None:
    path = f"queues/{name}"
    if name in INSTEAD:
        found, wanted = f"a queue called {name!r}, a word with a meaning of its own", "another name"
        notes.fault(site, path, found, wanted, "Choose another name.", "reserved-name")
        return
    for key, to in _overflows(queue):
        if to not in site.queues and to not in INSTEAD:
            _no_queue(site, f"{path}/overflow/{key}", to, (*site.queues, *INSTEAD), notes)
        elif to == name:
            found = f"the queue {name!r}, which overflows into itself"
            remedy = "Name another queue, callback or message."
            notes.fault(site, f"{path}/overflow/{key}", found, "somewhere else", remedy, "overflow")
    if isinstance(queue.hours, dict):
        for day, text in queue.hours.items():
            _spans(site, f"{path}/hours/{day}", text, notes)
    elif queue.hours is not None and queue.hours not in site.hours:
        found = f"the hours {queue.hours!r}, which do not exist"
        remedy = near.remedy(queue.hours, site.hours)
        notes.fault(site, f"{path}/hours", found, "a name below hours of the site", remedy, "unknown-hours")


def _hours(site: Site, notes: Notes) -> None:
    """The site's opening hours, holidays and zones."""
    zones = {"time_zone": site.time_zone}
    for name, hours in site.hours.items():
        path = f"hours/{name}"
        if hours.zone:
            zones[f"{path}/zone"] = hours.zone
        for day in DAYS:
            _spans(site, f"{path}/{day}", getattr(hours, day), notes)
        for day, text in hours.days.items():
            _spans(site, f"{path}/days/{day}", text, notes)
            _day(site, f"{path}/days/{day}", day, notes)
    for day in site.holidays:
        _day(site, f"holidays/{day}", day, notes)
    for path, zone in zones.items():
        if not _is_zone(zone):
            found = f"the time zone {zone[:40]!r}, which does not exist"
            remedy = "Write it as region and city, such as Europe/London."
            notes.fault(site, path, found, "a time zone", remedy, "time-zone")


def _spans(site: Site, path: str, text: str, notes: Notes) -> None:
    try:
        spans(text)
    except ValueError as error:
        remedy = "Write it as 08:00-12:00, 13:00-18:00."
        notes.fault(site, path, str(error), "times from and to", remedy, "hours")


def _day(site: Site, path: str, day: str, notes: Notes) -> None:
    try:
        is_day = date.fromisoformat(day).isoformat() == day
    except ValueError:
        is_day = False
    if not is_day:
        remedy = "Write it as year, month and day: 2026-12-25."
        notes.fault(site, path, f"{day[:40]!r}, which is no day", "a day of a year", remedy, "hours")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return False
    return True


def _overflows(queue: Queue) -> Iterator[tuple[str, str]]:
    """Where a queue overflows to, by the key that says so."""
    rule = queue.overflow
    for key, to in (
        ("to", rule.to),
        ("when_closed", rule.when_closed),
        ("when_nobody", rule.when_nobody),
        ("when_full", rule.when_full),
    ):
        if to is not None:
            yield key, to


def _circles(site: Site, notes: Notes) -> None:
    """Queues that overflow into one another for the same reason: a caller would go round for ever."""
    for key in ("to", "when_closed", "when_nobody", "when_full"):
        queues = {name: queue for name, queue in site.queues.items() if name not in INSTEAD}
        onward = {name: dict(_overflows(queue)).get(key, "") for name, queue in queues.items()}
        seen: set[str] = set()
        for begun in onward:
            trail = [begun]
            while (to := onward.get(trail[-1], "")) in onward and to not in (*trail, *seen):
                trail.append(to)
            if to in trail and len(trail) > 1:
                rounds = trail[trail.index(to) :]
                found = f"queues that overflow in a circle: {' -> '.join([*rounds, to])}"
                remedy = "End it with callback or message, or leave one out."
                notes.fault(site, f"queues/{rounds[0]}/overflow/{key}", found, "an end", remedy, "overflow")
            seen |= set(trail)


def _flows(site: Site, flows: Mapping[str, Flow], notes: Notes) -> None:
    named = {f"hand_back/{target}": flow for target, flow in site.hand_back.items()}
    named |= {f"patterns/{pattern}": flow for pattern, flow in site.patterns.items()}
    named |= {f"identify/{level}": flow for level, flow in site.identify.items()}
    named |= {f"queues/{name}/then": queue.then for name, queue in site.queues.items() if queue.then}
    for path, flow in named.items():
        if flow not in flows:
            found = f"the flow {flow!r}, which does not exist"
            notes.fault(site, path, found, "a flow of this site", near.remedy(flow, flows), "unknown-flow")


def _screen(site: Site, lookups: Mapping[str, Signature] | None, notes: Notes) -> None:
    if lookups is None:
        return
    for name, part in site.screen.items():
        path = f"screen/{name}"
        if part.look_up not in lookups:
            found = f"the look-up {part.look_up!r}, which does not exist"
            remedy = near.remedy(part.look_up, lookups)
            notes.fault(
                site, f"{path}/look_up", found, "a look-up of this company", remedy, "unknown-look-up"
            )
        else:
            parameters(site, path, part.look_up, part.with_, lookups[part.look_up], notes)


def parameters(
    owner: Flow | Site,
    path: str,
    look_up: str,
    given: Mapping[str, str],
    signature: Signature,
    notes: Notes,
) -> None:
    """Notes parameters of a look-up that it does not take, and those it lacks."""
    wanted = signature.parameters
    named = ", ".join(wanted) or "nothing"
    for extra in given.keys() - set(wanted):
        found = f"the parameter {extra!r}, which {look_up} does not take"
        remedy = near.remedy(extra, wanted)
        notes.fault(owner, f"{path}/with/{extra}", found, f"only {named}", remedy, "parameter")
    for lacking in (each for each in wanted if each not in given):
        remedy = f"Add '{lacking}: \"{{{{ {lacking} }}}}\"' below with."
        notes.fault(
            owner, f"{path}/with", f"{look_up} without {lacking!r}", f"all of {named}", remedy, "parameter"
        )


def _no_queue(
    site: Site, path: str, queue: str, known: Mapping[str, Queue] | tuple[str, ...], notes: Notes
) -> None:
    found = f"the queue {queue!r}, which does not exist"
    wanted = "one of queues" if isinstance(known, Mapping) else f"one of queues, {' or '.join(INSTEAD)}"
    notes.fault(site, path, found, wanted, near.remedy(queue, known), "unknown-queue")
