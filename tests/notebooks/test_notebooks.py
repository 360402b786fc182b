"""Notebooks run from top to bottom in a real kernel.

Nobody watches, so what a cell shows is its static form. Those that tests/lab runs in a browser,
where their views are live, are not run here again.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.lab.notebooks import numbers

ROOT = Path(__file__).parent.parent.parent
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def run(name: str) -> dict[str, str]:
    """Run a notebook, and return what each cell has printed or shown, by the cell's id."""
    notebook = nbformat.read(ROOT / f"notebooks/{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=400, kernel_name="python3").execute()
    return {cell.id: "\n".join(map(shown, cell.get("outputs", []))) for cell in notebook.cells}


def shown(output: NotebookNode) -> str:
    """Return an output as text, and what its HTML says besides."""
    if output.output_type == "stream":
        return str(output.text)
    data = output.get("data", {})
    return f"{data.get('text/plain', '')}\n{data.get('text/html', '')}"


@pytest.mark.parametrize("name", NAMES)
def test_no_output_is_in_the_repository(name):
    notebook = nbformat.read(ROOT / f"notebooks/{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert "widgets" not in notebook.metadata


def test_each_notebook_is_run_by_a_test():
    here = re.findall(r'\brun\("([a-z-]+)"\)', Path(__file__).read_text("utf-8"))
    files = (ROOT / f"tests/lab/test_{name}.py" for name in ("quickstart", "notebooks"))
    lab = "".join(file.read_text("utf-8") for file in files)
    assert set(NAMES) <= {*here, *re.findall(r'"([a-z-]+)\.ipynb"', lab)}


def test_coming_back_finds_what_an_earlier_kernel_has_submitted():
    first = run("coming-back")
    again = run("coming-back")
    assert "ghz-ideal" in again["earlier"]
    assert "ghz-noisy" in again["earlier"]
    assert again["found"] == first["found"]
    assert "transpiled at level 1" in again["found"]
    # other tests of this process have the same runtime, and perhaps jobs with the same tag
    assert again["elsewhere"].count("RuntimeJob") >= 2
    assert "fidelity" in again["compare"].lower()
    ideal, noisy = numbers(again["population"], "ideal: population", "noisy: population")
    assert ideal == 1.0
    assert 0.8 < noisy < 1.0


def test_jobs_of_other_packages_are_followed_to_their_end():
    seen = run("foreign-jobs")
    assert re.findall(r"'(\d{3})'", seen["aer-result"]) in (["000", "111"], ["111", "000"])
    assert set(re.findall(r"'(\d{3})'", seen["primitives-result"])) == {"000", "111"}
    assert "DONE" in seen["own-result"]
    assert seen["official"] == "Nothing submitted.\n"
