"""The views in a real JupyterLab: used as a user does, in both themes, then saved and exported.

One notebook for all of it, whose cells are run and looked at one after the other; the tests say
what was seen. Everything that comes from outside in it is hostile (fault 48).
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import eventually
from tests.lab.harness import ROOT, Lab, NotebookPage, jupyter_lab
from tests.lab.notebooks import BELL, save_widget_state, write_notebook

AXE = ROOT / "js/node_modules/axe-core/axe.min.js"
SHOTS = ROOT / "build/screenshots"
HOSTILE = "<img src=x onerror=alert(1)></script>{{7*7}}"

SETUP = f"""
import time
from pathlib import Path
from ipywidgets import HTML, HBox
from qjobwidgets import (
    CountsHistogram, InterimPlot, JobCard, JobsDashboard, JobsTable, RuntimeService, StatusBadge,
)
hostile = {HOSTILE!r}
service = RuntimeService()
{BELL}

def pairs(shots, **options):
    return service.run("sampler", {{"pubs": [(bell, None, shots)]}},
                       {{"backend": "aer_local", **options}})

def slow():
    return service.run("sample-program", {{"iterations": 3000}}, {{"backend": "slow_local"}})

few, many = pairs(500, job_tags=[hostile]), pairs(2000)
few.update_name(hostile)
failing = service.run(service.upload_program(
    "def main(backend, user_messenger, **kwargs):\\n"
    "    print(kwargs['text'], flush=True)\\n"
    "    raise ValueError(kwargs['text'])\\n",
    name="failing", max_execution_time=60), {{"text": hostile}}, {{"backend": "aer_local"}})
descent = service.upload_program(
    "import time\\n"
    "from itertools import count\\n"
    "def main(backend, user_messenger, start, **kwargs):\\n"
    "    for step in count(1):\\n"
    "        user_messenger.publish({{'energy': start / step - 1.1, 'std': 0.01 * start}})\\n"
    "        time.sleep(0.1)\\n",
    name="descent", max_execution_time=3000)
