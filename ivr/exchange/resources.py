"""Calls, conferences and participants as Twilio's REST API writes them. Only shapes.

Source: the account API's OpenAPI document, github.com/twilio/twilio-oai, twilio_api_v2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ivr.exchange.calls import Call
    from ivr.exchange.conference import Conference, Member

VERSION = "2010-04-01"


def path(account: str, *parts: str) -> str:
    """The path of a resource of the account."""
    return "/".join(("", VERSION, "Accounts", account, *parts)) + ".json"


def call_json(call: Call) -> dict[str, Any]:
    account = call.hub.settings.account_sid
    return {
        "sid": call.sid,
        "account_sid": account,
        "parent_call_sid": call.parent.sid if call.parent is not None else None,
        "to": call.to,
        "to_formatted": call.to,
        "from": call.from_,
        "from_formatted": call.from_,
        "phone_number_sid": None,
        "status": "queued" if call.status == "initiated" else call.status,
        "direction": call.direction,
        "date_created": _date(call.created),
        "date_updated": _date(call.finished or call.started or call.created),
        "start_time": _date(call.started),
        "end_time": _date(call.finished),
        "duration": str(call.duration_s) if call.finished is not None else None,
        "price": None,
        "price_unit": "USD",
        "answered_by": None,
        "annotation": None,
        "api_version": VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": path(account, "Calls", call.sid),
        "subresource_uris": {},
    }


def conference_json(conference: Conference, account: str) -> dict[str, Any]:
    return {
        "sid": conference.sid,
        "account_sid": account,
        "friendly_name": conference.name,
        "status": conference.status,
        "region": "us1",
        "api_version": VERSION,
        "date_created": _date(conference.created),
        "date_updated": _date(conference.updated),
        "reason_conference_ended": conference.reason or None,
        "call_sid_ending_conference": conference.ended_by or None,
        "uri": path(account, "Conferences", conference.sid),
        "subresource_uris": {"participants": path(account, "Conferences", conference.sid, "Participants")},
    }


def participant_json(member: Member) -> dict[str, Any]:
    wish = member.wish
    joined = _date(member.joined)
    return _participant(member.call, member.conference) | {
        "label": wish.label or None,
        "call_sid_to_coach": wish.coach or None,
        "coaching": bool(wish.coach),
        "date_created": joined,
        "date_updated": joined,
        "end_conference_on_exit": wish.ends,
        "start_conference_on_enter": wish.starts,
        "muted": wish.is_muted,
        "hold": member.is_held,
        "status": "connected",
    }


def invited_json(call: Call, conference: Conference, label: str) -> dict[str, Any]:
    """A participant whose phone has not been answered yet."""
    created = _date(call.created)
    return _participant(call, conference) | {
        "label": label or None,
        "call_sid_to_coach": None,
        "coaching": False,
        "date_created": created,
        "date_updated": created,
        "end_conference_on_exit": False,
        "start_conference_on_enter": True,
        "muted": False,
        "hold": False,
        "status": "queued",
    }


def _participant(call: Call, conference: Conference) -> dict[str, Any]:
    account = call.hub.settings.account_sid
    return {
        "account_sid": account,
        "call_sid": call.sid,
        "conference_sid": conference.sid,
        "queue_time": "0",
        "uri": path(account, "Conferences", conference.sid, "Participants", call.sid),
    }


def page(name: str, uri: str, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A list, all on one page."""
    return {
        name: items,
        "page": 0,
        "page_size": max(50, len(items)),
        "start": 0,
        "end": max(0, len(items) - 1),
        "first_page_uri": uri,
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": uri,
    }


def _date(when: datetime | None) -> str | None:
    return format_datetime(when) if when is not None else None
