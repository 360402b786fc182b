"""The framing of older services: bare messages, and after a break whatever they send again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.client.frames import PlainFrames
from tests.client.sockets import says


def test_the_old_framing(stage):
    """First an acknowledgement, then bare messages; after a reconnect everything once more."""
    server, heard, handle = stage(
        says("ack", '{"iteration": 0}', '{"iteration": 1}', close=1011),
        says("ack", '{"iteration": 0}', '{"iteration": 1}', '"done"'),
        protocol=None,
    )
    assert handle.wait(60)
    assert [m.data for m in heard.messages] == [{"iteration": 0}, {"iteration": 1}, "done"]
    assert heard.seqs == [1, 2, 3]
    assert len(server.opened) == 2


def old(*datas: object, close: int | None = 1000):
    return says("ack", *map(json.dumps, datas), close=close)


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([old(1, 2, close=1011), old(1, 2, 3)], [1, 2, 3]),
        ([old(1, 1, 1, close=1011), old(1, 1, 1, 1, 1)], [1, 1, 1, 1, 1]),
        ([old(1, 2, 3, close=1011), old(2, 3, 4)], [1, 2, 3, 4]),
        ([old(1, 2, 3, close=1011), old(4, 5)], [1, 2, 3, 4, 5]),
        ([old(1, 2, 3, close=1011), old(1, 7, 8)], [1, 2, 3, 1, 7, 8]),
        ([old(1, 2, 3, close=1011), old(1, 2, close=None), old(1, 2, 3, 4)], [1, 2, 3, 4]),
        ([old(1, 2, 3, close=1011), old(3)], [1, 2, 3]),
        ([old(1, 2, 3, close=1011), old(1)], [1, 2, 3, 1]),
        ([old(1, 2, close=1011), old()], [1, 2]),
    ],
    ids=["all", "alike", "end", "none", "similar", "broken", "last", "first", "nothing"],
)
def test_what_the_old_framing_sends_after_a_break(stage, acts, expected):
    """Everything again, what it still has, or only what is new: by count, new ones were lost."""
    _, heard, handle = stage(*acts, protocol=None)
    assert handle.wait(60)
    assert [m.data for m in heard.messages] == expected
    assert heard.seqs == list(range(1, len(expected) + 1))


@given(st.data())
def test_replays_from_the_beginning_are_dropped_whatever_was_said(data):
    said = data.draw(st.lists(st.sampled_from("ab"), max_size=12))
    framing, heard = PlainFrames(), []
    for _ in range(data.draw(st.integers(0, 4))):
        framing.connected()
        for text in ["ack", *said[: data.draw(st.integers(0, len(said)))]]:
            heard += framing.take(text)
    framing.connected()
    for text in ["ack", *said]:
        heard += framing.take(text)
    heard += framing.rest()
    assert heard == said


def test_a_later_listener_of_the_old_framing(stage):
    _, heard, handle = stage(old(1, 2, 3, 4), protocol=None, after=2)
    assert handle.wait(60)
    assert [(m.seq, m.data) for m in heard.messages] == [(3, 3), (4, 4)]
