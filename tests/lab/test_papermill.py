"""A notebook run by papermill, from a cell of another: nobody looks, and no magics are loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import nbformat
import pytest

from tests.conftest import INSTANCE, stop_local_runtime
from tests.lab.notebooks import BELL, write_notebook

PARAMETERS = "shots = 100"
TABLE = f"""
{BELL}
from qjobwidgets import CountsHistogram, InterimPlot, JobsTable, RuntimeService, Sampler, watch
service = RuntimeService()
job = Sampler(service.backend("aer_local")).run([bell], shots=shots)
curve = service.run("sample-program", {{"iterations": 4}}, {{"backend": "aer_local"}})
JobsTable([job, curve])
"""
PLOT = "InterimPlot(curve)"
WAIT = "print(await watch(job).wait_async(), watch(curve).wait())"
COUNTS = "CountsHistogram(job)"
AWAY = f"""
away = RuntimeService(
    "ibm_quantum_platform", token="t", url="http://127.0.0.1:9", instance="{INSTANCE}"
)
JobsTable(service=away)
"""
THREADS = """
import threading
print([thread.name for thread in threading.enumerate() if thread.name.startswith("qjob")])
"""
HOOK = """
hooked, seen = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"}), []
watch(hooked, on_done=lambda job: seen.append(str(job.status())))
hooked.wait_for_final_state(60)
"""
HOOKED = """
import time
until = time.monotonic() + 60
while not seen and time.monotonic() < until:
    time.sleep(0.05)
print(seen)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """The notebook after it was run."""
    folder = tmp_path_factory.mktemp("papermill")
    source, result, data = folder / "in.ipynb", folder / "out.ipynb", folder / "runtime"
    write_notebook(source, [PARAMETERS, TABLE, PLOT, WAIT, COUNTS, AWAY, THREADS, HOOK, HOOKED])
    notebook = nbformat.read(source, as_version=4)
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, source)
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "--log-level=ERROR"]
    command += [str(source), str(result), "-p", "shots", "250"]
    # as a kernel's children have it
    environment = {**os.environ, "QJOBWIDGETS_DATA": str(data), "JPY_SESSION_NAME": "sweep.ipynb"}
    try:
        subprocess.run(command, check=True, timeout=400, env=environment)
    finally:
        stop_local_runtime(data)
    return nbformat.read(result, as_version=4)


def shown(notebook: nbformat.NotebookNode, source: str) -> str:
    """Return the text that a cell has as its output."""
    cell = next(cell for cell in notebook.cells if cell.source.strip() == source.strip())
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


def test_earlier_cells_tell_how_their_jobs_ended(run: nbformat.NotebookNode) -> None:
    """Both were on their way when they were shown; only ``%load_ext`` saw to it until now."""
    assert shown(run, TABLE).count("DONE") == 2
    assert "4 values" in shown(run, PLOT)
    assert shown(run, WAIT) == "True True\n"
    assert "250 shots" in shown(run, COUNTS)


def test_a_service_out_of_reach_is_told_of(run: nbformat.NotebookNode) -> None:
    """It was said to have no jobs, as of now."""
    assert re.fullmatch(r"Not up to date: .* can't be reached\..*", shown(run, AWAY))


def test_what_is_to_be_done_when_a_job_ends_is_done(run: nbformat.NotebookNode) -> None:
    """Without a view, too: once the cell has ended in which it came to its end."""
    assert "DONE" in shown(run, HOOKED)


def test_nothing_live_is_left_and_no_thread(run: nbformat.NotebookNode) -> None:
    """Run from a cell it took itself for watched, by the marks that it had inherited."""
    text = nbformat.writes(run)
    assert "widget-view" not in text
    assert "widget-state" not in text
    assert shown(run, THREADS) == "[]\n"
