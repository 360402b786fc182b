"""Two of the notebooks in a real JupyterLab: run as a whole, while somebody looks at the views."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.conftest import eventually
from tests.lab.harness import Lab, NotebookPage, jupyter_lab
from tests.lab.notebooks import numbers

GROUND_STATE = -1.857275
"""Electronic energy of H2 at 0.735 Angstrom in STO-3G, in hartree: the published value."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The JupyterLab of this file's tests."""
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def opened(browser: Browser, lab: Lab, name: str) -> NotebookPage:
    """Open a notebook and run all of it, as the menu does."""
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    notebook = NotebookPage(page, lab, name)
    notebook.wait_for_kernel()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    return notebook


def plot_of(notebook: NotebookPage, source: str) -> Locator:
    """Return the plot that a cell shows."""
    plot = notebook.cell(source).locator(".qjw[data-points]").first
    plot.scroll_into_view_if_needed()
    return plot


def points(plot: Locator) -> int:
    """Return how many points a plot has."""
    return int(plot.get_attribute("data-points") or 0)


def printed(notebook: NotebookPage, source: str, last: str) -> str:
    """Return what a cell has printed, once these words are there, which are of its last line."""
    cell = notebook.cell(source)
    # the page draws what a cell has printed when it comes into view
    cell.scroll_into_view_if_needed()
    text = cell.locator('[data-mime-type="application/vnd.jupyter.stdout"]')
    expect(text).to_contain_text(last)
    return str(text.text_content())


def test_curves_of_two_optimizers_and_a_point_for_each_job_of_a_batch(browser, lab):
    notebook = opened(browser, lab, "vqe-convergence.ipynb")
    curves = plot_of(notebook, 'runs, exact=exact, unit="Ha")')
    eventually(lambda: points(curves) > 15)
    expect(curves).to_contain_text("COBYLA")
    expect(curves).to_contain_text("SLSQP")
    scan = plot_of(notebook, "InterimPlot(session=batch")
    eventually(lambda: points(scan) == 6)
    expect(plot_of(notebook, 'scale="error"')).to_contain_text("COBYLA")

    seen = printed(notebook, "repulsion = ", "mHa")
    assert numbers(seen, "exact", "Hartree-Fock") == [
        pytest.approx(-1.137306, abs=2e-6),
        pytest.approx(-1.116999, abs=2e-6),
    ]
    optimized = printed(notebook, "in runs.items()", "SLSQP").splitlines()
    assert len(optimized) == 2
    for line in optimized:
        assert 0 <= numbers(line, "evaluations,")[0] < 0.01, line
    error, spread = numbers(printed(notebook, "spread = ", "one evaluation"), "SPSA", "\n       ")
    assert 0 < spread < 20
    assert abs(error) < 5 * spread + 5
    fitted, angle = numbers(
        printed(notebook, "minimum of the fit", "\nexact"), "minimum of the fit", "at θ ="
    )
    assert fitted == pytest.approx(-1.1373, abs=0.02)
    assert angle == pytest.approx(-0.224, abs=0.1)
    assert notebook.errors == []
    notebook.page.close()


def test_a_day_of_work_ends_on_the_dashboard(browser, lab):
    notebook = opened(browser, lab, "a-day-of-work.ipynb")
    table = notebook.cell('title="GHZ states"')
    eventually(lambda: table.locator('[data-job][data-status="DONE"]').count() == 4)
    energies = plot_of(notebook, "InterimPlot(session=session")
    eventually(lambda: points(energies) == 4)
    notebook.finished(notebook.cell("of execution time"))
    failures = notebook.cell('title="Failures"').locator(".qjw").first
    failures.scroll_into_view_if_needed()
    expect(failures).to_contain_text("generate_preset_pass_manager")
    dashboard = notebook.cell("dashboard = JobsDashboard").locator(".qjw").first
    dashboard.scroll_into_view_if_needed()
    expect(dashboard.locator('[data-job][data-status="ERROR"]')).to_have_count(2)
    expect(dashboard.locator('[data-job][data-status="CANCELLED"]')).to_have_count(2)
    expect(dashboard.get_by_role("tab", name="Result")).to_be_visible()

    populations = printed(notebook, "share = ", "5 qubits")
    few, many = numbers(populations, "2 qubits: population", "5 qubits: population")
    assert 0.75 < many < few < 1.0
    failed = printed(notebook, "job.error_message()", "1305")
    assert failed.count("ERROR:") == 2
    angle, energy = numbers(printed(notebook, "def energy", "exact"), "θ =", "rad:")
    assert angle == pytest.approx(-0.224, abs=0.05)
    assert energy == pytest.approx(GROUND_STATE, abs=0.02)
    assert printed(notebook, "job.cancel()", "CANCELLED CANCELLED") == "CANCELLED CANCELLED\n"
    assert printed(notebook, "of execution time", "time").startswith("12 jobs, ")
    assert notebook.errors == []
    notebook.page.close()