"""
CELLS = {
    "table": "queue = [slow(), slow()]\nJobsTable(service=service, title='All jobs')",
    "badge": "HBox([HTML('The pair is'), StatusBadge(few, inline=True), HTML('by now.')])",
    "card": "JobCard(many, compare=few)",
    "log": "JobCard(failing)",
    "counts": "CountsHistogram(few, compare=[many, {'00': 0.5, '11': 0.5}],"
    " labels=['more shots', 'ideal'])",
    "busy": "one = slow()\ndisplay(JobsTable([one], title='Busy'))\n"
    "while not Path('go').exists():\n    time.sleep(0.05)",
    "plot": "runs = {name: service.run(descent, {'start': start}, {'backend': 'aer_local'})\n"
    "        for name, start in [('near', 0.2), ('far', 0.9)]}\n"
    "InterimPlot(runs, ['energy', 'std'], exact={'energy': -1.1}, goal={'energy': 'min'})",
    "stop": "for job in runs.values():\n    job.cancel()",
    "dashboard": "JobsDashboard(service=service, title='Dashboard')",
}


@dataclass
class Story:
    """What was seen."""

    folder: Path
    sorted: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    inserted: int = -1
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    badge: dict[str, float] = field(default_factory=dict)
    compared: str = ""
    log: str = ""
    far: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    drawn: str = ""
    offline: str = ""
    again: str = ""
    dashboard: str = ""
    violations: dict[str, list[str]] = field(default_factory=dict)
    images: int = 0
    console: list[str] = field(default_factory=list)


class Reader:
    """Someone who uses the views of the notebook."""

    def __init__(self, story: Story, lab: Lab, browser: Browser) -> None:
        self.story, self.lab = story, lab
        self.page = browser.new_page(viewport={"width": 1280, "height": 1000})
        self.notebook = NotebookPage(self.page, lab, "views.ipynb")
        story.console = self.notebook.errors
        self.page.on("dialog", lambda dialog: story.console.append(f"dialog {dialog.message}"))
        self.notebook.wait_for_kernel()
        self.notebook.run("import time")

    def show(self, name: str) -> Locator:
        """Run a cell; return the view in it."""
        view = self.notebook.run(CELLS[name].splitlines()[-1]).locator(".qjw").first
        view.scroll_into_view_if_needed()
        return view

    def picture(self, view: Locator, name: str) -> None:
        """Keep a picture of a view."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        view.screenshot(path=SHOTS / f"lab-{name}.png")

    def use_the_table(self) -> None:
        """Sort, filter, select, cancel two with one question, download."""
        view, story = self.show("table"), self.story
        rows = view.locator("[data-job]")
        eventually(lambda: rows.count() >= 5)
        head = view.get_by_role("columnheader", name="Created")
        for _ in range(2):
            head.get_by_role("button").click()
            story.sorted.append(head.get_attribute("aria-sort"))
        search = view.get_by_role("textbox", name="Search")
        search.fill("slow_local")
        expect(rows).to_have_count(2)
        view.get_by_role("checkbox", name="Select all jobs").click()
        view.get_by_role("button", name="Cancel…").click()
        view.get_by_role("button", name="Cancel 2 jobs").click()
        eventually(
            lambda: {row.get_attribute("data-status") for row in rows.all()} == {"CANCELLED"}
        )
        story.cancelled = [row.get_attribute("data-status") for row in rows.all()]
        view.get_by_role("button", name="Close").click()
        view.get_by_role("button", name="Clear filter").first.click()
        expect(view.locator("[data-job][data-status=DONE]")).to_have_count(2)
        view.get_by_role("button", name="Filter by status").click()
        panel = view.get_by_role("dialog", name="Filter by status")
        panel.get_by_text("DONE").click()
        expect(panel.get_by_role("checkbox", name="DONE")).to_be_checked()
        panel.get_by_role("button", name="Clear").click()
        self.page.keyboard.press("Escape")
        self.press_letters(view)
        view.get_by_role("button", name="More", exact=True).click()
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Download CSV").click()
        download.value.save_as(story.folder / "jobs.csv")
        with (story.folder / "jobs.csv").open(newline="") as file:
            story.rows = {row["job_id"]: row for row in csv.DictReader(file)}
        self.page.keyboard.press("Escape")

    def press_letters(self, view: Locator) -> None:
        """Press what inserts a cell: in a row, on a button; then leave the table."""
        cells = self.page.locator(".jp-Cell")
        before = cells.count()
        for place in (view.locator("[data-job]").first, view.get_by_role("button", name="Refresh")):
            place.focus()
            self.page.keyboard.press("b")
        self.page.keyboard.press("Escape")
        expect(self.page.locator(".jp-Cell:focus")).to_have_count(1)
        self.story.inserted = cells.count() - before

    def read_the_badge(self) -> None:
        """See where it stands in its line."""
        badge = self.show("badge")
        expect(badge).to_contain_text("DONE")
        shown = self.notebook.cell(CELLS["badge"]).locator(".jp-OutputArea")
        beside = shown.get_by_text("by now.", exact=True)
        here, there = badge.bounding_box(), beside.bounding_box()
        self.story.badge = {
            "gap": there["x"] - here["x"] - here["width"],
            "down": abs(there["y"] + there["height"] / 2 - here["y"] - here["height"] / 2),
        }

    def read_the_cards(self) -> None:
        """Compare two jobs, then look at the log of one that failed."""
        card = self.show("card")
        expect(card.get_by_role("tabpanel")).to_contain_text("Hellinger fidelity")
        self.story.compared = card.get_by_role("tabpanel").inner_text()
        card.get_by_role("tab", name="Compare").focus()
        self.page.keyboard.press("Home")
        expect(card.locator("[data-outcome]")).to_have_count(2)
        failed = self.show("log")
        failed.get_by_role("tab", name="Logs").click()
        expect(failed.get_by_role("region", name="Log")).to_contain_text("onerror")
        self.story.log = failed.inner_text()

    def compare_counts(self) -> None:
        """See how far the counts are from each of the others."""
        view = self.show("counts")
        expect(view.locator("[data-outcome]")).to_have_count(2)
        for label in ("Against more shots", "Against ideal"):
            view.get_by_label("Comparison").select_option(label)
            expect(view.locator(".qjw-ct-leg")).to_contain_text(label.removeprefix("Against "))
            self.story.far.append(view.locator(".qjw-ct-figs").inner_text())

    def cancel_while_a_cell_runs(self) -> None:
        """Press the button of a row while the kernel is busy."""
        cell = self.notebook.run("one = slow()", wait=False)
        row = cell.locator("[data-job]").first
        eventually(lambda: row.get_attribute("data-status") == "RUNNING")
        row.hover()
        row.get_by_role("button", name=re.compile("^Cancel job")).click()
        cell.get_by_role("button", name="Cancel job", exact=True).click()
        expect(row).to_contain_text("cancelling…")
        prompt = cell.locator(".jp-InputArea-prompt")
        self.story.busy = [prompt.inner_text(), row.get_attribute("data-status")]
        (self.lab.folder / "go").touch()
        self.notebook.finished(cell)
        eventually(lambda: row.get_attribute("data-status") == "CANCELLED")
        self.story.busy.append("CANCELLED")

    def follow_two_runs(self) -> None:
        """Watch two fields of two jobs, over a crash of the runtime."""
        plot, story = self.show("plot"), self.story
        eventually(lambda: int(plot.get_attribute("data-points") or 0) >= 20)
        story.drawn = plot.inner_text()
        with self.lab.without_runtime():
            story.offline = eventually(lambda: "offline" in (text := plot.inner_text()) and text)
            before = int(plot.get_attribute("data-points"))
        eventually(lambda: int(plot.get_attribute("data-points")) > before)
        story.again = eventually(lambda: "offline" not in (text := plot.inner_text()) and text)
        self.notebook.run(CELLS["stop"])

    def use_the_dashboard(self) -> None:
        """Open a job by keys, and look at its counts."""
        board = self.show("dashboard")
        rows = board.locator("[data-job]")
        eventually(lambda: rows.count() >= 5)
        board.get_by_role("textbox", name="Search").fill("sampler")
        expect(rows).to_have_count(2)
        rows.first.focus()
        self.page.keyboard.press("Enter")
        board.get_by_role("tab", name="Counts").click()
        expect(board.get_by_role("tabpanel").locator("[data-outcome]")).to_have_count(2)
        self.story.dashboard = board.locator(".qjw-strip").inner_text()

    def look_at_all(self, theme: str) -> None:
        """Have axe look at every view in a theme of JupyterLab, and keep pictures."""
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(path=AXE)
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })",
            f"JupyterLab {theme}",
        )
        dark = re.compile(r"\bqjw-dark\b")
        for name in ("table", "card", "log", "counts", "plot", "dashboard"):
            view = self.notebook.cell(CELLS[name].splitlines()[-1]).locator(".qjw").first
            view.scroll_into_view_if_needed()
            looks = expect(view)
            (looks.to_have_class if theme == "Dark" else looks.not_to_have_class)(dark)
            self.story.violations[f"{name}, {theme}"] = view.evaluate(VIOLATIONS)
            self.picture(view, f"{name}-{theme.lower()}")
        self.story.images += self.page.locator(".qjw img").count()


