"""Streams of interim results: one background thread for all of them, resumed after every break.

- The thread ``qjob-streams`` runs an asyncio loop, one task per stream; it starts with the first
  stream and ends with the last. It is a daemon, so a kernel never waits for it.
- A connection that ends with close code 1000 has said everything. After any other end the task
  connects again, with growing pauses, and asks for what comes after the last message it has
  handed on: nothing is missed, and what comes twice is dropped by its number.
- The address and the credentials are asked for at each attempt, so that a server that has moved is
  found again.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from qjobwidgets.client.background import BackgroundLoop, call_threadsafe, in_thread
from qjobwidgets.client.frames import SUBPROTOCOL, Framing, NumberedFrames, PlainFrames
from qjobwidgets.client.transport import StreamAddress
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    QJobError,
    RuntimeJobNotFound,
    ServiceError,
    ServiceUnreachableError,
)
from qjobwidgets.records import InterimResult

__all__ = ["StreamHandle", "open_stream"]

logger = logging.getLogger(__name__)
# the library logs headers at DEBUG level, credentials included
_wire_logger = logging.getLogger(f"{__name__}.wire")
_wire_logger.setLevel(logging.WARNING)

_LARGEST_MESSAGE = 64 * 2**20
_PING = 15.0  # seconds between pings, and until a missing answer means a dead connection
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 20.0
_LONGEST_PAUSE_NEARBY = (
    2.0  # a server of this machine is back soon, and suffers from no one's calls
)
_OVER = 1000  # the close code that says the stream is complete
_TOO_LARGE = 1009  # the close code with which we refuse a message over the limit
_NONE_HERE = frozenset({404, 405, 501})

Address = Callable[[int, bool], StreamAddress]


class StreamHandle:
    """One stream, running in the background.

    Attributes:
        errors: What the callbacks raised, and messages that could not be decoded. The stream went
            on after each of them.
        failure: Why the stream ended before its job did, if it did.
    """

    def __init__(
        self,
        address: Address,
        on_result: Callable[[InterimResult], None],
        on_state: Callable[[str], None] | None,
        *,
        after: int,
        decode: Callable[[str], Any] | None,
    ) -> None:
        self.errors: list[Exception] = []
        self.failure: QJobError | None = None
        self._address = address
        self._on_result = on_result
        self._on_state = on_state
        self._decode = decode
        self._last = after
        self._state = ""
        self._ended = threading.Event()
        self._cancelled = False
        self._nearby = False
        self._stop: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"<StreamHandle {self._state} after {self._last}>"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end of the stream; return whether it has ended."""
        return self._ended.wait(timeout)

    def cancel(self) -> None:
        """Stop listening; the job goes on. May be called at any time, from any thread."""
        self._cancelled = True
        if self._stop is not None:
            self._stop()

    async def run(self) -> None:
        """Follow the stream to its end; called by the thread of the streams."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
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
            self._ended.set()
            self._tell_state("ended")

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
            except IBMNotAuthorizedError:
                if renew:
                    raise
                renew = True
                continue
            renew = False
            failures = 0 if self._last > before else failures + 1
            self._tell_state("reconnecting")
            await asyncio.sleep(_pause(failures, nearby=self._nearby))

    async def _connect_once(self, *, renew: bool) -> bool:
        """Read from one connection; return whether it brought the stream to its end."""
        address = await in_thread(lambda: self._address(self._last, renew), "qjob-streams-address")
        self._nearby = address.loopback
        try:
            async with _Connect(
                address.url,
                additional_headers=dict(address.headers),
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                user_agent_header=None,
                logger=_wire_logger,
                max_size=_LARGEST_MESSAGE,
                ping_interval=_PING,
                ping_timeout=_PING,
                close_timeout=1.0,
                proxy=None if address.loopback else True,
            ) as connection:
                self._tell_state("open")
                return await self._read(connection)
        except InvalidStatus as error:
            refusal = _refusal(error.response.status_code)
        except (OSError, TimeoutError, WebSocketException) as error:
            refusal = ServiceUnreachableError(f"The stream broke: {type(error).__name__}.")
        raise refusal

    async def _read(self, connection: ClientConnection) -> bool:
        numbered = connection.subprotocol == SUBPROTOCOL
        framing = NumberedFrames(self._decode) if numbered else PlainFrames(self._decode)
        try:
            while True:
                self._take(framing, await connection.recv(decode=True))
        except ConnectionClosed as closed:
            too_large = closed.sent is not None and closed.sent.code == _TOO_LARGE
            over = closed.rcvd is not None and closed.rcvd.code == _OVER
        if too_large:  # and would be each time
            raise ServiceError("A message of the stream is too large.", fix="Call result().")
        return over

    def _take(self, framing: Framing, text: str | bytes) -> None:
        try:
            message = framing.read(text if isinstance(text, str) else text.decode())
        except Exception as error:  # noqa: BLE001 - a decoder given by the user may raise anything
            self._keep(error)
            return
        if message is None or (message.seq and message.seq <= self._last) or self._cancelled:
            return
        self._last = max(self._last, message.seq)
        try:
            self._on_result(message)
        except Exception as error:  # noqa: BLE001 - as may a callback
            self._keep(error)

    def _keep(self, error: Exception) -> None:
        if not self.errors:
            logger.warning("handling a streamed message failed: %s", type(error).__name__)
        self.errors.append(error)

    def _tell_state(self, state: str) -> None:
        if state == self._state or self._on_state is None:
            self._state = state
            return
        self._state = state
        try:
            self._on_state(state)
        except Exception as error:  # noqa: BLE001 - as above
            self._keep(error)


def open_stream(
    address: Address,
    on_result: Callable[[InterimResult], None],
    on_state: Callable[[str], None] | None = None,
    *,
    after: int = 0,
    decode: Callable[[str], Any] | None = None,
) -> StreamHandle:
    """Start to follow a stream.

    Args:
        address: From the number of the last message and whether credentials must be renewed, the
            address; called on a thread of its own at each attempt.
        on_result: Takes each message, on the thread of the streams; it should be quick.
        on_state: Takes ``"connecting"``, ``"open"``, ``"reconnecting"``, ``"ended"``.
        after: Number of the last message already known.
        decode: Reads a message's typed JSON; by default the codec does.
    """
    handle = StreamHandle(address, on_result, on_state, after=after, decode=decode)
    _background.add(handle.run)
    return handle


_background = BackgroundLoop("qjob-streams")


class _Connect(connect):
    """A connection attempt that follows no redirect: credentials stay with our service."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _refusal(status: int) -> QJobError:
    if status == 401:
        return IBMNotAuthorizedError(
            "The service refuses our credentials.",
            fix="Sign in again: check the token.",
            status=status,
        )
    if status in _NONE_HERE:
        return RuntimeJobNotFound("The service has no stream for this job.", status=status)
    if status < 500 and status not in {408, 425, 429}:
        return ServiceError(f"The service refused the stream with status {status}.", status=status)
    return ServiceUnreachableError(f"The stream is not available ({status}).")


def _pause(failures: int, *, nearby: bool) -> float:
    """Seconds until the next attempt: never more than one attempt a second, jitter on top."""
    longest = _LONGEST_PAUSE_NEARBY if nearby else _LONGEST_PAUSE
    ceiling = max(_FIRST_PAUSE, min(longest, _FIRST_PAUSE * 2.0**failures))
    return random.uniform(_FIRST_PAUSE, ceiling)  # noqa: S311 - no secret
