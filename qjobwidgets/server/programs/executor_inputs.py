"""The shape of what ``executor`` takes, in all published versions, and its description.

The models of ``ibm-quantum-schemas`` say the same, but they load Qiskit and unpack data without a
cap, and the server does neither. What a version wants in another form than the next one is checked
for the whole, so that an item has one model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from qjobwidgets.server.programs.executor_dtypes import ELEMENT_BYTES, PLAIN_DTYPES, Dtype
from qjobwidgets.server.programs.executor_versions import VERSIONS, Version
from qjobwidgets.server.programs.program import Program, Shots

__all__ = ["EXECUTOR", "ExecutorInputs"]

_MAX_TENSOR = 256 * 2**20  # bytes in memory
_MAX_ITEMS = 10_000

Size = Annotated[int, Field(ge=0, strict=True)]
Seed = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
Shape = Annotated[list[Size], Field(max_length=32)]
ChunkSize = Annotated[int, Field(ge=1, strict=True)] | Literal["auto"]


class Tensor(BaseModel):
    """An array: base64 text, deflated before in version 2."""

    data: str
    shape: Shape
    dtype: Dtype

    @model_validator(mode="after")
    def _fits(self) -> Self:
        size = math.prod(self.shape) * ELEMENT_BYTES[self.dtype]
        if size > _MAX_TENSOR:
            raise ValueError(f"a tensor would take {size} bytes, {_MAX_TENSOR} are allowed")
        return self


class PauliLindbladMap(BaseModel):
    """Noise: Paulis on qubits, and their rates."""

    sparse_terms: list[tuple[str, list[Size], float]]
    num_qubits: Annotated[Size, Field(le=10_000)]


class CircuitData(BaseModel):
    """One circuit as QPY."""

    circuit_b64: str
    qpy_version: int


class CircuitsData(BaseModel):
    """The circuits of all items in one file of QPY."""

    b64_data: str
    qpy_version: int
    num_programs: int


class QasmData(BaseModel):
    """The circuits of all items as OpenQASM 3."""

    data: Annotated[list[str], Field(max_length=_MAX_ITEMS)]


class SamplexData(BaseModel):
    """What samples parameters of a circuit, as the JSON of samplomatic."""

    ssv: Annotated[int, Field(ge=1)]
    samplex_json: str


class CircuitItem(BaseModel):
    """A circuit and arrays of values for its parameters."""

    item_type: Literal["circuit"]
    circuit: CircuitData | None = Field(None, description="before version 1")
    circuit_arguments: Tensor
    shape: Shape = []
    chunk_size: ChunkSize = "auto"


class SamplexItem(BaseModel):
    """A circuit and a samplex that makes values for its parameters."""

    item_type: Literal["samplex"]
    circuit: CircuitData | None = Field(None, description="before version 1")
    samplex: SamplexData
    samplex_arguments: dict[str, StrictBool | StrictInt | PauliLindbladMap | Tensor]
    shape: Shape
    chunk_size: ChunkSize = "auto"


class QuantumProgram(BaseModel):
    """Items, each run for all its elements."""

    shots: Shots
    circuits: CircuitsData | QasmData | None = Field(None, description="from version 1 on")
    items: Annotated[
        list[Annotated[CircuitItem | SamplexItem, Field(discriminator="item_type")]],
        Field(max_length=_MAX_ITEMS),
    ]
    meas_level: Literal["classified", "kerneled", "avg_kerneled", "both"] = "classified"
    semantic_role: str | None = None
    passthrough_data: Any = Field(None, description="returned as it is")


class SimulatorOptions(BaseModel):
    """Options of the simulation, which the schema has no place for."""

    model_config = ConfigDict(extra="allow")

    seed_simulator: Seed | None = None


class ExperimentalOptions(BaseModel):
    """Options that the schema has no place for."""

    model_config = ConfigDict(extra="allow")

    simulator: SimulatorOptions = SimulatorOptions()


class ExecutorOptions(BaseModel):
    """Options of the execution; those that mean nothing on a simulator are noted in the logs."""

    model_config = ConfigDict(extra="allow")

    init_qubits: bool = True
    rep_delay: float | None = None
    scheduler_timing: bool = False
    stretch_values: bool = False
    experimental: ExperimentalOptions = ExperimentalOptions()


class ExecutorInputs(BaseModel):
    """Inputs of ``executor``."""

    schema_version: Literal["v0.1", "v0.2", "v1.0", "v1.1", "v2.0"]
    quantum_program: QuantumProgram
    options: ExecutorOptions

    @model_validator(mode="after")
    def _is_of_its_version(self) -> Self:
        version = VERSIONS[self.schema_version]
        _check_circuits(self.quantum_program, version)
        for index, item in enumerate(self.quantum_program.items):
            if isinstance(item, CircuitItem) and item.circuit_arguments.dtype != "f64":
                raise ValueError(f"item {index}: circuit_arguments must be of dtype f64")
            for tensor in _tensors(item):
                if not version.compressed and tensor.dtype not in PLAIN_DTYPES:
                    raise ValueError(f"item {index}: there is no dtype {tensor.dtype} yet")
        return self

    @model_validator(mode="after")
    def _is_chunked_in_one_way(self) -> Self:
        automatic = [item.chunk_size == "auto" for item in self.quantum_program.items]
        if any(automatic) and not all(automatic):
            raise ValueError("either all items have a chunk_size, or all have 'auto'")
        return self


def _check_circuits(program: QuantumProgram, version: Version) -> None:
    circuits, items = program.circuits, program.items
    if not version.circuits_apart:
        for index, item in enumerate(items):
            if item.circuit is None:
                raise ValueError(f"item {index} has no circuit")
        return
    match circuits:
        case CircuitsData():
            count = circuits.num_programs
        case QasmData() if version.compressed:
            count = len(circuits.data)
        case _:
            raise ValueError("the circuits are missing")
    if count != len(items):
        raise ValueError(f"there are {count} circuits for {len(items)} items")


def _tensors(item: CircuitItem | SamplexItem) -> Iterator[Tensor]:
    if isinstance(item, CircuitItem):
        yield item.circuit_arguments
    else:
        yield from (value for value in item.samplex_arguments.values() if isinstance(value, Tensor))


EXECUTOR = Program(
    id="executor",
    description="Quantum programs: circuits with arrays of values, or with a samplex.",
    inputs=ExecutorInputs,
    interim_results={},
    return_values={
        "type": "object",
        "description": "QuantumProgramResult in the schema version of the inputs",
    },
    typed=False,
)
"""The program as the service describes it."""
