"""A call: one leg to one phone, its status and who is told of it, its sound and keys, its document.

What the document says is carried out by ``verbs``; here is only when it starts, is replaced and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal

from ivr.exchange.hub import Hub, log, new_sid
from ivr.exchange.legs import Decision, Leg, Listener, Nobody, Status
from ivr.exchange.sound import SILENCE
from ivr.exchange.webhook import WebhookFailed

Direction = Literal["inbound", "outbound-api", "outbound-dial"]
FINAL: frozenset[Status] = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
EVENTS: Mapping[Status, str] = {
    "initiated": "initiated",
    "ringing": "ringing",
    "in-progress": "answered",
    **dict.fromkeys(FINAL, "completed"),
}
"""The event under which each status is subscribed to."""
_PLACES = ("City", "State", "Zip", "Country")
_HELD_BACK_S = 0.25
"""How long a callback waits that is to be overtaken."""


Script = Callable[["Call"], Awaitable[None]]
"""Runs a document on a call to its end."""


_REFUSED: Mapping[Decision, tuple[Status, str]] = {
    "declined": ("busy", "603"),
    "busy": ("busy", "486"),
    "no-answer": ("no-answer", "480"),
    "failed": ("failed", "503"),
}
"""The status, and the SIP response that callbacks tell, of each way not to be answered."""


@dataclass(frozen=True, slots=True)
class Callback:
    """Who is told of a call's progress."""

    url: str
    events: frozenset[str] = frozenset({"completed"})
    method: str = "POST"


