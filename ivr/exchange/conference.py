"""Conferences: who is in, who hears whom, when it starts and ends, and who is told.

Each member's tick gives the sum of all the others' sound. What is told, and why, is as in
https://www.twilio.com/docs/voice/twiml/conference
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ivr.audio import mulaw
from ivr.exchange import sound
from ivr.exchange.calls import Callback, post_callback
from ivr.exchange.hub import Hub, new_sid

if TYPE_CHECKING:
    from ivr.exchange.calls import Call

_EVENTS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
}
"""Each event and the name under which it is subscribed to."""


@dataclass(slots=True)
class Wish:
    """How a member takes part (the attributes of ``<Conference>``)."""

    label: str = ""
    is_muted: bool = False
    starts: bool = True
    ends: bool = False
    beep: Literal["true", "false", "onEnter", "onExit"] = "true"
    coach: str = ""
    """CallSid of the one member who hears this one; empty: all do."""


Left = Literal[
    "participant_hung_up",
    "participant_updated_via_api",
    "participant_add_failed",
    "moderator_ended_conference",
    "conference_ended_via_api",
]
"""``ReasonParticipantLeft`` of the callbacks."""
Ended = Literal[
    "conference-ended-via-api",
    "last-participant-kicked",
    "last-participant-left",
    "participant-with-end-conference-on-exit-kicked",
    "participant-with-end-conference-on-exit-left",
]
"""``ReasonConferenceEnded`` of the callbacks."""


class Member:
    """One call in a conference; the call's listener."""

    def __init__(self, conference: Conference, call: Call, wish: Wish) -> None:
        self.conference = conference
        self.call = call
        self.wish = wish
        self.is_held = False
        self.joined = datetime.now(UTC)
        self.left: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why the member left, once it has."""
        self.aside: sound.Player | None = None
        """What the member hears in place of the others: waiting music, hold music, an announcement."""
        self.heard = sound.SILENCE

    async def listen(self, clip: bytes) -> None:
        """Hear a clip to its end in place of the others, or until the member is gone."""
        before = self.aside
        self.aside = player = sound.Player(clip)
        ended = asyncio.ensure_future(player.ended.wait())
        either: set[asyncio.Future[Any]] = {ended, self.left}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        self.aside = before

    @property
    def is_speaking(self) -> bool:
        """True where the member's sound reaches the others."""
        may_speak = self.conference.is_started and not self.wish.is_muted and not self.is_held
        return may_speak and self.heard is not sound.SILENCE

    def tick(self, heard: bytes) -> bytes | None:
        self.heard = heard
        if self.aside is not None:
            frame = self.aside.tick(heard)
            if frame is not None:
                return frame
            self.aside = None
        return self.conference.mix(self) if not self.is_held else None

    def press(self, key: str) -> None:
        return None


