"""A call of words alone: no sound, no exchange, and everything else as on any call."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.actions import Action
from ivr.app.desk import desk, open_profiles, prepare_company
from ivr.config import Config
from ivr.dialogue.state import State, begin
from ivr.events import CallStarted, Event
from ivr.keeper import Keeper
from ivr.line.text import TextLine, Turn
from ivr.redisserver import RedisServer
from ivr.session import Hands, Session
from ivr.telephony.webhook import calling_party

Watch = Callable[[State, Event, tuple[Action, ...]], None]


class _Watched:
    """A keeper that also lets somebody watch."""

    def __init__(self, keeper: Keeper, watch: Watch | None) -> None:
        self._keeper = keeper
        self._watch = watch

    def keep(self, state: State, event: Event, actions: tuple[Action, ...], *, is_secret: bool) -> None:
        if self._watch is not None:
            self._watch(state, event, actions)
        self._keeper.keep(state, event, actions, is_secret=is_secret)


async def call(
    config: Config,
    to: str,
    from_: str,
    next_turn: Callable[[], Awaitable[Turn | None]],
    told: Callable[[dict[str, Any]], None],
    watch: Watch | None = None,
) -> str:
    """A call of words alone, through the same dialogue, data, queue and records as any; gives its id.

    ``from_``: as a carrier writes it, also a number that is withheld. ``watch`` sees every event with what came of
    it, and masks nothing.
    """
    caller = calling_party(from_)
    with ExitStack() as stack:
        if not config.redis.url:
            url = stack.enter_context(RedisServer(config.data.folder)).url
            config = config.model_copy(update={"redis": config.redis.model_copy(update={"url": url})})
        prepare_company(config)
        parts = stack.enter_context(desk(config))
        executor = stack.enter_context(ThreadPoolExecutor(4, "hand"))
        profiles = open_profiles(config)
        call_id = "CA" + secrets.token_hex(16)
        started = CallStarted(
            call_id=call_id,
            caller=caller,
            called=to,
            started_at=datetime.now(ZoneInfo(parts.book.site.time_zone)).isoformat(timespec="seconds"),
            profile=profiles.find(caller),
        )
        keeper = _Watched(Keeper(parts.store, parts.records, call_id, 0, 0, told), watch)
        hands = Hands(parts.lookups, parts.queue, executor, profiles)
        session = Session(begin(parts.book, started), parts.book, hands, keeper)
        await session.run(TextLine(next_turn, session.settled, session.emit), started)
        return call_id
