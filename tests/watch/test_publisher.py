"""The publisher: news reach views, not too often, and the last state is right."""

import threading

from qjobwidgets.watch.errands import Errands
from qjobwidgets.watch.publisher import Publisher
from tests.conftest import eventually


class Counter:
    """A view of a number."""

    min_interval = 0.05

    def __init__(self):
        self.value = 0
        self.shown = []
        self.changed = threading.Condition()

    def publish(self):
        with self.changed:
            self.shown.append(self.value)
            self.changed.notify_all()

    def wait_for(self, value, timeout=30):
        with self.changed:
            return self.changed.wait_for(lambda: self.shown[-1:] == [value], timeout)


class Broken(Counter):
    def publish(self):
        super().publish()
        raise RuntimeError("can't be drawn")


def test_five_thousand_changes_become_a_few_messages_and_the_last_is_right():
    publisher, view = Publisher(), Counter()
    for value in range(1, 5001):
        view.value = value
        publisher.mark(view)
    assert view.wait_for(5000)
    assert len(view.shown) < 500
    publisher.stop()


def test_news_just_after_a_message_is_not_kept_back():
    """A status that changed just after the page was told how fresh it was waited 0.25 s more."""
    publisher, view = Publisher(), Counter()
    view.min_interval = 3600.0  # whoever waits for it does not see the end of the test
    for value in (1, 2):
        view.value = value
        publisher.mark(view)
        assert view.wait_for(value)
    view.value = 3
    publisher.mark(view)
    assert not view.wait_for(3, timeout=0.1)
    publisher.stop()


def test_news_are_told_while_the_thread_sleeps_for_those_of_another_view(monkeypatch):
    """Views told often don't wake it each time: it must not sleep over what can't wait."""
    monkeypatch.setattr("qjobwidgets.watch.publisher._LINGER", 3600.0)
    publisher, slow, view = Publisher(), Counter(), Counter()
    slow.min_interval = 1800.0
    for value in (1, 2):
        slow.value = value
        publisher.mark(slow)
        assert slow.wait_for(value)
    for value in range(1, 6):
        view.value = value
        publisher.mark(view)
        assert view.wait_for(value)
    publisher.stop()


def test_a_view_that_fails_does_not_stop_the_others():
    publisher, broken, view = Publisher(), Broken(), Counter()
    publisher.mark(broken)
    publisher.mark(view)
    assert view.wait_for(0)
    publisher.stop()
    assert broken.shown


def test_a_stopped_publisher_leaves_no_thread_and_can_start_again():
    publisher, view = Publisher(), Counter()
    publisher.mark(view)
    assert view.wait_for(0)
    publisher.stop()
    eventually(lambda: not [t for t in threading.enumerate() if t.name == "qjob-publisher"])
    view.value = 7
    publisher.mark(view)
    assert view.wait_for(7)
    publisher.stop()


def test_errands_run_in_order_and_survive_a_failing_one():
    errands, done, order = Errands(), threading.Event(), []
    errands.run(lambda: order.append("first"))
    errands.run(lambda: 1 // 0)
    errands.run(lambda: (order.append("third"), done.set()))
    assert done.wait(30)
    errands.stop()
    assert order == ["first", "third"]


def test_a_publisher_that_was_stopped_stays_so_whatever_it_was_in_the_middle_of():
    """A view that had more to tell marked itself again, and that began another thread."""
    publisher, begun, goes_on = Publisher(), threading.Event(), threading.Event()

    class Unfinished(Counter):
        def publish(self):
            begun.set()
            goes_on.wait(60)
            publisher.mark(self)
            super().publish()

    view = Unfinished()
    publisher.mark(view)
    assert begun.wait(60)
    [thread] = [t for t in threading.enumerate() if t.name == "qjob-publisher"]
    publisher.stop(timeout=0)
    goes_on.set()
    thread.join(60)
    assert not [t for t in threading.enumerate() if t.name == "qjob-publisher"]
    publisher.mark(view)  # by another thread: it is wanted again
    eventually(lambda: len(view.shown) > 1)
    publisher.stop()
