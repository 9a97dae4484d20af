"""Who may be reachable as ``client:name`` where the exchange has an API key: Twilio's own access tokens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from switchboard import ACCOUNT, TOKEN, World
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from ivr.errors import CarrierError, ConfigError
from ivr.exchange.client import Phone
from ivr.exchange.identity import problem
from ivr.exchange.settings import Settings

KEY, SECRET = "SK" + "1b" * 16, "the secret of the key, long enough for HS256"
SETTINGS = Settings(ACCOUNT, TOKEN, api_key_sid=KEY, api_key_secret=SECRET)


def token(identity: str = "anna", *, incoming: bool = True, ttl: int = 600, **changed: str) -> str:
    """As Twilio's own library makes it."""
    made = AccessToken(
        changed.get("account", ACCOUNT),
        changed.get("key", KEY),
        changed.get("secret", SECRET),
        identity=identity,
        ttl=ttl,
    )
    made.add_grant(VoiceGrant(incoming_allow=incoming))
    return str(made.to_jwt())


def forged(headers: dict[str, str] | None = None, algorithm: str = "HS256", **claims: Any) -> str:
    now_s = int(time.time())
    body = {
        "iss": KEY,
        "sub": ACCOUNT,
        "exp": now_s + 600,
        "grants": {"identity": "anna", "voice": {"incoming": {"allow": True}}},
        **claims,
    }
    known = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(
        known, SECRET if algorithm != "none" else "", algorithm, {"cty": "twilio-fpa;v=1", **(headers or {})}
    )


def test_the_token_of_twilios_library_is_taken() -> None:
    assert problem("client:anna", token(), SETTINGS) == ""
    assert problem("client:anna", forged(), SETTINGS) == ""


@pytest.mark.parametrize(
    "found_now",
    [
        lambda: "",
        lambda: "nonsense",
        lambda: token("bert"),
        lambda: token(incoming=False),
        lambda: token(secret="another secret, also long enough for it"),
        lambda: token(account="AC" + "2c" * 16),
        lambda: token(key="SK" + "3d" * 16),
        lambda: token(ttl=-60),
        lambda: forged(exp=None),
        lambda: forged(grants=None),
        lambda: forged(grants="all"),
        lambda: forged(grants={"identity": "anna", "voice": {"incoming": {"allow": "true"}}}),
        lambda: forged(nbf=int(time.time()), exp=int(time.time()) + 25 * 3600),
        lambda: forged(nbf=int(time.time()) + 300),
        lambda: forged(algorithm="none"),
        lambda: forged(headers={"cty": "twilio-fpa;v=2"}),
    ],
)
def test_any_other_is_refused_with_a_reason(found_now: Callable[[], str]) -> None:
    """Each is made when it is asked, for all of them hold times."""
    assert problem("client:anna", found_now(), SETTINGS)


def test_numbers_and_exchanges_without_a_key_need_none() -> None:
    assert problem("+15550142", "", SETTINGS) == ""
    assert problem("client:anna", "", Settings(ACCOUNT, TOKEN)) == ""


def test_half_a_key_is_refused() -> None:
    with pytest.raises(ConfigError, match="api_key"):
        Settings(ACCOUNT, TOKEN, api_key_sid=KEY)


async def test_a_phone_shows_its_token_when_it_registers() -> None:
    async with World(api_key_sid=KEY, api_key_secret=SECRET) as world:
        async with await Phone.connect(world.exchange.url, token=token()) as anna:
            await anna.register("client:anna")
            assert "client:anna" in world.exchange.handsets
            with pytest.raises(CarrierError, match="is not of client:bert"):
                await anna.register("client:bert")
            await anna.register("+15550142")
        async with await Phone.connect(world.exchange.url) as stranger:
            with pytest.raises(CarrierError, match="needs an access token"):
                await stranger.register("client:anna")
        assert "client:anna" not in world.exchange.handsets
