"""The programs there are, and the shape of what each takes and publishes.

The inputs are pydantic models: the same text checks a submission and is its JSON schema. Typed
values (circuits, arrays) are looked into by the program only, in the attempt.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from qjobwidgets.server.programs.algorithms import ALGORITHMS
from qjobwidgets.server.programs.executor_inputs import EXECUTOR
from qjobwidgets.server.programs.program import MAX_SHOTS, Program, Shots

__all__ = ["PROGRAMS"]


class _Inputs(BaseModel):
    """Inputs that are not named are passed on: primitives have many options."""

    model_config = ConfigDict(extra="allow")


def _check_sampler_pub(pub: Any) -> Any:
    if isinstance(pub, list):
        _check_length(pub, 3)
        _check_number(pub[2] if len(pub) > 2 else None, "shots", 1, MAX_SHOTS)
    return pub


def _check_estimator_pub(pub: Any) -> Any:
    if not isinstance(pub, list) or len(pub) < 2:
        raise ValueError("an estimator PUB is a list of a circuit, observables, ...")
    _check_length(pub, 4)
    _check_number(pub[3] if len(pub) > 3 else None, "precision", 0, float("inf"))
    return pub


def _check_length(pub: list[Any], most: int) -> None:
    if not 1 <= len(pub) <= most:
        raise ValueError(f"a PUB is a list of 1 to {most} items, not {len(pub)}")


def _check_number(value: Any, name: str, least: float, most: float) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}")


class SamplerInputs(_Inputs):
    """Inputs of ``sampler``."""

    pubs: list[Annotated[Any, AfterValidator(_check_sampler_pub)]] = Field(
        min_length=1, max_length=10_000, description="PUBs: circuit, parameter values, shots"
    )
    options: dict[str, Any] = {}
    shots: Shots | None = None
    version: Literal[2] = 2
    support_qiskit: Literal[True] = True


class EstimatorInputs(_Inputs):
    """Inputs of ``estimator``."""

    pubs: list[Annotated[Any, AfterValidator(_check_estimator_pub)]] = Field(
        min_length=1,
        max_length=10_000,
        description="PUBs: circuit, observables, parameter values, precision",
    )
    options: dict[str, Any] = {}
    precision: Annotated[float, Field(ge=0)] | None = None
    resilience_level: Annotated[int, Field(ge=0, le=2)] | None = None
    version: Literal[2] = 2
    support_qiskit: Literal[True] = True


_RESULT = {"description": "PrimitiveResult as typed JSON"}


PROGRAMS: dict[str, Program] = {
    program.id: program
    for program in (
        Program(
            id="sampler",
            description="Measurement outcomes of circuits (V2 primitive).",
            inputs=SamplerInputs,
            interim_results={},
            return_values=_RESULT,
        ),
        Program(
            id="estimator",
            description="Expectation values of observables (V2 primitive).",
            inputs=EstimatorInputs,
            interim_results={},
            return_values=_RESULT,
        ),
        EXECUTOR,
        *ALGORITHMS,
    )
}
"""All programs, by id."""
