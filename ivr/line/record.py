"""A caller's message: their sound until they pause, kept as a WAV file, with the words understood of it.

It judges neither when a message is wanted nor what it says. The file is for its owner's eyes only.
"""

from __future__ import annotations

import os
import re
from io import BytesIO
from pathlib import Path

from ivr.actions import Record
from ivr.audio import wav
from ivr.audio.frame import FRAME_MS, RATE_HZ, Frame
from ivr.events import Event, Heard

FIRST_WORD_MS = 6000
"""So long a caller may think before the first word."""
TAIL_MS = 400
"""Sound kept after the last voiced frame: soft endings come after the voice."""
SAID_MS = 200
"""Less voice than this is no message: a click, a breath."""
SUFFIX = ".wav"
BYTES_PER_MS = RATE_HZ * 2 // 1000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Recorder:
    """One message on its way. Fed with every frame from ``Record`` on until it ``is_over``."""

    def __init__(self, action: Record) -> None:
        self._action = action
        self._pcm = bytearray()
        self._voiced_ms = 0
        self._last_ms = 0
        """Where the last voiced frame ends, from the start of the message."""
        self._words: list[str] = []
        self.is_over = False

    @property
    def recording_id(self) -> str:
        return self._action.recording_id

    @property
    def duration_ms(self) -> int:
        """Of what is kept; 0 where nothing was said."""
        if self._voiced_ms < SAID_MS:
            return 0
        return min(self._last_ms + TAIL_MS, len(self._pcm) // BYTES_PER_MS)

    @property
    def text(self) -> str:
        """The words understood."""
        return " ".join(self._words)

    def push(self, frame: Frame, *, is_voiced: bool) -> None:
        """Take the next frame; the message ``is_over`` with a pause and at its longest."""
        self._pcm += frame.pcm
        length_ms = len(self._pcm) // BYTES_PER_MS
        if is_voiced:
            self._voiced_ms += FRAME_MS
            self._last_ms = length_ms
        has_begun = self._voiced_ms >= SAID_MS
        pause_ms = self._action.pause_ms if has_begun else max(self._action.pause_ms, FIRST_WORD_MS)
        since_ms = self._last_ms if has_begun else 0
        self.is_over = length_ms - since_ms >= pause_ms or length_ms >= self._action.max_ms

    def take(self, event: Event) -> None:
        """What the ear reports of the message's turns; only words matter here."""
        if isinstance(event, Heard) and event.hypotheses and event.hypotheses[0].text:
            self._words.append(event.hypotheses[0].text)

    def write(self, folder: Path) -> None:
        """Keep the sound, if any, as ``folder/<recording_id>.wav``. Blocking. Raises OSError, ValueError."""
        if self.duration_ms:
            sound = BytesIO()
            wav.write(sound, bytes(self._pcm[: self.duration_ms * BYTES_PER_MS]))
            _write_private(path_of(folder, self.recording_id), sound.getvalue())


def path_of(folder: Path, recording_id: str) -> Path:
    """Where a message is kept. Raises ValueError for an id that could lead elsewhere."""
    if not _ID.fullmatch(recording_id):
        raise ValueError(f"found {recording_id!r:.120} as the id of a recording; wanted letters and digits")
    return folder / f"{recording_id}{SUFFIX}"


def _write_private(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    half.replace(path)
