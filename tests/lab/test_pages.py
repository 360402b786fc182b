"""What pages of JupyterLab are sent of a view and save of it; a page loaded again has all of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.lab.harness import Lab, NotebookPage, jupyter_lab
from tests.lab.notebooks import BELL, save_widget_state, write_notebook

SETUP = """
from qjobwidgets import JobsTable, RuntimeService
from qjobwidgets.widgets import open_views
service = RuntimeService()
job = service.run("sample-program", {"iterations": 3000}, {"backend": "slow_local"})
"""
CELLS = [
    SETUP,
    "JobsTable([job], title='First')",
    "JobsTable([job], title='Second')",
    "for view in open_views():\n    view.close()",
    "JobsTable([job], title='Third')",
    "job.cancel()",
]


@dataclass
class Story:
    """What was seen."""

    saved: str = ""
    sorted: list[str | None] = field(default_factory=list)
    background: str = ""
    console: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory):
    """A JupyterLab that saves notebooks with all they can hold."""
    folder = tmp_path_factory.mktemp("lab")
    save_widget_state(folder)
    with jupyter_lab(folder) as lab:
        yield lab


def table(notebook: NotebookPage, title: str) -> Locator:
    """Return a table once its row is drawn."""
    view = notebook.cell(f"title='{title}'").locator(".qjw").first
    view.scroll_into_view_if_needed()
    expect(view.locator("[data-job]")).to_have_count(1)
    return view


@pytest.fixture(scope="module")
def story(lab: Lab, browser: Browser) -> Story:
    """Two tables, the page loaded again, the tables closed, the page loaded again, a third one."""
    story = Story()
    write_notebook(lab.folder / "pages.ipynb", CELLS)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    notebook = NotebookPage(page, lab, "pages.ipynb")
    story.console = notebook.errors
    notebook.wait_for_kernel()
    notebook.run("service = RuntimeService()")
    for title in ("First", "Second"):
        notebook.run(f"title='{title}'")
    head = table(notebook, "Second").get_by_role("columnheader", name="Created")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("[data-qjw-twin] table")).to_have_count(2)
    notebook.save()
    story.saved = (lab.folder / "pages.ipynb").read_text()

    page.reload()
    notebook.wait_for_kernel()
    for title in ("First", "Second"):
        head = table(notebook, title).get_by_role("columnheader", name="Created")
        story.sorted.append(head.get_attribute("aria-sort"))

    notebook.run("view.close()")
    page.reload()
    notebook.wait_for_kernel()
    notebook.run("title='Third'")
    view = table(notebook, "Third")
    # the style comes with the script, or after it
    expect(view).to_have_css("background-color", re.compile(r"^rgb\("))
    story.background = view.evaluate("el => getComputedStyle(el).backgroundColor")
    notebook.run("job.cancel()")
    expect(view.locator("[data-status=CANCELLED]")).to_have_count(1)
    page.close()
    return story


def test_the_script_is_sent_once(story: Story) -> None:
    """Each view carried all of it, over the socket and into the saved notebook."""
    [state] = json.loads(story.saved)["metadata"]["widgets"].values()
    models = [model["state"] for model in state["state"].values()]
    again, whole = sorted(len(model["_esm"]) for model in models if "_esm" in model)
    assert again < 1500
    assert whole > 20_000
    assert sum(bool(model.get("_css")) for model in models) == 1


def test_the_static_twins_come_after_the_first_paint(story: Story) -> None:
    outputs = [cell["outputs"] for cell in json.loads(story.saved)["cells"][1:3]]
    for _live, twin in outputs:
        assert "sample-program" in "".join(twin["data"]["text/html"])


def test_a_page_loaded_again_has_all_of_it(story: Story) -> None:
    """Fault 52."""
    assert story.sorted == ["none", "ascending"]


def test_a_page_without_the_script_asks_for_it(story: Story) -> None:
    """The third table is drawn, with its style, in a page that has shown none before."""
    assert story.background == "rgb(255, 255, 255)"


def test_the_console_shows_no_error(story: Story) -> None:
    assert story.console == []


THOUSAND = """
from datetime import UTC, datetime, timedelta
import numpy as np
from qjobwidgets import JobsDashboard, RuntimeJob, RuntimeService
from qjobwidgets.records import JobRecord, JobStatus
service, rng = RuntimeService(), np.random.default_rng(7)
now = datetime.now(UTC)
jobs = [
    RuntimeJob(service, JobRecord(
        rng.bytes(10).hex(), JobStatus.DONE, program="sampler", backend="ibm_kingston",
        created=now - timedelta(seconds=5000 + n), started=now - timedelta(seconds=2000 + n),
        finished=now - timedelta(seconds=n), usage_seconds=float(n), tags=("vqe", f"point-{n}")))
    for n in range(1000)
]
"""


def test_a_saved_notebook_with_a_dashboard_of_a_thousand_jobs_is_small(
    lab: Lab, browser: Browser
) -> None:
    """With its widget state, the card of a job open, and all rows on the page.

    The message that had brought the rows beyond the first stayed in the state: 440 kB.
    """
    path = lab.folder / "thousand.ipynb"
    write_notebook(path, [THOUSAND, "JobsDashboard(jobs)"])
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    notebook = NotebookPage(page, lab, path.name)
    notebook.wait_for_kernel()
    notebook.run("rng.bytes")
    board = notebook.run("JobsDashboard(jobs)").locator(".qjw").first
    expect(board.locator(".qjw-foot")).to_contain_text("1\u202f000")
    board.locator("[data-job]").first.click()
    expect(board.locator(".qjw-k-title")).to_be_visible()
    board.get_by_role("columnheader", name="Created").get_by_role("button").click()
    expect(board.locator(".qjw-foot")).to_contain_text("Showing all 1\u202f000")
    expect(notebook.page.locator("[data-qjw-twin] table").first).to_be_attached()
    notebook.save()
    page.close()
    saved = path.read_text()
    assert "application/vnd.jupyter.widget-state+json" in saved
    assert len(path.read_bytes()) < 400_000


PAIR = f"""
from qjobwidgets import CountsHistogram, RuntimeService
{BELL}
service = RuntimeService()
slow = service.run("sample-program", {{"iterations": 3000}}, {{"backend": "slow_local"}})
pair = service.run("sampler", {{"pubs": [(bell, None, 500)]}}, {{"backend": "slow_local"}})
"""
BUSY = """
AbortSignal.timeout = () => {
  const end = new AbortController();
  queueMicrotask(() => end.abort());
  return end.signal;
};
"""
"""Has the time that a host gives a view to load be over at once, as it is on a busy machine."""


def test_views_that_took_long_to_load_hear_what_the_kernel_says(lab: Lab, browser: Browser) -> None:
    """Their host dropped all messages from then on: a histogram stayed without a bar for good."""
    path = lab.folder / "busy.ipynb"
    cells = [PAIR, "CountsHistogram(pair)", "CountsHistogram(pair, top=2)", "slow.cancel()"]
    write_notebook(path, cells)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.add_init_script(BUSY)
    notebook = NotebookPage(page, lab, path.name)
    notebook.wait_for_kernel()
    notebook.run("service = RuntimeService()")
    views = [notebook.run("CountsHistogram(pair)"), notebook.run("CountsHistogram(pair, top=2)")]
    notebook.run("slow.cancel()")
    for view in views:
        expect(view.locator("[data-outcome]")).to_have_count(2)
    page.close()
    assert notebook.errors == []
