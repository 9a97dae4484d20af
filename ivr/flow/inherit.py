"""What a step has from its flow and its site: timers, barge-in and voice, filled in once when a book is loaded.

So whoever runs a step reads the step alone. What a designer wrote in the step itself always wins.
"""

from __future__ import annotations

from typing import Any

from ivr.actions import BargeIn
from ivr.flow.model import AnyStep, Flow, Say, Spoken, Timers
from ivr.flow.site import Site


def inherit(flow: Flow, site: Site) -> Flow:
    """The flow with what its site sets for all, and each of its steps with what the flow then says."""
    barge_in, voice = flow.barge_in or site.barge_in, flow.voice or site.voice
    timers = _over(flow.timers, site.timers)
    steps = {name: _step(step, barge_in, voice, timers) for name, step in flow.steps.items()}
    return flow.model_copy(update={"barge_in": barge_in, "voice": voice, "timers": timers, "steps": steps})


def _step(step: AnyStep, barge_in: BargeIn | None, voice: str, timers: Timers) -> AnyStep:
    if not isinstance(step, Say | Spoken):
        return step
    update: dict[str, Any] = {"voice": step.voice or voice}
    if barge_in is not None and "barge_in" not in step.model_fields_set:
        update["barge_in"] = barge_in
    if isinstance(step, Spoken):
        update["timers"] = _over(step.timers, timers)
    return step.model_copy(update=update)


def _over(inner: Timers, outer: Timers) -> Timers:
    return outer.model_copy(update=inner.model_dump(exclude_none=True))
