"""Who may be reachable as ``client:name``: verifies the access token that a browser phone shows.

Source: https://www.twilio.com/docs/iam/access-tokens . Without an API key in the settings nobody needs one.
"""

from __future__ import annotations

from typing import Any

import jwt

from ivr.exchange.settings import Settings

CONTENT = "twilio-fpa;v=1"
"""The header ``cty`` of an access token."""
LONGEST_S = 24 * 3600
"""Longest life of an access token."""
LEEWAY_S = 5
"""By which clocks may differ."""


def problem(number: str, token: str, settings: Settings) -> str:
    """Why a phone may not be reachable at ``number``; empty where it may."""
    if not number.startswith("client:") or not settings.api_key_sid:
        return ""
    if not token:
        return f"{number} needs an access token"
    try:
        claims = _claims(token, settings)
    except jwt.InvalidTokenError as error:
        return f"the access token of {number} is not valid: {error}"
    grants = claims.get("grants")
    if not isinstance(grants, dict) or f"client:{grants.get('identity')}" != number:
        return f"the access token is not of {number}"
    return "" if _may_be_called(grants) else f"the access token does not let {number} be called"


def _claims(token: str, settings: Settings) -> dict[str, Any]:
    """What the token says. Raises InvalidTokenError where it is not ours, or not valid now."""
    if jwt.get_unverified_header(token).get("cty") != CONTENT:
        raise jwt.InvalidTokenError(f"cty is not {CONTENT}")
    claims: dict[str, Any] = jwt.decode(
        token,
        settings.api_key_secret,
        algorithms=["HS256"],
        issuer=settings.api_key_sid,
        leeway=LEEWAY_S,
        options={"require": ["exp", "iss", "sub", "grants"]},
    )
    if claims["sub"] != settings.account_sid:
        raise jwt.InvalidTokenError("it is of another account")
    begins = claims.get("nbf", claims.get("iat"))
    if begins is not None and claims["exp"] - begins > LONGEST_S:
        raise jwt.InvalidTokenError("it lives longer than 24 hours")
    return claims


def _may_be_called(grants: dict[str, Any]) -> bool:
    match grants.get("voice"):
        case {"incoming": {"allow": True}}:
            return True
    return False
