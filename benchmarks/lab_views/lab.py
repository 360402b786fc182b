"""JupyterLab with a notebook of one cell, driven through its own API by ``stage.js``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, CDPSession, Page
from playwright.sync_api import TimeoutError as NotInTime

from lab_views.environment import python
from tests.lab.harness import Lab, jupyter_lab

__all__ = ["LabPage", "LateError", "Traffic", "lab_page"]

T = TypeVar("T")

_PATIENCE = 90.0  # seconds
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


def _late(within: float) -> str:
    return f"not within {within:.0f} s"


class LateError(Exception):
    """What was begun was not over, or not on the screen, in time."""


class LabPage:
    """The notebook, open in a browser.

    What takes its time is begun on the page and then asked after, so that a page that hangs can't
    hold up the run.

    Args:
        browser: The browser.
        lab: The JupyterLab that runs.
    """

    page: Page
    _metrics: CDPSession

    def __init__(self, browser: Browser, lab: Lab) -> None:
        self._browser = browser
        self._lab = lab
        self._prepared = [f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})"]
        self._open()

    def _open(self) -> None:
        self.page = page = self._browser.new_page(viewport={"width": 1600, "height": 1000})
        page.set_default_timeout(1000 * _PATIENCE)
        page.add_init_script(path=Path(__file__).with_name("stage.js"))
        page.goto(f"{self._lab.url}/lab/tree/stage.ipynb?reset")
        self.until("stage.ready()")
        self._metrics = page.context.new_cdp_session(page)
        self._metrics.send("Performance.enable")
        for code in self._prepared:
            self.do(code)

    def close(self) -> None:
        """Close the page."""
        self.page.close()

    def prepare(self, code: str) -> None:
        """Run code in the kernel, and in each that takes its place."""
        self._prepared.append(code)
        self.do(code)

    def tried(self, measure: Callable[[], T]) -> T | LateError:
        """Return what is measured, or that it took too long: then page and kernel are new ones."""
        try:
            return measure()
        except (LateError, NotInTime) as late:
            self.close()
            sessions = self._lab.api("sessions")
            assert isinstance(sessions, list)
            for session in sessions:
                self._lab.api(f"sessions/{session['id']}", "DELETE")
            self._open()
            # a click that found nothing in time tells it in many lines
            return late if isinstance(late, LateError) else LateError(_late(_PATIENCE))

    def show(self, code: str, within: float = _PATIENCE) -> None:
        """Run code in the cell, and wait for its end."""
        self._ended("show", [code], within)

    def do(self, code: str) -> None:
        """Run code in the kernel, beside the notebook."""
        self.ask("None", code)

    def ask(self, expression: str, code: str = "") -> Any:
        """Return the value of an expression in the kernel, after some code."""
        return self._ended("ask", [code, expression], _PATIENCE)

    def _ended(self, act: str, given: list[str], within: float) -> Any:
        self.page.evaluate("([act, given]) => stage.begin(act, given)", [act, given])
        self.until("stage.ended", within)
        return self.page.evaluate("stage.outcome")

    def clear(self) -> None:
        """Take away what the cell has shown, and let the page come to rest."""
        self.page.evaluate("stage.clear()")
        self.rest(0.25)

    def rest(self, seconds: float) -> None:
        """Let the page do what it has to do."""
        self.page.wait_for_timeout(1000 * seconds)

    def until(self, condition: str, within: float = _PATIENCE) -> None:
        """Wait until a JavaScript expression is true.

        Raises:
            LateError: It was not within so many seconds.
        """
        try:
            self.page.wait_for_function(condition, timeout=1000 * within)
        except NotInTime as late:
            raise LateError(_late(within)) from late

    def seen(
        self, act: Callable[[], None], within: float, *, test: str = "", change: str = ""
    ) -> float:
        """Act, and return when a test holds on the screen, or what is read there has changed.

        Returns:
            Milliseconds since the epoch.
        """
        watch = f"stage.watch(() => {test})" if test else f"stage.watchChange(() => {change})"
        self.page.evaluate(f"() => {{ {watch} }}")
        act()
        self.until("stage.seen", within)
        at: float = self.page.evaluate("stage.seen")
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
        page = LabPage(browser, lab)
        yield page
        page.close()
