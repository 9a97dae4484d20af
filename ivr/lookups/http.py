"""Look-ups by HTTP: one request to an allowed host, a JSON answer of limited size, all within one time limit.

Requests run on an event loop of their own, so a server that stalls or sends a byte at a time holds no thread. No
redirect is followed, no cookie kept, no proxy of the environment used; a certificate must be good.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import aiohttp
from yarl import URL

from ivr.errors import LookupFailed
from ivr.flow.connectors import PLACE, SECRET, Connector, Source, address_of, placeholder, request, source
from ivr.lookups.ask import Answer
from ivr.lookups.values import MAX_BYTES, bad, convert, holds, reach, shaped

AGENT = "ivr-lookup"
MAX_OPEN = 100
"""Connections at one time, to all hosts together."""
MAX_OF_HOST = 30
"""To one host, so that one that stalls does not keep callers from the others."""
KEEP_S = 15.0
"""How long a connection that is not used stays open."""
NOT_FOUND = 404
TOO_EARLY = (408, 429)
"""Of the 4xx, those that speak of the server's state rather than of the question (RFC 9110; RFC 6585)."""
JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)


class Services:
    """The hosts that may be asked, and the secrets they want. Safe from any thread."""

    def __init__(self, hosts: Collection[str], secrets: Mapping[str, str]) -> None:
        """``hosts`` as in the settings: ``api.example.com``, ``api.example.com:8443``, ``http://10.0.0.5:8080``."""
        self._hosts = frozenset(origin(host) for host in hosts)
        self._secrets = dict(secrets)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: aiohttp.ClientSession | None = None

    def is_allowed(self, address: SplitResult) -> bool:
        """Whether its scheme, host and port stand in the settings."""
        return _origin(address) in self._hosts

    def has_secret(self, name: str) -> bool:
        return name.lower() in self._secrets

    def ask(self, connector: Connector, parameters: Mapping[str, Any]) -> Future[Answer]:
        """Send the request. The future raises LookupFailed: ``timeout``, ``refused``, ``parameters`` or ``error``."""
        return asyncio.run_coroutine_threadsafe(self._ask(connector, parameters), self._running())

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop of the requests, on a thread that lives as long as the process."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="lookup-http", daemon=True).start()
            return self._loop

    async def _ask(self, connector: Connector, parameters: Mapping[str, Any]) -> Answer:
        try:
            async with asyncio.timeout(connector.timeout / 1000):
                status, body = await self._send(connector, parameters)
        except TimeoutError:
            raise LookupFailed("timeout", "no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise LookupFailed("error", type(error).__name__) from error
        return _answer(connector, status, body)

    async def _send(self, connector: Connector, parameters: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and parsed body; a body is read only where it counts."""
        if not self.is_allowed(address_of(connector)):
            raise LookupFailed("error", "its host is not allowed by lookups.hosts")
        method, url = request(connector.http)[0], fill(request(connector.http)[1], parameters)
        headers = {name: self._header(value) for name, value in connector.headers.items()}
        sent = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": AGENT} | headers
        body = None if connector.body is None else _filled(connector.body, parameters)
        asking = self._session().request(
            method,
            URL(url, encoded=True),
            headers=sent,
            json=body,
            allow_redirects=False,
            middlewares=(_once,) if connector.changes else None,
        )
        async with asking as response:
            if 200 <= response.status < 300 and (connector.fields or connector.found_if):
                return response.status, await _read(response)
            return response.status, None

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=MAX_OPEN, limit_per_host=MAX_OF_HOST, keepalive_timeout=KEEP_S
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
            )
        return self._client

    def _header(self, written: str) -> str:
        def secret(found: re.Match[str]) -> str:
            if not self.has_secret(found[1]):
                raise LookupFailed("error", f"no secret named {found[1]}")
            return self._secrets[found[1].lower()]

        return SECRET.sub(secret, written)


def origin(host: str) -> tuple[str, str, int]:
    """Scheme, host and port of a host of the settings. Raises ValueError."""
    text = host.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(text)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(text)
    return _origin(parts)


def _origin(address: SplitResult) -> tuple[str, str, int]:
    port = address.port or (443 if address.scheme == "https" else 80)
    return address.scheme, (address.hostname or "").rstrip("."), port


def fill(address: str, parameters: Mapping[str, Any]) -> str:
    """The address with each parameter escaped, so that it stays one part of the path or query.

    Raises LookupFailed for a part of the path that would be empty or a step up: it would ask for something else.
    """
    path, mark, query = address.partition("?")

    def escaped(found: re.Match[str]) -> str:
        return quote(str(parameters[found[1]]), safe="", errors="replace")

    start = path.index("/", path.index("://") + 3) if "/" in path.partition("://")[2] else len(path)
    parts = [(part, PLACE.sub(escaped, part)) for part in path[start:].split("/")]
    if any(made in ("", ".", "..") for part, made in parts if part != made or PLACE.search(part)):
        raise LookupFailed("parameters", "a parameter that can be no part of an address")
    return path[:start] + "/".join(made for _, made in parts) + mark + PLACE.sub(escaped, query)


def _filled(part: Any, parameters: Mapping[str, Any]) -> Any:
    """A body with the parameters in their places; whatever they hold, its structure stays."""
    match part:
        case str():
            found = placeholder(part)
            if found is None:
                return part
            name, kind = found
            return parameters[name] if kind is None else convert(parameters[name], kind)
        case dict():
            return {key: _filled(inner, parameters) for key, inner in part.items()}
        case list():
            return [_filled(inner, parameters) for inner in part]
        case _:
            return part


async def _once(asked: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """The client sends a PUT or DELETE again where the connection broke, unless it is told of another error."""
    try:
        return await send(asked)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientError(type(error).__name__) from error


async def _read(response: aiohttp.ClientResponse) -> Any:
    """The body as JSON. Raises LookupFailed for any other and for too much of it."""
    if not JSON_TYPE.fullmatch(response.content_type):
        raise bad(f"an answer of the type {response.content_type[:60]}, not JSON")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise bad("a compressed answer, which was not asked for")
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            response.close()
            raise bad(f"an answer of more than {MAX_BYTES:,} bytes")
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise bad("an answer that is no JSON") from None


def _answer(connector: Connector, status: int, body: Any) -> Answer:
    if status == NOT_FOUND:
        return Answer(False)
    if not 200 <= status < 300:
        is_theirs = status >= 500 or status < 400 or status in TOO_EARLY
        raise LookupFailed("error" if is_theirs else "refused", f"status {status}")
    if not connector.fields and not connector.found_if:
        return Answer(True)
    under = source(connector.under, is_column=False) if connector.under else Source(())
    place = reach(body, under.path, may_lack=under.may_lack)
    are_many = connector.rows == "many"
    if are_many and not isinstance(place, list) and place is not None:
        raise bad("one entry where a list was promised")
    entries = place if isinstance(place, list) else [] if place is None else [place]
    if not entries and not are_many:
        return Answer(False)
    sources = {name: source(written, is_column=False) for name, written in connector.fields.items()}
    fields = shaped(entries, sources, are_many=are_many)
    return Answer(holds(connector.found_if, fields), fields)
