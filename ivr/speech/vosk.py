"""Vosk behind the ears' Protocol: one model for all calls, decoding in threads off the event loop.

A decoder with a grammar of the step's own phrases wherever the step allows it (made in a millisecond); free
decoders, slow to make, are pooled and only used for expectations that are open or ask for a name, and to hear again
what a grammar was unsure of. Downloads nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import vosk

from ivr.actions import Expectation
from ivr.errors import SpeechError
from ivr.events import Hypothesis
from ivr.nlu.phrases import own
from ivr.speech.sayings import examples, heard_as
from ivr.speech.stt import AGAIN_MS, DIGITS, FEED_BYTES, MOST_GRAMMARS, best_first, phrases_of, words_of
from ivr.speech.transcripts import ALTERNATIVES, UNKNOWN, is_unsure, joined, named, read

_LOG = logging.getLogger(__name__)

_RATE_HZ = 8000
_SILENT = -1
"""Log level of Vosk and Kaldi below which nothing is printed."""
_FREE_AT_START = 2
_FREE_KEPT = 16
"""Idle free decoders kept; one takes 3 MB and 127 ms to make."""
_DIGIT_WORDS = {
    "en": DIGITS,
    "ko": ("공", "영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"),
    "de": ("null", "eins", "zwei", "zwo", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "zh": ("零", "一", "幺", "二", "三", "四", "五", "六", "七", "八", "九"),
}
"""How digits are said one by one, by language; another language must give its digit words as phrases."""

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
"""Written without blanks: a phrase is one word until the model parts it."""

_CLOSED = frozenset(("digits", "phone", "choice", "yes_no"))
_CLOSED_ENGLISH = _CLOSED | {"number", "money", "date", "time", "letters"}
"""Types of values that a grammar can hold."""

Result = TypeVar("Result")


class Vosk:
    """A Vosk model shared by all calls. ``workers`` threads, 0 for one a core. Raises SpeechError for no
    model.

    Confidences are Vosk's own: of a word its posterior in the lattice, of a sentence the mean of its words.
    Where alternatives are given (digits: a check may choose), each has its likelihood relative to all of
    them, and so have its words. Without ``has_domain_model`` every step is decoded freely; without
    ``has_second_pass`` what a grammar was unsure of stays so.
    """

    engine = "vosk"

    def __init__(
        self,
        model: Path,
        *,
        language: str,
        workers: int = 0,
        has_domain_model: bool = True,
        has_second_pass: bool = True,
    ) -> None:
        vosk.SetLogLevel(_SILENT)
        try:
            self._model = vosk.Model(str(model))
        except Exception:  # Vosk raises nothing narrower
            raise SpeechError(
                f"{model} is no Vosk model; name the folder that holds am/ and conf/, or run: ivr models list"
            ) from None
        self.model, self.language = model.name, language
        self._threads = ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="vosk")
        self._has_domain_model = has_domain_model
        self._has_second_pass = has_second_pass
        self._free: list[Decoder] = []
        self._grammars: dict[Expectation, str] = {}
        self.is_closed = False

    def describe(self) -> str:
        return f"Vosk with the model {self.model} ({self.language})"

    async def warm(self, expects: Iterable[Expectation]) -> None:
        expects = tuple(expects)
        for expect in expects:
            if not self._is_free(expect):
                self._grammar(expect)
        if any(self._is_free(expect) or self._may_hear_again(expect) for expect in expects):
            missing = max(0, _FREE_AT_START - len(self._free))
            self._free += [await self.run(lambda: self._make("")) for _ in range(missing)]

    async def unknown(self, words: Iterable[str]) -> frozenset[str]:
        return frozenset(word for word in words if not parted(word, self._has_word))

    async def open(self, expect: Expectation) -> VoskUtterance:
        if self.is_closed:
            raise SpeechError("the recogniser is closed")
        grammar = "" if self._is_free(expect) else self._grammar(expect)
        decoder = await (self.run(lambda: self._make(grammar)) if grammar else self.free())
        decoder.engine.SetMaxAlternatives(ALTERNATIVES if _has_strings(expect) else 0)
        may_hear_again = not decoder.is_free and self._may_hear_again(expect)
        alike = {words_of(like): word for word, like in expect.words if like}
        return VoskUtterance(self, decoder, alike, may_hear_again=may_hear_again)

    async def free(self) -> Decoder:
        """A decoder of anything that the model knows; give it back."""
        return self._free.pop() if self._free else await self.run(lambda: self._make(""))

    async def close(self) -> None:
        self.is_closed = True
        self._free.clear()
        await asyncio.to_thread(self._threads.shutdown)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do a piece of decoding in one of the threads; Vosk frees the interpreter lock meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def give_back(self, decoder: Decoder) -> None:
        """A decoder is no longer used and has given its final result; free ones are kept for the next
        caller."""
        if decoder.is_free and len(self._free) < _FREE_KEPT and not self.is_closed:
            self._free.append(decoder)

    def _grammar(self, expect: Expectation) -> str:
        """The JSON list of phrases, without those that hold a word the model does not know; empty where none is left,
        for Vosk crashes at a grammar without a phrase."""
        expect = heard_as(expect)
        if expect not in self._grammars:
            phrases = [*phrases_of(expect.options), *phrases_of(expect.commands)]
            if expect.kind == "digits":
                phrases += [(word,) for word in _DIGIT_WORDS.get(self.language, ())]
            if expect.kind == "values":
                phrases += self._sentences(expect)
            phrases.append((UNKNOWN,))
            alike = {word: words_of(like) for word, like in expect.words if like}
            parts = {
                word: _all_parted(alike.get(word, (word,)), self._has_word)
                for words in phrases
                for word in words
            }
            known = [
                " ".join(part for word in words for part in parts[word])
                for words in phrases
                if all(parts[word] for word in words)
            ]
            unknown = sorted({word for word, found in parts.items() if not found} - {UNKNOWN})
            if unknown:
                _LOG.warning("%s does not know, so phrases are left out: %s", self.model, ", ".join(unknown))
            if len(self._grammars) >= MOST_GRAMMARS:
                del self._grammars[next(iter(self._grammars))]
            self._grammars[expect] = (
                json.dumps(list(dict.fromkeys(known)), ensure_ascii=False) if known else ""
            )
        return self._grammars[expect]

    def _sentences(self, expect: Expectation) -> list[tuple[str, ...]]:
        """Example sentences of the slots: Vosk makes a bigram model of them. Other languages: phrases and digits."""
        if self.language == "en":
            return examples(expect.slots, tuple(word for word, _ in expect.words))
        phrases = [phrase for slot in expect.slots for phrase in phrases_of(slot.options)]
        if any(slot.type == "yes_no" for slot in expect.slots):
            phrases += [words_of(phrase) for phrase in (*own(expect.language).yes, *own(expect.language).no)]
        return [*phrases, *((word,) for word in _DIGIT_WORDS.get(self.language, ()))]

    def _may_hear_again(self, expect: Expectation) -> bool:
        """True where free decoding may tell more than a grammar; strings of digits and letters it only blurs."""
        return self._has_second_pass and self._has_domain_model and not _has_strings(expect)

    def _is_free(self, expect: Expectation) -> bool:
        """True where no grammar holds what may be said: open questions, names, and in other languages most values."""
        closed = _CLOSED if self.language != "en" else _CLOSED_ENGLISH
        return (
            not self._has_domain_model
            or expect.is_open
            or any(slot.type not in closed for slot in expect.slots)
        )

    def _has_word(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def _make(self, grammar: str) -> Decoder:
        """``grammar``: empty for free decoding."""
        arguments = (self._model, _RATE_HZ, grammar) if grammar else (self._model, _RATE_HZ)
        engine = vosk.KaldiRecognizer(*arguments)
        engine.SetWords(True)
        return Decoder(engine, is_free=not grammar)


def parted(word: str, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """A word as words of the model: itself, or, where it is Chinese, the longest known from its left; () for none."""
    if is_known(word):
        return (word,)
    found: list[str] = []
    at = 0
    while at < len(word) and _CHINESE.fullmatch(word):
        end = next((end for end in range(len(word), at, -1) if is_known(word[at:end])), 0)
        if not end:
            return ()
        found.append(word[at:end])
        at = end
    return tuple(found)


def _all_parted(words: tuple[str, ...], is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """Several words as words of the model; () where it lacks one."""
    found = [parted(word, is_known) for word in words]
    return tuple(part for parts in found for part in parts) if all(found) else ()


@dataclass(slots=True)
class Decoder:
    """A Vosk decoder and the samples it was ever fed: its word times go on counting from caller to caller."""

    engine: vosk.KaldiRecognizer
    is_free: bool
    samples: int = 0


class VoskUtterance:
    """One utterance in one decoder. A piece of work given up by its waiter still ends before the next
    begins."""

    def __init__(
        self, owner: Vosk, decoder: Decoder, alike: dict[tuple[str, ...], str], *, may_hear_again: bool
    ) -> None:
        """``alike``: words that stand for one the model does not know, and that one."""
        self._owner = owner
        self._alike = alike
        self._may_hear_again = may_hear_again
        self._heard = bytearray()
        self._decoder: Decoder | None = decoder
        self._lock = threading.Lock()
        self._pending = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._began_s = decoder.samples / _RATE_HZ

    async def feed(self, pcm: bytes) -> None:
        self._pending += pcm
        if self._may_hear_again:
            self._heard += pcm
        if self._decoder is not None and not self._owner.is_closed and len(self._pending) >= FEED_BYTES:
            await self._owner.run(lambda: self._accept(self._decoder))

    async def partial(self) -> str:
        if self._decoder is None or self._owner.is_closed:
            return ""
        return await self._owner.run(self._words_so_far)

    async def finish(self) -> tuple[Hypothesis, ...]:
        decoder, self._decoder = self._decoder, None
        if decoder is None or self._owner.is_closed:
            return ()
        parts = await self._owner.run(lambda: self._end(decoder))
        self._owner.give_back(decoder)
        found = joined(parts, self._began_s)
        if self._may_hear_again and is_unsure(parts, found):
            found = best_first((*found, *await self._again()), ALTERNATIVES)
        return tuple(named(hypothesis, self._alike) for hypothesis in found)

    async def cancel(self) -> None:
        self._may_hear_again = False
        await self.finish()

    async def _again(self) -> tuple[Hypothesis, ...]:
        """What free decoding makes of the same sound; () where that takes too long."""
        decoder = await self._owner.free()
        began_s = decoder.samples / _RATE_HZ
        parts = await self._owner.run(lambda: self._hear_freely(decoder))
        if parts is None:
            return ()
        self._owner.give_back(decoder)
        return joined(parts, began_s)

    def _hear_freely(self, decoder: Decoder) -> list[dict[str, Any]] | None:
        """None where it takes too long; that decoder is of no more use, as ending it would take longer still."""
        decoder.engine.SetMaxAlternatives(0)
        until, parts = time.monotonic() + AGAIN_MS / 1000, []
        for at in range(0, len(self._heard), FEED_BYTES):
            pcm = bytes(self._heard[at : at + FEED_BYTES])
            decoder.samples += len(pcm) // 2
            if decoder.engine.AcceptWaveform(pcm):
                parts.append(json.loads(decoder.engine.Result()))
            if time.monotonic() > until:
                return None
        return [*parts, json.loads(decoder.engine.FinalResult())]

    def _accept(self, decoder: Decoder | None) -> None:
        with self._lock:
            pcm, self._pending = bytes(self._pending), bytearray()
            if decoder is not None and pcm:
                decoder.samples += len(pcm) // 2
                if decoder.engine.AcceptWaveform(pcm):  # Vosk has ended a sentence of its own accord
                    self._parts.append(json.loads(decoder.engine.Result()))

    def _words_so_far(self) -> str:
        decoder = self._decoder
        if decoder is None:
            return ""
        self._accept(decoder)
        with self._lock:
            done = [found[0].text for part in self._parts if (found := read(part, 0))]
            now = json.loads(decoder.engine.PartialResult())["partial"]
            return " ".join(text for text in (*done, now) if text and text != UNKNOWN)

    def _end(self, decoder: Decoder) -> list[dict[str, Any]]:
        """The last result too. It also makes the decoder forget this voice, which ``Reset`` does not."""
        self._accept(decoder)
        with self._lock:
            return [*self._parts, json.loads(decoder.engine.FinalResult())]


def _has_strings(expect: Expectation) -> bool:
    """True where a check, a length or what was denied may choose among readings."""
    return expect.kind == "digits" or any(
        slot.type in ("digits", "letters", "phone") for slot in expect.slots
    )
