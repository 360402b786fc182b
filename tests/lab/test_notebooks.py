"""Two of the notebooks in a real JupyterLab: run as a whole, while somebody looks at the views."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.lab.harness import Lab, NotebookPage, eventually, jupyter_lab


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


def test_curves_of_two_optimizers_and_a_point_for_each_job_of_a_batch(browser, lab):
    notebook = opened(browser, lab, "vqe-convergence.ipynb")
    curves = plot_of(notebook, 'runs, exact=exact, unit="Ha")')
    eventually(lambda: points(curves) > 15)
    expect(curves).to_contain_text("COBYLA")
    expect(curves).to_contain_text("SLSQP")
    scan = plot_of(notebook, "InterimPlot(session=batch")
    eventually(lambda: points(scan) == 6)
    notebook.finished(notebook.cell("minimum of the fit"))
    assert notebook.errors == []
    notebook.page.close()


def test_a_day_of_work_ends_on_the_dashboard(browser, lab):
    notebook = opened(browser, lab, "a-day-of-work.ipynb")
    table = notebook.cell('title="GHZ states"')
    eventually(lambda: table.locator('[data-job][data-status="DONE"]').count() == 4)
    energies = plot_of(notebook, "InterimPlot(session=session")
    eventually(lambda: points(energies) == 4)
    notebook.finished(notebook.cell("of execution time"))
    dashboard = notebook.cell("dashboard = JobsDashboard").locator(".qjw").first
    dashboard.scroll_into_view_if_needed()
    expect(dashboard.locator('[data-status="ERROR"]')).to_have_count(2)
    expect(dashboard.get_by_role("tab", name="Result")).to_be_visible()
    assert notebook.errors == []
    notebook.page.close()
