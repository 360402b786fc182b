"""A real marimo that serves a notebook of a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.conftest import eventually, stop_local_runtime

__all__ = ["marimo_app"]

_ADDRESS = re.compile(r"URL: (http://\S+)")


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=10).ok
    except requests.RequestException:
        return False


@contextmanager
def marimo_app(folder: Path, source: str) -> Iterator[str]:
    """Run a notebook as an app, in the theme of the browser; its cells run once a page is open.

    Args:
        folder: Takes all that is written.
        source: The notebook, which marimo keeps as Python.

    Yields:
        Its address.
    """
    (folder / "notebook.py").write_text(source, encoding="utf-8")
    (folder / "pyproject.toml").write_text('[tool.marimo.display]\ntheme = "system"\n')
    data, log = folder / "runtime", folder / "marimo.log"
    # by itself each marimo takes the same port, if nobody listens there yet
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "marimo", "-y", "run", "--headless", "--port", port]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "notebook.py"],
            cwd=folder,
            stdout=out,
            stderr=out,
            env={**os.environ, "QJOBWIDGETS_DATA": str(data), "MARIMO_SKIP_UPDATE_CHECK": "1"},
            start_new_session=True,
        )
    try:
        address = eventually(lambda: _ADDRESS.search(log.read_text()))[1]
        eventually(lambda: _answers(address))  # it tells its address before it listens there
        yield address
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(150)
        stop_local_runtime(data)
