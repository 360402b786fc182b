"""The programs there are, and the shape of what each takes and publishes.

The inputs are pydantic models: the same text checks a submission and is its JSON schema. Typed
values (circuits, arrays) are looked into by the program only, in the attempt.
"""

from __future__ import annotations

from qjobwidgets.server.programs.algorithms import ALGORITHMS
from qjobwidgets.server.programs.executor_inputs import EXECUTOR
from qjobwidgets.server.programs.primitives import ESTIMATOR, SAMPLER
from qjobwidgets.server.programs.program import Program

__all__ = ["PROGRAMS"]

PROGRAMS: dict[str, Program] = {
    program.id: program for program in (SAMPLER, ESTIMATOR, EXECUTOR, *ALGORITHMS)
}
"""All programs, by id."""
