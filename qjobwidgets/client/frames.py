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
    """Turns the frames of a stream's connections into messages."""

    def connected(self) -> None:
        """Begin with the frames of another connection."""

    def take(self, frame: str) -> list[str]:
        """Return the frames that are to be read, now that this one has come."""

    def rest(self) -> list[str]:
        """Return the frames that are to be read because no more will come."""

    def read(self, frame: str) -> InterimResult:
        """Return the message in a frame."""


class NumberedFrames:
    """Frames of the subprotocol ``qjob.v1``: an object with number, attempt, type and data.

    Args:
        decode: Reads the typed JSON of a message; by default the codec does.
    """

    def __init__(self, decode: Decode | None = None) -> None:
        self._decode = decode

    def connected(self) -> None:
        """Begin with another connection: the numbers say what was there before."""

    def take(self, frame: str) -> list[str]:
        """Return the frame: each is read at once."""
        return [frame]

    def rest(self) -> list[str]:
        """Return nothing: no frame is held back."""
        return []

    def read(self, frame: str) -> InterimResult:
        """Return the message in a frame.

        Raises:
            CodecError: The frame is not one of ``qjob.v1``, or its data can't be decoded.
        """
        document = loads(frame) if self._decode is None else json.loads(frame)
        if not isinstance(document, dict) or document.get("type") not in _KINDS:
            raise CodecError("The stream sent a frame of an unknown form.")
        data = document.get("data")
        if self._decode is not None:
            data = self._decode(json.dumps(data))
        seq, attempt = document.get("seq"), document.get("attempt")
        return InterimResult(
            seq=seq if isinstance(seq, int) else 0,
            attempt=attempt if isinstance(attempt, int) else 1,
            kind=document["type"],
            data=data,
        )


class PlainFrames:
    """Frames of the old protocol: an acknowledgement, then bare messages, counted by us.

    After a reconnect the service sends everything again, or what it still has; nothing in a message
    tells which. So a connection is compared with what is known. As long as its messages are those
    from some place of the known ones onwards, they are held back as a replay; at the first that
    fits nowhere, all that were not known come. What nobody can tell from a replay, messages
    that are all alike, is read as one from the beginning.

    The last message of a job that succeeds is its result; nothing marks it, so it comes as another
    interim result.

    Args:
        decode: Reads the typed JSON of a message; by default the codec does.
        after: How many messages were known before, whatever they were.
    """

    def __init__(self, decode: Decode | None = None, after: int = 0) -> None:
        self._decode = decode or loads
        self._count = after
        self._known: list[int | None] = [None] * after
        self._acknowledged = False
        self._held: list[str] = []
        self._replayed = 0  # how many of those held are known for certain
        self._starts: list[int] = []  # places from which on the known ones may be coming again

    def connected(self) -> None:
        """Begin with the frames of another connection, which may be a replay."""
        self._acknowledged = False
        self._held, self._replayed = [], 0
        self._starts = list(range(len(self._known)))

    def take(self, frame: str) -> list[str]:
        """Return the frames that this one shows to be new; the acknowledgement is none."""
        if not self._acknowledged:
            self._acknowledged = True
            return []
        self._held.append(frame)
        if self._starts and self._goes_on(hash(frame)):
            return []
        return self.rest()

    def _goes_on(self, digest: int) -> bool:
        """Whether the frames held may still be the beginning of a longer replay."""
        place, end = len(self._held) - 1, len(self._known)
        fit = [s for s in self._starts if self._known[s + place] in {None, digest}]
        self._starts = [s for s in fit if s + place + 1 < end]
        if len(fit) > len(self._starts):
            self._replayed = place + 1
        return bool(self._starts)

    def rest(self) -> list[str]:
        """Return the frames that were held back and are no replay."""
        new = self._held[self._replayed :]
        self._known += map(hash, new)
        self._held, self._replayed, self._starts = [], 0, []
        return new

    def read(self, frame: str) -> InterimResult:
        """Return the message in a frame."""
        self._count += 1
        return InterimResult(self._count, 1, "interim", self._decode(frame))
