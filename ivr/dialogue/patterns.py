"""What happens on every call and a site may shape as a flow of its own: silence, words that fit nothing, goodbye ...

Each such flow runs above the place where the call stands; when it is done the call goes on there. A site without
one has the machine's own words, and so has whatever happens inside such a flow.
"""

from __future__ import annotations

from typing import Any

from ivr.dialogue import steps
from ivr.dialogue.state import Aside
from ivr.dialogue.turn import Turn
from ivr.flow.site import Pattern


def run(turn: Turn, pattern: Pattern, *, then: str = "", **values: Any) -> bool:
    """Run the site's flow for ``pattern``; false where it has none, or such a flow runs already.

    When it is done the question it broke into is asked again; with ``then`` the flow goes on at that step instead.
    ``values`` may be read by its templates.
    """
    return _run(turn, Aside(kind=pattern, then="go" if then else "ask", target=then, values=values))


def miss(turn: Turn, pattern: Pattern, misses: int, texts: tuple[str, ...], *, is_own: bool) -> bool:
    """As ``run``, after which the question is asked with ``texts`` before it (``is_own``: in its place)."""
    return _run(turn, Aside(kind=pattern, then="ask", texts=texts, is_own=is_own, values={"misses": misses}))


def repeat(turn: Turn) -> bool:
    """As ``run``, after which everything since the caller's last answer is said again."""
    return _run(turn, Aside(kind="repeat", then="again"))


def cannot_help(turn: Turn, template: str, reason: str, why: str) -> None:
    """The machine cannot go on: a person, once the site's flow for that is done; ``template`` where it has none."""
    steps.go(turn, steps.cannot_help(turn, template, reason, why))


def goodbye(turn: Turn, outcome: str = steps.COMPLETED) -> None:
    """The site's last words, and the end of the call."""
    steps.go(turn, steps.part(turn, "", outcome))


def _run(turn: Turn, aside: Aside) -> bool:
    start = steps.step_aside(turn, aside)
    if start is None:
        return False
    steps.go(turn, start)
    return True
