"""A real kernel, and what a notebook's page hears of it."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from jupyter_client.manager import KernelManager

__all__ = ["Kernel", "kernel"]

_PATIENCE = 300.0


class Kernel:
    """A kernel, from outside.

    Attributes:
        heard: When each message to a widget came, and the traits it changed.
        process: The kernel's process.
    """

    def __init__(self, manager: KernelManager) -> None:
        self.heard: list[tuple[float, dict[str, Any]]] = []
        self.process = psutil.Process(manager.provisioner.pid)
        self._printed: dict[str, str] = {}
        self._ended: dict[str, threading.Event] = {}
        self._closed = threading.Event()
        self._client = manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=_PATIENCE)
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def run(self, code: str) -> str:
        """Run a cell; return what it prints."""
        cell = str(self._client.execute(code))
        if not self._ended.setdefault(cell, threading.Event()).wait(_PATIENCE):
            raise TimeoutError(code)
        return self._printed.get(cell, "").strip()

    def cpu(self) -> float:
        """Return the processor time it has taken, in seconds."""
        taken = self.process.cpu_times()
        return float(taken.user + taken.system)

    def memory(self) -> float:
        """Return the memory that is its own, in MB."""
        return float(self.process.memory_full_info().uss) / 1e6

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        self._thread.join()
        self._client.stop_channels()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                message = self._client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                continue
            kind, content = message["msg_type"], message["content"]
            cell = message["parent_header"].get("msg_id", "")
            if kind in {"comm_open", "comm_msg"}:
                self.heard.append((time.time(), content["data"].get("state") or {}))
            elif kind == "stream":
                self._printed[cell] = self._printed.get(cell, "") + content["text"]
            elif kind == "error":
                self._printed[cell] = "\n".join(content["traceback"])
            elif kind == "status" and content["execution_state"] == "idle":
                self._ended.setdefault(cell, threading.Event()).set()


@contextmanager
def kernel() -> Iterator[Kernel]:
    """Run a kernel as a notebook's server starts one."""
    manager = KernelManager(kernel_name="python3")
    environment = {**os.environ, "JPY_SESSION_NAME": "benchmark.ipynb"}
    manager.start_kernel(env=environment, stderr=subprocess.DEVNULL)
    running = Kernel(manager)
    try:
        yield running
    finally:
        running.close()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
