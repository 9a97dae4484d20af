"""Webhooks as Twilio sends them: signed forms, 15 s in all, one retry when no connection comes about.

Holds no idea of calls or TwiML; says only what came back, or with which of Twilio's error numbers it failed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag, urlencode, urlsplit

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

BODY_LIMIT = 64 * 1024
"""Bytes of TwiML, error 11750."""


class WebhookFailed(Exception):
    """No usable answer; ``code`` is Twilio's error number."""

    def __init__(self, code: int, message: str, url: str) -> None:
        self.code = code
        self.url = url
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a webhook answered, status 2xx."""

    url: str
    """Where it came from, without fragment: the base of relative addresses in it."""
    status: int
    content_type: str
    """Lower case, without parameters."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Overrides:
    """How one address is asked, from its fragment (docs/usage/webhooks/webhooks-connection-overrides)."""

    connect_ms: int = 5000
    read_ms: int = 15_000
    total_ms: int = 15_000
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    """What is tried again: ct (no connection), rt (no answer), 4xx, 5xx, all."""

    @staticmethod
    def parse(fragment: str) -> Overrides:
        """Values outside Twilio's bounds are cut to them."""
        given = {key: values[-1] for key, values in parse_qs(fragment).items()}

        def bounded(key: str, low: int, high: int, default: int) -> int:
            text = given.get(key, "")
            return min(max(int(text), low), high) if re.fullmatch("[0-9]+", text) else default

        return Overrides(
            connect_ms=bounded("ct", 100, 10_000, 5000),
            read_ms=bounded("rt", 100, 15_000, 15_000),
            total_ms=bounded("tt", 100, 15_000, 15_000),
            retries=bounded("rc", 0, 5, 1),
            policy=frozenset(given.get("rp", "ct").split(",")),
        )

    def covers(self, kind: str) -> bool:
        return "all" in self.policy or kind in self.policy


class Webhooks:
    """Sends signed requests for one account."""

    def __init__(self, session: aiohttp.ClientSession, auth_token: str, timeout_s: float) -> None:
        self._session = session
        self._validator = RequestValidator(auth_token)
        self._timeout_s = timeout_s

    def signature(self, url: str, form: Mapping[str, str]) -> str:
        """The X-Twilio-Signature of a request to exactly this address."""
        return self._validator.compute_signature(url, form)

    async def request(self, url: str, form: Mapping[str, str], method: str = "POST") -> Reply:
        """Ask ``url``; retries by its fragment's rules. Raises WebhookFailed."""
        bare, fragment = urldefrag(url)
        if urlsplit(bare).scheme not in ("http", "https") or not urlsplit(bare).netloc:
            raise WebhookFailed(21205, f"not an address: {url!r}", url)
        overrides = Overrides.parse(fragment)
        if method == "GET" and form:
            bare += ("&" if "?" in bare else "?") + urlencode(form)
        token = str(uuid.uuid4())
        try:
            async with asyncio.timeout(min(overrides.total_ms / 1000, self._timeout_s)):
                return await self._attempts(bare, form, method, token, overrides)
        except TimeoutError:
            raise WebhookFailed(11205, f"no answer within {self._timeout_s:g} s", bare) from None

    async def _attempts(
        self, url: str, form: Mapping[str, str], method: str, token: str, overrides: Overrides
    ) -> Reply:
        attempt = 0
        while True:
            try:
                return await self._once(url, form, method, token, overrides)
            except _Miss as miss:
                attempt += 1
                if attempt > overrides.retries or not overrides.covers(miss.kind):
                    raise WebhookFailed(miss.code, str(miss), url) from None

    async def _once(
        self, url: str, form: Mapping[str, str], method: str, token: str, overrides: Overrides
    ) -> Reply:
        is_form = method != "GET"
        headers = {
            "X-Twilio-Signature": self.signature(url, form if is_form else {}),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if is_form:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=overrides.connect_ms / 1000, sock_read=overrides.read_ms / 1000
        )
        body = urlencode(form).encode() if is_form else None
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                data=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                return await self._read(url, answer)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _Miss("ct", 11205, f"no connection: {error}") from None
        except aiohttp.SocketTimeoutError:
            raise _Miss("rt", 11205, "connected, but no answer in time") from None
        except aiohttp.ClientError as error:
            raise _Miss("rt", 11200, f"broken answer: {error}") from None

    async def _read(self, url: str, answer: aiohttp.ClientResponse) -> Reply:
        if answer.status >= 300:
            code = 11217 if answer.status == 429 else 11200
            raise _Miss(f"{answer.status // 100}xx", code, f"answered with HTTP status {answer.status}")
        body = await answer.content.read(BODY_LIMIT + 1)
        while len(body) <= BODY_LIMIT and (more := await answer.content.read(BODY_LIMIT + 1)):
            body += more
        if len(body) > BODY_LIMIT and not answer.content_type.startswith("audio/"):
            raise _Miss("size", 11750, f"answered with more than {BODY_LIMIT} bytes")
        return Reply(url, answer.status, answer.content_type.lower(), body)


class _Miss(Exception):
    """One attempt that failed, and of which kind."""

    def __init__(self, kind: str, code: int, message: str) -> None:
        self.kind = kind
        self.code = code
        super().__init__(message)


def is_loopback(host: str) -> bool:
    """True for this machine's own addresses, by name or number."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
