"""Payloads of ``executor``, made and read by the models that the service publishes."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ibm_quantum_schemas import common
from numpy.typing import ArrayLike
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Parameter
from qiskit.quantum_info import PauliLindbladMap
from samplomatic import build
from samplomatic.samplex import Samplex
from samplomatic.transpiler import generate_boxing_pass_manager

from tests.server.conftest import Service

__all__ = [
    "VERSIONS",
    "Item",
    "arrays",
    "payload",
    "reason",
    "result_model",
    "tensor",
    "turn",
    "twirled",
]

VERSIONS = ["v0.1", "v0.2", "v1.0", "v1.1", "v2.0"]

_NEWEST_SSV = {"v0.1": 1, "v0.2": 2, "v1.0": 3, "v1.1": 4, "v2.0": 4}
_NEWEST_QPY = {"v0.1": 16, "v2.0": qpy.QPY_VERSION}


@dataclass
class Item:
    """A circuit with values for its parameters, or with a samplex and its arguments."""

    circuit: QuantumCircuit
    values: ArrayLike = ()
    samplex: Samplex | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    shape: Sequence[int] = ()
    chunk_size: int | str = "auto"


def _schema(version: str) -> Any:
    number = version[1:].replace(".", "_")
    return importlib.import_module(f"ibm_quantum_schemas.executor.version_{number}")


def tensor(array: ArrayLike, version: str = "v2.0") -> Any:
    """Return the model of a tensor."""
    model = common.CompressedTensorModel if version == "v2.0" else common.TensorModel
    return model.from_numpy(np.asarray(array))


def payload(
    items: Sequence[Item], version: str = "v2.0", *, shots: int = 50, **more: Any
) -> dict[str, Any]:
    """Return parameters of a job; what is more goes into the program, or is its ``options``."""
    newest = _NEWEST_QPY.get(version, 17)
    options = more.pop("options", {})
    program: dict[str, Any] = {"shots": shots, **more}
    if version.startswith("v0"):
        program["items"] = [
            _item(item, version)
            | {"circuit": common.QpyModel.from_quantum_circuit(item.circuit, newest).model_dump()}
            for item in items
        ]
    else:
        kind = common.CompressedQpyDataModel if version == "v2.0" else common.QpyDataModel
        circuits = kind.from_python([item.circuit for item in items], newest)
        program |= {
            "circuits": circuits.model_dump(),
            "items": [_item(item, version) for item in items],
        }
    params = {"schema_version": version, "quantum_program": program, "options": options}
    model = _schema(version).ParamsModel.model_validate(params)
    dumped: dict[str, Any] = model.model_dump(mode="json")
    return dumped


def _item(item: Item, version: str) -> dict[str, Any]:
    common_part = {"shape": list(item.shape), "chunk_size": item.chunk_size}
    if item.samplex is None:
        values = tensor(np.asarray(item.values, dtype=float), version)
        arguments = {"circuit_arguments": values.model_dump()}
        return {"item_type": "circuit", **arguments, **common_part}
    ssv = _NEWEST_SSV[version]
    return {
        "item_type": "samplex",
        "samplex": common.SamplexModel.from_samplex(item.samplex, ssv).model_dump(),
        "samplex_arguments": {
            name: _argument(value, version) for name, value in item.arguments.items()
        },
        **common_part,
    }


def _argument(value: Any, version: str) -> Any:
    if isinstance(value, PauliLindbladMap):
        return common.PauliLindbladMapModel.from_pauli_lindblad_map(value).model_dump()
    return value if isinstance(value, bool | int) else tensor(value, version).model_dump()


def result_model(text: str, version: str = "v2.0") -> Any:
    """Return a result, read by the model of its version."""
    return _schema(version).QuantumProgramResultModel.model_validate_json(text, strict=False)


def arrays(result: Any) -> list[dict[str, np.ndarray[Any, Any]]]:
    """Return what was measured and sampled, by item and name."""
    return [
        {name: value.to_numpy() for name, value in item.results.items()} for item in result.data
    ]


def turn() -> QuantumCircuit:
    """Return a circuit that measures 1 on qubit 0 after a turn of pi, and 0 without one."""
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("turn"), 0)
    circuit.measure_all()
    return circuit


def twirled(circuit: QuantumCircuit) -> tuple[QuantumCircuit, Samplex]:
    """Return what samplomatic makes of a circuit with all gates and measurements twirled."""
    boxes = generate_boxing_pass_manager(enable_gates=True, enable_measures=True)
    template, samplex = build(boxes.run(circuit))
    return template, samplex.finalize()


def reason(service: Service, params: dict[str, Any], backend: str = "aer_local") -> str:
    """Return why a job failed."""
    state = service.wait(service.submit("executor", backend, params))["state"]
    assert state["status"] == "Failed", state
    return str(state["reason"])
