"""Names of people: "my name is Ada Lovelace", "it's Ada", "Lovelace, spelled L O V E L A C E".

Any words may be a name where one is asked for; elsewhere it must be introduced. Capitals are put where names have
them.
"""

from __future__ import annotations

from ivr.actions import Slot
from ivr.nlu import letters
from ivr.nlu.normalise import POLITE, is_number
from ivr.nlu.spans import Found, Line, starts

INTRODUCTIONS = (
    ("my", "full", "name", "is"), ("my", "last", "name", "is"), ("my", "first", "name", "is"),
    ("my", "name", "is"), ("the", "name", "is"), ("name", "is"), ("my", "name"), ("i", "am", "called"),
    ("call", "me"), ("this", "is"), ("it", "is"), ("that", "is"), ("i", "am"), ("you", "are", "speaking", "to"),
    ("speaking", "to"), ("i", "said"), ("for",),
    ("我", "叫"), ("我", "的", "名", "字", "是"), ("我", "的", "名", "字", "叫"), ("我", "是"),
)  # fmt: skip
PLAIN_ONLY = frozenset((("this", "is"), ("it", "is"), ("that", "is"), ("i", "am"), ("i", "said"), ("for",)))
"""Too common to introduce a name where none is asked for."""
ENDS = frozenset((
    "and", "but", "speaking", "here", "calling", "i", "my", "the", "is", "not", "no", "spelled", "spelt", "spelling",
    "that", "it", "sorry", "actually", "from", "with", "at", "on", "for", "about", "want", "would", "need", "have",
    "yes", "what", "where", "how", "when", "your", "a", "an", "do", "did", "can", "could", "you", "we", "they", "to",
    "of", "in", "was", "are", "am", "be", "there", "me", "know", "think", "why", "who", "or", "as", "if",
    "has", "had",
))  # fmt: skip
"""Words that no name holds: it ends before them."""
PARTICLES = frozenset(
    ("van", "von", "der", "den", "de", "la", "del", "da", "di", "bin", "al", "el", "ten", "ter")
)
SPELLED = frozenset(("spelled", "spelt", "spelling"))
TITLES = frozenset(("mr", "mrs", "ms", "miss", "mister", "doctor", "dr", "professor", "sir", "madam"))
"""Before a name, and no part of it."""
TAKE_BACK = (("no", "sorry"), ("no", "i", "mean"), ("sorry", "i", "mean"), ("no",), ("sorry",), ("i", "mean"))
"""Between a name and the one that is meant."""
MOST_WORDS = 5

INTRODUCED, PLAIN = 0.9, 0.75
"""Trust in a name that was introduced, and in one that was only said: every word could be one."""


def find(line: Line, slot: Slot) -> list[Found]:
    """The names a sentence introduces; where the slot is asked for, else the sentence itself."""
    found, at = [], 0
    while at < len(line.words):
        lead = next((lead for lead in INTRODUCTIONS if starts(line.words, at, lead)), ())
        if not lead or (lead in PLAIN_ONLY and not slot.is_asked):
            at += 1
            continue
        one = _name(line, at + len(lead), PLAIN if lead in PLAIN_ONLY else INTRODUCED)
        if one is not None:
            found.append(Found(at, one.end, one.readings, one.may_go_on))
            at = one.end
        else:
            at += 1
    plain = _name(line, 0, PLAIN) if not found and slot.is_asked else None
    whole = [plain] if plain is not None else found
    others, end = _instead(line, whole[-1].end) if whole else ([], 0)
    is_all = all(word in POLITE for word in line.words[end:])
    return [*whole, *others] if is_all else found


def _instead(line: Line, at: int) -> tuple[list[Found], int]:
    """The names said in place of the one that ends at ``at``, "Peter, no, Paul", and where the last of all ends."""
    found: list[Found] = []
    while lead := next((phrase for phrase in TAKE_BACK if starts(line.words, at, phrase)), ()):
        one = _name(line, at + len(lead), PLAIN)
        if one is None:
            break
        found.append(one)
        at = one.end
    return found, at


def _name(line: Line, at: int, trust: float) -> Found | None:
    """The name that begins at ``at``, politeness before it passed over."""
    words = line.words
    start = at
    while start < len(words) and words[start] in POLITE | TITLES:
        start += 1
    end = start
    while (
        end < len(words)
        and end - start < MOST_WORDS
        and words[end] not in ENDS
        and not is_number(words[end])
        and not _is_spelt(words, start, end)
    ):
        end += 1
    while end > start and words[end - 1] in POLITE:
        end -= 1
    raw = range(start, end)
    is_said = any(len(words[place]) > 1 or not words[place].isascii() for place in raw)
    if not is_said or not all(words[place].isalpha() for place in raw):
        return None
    parts = [line.raw[place] for place in raw]
    stop = end
    if stop < len(words) and _is_spelt(words, start, stop):
        parts, stop = _respelled(line, parts, stop)
    elif stop < len(words) and words[stop] in SPELLED:
        parts, stop = _respelled(line, parts, stop + 1)
    is_han = all("\u3400" <= part <= "\u9fff" for part in parts)
    text = ("" if is_han else " ").join(
        _written(part, is_first=not place) for place, part in enumerate(parts)
    )
    return Found(start, stop, ((text, trust),), may_go_on=end == len(words) and len(parts) < 2)


def _is_spelt(words: tuple[str, ...], start: int, at: int) -> bool:
    """True where at least three letters that begin as the word before them does follow a word: "Kim K I M"."""
    letters_ = [word for word in words[at : at + 3] if len(word) == 1 and word.isascii()]
    return at > start and len(letters_) == 3 and words[at - 1][:1] == letters_[0]


def _respelled(line: Line, parts: list[str], at: int) -> tuple[list[str], int]:
    """The name with its last word as the caller spells it from ``at`` on, and where that ends."""
    rest = Line(line.words[at:], line.raw[at:])
    spelled = letters.find(rest, Slot(name="", type="letters"))
    if not spelled or spelled[0].start > 1:
        return parts, at - 1
    return [*parts[:-1], str(spelled[0].readings[0][0])], at + spelled[0].end


def _written(part: str, *, is_first: bool) -> str:
    """A word of a name as names are written; one with capitals within stays as it is."""
    if not part.islower() and not part.isupper():
        return part
    lower = part.lower()
    if lower in PARTICLES and not is_first:
        return lower
    if lower.startswith("mc") and len(lower) > 3:
        return "Mc" + lower[2:].capitalize()
    return "'".join(
        piece.capitalize() if len(piece) > 1 or not at else piece for at, piece in enumerate(lower.split("'"))
    )
