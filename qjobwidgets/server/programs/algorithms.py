"""The programs of the catalogue that are no primitives: what each takes and publishes.

They are the programs the service had before its primitives, and what they take is what the clients
of that time send. Names they used for things of hardware that no simulator has are refused like
any unknown name, so nobody believes them obeyed.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from qjobwidgets.server.programs.program import Program, Shots

__all__ = ["ALGORITHMS"]

_LAYOUT = "physical qubit of each qubit of the circuit; chosen by the transpiler when not given"


class _Inputs(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SampleProgramInputs(_Inputs):
    """Inputs of ``sample-program``."""

    iterations: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 5


class VqeInputs(_Inputs):
    """Inputs of ``vqe``."""

    ansatz: Any = Field(description="circuit with parameters")
    operator: Any = Field(description="SparsePauliOp whose lowest eigenvalue is wanted")
    optimizer: str | dict[str, Any] | None = Field(
        None,
        description="name, or name and settings; SPSA with shots and SLSQP without, when not given",
    )
    initial_parameters: Any = Field(
        None,
        validation_alias=AliasChoices("initial_parameters", "initial_point"),
        description="array; random when not given",
    )
    shots: Shots | None = Field(None, description="none: exact expectation values")
    aux_operators: list[Any] | dict[str, Any] | None = Field(
        None, description="more operators, whose values at the optimum are wanted"
    )
    measurement_error_mitigation: bool = False
    initial_layout: Any = Field(None, description=_LAYOUT)
    store_intermediate: bool = Field(
        default=True, description="without a meaning here: the history is always in the result"
    )


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


_VQE = Program(
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
)

ALGORITHMS = (
    _sample_program("sample-program"),
    _sample_program("hello-world"),
    _VQE,
)
"""The programs, in the order in which they are listed."""
