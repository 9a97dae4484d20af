"""Which browser window of an agent works: one at a time, the others only watch. In Redis, for all web processes."""

from __future__ import annotations

from typing import Any

import redis

from ivr.errors import StoreError
from ivr.trouble import redis_as

LIVES_S = 10
"""A window that says nothing for so long no longer counts, as with the heartbeat of its agent."""

_CLAIM = """
local works = redis.call('GET', KEYS[1])
if works and works ~= ARGV[1] and ARGV[2] ~= '1' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
return 1
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


class Windows:
    """One per process, usable from any thread. Raises StoreError where Redis cannot be asked."""

    def __init__(self, client: redis.Redis) -> None:
        """``client`` with text in and out (``decode_responses=True``)."""
        self._claim = client.register_script(_CLAIM)
        self._release = client.register_script(_RELEASE)

    def claim(self, agent_id: str, page: str, *, is_taking: bool = False) -> bool:
        """Whether this window works now. ``is_taking``: even if another one did; else only if none does.

        Asking again prolongs it.
        """
        with redis_as(StoreError):
            works: Any = self._claim(keys=[_key(agent_id)], args=[page, int(is_taking), LIVES_S])
        return bool(works)

    def release(self, agent_id: str, page: str) -> None:
        """This window is closed; another one need not ask."""
        with redis_as(StoreError):
            self._release(keys=[_key(agent_id)], args=[page])


def _key(agent_id: str) -> str:
    return f"ivr:{{q}}:window:{agent_id}"
