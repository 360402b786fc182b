"""The embedded runtime: found when it runs, started when it doesn't.

All kernels of a user share one server. It writes its address to ``server.json`` in the data folder,
next to the file with its API key; both belong to the user alone. Before the key is sent to the
server found there, the server has to prove that it knows it: another program may have taken the
port since.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import json
import os
import secrets
import selectors
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlsplit

import requests
from filelock import FileLock, Timeout
from platformdirs import user_data_dir

from qjobwidgets.client.accounts import LOCAL, Endpoint
from qjobwidgets.client.secrets import SecretText
from qjobwidgets.errors import LocalRuntimeError, MissingExtraError, ServiceUnreachableError

__all__ = ["data_folder", "find_or_start", "secure_folder"]

# Each of these holds for a machine that is many times slower than usual, as at the start of a day
# with much to do: who gives up too soon starts anew, and makes it slower still.
_START_TIMEOUT = 300.0  # of a server; it reads its whole ledger first, a second for 200 MB
_LOCK_TIMEOUT = _START_TIMEOUT + 60.0  # while another kernel starts one
_BUSY_TIMEOUT = 30.0  # while one that holds the folder is silent, starts or ends
_BUSY_PAUSE = 0.25
_EXIT_TIMEOUT = 5.0
_BUSY = 3  # exit status of a server that finds another one on its folder
_PROOF_TIMEOUT = 10.0
_PARTS = ("fastapi", "uvicorn", "sqlalchemy", "qiskit_aer", "scipy")
_SHOWN_LINES = 5
_STARTING = "Starting the embedded runtime..."
_ERASE = "\r\x1b[K"


class _Detached(subprocess.Popen[bytes]):
    """A process that is meant to outlive this one: leaving it behind is nothing to warn about."""

    def __del__(self, *_: object) -> None:
        pass


# Children of ours that serve: kept so that they are reaped when they end.
_started: list[_Detached] = []


def data_folder() -> Path:
    """Return the runtime's folder: ``QJOBWIDGETS_DATA``, or one in the user's data folder."""
    given = os.environ.get("QJOBWIDGETS_DATA")
    return Path(given) if given else Path(user_data_dir("qjobwidgets")) / "local"


def find_or_start(folder: Path | None = None) -> Endpoint:
    """Return the endpoint of the running server, starting it first when there is none.

    Args:
        folder: Its data folder; :func:`data_folder` when not given.

    Raises:
        MissingExtraError: The ``[local]`` extra is not installed.
        LocalRuntimeError: It does not start, or the folder is not safe to use.
    """
    folder = folder or data_folder()
    secure_folder(folder)
    found = _find(folder)
    if found is not None:
        return found
    _check_extra()
    try:
        # two kernels that come at once start one server
        with _said(_STARTING), FileLock(folder / "start.lock", timeout=_LOCK_TIMEOUT):
            return _find_or_start(folder)
    except Timeout:
        raise LocalRuntimeError(
            "Another kernel has been starting the embedded runtime for too long.",
            fix=f"See {folder / 'server.log'}.",
        ) from None


@contextmanager
def _said(line: str) -> Iterator[None]:
    """Show a line as long as this takes, to somebody at a terminal who waits for it."""
    at_terminal = all(map(_at_terminal, (sys.stdout, sys.stderr)))
    if not at_terminal or threading.current_thread() is not threading.main_thread():
        yield
        return
    sys.stderr.write(f"{_ERASE}{line}")
    sys.stderr.flush()
    try:
        yield
    finally:
        sys.stderr.write(_ERASE)
        sys.stderr.flush()


def _at_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # None, a stand-in that only writes, a closed one
        return False


def _find_or_start(folder: Path) -> Endpoint:
    """Start a server, or wait for one that is just starting or just ending on the folder."""
    deadline = time.monotonic() + _BUSY_TIMEOUT
    while True:
        found = _find(folder)
        if found is not None:
            return found
        try:
            return _start(folder)
        except _FolderBusyError:
            if time.monotonic() > deadline:
                raise
        time.sleep(_BUSY_PAUSE)


class _FolderBusyError(LocalRuntimeError, ServiceUnreachableError):
    """Another server holds the folder and doesn't answer: that passes, or it is killed."""


def _silent(folder: Path) -> _FolderBusyError:
    facts = _announced(folder)
    process = f" (process {facts['pid']})" if facts else ""
    return _FolderBusyError(
        f"The embedded runtime runs{process} but does not answer.",
        fix="Try again when the machine is less busy. If its process was stopped, continue it or "
        f"kill it: no job is lost. {folder / 'server.log'} may say more.",
    )


