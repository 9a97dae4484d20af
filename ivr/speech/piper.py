"""The worker process of the Piper voice, an optional extra: neural voices on the CPU.

Run with ``python -m ivr.speech.piper LIMIT_S MODEL.onnx`` by ``synth``; the model's ``.json`` lies beside it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from piper import PiperVoice, SynthesisConfig

from ivr.speech import tts

_USUAL_WPM = 165
"""Piper knows no words a minute; its voices speak at about this rate at length scale 1."""


class Mouth:
    """One loaded Piper voice."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._piper = PiperVoice.load(model, f"{model}.json")

    def render(self, text: str, voice: str, rate_wpm: int) -> tuple[bytes, int]:
        """PCM16 and its rate, the same for the same text: Piper's chance is left out. The voice is the loaded one.

        Raises ValueError for another.
        """
        if voice not in ("", self._model.stem):
            raise ValueError(
                f"Piper speaks as {self._model.stem}, found voice {voice!r}; set voice.name to its file"
            )
        how = SynthesisConfig(length_scale=_USUAL_WPM / rate_wpm, noise_scale=0.0, noise_w_scale=0.0)
        chunks = [chunk.audio_int16_array for chunk in self._piper.synthesize(text, how)]
        sound = np.concatenate(chunks) if chunks else np.zeros(0, np.int16)
        return sound.astype("<i2").tobytes(), self._piper.config.sample_rate

    def voices(self) -> list[tts.Voice]:
        facts = json.loads(Path(f"{self._model}.json").read_text(encoding="utf-8"))
        language = facts.get("language", {}).get("code", "")
        return [tts.Voice(self._model.stem, f"Piper {self._model.stem}", language)]


def main() -> None:
    mouth = Mouth(Path(sys.argv[2]))
    tts.serve(mouth.render, mouth.voices, int(sys.argv[1]))


if __name__ == "__main__":
    main()
