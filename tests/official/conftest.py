"""Official clients in environments of their own, against a real server."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.server.conftest import Service

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


class Client:
    """A process that has an official client loaded and runs cases with it."""

    def __init__(self, name: str, service: Service, home: Path) -> None:
        self.door = {
            "url": service.url,
            "origin": service.origin,
            "token": service.api_key,
        }
        self._process = subprocess.Popen(
            [_environments().ensure(name), str(HERE / "worker.py"), str(HERE / name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # No account, setting or package of ours gets in, only what a case configures.
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"},
        )

    def run(self, module: str, case: str) -> None:
        """Run a case; what it finds wrong is reported as it said it."""
        self._ask(module=module, function=case, door=self.door)

    def pass_through(self, module: str, function: str, text: str) -> str:
        """Return what a function in the client's environment makes of a text."""
        return str(self._ask(module=module, function=function, text=text))

    def _ask(self, **asked: Any) -> str | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the client's process has ended"
        trouble, given = json.loads(answer)
        if trouble:
            pytest.fail(trouble, pytrace=False)
        return given

    def end(self) -> None:
        """End the process, also in the middle of a case that was given up."""
        self._process.kill()
        self._process.communicate()


def _environments() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "client_environments", ROOT / "scripts" / "client_environments.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def official_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The server that all official clients share."""
    service = Service(tmp_path_factory.mktemp("official"), "--idle", "0")
    yield service
    service.reap()


@pytest.fixture(scope="session")
def current(official_server: Service, tmp_path_factory) -> Iterator[Client]:
    """The official client of today."""
    client = Client("current", official_server, tmp_path_factory.mktemp("home"))
    yield client
    client.end()


@pytest.fixture(scope="session")
def streaming(official_server: Service, tmp_path_factory) -> Iterator[Client]:
    """The last official client that streamed."""
    client = Client("streaming", official_server, tmp_path_factory.mktemp("home"))
    yield client
    client.end()
