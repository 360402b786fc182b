"""The two ways in which a service frames the messages of a job's stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from qjobwidgets.codec import loads
from qjobwidgets.errors import CodecError
from qjobwidgets.records import InterimResult

__all__ = ["SUBPROTOCOL", "Framing", "NumberedFrames", "PlainFrames"]

SUBPROTOCOL = "qjob.v1"
_KINDS = frozenset({"interim", "restarted", "dropped", "final", "status"})

Decode = Callable[[str], Any]


class Framing(Protocol):
    """Turns the texts of one connection into messages."""

    def read(self, text: str) -> InterimResult | None:
        """Return the message in a frame, or ``None`` if it brings none."""


class NumberedFrames:
    """Frames of the subprotocol ``qjob.v1``: an object with number, attempt, type and data.

    Args:
        decode: Reads the typed JSON of a message; by default the codec does.
    """

    def __init__(self, decode: Decode | None = None) -> None:
        self._decode = decode

    def read(self, text: str) -> InterimResult | None:
        """Return the message in a frame.

        Raises:
            CodecError: The frame is not one of ``qjob.v1``, or its data can't be decoded.
        """
        frame = loads(text) if self._decode is None else json.loads(text)
        seq = frame.get("seq") if isinstance(frame, dict) else None
        if not isinstance(frame, dict) or frame.get("type") not in _KINDS:
            raise CodecError("The stream sent a frame of an unknown form.")
        data = frame.get("data")
        if self._decode is not None:
            data = self._decode(json.dumps(data))
        attempt = frame.get("attempt")
        return InterimResult(
            seq=seq if isinstance(seq, int) else 0,
            attempt=attempt if isinstance(attempt, int) else 1,
            kind=frame["type"],
            data=data,
        )


class PlainFrames:
    """Frames of the old protocol: an acknowledgement, then bare messages, counted by us.

    After a reconnect the service sends everything again, so each connection counts from 1. The
    last message of a job that succeeds is its result; nothing marks it, so it comes as another
    interim message.

    Args:
        decode: Reads the typed JSON of a message; by default the codec does.
    """

    def __init__(self, decode: Decode | None = None) -> None:
        self._decode = decode or loads
        self._count = -1

    def read(self, text: str) -> InterimResult | None:
        """Return the message in a frame; the first frame, an acknowledgement, holds none."""
        self._count += 1
        if self._count == 0:
            return None
        return InterimResult(self._count, 1, "interim", self._decode(text))
