"""The worker process of ``sphinx``: PocketSphinx decoders by grammar, many utterances side by side.

Run with ``python -m ivr.speech.decoder``. PocketSphinx holds the interpreter lock while it decodes, therefore
it has a process of its own. Ends when its pipe does. Messages (head): open {id, key, kind, grammar,
dictionary}, feed {id} + PCM16 8 kHz, partial {id}, finish {id}, again {id, limit_ms}, end {id}, warm {...as open}.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from typing import Any

import numpy as np
from pocketsphinx import Decoder, get_model_path

from ivr.audio.frame import FRAME_SAMPLES
from ivr.audio.vad import HarmonicDetector
from ivr.speech import pipe, restore
from ivr.speech.readings import readings

_LOG = logging.getLogger(__name__)

_NO_MEAN = ",".join(["0"] * restore.CEPSTRA)
"""Restored cepstra have their mean taken out already. An utterance starts from here, never from the caller before."""
_FRAME_BYTES = 2 * FRAME_SAMPLES
_FRAMES = 5
"""Cepstra given to the search at once: with 8 and more PocketSphinx 5.1 loses the frames it looks ahead to."""
MAX_IDLE = 24
"""Decoders kept for reuse; one takes about 6 MB and 21 ms to make."""
_SOUNDS = {"key": "sounds", "kind": "sounds"}
"""What every utterance is compared with: any sounds of English in any order."""
GENERAL = {"key": "general", "kind": "general"}
"""The engine's own language model of English: what callers say in general, whatever the step."""
_ONE_READING = frozenset(("closed", "values"))
"""Kinds without further readings: a phrase has hardly any, and the lattice of a net of values may take PocketSphinx
minutes to go through."""
_WIDE = {"beam": 1e-64, "wbeam": 1e-48, "pbeam": 1e-64}
"""A wider search than the engine's own (1e-48, 7e-29, 1e-48): of 80 short answers 71 are heard right with it, 65
without."""
_SEARCH: dict[str, dict[str, Any]] = {
    "closed": {"bestpath": False, "silprob": 0.05, **_WIDE},
    "digits": {"bestpath": False, "silprob": 0.5, "topn": 8},
    "values": {"bestpath": False, "silprob": 0.2, **_WIDE},
    "open": {"bestpath": False, "fwdflat": False},
    "sounds": {"bestpath": False, "silprob": 0.05},
    "general": {"bestpath": False, "fwdflat": False, "maxhmmpf": 3000},
}
"""No second pass at the end of an utterance: it costs the caller's time, and on digits errors too (50 % with
bestpath, 40 % without). General English with 3,000 instead of 30,000 states a frame: as many words wrong (45 % of
flite's), for 0.13 and in noise 0.19 CPU seconds a second instead of 0.32 and 0.67."""


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
            oldest = next((key for key in self._idle if key != GENERAL["key"]), GENERAL["key"])
            self._idle[oldest].pop()
            if not self._idle[oldest]:
                del self._idle[oldest]


