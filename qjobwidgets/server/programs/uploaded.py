"""Running an uploaded program: ``main(backend, user_messenger, **kwargs)``.

This is the one place where the source of somebody else is compiled and executed, and it is only
ever loaded in the process of an attempt, within its limits.
"""

from __future__ import annotations

import json
import linecache
import random
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from qiskit import QuantumCircuit

from qjobwidgets.errors import QJobError
from qjobwidgets.server.backends.simulators import DeviceSimulator
from qjobwidgets.server.programs.context import Context

__all__ = ["ProgramBackend", "UploadedProgramError", "UserMessenger", "run"]

_FILE = "program.py"  # what tracebacks call the source
_MODULE = "program"  # not __main__: parts of a program meant for its author's machine stay unused


class UploadedProgramError(QJobError):
    """The source is not what a program has to be."""


class ProgramBackend(DeviceSimulator):
    """The device of the job, as an uploaded program uses it.

    It is an Aer simulator with the device's name, target and noise. Its runs are counted, and what
    the program does not seed is seeded by the job.
    """

    context: Context
    seeds: np.random.Generator

    def run(
        self, circuits: QuantumCircuit | Sequence[QuantumCircuit], *args: Any, **options: Any
    ) -> Any:
        """Run circuits; arguments and answer are those of the simulator."""
        count = 1 if isinstance(circuits, QuantumCircuit) else len(circuits)
        if options.get("seed_simulator", self.options.seed_simulator) is None:
            options["seed_simulator"] = int(self.seeds.integers(2**31))
        self.context.device.pause_executions(count)
        job = super().run(circuits, *args, **options)
        self.context.note_executions(count)
        return job


class UserMessenger:
    """What a program sends results with."""

    def __init__(self, context: Context) -> None:
        self._publish = context.publish
        self._lock = threading.Lock()
        self.final: Any = None
        """The result that was sent as the final one."""

    def publish(
        self, message: Any, encoder: type[json.JSONEncoder] | None = None, final: bool = False
    ) -> None:
        """Send a message to whoever listens to the job.

        Args:
            message: What typed JSON has words for.
            encoder: Writes what it has none for.
            final: Whether it is the result of the program, sent when the program is over.
        """
        if encoder is not None:
            message = json.loads(json.dumps(message, cls=encoder))
        # A program may have threads, and two messages at once would be none.
        with self._lock:
            if final:
                self.final = message
            else:
                self._publish(message)


def run(context: Context, params: dict[str, Any], source: str) -> Any:
    """Run a program and return its result: what ``main`` returns, or sent as final.

    Raises:
        UploadedProgramError: It has no function ``main``.
        BaseException: Whatever it raises itself.
    """
    # An attempt made again gives the same results as the first one would have.
    random.seed(context.seed)
    np.random.seed(context.seed)  # noqa: NPY002 - what programs use
    main = getattr(_load(source), "main", None)
    if not callable(main):
        raise UploadedProgramError(
            "The program has no function main.",
            fix="Define main(backend, user_messenger, **kwargs).",
        )
    messenger = UserMessenger(context)
    result = main(_backend(context), messenger, **params)
    return messenger.final if result is None else result


def _load(source: str) -> ModuleType:
    lines = source.splitlines(keepends=True)
    # So that tracebacks show the lines, although there is no file.
    linecache.cache[_FILE] = (len(source), None, lines, _FILE)
    module = ModuleType(_MODULE)
    # Where dataclasses and pickle look for what they find in it.
    sys.modules[_MODULE] = module
    exec(compile(source, _FILE, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def _backend(context: Context) -> ProgramBackend:
    backend: ProgramBackend = context.device.simulator(kind=ProgramBackend)
    backend.name = context.device.spec.name
    backend.context = context
    backend.seeds = np.random.default_rng(context.seed)
    return backend
