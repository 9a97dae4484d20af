"""What the caller may say or key now, made from the step, the site and what was denied before."""

from __future__ import annotations

from ivr.actions import Expectation, Option
from ivr.dialogue.state import Errand, State
from ivr.flow.model import AnyStep, Ask, Book, Collect, Confirm, Timers
from ivr.nlu.phrases import COMMANDS, MENU, NO, PLACE, YES

NO_INPUT_MS = 5_000
"""Silence after the end of a prompt (field default 3 to 5 s)."""
BETWEEN_KEYS_MS = 3_000
"""Between keys while more may come (VoiceXML platforms' interdigittimeout)."""
COMPLETE_MS = 300
CONFIDENT_MS = 600
INCOMPLETE_MS = 1_200
INCOMPLETE_DIGITS_MS = 2_000
MAX_SPEECH_MS = 20_000
SHORTEST_NUMBER, LONGEST_NUMBER = 6, 17
"""Digits of a telephone number as it may be keyed, with 00 and the country's code."""
YES_NO = (Option(name="yes", phrases=YES, key="1"), Option(name="no", phrases=NO, key="2"))


def step_of(book: Book, state: State) -> AnyStep | None:
    """The step the call stands in; none before the first and after the last."""
    if not state.stack:
        return None
    frame = state.stack[-1]
    flow = book.flows.get(frame.flow)
    return flow.steps.get(frame.step) if flow else None


def expectation(book: Book, state: State) -> Expectation | None:
    """What is listened for in this state; none where speech does not matter."""
    if state.phase == "waiting":
        return _waiting(book, state.waiting.errand if state.waiting else None)
    if state.phase == "called_back":
        return Expectation(kind="choice", options=YES_NO, language=book.site.language)
    step = step_of(book, state)
    if state.phase != "asking" or not isinstance(step, Ask | Collect | Confirm):
        return None
    return _asking(book, state, step)


def no_input_ms(book: Book, step: AnyStep | None) -> int:
    return _timer(book, step, "no_input", NO_INPUT_MS)


def between_keys_ms(book: Book, step: AnyStep | None) -> int:
    return _timer(book, step, "between_keys", BETWEEN_KEYS_MS)


def _asking(book: Book, state: State, step: Ask | Collect | Confirm) -> Expectation:
    is_digits = isinstance(step, Collect) and not state.visit.doubt
    low, high = step.bounds() if isinstance(step, Collect) else (0, 0)
    so_far = len(state.visit.entry)
    return Expectation(
        kind="digits" if is_digits else "choice",
        options=_options(state, step),
        commands=commands(book),
        min_digits=max(1, low - so_far) if is_digits else 0,
        max_digits=max(1, high - so_far) if is_digits else 0,
        check=step.check or "" if isinstance(step, Collect) and is_digits and not so_far else "",
        denied=state.denied.get(step.collect, ()) if isinstance(step, Collect) and is_digits else (),
        is_open=isinstance(step, Ask) and step.open and not state.visit.doubt,
        is_secret=isinstance(step, Collect) and step.secret,
        language=book.site.language,
        complete_ms=_timer(book, step, "complete", COMPLETE_MS),
        confident_ms=_timer(book, step, "confident", CONFIDENT_MS),
        incomplete_ms=_timer(book, step, "incomplete", INCOMPLETE_DIGITS_MS if is_digits else INCOMPLETE_MS),
        max_speech_ms=_timer(book, step, "max_speech", MAX_SPEECH_MS),
    )


def _options(state: State, step: Ask | Collect | Confirm) -> tuple[Option, ...]:
    """Options of the question on the line. While a doubt is asked back, yes and no come first."""
    own: tuple[Option, ...] = ()
    if isinstance(step, Ask):
        barred = {*state.visit.denied, state.visit.doubt}
        own = tuple(
            Option(name=name, phrases=choice.phrases, key="" if state.visit.doubt else choice.key or "")
            for name, choice in step.choices.items()
            if name not in barred
        )
    if state.visit.doubt:
        taken = {phrase for option in YES_NO for phrase in option.phrases}
        rest = tuple(
            Option(name=o.name, phrases=tuple(p for p in o.phrases if p not in taken))
            for o in own
            if o.name not in ("yes", "no")
        )
        return YES_NO + rest
    return YES_NO if isinstance(step, Confirm) else own


def commands(book: Book) -> tuple[Option, ...]:
    return tuple(Option(name=name, phrases=book.site.commands.get(name, ())) for name in COMMANDS)


def _waiting(book: Book, errand: Errand | None) -> Expectation | None:
    """While waiting: what a caller may ask for, and the answer to what is being settled; none while a hand works
    or a message is spoken."""
    kind = errand.kind if errand else ""
    if kind in ("booking", "record", "recording", "keeping"):
        return None
    said, asked = book.site.commands, book.site.while_waiting
    is_digits = kind == "ask_number"
    return Expectation(
        kind="digits" if is_digits else "choice" if errand else "commands",
        options=YES_NO if errand and not is_digits else (),
        commands=(
            Option(name="call_me_back", phrases=asked.get("call_me_back", ()), key="1"),
            Option(name="leave_message", phrases=asked.get("leave_message", ()), key="2"),
            Option(
                name="repeat", phrases=said.get("repeat", ()) + PLACE + asked.get("how_long", ()), key="9"
            ),
            Option(name="restart", phrases=said.get("restart", ()) + said.get("back", ()) + MENU, key="*"),
            Option(name="agent", phrases=said.get("agent", ()), key="0"),
        ),
        min_digits=SHORTEST_NUMBER if is_digits else 0,
        max_digits=LONGEST_NUMBER if is_digits else 0,
        language=book.site.language,
        incomplete_ms=INCOMPLETE_DIGITS_MS if is_digits else INCOMPLETE_MS,
    )


def _timer(book: Book, step: AnyStep | None, name: str, default_ms: int) -> int:
    """The step's own timer, else the site's, else the default."""
    for timers in (getattr(step, "timers", Timers()), book.site.timers):
        own: int | None = getattr(timers, name)
        if own is not None:
            return own
    return default_ms
