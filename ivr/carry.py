"""Takes one media socket from its first message to the call's session, and the session to its end.

A socket proves itself by the one-use token of its call's webhook. A call that is known goes on where its
saved state stands; any other begins. What happens on the call is the session's.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket as network
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.actions import Remember
from ivr.agents.distributor import Distributor
from ivr.agents.shapes import News
from ivr.dialogue.callback import begin_callback
from ivr.dialogue.engine import handle
from ivr.dialogue.state import State, begin, from_json
from ivr.errors import IvrError, MediaError, StaleState
from ivr.events import AgentLeft, CallEnded, CallResumed, CallStarted, Event
from ivr.flow.site import Book
from ivr.keeper import Keeper
from ivr.line.audio import AudioLine, Socket, Sound
from ivr.logs import about_call
from ivr.newsroom import Newsroom, as_event
from ivr.records.store import Records
from ivr.session import Hands, Profiles, Session
from ivr.store import CallStore, Saved
from ivr.telephony import media

log = logging.getLogger(__name__)

START_S = 10.0
"""How long a socket may take to say which call it carries."""
LEASE_MS = 24 * 3600 * 1000
"""A stream owns its call until it lets it go or another stream of the call claims it."""
TOKEN = "token"
CALLER = "caller"
CALLED = "called"
CALLBACK = "callback"
"""Names of the TwiML ``<Parameter>`` values that the voice webhook gives the stream."""


@dataclass(frozen=True, slots=True)
class Carrying:
    """Everything that carrying calls needs; one per process."""

    book: Callable[[str], Book]
    """The book of a version, or the one in force for a version that is gone or empty. Blocking."""
    hands: Hands
    sound: Callable[[Book], Sound]
    """The engines, as the calls of a book need them. Blocking."""
    store: CallStore
    records: Records
    distributor: Distributor
    newsroom: Newsroom


async def carry(socket: Socket, parts: Carrying) -> None:
    """Carry the call of one socket until either is over; never raises for what a stranger sent."""
    try:
        async with asyncio.timeout(START_S):
            start = await _start(socket)
        with about_call(start.call_sid):
            await _carry(socket, start, parts)
    except TimeoutError:
        log.warning("a media socket did not say in %d s which call it carries", START_S)
    except IvrError as error:
        log.error("a stream is let go, and the carrier asks what next: %s", error)
    finally:
        await socket.close()


def bury(
    call_id: str, book: Callable[[str], Book], store: CallStore, records: Records, profiles: Profiles
) -> None:
    """Bring a call to its end that the carrier says is over, where no stream has told so.

    The caller hung up while nobody carried the call, or its stream broke off without a ``stop``. Blocking.
    Raises StoreError.
    """
    if _unended(call_id, store) is None:
        return
    grave = owner("ended")
    generation = store.claim(call_id, grave, LEASE_MS)
    try:
        found = _unended(call_id, store)
        if found is None:
            return
        saved, state = found
        ended = CallEnded(at_ms=state.at_ms, reason="caller_hung_up")
        state, actions = handle(book(state.book_version), state, ended)
        Keeper(store, records, call_id, saved.revision, generation).keep(
            state, ended, actions, is_secret=False
        )
        for action in actions:
            if isinstance(action, Remember):
                profiles.keep(action.caller, action.profile)
    except StaleState:
        log.info("call %s was ended by its own stream meanwhile", call_id)
    finally:
        store.release(call_id, grave)


def _unended(call_id: str, store: CallStore) -> tuple[Saved, State] | None:
    """The state of a call that is known and not over."""
    saved = store.load(call_id)
    if saved is None:
        return None
    state = from_json(saved.state_json)
    return None if state.phase == "over" else (saved, state)


async def _start(socket: Socket) -> media.Start:
    """The stream's first words. Raises MediaError."""
    while (text := await socket.receive()) is not None:
        match media.decode(text):
            case media.Start() as start:
                return start
            case media.Connected():
                continue
            case other:
                raise MediaError(f"found {type(other).__name__} before the start of the stream")
    raise MediaError("the socket closed before the start of its stream")


