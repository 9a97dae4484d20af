"""Carrier phrases: what people say around a short answer, and what follows a yes or a no.

English, for an engine that hears only what it listens for. What the whole then means is ``nlu``'s.
"""

from __future__ import annotations

from ivr.speech.nets import Net, Opt, alt, seq

LED, CLOSED = 0.2, 0.2
"""Chances that words stand before a short answer, and behind it."""
LEADS = (
    "um", "uh", "er", "oh", "ah", "well", "so", "okay", "hi", "hello", "just", "the", "it's", "it is", "that's",
    "i think", "i want", "i need", "i'd like", "i would like", "can i have", "could i have", "can i get", "give me",
    "for", "to", "well i think", "um i'd like", "my", "i'd like to talk to", "i want to talk to", "put me through to",
    "i want to speak to", "can i speak to", "can i talk to", "could i speak to", "could i talk to", "connect me to",
    "can you put me through to", "could you put me through to", "hi can i speak to", "i'm calling about",
    "it's about", "i have a question about", "get me",
)  # fmt: skip
ENDS = (
    "please",
    "thanks",
    "thank you",
    "then",
    "now",
    "i think",
    "i guess",
    "please thank you",
    "if you can",
)

_WHO = ("i", "we", "they", "you")
_IT = ("it", "that", "this", "he", "she")
_LINKS: tuple[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (_WHO, (("do", "don't"), ("did", "didn't"), ("have", "haven't"), ("would", "wouldn't"), ("will", "won't"),
            ("can", "can't"), ("could", "couldn't"), ("should", "shouldn't"))),
    (_IT, (("is", "isn't"), ("was", "wasn't"), ("does", "doesn't"), ("did", "didn't"), ("has", "hasn't"),
           ("will", "won't"), ("would", "wouldn't"))),
    (("we", "you", "they"), (("are", "aren't"), ("were", "weren't"))),
    (("i",), (("am", "am not"), ("was", "wasn't"))),
)  # fmt: skip
"""Who, and what is said of them to agree and to deny."""
_DOES = alt(*(f"{who} {does}" for people, links in _LINKS for who in people for does, _ in links))
_DOES_NOT = alt(
    *(
        f"{who} {denied}"
        for people, links in _LINKS
        for who in people
        for does, short in links
        for denied in dict.fromkeys((short, f"{does} not"))
    ),
    "that's not",
    "it's not",
    "i'm not",
)
_GOOD = ("right", "correct", "fine", "it", "the one", "okay", "good", "true")
_YEAH, _NOPE = alt("yes", "yeah", "yep"), alt("no", "nope", "nah")
_SURELY = alt("of course", "sure", "certainly", "definitely", "absolutely", "go ahead")
_YES = alt(
    (seq(_YEAH, alt(_DOES, ("that's", 0.5), ("it's", 0.5)), Opt(alt(*_GOOD, "indeed"), 0.4)), 3.0),
    (seq(_DOES, Opt(alt(*_GOOD, "indeed"), 0.3)), 1.0),
    (seq(_YEAH, _SURELY), 1.0),
)
_RATHER_NOT = alt("sorry", "not", "i'm afraid not", "i'd rather not", "not yet", "not this time")
_NO = alt(
    (seq(_NOPE, _DOES_NOT, Opt(alt(*_GOOD, "at all", "think so"), 0.4)), 3.0),
    (seq(_DOES_NOT, Opt(alt(*_GOOD, "at all", "think so", "want to", "want that"), 0.4)), 1.0),
    (seq(Opt(alt("no", "nope"), 0.5), _RATHER_NOT), 1.0),
)


def around(said: Net) -> Net:
    """A short answer as people say it, with what stands before and behind it."""
    return seq(Opt(alt(*LEADS), LED), said, Opt(alt(*ENDS), CLOSED))


def answers(name: str) -> Net | None:
    """More ways to say an option of this name, where it is yes or no."""
    return {"yes": _YES, "no": _NO}.get(name)