VIOLATIONS = """async (view) => {
  const { violations } = await axe.run(view, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory):
    """A JupyterLab that saves notebooks with all they can hold."""
    folder = tmp_path_factory.mktemp("lab")
    save_widget_state(folder)
    options = ["--LabApp.expose_app_in_browser=True"]
    with jupyter_lab(folder, dark=True, options=options) as lab:
        yield lab


@pytest.fixture(scope="module")
def story(lab: Lab, browser: Browser) -> Story:
    """The notebook, used from top to bottom."""
    write_notebook(lab.folder / "views.ipynb", [SETUP, *CELLS.values()])
    story = Story(lab.folder)
    reader = Reader(story, lab, browser)
    reader.use_the_table()
    reader.read_the_badge()
    reader.read_the_cards()
    reader.compare_counts()
    reader.cancel_while_a_cell_runs()
    reader.follow_two_runs()
    reader.use_the_dashboard()
    for theme in ("Light", "Dark"):
        reader.look_at_all(theme)
    reader.notebook.save()
    reader.page.close()
    return story


def test_the_table_sorts_filters_and_cancels_two_jobs_with_one_question(story: Story) -> None:
    assert story.sorted == ["ascending", "descending"]
    assert story.cancelled == ["CANCELLED", "CANCELLED"]


def test_letters_pressed_in_the_table_are_not_the_notebook_s(story: Story) -> None:
    """JupyterLab's shortcuts acted on the cell while a row or a button of it had the focus."""
    assert story.inserted == 0


