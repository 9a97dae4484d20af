"""What a site names and nothing uses, hours whose zone knows no summer, and callers whom nothing can identify.

A part of ``lint``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.flow import graph
from ivr.flow.faults import Notes
from ivr.flow.lint import reading
from ivr.flow.model import IDENTITIES, Identity, Language, LookUp, Run, Transfer
from ivr.flow.site import Book
from ivr.flow.words import site_texts, step_texts

FIXED_ZONES = ("Etc/", "UTC", "GMT", "EST", "MST", "HST", "Zulu", "Universal", "Greenwich")
"""Zones whose clocks never change, and their beginnings (the tz database)."""
BY_HAND: Identity = "agent"
"""The level that only a person can give."""


def judge(book: Book, notes: Notes) -> None:
    """Notes warnings for the site and what flows want of it."""
    _unused(book, notes)
    _zones(book, notes)
    _needs(book, notes)
    _words(book, notes)


def _unused(book: Book, notes: Notes) -> None:
    site = book.site
    steps = [step for flow in book.flows.values() for step in flow.steps.values()]
    queues = {
        site.agent_queue,
        site.mood.queue,
        *(topic.queue for topic in site.mood.topics.values()),
        *(step.transfer for step in steps if isinstance(step, Transfer)),
    }
    for queue in site.queues.values():
        rule = queue.overflow
        queues |= {rule.to, rule.when_closed, rule.when_nobody, rule.when_full}
    hours = {queue.hours for queue in site.queues.values() if isinstance(queue.hours, str)} | set(
        _hours_read(book)
    )
    spoken = {step.language for step in steps if isinstance(step, Language)}
    named: tuple[tuple[str, str, Mapping[str, object], set[str]], ...] = (
        ("queues", "queue", site.queues, {name for name in queues if name}),
        ("hours", "hours", site.hours, hours),
        ("languages", "language", site.languages, spoken),
    )
    remedies = {
        "queues": "Lead to it by a transfer or an overflow, or remove it.",
        "hours": "Give them to a queue, test them in an if, or remove them.",
        "languages": "Add a step with 'language: {}' that callers can choose, or remove it.",
    }
    for key, what, all_of, used in named:
        for name in all_of.keys() - used:
            verb = "which nothing leads to" if key == "queues" else "which nothing uses"
            remedy = remedies[key].format(name)
            notes.warning(
                site, f"{key}/{name}", f"the {what} {name!r}, {verb}", "a use", remedy, f"unused-{what}"
            )


def _hours_read(book: Book) -> Iterator[str]:
    """Names of hours that some template or condition reads; all where one works the name out."""
    texts = [text for flow in book.flows.values() for name, step in flow.steps.items()
             for text in step_texts(flow, f"steps/{name}", step)]  # fmt: skip
    for text in (*site_texts(book.site), *texts):
        if "hours" in text.text:
            read = reading.parts(text.text, "hours", is_condition=text.is_condition)
            yield from book.site.hours if read is None else read


def _zones(book: Book, notes: Notes) -> None:
    site = book.site
    zones = {"time_zone": site.time_zone} | {
        f"hours/{name}/zone": hours.zone for name, hours in site.hours.items() if hours.zone
    }
    for path, zone in zones.items():
        if zone.startswith(FIXED_ZONES):
            found = f"the time zone {zone!r}, whose clocks never change"
            remedy = "Name the region and a city, such as Europe/London: that knows summer time."
            notes.warning(site, path, found, "the zone of a place", remedy, "fixed-zone")


def _needs(book: Book, notes: Notes) -> None:
    """Steps that need a caller known better than anything here can make them known."""
    for flow in book.flows.values():
        for name, step in flow.steps.items():
            enough = IDENTITIES[IDENTITIES.index(step.needs) :] if step.needs != "none" else ()
            if not enough or step.needs == BY_HAND or any(level in book.site.identify for level in enough):
                continue
            found = f"needs: {step.needs}, and no flow of the site proves that"
            remedy = (
                f"Add 'identify: {{ {step.needs}: FLOW }}' to {book.site.file}; now everybody gets a person."
            )
            notes.warning(flow, f"steps/{name}/needs", found, "a way to be identified", remedy, "no-identify")
    runs = {
        name: {step.run for step in flow.steps.values() if isinstance(step, Run)}
        for name, flow in book.flows.items()
    }
    for level, begun in book.site.identify.items():
        names = sorted(graph.spread([begun], runs))
        _proves(book, level, begun, names, notes)
        for name in names:
            for spot, step in book.flows[name].steps.items():
                if level != "none" and IDENTITIES.index(step.needs) >= IDENTITIES.index(level):
                    found = f"needs: {step.needs} in the flow that makes callers known so well"
                    remedy = "Remove it: here nobody has proved anything yet."
                    path = f"steps/{spot}/needs"
                    notes.warning(book.flows[name], path, found, "no needs", remedy, "needs-itself")


def _proves(book: Book, level: Identity, begun: str, names: list[str], notes: Notes) -> None:
    enough = IDENTITIES[IDENTITIES.index(level) :]
    steps = [step for name in names for step in book.flows[name].steps.values()]
    if level not in ("none", BY_HAND) and not any(
        isinstance(step, LookUp) and step.proves in enough for step in steps
    ):
        found = f"the flow {begun!r}, in which nothing proves {level}"
        remedy = f"Add 'proves: {level}' to the look-up that checks the caller."
        notes.warning(book.site, f"identify/{level}", found, "a proof", remedy, "proves-nothing")


def _words(book: Book, notes: Notes) -> None:
    site = book.site
    for key in ("no_input", "no_match"):
        if len(getattr(site.prompts, key)) == 1 and site.misses_per_step > 1:
            found = f"one text for {key}, said up to {site.misses_per_step} times"
            remedy = "Add a second that says it otherwise, with the keys or the way to a person."
            wanted = "words that get fuller each time"
            notes.warning(site, f"prompts/{key}", found, wanted, remedy, "same-again")
