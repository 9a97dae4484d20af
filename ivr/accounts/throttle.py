"""Who guesses passwords waits longer each time: by the name that is tried and by the address that tries, in Redis.

An attempt counts before its password is looked at, so that many at once gain nothing; one that was right is
forgotten. Where somebody has signed in before, their name is counted apart, so that strangers elsewhere cannot
keep them out. Names and addresses are kept as hashes: people type passwords into the wrong field.
"""

from __future__ import annotations

import hashlib
from typing import Any

import redis

from ivr.errors import StoreError
from ivr.trouble import redis_as

FREE_FOR_NAME = 5
"""Attempts before the first wait."""
FREE_FOR_ADDRESS = 50
"""More, since a whole office or a proxy may stand behind one address."""
FIRST_WAIT_S = 5
LONGEST_WAIT_S = 300
KEPT_S = 3600
"""After so long without an attempt all is forgotten."""
KNOWN_S = 30 * 24 * 3600
"""How long an address is remembered as one where somebody signs in."""

_TRY = """
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local longest = 0
for at = 1, 2 do
  local until_ms = tonumber(redis.call('HGET', KEYS[at], 'until_ms') or '0')
  longest = math.max(longest, until_ms - now_ms)
end
if longest > 0 then return longest end
for at = 1, 2 do
  local count = redis.call('HINCRBY', KEYS[at], 'count', 1)
  local over = count - tonumber(ARGV[at])
  if over >= 0 then
    local wait_ms = math.min(ARGV[3] * 2 ^ math.min(over, 30), tonumber(ARGV[4]))
    redis.call('HSET', KEYS[at], 'until_ms', string.format('%.0f', now_ms + wait_ms))
  end
  redis.call('EXPIRE', KEYS[at], ARGV[5])
end
return 0
"""

_FORGIVE = """
redis.call('DEL', KEYS[1])
if redis.call('HINCRBY', KEYS[2], 'count', -1) <= 0 then redis.call('DEL', KEYS[2]) end
redis.call('HDEL', KEYS[2], 'until_ms')
redis.call('SET', KEYS[3], '1', 'EX', ARGV[1])
"""


class Throttle:
    """The memory of attempts. Raises StoreError where Redis does not answer."""

    def __init__(self, client: redis.Redis) -> None:
        """``client``: text in and out."""
        self._redis = client
        self._try = client.register_script(_TRY)
        self._forgive = client.register_script(_FORGIVE)

    def attempt(self, login: str, address: str) -> int:
        """Count an attempt and allow it (0), or say for how many seconds, rounded up, none is allowed."""
        free = (FREE_FOR_NAME, FREE_FOR_ADDRESS)
        limits = (*free, FIRST_WAIT_S * 1000, LONGEST_WAIT_S * 1000, KEPT_S)
        with redis_as(StoreError):
            wait_ms: Any = self._try(keys=self._counted(login, address), args=limits)
        return -(-int(wait_ms) // 1000)

    def forgive(self, login: str, address: str) -> None:
        """The last attempt was right: the name's are forgotten, and that one of the address."""
        with redis_as(StoreError):
            keys = [*self._counted(login, address), _key("known", login.casefold(), address)]
            self._forgive(keys=keys, args=(KNOWN_S,))

    def _counted(self, login: str, address: str) -> list[str]:
        login = login.casefold()
        is_known = self._redis.exists(_key("known", login, address))
        return [_key("name", login, address if is_known else ""), _key("address", address)]


def _key(kind: str, *values: str) -> str:
    return f"ivr:{{sign-in}}:{kind}:{hashlib.sha256(repr(values).encode()).hexdigest()}"
