"""Open pages are told when something is new: server-sent events."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool

from flyoff.errors import FlyoffError
from flyoff.server.problems import Refusal

#: The store is looked at this often while anybody listens [s].
LOOK_S = 1.0
#: Something is sent at least this often, so that proxies keep the line open [s].
ALIVE_S = 15.0
#: Pages that listen at once.
MOST_LISTENERS = 500
_WAITING = 100


class Hub:
    """Passes events on to everybody who listens.

    Parameters
    ----------
    stamp : function
        The state of store and campaigns.
    """

    def __init__(self, stamp: Callable[[], str]) -> None:
        self._stamp = stamp
        self._listeners: set[asyncio.Queue[tuple[str, object]]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def listeners(self) -> int:
        """Pages that listen."""
        return len(self._listeners)

    async def start(self) -> None:
        """Begin to watch the store."""
        self._loop = asyncio.get_running_loop()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop watching."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        self._loop = None

    def tell(self, event: str, data: object) -> None:
        """Tell everybody, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._put, event, data)

    async def listen(self, may_still: Callable[[], bool]) -> AsyncIterator[bytes]:
        """What one listener is sent, until the login behind it ends.

        Raises
        ------
        Refusal
            503 if too many listen.
        """
        if len(self._listeners) >= MOST_LISTENERS:
            raise Refusal(503, f"{MOST_LISTENERS} pages listen already")
        queue: asyncio.Queue[tuple[str, object]] = asyncio.Queue(_WAITING)
        self._listeners.add(queue)
        try:
            yield b"retry: 3000\n\n"
            yield _event("store", {"stamp": await self._state()})
            quiet_s = 0.0
            while await run_in_threadpool(may_still):
                try:
                    event, data = await asyncio.wait_for(queue.get(), LOOK_S)
                except TimeoutError:
                    quiet_s += LOOK_S
                    if quiet_s >= ALIVE_S:
                        quiet_s = 0.0
                        yield b": still here\n\n"
                    continue
                yield _event(event, data)
            yield _event("bye", {"because": "the login has ended"})
        finally:
            self._listeners.discard(queue)

    async def _watch(self) -> None:
        last = ""
        while True:
            if self._listeners:
                stamp = await self._state()
                if last and stamp != last:
                    self._put("store", {"stamp": stamp})
                last = stamp
            await asyncio.sleep(LOOK_S)

    async def _state(self) -> str:
        """The stamp; empty while the store cannot be reached."""
        try:
            return await run_in_threadpool(self._stamp)
        except FlyoffError:
            return ""

    def _put(self, event: str, data: object) -> None:
        for queue in self._listeners:
            # who does not read sees the next event, which says the same: look again
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait((event, data))


def _event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
