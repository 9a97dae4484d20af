"""The worker process of the pyttsx3 voice: pyttsx3 over espeak-ng.

Run with ``python -m ivr.speech.pyttsx LIMIT_S`` by ``synth``. pyttsx3 is global to its process and may hang,
so it never runs anywhere else. ``espeakng-loader`` brings the library where the system has none.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
import tempfile
import threading
import wave
from pathlib import Path
from typing import Any

from ivr.speech import tts

_SYSTEM_LIBRARY = "libespeak-ng.so.1"
_DEFAULT_VOICE = "en-us"
_ESPEAK_HZ = 22050
_PARTS = "pyttsx3 espeakng-loader"


def start_engine() -> Any:
    """pyttsx3's engine. The library must be in the process, for all to see, before pyttsx3 looks for it.

    Raises ImportError or OSError where a part of it is not on this machine.
    """
    try:
        ctypes.CDLL(_SYSTEM_LIBRARY, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        espeakng_loader = importlib.import_module("espeakng_loader")
        ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
        os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    return importlib.import_module("pyttsx3").init("espeak")


class Mouth:
    """pyttsx3 writing to a file, the only way it gives sound without a sound card."""

    def __init__(self, engine: Any, folder: Path) -> None:
        self._engine = engine
        voices = engine.getProperty("voices")
        self._names = {name for voice in voices for name in (voice.id, *voice.languages)}
        self._wav = folder / "speech.wav"
        self._is_done = threading.Event()
        engine.connect("finished-utterance", self._finished)

    def render(self, text: str, voice: str, rate_wpm: int) -> tuple[bytes, int]:
        """PCM16 and its rate. Raises ValueError for a voice that espeak-ng does not have."""
        self._wav.unlink(missing_ok=True)
        if voice and voice not in self._names:  # pyttsx3 itself would go on with the voice before
            raise ValueError(f"espeak-ng has no voice {voice!r}; see: ivr doctor")
        self._engine.setProperty("voice", voice or _DEFAULT_VOICE)
        self._engine.setProperty("rate", rate_wpm)
        return self._speak(text) or self._speak(text) or (b"", _ESPEAK_HZ)

    def _speak(self, text: str) -> tuple[bytes, int] | None:
        """One run of pyttsx3; None when it gave an empty file or none.

        ``runAndWait`` does not wait in a fresh engine: it returns after 10 ms, whatever espeak-ng has done by then.
        Its end is waited for without a limit, which ``serve`` has: another run amid it would cut its sound short.
        """
        self._is_done.clear()
        self._engine.save_to_file(text, str(self._wav))
        self._engine.runAndWait()
        self._is_done.wait()
        if not self._wav.exists():
            return None
        with wave.open(str(self._wav)) as sound:
            pcm = sound.readframes(sound.getnframes())
            return (pcm, sound.getframerate()) if pcm else None

    def _finished(self, name: str | None, completed: bool) -> None:
        """The file is written; called on espeak-ng's own thread."""
        self._is_done.set()

    def voices(self) -> list[tts.Voice]:
        found = self._engine.getProperty("voices")
        return [tts.Voice(voice.id, voice.name, (voice.languages or [""])[0]) for voice in found]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ivr-voice-") as folder:
        try:
            mouth = Mouth(start_engine(), Path(folder))
        except (ImportError, OSError) as error:
            tts.refuse(f"espeak-ng is not here ({error}); run: pip install --force-reinstall {_PARTS}")
            return
        tts.serve(mouth.render, mouth.voices, int(sys.argv[1]))


if __name__ == "__main__":
    main()
