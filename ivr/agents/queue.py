"""Callers who wait for a person, in Redis.

Every change is one Lua script, ordered by priority and then by arrival, so nobody of equal priority is
overtaken. All keys share the hash tag ``{q}``. A ticket stays until it is taken out: a process that dies
loses nobody's place. Keeps no presence of agents and offers tickets to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import redis
from pydantic import TypeAdapter, ValidationError

from ivr.actions import Ticket
from ivr.errors import QueueError

PREFIX = "ivr:{q}"
HIGHEST_PRIORITY = 1000
"""Priorities run from minus this to this; a score of priority and arrival then fits a double exactly."""

_TICKET: TypeAdapter[Ticket] = TypeAdapter(Ticket)

_COMMON = """
local prefix = KEYS[1]
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)

local function line(queue) return prefix .. ':line:' .. queue end

local function held(ticket_id)
  local place = redis.call('HGET', prefix .. ':places', ticket_id)
  return place and cjson.decode(place)
end

local function describe(ticket_id, place)
  local rank = redis.call('ZRANK', line(place.queue), ticket_id)
  return {rank + 1, redis.call('ZCARD', line(place.queue)), now_ms - place.joined_ms}
end

local function log(change, ticket_id, place, reason)
  redis.call('XADD', prefix .. ':log', 'MAXLEN', '~', 100000, '*', 'change', change, 'ticket_id', ticket_id,
    'call_id', place.call_id, 'queue', place.queue, 'reason', reason, 'at_ms', now_ms,
    'waited_ms', now_ms - place.joined_ms, 'size', redis.call('ZCARD', line(place.queue)))
end

local function remove(ticket_id, place, change, reason)
  redis.call('ZREM', line(place.queue), ticket_id)
  redis.call('HDEL', prefix .. ':places', ticket_id)
  redis.call('HDEL', prefix .. ':tickets', ticket_id)
  redis.call('HDEL', prefix .. ':calls', place.call_id)
  if redis.call('ZCARD', line(place.queue)) == 0 then redis.call('SREM', prefix .. ':queues', place.queue) end
  log(change, ticket_id, place, reason)
end
"""

_JOIN = (
    _COMMON
    + """
local ticket_id, call_id, queue, priority, ticket, reason = unpack(ARGV)
local place = held(ticket_id)
if place then return describe(ticket_id, place) end
local other = redis.call('HGET', prefix .. ':calls', call_id)
if other then remove(other, held(other), 'left', 'replaced') end
place = {queue = queue, call_id = call_id, joined_ms = now_ms}
local arrival = redis.call('INCR', prefix .. ':arrivals')
redis.call('ZADD', line(queue), string.format('%.0f', arrival - priority * 1e12), ticket_id)
redis.call('HSET', prefix .. ':places', ticket_id, cjson.encode(place))
redis.call('HSET', prefix .. ':tickets', ticket_id, ticket)
redis.call('HSET', prefix .. ':calls', call_id, ticket_id)
redis.call('SADD', prefix .. ':queues', queue)
log('joined', ticket_id, place, reason)
return describe(ticket_id, place)
"""
)

_CHECK = (
    _COMMON
    + """
local place = held(ARGV[1])
return place and describe(ARGV[1], place) or false
"""
)

_LEAVE = (
    _COMMON
    + """
local ticket_id = ARGV[1]
if ARGV[3] == 'call' then ticket_id = redis.call('HGET', prefix .. ':calls', ARGV[1]) end
local place = ticket_id and held(ticket_id)
if not place then return 0 end
remove(ticket_id, place, 'left', ARGV[2])
return 1
"""
)

_WAITING = (
    _COMMON
    + """
local queues = ARGV[1] ~= '' and {ARGV[1]} or redis.call('SMEMBERS', prefix .. ':queues')
local found = {}
for _, queue in ipairs(queues) do
  local ranked = redis.call('ZRANGE', line(queue), 0, -1, 'WITHSCORES')
  for i = 1, #ranked, 2 do
    local ticket_id = ranked[i]
    found[#found + 1] = {redis.call('HGET', prefix .. ':tickets', ticket_id), (i + 1) / 2,
      now_ms - held(ticket_id).joined_ms, ranked[i + 1]}
  end
