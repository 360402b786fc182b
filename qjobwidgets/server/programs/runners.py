"""Which function runs which program; loaded in the zygote, used in attempts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qjobwidgets.server.programs.circuit_runner import run as circuit_runner
from qjobwidgets.server.programs.context import Context
from qjobwidgets.server.programs.estimator import run as estimator
from qjobwidgets.server.programs.executor import run as executor
from qjobwidgets.server.programs.kernel_alignment import run as kernel_alignment
from qjobwidgets.server.programs.sample_program import run as sample_program
from qjobwidgets.server.programs.sampler import run as sampler
from qjobwidgets.server.programs.vqe import run as vqe

__all__ = ["RUNNERS"]

RUNNERS: dict[str, Callable[[Context, dict[str, Any]], Any]] = {
    "circuit-runner": circuit_runner,
    "estimator": estimator,
    "executor": executor,
    "hello-world": sample_program,
    "qasm3-runner": circuit_runner,
    "quantum-kernel-alignment": kernel_alignment,
    "runtime-simple": sample_program,
    "sample-program": sample_program,
    "sampler": sampler,
    "vqe": vqe,
}