def test_the_rows_are_downloaded_as_they_are(story: Story) -> None:
    assert len(story.rows) == 5
    assert HOSTILE in {row["tags"] for row in story.rows.values()}
    assert sum(row["status"] == "DONE" for row in story.rows.values()) == 2


def test_a_badge_stands_in_its_line(story: Story) -> None:
    assert 0 <= story.badge["gap"] < 40
    assert story.badge["down"] < 6


def test_two_jobs_are_compared_by_their_counts(story: Story) -> None:
    assert re.search(r"PUB 0 · meas\s+(0\.99\d|1\.000)", story.compared)
    assert re.search(r"Shots\s+2000\s+500", story.compared)
    first, second = story.far
    assert "Hellinger fidelity" in first
    assert first != second


def test_updates_come_and_a_click_is_taken_while_a_cell_runs(story: Story) -> None:
    """Fault 50: the row runs and says "cancelling…" while the cell does; then the kernel can."""
    prompt, status, last = story.busy
    assert "*" in prompt
    assert (status, last) == ("RUNNING", "CANCELLED")


def test_several_fields_of_several_jobs_over_a_crash_of_the_runtime(story: Story) -> None:
    for words in ("near", "far", "energy, std"):
        assert words in story.drawn
    assert "offline" in story.offline
    assert "2 jobs" in story.again


def test_a_job_is_opened_in_the_dashboard_by_keys(story: Story) -> None:
    assert "requests/min" in story.dashboard
    assert "aer_local" in story.dashboard


def test_what_comes_from_outside_is_text(story: Story) -> None:
    """Fault 48, in the widgets."""
    assert HOSTILE in story.log
    assert story.images == 0


def test_axe_finds_nothing_serious(story: Story) -> None:
    assert len(story.violations) == 12
    assert {name: found for name, found in story.violations.items() if found} == {}


def test_the_console_shows_no_error(story: Story) -> None:
    assert story.console == []


def test_the_saved_notebook_is_exported_with_all_of_it_as_text(
    story: Story, browser: Browser, tmp_path: Path
) -> None:
    """Fault 48, in the saved HTML and the exported page, opened where there is no network."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=ERROR"]
    subprocess.run(
        [*command, f"--output-dir={tmp_path}", str(story.folder / "views.ipynb")],
        check=True, timeout=400,
    )  # fmt: skip
    page = offline(browser)
    alarms: list[str] = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    page.goto((tmp_path / "views.html").as_uri())
    twins = page.locator("[data-qjw-twin]")
    expect(twins.first).to_be_visible()
    assert twins.count() >= 7
    text = " ".join(twins.all_inner_texts())
    assert HOSTILE in text
    assert f"ValueError: {HOSTILE}" in text
    assert page.locator('[data-qjw-twin] img:not([src^="data:image/png"])').count() == 0
    assert alarms == []
    page.context.close()


def offline(browser: Browser) -> Page:
    """Return a page without network."""
    context = browser.new_context(offline=True)
    context.set_default_timeout(150_000)
    return context.new_page()
