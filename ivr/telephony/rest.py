"""Twilio's REST interface, as much of it as we use.

Blocking: call it off the event loop. Waits ``TIMEOUT_S`` at most to be connected and to be answered; only a
429, which states that nothing was done, is tried again. Remembers nothing of a call.
Source: https://www.twilio.com/docs/voice/api/call-resource
"""

from __future__ import annotations

import time
from collections.abc import Callable
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

_Answer = TypeVar("_Answer")


class TwilioCarrier:
    """Twilio, or an exchange that speaks its REST interface at ``config.twilio.api_url``."""

    def __init__(self, config: Config, resume_url: str, wait: Callable[[float], None] = time.sleep) -> None:
        """``resume_url``: where the carrier asks what is to become of a call."""
        self._resume_url = resume_url
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

    def redirect(self, call_sid: str) -> None:
        """Makes the call ask ``resume_url`` now, which ends its stream.

        CarrierError with code ``NOT_IN_PROGRESS`` or ``NOT_FOUND``: the caller is gone.
        """
        self._ask(lambda: self._client.calls(call_sid).update(url=self._resume_url, method="POST"))

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
