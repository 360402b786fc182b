"""A daemon thread with an asyncio loop, which exists while there is something for it to do."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from qjobwidgets.client import forks

__all__ = ["BackgroundLoop", "call_threadsafe", "in_thread"]

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_Start = Callable[[], Coroutine[Any, Any, None]]


class BackgroundLoop:
    """Runs coroutines on one thread, which starts with the first and ends with the last.

    Args:
        name: Name of the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._begin()
        forks.begin_anew(self, BackgroundLoop._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._new: list[_Start] = []
        self._running = False
        self._wake: Callable[[], None] | None = None

    def add(self, start: _Start) -> None:
        """Run the coroutine that ``start`` makes; it must not raise."""
        with self._lock:
            self._new.append(start)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
            elif self._wake is not None:
                self._wake()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop, wake = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()
        alarm = loop.create_task(wake.wait())
        while True:
            with self._lock:
                self._wake = lambda: call_threadsafe(loop, wake.set)
                new, self._new = self._new, []
                if not new and not tasks:
                    self._running, self._wake = False, None
                    alarm.cancel()
                    return
            tasks |= {loop.create_task(start()) for start in new}
            await asyncio.wait({alarm, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            tasks = {task for task in tasks if not task.done()}
            if alarm.done():
                wake.clear()
                alarm = loop.create_task(wake.wait())


def call_threadsafe(loop: asyncio.AbstractEventLoop, action: Callable[[], object]) -> None:
    """Have a loop do something; one that has ended has nothing left to do."""
    try:
        loop.call_soon_threadsafe(action)
    except RuntimeError:
        logger.debug("a loop had ended before it was told to")


async def in_thread(function: Callable[[], _T], name: str) -> _T:
    """Run a blocking function on a daemon thread; a pool's thread would hold up a kernel's end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def settle(method: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            method(value)

    def work() -> None:
        try:
            value = function()
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            failed = error
            call_threadsafe(loop, lambda: settle(future.set_exception, failed))
        else:
            call_threadsafe(loop, lambda: settle(future.set_result, value))

    threading.Thread(target=work, name=name, daemon=True).start()
    return await future
