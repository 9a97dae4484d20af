"""What the caller may say or key now, made from the step, the site and what was denied before."""

from __future__ import annotations

from dataclasses import replace

from ivr.actions import Expectation, Option, Slot
from ivr.dialogue import fields, mood
from ivr.dialogue.fields import LONGEST_NUMBER, SHORTEST_NUMBER
from ivr.dialogue.state import Errand, State
from ivr.flow.model import AnyStep, Ask, Collect, Confirm, Form, Question, Spoken
from ivr.flow.site import Book
from ivr.nlu.phrases import COMMANDS, own

NO_INPUT_MS = 5_000
"""Silence after the end of a prompt (field default 3 to 5 s)."""
BETWEEN_KEYS_MS = 3_000
"""Between keys while more may come (VoiceXML platforms' interdigittimeout)."""
COMPLETE_MS = 300
CONFIDENT_MS = 600
INCOMPLETE_MS = 1_200
INCOMPLETE_DIGITS_MS = 2_000
MAX_SPEECH_MS = 20_000
ARTICLES = ("the", "a", "an", "your", "my")
CHANGE = "change:"
"""Begins the name of an option that calls a field of a form wrong."""


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
        return Expectation(kind="choice", options=yes_no(book), language=book.site.language)
    step = step_of(book, state)
    if state.phase != "asking" or not isinstance(step, Question):
        return None
    return _asking(book, state, step)


def no_input_ms(book: Book, step: AnyStep | None) -> int:
    return _timer(book, step, "no_input", NO_INPUT_MS)


def between_keys_ms(book: Book, step: AnyStep | None) -> int:
    return _timer(book, step, "between_keys", BETWEEN_KEYS_MS)


def _asking(book: Book, state: State, step: Question) -> Expectation:
    is_digits = isinstance(step, Collect) and step.type == "digits" and not state.visit.doubt
    slots = _slots(book, state, step) if isinstance(step, Collect | Form) and not is_digits else ()
    common = Expectation(
        kind="values" if slots else "choice",
        options=_options(book, state, step),
        slots=slots,
        commands=commands(book),
        is_open=isinstance(step, Ask) and step.open and not state.visit.doubt,
        words=tuple((word.lower(), like or "") for word, like in book.site.vocabulary.items()),
        is_secret=isinstance(step, Collect | Form) and fields.has_secret(step),
        is_reranked="re-ranking" not in book.without,
        is_mood_heard=mood.is_voice_heard(book),
        language=book.site.language,
        complete_ms=_timer(book, step, "complete", COMPLETE_MS),
        confident_ms=_timer(book, step, "confident", CONFIDENT_MS),
        incomplete_ms=_timer(book, step, "incomplete", _incomplete_ms(slots, is_digits=is_digits)),
        max_speech_ms=_timer(book, step, "max_speech", MAX_SPEECH_MS),
    )
    if slots:
        day = fields.today(book, state)
        return replace(common, today=day.isoformat() if day else "")
    return _digits(state, step, common) if isinstance(step, Collect) and is_digits else common


def _digits(state: State, step: Collect, common: Expectation) -> Expectation:
    low, high = step.bounds()
    so_far = len(state.visit.entry)
    return replace(
        common,
        kind="digits",
        min_digits=max(1, low - so_far),
        max_digits=max(1, high - so_far),
        check=step.check or "" if not so_far else "",
        denied=state.denied.get(step.collect, ()),
        heard=state.heard.get(step.collect, ()) if not so_far else (),
        is_in_data=fields.is_in_data(state, step) and not so_far,
    )


def _slots(book: Book, state: State, step: Collect | Form) -> tuple[Slot, ...]:
    """What may be said for every field, the asked ones first.

    While a yes or a no answers the question on the line, it is the value of no field.
    """
    visit = state.visit
    names = _asked(state, step)
    is_yes_no = bool(visit.doubt) or visit.stage == "read_back"
    return tuple(
        fields.slot(book, state, name, field, known=_known(state, step, name), is_asked=name in names)
        for name, field in sorted(fields.of(step).items(), key=lambda item: item[0] not in names)
        if not (is_yes_no and field.type == "yes_no")
    )


def _asked(state: State, step: Collect | Form) -> tuple[str, ...]:
    """The fields that the question on the line is about: at the opening of a form all it must know."""
    visit = state.visit
    if visit.doubt:
        return (visit.guesses[0].field,)
    if isinstance(step, Collect) or visit.field:
        return (fields.asked(step, state),)
    if visit.stage == "read_back":
        return ()
    return tuple(
        name for name, field in step.form.items() if visit.stage == "change" or not field.is_optional
    )


def _known(state: State, step: Collect | Form, name: str) -> str:
    """A ``collect`` step asks anew whatever was answered before; a form keeps what it has."""
    return fields.known(state, name) if isinstance(step, Form) or state.visit.doubt else ""


