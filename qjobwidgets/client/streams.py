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
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

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

_T = TypeVar("_T")
_LARGEST_MESSAGE = 64 * 2**20
_PING = 15.0  # seconds between pings, and until a missing answer means a dead connection
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 20.0
_OVER = 1000  # the close code that says the stream is complete
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
        self._stop = lambda: _threadsafe(loop, task.cancel)
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
            await asyncio.sleep(_pause(failures))

    async def _connect_once(self, *, renew: bool) -> bool:
        """Read from one connection; return whether it brought the stream to its end."""
        address = await _in_thread(lambda: self._address(self._last, renew))
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
            return closed.rcvd is not None and closed.rcvd.code == _OVER

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
    _thread.add(handle)
    return handle


class _StreamThread:
    """The thread that runs all streams; it exists while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: list[StreamHandle] = []
        self._running = False
        self._wake: Callable[[], None] | None = None

    def add(self, handle: StreamHandle) -> None:
        with self._lock:
            self._new.append(handle)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="qjob-streams", daemon=True).start()
            elif self._wake is not None:
                self._wake()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop, wake = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()
        alarm: asyncio.Task[Any] = loop.create_task(wake.wait())
        while True:
            with self._lock:
                self._wake = lambda: _threadsafe(loop, wake.set)
                new, self._new = self._new, []
                if not new and not tasks:
                    self._running, self._wake = False, None
                    alarm.cancel()
                    return
            tasks |= {loop.create_task(handle.run()) for handle in new}
            await asyncio.wait({alarm, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            tasks = {task for task in tasks if not task.done()}
            if alarm.done():
                wake.clear()
                alarm = loop.create_task(wake.wait())


_thread = _StreamThread()


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


def _pause(failures: int) -> float:
    """Seconds until the next attempt: never more than one attempt a second, jitter on top."""
    ceiling = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**failures)
    return random.uniform(_FIRST_PAUSE, max(_FIRST_PAUSE, ceiling))  # noqa: S311 - no secret


def _threadsafe(loop: asyncio.AbstractEventLoop, action: Callable[[], object]) -> None:
    try:
        loop.call_soon_threadsafe(action)
    except RuntimeError:
        logger.debug("the streams had ended before they were told to")


async def _in_thread(function: Callable[[], _T]) -> _T:
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
            _threadsafe(loop, lambda: settle(future.set_exception, failed))
        else:
            _threadsafe(loop, lambda: settle(future.set_result, value))

    threading.Thread(target=work, name="qjob-streams-address", daemon=True).start()
    return await future
