"""One worker process, seen from the event loop that owns it: start, tell, ask, kill.

Knows nothing of what the worker does; a worker is a module of this room run with ``python -m``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys

from ivr.errors import SpeechError
from ivr.speech import pipe

_STOP_S = 1.0
"""How long a worker whose pipe was closed may take to end before it is killed."""


class Child:
    """A worker started by ``start``. Not to be used from another event loop than that one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[tuple[pipe.Head, bytes]]] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, module: str, *arguments: str) -> Child:
        """Run ``python -m module arguments``. Raises SpeechError where no process can be made."""
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *arguments,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            raise SpeechError(f"cannot start a worker ({error}); free memory or processes") from None
        return cls(process)

    @property
    def is_alive(self) -> bool:
        return not self._reading.done()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def tell(self, head: pipe.Head, body: bytes = b"") -> None:
        """Send a message that has no answer; nothing happens where the worker is gone."""
        if self.is_alive:
            with contextlib.suppress(ConnectionError):
                self._stdin.write(pipe.pack(head, body))
                await self._stdin.drain()

    async def ask(self, head: pipe.Head, body: bytes = b"") -> tuple[pipe.Head, bytes]:
        """Send a message and wait for its answer. Raises SpeechError when the worker dies before."""
        if not self.is_alive:
            raise SpeechError("the worker is gone")
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self.tell({**head, "ask": number}, body)
            return await answer
        finally:
            self._waiting.pop(number, None)

    async def kill(self) -> None:
        """End it at once, whatever it is doing, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def stop(self) -> None:
        """Close its pipe, so that it ends by itself; kill it when it does not."""
        self._stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_S)
            await self._reading
        except TimeoutError:
            await self.kill()

    async def _read(self) -> None:
        try:
            while True:
                head, body = await pipe.receive(self._stdout)
                answer = self._waiting.get(head["ask"])
                if answer is not None and not answer.done():
                    answer.set_result((head, body))
        except (asyncio.IncompleteReadError, ConnectionError):
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(SpeechError("the worker died"))
