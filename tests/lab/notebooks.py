"""Notebooks written for a test, what is printed in one, and settings of JupyterLab."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

__all__ = ["BELL", "numbers", "save_widget_state", "write_notebook"]

BELL = """
from qiskit import QuantumCircuit
bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
bell.measure_all()
"""
"""Lines that make the circuit ``bell``, a Bell pair measured."""


def write_notebook(path: Path, cells: Iterable[str]) -> None:
    """Write a notebook of code cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(
        cells=[new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, path)


def numbers(text: str, *words: str) -> list[float]:
    """Return the number after each of the words."""
    return [float(re.search(rf"{re.escape(word)} *([-+]?[\d.]+)", text)[1]) for word in words]


def save_widget_state(folder: Path) -> None:
    """Turn on "Save Widget State Automatically" for the JupyterLab that will run in ``folder``."""
    place = "config/lab/user-settings/@jupyter-widgets/jupyterlab-manager"
    file = folder / place / "plugin.jupyterlab-settings"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"saveState": True}))
