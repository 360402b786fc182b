"""A notebook with views that marimo has written as a page: ``marimo export html``."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import SHOTS
from tests.conftest import stop_local_runtime

NOTEBOOK = """
import marimo

app = marimo.App(width="full")

@app.cell
def _():
    from qiskit import QuantumCircuit
    from qjobwidgets import CountsHistogram, InterimPlot, JobsTable, RuntimeService, Sampler

    service = RuntimeService()
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    bell.measure_all()
    job = Sampler(service.backend("aer_local")).run([bell], shots=500)
    curve = service.run("sample-program", {"iterations": 3}, {"backend": "aer_local"})
    job.wait_for_final_state()
    curve.wait_for_final_state()
    return CountsHistogram, InterimPlot, JobsTable, curve, job, service

@app.cell
def _(JobsTable, service):
    JobsTable(service=service)

@app.cell
def _(InterimPlot, curve):
    InterimPlot(curve)

@app.cell
def _(CountsHistogram, job):
    CountsHistogram(job)

if __name__ == "__main__":
    app.run()
"""


def of_marimo(route: Route) -> None:
    """Answer with a file of marimo's own front end, which a page takes from the network."""
    name = route.request.url.partition("/dist/")[2].partition("?")[0]
    route.fulfill(path=str(files("marimo") / "_static" / name))


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """The page that marimo has written; the runtime that it has used is no more."""
    data, written = tmp_path / "runtime", tmp_path / "notebook.html"
    (tmp_path / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    command = [sys.executable, "-m", "marimo", "-y", "export", "html", "notebook.py"]
    try:
        subprocess.run(
            [*command, "-o", str(written)],
            cwd=tmp_path,
            env={**os.environ, "QJOBWIDGETS_DATA": str(data), "MARIMO_SKIP_UPDATE_CHECK": "1"},
            check=True,
            timeout=400,
        )
    finally:
        stop_local_runtime(data)
    return written


def test_a_written_page_shows_what_was_known(exported: Path, browser: Browser) -> None:
    """Its views were loading for ever: it was written before they had asked for anything."""
    page: Page = browser.new_page(viewport={"width": 1280, "height": 1300})
    page.set_default_timeout(150_000)
    page.route("https://cdn.jsdelivr.net/npm/@marimo-team/frontend@*/**", of_marimo)
    page.goto(exported.as_uri(), wait_until="commit")
    expect(page.locator('[data-job][data-status="DONE"]')).to_have_count(2)
    expect(page.locator("[data-outcome]")).to_have_count(2)
    counts = [bar.get_attribute("data-count") for bar in page.locator("[data-outcome]").all()]
    assert sum(map(int, counts)) == 500
    expect(page.locator("[data-points]").first).to_have_attribute("data-points", "3")
    expect(page.get_by_text("connecting")).to_have_count(0)
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "marimo-export.png", full_page=True)
    page.close()
