"""Each notebook beside the quickstart, run from top to bottom in a real kernel.

Nobody watches, so what a cell shows is its static form; tests/lab looks at the live ones.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent.parent
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
GROUND_STATE = -1.857275
"""Electronic energy of H2 at 0.735 Angstrom in STO-3G, in hartree: the published value."""


def run(name: str) -> dict[str, str]:
    """Run a notebook, and return what each cell has printed or shown, by the cell's id."""
    notebook = nbformat.read(ROOT / f"notebooks/{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return {cell.id: "\n".join(map(shown, cell.get("outputs", []))) for cell in notebook.cells}


def shown(output: NotebookNode) -> str:
    """Return an output as text, and what its HTML says besides."""
    if output.output_type == "stream":
        return str(output.text)
    data = output.get("data", {})
    return f"{data.get('text/plain', '')}\n{data.get('text/html', '')}"


def numbers(text: str, *words: str) -> list[float]:
    """Return the number after each of the words."""
    return [float(re.search(rf"{re.escape(word)} *([-+]?[\d.]+)", text)[1]) for word in words]


@pytest.mark.parametrize("name", NAMES)
def test_no_output_is_in_the_repository(name):
    notebook = nbformat.read(ROOT / f"notebooks/{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert "widgets" not in notebook.metadata


def test_each_notebook_is_run_by_a_test():
    here = re.findall(r'\brun\("([a-z-]+)"\)', Path(__file__).read_text("utf-8"))
    lab = (ROOT / "tests/lab/test_quickstart.py").read_text("utf-8")
    assert set(NAMES) <= {*here, *re.findall(r'"([a-z-]+)\.ipynb"', lab)}


def test_a_vqe_converges():
    seen = run("vqe-convergence")
    assert numbers(seen["problem"], "exact", "Hartree-Fock") == [
        pytest.approx(-1.137306, abs=2e-6),
        pytest.approx(-1.116999, abs=2e-6),
    ]
    for line in seen["optimizers-result"].splitlines():
        assert 0 <= numbers(line, "evaluations,")[0] < 0.01, line
    assert "COBYLA" in seen["errors"]
    assert "data:image/png" in seen["errors"]
    error, spread = numbers(seen["shots-result"], "SPSA", "\n       ")
    assert 0 < spread < 20
    assert abs(error) < 5 * spread + 5
    fitted, angle = numbers(seen["scan-result"], "minimum of the fit", "at θ =")
    assert fitted == pytest.approx(-1.1373, abs=0.02)
    assert angle == pytest.approx(-0.224, abs=0.1)
    assert "data:image/png" in seen["scan"]


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


def test_a_day_of_work():
    seen = run("a-day-of-work")
    few, many = numbers(seen["batch-result"], "2 qubits: population", "5 qubits: population")
    assert 0.75 < many < few < 1.0
    assert seen["failures-result"].count("ERROR:") == 2
    assert "code 1305" in seen["failures-result"]
    assert "generate_preset_pass_manager" in seen["failures"]
    angle, energy = numbers(seen["session-run"], "θ =", "rad:")
    assert angle == pytest.approx(-0.224, abs=0.05)
    assert energy == pytest.approx(GROUND_STATE, abs=0.02)
    assert seen["cancel"].split() == ["CANCELLED", "CANCELLED"]
    assert seen["evening"].count("CANCELLED") >= 2
    assert seen["usage"].startswith("12 jobs, ")


def test_jobs_of_other_packages_are_followed_to_their_end():
    seen = run("foreign-jobs")
    assert re.findall(r"'(\d{3})'", seen["aer-result"]) in (["000", "111"], ["111", "000"])
    assert set(re.findall(r"'(\d{3})'", seen["primitives-result"])) == {"000", "111"}
    assert "DONE" in seen["own-result"]
    assert seen["official"] == "Nothing submitted.\n"
