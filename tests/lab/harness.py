"""A real JupyterLab or Notebook 7 on a folder of its own, and a page that drives it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, WebSocket

from tests.conftest import eventually, stop_local_runtime

ROOT = Path(__file__).parent.parent.parent
# What the front ends themselves say on the console, with or without our views.
NOT_OURS = re.compile(
    r"favicon|service[- ]?worker|ResizeObserver loop|Extension Manager|/static/notebook/"
    # which a busy machine needs more than two seconds for
    r"|Failed to initialize model",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Lab:
    """A running jupyter-server with its front end."""

    url: str
    folder: Path
    data: Path

    @contextmanager
    def without_runtime(self) -> Iterator[None]:
        """Kill the embedded runtime, and let nobody start another one as long as this lasts.

        It would be back before a page that is slow has said that it is away.
        """
        with FileLock(self.data / "start.lock"):
            os.kill(json.loads((self.data / "server.json").read_text())["pid"], signal.SIGKILL)
            yield

    def api(self, path: str, method: str = "GET") -> object:
        """Call jupyter-server's own REST API."""
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        with urllib.request.urlopen(request, timeout=150) as answer:
            body = answer.read()
        return json.loads(body) if body else None


@contextmanager
def jupyter_lab(
    folder: Path,
    *,
    app: Literal["jupyterlab", "notebook"] = "jupyterlab",
    dark: bool = False,
    python: str | Path = sys.executable,
    options: Sequence[str] = (),
) -> Iterator[Lab]:
    """Run JupyterLab on a copy of the notebooks in ``folder``.

    Args:
        folder: Takes all that it writes.
        app: Itself, or Notebook 7, which is made of its parts and takes the same settings.
        dark: Whether its theme is dark.
        python: The environment it is installed in.
        options: More of its options.
    """
    work, data = folder / "work", folder / "runtime"
    work.mkdir(parents=True)
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, work)
    settings = folder / "config/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    theme = {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"}
    (settings / "themes.jupyterlab-settings").write_text(json.dumps(theme))
    news = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(news))
    environment = {
        **os.environ,
        "QJOBWIDGETS_DATA": str(data),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "config/lab/user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "config/lab/workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    command = [str(python), "-m", app, "--no-browser", "--allow-root", "--port=0"]
    command += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"]
    # each start of npm to look for language servers takes a second of a processor
    command += ["--LanguageServerManager.autodetect=False"]
    command += ["--ServerApp.port_retries=50", f"--ServerApp.root_dir={work}", *options]
    log = folder / "lab.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env=environment, start_new_session=True
        )
    try:
        yield Lab(eventually(lambda: _address(folder)), work, data)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(150)
        stop_local_runtime(data)


def _address(folder: Path) -> str | None:
    for file in (folder / "jupyter").glob("jpserver-*.json"):
        with suppress(ValueError, KeyError, OSError):
            url = json.loads(file.read_text())["url"].rstrip("/")
            with urllib.request.urlopen(f"{url}/api", timeout=5) as answer:
                return url if answer.status == 200 else None
    return None


def statuses(row: Locator, last: str) -> list[str]:
    """Watch a row until it has its ``last`` status; return the statuses seen, in order."""
    seen: list[str] = []

    def look() -> bool:
        status = row.get_attribute("data-status")
        if status and seen[-1:] != [status]:
            seen.append(status)
        return status == last

    eventually(look)
    return seen


class WidgetsAsked:
    """Whether a page's widget manager has been told which widgets its kernel has.

    It asks once it is connected: for all their states, and where nobody answers that, as in a new
    kernel, for their names. What a cell opens before the answer is there could be both, a widget of
    before and a new one.
    """

    def __init__(self, page: Page) -> None:
        self._asked = self._told = self._states = 0
        page.on("websocket", self._connected)

    def __bool__(self) -> bool:
        return self._asked == self._told and self._told + self._states > 0

    def _connected(self, socket: WebSocket) -> None:
        if not socket.url.partition("?")[0].endswith("/channels"):
            return
        self._asked = self._told = self._states = 0  # a page that is loaded again asks again
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, frame: str | bytes) -> None:
        self._asked += _has(frame, "comm_info_request")

    def _received(self, frame: str | bytes) -> None:
        self._told += _has(frame, "comm_info_reply")
        self._states += _has(frame, "update_states")


