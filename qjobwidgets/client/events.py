"""The feed of all that happens to an account's jobs, where the service has one: our own server.

One WebSocket on the thread of the streams (:mod:`.streams`). Each event has a number, its cursor:
after a break the feed goes on from the last one, so that nothing is missed. What a service sends
is data from outside: a frame that is none, or of an unknown type, is passed over.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from qjobwidgets.client import sockets
from qjobwidgets.client.accounts import LOCAL, on_this_machine
from qjobwidgets.client.background import call_threadsafe, in_thread
from qjobwidgets.client.frames import SUBPROTOCOL
from qjobwidgets.client.service import RuntimeService
from qjobwidgets.client.streams import run_in_background
from qjobwidgets.client.transport import StreamAddress
from qjobwidgets.errors import IBMNotAuthorizedError, QJobError, ServiceUnreachableError
from qjobwidgets.records import JobRecord

__all__ = ["EventFeed", "EventListener", "follow_events", "has_events"]

logger = logging.getLogger(__name__)


Address = Callable[[int | None, bool], StreamAddress]


class EventListener(Protocol):
    """Who listens to a feed. Called on the thread of the streams; should be quick."""

    def changed(self, job_id: str, record: JobRecord | None) -> None:
        """Take what a job is now; ``None``: it was deleted."""

    def opened(self, *, resumed: bool) -> None:
        """Take note that the feed is live, and whether everything since its last event was told."""

    def broken(self, failure: QJobError | None) -> None:
        """Take note that it is not, and why, if it has given up; otherwise it tries again."""


class EventFeed:
    """The feed of one account, running in the background.

    Args:
        address: From the cursor and whether credentials must be renewed, the feed's address;
            called on a thread of its own at each attempt.
        listener: Is told of everything.
    """

    def __init__(self, address: Address, listener: EventListener) -> None:
        self._address = address
        self._listener = listener
        self._cursor: int | None = None
        self._ready = False
        self._resumed = False
        self._lock = threading.Lock()
        self._cancelled = False
        self._stop: Callable[[], None] | None = None

    def cancel(self) -> None:
        """Stop listening; from any thread."""
        with self._lock:
            self._cancelled = True
            stop = self._stop
        if stop is not None:
            stop()

    async def run(self) -> None:
        """Follow the feed until it is cancelled; called by the thread of the streams."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        with self._lock:
            if self._cancelled:
                return
            self._stop = lambda: call_threadsafe(loop, task.cancel)
        try:
            await self._follow()
        except asyncio.CancelledError:
            pass  # by cancel(): whoever called it knows
        except QJobError as error:
            self._tell(partial(self._listener.broken, error))
        except Exception:
            # whoever listens must not wait for ever for a feed that is no more
            logger.exception("following the events failed")
            surprise = QJobError("The feed of events failed; the log has the details.")
            self._tell(partial(self._listener.broken, surprise))

    async def _follow(self) -> None:
        """Connect, listen, and connect again; return never."""
        failures, renew = 0, False
        while True:
            nearby = False
            self._ready = False
            try:
                address = await in_thread(
                    partial(self._address, self._cursor, renew), "qjob-streams-address"
                )
                nearby = address.loopback
                async with sockets.connected(address) as connection:
                    await self._listen(connection)
                renew = False
            except ServiceUnreachableError as error:
                logger.info("the feed of events could not be opened: %s", error.message)
                renew = False
            except IBMNotAuthorizedError:
                if renew:
                    raise
                renew = True
            failures = 0 if self._ready else failures + 1
            self._tell(lambda: self._listener.broken(None))
            await asyncio.sleep(sockets.pause_after(failures, nearby=nearby))

    async def _listen(self, connection: ClientConnection) -> None:
        if connection.subprotocol != SUBPROTOCOL:
            raise QJobError("The service has a feed of events of another kind.")
        self._resumed = self._cursor is not None
        try:
            while True:
                self._take(await connection.recv(decode=True))
        except ConnectionClosed as closed:
            logger.info("the feed of events broke: %s", type(closed).__name__)

    def _take(self, text: str) -> None:
        """Hand on what one frame tells."""
        try:
            frame = json.loads(text)
            seq, kind, data = frame["seq"], frame["type"], frame["data"]
        except (ValueError, RecursionError, KeyError, TypeError):
            return
        if not isinstance(seq, int) or isinstance(seq, bool) or not isinstance(data, dict):
            return
        if kind == "reset":
            # until the feed is live the next connection would not know that all is to be asked anew
            self._resumed, self._cursor = False, None
            return
        if kind == "ready":
            self._ready = True
            self._tell(lambda: self._listener.opened(resumed=self._resumed))
        else:
            self._take_change(kind, data)
        if self._ready or self._cursor is not None:
            self._cursor = seq

    def _take_change(self, kind: object, data: dict[str, Any]) -> None:
        job_id = data.get("id")
        if kind == "deleted" and isinstance(job_id, str):
            self._tell(lambda: self._listener.changed(job_id, None))
        elif kind == "job":
            try:
                record = JobRecord.from_wire(data)
            except ValueError:
                return
            self._tell(lambda: self._listener.changed(record.id, record))

    def _tell(self, tell: Callable[[], None]) -> None:
        """Call the listener, whose surprises must not end the thread of the streams."""
        if self._cancelled:
            return
        try:
            tell()
        except Exception:
            logger.exception("a listener to events failed")


def has_events(service: RuntimeService) -> bool:
    """Whether the service may have a feed: one of our own, by its channel or on this machine."""
    return service.channel == LOCAL or on_this_machine(service.account.url or "")


def follow_events(service: RuntimeService, listener: EventListener) -> EventFeed:
    """Start to follow the feed of an account, from now on.

    Args:
        service: The account's client.
        listener: Is told of everything, on the thread of the streams.
    """
    transport = service.api.transport

    def address(cursor: int | None, renew: bool) -> StreamAddress:
        query = "" if cursor is None else f"?after={cursor}"
        return transport.stream_address(f"/events{query}", renew=renew)

    feed = EventFeed(address, listener)
    run_in_background(feed.run)
    return feed
