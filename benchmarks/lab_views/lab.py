"""JupyterLab with a notebook of one cell, driven through its own API by ``stage.js``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from lab_views.environment import python
from tests.lab.harness import Lab, jupyter_lab

__all__ = ["LabPage", "Traffic", "lab_page"]

_PATIENCE = 90_000.0  # milliseconds
_NOTEBOOK = {
    "cells": [{"cell_type": "code", "source": "", "metadata": {}, "outputs": [], "id": "stage"}],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@dataclass(frozen=True, slots=True)
class Traffic:
    """What has come over the kernel's socket."""

    size: int
    messages: int

    def __sub__(self, before: Traffic) -> Traffic:
        return Traffic(self.size - before.size, self.messages - before.messages)


class LabPage:
    """The notebook, open in a browser.

    Args:
        page: A page of the browser.
        lab: The JupyterLab that runs.
    """

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page = page
        self.errors: list[str] = []
        page.set_default_timeout(_PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.add_init_script(path=Path(__file__).with_name("stage.js"))
        page.goto(f"{lab.url}/lab/tree/stage.ipynb?reset")
        page.wait_for_function("stage.ready()", timeout=_PATIENCE)
        self._metrics = page.context.new_cdp_session(page)
        self._metrics.send("Performance.enable")
        self.do(f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})")

    def show(self, code: str) -> None:
        """Run code in the cell, and wait for its end."""
        self.page.evaluate("code => stage.show(code)", code)

    def do(self, code: str) -> None:
        """Run code in the kernel, beside the notebook."""
        self.ask("None", code)

    def ask(self, expression: str, code: str = "") -> Any:
        """Return the value of an expression in the kernel, after some code."""
        return self.page.evaluate(
            "([code, expression]) => stage.ask(code, expression)", [code, expression]
        )

    def clear(self) -> None:
        """Take away what the cell has shown, and let the page come to rest."""
        self.page.evaluate("stage.clear()")
        self.rest(0.25)

    def rest(self, seconds: float) -> None:
        """Let the page do what it has to do."""
        self.page.wait_for_timeout(1000 * seconds)

    def until(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        self.page.wait_for_function(condition, timeout=_PATIENCE)

    def seen(self, act: Callable[[], None], *, test: str = "", change: str = "") -> float | None:
        """Act, and return when a test holds on the screen, or what is read there has changed.

        Returns:
            Milliseconds since the epoch; ``None`` if it was never seen.
        """
        watch = f"stage.watch(() => {test})" if test else f"stage.watchChange(() => {change})"
        self.page.evaluate(f"() => {{ {watch} }}")
        act()
        at: float | None = self.page.evaluate("stage.seen")
        return at

    def traffic(self) -> Traffic:
        """Return what has come since the page was opened."""
        size, messages = self.page.evaluate("[stage.bytes, stage.messages]")
        return Traffic(size, messages)

    def busy(self) -> float:
        """Return how long the main thread has been busy since the page was opened, in seconds."""
        found = self._metrics.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in found if each["name"] == "TaskDuration")


@contextmanager
def lab_page(folder: Path, browser: Browser) -> Iterator[LabPage]:
    """Run JupyterLab of the peers' environment, with our views and theirs."""
    options = ["--LabApp.expose_app_in_browser=True"]
    with jupyter_lab(folder, python=python(), options=options) as lab:
        (lab.folder / "stage.ipynb").write_text(json.dumps(_NOTEBOOK))
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        yield LabPage(page, lab)
        page.close()
