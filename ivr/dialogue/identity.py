"""How well the caller is known: what proves it, while what it was proved by stays as it was, and what it opens.

Somebody who proved to be the holder of one account is nobody yet for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ivr.dialogue.state import Proof
from ivr.dialogue.turn import Turn
from ivr.flow.model import IDENTITIES, Identity, LookUp, Run
from ivr.flow.site import Book
from ivr.flow.template import reads

IDENTIFY = "identify"
"""Kind of the aside in which a caller proves who they are."""
REFUSED = "The caller could not prove who they are."
"""Why a person is needed, where a step needs a caller who is known better."""


def suffices(turn: Turn) -> bool:
    """Whether the caller is known well enough for the step the call stands in."""
    return IDENTITIES.index(turn.state.identity) >= IDENTITIES.index(_needed(turn))


def flow_for(turn: Turn) -> str | None:
    """The flow of the site by which a caller becomes known so well: that of the lowest level that is enough."""
    ways = turn.book.site.identify
    return next(
        (ways[level] for level in IDENTITIES[IDENTITIES.index(_needed(turn)) :] if level in ways), None
    )


def prove(turn: Turn, level: Identity, templates: Iterable[str]) -> None:
    """The caller is known so well, for as long as all that the ``templates`` read keeps its value.

    Secrets count for nothing: they are forgotten at once.
    """
    fields, secrets = turn.state.fields, turn.state.secrets
    paths = {path for template in templates for path in reads(template)}
    by = {".".join(path): _at(fields, path) for path in paths if path[0] in fields and path[0] not in secrets}
    others = tuple(proof for proof in turn.state.proofs if proof.level != level)
    _set(turn, (*others, Proof(level=level, by=by)))


def asked_for_proof(book: Book) -> Iterator[str]:
    """The templates that say whose proof a look-up asks for: whoever checks a caller has checked the same."""
    for step in (step for flow in book.flows.values() for step in flow.steps.values()):
        if isinstance(step, LookUp) and step.proves is not None:
            yield from step.with_.values()


def check(turn: Turn) -> None:
    """Forget what was proved by something that has another value since, or none."""
    fields = turn.state.fields
    held = tuple(
        proof
        for proof in turn.state.proofs
        if all(_at(fields, tuple(path.split("."))) == value for path, value in proof.by.items())
    )
    if held != turn.state.proofs:
        _set(turn, held)
        if not held:
            turn.set(name="")


def _needed(turn: Turn) -> Identity:
    """What the step needs, and every ``run`` by which its flow was come to; a proof itself needs nothing of these."""
    state = turn.state
    proving = [len(aside.below) for aside in state.asides if aside.kind == IDENTIFY]
    outer = state.stack[max(proving, default=0) : -1]
    steps = (turn.book.flows[frame.flow].steps[frame.step] for frame in outer)
    needs = (turn.step.needs, *(step.needs for step in steps if isinstance(step, Run)))
    return max(needs, key=IDENTITIES.index)


def _at(fields: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = fields
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _set(turn: Turn, proofs: tuple[Proof, ...]) -> None:
    levels = [proof.level for proof in proofs]
    turn.set(proofs=proofs, identity=max(levels, key=IDENTITIES.index, default="none"))
