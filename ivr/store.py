"""What all processes must know of a call while it lives, in Redis: state, owner, tokens, journal.

Every change is one command or one Lua script. Keys of a call carry ``{call_id}`` as their hash tag, so a
Redis Cluster keeps them together. States may hold secrets: they are never logged and live no longer than the
call needs. Synchronous, with short time limits; any trouble with Redis is a StoreError.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ivr.errors import StaleState, StoreError
from ivr.trouble import redis_as

LIVE_S = 24 * 3600
"""How long the keys of a live call stay after its last change."""
ENDED_S = 3600
"""How long they stay once the call is over, for whoever looks at what just happened."""
TOKEN_S = 60
"""How long a stream token is good: Twilio opens the stream within seconds of the webhook's answer."""
REDIS_TIMEOUT_S = 1.0
LONGEST_BLOCK_MS = 800
"""Reading the journal waits at most this long, below the socket's time limit; callers loop."""
JOURNAL_LENGTH = 2000

_LIVE = "ivr:live"

_SAVE = """
local is_lost = redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 and tonumber(ARGV[2]) > 0 and ARGV[4] ~= '0'
if is_lost then
  redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[3])
  redis.call('HSET', KEYS[1], 'revision', ARGV[2])
end
local held = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')
local generation = redis.call('GET', KEYS[2]) or '0'
if ARGV[4] ~= '0' and ARGV[4] ~= generation then return {-1, 0} end
if held == tonumber(ARGV[2]) + 1 and redis.call('HGET', KEYS[1], 'state') == ARGV[1] then return {held, 0} end
if held ~= tonumber(ARGV[2]) then return {-1, 0} end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'revision', held + 1)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {held + 1, is_lost and 1 or 0}
"""

_CLAIM = """
local generation = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return generation
"""

_RELEASE = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
"""


@dataclass(frozen=True, slots=True)
class Saved:
    """A state as it stands in the store."""

    state_json: str
    revision: int
    """Counts saves of this call from 1; hand it to the next ``save``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a call's journal."""

    entry_id: str
    """Place in the journal; pass it as ``after`` to read on."""
    fields: dict[str, Any]


def connect(url: str) -> redis.Redis:
    """A client with short time limits for ``redis://``, ``rediss://`` or ``unix://`` (str in, str out).

    One retry at once, for a pooled connection that a restart of Redis has closed.
    """
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )


class CallStore:
    """The state of every live call. Thread-safe; one per process."""

    def __init__(self, client: redis.Redis) -> None:
        """``client`` as made by ``connect``: text in and out."""
        self._redis = client
        self._save = client.register_script(_SAVE)
        self._claim = client.register_script(_CLAIM)
        self._release = client.register_script(_RELEASE)

    def ping(self) -> None:
        """Raises StoreError where Redis does not answer."""
        with redis_as(StoreError):
            self._redis.ping()

    # state

    def save(
        self, call_id: str, state_json: str, revision: int, *, generation: int = 0, is_ended: bool = False
    ) -> int:
        """Save the state made from ``revision`` (0 for the first) and return its own revision.

        Raises StaleState where another process has saved since, or where ``generation`` (0: not checked) is
        no longer the call's newest. Saving the same state from the same revision twice is no fault. Where
        Redis has lost all it knew of the call, whoever carries it writes it anew.
        """
        with redis_as(StoreError):
            ttl_s = ENDED_S if is_ended else LIVE_S
            keys = [_key(call_id, "state"), _key(call_id, "generation")]
            saved, was_lost = self._save(keys=keys, args=[state_json, revision, ttl_s, generation])
            if was_lost and not is_ended:
                self._redis.zadd(_LIVE, {call_id: time.time()})
        if saved < 0:
            raise StaleState(f"call {call_id}: found a newer state or owner than revision {revision}")
        return int(saved)

    def load(self, call_id: str) -> Saved | None:
        """The newest state, or None for a call unknown or long over."""
        found: Any
        with redis_as(StoreError):
            found = self._redis.hmget(_key(call_id, "state"), ["state", "revision"])
        state_json, revision = found
        if state_json is None or revision is None:
            return None
        return Saved(state_json, int(revision))

    # ownership

    def claim(self, call_id: str, owner: str, ttl_ms: int) -> int:
        """Take the call for a new audio stream; always succeeds, and returns the new generation (1, 2, ...).

        Whoever saves with an older generation gets StaleState from now on: claim, then load, then go on.
        ``owner`` names process and stream, unique for each stream.
        """
        with redis_as(StoreError):
            keys = [_key(call_id, "generation"), _key(call_id, "owner")]
            generation = int(self._claim(keys=keys, args=[owner, ttl_ms, LIVE_S]))
            self._redis.zadd(_LIVE, {call_id: time.time()})
            return generation

    def release(self, call_id: str, owner: str) -> bool:
        """Give the call up; false, and nothing done, where it is another's."""
        with redis_as(StoreError):
            is_released = bool(self._release(keys=[_key(call_id, "owner")], args=[owner]))
            if is_released:
                self._redis.zrem(_LIVE, call_id)
            return is_released

    def owner(self, call_id: str) -> str | None:
        """Who owns the call now; None where nobody's lease is running."""
        with redis_as(StoreError):
            owner: Any = self._redis.get(_key(call_id, "owner"))
        return owner

    def live_calls(self) -> int:
        """How many calls are carried now. One whose process was killed counts until it goes on and ends."""
        with redis_as(StoreError):
            self._redis.zremrangebyscore(_LIVE, 0, time.time() - LIVE_S)
            return int(self._redis.zcard(_LIVE))

    def live(self) -> list[str]:
        """The calls that are carried now, oldest stream first."""
        with redis_as(StoreError):
            calls: Any = self._redis.zrange(_LIVE, 0, -1)
        return list(calls)

    # tokens and idempotency

    def issue_token(self, call_id: str) -> str:
        """A new secret, good once, for this call only, for ``TOKEN_S``; earlier ones stay good.

        A webhook that the carrier repeats must not make the first answer's stream fail.
        """
        token = secrets.token_urlsafe(32)
        with redis_as(StoreError):
            self._redis.set(_token_key(call_id, token), "1", ex=TOKEN_S)
        return token

    def take_token(self, call_id: str, token: str) -> bool:
        """Whether the token was issued for this call and not used; it is used up by asking.

        Found by its SHA-256, so how long the answer takes says nothing about the token.
        """
        with redis_as(StoreError):
            return self._redis.getdel(_token_key(call_id, token)) is not None

    def is_first(self, key: str, ttl_s: int) -> bool:
        """Whether ``key`` (such as a webhook's idempotency token) comes for the first time in ``ttl_s``."""
        with redis_as(StoreError):
            return bool(self._redis.set(f"ivr:seen:{key}", "1", nx=True, ex=ttl_s))

    # journal

    def note(self, call_id: str, *entries: dict[str, Any]) -> None:
        """Add lines for live views; each must be JSON and already masked."""
        journal = _key(call_id, "journal")
        with redis_as(StoreError):
            pipe = self._redis.pipeline(transaction=False)
            for entry in entries:
                pipe.xadd(journal, {"entry": json.dumps(entry)}, maxlen=JOURNAL_LENGTH, approximate=True)
            pipe.expire(journal, LIVE_S)
            pipe.execute()

    def entries(self, call_id: str, after: str = "0", block_ms: int = 0) -> list[Entry]:
        """Lines later than ``after``, oldest first; waits up to ``block_ms`` (at most 800) for one."""
        return self.news({call_id: after}, block_ms).get(call_id, [])

    def news(self, after: Mapping[str, str], block_ms: int = 0) -> dict[str, list[Entry]]:
        """``entries`` of many calls at once, by call; calls without news are left out."""
        if not after:
            return {}
        calls = {_key(call_id, "journal"): call_id for call_id in after}
        places: Any = {journal: after[call_id] for journal, call_id in calls.items()}
        block = min(block_ms, LONGEST_BLOCK_MS) or None
        with redis_as(StoreError):
            streams: Any = self._redis.xread(places, block=block)
        return {
            calls[journal]: [Entry(entry_id, json.loads(fields["entry"])) for entry_id, fields in lines]
            for journal, lines in _by_stream(streams)
        }


def _by_stream(streams: Any) -> Iterator[tuple[str, Any]]:
    """What ``xread`` gave: a mapping by RESP3, a list of pairs by RESP2."""
    if isinstance(streams, dict):
        for journal, parts in streams.items():
            yield journal, parts[0]
    else:
        yield from streams or ()


def _key(call_id: str, part: str) -> str:
    return f"ivr:{{{call_id}}}:{part}"


def _token_key(call_id: str, token: str) -> str:
    return _key(call_id, f"token:{hashlib.sha256(token.encode()).hexdigest()}")