def _check_extra() -> None:
    missing = [part for part in _PARTS if importlib.util.find_spec(part) is None]
    if missing:
        raise MissingExtraError(
            f"The embedded runtime needs {', '.join(missing)}.",
            fix='Run: pip install "qjobwidgets[local]"',
        )


def secure_folder(folder: Path) -> None:
    """Create the folder for the user alone, or refuse one that others could have prepared.

    Raises:
        LocalRuntimeError: It is a link, or belongs to another user.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if stat.S_ISLNK(facts.st_mode) or facts.st_uid != os.getuid():
        raise LocalRuntimeError(
            f"The data folder {folder} is a link or belongs to another user.",
            fix="Name a folder of your own in QJOBWIDGETS_DATA.",
        )
    if facts.st_mode & 0o077:
        folder.chmod(0o700)


def _find(folder: Path) -> Endpoint | None:
    """Return the endpoint of a server that runs on this folder and proves it."""
    for process in _started.copy():
        if process.poll() is not None:
            _started.remove(process)
    facts = _announced(folder)
    if facts is None:
        return None
    try:
        endpoint = _endpoint(facts, folder)
        if not endpoint.loopback:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it left no complete facts behind
    return endpoint if _proves(endpoint) else None


def _announced(folder: Path) -> dict[str, Any] | None:
    """Return what a server has said of itself on this folder, if its process may be there."""
    try:
        facts = json.loads(_read_own(folder / "server.json"))
        os.kill(int(facts["pid"]), 0)
    except (OSError, ValueError, OverflowError, KeyError, TypeError):
        return None
    return cast("dict[str, Any]", facts)


def _read_own(path: Path) -> bytes:
    """Return the content of a file that belongs to the user alone."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        facts = os.fstat(file.fileno())
        if facts.st_uid != os.getuid() or facts.st_mode & 0o077:
            raise LocalRuntimeError(
                f"Other users may have read or written {path}.",
                fix=f"Remove {path.parent} and start again: its token is not safe any more.",
            )
        return file.read(2**16)


def _endpoint(facts: dict[str, Any], folder: Path) -> Endpoint:
    key = SecretText(_read_own(folder / "token").decode().strip())
    url, iam_url = (str(facts[name]).rstrip("/") for name in ("url", "iam_url"))
    return Endpoint(url, iam_url, key, name=LOCAL)


def _proves(endpoint: Endpoint) -> bool:
    """Whether the server at an address knows the key that we have not sent it."""
    if urlsplit(endpoint.iam_url).hostname != urlsplit(endpoint.url).hostname:
        return False
    nonce = secrets.token_hex(16)
    expected = hmac.new(
        endpoint.token.encode(), f"qjobwidgets-proof:{nonce}".encode(), hashlib.sha256
    )
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                f"{endpoint.iam_url}/identity/proof",
                json={"nonce": nonce},
                timeout=_PROOF_TIMEOUT,
                allow_redirects=False,
            )
            proof = answer.json()["proof"]
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return False
    return isinstance(proof, str) and hmac.compare_digest(proof, expected.hexdigest())


def _start(folder: Path) -> Endpoint:
    """Start a server and wait until it says that it listens."""
    # -P keeps the notebook's folder, whose files may bear any name, off the server's path
    command = [sys.executable, "-P", "-m", "qjobwidgets.server", "--port", "0"]
    errors = folder / "start.log"
    with errors.open("wb") as stderr:
        process = _Detached(
            [*command, "--data", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
    _started.append(process)
    assert process.stdout is not None
    with process.stdout as stdout:
        line = _first_line(stdout, time.monotonic() + _START_TIMEOUT)
    try:
        return _endpoint(json.loads(line), folder)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if _exit_status(process) == _BUSY:
        raise _silent(folder)
    raise LocalRuntimeError(
        f"The embedded runtime did not start: {_last_words(errors)}",
        fix=f"See {errors} and {folder / 'server.log'}.",
    )


def _exit_status(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(_EXIT_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _first_line(stdout: IO[bytes], deadline: float) -> bytes:
    """Return the first line, or what came of it before the end or the deadline."""
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n") and selector.select(max(0.0, deadline - time.monotonic())):
            chunk = os.read(stdout.fileno(), 1)
            if not chunk:
                break
            line += chunk
    return line


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return " / ".join(lines[-_SHOWN_LINES:]) or "it said nothing."
