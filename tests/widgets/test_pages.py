"""Pages that say that they are there, and pages that have died."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from qjobwidgets import StatusBadge
from qjobwidgets.widgets import pages as module
from qjobwidgets.widgets.pages import Pages, listen
from tests.conftest import eventually

MINUTE = 60.0


class Clock:
    """The time as pages are judged by it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def run(clock: Clock) -> Iterator[Callable[[str], None]]:
    """Run cells of a kernel's IPython, whose end is told, as every message of a widget is."""

    def run(code: str, **names: object) -> None:
        shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
        shell.kernel = SimpleNamespace(get_parent=dict)  # in a terminal, views would have no pages
        listen()
        shell.user_ns.update(names)
        shell.run_cell(code).raise_error()

    yield run
    InteractiveShell.clear_instance()
    module._cells.busy = True


def test_a_page_that_died_does_not_look_any_more(service, page, clock, run):
    """Its jobs were asked for as if somebody looked, for ever: it could not say that it had gone.

    What it shows is kept up to date all the same, should it only have been late.
    """
    job = service.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
    badges = [StatusBadge(job), StatusBadge(job)]
    for badge in badges:
        page.send(badge, kind="visible", visible=True, page="one")
    run("pass")
    clock.now += 2 * MINUTE
    audience = badges[0].watcher.audience
    assert audience.visible
    clock.now += 2 * MINUTE
    assert not audience.visible

    page.send(badges[0], kind="here", page="another")
    assert not audience.visible
    page.send(badges[0], kind="here", page="one")
    assert [badge.silent for badge in badges] == [False, False]
    assert audience.visible

    clock.now += 4 * MINUTE
    job.cancel()
    eventually(lambda: page.state(badges[1])["job"]["status"] == "CANCELLED")
    assert not audience.visible
    page.send(badges[1], kind="visible", visible=True, page="two")
    assert audience.visible


def test_a_message_is_no_cell(service, page, clock, run, monkeypatch):
    """A message of any page counted as a cell: for three minutes every dead page looked again.

    And as a cell seemed to run while it was heard, one that was back woke nobody.
    """
    job = service.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
    badge = StatusBadge(job)
    page.send(badge, kind="visible", visible=True, page="one")
    run("pass")
    clock.now += 4 * MINUTE
    assert badge.silent
    thought: list[bool] = []
    monkeypatch.setattr(badge.watcher, "visibility_changed", lambda: thought.append(badge.silent))
    page.send(badge, kind="here", page="another")
    assert (badge.silent, thought) == (True, [])
    page.send(badge, kind="here", page="one")
    assert thought == [False]
    job.cancel()


def test_silence_counts_from_the_end_of_a_cell(clock, run):
    """Whatever a page says waits as long as a cell keeps the kernel busy."""
    pages = Pages()
    pages.see("one", visible=True)
    clock.now += 4 * MINUTE
    assert not pages.silent  # nobody has told of cells yet: one may run
    run("clock.now += 240; assert not pages.silent", pages=pages, clock=clock)
    clock.now += 2 * MINUTE
    assert not pages.silent
    clock.now += 2 * MINUTE
    assert pages.silent
    pages.see("one", visible=False)
    assert not pages
    assert not pages.silent
