"""The stream of one job as its handle follows it: one at a time, its errors told once."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qjobwidgets.client.decoders import CODEC, DecoderPair, decoding, read
from qjobwidgets.client.streams import StreamHandle
from qjobwidgets.errors import RuntimeInvalidStateError, StreamWarning
from qjobwidgets.records import InterimResult

if TYPE_CHECKING:
    from qjobwidgets.client.service import RuntimeService

__all__ = ["JobStream", "check_callback"]


class JobStream:
    """The stream of a job's results, as far as one is open.

    What a callback or a decoder raises must not end the stream, and a background thread has nobody
    to tell it to: the stream's handle keeps it, and :meth:`tell_errors` warns of it when the user
    next asks something of the job.

    Args:
        service: The account's client.
        job_id: The job.
        decoders: Readers of its messages.
    """

    def __init__(self, service: RuntimeService, job_id: str, decoders: DecoderPair) -> None:
        self._service = service
        self._job_id = job_id
        self._decoders = decoders
        self._told = 0
        self._told_end = False
        self.handle: StreamHandle | None = None

    def start(self, callback: Callable[[str, Any], Any], decoder: Any) -> StreamHandle:
        """Open the stream.

        Args:
            callback: Takes the job's id and the decoded message, on a background thread.
            decoder: Reads all messages, in place of the job's own decoders.

        Raises:
            RuntimeInvalidStateError: It is open already.
        """
        check_callback(callback)
        if self.handle is not None and not self.handle.ended:
            raise RuntimeInvalidStateError(
                f"The results of job {self._job_id} are streaming already.",
                fix="Call cancel_result_streaming() first.",
            )
        self.tell_errors()
        given = decoding(decoder)
        decoders = DecoderPair(given, given) if given else self._decoders
        own = decoders != CODEC

        def take(message: InterimResult) -> None:
            if message.kind not in {"interim", "final"}:
                return
            data = message.data
            if own:
                decode = decoders.final if message.kind == "final" else decoders.interim
                data = (decode or read)(data)
            callback(self._job_id, data)

        # which decoder a message needs shows only with its kind: until then it stays text
        self._told, self._told_end = 0, False
        self.handle = self._service.stream(self._job_id, take, decode=str if own else None)
        return self.handle

    def cancel(self) -> None:
        """Stop listening, if anyone does."""
        self.tell_errors()
        if self.handle is not None:
            self.handle.cancel()
            self.handle = None

    def tell_errors(self) -> None:
        """Warn of what went wrong since the last time.

        Only on the main thread: what others write ends up in a cell that has nothing to do with it.
        """
        handle = self.handle
        if handle is None or threading.current_thread() is not threading.main_thread():
            return
        errors = handle.errors[self._told :]
        if errors:
            self._told += len(errors)
            count = "A message" if len(errors) == 1 else f"{len(errors)} messages"
            _warn(
                f"{count} of the stream of job {self._job_id} could not be handled: {errors[0]!r}. "
                "The stream went on; the job's stream.errors holds what was raised."
            )
        if handle.failure is not None and not self._told_end:
            self._told_end = True
            _warn(f"The stream of job {self._job_id} has ended: {handle.failure}")


def check_callback(callback: object) -> None:
    """Refuse what can't be called, before a job is submitted for it.

    Raises:
        TypeError: It can't.
    """
    if not callable(callback):
        raise TypeError(f"{callback!r} is no callback: pass a function of the job's id and a value")


def _warn(message: str) -> None:
    warnings.warn(message, StreamWarning, stacklevel=4)
