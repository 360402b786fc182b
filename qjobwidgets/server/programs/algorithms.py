"""The programs of the catalogue that are no primitives: what each takes and publishes.

They are the programs the service had before its primitives, and what they take is what the clients
of that time send.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from qjobwidgets.server.programs.program import Program, Shots

__all__ = ["ALGORITHMS"]

Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]

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


class CircuitRunnerInputs(_Inputs):
    """Inputs of ``circuit-runner``; more are taken, and named in the result as not applied."""

    model_config = ConfigDict(extra="allow")

    circuits: Any = Field(
        description="circuit (typed, or OpenQASM text) or list of circuits, without parameters"
    )
    init_circuit: Any = Field(None, description="circuit that goes before each of the others")
    shots: Shots = 1024
    memory: bool = Field(default=False, description="whether the outcome of each shot is returned")
    seed_simulator: Seed | None = None
    noise_model: Any = Field(None, description="replaces the noise of the backend")
    measurement_error_mitigation: bool = Field(
        default=False, description="adds quasi-probabilities to each experiment"
    )
    optimization_level: Annotated[int, Field(ge=0, le=3, strict=True)] | None = None
    initial_layout: Any = Field(None, description=_LAYOUT)
    layout_method: str | None = None
    routing_method: str | None = None
    translation_method: str | None = None
    seed_transpiler: Seed | None = None
    transpiler_options: dict[str, Any] | None = Field(
        None, description="further options of the preset pass managers"
    )
    skip_transpilation: bool = False
    header: dict[str, Any] | None = Field(None, description="copied to each experiment's header")
    meas_level: Literal[2] = 2


class KernelAlignmentInputs(_Inputs):
    """Inputs of ``quantum-kernel-alignment``."""

    feature_map: Any = Field(
        description="circuit whose parameters x[0], x[1], ... are the features and all others the "
        "kernel's; or the JSON text of the original program's map, with feature_dimension and "
        "entangler_map"
    )
    data: Any = Field(description="array of samples and their features")
    labels: Any = Field(description="array, one of two labels for each sample")
    initial_kernel_parameters: Any = Field(None, description="array; random when not given")
    maxiters: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 1
    C: Annotated[float, Field(gt=0, allow_inf_nan=False, description="penalty of the SVM")] = 1
    initial_layout: Any = Field(None, description=_LAYOUT)
    shots: Shots | None = Field(8192, description="null: the kernel is computed")


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


def _circuit_runner(name: str) -> Program:
    return Program(
        id=name,
        description="Counts of circuits, transpiled and run together; readout errors may be "
        "mitigated.",
        inputs=CircuitRunnerInputs,
        interim_results={},
        return_values={"type": "object", "description": "Result of Qiskit as a dictionary"},
    )


_KERNEL_ALIGNMENT = Program(
    id="quantum-kernel-alignment",
    description="A quantum kernel that separates two classes of data with the widest margin.",
    inputs=KernelAlignmentInputs,
    interim_results={
        "type": "object",
        "properties": {
            "cost": {"type": "number", "description": "upper bound of the margin's objective"},
            "kernel_parameters": {"description": "array"},
        },
    },
    return_values={
        "type": "object",
        "properties": {
            "aligned_kernel_parameters": {"description": "array"},
            "aligned_kernel_matrix": {"description": "array, samples by samples"},
        },
    },
)

ALGORITHMS = (
    _sample_program("sample-program"),
    _sample_program("hello-world"),
    _sample_program("runtime-simple"),
    _circuit_runner("circuit-runner"),
    _circuit_runner("qasm3-runner"),
    _VQE,
    _KERNEL_ALIGNMENT,
)
"""The programs, in the order in which they are listed."""