def _has(frame: str | bytes, word: str) -> bool:
    """Whether a message of the kernel's protocol has a word with its quotes."""
    return f'"{word}"'.encode() in (frame.encode() if isinstance(frame, str) else frame)


class NotebookPage:
    """A notebook open in JupyterLab, driven as a user does."""

    address = "{url}/lab/tree/{name}?reset"

    def __init__(self, page: Page, lab: Lab, name: str) -> None:
        self.page, self.lab = page, lab
        self.errors: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", self._page_error)
        self.widgets_asked = WidgetsAsked(page)
        # a busy machine takes its time to load JupyterLab
        page.set_default_timeout(150_000)
        page.goto(self.address.format(url=lab.url, name=name))
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not NOT_OURS.search(message.text + message.location["url"]):
            self.errors.append(f"{message.text} ({message.location['url']})")

    def _page_error(self, error: Error) -> None:
        if not NOT_OURS.search(error.stack or str(error)):
            self.errors.append(str(error))

    def wait_for_kernel(self) -> None:
        """Wait until the page is connected to an idle kernel.

        The indicator in the notebook's toolbar says "idle" before there is a kernel; a cell run
        then is asked for one in a dialog, or never runs.
        """
        status = self.page.locator("#jp-main-statusbar")
        eventually(lambda: "| Idle" in status.inner_text() and self.widgets_asked)

    def cell(self, source: str) -> Locator:
        """Return the code cell whose source contains the text."""
        cells = self.page.locator(".jp-CodeCell")
        return cells.filter(has=self.page.locator(".jp-InputArea-editor", has_text=source)).first

    def run(self, source: str, *, wait: bool = True) -> Locator:
        """Run the cell whose source contains the text; return it."""
        return self._run(self.cell(source), wait=wait)

    def run_last(self) -> Locator:
        """Run the last cell; return it."""
        return self._run(self.page.locator(".jp-CodeCell").last, wait=True)

    def _run(self, cell: Locator, *, wait: bool) -> Locator:
        cell.scroll_into_view_if_needed()
        cell.locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Control+Enter")
        if wait:
            self.finished(cell)
        return cell

    def finished(self, cell: Locator) -> None:
        """Wait until the cell has been executed."""
        prompt = cell.locator(".jp-InputArea-prompt")
        eventually(lambda: re.search(r"\[\d+\]", prompt.inner_text()))

    def save(self) -> None:
        """Save the notebook, and wait until it is on disk."""
        self.page.keyboard.press("Escape")
        with self.page.expect_response(
            lambda answer: "/api/contents/" in answer.url and answer.request.method == "PUT"
        ):
            self.page.keyboard.press("Control+s")


class Notebook7Page(NotebookPage):
    """A notebook open in Notebook 7."""

    address = "{url}/notebooks/{name}"

    def wait_for_kernel(self) -> None:
        """Wait until the page is connected to an idle kernel, as its server says."""

        def connected() -> bool:
            kernels = [session["kernel"] for session in self.lab.api("sessions")]
            return any(
                kernel["execution_state"] == "idle" and kernel["connections"] for kernel in kernels
            )

        # the page's title is asked for so that the messages of its socket are heard
        eventually(lambda: connected() and self.page.title() and self.widgets_asked)

    def wear(self, theme: Literal["dark", "light"]) -> None:
        """Choose a theme in the menu."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
        items = self.page.locator(".lm-Menu-itemLabel")
        items.filter(has_text=re.compile("^Theme$")).hover()
        items.filter(has_text=re.compile(f"^JupyterLab {theme.title()}$")).click()
