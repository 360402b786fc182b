"""What all tests share: a real embedded runtime, and no thread left behind."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# The same examples each time, so that a change is judged by what it changes; `make explore` draws
# others. How long one takes depends on what else the machine does.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("same")

# whoever runs the tests in the background has Ctrl-C ignored, here and in what is started from here
signal.signal(signal.SIGINT, signal.default_int_handler)

INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/local:local::"


# Those whose files take longest: a worker that begins one of them at the end works on alone.
LONG = (
    *("lab", "chaos", "official", "notebooks", "docs", "algorithms"),
    *("browser", "client", "watch", "server"),
)


@dataclass(frozen=True)
class Server:
    """A running embedded runtime."""

    url: str
    iam_url: str
    token: str
    pid: int
    data: Path


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Leave what is loaded to find the tests to Python's collector neither then nor later.

    Each worker finds all of them, and half of the time it took to was the collector's.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose files take longest.

    The files of the first of them, each with a browser, a notebook server and a runtime, take turns
    with those of the others.
    """
    files = dict.fromkeys(item.path for item in items)
    rooms = {name: [file for file in files if file.parent.name == name] for name in LONG}
    largest, *large = rooms.values()
    large = [file for room in large for file in room]
    turns = [file for pair in zip(largest, large, strict=False) for file in pair]
    order = dict.fromkeys([*turns, *largest, *large, *files])
    places = {file: place for place, file in enumerate(order)}
    items.sort(key=lambda item: places[item.path])


def patience(seconds: float) -> Iterator[None]:
    """Yield each time it is worth a look, until so many seconds have passed.

    The longer it takes, the less often: a look costs time that what is waited for needs as well.
    """
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        yield
        threading.Event().wait(min(max(0.02, waited / 10), 0.25))
    yield


def eventually(look: Callable[[], Any], timeout: float = 150.0) -> Any:
    """Return the first true value of ``look()``, or fail after ``timeout`` seconds.

    By default with patience: a browser, notebook servers, kernels and runtimes may have to share
    the machine.
    """
    for _ in patience(timeout):
        if value := look():
            return value
    pytest.fail(f"not within {timeout} s: {look}")


def start_server(data: Path) -> tuple[subprocess.Popen[str], Server]:
    """Start the runtime as a user does by hand; return its process and what it said."""
    serve = [sys.executable, "-m", "qjobwidgets", "serve", "--port", "0", "--data", str(data)]
    # never idle for too long: other tests may take a while
    process = subprocess.Popen([*serve, "--idle", "0"], stdout=subprocess.PIPE, text=True)
    said = json.loads(process.stdout.readline())
    token = Path(said["token_file"]).read_text().strip()
    return process, Server(said["url"], said["iam_url"], token, process.pid, data)


def awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns; the browser's event loop may be running on this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The runtime, started by hand, for the whole session."""
    process, server = start_server(tmp_path_factory.mktemp("runtime"))
    yield server
    process.terminate()
    process.wait(150)
    process.stdout.close()


@pytest.fixture(scope="session", autouse=True)
def own_runtime_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what starts by itself away from the user's own runtime and accounts."""
    data = tmp_path_factory.mktemp("local")
    caches = Path.home() / ".cache"  # of fonts, and of the browser
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("XDG_CACHE_HOME", os.environ.get("XDG_CACHE_HOME", str(caches)))
        for name in [name for name in os.environ if name.startswith("QISKIT_IBM_")]:
            patch.delenv(name)
        patch.setenv("QJOBWIDGETS_DATA", str(data))
        yield data
    stop_local_runtime(data)


def stop_local_runtime(data: Path) -> None:
    """End the runtime that a client started on ``data``, if there is one."""
    try:
        pid = json.loads((data / "server.json").read_text())["pid"]
        if pid == os.getpid():  # what a test has made up, and nobody has replaced
            return
        os.kill(pid, signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        return
    eventually(lambda: not (data / "server.json").exists())


@pytest.fixture(scope="session")
def browser():
    """The one browser of all tests that need one."""
    from tests.chromium import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture
def service(server: Server, monkeypatch: pytest.MonkeyPatch):
    """A client of the runtime, as a user with an account makes one."""
    from qjobwidgets import RuntimeService

    monkeypatch.setenv("IAM_URL", server.iam_url)
    service = RuntimeService(
        "ibm_quantum_platform", token=server.token, url=server.url, instance=INSTANCE
    )
    yield service
    service.close()


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """No thread of ours outlives its test, nor does a budget it has set, nor what it submitted.

    The next service may be given the port of this one, and is the same account then.
    """
    yield
    if "qjobwidgets.client.submissions" in sys.modules:
        from qjobwidgets.client import submissions

        submissions._outboxes.clear()
    if "qjobwidgets.watch" in sys.modules:
        from qjobwidgets import watch
        from qjobwidgets.watch import registry

        watch.stop_all()
        registry._budgets.clear()
        registry._budgets[None] = registry.DEFAULT_BUDGET

    def ours() -> list[str]:
        return [t.name for t in threading.enumerate() if t.name.startswith("qjob")]

    eventually(lambda: not ours())
