"""When and whether a number may be called back: country, and hours by the callee's own zone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

from ivr.agents.rules import Rules
from ivr.agents.shapes import NotBooked

FIRST_HOUR, LAST_HOUR = 8, 21
"""Local hours between which a person may be called: 16 CFR 310.4(c) allows 8:00 to 21:00 at the called person's."""
STEP = timedelta(minutes=15)
"""Every zone in use is a multiple of this from UTC, and hours are judged no finer."""
HORIZON = timedelta(days=7)


def refusal(number: str, caller: str, countries: Sequence[str]) -> NotBooked:
    """Why ``number`` may not be called back, or "": the calling number itself, or one of an allowed country."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "number"
    if not phonenumbers.is_possible_number(parsed):
        return "number"
    codes = {country.removeprefix("+") for country in countries}
    if number != caller and str(parsed.country_code) not in codes:
        return "country"
    return ""


def next_window(number: str, rules: Rules, now_ms: int, not_before_ms: int = 0) -> tuple[int, int] | None:
    """The next time in which the number may be called, as begin and end in ms; None: not within seven days.

    It is then between 8 and 21 o'clock wherever the number may be, and the queue is open.
    """
    zones = _zones(number, rules.zone)
    earliest = datetime.fromtimestamp(max(now_ms, not_before_ms) / 1000, UTC)
    begin, last = earliest, earliest + HORIZON
    while not _is_allowed(begin, zones, rules):
        begin = _next_step(begin)
        if begin > last:
            return None
    end = _next_step(begin)
    while end < begin + timedelta(days=1) and _is_allowed(end, zones, rules):
        end += STEP
    return _ms(begin), _ms(end)


def _is_allowed(at: datetime, zones: Sequence[ZoneInfo], rules: Rules) -> bool:
    return rules.is_open(at) and all(FIRST_HOUR <= at.astimezone(zone).hour < LAST_HOUR for zone in zones)


def _zones(number: str, default: str) -> list[ZoneInfo]:
    """All zones the number may be in; the site's where nobody knows."""
    found: list[ZoneInfo] = []
    for name in timezone.time_zones_for_number(phonenumbers.parse(number)):
        try:
            found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            continue
    known = [zone for zone in found if zone.key != "Etc/Unknown"]
    return known or [ZoneInfo(default)]


def _next_step(at: datetime) -> datetime:
    return datetime.fromtimestamp((at.timestamp() // STEP.total_seconds() + 1) * STEP.total_seconds(), UTC)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
