"""The worker process of ``sphinx``: PocketSphinx decoders by grammar, many utterances side by side.

Run with ``python -m ivr.speech.decoder``. PocketSphinx holds the interpreter lock while it decodes, therefore
it has a process of its own. Ends when its pipe does. Messages (head): open {id, key, kind, grammar,
dictionary}, feed {id} + PCM16 8 kHz, partial {id}, finish {id}, cancel {id}, warm {...as open}.
"""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr
from pocketsphinx import Decoder

from ivr.speech import pipe

_LOG = logging.getLogger(__name__)

LINE_HZ, MODEL_HZ = 8000, 16000
FOLD_GAIN = 0.1
"""Level at which the line's band is mirrored into the missing upper band. The model is wide-band: 48 strings
of 6 recorded digits, 59.7 % digit errors without, 49.7 % with (cepstral mean carried over)."""
TELEPHONE_MEAN = "54.9,10.9,-7.4,24.2,-2.5,-5.5,13.0,-18.7,6.9,-4.4,-1.7,10.1,-9.3"
"""Mean cepstra of folded telephone speech. An utterance starts from here, never from the caller before."""
FRAME_MS = 10
MAX_IDLE = 24
"""Decoders kept for reuse; one takes about 6 MB and 21 ms to make."""
_SOUNDS = {"key": "sounds", "kind": "sounds"}
"""What every utterance is compared with: any sounds of English in any order."""
_NO_SPEECH = frozenset(("SIL", "+SPN+", "+NSN+"))
_CURVES = {"closed": (-55.0, 10.0), "open": (-35.0, 6.0), "digits": (-13.0, 3.3), "values": (-35.0, 7.0)}
"""By kind of grammar: the loss at which an utterance is as often understood right as wrong, and how fast that
changes. A string of digits is right only as a whole. Fitted so that this times the understanding's confidence
is the chance of being right; for digits and values more generous, as what is read back may be refused by the
caller: docs/measurements.md, "Understanding callers"."""

_SEARCH: dict[str, dict[str, Any]] = {
    "closed": {"bestpath": False, "silprob": 0.05},
    "digits": {"bestpath": False, "silprob": 0.5, "topn": 8},
    "values": {"bestpath": False, "silprob": 0.2},
    "open": {"bestpath": False, "fwdflat": False},
    "sounds": {"bestpath": False, "silprob": 0.05},
}
"""No second pass at the end of an utterance: it costs the caller's time, and on digits errors too (50 % with
bestpath, 40 % without)."""

Scores = npt.NDArray[np.float64]


class Decoders:
    """Idle decoders by grammar, least recently used first to go; a decoder decodes one utterance at a
    time."""

    def __init__(self) -> None:
        self._idle: OrderedDict[str, list[Decoder]] = OrderedDict()

    def take(self, head: dict[str, Any]) -> Decoder:
        idle = self._idle.get(head["key"])
        return idle.pop() if idle else _make(head)

    def give(self, key: str, decoder: Decoder) -> None:
        self._idle.setdefault(key, []).append(decoder)
        self._idle.move_to_end(key)
        while sum(map(len, self._idle.values())) > MAX_IDLE:
            oldest = next(iter(self._idle))
            self._idle[oldest].pop()
            if not self._idle[oldest]:
                del self._idle[oldest]