end
return found
"""
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands in its queue now."""

    ticket_id: str
    position: int
    """1 is next."""
    size: int
    """How many wait in this queue, this one too."""
    waited_ms: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller in line, with all that is known of them."""

    ticket: Ticket
    position: int
    waited_ms: int


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the queues' own log, for reports."""

    change_id: str
    """Place in the log; pass it as ``after`` to read on."""
    change: Literal["joined", "left"]
    ticket_id: str
    call_id: str
    queue: str
    reason: str
    at_ms: int
    """Wall time by Redis, milliseconds since 1970."""
    waited_ms: int
    size: int
    """How many wait in this queue after the change."""


class WaitingQueue:
    """All queues of this installation. Thread-safe; raises QueueError where Redis cannot be asked."""

    def __init__(self, client: redis.Redis) -> None:
        """``client`` with text in and out (``decode_responses=True``)."""
        self._redis = client
        self._join = client.register_script(_JOIN)
        self._check = client.register_script(_CHECK)
        self._leave = client.register_script(_LEAVE)
        self._waiting = client.register_script(_WAITING)

    def join(self, ticket: Ticket) -> Place:
        """Put a ticket in its queue; joining again keeps the place. A call's older ticket is replaced.

        A higher ``priority`` stands before a lower one; among equals, who came first.
        """
        if not ticket.queue or abs(ticket.priority) > HIGHEST_PRIORITY:
            raise QueueError(
                f"ticket {ticket.ticket_id}: found queue {ticket.queue!r} and priority {ticket.priority}; "
                f"wanted a queue's name and a priority within {HIGHEST_PRIORITY}"
            )
        text = _TICKET.dump_json(ticket).decode()
        args: list[str | int] = [
            ticket.ticket_id,
            ticket.call_id,
            ticket.queue,
            ticket.priority,
            text,
            ticket.reason,
        ]
        with _guard():
            return Place(ticket.ticket_id, *self._join(keys=[PREFIX], args=args))

    def check(self, ticket_id: str) -> Place | None:
        """Where the ticket stands; None where it is not waiting any more."""
        with _guard():
            place: Any = self._check(keys=[PREFIX], args=[ticket_id])
        return Place(ticket_id, *place) if place else None

    def leave(self, ticket_id: str, reason: str) -> bool:
        """Take the ticket out; false where it was not waiting."""
        with _guard():
            return bool(self._leave(keys=[PREFIX], args=[ticket_id, reason, "ticket"]))

    def leave_call(self, call_id: str, reason: str) -> bool:
        """Take out whatever ticket this call has, for a call that ended without its process."""
        with _guard():
            return bool(self._leave(keys=[PREFIX], args=[call_id, reason, "call"]))

    def waiting(self, queue: str | None = None) -> list[Waiting]:
        """Everyone in ``queue``, or in all of them, in the order they are to be served."""
        with _guard():
            found: Any = self._waiting(keys=[PREFIX], args=[queue or ""])
        found.sort(key=lambda row: float(row[3]))
        try:
            return [Waiting(_TICKET.validate_json(row[0]), row[1], row[2]) for row in found]
        except ValidationError as error:
            raise QueueError(f"found a ticket that cannot be read: {error.error_count()} faults") from None

    def changes(self, after: str = "-", limit: int = 1000) -> list[Change]:
        """The queues' log, oldest first, from the line after ``after`` (``-``: from the beginning)."""
        start = after if after == "-" else f"({after}"
        with _guard():
            rows: Any = self._redis.xrange(f"{PREFIX}:log", min=start, count=limit)
        return [_change(change_id, row) for change_id, row in rows]


def _change(change_id: str, row: dict[str, Any]) -> Change:
    numbers: dict[str, Any] = {name: int(row.pop(name)) for name in ("at_ms", "waited_ms", "size")}
    return Change(change_id=change_id, **row, **numbers)


@contextmanager
def _guard() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise QueueError(f"Redis: {error or type(error).__name__}") from error
