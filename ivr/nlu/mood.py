"""How upset a caller's words are, by a plain lexicon with negation: a score and the words it rests on.

Provisional: the list and its weights are our own judgement and were never measured on upset callers; measured
models replace it. Of ordinary requests it takes few for upset (threshold 0.6: 5 of 10,004 of BANKING77, by
customers who are, and 3 of 18,200 of CLINC150; ``tests/nlu``). Knows English words only, and nothing of the voice.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.nlu.normalise import content, tokens


@dataclass(frozen=True, slots=True)
class Mood:
    """0 calm .. 1 as upset as can be, and what weighed, heaviest first."""

    score: float
    words: tuple[str, ...] = ()


FOUL = (
    "fuck", "fucking", "fucked", "shit", "shitty", "bullshit", "bastard", "bastards", "arsehole", "asshole",
    "wankers", "piss off", "pissed off", "screw you", "go to hell", "idiot", "idiots", "morons",
    "stupid machine", "stupid robot", "bloody useless", "furious", "livid", "fuming", "outraged", "disgusted",
    "shame on you", "how dare you", "hate you", "sick and tired",
)  # fmt: skip
"""Swearing, insults, and what a caller says of their own fury: enough alone."""
STRONG = (
    "outrageous", "disgusting", "disgrace", "disgraceful", "unacceptable", "ridiculous", "pathetic",
    "appalling", "appalled", "scandal", "scandalous", "useless", "fed up", "sick of", "had enough",
    "had it with", "last straw", "worst", "terrible", "horrible", "rip off", "ripped off", "thieves", "liars",
    "lied to", "lying to me", "shambles", "what a joke", "is a joke", "beyond a joke", "incompetent", "angry",
    "waste of time", "wasting my time", "driving me mad", "driving me crazy", "losing my patience",
    "never again", "hate this", "what the hell", "bollocks", "crap", "goddamn", "damn", "bloody",
)  # fmt: skip
"""Enough with any second one, or said with force."""
MILD = (
    "annoyed", "annoying", "frustrated", "frustrating", "upset", "disappointed", "disappointing", "unhappy",
    "awful", "rude", "nobody cares", "no one cares", "nobody helps", "nobody is helping", "nobody listens",
    "again and again", "over and over", "every single time", "for weeks", "for months", "third time",
    "fourth time", "fifth time", "hundred times", "still waiting", "keep telling", "already told you",
    "i told you", "are you listening", "are you deaf", "for the last time", "for goodness sake", "for god sake",
    "for heaven sake", "poor service", "bad service", "complain", "complaint", "not good enough", "stupid",
    "nonsense", "rubbish", "scam", "sue you",
)  # fmt: skip
"""Weigh only beside others: many a calm caller says them."""
GOOD = (
    "happy", "satisfied", "pleased", "acceptable", "helpful", "helping", "impressed", "amused", "fair",
    "right that", "okay with", "good enough",
)  # fmt: skip
"""Words that speak of an upset caller only where they are denied."""
WEIGHTS = {**dict.fromkeys(MILD, 0.25), **dict.fromkeys(STRONG, 0.48), **dict.fromkeys(FOUL, 0.65)}
DENIED = 0.3
"""Weight of a good word that is denied."""
NOT = frozenset((
    "not", "never", "no", "hardly", "without", "nothing", "neither", "nor", "none",
))  # fmt: skip
REACH = 3
"""Words before a hit within which a denial counts."""
VERY = frozenset((
    "very", "so", "really", "absolutely", "completely", "totally", "extremely", "utterly", "bloody",
    "fucking", "incredibly", "beyond", "such", "just", "complete", "total", "utter", "absolute",
))  # fmt: skip
STRONGER = 1.35
"""What a word like "absolutely" right before a hit multiplies its weight by."""
AGAIN, MOST_AGAIN = 0.12, 0.36
"""For each time the caller has said much the same before."""
MISSED, MOST_MISSED = 0.04, 0.16
"""For each time the machine has not understood."""
ALIKE = 0.6
"""Share of words in common from which on two sentences are the same request."""


def read(text: str, *, before: tuple[str, ...] = (), misses: int = 0) -> Mood:
    """The mood of one utterance. ``before``: what the caller has said so far; ``misses``: not understood so far.

    Being asked again alone never makes anybody upset: repetition and misses add to words that are there.
    """
    words = tokens(text)
    hits = _hits(words)
    if not hits:
        return Mood(0.0)
    calm = 1.0
    for _, weight in hits:
        calm *= 1 - weight
    named = [phrase for phrase, _ in sorted(hits, key=lambda hit: -hit[1])]
    repeats = sum(_is_alike(words, tokens(each)) for each in before)
    if repeats:
        calm *= 1 - min(MOST_AGAIN, repeats * AGAIN)
        named.append("said before")
    if misses:
        calm *= 1 - min(MOST_MISSED, misses * MISSED)
        named.append("not understood")
    return Mood(round(1 - calm, 2), tuple(dict.fromkeys(named)))


def _hits(words: tuple[str, ...]) -> list[tuple[str, float]]:
    """Phrases of the lexicon in the words, longest first at each place, with their weights here."""
    hits: list[tuple[str, float]] = []
    at = 0
    while at < len(words):
        found = next((size for size in range(_LONGEST, 0, -1) if words[at : at + size] in _PHRASES), 0)
        if found:
            weight = _weight(words, at, _PHRASES[words[at : at + found]])
            if weight:
                denied = "not " if weight == DENIED else ""
                hits.append((denied + " ".join(words[at : at + found]), weight))
        at += found or 1
    return hits


def _weight(words: tuple[str, ...], at: int, weight: float) -> float:
    """What a hit at ``at`` weighs; a good word has weight 0 of its own, and counts where it is denied."""
    is_denied = any(word in NOT for word in words[max(0, at - REACH) : at])
    if weight == 0:
        return DENIED if is_denied else 0.0
    if is_denied:
        return 0.0
    return min(0.9, weight * STRONGER) if at and words[at - 1] in VERY else weight


def _is_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    first, second = set(content(one)), set(content(other))
    return len(first) > 1 and len(first & second) >= ALIKE * len(first | second)


_PHRASES: dict[tuple[str, ...], float] = {
    tokens(phrase): weight for phrase, weight in (*WEIGHTS.items(), *((good, 0.0) for good in GOOD))
}
_LONGEST = max(map(len, _PHRASES))