class Call:
    """One call as Twilio counts them: each leg is one."""

    def __init__(
        self,
        hub: Hub,
        *,
        to: str,
        from_: str,
        direction: Direction,
        callback: Callback | None = None,
        parent: Call | None = None,
        fallback_url: str = "",
    ) -> None:
        self.sid = new_sid("CA")
        self.hub = hub
        self.to = to
        self.from_ = from_
        self.direction: Direction = direction
        self.callback = callback
        self.parent = parent
        self.fallback_url = fallback_url
        self.status: Status = "queued"
        self.listener: Listener = Nobody()
        self.on_key: Callable[[str], None] | None = None
        """Takes every key while a Gather collects them."""
        self.leg: Leg | None = None
        self.created = datetime.now(UTC)
        self.started: datetime | None = None
        self.finished: datetime | None = None
        self.ended = asyncio.Event()
        self.is_redirected = False
        """True while its document is being replaced from outside."""
        self.moved = asyncio.Event()
        """Set once its document was replaced from outside: it no longer belongs to the Dial that made it."""
        self._replacing = asyncio.Lock()
        self._sequence = 0
        self._sip_code = ""
        self._work: asyncio.Task[None] | None = None
        hub.add_call(self)

    @property
    def is_live(self) -> bool:
        return self.status not in FINAL

    @property
    def is_offered(self) -> bool:
        """True while it rings at a phone that has not decided."""
        return self.direction != "inbound" and self.status in ("queued", "initiated", "ringing")

    @property
    def duration_s(self) -> int:
        """Whole seconds from answer to end."""
        if self.started is None or self.finished is None:
            return 0
        return round((self.finished - self.started).total_seconds())

    def form(self) -> dict[str, str]:
        """The parameters of every webhook about this call (docs/voice/twiml, request parameters)."""
        form = {
            "CallSid": self.sid,
            "AccountSid": self.hub.settings.account_sid,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "CallStatus": self.status,
            "ApiVersion": "2010-04-01",
            "Direction": self.direction,
        }
        for side in ("From", "To", "Caller", "Called"):
            form |= {side + place: "" for place in _PLACES}
        if self.parent is not None:
            form["ParentCallSid"] = self.parent.sid
        return form

    def tick(self) -> None:
        if self.leg is not None:
            self.leg.give(self.listener.tick(self.leg.take()) or SILENCE)

    def press(self, key: str) -> None:
        """The phone pressed a key."""
        if self.on_key is not None:
            self.on_key(key)
        else:
            self.listener.press(key)

    def become(self, status: Status) -> None:
        """Go to a status and tell who wants to know; a final status stays."""
        if not self.is_live or status == self.status:
            return
        self.status = status
        if status == "in-progress":
            self.started = datetime.now(UTC)
        if status in FINAL:
            self.finished = datetime.now(UTC)
        callback, event = self.callback, EVENTS.get(status, "")
        if callback is not None and callback.url and event in callback.events:
            self.hub.spawn(self._report(callback, self._progress(status)))

    def _progress(self, status: Status) -> dict[str, str]:
        form = self.form() | {
            "Timestamp": format_datetime(datetime.now(UTC)),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
        }
        self._sequence += 1
        if status in FINAL:
            form["CallDuration"] = str(self.duration_s)
            form["Duration"] = str(math.ceil(self.duration_s / 60))
            form["SipResponseCode"] = self._sip_code or {"no-answer": "487", "canceled": "487"}.get(
                status, "200"
            )
        return form

    async def _report(self, callback: Callback, form: dict[str, str]) -> None:
        await post_callback(self.hub, callback.url, form, callback.method, self.sid)

    def answer(self) -> None:
        """The line is open: from now on there is sound."""
        if self.status == "in-progress" or not self.is_live:
            return
        self.become("in-progress")
        self.hub.clock.add(self)
        if self.leg is not None:
            self.leg.answered()

    async def ring(self, timeout_s: float) -> bool:
        """Ring the phone this call is to; True once it is answered, else the call is over."""
        self.become("initiated")
        phone = self.hub.phone(self.to)
        if phone is None:
            self._refuse("failed")
            return False
        leg = phone.ring(self)
        if leg is None:
            self._refuse("busy")
            return False
        self.leg = leg
        self.become("ringing")
        try:
            decision = await asyncio.wait_for(asyncio.shield(leg.answer), timeout_s)
        except TimeoutError:
            self.end("no-answer")
            return False
        if decision in _REFUSED:
            self._refuse(decision)
        if not self.is_live:
            return False
        self.answer()
        return True

    def _refuse(self, decision: Decision) -> None:
        status, self._sip_code = _REFUSED[decision]
        self.end(status)

    def start(self, script: Script, *, ends: bool = True) -> asyncio.Task[None]:
        """Run a document on this call; with ``ends`` the call is over when it is."""
        self._work = self.hub.spawn(self._run(script, ends))
        return self._work

    async def _run(self, script: Script, ends: bool) -> None:
        try:
            await script(self)
        except Exception:
            log.exception("call %s: its document failed", self.sid)
            self.end("failed")
        finally:
            self.listener = Nobody()
        if ends:
            self.end("completed")

    async def replace(self, script: Script) -> None:
        """Drop the document that runs and run another."""
        async with self._replacing:
            self.is_redirected = True
            self.moved.set()
            await self._drop()
            self.is_redirected = False
            if self.is_live:
                self.start(script)

    async def _drop(self) -> None:
        if self._work is not None and not self._work.done():
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work

    def hang_up(self) -> None:
        """The phone hung up."""
        self.end("completed" if self.status == "in-progress" else "no-answer")

    def end(self, status: Status) -> None:
        """The call is over, whoever ended it. Safe to call again."""
        if not self.is_live:
            return
        self.become(status)
        self.hub.clock.remove(self)
        self.listener = Nobody()
        if self.leg is not None:
            if not self.leg.answer.done():
                self.leg.answer.set_result("gone")
            self.leg.close(status)
        if self._work is not None and self._work is not asyncio.current_task():
            self._work.cancel()
        self.ended.set()
        log.info("call %s from %s to %s: %s", self.sid, self.from_, self.to, status)


async def post_callback(hub: Hub, url: str, form: dict[str, str], method: str, call_sid: str) -> None:
    """Tell ``url`` of something that happened, through the callback faults; failures are only noted."""
    faults, draw = hub.faults, hub.random
    if faults.callbacks_lost and draw.random() < faults.callbacks_lost:
        return
    if faults.callbacks_late_ms:
        await asyncio.sleep(draw.uniform(0, faults.callbacks_late_ms) / 1000)
    if draw.random() < faults.callbacks_reordered:
        await asyncio.sleep(_HELD_BACK_S)
    times = 2 if draw.random() < faults.callbacks_duplicated else 1
    for _ in range(times):
        try:
            await hub.webhooks.request(url, form, method)
        except WebhookFailed as failure:
            hub.note(failure.code, str(failure), level="warning", call_sid=call_sid, url=url)
