"""What goes away while JupyterLab shows a running job: first the runtime, then the kernel."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator

from tests.conftest import eventually
from tests.lab.harness import Lab, NotebookPage, jupyter_lab
from tests.lab.notebooks import write_notebook

RUN = "job = %qjob run sample-program iterations=3000 --backend slow_local"
PLOT = "%qjob plot job --field iteration"
# the second is so long that the views are out of sight at the top of the page
CELLS = ["%load_ext qjobwidgets", "# one line of many\n" * 100, RUN, PLOT]


@dataclass(frozen=True)
class Story:
    """What was seen."""

    offline: str
    before: int
    after: int
    again: str
    legend: str
    gone: str
    console: list[str]


def points(plot: Locator) -> int:
    """Return how many points the plot has."""
    return int(plot.get_attribute("data-points") or 0)


def drive(lab: Lab, browser: Browser) -> Story:
    """Kill the runtime while a job runs, then shut the kernel down."""
    write_notebook(lab.folder / "crash.ipynb", CELLS)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    notebook = NotebookPage(page, lab, "crash.ipynb")
    notebook.wait_for_kernel()
    notebook.run("%load_ext qjobwidgets")
    row = notebook.run(RUN).locator("[data-job]").first
    plot = notebook.run(PLOT).locator(".qjw[data-points]").first
    plot.scroll_into_view_if_needed()
    eventually(lambda: points(plot) >= 5)

    with lab.without_runtime():
        offline = eventually(lambda: "offline since" in (text := plot.inner_text()) and text)
        before = points(plot)
    legend = plot.locator(".qjw-leg")
    eventually(lambda: "attempt 1" in legend.inner_text())
    said = legend.inner_text()
    after = eventually(lambda: (n := points(plot)) > before and n)
    eventually(lambda: row.get_attribute("data-status") == "RUNNING")
    # the row may have run all along, as far as the notebook knows
    again = eventually(lambda: "offline" not in (text := plot.inner_text()) and text)

    # with the focus in a view: the key for saving is the notebook's
    row.focus()
    notebook.save()
    for session in lab.api("sessions"):
        lab.api(f"sessions/{session['id']}", "DELETE")
    gone = eventually(lambda: "The kernel behind" in (text := plot.inner_text()) and text)
    # out of sight and back: a view without a kernel tells it nothing
    page.mouse.wheel(0, -5000)
    plot.scroll_into_view_if_needed()
    console = notebook.errors
    page.close()
    return Story(offline, before, after, again, said, gone, console)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Story:
    """The crash and the shutdown, lived through once."""
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as lab:
        return drive(lab, browser)


def test_a_killed_runtime_is_said(story):
    assert "retrying" in story.offline
    assert "RUNNING" in story.offline


def test_it_comes_back_and_the_job_runs_again(story):
    assert story.after > story.before
    assert "attempt 1" in story.legend
    assert "offline" not in story.again


def test_a_kernel_that_was_shut_down_is_said(story):
    """JupyterLab tells widgets of a restart only: a view went on saying that it was live."""
    assert story.gone.splitlines()[-1].startswith("as of ")


def test_the_console_shows_no_error(story):
    """Each view told the kernel that it was out of sight, and sending to a dead kernel throws."""
    assert story.console == []
