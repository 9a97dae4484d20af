"""What commands write for the user: files, refused in one sentence where they cannot be written, and progress."""

from __future__ import annotations

import sys
from pathlib import Path

from ivr.errors import IvrError


def write(path: Path, text: str) -> None:
    """The text as it is, whatever ends its lines. Raises IvrError."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise IvrError(f"cannot write {path} ({error.strerror}); name another file") from None


def progress(sentence: str) -> None:
    """A line of progress, apart from what the command is asked for."""
    print(sentence, file=sys.stderr, flush=True)
