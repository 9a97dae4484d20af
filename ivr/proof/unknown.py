"""Words of the flows that the recogniser does not know, each with how it may sound, for the site's ``vocabulary``.

A proposal only: by English letters, and by two ordinary words that make up the unknown one.
"""

from __future__ import annotations

from collections.abc import Iterable

from ivr.flow.faults import Notes
from ivr.flow.site import Book
from ivr.proof.options import Said, questions
from ivr.speech.lexicon import guess
from ivr.speech.stt import Recogniser, words_of

_SHORTEST = 2
"""Letters of a part that an unknown word is made of."""


async def unknown(book: Book, recogniser: Recogniser, notes: Notes) -> None:
    """Notes ``unknown-word`` where each such word stands first. Words under ``vocabulary`` are known. Raises
    SpeechError."""
    places: dict[str, Said] = {}
    for asked in questions(book):
        for said in asked.said:
            for word in words_of(said.phrase) if said.is_own else ():
                places.setdefault(word, said)
    listed = {word.lower() for word in book.site.vocabulary}
    missing = sorted((await recogniser.unknown(places)) - listed)
    parts = {part for word in missing for pair in _splits(word) for part in pair}
    strange = await recogniser.unknown(parts) if parts else frozenset()
    for word in missing:
        said = places[word]
        sounds = "".join(guess(word)[:1])
        found = f"{word!r}, which {recogniser.engine} does not know"
        found += f"; by its letters it sounds {sounds}" if sounds else ""
        like = proposal(word, strange)
        written = f"{word!r}: {like}" if like else f"{word!r}, a colon, and words that sound like it"
        remedy = f"Write under vocabulary of site.yaml how it sounds in ordinary words: {written}."
        notes.warning(said.owner, said.path, found, "words that it knows", remedy, "unknown-word")


def proposal(word: str, strange: Iterable[str]) -> str:
    """Two words that make up this one, the longer as long as can be; '' where none but ``strange`` ones do."""
    strange = frozenset(strange)
    pairs = [pair for pair in _splits(word) if strange.isdisjoint(pair)]
    return " ".join(max(pairs, key=lambda pair: max(map(len, pair)), default=()))


def _splits(word: str) -> list[tuple[str, str]]:
    return [(word[:at], word[at:]) for at in range(_SHORTEST, len(word) - _SHORTEST + 1)]
