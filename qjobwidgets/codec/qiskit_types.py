"""The types of Qiskit in typed JSON: who writes them, who reads them.

This module loads Qiskit. The writer imports it only when Qiskit is loaded already, the reader only
for a document that holds one of these types.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from qiskit import quantum_info
from qiskit.circuit import Instruction, Parameter, QuantumCircuit
from qiskit.circuit.parametertable import ParameterView
from qiskit.primitives import (
    BitArray,
    DataBin,
    PrimitiveResult,
    PubResult,
    SamplerPubResult,
)
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import PauliLindbladMap, SparsePauliOp
from qiskit.result import Result
from qiskit.transpiler import CouplingMap

from qjobwidgets.codec.binary import encode
from qjobwidgets.codec.circuits import (
    read_circuit,
    read_instruction,
    read_parameter,
    write_circuit,
    write_instruction,
    write_parameter,
)
from qjobwidgets.codec.writer import Encoder, typed
from qjobwidgets.errors import CodecError

__all__ = ["BINARY_READERS", "READERS", "WRITERS", "read_settings"]


def _circuit(circuit: QuantumCircuit) -> Any:
    return typed("QuantumCircuit", encode(write_circuit(circuit, Encoder), compressed=True))


def _instruction(instruction: Instruction) -> Any:
    data = write_instruction(instruction, Encoder)
    return typed("Instruction", encode(data, compressed=True))


def _parameter(parameter: Parameter) -> Any:
    return typed("Parameter", encode(write_parameter(parameter), compressed=False))


def _sampler_pub(pub: SamplerPub) -> list[Any]:
    return [pub.circuit, pub.parameter_values.as_array(pub.circuit.parameters), pub.shots]


def _estimator_pub(pub: EstimatorPub) -> list[Any]:
    values = pub.parameter_values.as_array(pub.circuit.parameters)
    return [pub.circuit, pub.observables.tolist(), values, pub.precision]


def _bindings(bindings: BindingsArray) -> Any:
    data = {json.dumps(list(names)): values for names, values in bindings.data.items()}
    return typed("BindingsArray", {"shape": list(bindings.shape), "data": data})


def _bit_array(bits: BitArray) -> Any:
    return typed("BitArray", {"array": bits.array, "num_bits": bits.num_bits})


def _data_bin(data: DataBin) -> Any:
    # a field without axes may be a bare number; on the wire every number is an array
    fields = {
        name: np.asarray(field) if isinstance(field, int | float | complex | np.generic) else field
        for name, field in data.items()
    }
    value = {
        "field_names": list(fields),
        # not read by any client, but demanded by the published schema of results
        "field_types": [type(field).__name__ for field in fields.values()],
        "shape": list(data.shape),
        "fields": fields,
    }
    return typed("DataBin", value)


def _pub_result(result: PubResult) -> Any:
    name = "SamplerPubResult" if isinstance(result, SamplerPubResult) else "PubResult"
    return typed(name, {"data": result.data, "metadata": result.metadata})


def _primitive_result(result: Any) -> Any:
    return typed("PrimitiveResult", {"pub_results": list(result), "metadata": result.metadata})


def _pauli_lindblad_map(rates: PauliLindbladMap) -> Any:
    value = {"paulis": rates.to_sparse_list(), "num_qubits": rates.num_qubits}
    return typed("PauliLindbladMap", value)


WRITERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (QuantumCircuit, _circuit),
    (Instruction, _instruction),
    (Parameter, _parameter),
    (ParameterView, list),
    (CouplingMap, lambda edges: [list(edge) for edge in edges.get_edges()]),
    (SamplerPub, _sampler_pub),
    (EstimatorPub, _estimator_pub),
    (ObservablesArray, lambda array: typed("ObservablesArray", array.tolist())),
    (BindingsArray, _bindings),
    (BitArray, _bit_array),
    (DataBin, _data_bin),
    (PubResult, _pub_result),
    (PrimitiveResult, _primitive_result),
    (PauliLindbladMap, _pauli_lindblad_map),
    (Result, lambda result: typed("Result", result.to_dict())),
)
"""Type and what turns its instances into plainer values; the first match writes."""


def read_settings(module: object, name: object, settings: dict[str, Any]) -> Any:
    """Return what was made of these settings, or what stands for it today.

    An operator comes back as one; a sum of Paulis of the older Qiskit as the operator that took
    its place; an optimizer, whose package need not be here, as a dict of its name and settings.

    Raises:
        CodecError: The class named is not one of those allowed.
    """
    package = str(module)
    if package.startswith("qiskit.quantum_info.operators.") and name in _OPERATORS:
        return getattr(quantum_info, str(name))(**settings)
    if package.startswith("qiskit.opflow.") and name == "PauliSumOp":
        return SparsePauliOp(settings["primitive"]) * settings.get("coeff", 1)
    if package.startswith(_OPTIMIZERS) and isinstance(name, str):
        return {**settings, "name": name}
    raise CodecError(f"Objects of {module}.{name} are not allowed in typed JSON.")


_OPERATORS = frozenset(
    {"Operator", "Pauli", "PauliList", "SparsePauliOp"}
    | {"Chi", "Choi", "Kraus", "PTM", "Stinespring", "SuperOp"}
)
_OPTIMIZERS = "qiskit_algorithms.optimizers.", "qiskit.algorithms.optimizers."


def _read_bindings(value: Any) -> BindingsArray:
    data = {_names(key): array for key, array in (value.get("data") or {}).items()}
    shape = value.get("shape")
    return BindingsArray(data, shape=None if shape is None else tuple(shape))


def _names(key: str) -> tuple[str, ...]:
    names = json.loads(key)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise CodecError("The keys of bindings must be lists of parameter names.")
    return tuple(names)


def _read_pub_result(value: Any) -> PubResult:
    return PubResult(value["data"], metadata=value.get("metadata"))


def _read_sampler_pub_result(value: Any) -> SamplerPubResult:
    return SamplerPubResult(value["data"], metadata=value.get("metadata"))


def _read_primitive_result(value: Any) -> Any:
    return PrimitiveResult(value["pub_results"], metadata=value.get("metadata"))


def _read_pauli_lindblad_map(value: Any) -> PauliLindbladMap:
    terms = [tuple(term) for term in value["paulis"]]
    return PauliLindbladMap.from_sparse_list(terms, num_qubits=value["num_qubits"])


BINARY_READERS: dict[str, Callable[[bytes], Any]] = {
    "QuantumCircuit": read_circuit,
    "Instruction": read_instruction,
    "Parameter": read_parameter,
}
READERS: dict[str, Callable[[Any], Any]] = {
    "ObservablesArray": ObservablesArray,
    "BindingsArray": _read_bindings,
    "BitArray": lambda value: BitArray(value["array"], value["num_bits"]),
    "DataBin": lambda value: DataBin(shape=tuple(value["shape"] or ()), **value["fields"]),
    "PubResult": _read_pub_result,
    "EstimatorPubResult": _read_pub_result,
    "SamplerPubResult": _read_sampler_pub_result,
    "PrimitiveResult": _read_primitive_result,
    "PauliLindbladMap": _read_pauli_lindblad_map,
    "Result": Result.from_dict,
}
