"""A small site, callers who act on it through the real dialogue and the real records, and what was kept of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.dialogue.state import State
from ivr.events import Event
from ivr.flow.load import parse
from ivr.flow.site import Book
from ivr.keeper import Keeper
from ivr.learning.lessons import Lesson, learn
from ivr.learning.trial import Files
from ivr.records.answers import AnsweredCall
from ivr.records.store import Records
from ivr.rehearsal import read, text

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

SITE = """
company: Little & Co
entry: main
languages: { zh: {} }
time_zone: Europe/London
agent_queue: desk
queues: { desk: { name: the desk } }
mood: { threshold: 1.0, transfer: false }
commands: { help: help, repeat: repeat, back: go back, restart: start over, agent: a person please }
prompts:
  no_input: Are you there?
  no_match: Sorry?
  help: Just talk.
  filler: One moment.
  lookup_failed: I can't.
  transfer: To {{ queue }}.
  place: You wait.
  wait: Please hold on.
  too_many_misses: A person, then.
  too_long: That was long.
  resumed: I'm back.
  cannot_help: Sorry.
  nothing_before: Nothing before.
  goodbye: Goodbye.
"""
ENGLISH = SITE.replace("languages: { zh: {} }\n", "")
MAIN = """\
# Every call begins here.
flow: main
start: menu
steps:
  menu:
    ask: How can I help?   # the one question
    open: true
    choices:
      parcel:
        label: a parcel
        key: 1
        next: parcel
        phrases:
          - where is my parcel   # the commonest
          - track my parcel

      lost_card:
        label: a lost card
        key: 2
        next: card
        phrases: [I lost my card, "my card is lost"]
      invoice: { label: an invoice, key: 3, next: invoice, phrases: send me an invoice }
  parcel: { say: It comes tomorrow., next: more }
  card: { say: Your card is blocked., next: more }
  invoice: { say: It is in the post., next: more }
  more:
    ask: Anything else?
    open: true
    choices_of: menu
    choices:
      finished: { key: 7, phrases: [that was all, no thanks], next: done }
"""
CHINESE = """\
# 中文
steps:
  menu:
    ask: 您好？
    choices:
      parcel: { label: 包裹, phrases: [我的包裹在哪里, 查包裹] }
      lost_card: { label: 丢卡, phrases: [我的卡丢了] }
      invoice: { label: 发票, phrases: [要发票] }
  parcel: { say: 明天到。 }
  card: { say: 已冻结。 }
  invoice: { say: 已寄出。 }
  more:
    ask: 还有吗？
    choices:
      finished: { phrases: [没有了] }
"""
FLOWS = {"site.yaml": SITE, "main.yaml": MAIN, "main.zh.yaml": CHINESE}
TALKS = {
    "main.talks.yaml": """\
# What must stay as it is.
talks:
  a parcel:
    - caller: where is my parcel
      bot: It comes tomorrow
  then that was all:
    - keys: 1
      step: more
    - caller: no thanks
      ends: completed
"""
}
BOOK = parse(FLOWS, {})


class _Nowhere:
    """A store of call states that forgets them."""

    def save(self, call_id: str, state: str, revision: int, *, generation: int, is_ended: bool) -> int:
        return revision + 1

    def note(self, call_id: str, *entries: dict[str, Any]) -> None: ...


@dataclass
class Callers:
    """People who call one after the other."""

    records: Records
    book: Book = BOOK
    count: int = 0
    at: datetime = NOW - timedelta(days=1)

    def call(self, *turns: str, language: str = "", sure: float = 1.0, about: str | None = None) -> str:
        """A call: each turn words, or keys in brackets; ``about``: what a person notes afterwards."""
        self.count += 1
        call_id = f"CA{self.count}"
        talk: dict[str, Any] = {"turns": [_turn(each, sure) for each in turns]}
        if language:
            talk["given"] = {"language": language}
        whole = json.dumps({"talks": {"a call": talk}}, ensure_ascii=False)
        [script] = read.parse(whole, "main.talks.yaml", self.book)
        stage = text.perform(script, self.book)
        keeper = Keeper(_Nowhere(), self.records, call_id, 0, 0)
        for moment in stage.moments:
            self._keep(keeper, call_id, moment.state, moment.event, moment.actions)
        if about is not None:
            self.records.note_wrap_up(call_id, "solved", about, "Ada Holloway, account 40718264, was upset")
        return call_id

    def _keep(self, keeper: Keeper, call_id: str, state: State, event: Event, actions: Any) -> None:
        if event.type == "call_started":
            event = replace(event, call_id=call_id, started_at=self.at.isoformat())
        keeper.keep(state, event, actions, is_secret=False)

    def calls(self) -> list[AnsweredCall]:
        assert self.records.flush()
        return self.records.answered(NOW - timedelta(days=90), NOW)

    def lessons(self) -> list[Lesson]:
        return learn(self.book, self.calls())


def _turn(said: str, sure: float) -> dict[str, Any]:
    return {"keys": said.strip("[]")} if said.startswith("[") else {"caller": said, "sure": sure}


def files(flows: dict[str, str] = FLOWS, talks: dict[str, str] = TALKS) -> Files:
    return Files(flows, talks, {})