class Decoding:
    """One utterance: restores the rate and the upper band, decodes, reports words with times and
    confidences.

    It is decoded twice, by what the step expects and by any sounds at all: how much worse the first explains
    what was heard tells how far it may be trusted.
    """

    def __init__(self, head: dict[str, Any], decoders: Decoders) -> None:
        self._head = head
        self._decoders = decoders
        self.decoder = decoders.take(head)
        self._sounds = decoders.take(_SOUNDS)
        self._upsample = soxr.ResampleStream(LINE_HZ, MODEL_HZ, 1, dtype="float32", quality="MQ")
        self._stuffed = np.zeros(0, np.float32)
        for decoder in (self.decoder, self._sounds):
            decoder.set_cmn(TELEPHONE_MEAN)
            decoder.start_utt()

    def feed(self, pcm: bytes) -> None:
        self._decode(np.frombuffer(pcm, "<i2").astype(np.float32), is_last=False)

    def partial(self) -> str:
        found = self.decoder.hyp()
        return found.hypstr if found else ""

    def finish(self) -> dict[str, Any]:
        """{words: [{text, confidence, start_ms, end_ms}], confidence}; no words when only noise was heard."""
        self._decode(np.zeros(0, np.float32), is_last=True)
        for decoder in (self.decoder, self._sounds):
            decoder.end_utt()
        found = self._judged()
        self._decoders.give(self._head["key"], self.decoder)
        self._decoders.give(_SOUNDS["key"], self._sounds)
        return found

    def _judged(self) -> dict[str, Any]:
        """The words with how far to trust them: how much worse than any sounds they explain the speech.

        The loss is of the whole utterance, also of speech taken for silence, by frame of speech: who said
        more than was heard, meant something else.
        """
        heard, sounds = _segments(self.decoder), _segments(self._sounds)
        words = [segment for segment in heard if segment.word[0] not in "<[("]
        speech = sum(_length(segment) for segment in sounds if segment.word not in _NO_SPEECH)
        if not words or not speech:
            return {"words": [], "confidence": 0.0}
        scores, best = _scores(heard), _scores(sounds)
        size = min(len(scores), len(best))
        loss = scores[:size] - best[:size]
        return {
            "words": [self._word(word, loss) for word in words],
            "confidence": self._trust(float(loss.sum()) / speech),
        }

    def _word(self, segment: Any, loss: Scores) -> dict[str, Any]:
        own = loss[segment.start_frame : segment.end_frame + 1]
        return {
            "text": segment.word.partition("(")[0],
            "confidence": self._trust(float(own.mean()) if len(own) else -math.inf),
            "start_ms": segment.start_frame * FRAME_MS,
            "end_ms": (segment.end_frame + 1) * FRAME_MS,
        }

    def _trust(self, loss: float) -> float:
        even, spread = _CURVES[self._head["kind"]]
        evidence = min(max((loss - even) / spread, -30.0), 30.0)
        return round(1 / (1 + math.exp(-evidence)), 3)

    def _decode(self, line: npt.NDArray[np.float32], *, is_last: bool) -> None:
        """Upsample and add the mirror image: what zero-stuffing has and smooth upsampling has not."""
        smooth = self._upsample.resample_chunk(line, last=is_last)
        stuffed = np.zeros(2 * len(line), np.float32)
        stuffed[::2] = 2 * line
        self._stuffed = np.concatenate([self._stuffed, stuffed])
        smooth = smooth[: len(self._stuffed)]
        image = self._stuffed[: len(smooth)] - smooth
        self._stuffed = self._stuffed[len(smooth) :]
        wide = np.clip(smooth + FOLD_GAIN * image, -32768, 32767).astype("<i2")
        if len(wide):
            self.decoder.process_raw(wide.tobytes())
            self._sounds.process_raw(wide.tobytes())


def _make(head: dict[str, Any]) -> Decoder:
    decoder = Decoder(lm=None, dict=head.get("dictionary"), loglevel="FATAL", **_SEARCH[head["kind"]])
    decoder.config["remove_noise"] = True
    decoder.reinit_feat(decoder.config)
    match head["kind"]:
        case "sounds":
            decoder.add_allphone_file("search", None)
        case "open":
            decoder.add_lm_file("search", head["grammar"])
        case _:
            decoder.add_fsg("search", decoder.read_fsg(head["grammar"]))
    decoder.activate_search("search")
    return decoder


def _segments(decoder: Decoder) -> list[Any]:
    return list(decoder.seg()) if decoder.hyp() is not None else []


def _length(segment: Any) -> int:
    return int(segment.end_frame - segment.start_frame + 1)


def _scores(segments: list[Any]) -> Scores:
    """Acoustic score by frame, in 1/10,000 of a natural logarithm (PocketSphinx's unit)."""
    found = [
        np.full(_length(segment), 1e4 * math.log(max(segment.ascore, 1e-300)) / _length(segment))
        for segment in segments
        if _length(segment) > 0
    ]
    return np.concatenate(found) if found else np.zeros(0)


def serve() -> None:
    """Answer messages until the pipe ends."""
    messages, answers = pipe.channel()
    decoders = Decoders()
    decodings: dict[int, Decoding] = {}
    while (message := pipe.read(messages)) is not None:
        head, body = message
        answer = _obey(head, body, decoders, decodings)
        if answer is not None:
            pipe.send(answers, {"ask": head["ask"], **answer})


def _obey(
    head: pipe.Head, body: bytes, decoders: Decoders, decodings: dict[int, Decoding]
) -> dict[str, Any] | None:
    """Do what one message says; its answer where it wants one. An utterance that could not begin hears
    nothing."""
    match head["op"]:
        case "warm":
            decoders.give(head["key"], decoders.take(head))
            return {}
        case "open":
            try:
                decodings[head["id"]] = Decoding(head, decoders)
            except (RuntimeError, ValueError) as error:  # one bad grammar must not cost the other calls
                _LOG.error("PocketSphinx refused the grammar %s: %s", head["grammar"], error)
            return None
    decoding = decodings.get(head["id"])
    match head["op"]:
        case "feed" if decoding:
            decoding.feed(body)
        case "partial":
            return {"text": decoding.partial() if decoding else ""}
        case "finish" | "cancel":
            found = decoding.finish() if decoding else {"words": [], "confidence": 0.0}
            decodings.pop(head["id"], None)
            return found if head["op"] == "finish" else None
    return None


if __name__ == "__main__":
    serve()