async def _carry(socket: Socket, start: media.Start, parts: Carrying) -> None:
    loop = asyncio.get_running_loop()
    opened = await loop.run_in_executor(parts.hands.executor, _open, start, parts)
    if opened is None:
        return
    session = Session(opened.state, opened.book, parts.hands, opened.keeper)
    first = opened.first
    line = AudioLine(socket, start.stream_sid, opened.sound, session.emit, base_ms=first.at_ms)
    log.info("stream %s carries the call (%s)", start.stream_sid, first.type)

    def hear(news: News) -> None:
        event = as_event(news, line.now_ms)
        # A caller on the way to a person, or with one, is fetched from there and comes back by another stream.
        is_theirs = isinstance(event, AgentLeft) and session.state.phase != "waiting"
        if event is not None and not is_theirs:
            session.emit(event)

    try:
        with parts.newsroom.follow(hear, start.call_sid):
            await session.run(line, first)
    finally:
        await loop.run_in_executor(
            parts.hands.executor, parts.store.release, start.call_sid, owner(start.stream_sid)
        )


def owner(stream_sid: str) -> str:
    """Who carries a stream: machine, process and stream, parted by slashes."""
    return f"{network.gethostname()}/{os.getpid()}/{stream_sid}"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A call that a stream carries from here."""

    state: State
    first: Event
    """What happened first."""
    keeper: Keeper
    book: Book
    sound: Sound


def _open(start: media.Start, parts: Carrying) -> _Opened | None:
    """The call of a stream; None for a socket that may not carry it. Blocking. Raises StoreError."""
    call_id = start.call_sid
    if not parts.store.take_token(call_id, start.parameters.get(TOKEN, "")):
        log.warning("a socket without a good token wanted to carry call %s", call_id)
        return None
    generation = parts.store.claim(call_id, owner(start.stream_sid), LEASE_MS)
    saved = parts.store.load(call_id)
    if saved is None:
        book, caller = parts.book(""), start.parameters.get(CALLER, "")
        started = CallStarted(
            call_id=call_id,
            caller=caller,
            called=start.parameters.get(CALLED, ""),
            started_at=datetime.now(ZoneInfo(book.site.time_zone)).isoformat(timespec="seconds"),
            profile=parts.hands.profiles.find(caller),
        )
        state = _first(book, started, start.parameters.get(CALLBACK, ""), parts.distributor)
        keeper = Keeper(parts.store, parts.records, call_id, 0, generation)
        return _Opened(state, started, keeper, book, parts.sound(book))
    state = from_json(saved.state_json)
    if state.phase == "over":
        log.warning("a socket wanted to carry call %s, which is over", call_id)
        return None
    keeper = Keeper(parts.store, parts.records, call_id, saved.revision, generation)
    first = _departed(state, parts.distributor) or CallResumed(at_ms=state.at_ms)
    book = parts.book(state.book_version)
    return _Opened(state, first, keeper, book, parts.sound(book))


def _first(book: Book, started: CallStarted, ticket_id: str, distributor: Distributor) -> State:
    """``ticket_id``: of the customer who is called back; empty for who called us. Raises QueueError."""
    held = distributor.held(ticket_id) if ticket_id else None
    return begin_callback(book, started, held.ticket) if held is not None else begin(book, started)


def _departed(state: State, distributor: Distributor) -> AgentLeft | None:
    """Where the caller comes back from a person: how that person left. Blocking. Raises QueueError."""
    if state.waiting is None or state.phase not in ("bridged", "waiting"):
        return None
    departure = distributor.departure(state.call_id)
    if departure is None or departure.ticket_id != state.waiting.ticket.ticket_id:
        return None
    if state.phase == "waiting" and departure.reason not in ("hung_up", "handed_back"):
        return None  # told before: the caller has waited again since
    return AgentLeft(
        at_ms=state.at_ms,
        ticket_id=departure.ticket_id,
        reason=departure.reason,
        target=departure.target,
        agent_name=departure.agent_name,
        fields=departure.fields,
    )
