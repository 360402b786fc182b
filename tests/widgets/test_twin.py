"""The static twin: drawn where nobody waits for it, and the last truth is what stays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from qjobwidgets import InterimPlot, JobsTable, StatusBadge, render
from qjobwidgets.host import Host
from qjobwidgets.widgets.twin import Twin
from tests.conftest import eventually


class Notebook:
    """The outputs of a notebook, by their display ids: what they are, and what they first said."""

    def __init__(self) -> None:
        self.outputs: dict[str, dict[str, str]] = {}
        self.first: dict[str, dict[str, str]] = {}
        self.display_pub = self
        self.kernel = SimpleNamespace(get_parent=dict)

    def publish(
        self, data: dict[str, str], _metadata: Any, *, transient: dict[str, str], **_how: Any
    ) -> None:
        self.outputs[transient["display_id"]] = data
        if data["text/plain"]:
            self.first.setdefault(transient["display_id"], data)


class Later:
    """Errands that are run when the test says so."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def run(self, call: Callable[[], None]) -> None:
        self.calls.append(call)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """A notebook in JupyterLab."""
    shown = Notebook()
    for place in ("view", "twin"):
        monkeypatch.setattr(f"qjobwidgets.widgets.{place}.shell", lambda: shown)
    monkeypatch.setattr("qjobwidgets.widgets.view.host", lambda: Host.JUPYTER)
    return shown


def test_views_are_told_while_a_picture_is_drawn(service, page, notebook, monkeypatch):
    """The first picture loads matplotlib: for half a second no view was brought up to date."""
    drawing, drawn = threading.Event(), threading.Event()

    def slowly(*_views: Any, **_how: Any) -> str:
        drawing.set()
        assert drawn.wait(60)
        return "the picture"

    monkeypatch.setattr(render, "series_html", slowly)
    job = service.run("sample-program", {"iterations": 3}, {"backend": "slow_local"})
    plot = InterimPlot(job)
    plot._ipython_display_()
    assert drawing.wait(60)
    badge = StatusBadge(job)
    eventually(lambda: page.state(badge)["job"]["status"] == "DONE")
    drawn.set()
    eventually(lambda: "the picture" in notebook.outputs[plot.view_id]["text/html"])


def test_a_notebook_saved_soon_has_what_is_known(service, page, notebook):
    """It was empty without its kernel if saved within a second after a view was displayed."""
    jobs = [
        service.run("sample-program", {"iterations": 1}, {"backend": "slow_local"})
        for _ in range(6)
    ]
    for view, named, most in ((StatusBadge(jobs[0]), 1, 1200), (JobsTable(jobs), 4, 2200)):
        view._ipython_display_()
        eventually(lambda: view.view_id in notebook.first)  # noqa: B023 - called at once
        for form in notebook.first[view.view_id].values():
            assert sum(job.job_id() in form for job in jobs) == named
        assert sum(map(len, notebook.first[view.view_id].values())) < most


def test_a_view_displayed_while_it_is_brought_up_to_date_is_painted_first(
    service, page, notebook, monkeypatch
):
    """Its whole twin was drawn and sent ahead of it: 90 kB of a table of a hundred jobs."""

    class Displayed(JobsTable):
        shown = False

        def update_page(self) -> None:
            super().update_page()
            if not self.shown:
                self.shown = True
                self._ipython_display_()

    # painting takes however long it takes here
    monkeypatch.setattr("qjobwidgets.widgets.twin._AFTER", 3600.0)
    record = {"options": {"backend": "slow_local"}, "inputs": {"iterations": 1}}
    jobs = [service.run("sample-program", **record) for _ in range(6)]
    table = Displayed(jobs)
    eventually(lambda: table.view_id in notebook.first)
    assert sum(job.job_id() in notebook.first[table.view_id]["text/html"] for job in jobs) == 4


def test_a_closed_view_that_is_displayed_is_its_twin(service, notebook):
    """It was an empty place, as the publisher passes over what is closed."""
    badge = StatusBadge(service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"}))
    badge._ipython_display_()
    badge.close()
    notebook.outputs.clear()
    badge._ipython_display_()
    shown = notebook.outputs[badge.view_id]["text/plain"]
    assert shown
    assert shown == badge.twin()["text/plain"]


def test_what_was_drawn_for_long_does_not_replace_what_is_newer(notebook):
    known, later = ["old"], Later()

    def begin() -> Callable[[], dict[str, str]]:
        now = known[0]
        return lambda: {"text/html": now, "text/plain": now}

    twin = Twin("qjw-1", Host.JUPYTER, lambda: known[0], begin)
    twin.display(beside_live=True)
    twin.refresh(later)
    known[0] = "new"
    twin.refresh()  # as when the view is closed
    for call in later.calls:
        call()
    assert notebook.outputs["qjw-1"]["text/plain"] == "new"


def test_what_is_outdated_before_its_turn_is_not_drawn(notebook):
    """Where all drawings took longer than ten seconds, none was shown, and ever more waited."""
    drawn: list[int] = []
    known, later = [0], Later()

    def begin() -> Callable[[], dict[str, str]]:
        now = known[0]

        def draw() -> dict[str, str]:
            drawn.append(now)
            return {"text/html": str(now), "text/plain": str(now)}

        return draw

    twin = Twin("qjw-1", Host.JUPYTER, lambda: known[0], begin)
    twin.display(beside_live=True)
    for known[0] in (1, 2, 3):
        twin.refresh(later)
    for call in later.calls:
        call()
    assert drawn == [3]
    assert notebook.outputs["qjw-1"]["text/plain"] == "3"


def test_a_view_closed_while_its_twin_is_drawn_leaves_the_whole_truth(notebook):
    """What is drawn elsewhere may never come, as when the kernel ends."""
    form = {"text/html": "truth", "text/plain": "truth"}
    twin, later = Twin("qjw-1", Host.JUPYTER, lambda: "facts", lambda: lambda: form), Later()
    twin.display(beside_live=True)
    twin.refresh(later)
    assert notebook.outputs["qjw-1"]["text/plain"] == ""
    twin.refresh()
    assert notebook.outputs["qjw-1"]["text/plain"] == "truth"


def test_what_has_not_changed_is_not_drawn_again(notebook):
    form = {"text/html": "truth", "text/plain": "truth"}
    twin, later = Twin("qjw-1", Host.JUPYTER, lambda: "facts", lambda: lambda: form), Later()
    twin.display(beside_live=True)
    for _ in range(3):
        twin.refresh(later)
    [call] = later.calls
    call()
    notebook.outputs.clear()
    twin.refresh(later)
    twin.refresh()
    assert (len(later.calls), notebook.outputs) == (1, {})
