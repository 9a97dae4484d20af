"""Judging what callers may say and key: the phrases of choices and commands, and the keys of a question.

A part of ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from ivr.flow.faults import Notes
from ivr.flow.model import Ask, Flow
from ivr.flow.site import Site

RESERVED = {"0": "a person", "9": "repeat"}
"""Keys that mean the same in every step."""
COMMANDS = get_args(get_args(Site.model_fields["commands"].annotation)[0])
NEEDED = tuple(name for name in COMMANDS if name != "slower")
"""Commands that a site must have phrases for; the others have their own."""


def judge(site: Site | None, flows: Mapping[str, Flow], notes: Notes) -> None:
    """Notes phrases and keys that are missing, taken or meant twice."""
    commands: dict[str, str] = {}
    if site is not None:
        commands = {plain(said): name for name, texts in site.commands.items() for said in texts}
        _commands(site, notes)
    for flow in flows.values():
        for name, step in flow.steps.items():
            if isinstance(step, Ask):
                _choices(flow, name, step, commands, notes)


def _commands(site: Site, notes: Notes) -> None:
    for name in NEEDED:
        if not any(said.strip() for said in site.commands.get(name, ())):
            remedy = f"Add ways to say it below '{name}:'."
            notes.fault(
                site,
                f"commands/{name}",
                f"no phrase for the command {name!r}",
                "at least one",
                remedy,
                "no-phrase",
            )
    seen: dict[str, str] = {}
    for key, ways in (("commands", site.commands), ("while_waiting", site.while_waiting)):
        for name, texts in ways.items():
            for index, said in enumerate(texts):
                path, first = f"{key}/{name}/{index}", seen.setdefault(plain(said), name)
                if first != name:
                    found, remedy = f"{said!r}, which also means {first}", "Remove one."
                    notes.fault(site, path, found, "one meaning", remedy, "same-phrase")
    for name in ("no_input", "no_match"):
        if not getattr(site.prompts, name):
            notes.fault(
                site, f"prompts/{name}", "no words", "at least one text", "Write what is to be said.", "empty"
            )


def _choices(flow: Flow, name: str, step: Ask, commands: Mapping[str, str], notes: Notes) -> None:
    """Notes keys and phrases of a step that are missing, taken or meant twice."""
    keys: dict[str, str] = {}
    phrases: dict[str, str] = {}
    own_first = sorted(
        step.choices.items(), key=lambda item: f"steps/{name}/choices/{item[0]}" not in flow.places
    )
    for choice_name, choice in own_first:
        path = f"steps/{name}/choices/{choice_name}"
        is_own = not flow.places or path in flow.places
        if not choice.phrases and choice.key is None:
            found = f"the choice {choice_name!r} with neither phrases nor a key"
            notes.fault(flow, path, found, "a way to choose it", "Add phrases, or a key.", "no-phrase")
        if choice.key in RESERVED and is_own:
            found = f"the key {choice.key}, which is for {RESERVED[choice.key]} in every step"
            notes.fault(
                flow, f"{path}/key", found, "one of 1 to 8, * and #", "Choose another key.", "reserved-key"
            )
        elif choice.key is not None and (first := keys.setdefault(choice.key, choice_name)) != choice_name:
            found = f"the key {choice.key} for {choice_name!r}, already for {first!r}"
            notes.fault(
                flow, f"{path}/key", found, "each key once in a step", "Choose another key.", "same-key"
            )
        for index, said in enumerate(choice.phrases):
            _phrase(
                flow, f"{path}/phrases/{index}", said, choice_name, phrases, commands if is_own else {}, notes
            )


def _phrase(
    flow: Flow,
    path: str,
    said: str,
    choice: str,
    seen: dict[str, str],
    commands: Mapping[str, str],
    notes: Notes,
) -> None:
    words = plain(said)
    if not words:
        notes.fault(
            flow,
            path,
            f"the phrase {said!r}",
            "words a caller would say",
            "Write some, or remove it.",
            "no-phrase",
        )
    elif (first := seen.setdefault(words, choice)) != choice:
        remedy = "Keep it where it belongs."
        notes.fault(
            flow,
            path,
            f"the phrase {said!r} for {choice!r}, already for {first!r}",
            "one meaning",
            remedy,
            "same-phrase",
        )
    elif words in commands:
        remedy = "Remove it; the command always wins."
        notes.fault(
            flow,
            path,
            f"the phrase {said!r}, which is the command {commands[words]!r}",
            "words of its own",
            remedy,
            "command-phrase",
        )


def plain(said: str) -> str:
    """A phrase without case and punctuation, for comparing."""
    return " ".join(re.findall(r"\w+", said.casefold().replace("'", "").replace("’", "")))
