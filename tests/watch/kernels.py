"""Real kernels, and the page's end of their wire."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_event_loop

from tests.conftest import eventually
from tests.kernels import started

SETUP = """
%load_ext qjobwidgets
import threading
from qjobwidgets import *
import qjobwidgets
service = RuntimeService("local", token={token!r}, url={url!r})
def ours(): return sorted(t.name for t in threading.enumerate() if t.name.startswith("qjob"))
"""


class Kernel:
    """A kernel as a notebook's page sees it.

    Attributes:
        states: The traits of each model, by its id.
        updates: How many messages have changed them.
        printed: What cells have printed.
    """

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.states: dict[str, dict[str, Any]] = {}
        self.updates = 0
        self.printed = ""
        self.errors: list[str] = []
        self._idle: set[str] = set()
        self._open()

    def _open(self) -> None:
        self._closed = threading.Event()
        self._client = self.manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=400)
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        self._thread.join()
        self._client.stop_channels()

    def restart(self) -> None:
        """Have the kernel begin anew, as the button of the notebook does."""
        self.close()
        self.manager.restart_kernel(now=True)
        self._open()

    def start(self, code: str) -> str:
        """Run a cell; return the number by which to know of its end."""
        return str(self._client.execute(code))

    def finished(self, cell: str) -> None:
        """Wait until the cell has ended; it must have gone well."""
        eventually(lambda: cell in self._idle)
        assert self.errors == []

    def run(self, code: str) -> None:
        """Run a cell to its end."""
        self.finished(self.start(code))

    def value(self, expression: str) -> str:
        """Return what an expression prints."""
        before = len(self.printed)
        self.run(f"print({expression}, end='\\n')")
        return eventually(
            lambda: self.printed[before:].strip() if self.printed.endswith("\n") else None
        )

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the kernel."""
        # two minutes: where a budget is spent, the next question has to wait for one of them
        eventually(lambda: self.value(f"bool({expression})") == "True", 120.0)

    def click(self, model: str, **content: Any) -> None:
        """Send a message as the page's script does."""
        data = {"method": "custom", "content": content}
        message = self._client.session.msg("comm_msg", {"comm_id": model, "data": data})
        self._client.shell_channel.send(message)

    def models(self, **traits: Any) -> list[str]:
        """Return the models that have these traits."""
        return [
            model
            for model, state in list(self.states.items())
            if all(name in state and state[name] == value for name, value in traits.items())
        ]

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                message = self._client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            self._take(message["msg_type"], message["content"], message["parent_header"])
        _close_loop()

    def _take(self, kind: str, content: dict[str, Any], parent: dict[str, Any]) -> None:
        if kind in {"comm_open", "comm_msg"}:
            state = content["data"].get("state")
            if state is not None:
                self.states.setdefault(content["comm_id"], {}).update(state)
                self.updates += kind == "comm_msg"
        elif kind == "stream":
            self.printed += content["text"]
        elif kind == "error":
            self.errors.append("\n".join(content["traceback"]))
        elif kind == "status" and content["execution_state"] == "idle" and parent:
            self._idle.add(parent["msg_id"])


@contextmanager
def kernel(url: str, token: str, **environment: str) -> Iterator[Kernel]:
    """Run a kernel with a client of the service."""
    try:
        with (
            started("work/notebook.ipynb", **environment) as manager,
            closing(Kernel(manager)) as running,
        ):
            running.run(SETUP.format(url=url, token=token))
            yield running
    finally:
        _close_loop()


def _close_loop() -> None:
    """Close the loop that the blocking client has made for this thread."""
    loop = ensure_event_loop()
    if not loop.is_running():
        loop.close()
