"""Traits that are set by a cell and by the publisher's thread at the same time."""

from __future__ import annotations

import threading
from typing import Any

import traitlets

from qjobwidgets.widgets.sending import Sending


def told(_value: object, widget: Any) -> object:
    """Be read for the page no sooner than the cell has set its trait."""
    widget.reading.set()
    widget.was_set.wait(30)
    return widget.rows


class Both(Sending):
    """A widget with a trait for each thread."""

    rows = traitlets.Int(0).tag(sync=True, to_json=told)
    more = traitlets.Int(0).tag(sync=True)
    current = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        self.reading, self.was_set = threading.Event(), threading.Event()
        self.was_set.set()
        super().__init__()
        self.reading.clear()
        self.was_set.clear()


def publish(widget: Both) -> None:
    with widget.one_message():
        widget.more = 1
        widget.rows = 2


def test_what_a_cell_sets_while_a_message_is_made_is_sent(page):
    """It was noted as to be sent with the message, which was gone: the page never had it."""
    widget = Both()
    publisher = threading.Thread(target=publish, args=[widget])
    publisher.start()
    widget.reading.wait(30)
    widget.current = "d4qk1c7s9v8g008n2m3g"
    assert page.state(widget)["current"] == "d4qk1c7s9v8g008n2m3g"
    widget.was_set.set()
    publisher.join(30)
    states = [set(update) for update in page.updates[widget.model_id][1:]]
    assert states == [{"current"}, {"more", "rows"}]


def test_who_observes_a_trait_is_told_before_the_message_is_sent(page):
    widget = Both()
    widget.was_set.set()
    seen = []
    widget.observe(lambda change: seen.append((change["new"], page.state(widget)["more"])), "more")
    publish(widget)
    assert seen == [(1, 0)]
    assert page.state(widget)["more"] == 1
