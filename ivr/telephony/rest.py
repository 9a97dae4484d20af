"""Twilio's REST interface, as much of it as we use.

Blocking: call it off the event loop. Waits ``TIMEOUT_S`` at most to be connected and to be answered; only a
429, which states that nothing was done, is tried again. Remembers nothing of a call.
Source: https://www.twilio.com/docs/voice/api/call-resource
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from requests import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ivr.config import Config
from ivr.errors import CarrierError, ConfigError

TIMEOUT_S = 5.0
"""The client's own default is for ever."""
WAITS_S = (0.2, 0.5, 1.0)
"""Pauses before a request refused with 429 is sent again."""
NOT_IN_PROGRESS = 21220
"""Twilio's code for a call that is over, or not yet there."""
NOT_FOUND = 20404
PROGRESS = ["initiated", "ringing", "answered", "completed"]
"""All that a leg's status callback can be told of."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Member:
    """One call in a room."""

    call_sid: str
    label: str


class TwilioCarrier:
    """Twilio, or an exchange that speaks its REST interface at ``config.twilio.api_url``."""

    def __init__(self, config: Config, resume_url: str, wait: Callable[[float], None] = time.sleep) -> None:
        """``resume_url``: where the carrier asks what is to become of a call."""
        self._resume_url = resume_url
        self._caller_id = config.twilio.caller_id
        account, token = config.twilio.account_sid, config.auth_token()
        if not account or not token:
            raise ConfigError(
                "found no Twilio account; set IVR_TWILIO__ACCOUNT_SID and IVR_TWILIO__AUTH_TOKEN "
                "(or twilio.auth_token_file)"
            )
        http = TwilioHttpClient(timeout=TIMEOUT_S)
        self._client = Client(account, token, http_client=http)
        self._wait = wait
        if config.twilio.api_url:
            # Region and edge (TWILIO_REGION, TWILIO_EDGE) are put into the host's name, proxies before it.
            self._client.region = self._client.edge = None
            self._client.api.base_url = config.twilio.api_url
            if http.session is not None:
                http.session.trust_env = False

    def hang_up(self, call_sid: str) -> None:
        """Ends the call; one that is over already is no fault. Raises CarrierError."""
        try:
            self._ask(lambda: self._client.calls(call_sid).update(status="completed"))
        except CarrierError as error:
            if error.code != NOT_IN_PROGRESS:
                raise

    def redirect(self, call_sid: str, url: str = "") -> None:
        """Makes the call ask ``url`` (empty: ``resume_url``) now, which ends whatever it does: stream or room.

        CarrierError with code ``NOT_IN_PROGRESS`` or ``NOT_FOUND``: nobody is on that line, or not yet.
        """
        url = url or self._resume_url
        self._ask(lambda: self._client.calls(call_sid).update(url=url, method="POST"))

    def place(self, to: str, url: str, status_url: str, *, timeout_s: int, fallback_url: str = "") -> str:
        """Rings ``to`` (E.164, ``client:name`` or ``sip:user@host``) and gives the leg's CallSid.

        Once answered it asks ``url``; ``status_url`` is told of every step. Nothing here tries again after an
        answer that did not come: the leg may ring all the same. Raises CarrierError.
        """
        calls, from_ = self._client.calls, self._from()
        more = {"fallback_url": fallback_url} if fallback_url else {}
        placed = self._ask(
            lambda: calls.create(
                to=to,
                from_=from_,
                url=url,
                status_callback=status_url,
                status_callback_event=PROGRESS,
                timeout=timeout_s,
                **more,
            )
        )
        return str(placed.sid)

    def invite(self, room: str, to: str, *, label: str, status_url: str, timeout_s: int) -> str:
        """Rings ``to`` and brings them into the room once they answer; gives the leg's CallSid.

        ``room`` is the room's name. Like ``place`` in all else.
        """
        participants, from_ = self._client.conferences(room).participants, self._from()
        placed = self._ask(
            lambda: participants.create(
                from_=from_,
                to=to,
                label=label,
                beep="false",
                end_conference_on_exit=False,
                status_callback=status_url,
                status_callback_event=PROGRESS,
                timeout=timeout_s,
            )
        )
        return str(placed.call_sid)

    def conference(self, room: str) -> str | None:
        """The id of the conference that is going on under this name; None where there is none."""
        found = self._ask(lambda: self._client.conferences.list(friendly_name=room, limit=20))
        return next((str(each.sid) for each in found if each.status != "completed"), None)

    def members(self, conference: str) -> tuple[Member, ...]:
        """Who is in a conference now, by its id."""
        found = self._ask(lambda: self._client.conferences(conference).participants.list(limit=20))
        return tuple(Member(str(each.call_sid), each.label or "") for each in found)

    def change(
        self,
        conference: str,
        call_sid: str,
        *,
        is_held: bool | None = None,
        is_muted: bool | None = None,
        hold_url: str = "",
    ) -> None:
        """Holds or mutes a member, or no longer; None leaves it. ``hold_url``: what is heard on hold."""
        member = self._client.conferences(conference).participants(call_sid)
        wish: dict[str, bool | str] = {}
        if is_held is not None:
            wish["hold"] = is_held
        if is_held and hold_url:
            wish |= {"hold_url": hold_url, "hold_method": "POST"}
        if is_muted is not None:
            wish["muted"] = is_muted
        self._ask(lambda: member.update(**wish))  # type: ignore[arg-type]

    def _from(self) -> str:
        if not self._caller_id:
            raise CarrierError(
                "found no number to call from; set twilio.caller_id to a number of the account"
            )
        return self._caller_id

    def _ask(self, request: Callable[[], _Answer]) -> _Answer:
        for wait_s in WAITS_S:
            try:
                return _asked(request)
            except CarrierError as error:
                if not error.is_retryable:
                    raise
            self._wait(wait_s)
        return _asked(request)


def _asked(request: Callable[[], _Answer]) -> _Answer:
    try:
        return request()
    except TwilioRestException as error:
        raise _refusal(error.status, error.code, error.msg) from None
    except TwilioServiceException as error:
        raise _refusal(error.status, error.code, error.detail or error.title) from None
    except (TwilioException, RequestException, ValueError) as error:
        raise CarrierError(f"Twilio did not answer ({type(error).__name__})") from error


def _refusal(status: int, code: int | None, words: str) -> CarrierError:
    code = code or status
    return CarrierError(f"Twilio refused: {words} (code {code})", code=code, is_retryable=status == 429)
