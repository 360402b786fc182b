"""The quickstart run where nobody watches, as ``make quickstart`` does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.conftest import stop_local_runtime
from tests.lab.harness import ROOT


@pytest.fixture(scope="module")
def unwatched(tmp_path_factory: pytest.TempPathFactory):
    """The notebook, run by nbconvert."""
    folder = tmp_path_factory.mktemp("headless")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--log-level=ERROR"]
    command += ["--to", "notebook", f"--output-dir={folder}"]
    command += [str(ROOT / "notebooks/quickstart.ipynb")]
    data = folder / "runtime"
    try:
        subprocess.run(
            command, check=True, timeout=400, env={**os.environ, "QJOBWIDGETS_DATA": str(data)}
        )
    finally:
        stop_local_runtime(data)
    return Path(folder / "quickstart.ipynb")


def shown(path: Path, source: str) -> str:
    """Return the HTML that the cell with this source has as its output."""
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if source in cell.source)
    return "".join(out.data.get("text/html", "") for out in cell.outputs if "data" in out)


def test_each_cell_shows_how_its_job_ended(unwatched):
    """The notebook ended first: the failed and the cancelled job stood there as INITIALIZING."""
    assert "DONE" in shown(unwatched, "run sampler bell")
    assert "not supported by noisy_local" in shown(unwatched, "run sampler far")
    assert "CANCELLED" in shown(unwatched, "slow_job = %qjob")
    assert "data:image/png" in shown(unwatched, "%qjob plot")
    assert ">11<" in shown(unwatched, "%qjob counts")


def test_nothing_live_is_saved_for_nobody(unwatched):
    """The saved widget state carried every bundle of the page, for an output that has no view."""
    text = unwatched.read_text()
    assert "widget-state" not in text
    assert "widget-view" not in text
    assert len(text) < 200_000
