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
of 6 recorded digits, 59.7 % digit errors without, 49.7 % with (remove_noise off, cepstral mean carried
over)."""
TELEPHONE_MEAN = "45.9,3.3,-14.3,17.5,-13.1,-4.1,3.7,-20.6,11.0,-8.4,-3.3,5.0,-6.7"
"""Mean cepstra of folded telephone speech. An utterance starts from here, never from the caller before."""
FRAME_MS = 10
MAX_IDLE = 24
"""Decoders kept for reuse; one takes about 6 MB and 21 ms to make."""
_RELIABLE_SCORE, _SCORE_SPREAD = -0.0045, 0.0006
"""Acoustic score per frame (natural log, PocketSphinx's scale) at which a word is as often right as wrong,
and how fast that changes; fitted on recorded digits."""

_SEARCH: dict[str, dict[str, Any]] = {
    "fsg": {"bestpath": False, "silprob": 0.05},
    "lm": {"bestpath": False, "fwdflat": False},
}
"""No second pass at the end of an utterance: it costs the caller's time, and on digits errors too (50 % with
bestpath, 40 % without)."""


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
    confidences."""

    def __init__(self, key: str, decoder: Decoder) -> None:
        self.key, self.decoder = key, decoder
        self._upsample = soxr.ResampleStream(LINE_HZ, MODEL_HZ, 1, dtype="float32", quality="MQ")
        self._stuffed = np.zeros(0, np.float32)
        decoder.set_cmn(TELEPHONE_MEAN)
        decoder.start_utt()

    def feed(self, pcm: bytes) -> None:
        self._decode(np.frombuffer(pcm, "<i2").astype(np.float32), is_last=False)

    def partial(self) -> str:
        found = self.decoder.hyp()
        return found.hypstr if found else ""

    def finish(self) -> list[dict[str, Any]]:
        """The words as [{text, confidence, start_ms, end_ms}]; [] when nothing but noise was heard."""
        self._decode(np.zeros(0, np.float32), is_last=True)
        self.decoder.end_utt()
        if self.decoder.hyp() is None:
            return []
        return [_word(segment) for segment in self.decoder.seg() if segment.word[0] not in "<[("]

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


def _make(head: dict[str, Any]) -> Decoder:
    decoder = Decoder(lm=None, dict=head["dictionary"], loglevel="FATAL", **_SEARCH[head["kind"]])
    decoder.config["remove_noise"] = False
    decoder.reinit_feat(decoder.config)
    if head["kind"] == "fsg":
        decoder.add_fsg("search", decoder.read_fsg(head["grammar"]))
    else:
        decoder.add_lm_file("search", head["grammar"])
    decoder.activate_search("search")
    return decoder


def _word(segment: Any) -> dict[str, Any]:
    frames = segment.end_frame - segment.start_frame + 1
    per_frame = math.log(max(segment.ascore, 1e-300)) / frames
    evidence = min(max((per_frame - _RELIABLE_SCORE) / _SCORE_SPREAD, -30.0), 30.0)
    return {
        "text": segment.word.partition("(")[0],
        "confidence": round(1 / (1 + math.exp(-evidence)), 3),
        "start_ms": segment.start_frame * FRAME_MS,
        "end_ms": (segment.end_frame + 1) * FRAME_MS,
    }


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
                decodings[head["id"]] = Decoding(head["key"], decoders.take(head))
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
            words = decoding.finish() if decoding else []
            if decoding:
                del decodings[head["id"]]
                decoders.give(decoding.key, decoding.decoder)
            return {"words": words} if head["op"] == "finish" else None
    return None


if __name__ == "__main__":
    serve()
