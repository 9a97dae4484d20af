"""A small site for the tests of one thing each, made of texts, and the sample company's own for a flow beside it."""

from __future__ import annotations

from pathlib import Path

from ivr.flow.load import parse
from ivr.flow.site import Book

SITE = """
company: Little & Co
entry: main
time_zone: Europe/London
agent_queue: desk
queues: { desk: { name: the front desk } }
commands: { help: help, repeat: repeat, back: go back, restart: start over, agent: agent }
prompts:
  no_input: I heard nothing.
  no_match: I did not get that.
  help: Just talk.
  filler: One moment.
  lookup_failed: I can't look that up.
  transfer: I'm putting you through to {{ queue }}.
  place: You are next.
  wait: Please hold.
  too_many_misses: Let me get you a person.
  too_long: That was long.
  resumed: I'm back.
  cannot_help: Sorry, we cannot help now.
  nothing_before: There is nothing before this.
  goodbye: Goodbye.
"""
FLOWS = Path(__file__).parent / "flows"
OTHERS = {
    name: (FLOWS / name).read_text(encoding="utf-8") for name in ("site.yaml", "survey.yaml", "identify.yaml")
}
"""The files of the sample company that a test's ``main.yaml`` needs beside it."""


def book(*flows: str, site: str = "", **others: str) -> Book:
    """A book of flows, the site with more keys, and other files (``main_zh`` is ``main.zh.yaml``)."""
    texts = {f"{flow.split(':', 1)[1].split()[0]}.yaml": flow for flow in flows}
    texts |= {f"{name.replace('_', '.')}.yaml": text for name, text in others.items()}
    return parse({"site.yaml": SITE + site, **texts})
