"""A feed of interim results: put aside as they come, read when somebody asks."""

from __future__ import annotations

import threading
import weakref
from collections import deque

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


def test_who_asks_while_another_reads_gets_all_that_has_come(monkeypatch):
    """The point another thread was just reading was not there, and nobody was told of it again."""
    stream, reading, read = feed(), threading.Event(), threading.Event()
    take = stream._series.take

    def slowly(message: InterimResult) -> bool:
        reading.set()
        assert read.wait(60)
        return take(message)

    monkeypatch.setattr(stream._series, "take", slowly)
    stream.push(1, {"energy": -1.0})
    found: list[int] = []
    first, second = (
        threading.Thread(target=lambda: found.append(len(stream.series))) for _ in range(2)
    )
    first.start()
    assert reading.wait(60)
    second.start()
    second.join(0.2)  # long enough to answer what it should wait for
    read.set()
    first.join(60)
    second.join(60)
    assert found == [1, 1]


def test_of_what_is_read_before_it_is_counted_listeners_hear():
    """Only the first that waited was told of, and this one did not wait any more."""
    stream, told = feed(), []

    class Hasty(deque[InterimResult]):
        """Whatever is put aside here is read at once, by another."""

        def append(self, message: InterimResult) -> None:
            super().append(message)
            assert stream.series

    stream._waiting = Hasty()
    stream.listeners = (lambda: told.append(len(stream.series)),)
    stream.push(1, {"energy": -1.0})
    assert told == [1]


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
