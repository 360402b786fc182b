"""Notebooks written for a test, and JupyterLab's own settings, chosen as a user does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page

__all__ = ["choose_theme", "save_widget_state", "write_notebook"]


def write_notebook(path: Path, cells: Iterable[str]) -> None:
    """Write a notebook of code cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(
        cells=[new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, path)


def save_widget_state(folder: Path) -> None:
    """Turn on "Save Widget State Automatically" for the JupyterLab that will run in ``folder``."""
    place = "config/lab/user-settings/@jupyter-widgets/jupyterlab-manager"
    file = folder / place / "plugin.jupyterlab-settings"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"saveState": True}))


def choose_theme(page: Page, name: str) -> None:
    """Choose a theme in JupyterLab's menu, and wait until the page has it."""
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.get_by_role("menuitem", name="Theme", exact=True).hover()
    page.get_by_role("menuitem", name=name, exact=True).click()
    light = str("Dark" not in name).lower()
    page.locator(f'body[data-jp-theme-light="{light}"]').wait_for()
