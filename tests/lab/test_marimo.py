"""The views in a real marimo in a real browser: shown as they are, and as elements of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SHOTS
from tests.conftest import eventually
from tests.lab.followed import SURFACES, Followed, FollowsJobs
from tests.lab.marimo_app import marimo_app

NOTEBOOK = """
import marimo

app = marimo.App(width="full")

@app.cell
def _():
    import marimo as mo
    from qiskit import QuantumCircuit
    from qjobwidgets import (
        CountsHistogram, InterimPlot, JobsTable, RuntimeService, Sampler, StatusBadge,
    )
    from qjobwidgets.host import host, notebook_path
    from qjobwidgets.widgets import open_views

    service = RuntimeService()
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    bell.measure_all()
    job = Sampler(service.backend("aer_local")).run([bell], shots=500)
    slow, long = (
        service.run("sample-program", {"iterations": n}, {"backend": "slow_local"})
        for n in (4, 3000)
    )
    return (
        CountsHistogram, InterimPlot, JobsTable, StatusBadge, host, job, long, mo, notebook_path,
        open_views, service, slow,
    )

@app.cell
def _(mo):
    again = mo.ui.run_button(label="Run again")
    again
    return (again,)

@app.cell
def _(JobsTable, again, mo, service):
    again.value
    mo.ui.anywidget(JobsTable(service=service))

@app.cell
def _(mo):
    clock = mo.ui.refresh(default_interval="1s")
    clock
    return (clock,)

@app.cell
def _(JobsTable, clock, mo, open_views):
    clock.value
    tables = [view.view_id for view in open_views() if isinstance(view, JobsTable)]
    mo.md(f"open tables: {' '.join(tables)}")

@app.cell
def _(StatusBadge, slow):
    StatusBadge(slow)

@app.cell
def _(InterimPlot, long):
    InterimPlot(long)

@app.cell
def _(CountsHistogram, job):
    CountsHistogram(job)

@app.cell
def _(host, mo, notebook_path):
    mo.md(f"shown in {host().name} from {notebook_path()}")

if __name__ == "__main__":
    app.run()
"""


@dataclass
class Story(Followed):
    """What was seen."""

    themes: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    host: str = ""


def tell(page: Page, story: Story) -> None:
    """Watch the views, and cancel a job."""
    badge = page.locator(".qjw[data-status]")
    story.follow(badge)
    table = page.locator(".qjw", has=page.locator(".qjw-t-bar"))
    expect(table.locator('[data-status="DONE"]')).to_have_count(2)
    expect(page.locator("[data-outcome]")).to_have_count(2)
    story.add_up(page.locator("[data-outcome]"))
    plot = page.locator(".qjw [data-points], .qjw[data-points]").first
    story.see_growing(plot)
    before = eventually(lambda: open_table(page))
    page.get_by_role("button", name="Run again").click()
    after = eventually(lambda: (now := open_table(page)) != before and now)
    story.tables = [before, after]
    story.cancel(table)
    for theme, surface in SURFACES.items():
        page.emulate_media(color_scheme=theme)
        expect(table).to_have_css("background-color", surface)
        for view in page.locator(".qjw:not(.qjw .qjw)").all():
            expect(view).to_have_css("background-color", surface)
        story.themes.append(theme)
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"marimo-{theme}.png")
    story.host = page.get_by_text("shown in").inner_text()


def open_table(page: Page) -> str | None:
    """Return the id of the table that the kernel keeps up to date, while there is just one.

    What is said of them is a second old, and from the time between two of them too.
    """
    tables = page.get_by_text("open tables:").inner_text().split()[2:]
    return tables[0] if len(tables) == 1 else None


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Story]:
    """The notebook, opened once."""
    story = Story()
    page = browser.new_page(viewport={"width": 1280, "height": 1500}, color_scheme="light")
    page.set_default_timeout(150_000)
    page.on("pageerror", lambda error: story.errors.append(str(error)))
    page.on("console", lambda m: story.errors.append(m.text) if m.type == "error" else None)
    with marimo_app(tmp_path_factory.mktemp("marimo"), NOTEBOOK) as address:
        page.goto(address)
        tell(page, story)
        page.close()
        yield story


class TestJobs(FollowsJobs):
    """In marimo."""


def test_a_cell_that_runs_again_leaves_no_view_behind(story: Story) -> None:
    """Marimo closes the page's end of a view and tells nobody: each was kept, as one in sight."""
    before, after = story.tables
    assert before != after


def test_all_views_wear_the_theme(story: Story) -> None:
    """Each is in a shadow root, where no style sheet of the page reaches."""
    assert story.themes == list(SURFACES)


def test_marimo_and_the_notebook_are_known(story: Story) -> None:
    assert story.host.startswith("shown in MARIMO from /")
    assert story.host.endswith("notebook.py")
