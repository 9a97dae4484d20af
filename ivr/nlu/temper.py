"""Words of anger and weariness: a lexicon with weights, and whole sayings for what recognisers listen for.

English data, and what denies it; what it means in a sentence is ``mood``'s. The weights are our own judgement.
"""

from __future__ import annotations

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
    "for heaven sake", "poor service", "bad service", "not good enough", "stupid",
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

SAYINGS = (
    "this is ridiculous", "absolutely ridiculous", "this is unacceptable", "this is a joke",
    "this is a disgrace", "this is disgusting", "this is terrible", "this is awful", "this is not good enough",
    "this is so annoying", "this is so frustrating", "what a joke", "what a waste of time",
    "you are wasting my time", "stop wasting my time", "I am so angry", "I am really angry", "I am furious",
    "I am very upset", "I am fed up", "I am fed up with this", "I am sick of this",
    "I am sick and tired of waiting", "I have had enough", "I have had enough of this", "I am not happy",
    "I am very disappointed", "I am losing my patience", "you are useless", "you are all useless",
    "you idiots", "you stupid machine", "stupid machine", "stupid robot", "for god's sake", "shut up",
    "how dare you", "shame on you", "are you kidding me",
    "are you serious", "you must be joking", "I can't believe this", "that's unbelievable",
    "how many times do I have to tell you", "I have told you already", "I already told you that",
    "this is the third time I have called", "nobody helps me", "nobody calls me back", "nobody listens",
    "I have been waiting for weeks", "I want to speak to your manager", "let me speak to a manager",
    "put me through to a supervisor", "I want a real person now", "I hate this", "terrible service",
    "worst service ever", "the worst company", "your service is awful", "you lied to me", "it's a rip off",
    "I will never use you again", "I am closing my account", "you will hear from my lawyer",
)  # fmt: skip
"""What upset callers say to a machine, so that engines with a language model of the step's own can hear it."""
CURSES = (
    "bloody hell", "what the hell", "fucking hell", "for fuck's sake", "fuck off", "fuck you",
    "this is bullshit", "bullshit", "shit",
)  # fmt: skip
"""The same, of those whose words are so short that a recogniser finds them in anything: to be expected less."""


def is_denied(words: tuple[str, ...], at: int) -> bool:
    """Whether a denial stands shortly before the word at ``at``."""
    return not NOT.isdisjoint(words[max(0, at - REACH) : at])
