"""Which function runs which program; loaded in the zygote, used in attempts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qjobwidgets.server.programs import describe, estimator, sample_program, sampler, vqe
from qjobwidgets.server.programs.context import Context

__all__ = ["RUNNERS"]

RUNNERS: dict[str, Callable[[Context, dict[str, Any]], Any]] = {
    "estimator": estimator.run,
    "hello-world": sample_program.run,
    "sample-program": sample_program.run,
    "sampler": sampler.run,
    "vqe": vqe.run,
    # Not in the catalogue: the server asks it about a backend.
    describe.PROGRAM: describe.run,
}
