"""Messages between a process and its workers: a JSON head and a body of bytes, over plain pipes.

Both ends' framing and the worker's side of the pipe; starting and watching workers is ``child``'s.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

_SIZES = struct.Struct("<II")

Head = dict[str, Any]


def pack(head: Head, body: bytes = b"") -> bytes:
    """One message as it goes over the pipe."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return _SIZES.pack(len(text), len(body)) + text + body


async def receive(reader: asyncio.StreamReader) -> tuple[Head, bytes]:
    """The next message. Raises asyncio.IncompleteReadError when the other side is gone."""
    head_size, body_size = _SIZES.unpack(await reader.readexactly(_SIZES.size))
    data = await reader.readexactly(head_size + body_size)
    return json.loads(data[:head_size]), data[head_size:]


def read(stream: BinaryIO) -> tuple[Head, bytes] | None:
    """The next message, blocking; None when the other side is gone."""
    sizes = stream.read(_SIZES.size)
    if len(sizes) < _SIZES.size:
        return None
    head_size, body_size = _SIZES.unpack(sizes)
    data = stream.read(head_size + body_size)
    if len(data) < head_size + body_size:
        return None
    return json.loads(data[:head_size]), data[head_size:]


def channel() -> tuple[BinaryIO, BinaryIO]:
    """A worker's two ends. What engines print is dropped from now on (their C parts' to stderr), never
    between two messages.

    Ctrl-C reaches a whole process group; a worker ignores it and ends when its pipe does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    return sys.stdin.buffer, answers


def send(stream: BinaryIO, head: Head, body: bytes = b"") -> None:
    """Write one message, blocking, and push it out."""
    stream.write(pack(head, body))
    stream.flush()