class Decoding:
    """One utterance: restores the missing band, decodes, reports readings with what speaks for each.

    It is decoded twice, by what the step expects and by any sounds at all: how much worse the first explains
    what was heard tells how far it may be trusted. What was heard is kept for a second pass. Where nobody's vocal
    cords sounded (hiss, clipped noise) nothing is heard: a search always finds some word.
    """

    def __init__(self, head: dict[str, Any], decoders: Decoders, net: restore.Net) -> None:
        self._head = head
        self._decoders = decoders
        self.decoder = decoders.take(head)
        self._sounds = decoders.take(_SOUNDS)
        self._restoring = restore.Restoring(net)
        self._heard: list[restore.Frames] = []
        self._detector = HarmonicDetector()
        self._is_voiced = False
        self._is_ended = False
        for decoder in (self.decoder, self._sounds):
            _begin(decoder)

    def feed(self, pcm: bytes) -> None:
        frames = range(0, len(pcm) - _FRAME_BYTES + 1, _FRAME_BYTES)
        self._is_voiced = self._is_voiced or any(
            self._detector.is_voiced(pcm[at : at + _FRAME_BYTES]) for at in frames
        )
        self._decode(self._restoring.feed(np.frombuffer(pcm, "<i2")))

    def partial(self) -> str:
        found = self.decoder.hyp()
        return found.hypstr if found else ""

    def finish(self) -> list[dict[str, Any]]:
        """As ``readings``: what was heard of what the step expects."""
        self._end()
        if not self._is_voiced:
            return []
        return readings(self.decoder, self._sounds, is_one=self._head["kind"] in _ONE_READING)

    def again(self, limit_ms: float) -> list[dict[str, Any]]:
        """As ``readings``: what general English makes of the same; [] where that takes longer. After ``finish``."""
        decoder = self._decoders.take(GENERAL)
        until = time.monotonic() + limit_ms / 1000
        _begin(decoder)
        is_late = False
        for piece in self._heard:
            _search(decoder, piece)
            if is_late := time.monotonic() > until:
                break
        decoder.end_utt()
        found = [] if is_late else readings(decoder, self._sounds)
        self._decoders.give(GENERAL["key"], decoder)
        return found

    def close(self) -> None:
        """Give the decoders back."""
        self._end()
        self._decoders.give(self._head["key"], self.decoder)
        self._decoders.give(_SOUNDS["key"], self._sounds)

    def _end(self) -> None:
        if not self._is_ended:
            self._is_ended = True
            self._decode(self._restoring.finish())
            for decoder in (self.decoder, self._sounds):
                decoder.end_utt()

    def _decode(self, cepstra: restore.Frames) -> None:
        self._heard.append(cepstra)
        for decoder in (self.decoder, self._sounds):
            _search(decoder, cepstra)


def _begin(decoder: Decoder) -> None:
    decoder.set_cmn(_NO_MEAN)
    decoder.start_utt()


def _search(decoder: Decoder, cepstra: restore.Frames) -> None:
    for start in range(0, len(cepstra), _FRAMES):
        decoder.process_cep(np.ascontiguousarray(cepstra[start : start + _FRAMES], np.float32).tobytes())


def _make(head: dict[str, Any]) -> Decoder:
    is_general = head["kind"] == "general"
    words = get_model_path("en-us/cmudict-en-us.dict") if is_general else head.get("dictionary")
    decoder = Decoder(lm=None, dict=words, loglevel="FATAL", **_SEARCH[head["kind"]])
    match head["kind"]:
        case "sounds":
            decoder.add_allphone_file("search", None)
        case "general":
            decoder.add_lm_file("search", get_model_path("en-us/en-us.lm.bin"))
        case "open":
            decoder.add_lm_file("search", head["grammar"])
        case _:
            decoder.add_fsg("search", decoder.read_fsg(head["grammar"]))
    decoder.activate_search("search")
    return decoder


def serve() -> None:
    """Answer messages until the pipe ends."""
    messages, answers = pipe.channel()
    decoders = Decoders()
    decodings: dict[int, Decoding] = {}
    net = restore.Net.load(restore.NET)
    while (message := pipe.read(messages)) is not None:
        head, body = message
        answer = _obey(head, body, decoders, decodings, net)
        if answer is not None:
            pipe.send(answers, {"ask": head["ask"], **answer})


def _obey(
    head: pipe.Head, body: bytes, decoders: Decoders, decodings: dict[int, Decoding], net: restore.Net
) -> dict[str, Any] | None:
    """Do what one message says; its answer where it wants one. An utterance that could not begin hears
    nothing."""
    match head["op"]:
        case "warm":
            decoders.give(head["key"], decoders.take(head))
            return {}
        case "open":
            try:
                decodings[head["id"]] = Decoding(head, decoders, net)
            except (RuntimeError, ValueError) as error:  # one bad grammar must not cost the other calls
                _LOG.error("PocketSphinx refused the grammar %s: %s", head["grammar"], error)
            return None
    decoding = decodings.get(head["id"])
    match head["op"]:
        case "feed" if decoding:
            decoding.feed(body)
        case "partial":
            return {"text": decoding.partial() if decoding else ""}
        case "finish":
            return {"readings": decoding.finish() if decoding else []}
        case "again":
            return {"readings": decoding.again(head["limit_ms"]) if decoding else []}
        case "end" if decoding:
            del decodings[head["id"]]
            decoding.close()
    return None


if __name__ == "__main__":
    serve()