def _incomplete_ms(slots: tuple[Slot, ...], *, is_digits: bool) -> int:
    """Strings of digits and letters are said in groups, with pauses between them."""
    is_string = is_digits or any(
        slot.type in ("digits", "letters", "phone") for slot in slots if slot.is_asked
    )
    return INCOMPLETE_DIGITS_MS if is_string else INCOMPLETE_MS


def _options(book: Book, state: State, step: Question) -> tuple[Option, ...]:
    """Options of the question on the line. While a doubt or a whole form is asked back, yes and no come first."""
    if isinstance(step, Form):
        return _answers(book, state, step) + _changes(book, state, step)
    choices: tuple[Option, ...] = ()
    if isinstance(step, Ask):
        barred = {*state.visit.denied, state.visit.doubt}
        choices = tuple(
            Option(name=name, phrases=choice.phrases, key="" if state.visit.doubt else choice.key or "")
            for name, choice in step.choices.items()
            if name not in barred
        )
    if state.visit.doubt:
        taken = {phrase for option in yes_no(book) for phrase in option.phrases}
        rest = tuple(
            Option(name=o.name, phrases=tuple(p for p in o.phrases if p not in taken))
            for o in choices
            if o.name not in ("yes", "no")
        )
        return yes_no(book) + rest
    return yes_no(book) if isinstance(step, Confirm) else choices


def _answers(book: Book, state: State, step: Form) -> tuple[Option, ...]:
    """Yes and no to what a form asks back; a bare no also to the value the caller was told of in passing."""
    yes, no = yes_no(book)
    if state.visit.doubt or state.visit.stage == "read_back":
        return yes, no
    may_deny = bool(state.visit.told) and step.form[fields.asked(step, state)].type != "yes_no"
    return (replace(no, key=""),) if may_deny else ()


def _changes(book: Book, state: State, step: Form) -> tuple[Option, ...]:
    """What the caller may call wrong: each field that is known; by its bare name, or a key, once that is asked."""
    is_asked = state.visit.stage == "change" and not state.visit.doubt
    said = own(book.site.language)
    ways = said.labels + said.changes if is_asked else said.changes
    return tuple(
        Option(
            name=CHANGE + name,
            phrases=tuple(way.format(label=_bare(fields.label(step, name))) for way in ways),
            key=str(at) if is_asked and at <= fields.MOST_KEYS else "",
        )
        for at, name in enumerate(step.form, 1)
        if is_asked or name in state.fields
    )


def yes_no(book: Book) -> tuple[Option, ...]:
    said = own(book.site.language)
    return Option(name="yes", phrases=said.yes, key="1"), Option(name="no", phrases=said.no, key="2")


def _bare(label: str) -> str:
    """A label without its article, which the ways to say it bring."""
    first, _, rest = label.partition(" ")
    return rest if rest and first.lower() in ARTICLES else label


def commands(book: Book) -> tuple[Option, ...]:
    """The commands that work everywhere; only "slower" has words of its own where a site gives none."""
    slower = own(book.site.language).slower
    return tuple(
        Option(name=name, phrases=book.site.commands.get(name, slower if name == "slower" else ()))
        for name in COMMANDS
    )


def _waiting(book: Book, errand: Errand | None) -> Expectation | None:
    """While waiting: what a caller may ask for, and the answer to what is being settled; none while a hand works
    or a message is spoken."""
    kind = errand.kind if errand else ""
    if kind in ("booking", "record", "recording", "keeping"):
        return None
    said, asked, ours = book.site.commands, book.site.while_waiting, own(book.site.language)
    is_digits = kind == "ask_number"
    return Expectation(
        kind="digits" if is_digits else "choice" if errand else "commands",
        options=yes_no(book) if errand and not is_digits else (),
        commands=(
            Option(name="call_me_back", phrases=asked.get("call_me_back", ()), key="1"),
            Option(name="leave_message", phrases=asked.get("leave_message", ()), key="2"),
            Option(
                name="repeat",
                phrases=said.get("repeat", ()) + ours.place + asked.get("how_long", ()),
                key="9",
            ),
            Option(
                name="restart", phrases=said.get("restart", ()) + said.get("back", ()) + ours.menu, key="*"
            ),
            Option(name="agent", phrases=said.get("agent", ()), key="0"),
        ),
        min_digits=SHORTEST_NUMBER if is_digits else 0,
        max_digits=LONGEST_NUMBER if is_digits else 0,
        language=book.site.language,
        incomplete_ms=INCOMPLETE_DIGITS_MS if is_digits else INCOMPLETE_MS,
    )


def _timer(book: Book, step: AnyStep | None, name: str, default_ms: int) -> int:
    """The timer of the step (loading gives it the site's where it has none of its own), else the default."""
    own: int | None = getattr(step.timers if isinstance(step, Spoken) else book.site.timers, name)
    return default_ms if own is None else own
