"""The programs there are, and the shape of what each takes and publishes.

The inputs are pydantic models: the same text checks a submission and is its JSON schema. Typed
values (circuits, arrays) are looked into by the program only, in the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = ["PROGRAMS", "Program"]

_MAX_SHOTS = 1_000_000

Shots = Annotated[int, Field(ge=1, le=_MAX_SHOTS, strict=True)]


class _Inputs(BaseModel):
    """Inputs that are not named are passed on: primitives have many options."""

    model_config = ConfigDict(extra="allow")


def _check_sampler_pub(pub: Any) -> Any:
    if isinstance(pub, list):
        _check_length(pub, 3)
        _check_number(pub[2] if len(pub) > 2 else None, "shots", 1, _MAX_SHOTS)
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


class SampleProgramInputs(BaseModel):
    """Inputs of ``sample-program``."""

    model_config = ConfigDict(extra="forbid")

    iterations: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 5


class OptimizerSettings(BaseModel):
    """An optimizer by name, with settings."""

    model_config = ConfigDict(extra="forbid")

    name: str
    maxiter: Annotated[int, Field(ge=1, strict=True)] | None = None
    tol: Annotated[float, Field(gt=0)] | None = None


class VqeInputs(BaseModel):
    """Inputs of ``vqe``."""

    model_config = ConfigDict(extra="forbid")

    ansatz: Any = Field(description="circuit with parameters")
    operator: Any = Field(description="SparsePauliOp whose lowest eigenvalue is wanted")
    optimizer: str | OptimizerSettings = "SLSQP"
    initial_parameters: Any = Field(None, description="array; random when not given")
    shots: Shots | None = Field(None, description="none: exact expectation values")


@dataclass(frozen=True, slots=True)
class Program:
    """A program as the service describes it."""

    id: str
    description: str
    inputs: type[BaseModel]
    interim_results: Mapping[str, Any]
    return_values: Mapping[str, Any]


_RESULT = {"description": "PrimitiveResult as typed JSON"}


def _sample_program(name: str) -> Program:
    return Program(
        id=name,
        description="Random circuits of 5 qubits, one interim result for each.",
        inputs=SampleProgramInputs,
        interim_results={
            "type": "object",
            "properties": {
                "iteration": {"type": "integer", "description": "from 0"},
                "counts": {"type": "object", "description": "counts by bit string"},
            },
        },
        return_values={"type": "string"},
    )


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
        _sample_program("sample-program"),
        _sample_program("hello-world"),
        Program(
            id="vqe",
            description="Lowest eigenvalue of an operator, by a variational loop.",
            inputs=VqeInputs,
            interim_results={
                "type": "array",
                "description": "evaluation (from 1), parameters, value, standard error",
            },
            return_values={
                "type": "object",
                "description": "optimal_value, eigenvalue, optimal_point, optimizer_history, ...",
            },
        ),
    )
}
"""All programs, by id."""
