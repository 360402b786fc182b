"""The quickstart in a real JupyterLab in a real browser, run as a user runs it, cell by cell."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import eventually
from tests.lab.harness import Lab, NotebookPage, jupyter_lab, statuses

EXACT = float(
    np.linalg.eigvalsh(
        [
            [-1.0636533, 0, 0, 0.1809312],
            [0, -1.8369680, 0.1809312, 0],
            [0, 0.1809312, -0.2452183, 0],
            [0.1809312, 0, 0, -1.0636533],
        ]
    )[0]
)
"""Lowest eigenvalue of the quickstart's Hamiltonian, written out as a matrix."""


@dataclass
class Story:
    """What was seen while the notebook ran."""

    lab: Lab
    browser: Browser
    bell: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    points: list[tuple[int, str]] = field(default_factory=list)
    vqe: str = ""
    failure: str = ""
    cancelled: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


def drive(story: Story) -> None:
    """Run the quickstart from top to bottom, and note what the page shows."""
    page = story.browser.new_page(viewport={"width": 1280, "height": 1000})
    notebook = NotebookPage(page, story.lab, "quickstart.ipynb")
    story.console = notebook.errors
    notebook.wait_for_kernel()
    notebook.run("%load_ext qjobwidgets")

    notebook.run("first_job =")
    cell = notebook.run("run sampler bell", wait=False)
    story.bell = statuses(cell.locator("[data-job]").first, "DONE")
    histogram = notebook.run("%qjob counts bell_job").locator("[data-outcome]")
    histogram.first.wait_for()
    for bar in histogram.all():
        story.counts[bar.get_attribute("data-outcome")] = int(bar.get_attribute("data-count"))

    notebook.run("hydrogen = SparsePauliOp")
    row = notebook.run("run vqe ansatz").locator("[data-job]").first
    plot = notebook.run("%qjob plot vqe_job").locator(".qjw [data-points], .qjw[data-points]").first
    few = eventually(lambda: (n := int(plot.get_attribute("data-points"))) >= 3 and n)
    story.points.append((few, row.get_attribute("data-status")))
    more = eventually(lambda: (n := int(plot.get_attribute("data-points"))) > few and n)
    story.points.append((more, row.get_attribute("data-status")))
    story.vqe = notebook.run("%qjob wait vqe_job").locator(".jp-OutputArea").inner_text()

    row = notebook.run("far = QuantumCircuit").locator("[data-job]").first
    statuses(row, "ERROR")
    story.failure = notebook.cell("far = QuantumCircuit").locator(".qjw").inner_text()

    cell = notebook.run("slow_job =")
    row = cell.locator("[data-job]").first
    eventually(lambda: row.get_attribute("data-status") == "RUNNING")
    row.hover()
    row.get_by_role("button", name=re.compile("^Cancel job")).click()
    cell.get_by_role("button", name="Cancel job", exact=True).click()
    story.cancelled = statuses(row, "CANCELLED")

    notebook.run("again = RuntimeService")
    notebook.run("%qjob show again")
    notebook.cell("%qjob show again").locator(".qjw", has_text="DONE").wait_for()
    table = notebook.run_last()
    eventually(lambda: table.locator('[data-status="DONE"]').count() >= 2)
    # The twins follow what the live views show; saved now, the notebook holds the last truth.
    twin = table.locator("[data-qjw-twin]")
    eventually(lambda: (twin.text_content() or "").count("DONE") >= 2)
    notebook.save()
    page.close()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Story]:
    """The notebook, run once."""
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as lab:
        story = Story(lab, browser)
        drive(story)
        yield story


def test_the_bell_row_changes_by_itself(story):
    # one that was over before it was looked at is none of it
    order = ["INITIALIZING", "QUEUED", "RUNNING", "DONE"]
    assert story.bell == sorted(set(story.bell), key=order.index)
    assert story.bell[-1] == "DONE"


def test_the_histogram_shows_the_bell_pair_and_every_shot(story):
    assert story.counts.keys() == {"00", "11"}
    assert sum(story.counts.values()) == 1024


def test_the_vqe_curve_grows_while_the_job_runs(story):
    (few, status), (more, _) = story.points
    assert few < more
    assert status == "RUNNING"


def test_the_vqe_ends_within_chemical_accuracy(story):
    energy = float(re.search(r"VQE ([-−][\d.]+)", story.vqe)[1].replace("−", "-"))
    assert abs(energy - EXACT) < 1.6e-3


def test_the_failing_job_s_row_says_why_and_what_to_do(story):
    assert "not supported by noisy_local" in story.failure
    assert "generate_preset_pass_manager" in story.failure


def test_the_button_in_the_row_cancels_the_job(story):
    assert story.cancelled[-1] == "CANCELLED"


def test_the_console_shows_no_error(story):
    assert story.console == []


def test_reopened_without_its_kernel_it_shows_the_last_truth(story):
    """The static twin has to show what the widget did.

    A notebook front end shows an error in place of a widget whose model is gone, and ignores the
    output's other forms.
    """
    for session in story.lab.api("sessions"):
        story.lab.api(f"sessions/{session['id']}", "DELETE")
    shutil.copy(story.lab.folder / "quickstart.ipynb", story.lab.folder / "saved.ipynb")
    page = story.browser.new_page(viewport={"width": 1280, "height": 1000})
    notebook = NotebookPage(page, story.lab, "saved.ipynb")
    counts = notebook.cell("%qjob counts bell_job").locator(".jp-OutputArea")
    # The page draws the outputs of a cell when it comes into view, some time after the cell.
    expect(counts).to_contain_text("as of")
    text = counts.inner_text().replace("\u202f", "")
    for bits, count in story.counts.items():
        assert bits in text
        assert str(count) in text
    curve = notebook.cell("%qjob plot vqe_job").locator(".jp-OutputArea img")
    curve.scroll_into_view_if_needed()
    eventually(lambda: curve.evaluate("image => image.naturalWidth") > 300)
    last = page.locator(".jp-CodeCell").last
    last.scroll_into_view_if_needed()
    table = last.locator(".jp-OutputArea")
    for word in ("DONE", "ERROR", "CANCELLED", "as of"):
        expect(table).to_contain_text(word)
    assert "model not found" not in page.locator(".jp-Notebook").inner_text()
    page.close()
