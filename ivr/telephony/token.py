"""The key by which an agent's browser phone signs in at the carrier: a signed token for one identity, for a while.

https://www.twilio.com/docs/iam/access-tokens
"""

from __future__ import annotations

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

LIVES_S = 3600
"""The phone asks for a new one before the old one ends; Twilio's limit is a day."""


def phone_token(account_sid: str, key_sid: str, key_secret: str, identity: str) -> str:
    """A JWT with which ``client:identity`` can be called, and can call nobody."""
    token = AccessToken(account_sid, key_sid, key_secret, identity=identity, ttl=LIVES_S)
    token.add_grant(VoiceGrant(incoming_allow=True))
    return str(token.to_jwt())
