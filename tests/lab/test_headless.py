"""The quickstart run where nobody watches, as ``make quickstart`` does."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import stop_local_runtime
from tests.lab.harness import ROOT


def test_the_copy_that_nobody_watched_shows_how_each_job_ended(tmp_path):
    """The notebook ended first: the failed and the cancelled job stood there as INITIALIZING."""
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "--log-level=ERROR"]
    command += [f"--output-dir={tmp_path}", str(ROOT / "notebooks/quickstart.ipynb")]
    data = tmp_path / "runtime"
    try:
        subprocess.run(
            command, check=True, timeout=120, env={**os.environ, "QJOBWIDGETS_DATA": str(data)}
        )
    finally:
        stop_local_runtime(data)
    html = (tmp_path / "quickstart.html").read_text()
    assert "not supported by noisy_local" in html
    assert "CANCELLED" in html
