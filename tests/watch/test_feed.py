"""A feed of interim results: put aside as they come, read when somebody asks."""

from __future__ import annotations

import weakref

from qjobwidgets.records import InterimResult, JobRecord
from qjobwidgets.watch.feed import InterimFeed


class Pushed(InterimFeed):
    """A stream that is open, whose messages come from the test."""

    def _open(self) -> None:
        self.state = "open"

    def push(self, seq: int, data: object) -> None:
        self._take(InterimResult(seq, 1, "interim", data))


class Message(dict[str, float]):
    """A message of which can be told whether it is still held."""


def feed() -> Pushed:
    return Pushed(None, JobRecord("d4qk1c7s9v8g008n2m3g", "RUNNING", program="vqe"))


def test_of_what_waits_to_be_read_listeners_hear_once():
    """Of two hundred messages a second each was read, and all plots marked, as it came."""
    stream, told = feed(), []
    stream.listeners = (lambda: told.append(seq),)
    for seq in range(1, 51):
        stream.push(seq, {"energy": float(-seq)})
    assert told == [1]
    assert len(stream.series) == 50
    for seq in range(51, 61):
        stream.push(seq, {"energy": float(-seq)})
    assert told == [1, 51]
    assert (len(stream.series), stream.series.missed) == (60, 0)


def test_messages_that_nobody_reads_are_not_held():
    stream, messages = feed(), []
    for seq in range(1, 1001):
        message = Message(energy=float(seq))
        messages.append(weakref.ref(message))
        stream.push(seq, message)
    del message
    assert sum(one() is not None for one in messages) < 500
    assert len(stream.series) == 1000
    assert not any(one() for one in messages)
