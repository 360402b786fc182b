"""Where the server is, and what the cases of all clients need besides; standard library only."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

__all__ = ["INSTANCE", "Door", "eventually", "raises"]

INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/local:local::"
_DEADLINE = 150.0


@dataclass(frozen=True)
class Door:
    """The facts with which a client finds the server."""

    url: str
    origin: str
    token: str


def eventually(look: Callable[[], Any]) -> Any:
    """Return the first true value of ``look()``."""
    end = time.monotonic() + _DEADLINE
    while not (value := look()):
        assert time.monotonic() < end, "not seen in time"
        time.sleep(0.05)
    return value


@contextmanager
def raises(kind: type[BaseException], *words: str) -> Iterator[None]:
    """Expect an exception that says these words."""
    try:
        yield
    except kind as error:
        text = str(error)
        assert all(word in text for word in words), text
    else:
        raise AssertionError(f"no {kind.__name__}")


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Have environment variables for a while, and none of the others that lead to a service."""
    names = ("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL", "QISKIT_FUNCTIONS_EXPERIMENTAL")
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
