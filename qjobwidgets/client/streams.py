"""Streams of interim results: one background thread for all of them, resumed after every break.

- The thread ``qjob-streams`` runs an asyncio loop, one task per stream; it starts with the first
  stream and ends with the last. It is a daemon, so a kernel never waits for it.
- A connection that ends with close code 1000 has said everything. After any other end the task
  connects again, with growing pauses, and asks for what comes after the last message it has
  handed on: nothing is missed, and what comes twice is dropped by its number.
- The address and the credentials are asked for at each attempt, so that a server that has moved is
  found again.
- Where the service has no stream, the interim results are asked for now and then, see
  :mod:`.polling`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from qjobwidgets.client import sockets
from qjobwidgets.client.answers import passes
from qjobwidgets.client.background import BackgroundLoop, call_threadsafe, in_thread
from qjobwidgets.client.durations import checked_timeout
from qjobwidgets.client.frames import SUBPROTOCOL, Framing, NumberedFrames, PlainFrames
from qjobwidgets.client.polling import Seen
from qjobwidgets.client.transport import StreamAddress
from qjobwidgets.codec import loads
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    QJobError,
    RateLimitedError,
    RuntimeJobNotFound,
    ServiceError,
    ServiceUnreachableError,
)
from qjobwidgets.records import InterimResult

__all__ = ["StreamHandle", "open_stream", "run_in_background"]

logger = logging.getLogger(__name__)

_FIRST_POLL = 2.0
_SLOWEST_POLL = 15.0
_MOST_ERRORS = 100
_OVER = 1000  # the close code that says the stream is complete
_TOO_LARGE = 1009  # the close code with which we refuse a message over the limit

Look = Callable[[], Seen]
Address = Callable[[int, bool], StreamAddress]


class StreamHandle:
    """One stream, running in the background.

    Attributes:
        errors: What the callbacks raised, and messages that could not be decoded, the first
            hundred. The stream went on after each of them.
        failure: Why the stream ended before its job did, if it did.
    """

    def __init__(  # noqa: PLR0913 - see open_stream
        self,
        address: Address,
        on_result: Callable[[InterimResult], None],
        on_state: Callable[[str], None] | None,
        *,
        after: int,
        decode: Callable[[str], Any] | None,
        look: Look | None,
    ) -> None:
        self.errors: list[BaseException] = []
        self.failure: QJobError | None = None
        self._address = address
        self._on_result = on_result
        self._on_state = on_state
        self._decode = decode
        self._look = look
        self._numbered = NumberedFrames(decode)
        self._plain = PlainFrames(decode, after)
        self._first = self._last = after
        self._state = ""
        self._ended = threading.Event()
        self._thread: int | None = None  # that calls back
        self._cancelled = False
        self._nearby = False
        self._stop: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"<StreamHandle {self._state} after {self._last}>"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._state == "ended"

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing more is told, and return whether that is so.

        In a callback there is no waiting: it would keep from coming what it waits for.
        """
        if threading.get_ident() == self._thread:
            return self.ended
        return self._ended.wait(checked_timeout(timeout))

    def cancel(self) -> None:
        """Stop listening; the job goes on. May be called at any time, from any thread."""
        self._cancelled = True
        stop = self._stop  # which the end of the stream may take away meanwhile
        if stop is not None:
            stop()

    async def run(self) -> None:
        """Follow the stream to its end; called by the thread of the streams."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._thread = threading.get_ident()
        self._stop = lambda: call_threadsafe(loop, task.cancel)
        try:
            if not self._cancelled:
                await self._follow()
        except asyncio.CancelledError:
            pass  # by cancel(): whoever called it knows
        except QJobError as error:
            self.failure = error
        finally:
            self._stop = None
            self._tell_state("ended")
            self._ended.set()  # last, so that who waits finds all said

    async def _follow(self) -> None:
        """Connect, read, and connect again until the stream is complete."""
        failures, renew = 0, False
        self._tell_state("connecting")
        while True:
            before = self._last
            try:
                if await self._connect_once(renew=renew):
                    return
            except ServiceUnreachableError as error:
                logger.info("a stream could not be opened: %s", error.message)
            except RuntimeJobNotFound:
                if self._look is None or self._last > self._first:
                    raise
                await self._poll(self._look)
                return
            except IBMNotAuthorizedError:
                if renew:
                    raise
                renew = True
                await asyncio.sleep(sockets.FIRST_PAUSE)
                continue
            renew = False
            failures = 0 if self._last > before else failures + 1
            self._tell_state("reconnecting")
            await asyncio.sleep(sockets.pause_after(failures, nearby=self._nearby))

    async def _poll(self, look: Look) -> None:
        """Ask for the messages again and again, until the job has ended."""
        failures, pause = 0, _FIRST_POLL
        while True:
            try:
                seen = await in_thread(look, "qjob-streams-poll")
            except RateLimitedError as error:
                pause = max(_FIRST_POLL, error.retry_after or _SLOWEST_POLL)
            except (ServiceError, ServiceUnreachableError) as error:
                if not passes(error):
                    raise
                logger.info("interim results could not be asked for: %s", error.message)
                failures += 1
                self._tell_state("reconnecting")
                pause = max(_FIRST_POLL, sockets.pause_after(failures, nearby=self._nearby))
            else:
                failures = 0
                self._tell_state("open")
                new = self._take_all(seen)
                if seen.ended:
                    return
                pause = _FIRST_POLL if new else min(_SLOWEST_POLL, pause * 1.5)
            await asyncio.sleep(pause)

    def _take_all(self, seen: Seen) -> bool:
        """Hand on what is new, counted by us; return whether there was anything."""
        found = seen.after(self._last)
        for kind, text in found:
            self._last += 1
            self._hand_on(partial(self._read_polled, self._last, kind, text))
        return bool(found)

    def _read_polled(self, seq: int, kind: str, text: str) -> InterimResult:
        return InterimResult(seq, 1, kind, (self._decode or loads)(text))

    async def _connect_once(self, *, renew: bool) -> bool:
        """Read from one connection; return whether it brought the stream to its end."""
        address = await in_thread(lambda: self._address(self._last, renew), "qjob-streams-address")
        self._nearby = address.loopback
        async with sockets.connected(address) as connection:
            self._tell_state("open")
            return await self._read(connection)

    async def _read(self, connection: ClientConnection) -> bool:
        framing = self._numbered if connection.subprotocol == SUBPROTOCOL else self._plain
        framing.connected()
        try:
            while True:
                self._take(framing, framing.take(await connection.recv(decode=True)))
        except ConnectionClosed as closed:
            too_large = closed.sent is not None and closed.sent.code == _TOO_LARGE
            over = closed.rcvd is not None and closed.rcvd.code == _OVER
        if too_large:  # and would be each time
            raise ServiceError("A message of the stream is too large.", fix="Call result().")
        if over:
            self._take(framing, framing.rest())
        return over

    def _take(self, framing: Framing, frames: list[str]) -> None:
        for frame in frames:
            message = self._hand_on(partial(framing.read, frame), known=self._last)
            if message is not None:
                self._last = max(self._last, message.seq)

    def _hand_on(
        self, read: Callable[[], InterimResult], *, known: int = 0
    ) -> InterimResult | None:
        """Give a message to the callback, unless it was known; return it if it could be read."""
        if self._cancelled:
            return None
        # What users give us may raise anything, also what is no Exception, as Qiskit's own readers
        # do; and this thread serves other streams as well.
        try:
            message = read()
        except BaseException as error:  # noqa: BLE001 - see above
            self._keep(error)
            return None
        if message.seq and message.seq <= known:
            return None
        try:
            self._on_result(message)
        except BaseException as error:  # noqa: BLE001 - see above
            self._keep(error)
        return message

    def _keep(self, error: BaseException) -> None:
        if not self.errors:
            logger.warning("handling a streamed message failed: %s", type(error).__name__)
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(error)

    def _tell_state(self, state: str) -> None:
        if state == self._state or self._on_state is None:
            self._state = state
            return
        self._state = state
        try:
            self._on_state(state)
        except BaseException as error:  # noqa: BLE001 - as in _hand_on
            self._keep(error)


def open_stream(  # noqa: PLR0913 - what a stream is made of
    address: Address,
    on_result: Callable[[InterimResult], None],
    on_state: Callable[[str], None] | None = None,
    *,
    after: int = 0,
    decode: Callable[[str], Any] | None = None,
    look: Look | None = None,
) -> StreamHandle:
    """Start to follow a stream.

    Args:
        address: From the number of the last message and whether credentials must be renewed, the
            address; called on a thread of its own at each attempt.
        on_result: Takes each message, on the thread of the streams; it should be quick.
        on_state: Takes ``"connecting"``, ``"open"``, ``"reconnecting"``, ``"ended"``.
        after: Number of the last message already known.
        decode: Reads a message's typed JSON; by default the codec does.
        look: Asks for the messages where there is no stream; called on a thread of its own.
    """
    handle = StreamHandle(address, on_result, on_state, after=after, decode=decode, look=look)
    run_in_background(handle.run)
    return handle


def run_in_background(start: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine on the thread of the streams; it must not raise."""
    _background.add(start)


_background = BackgroundLoop("qjob-streams")