class Conference:
    """One conference, from its first member to its end."""

    def __init__(self, hub: Hub, name: str, callback: Callback | None) -> None:
        self.sid = new_sid("CF")
        self.name = name
        self.status: Literal["init", "in-progress", "completed"] = "init"
        self.created = datetime.now(UTC)
        self.updated = self.created
        self.reason = ""
        """Why it ended, once it has."""
        self.ended_by = ""
        """CallSid of the member who ended it, if one did."""
        self.members: dict[str, Member] = {}
        """By CallSid, those who are in now."""
        self._hub = hub
        self._callback = callback
        self._sequence = 0
        hub.add_conference(self)

    @property
    def is_started(self) -> bool:
        return self.status == "in-progress"

    def find(self, key: str) -> Member | None:
        """The member with this CallSid or label."""
        if key in self.members:
            return self.members[key]
        return next((member for member in self.members.values() if key and member.wish.label == key), None)

    def mix(self, member: Member) -> bytes | None:
        """What ``member`` hears: all others who speak, summed and cut at full scale."""
        speaking = [
            other.heard
            for other in self.members.values()
            if other is not member and other.is_speaking and other.wish.coach in ("", member.call.sid)
        ]
        if len(speaking) < 2:
            return speaking[0] if speaking else None
        total = sum(np.frombuffer(mulaw.decode(frame), "<i2").astype(np.int32) for frame in speaking)
        return mulaw.encode(np.clip(total, -32768, 32767).astype("<i2").tobytes())

    def join(self, member: Member) -> None:
        """Let a member in; the conference starts with its second, if one may start it."""
        self.members[member.call.sid] = member
        self.tell("participant-join", member)
        if member.wish.beep in ("true", "onEnter"):
            self._beep(member)
        may_start = len(self.members) >= 2 and any(each.wish.starts for each in self.members.values())
        if self.status == "init" and may_start:
            self.status = "in-progress"
            self.tell("conference-start", member)
            for each in self.members.values():
                each.aside = None

    def leave(self, member: Member, reason: Left, *, is_kicked: bool = False) -> None:
        """A member goes; with the last one, or one who ends it, the conference goes too."""
        if self.members.pop(member.call.sid, None) is None:
            return
        self._tell_left(member, reason)
        if not member.left.done():
            member.left.set_result(reason)
        if member.wish.ends:
            ended: Ended = "participant-with-end-conference-on-exit-left"
            self.end("participant-with-end-conference-on-exit-kicked" if is_kicked else ended, member)
        elif not self.members:
            self.end("last-participant-kicked" if is_kicked else "last-participant-left", member)
        elif member.wish.beep in ("true", "onExit"):
            self._beep(member)

    def miss(self, call: Call, wish: Wish) -> None:
        """One who was invited did not come; with nobody else there the conference is over."""
        if self.status == "completed":
            return
        self._tell_left(Member(self, call, wish), "participant_add_failed")
        if not self.members:
            self.end("last-participant-left")

    def _tell_left(self, member: Member, reason: Left) -> None:
        more: dict[str, str] = {"ReasonParticipantLeft": reason, "ParticipantCallStatus": member.call.status}
        self.tell("participant-leave", member, more)

    def end(self, reason: Ended, member: Member | None = None) -> None:
        """It is over for all; each call goes on after its Dial."""
        if self.status == "completed":
            return
        self.status = "completed"
        self.reason = reason
        self.ended_by = member.call.sid if member is not None else ""
        why: Left = "moderator_ended_conference" if member is not None else "conference_ended_via_api"
        for other in tuple(self.members.values()):
            del self.members[other.call.sid]
            self._tell_left(other, why)
            if not other.left.done():
                other.left.set_result(why)
        form: dict[str, str] = {"ReasonConferenceEnded": reason}
        if member is not None:
            form["CallSidEndingConference"] = member.call.sid
            if member.wish.label:
                form["ParticipantLabelEndingConference"] = member.wish.label
        self.tell("conference-end", None, form)

    def change(
        self, member: Member, *, muted: bool | None = None, held: bool | None = None, ends: bool | None = None
    ) -> None:
        """Mute, hold or modify a member; events are told only for what really changes."""
        if muted is not None and muted != member.wish.is_muted:
            member.wish.is_muted = muted
            self.tell("participant-mute" if muted else "participant-unmute", member)
        if held is not None and held != member.is_held:
            member.is_held = held
            member.aside = None
            self.tell("participant-hold" if held else "participant-unhold", member)
        if ends is not None and ends != member.wish.ends:
            member.wish.ends = ends
            self.tell("participant-modify", member)

    def tell(self, event: str, member: Member | None, more: dict[str, str] | None = None) -> None:
        """Report an event to the one address the first member named."""
        self.updated = datetime.now(UTC)
        callback = self._callback
        if callback is None or _EVENTS[event] not in callback.events:
            return
        form = {
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "AccountSid": self._hub.settings.account_sid,
            "SequenceNumber": str(self._sequence),
            "Timestamp": format_datetime(datetime.now(UTC)),
            "StatusCallbackEvent": event,
        }
        self._sequence += 1
        if member is not None:
            form |= _described(member)
        sid = member.call.sid if member is not None else ""
        self._hub.spawn(post_callback(self._hub, callback.url, form | (more or {}), callback.method, sid))

    def _beep(self, cause: Member) -> None:
        for member in self.members.values():
            if member is not cause and member.aside is None:
                member.aside = sound.Player(sound.beep())


def _described(member: Member) -> dict[str, str]:
    wish = member.wish
    form = {
        "CallSid": member.call.sid,
        "Muted": _word(wish.is_muted),
        "Hold": _word(member.is_held),
        "Coaching": _word(bool(wish.coach)),
        "EndConferenceOnExit": _word(wish.ends),
        "StartConferenceOnEnter": _word(wish.starts),
    }
    return form | ({"ParticipantLabel": wish.label} if wish.label else {})


def _word(value: bool) -> str:
    return "true" if value else "false"


def open_conference(hub: Hub, name: str, callback: Callback | None) -> Conference:
    """The conference of this name that is going on, or a new one."""
    for conference in hub.conferences.values():
        if conference.name == name and conference.status != "completed":
            return conference
    return Conference(hub, name, callback)
