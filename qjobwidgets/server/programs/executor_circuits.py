"""The circuits of a quantum program, in the form that each version of the schema gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qiskit import QuantumCircuit, qpy

from qjobwidgets.codec.binary import Budget
from qjobwidgets.codec.circuits import check_qpy, read_circuits
from qjobwidgets.errors import CodecError
from qjobwidgets.server.programs.boxes import open_boxes
from qjobwidgets.server.programs.context import ProgramInputError
from qjobwidgets.server.programs.executor_versions import Version
from qjobwidgets.server.programs.limits import reading
from qjobwidgets.server.programs.qasm import read_qasm
from qjobwidgets.server.programs.sizes import check_size, scopes_of

__all__ = ["circuits_of"]


def circuits_of(
    program: Mapping[str, Any], version: Version, budget: Budget
) -> list[QuantumCircuit]:
    """Return the circuits of all items, in their order, ready for a device.

    Raises:
        CodecError: They are damaged, or of a version of QPY that this one of the schema has not.
        ProgramInputError: A circuit has stretches or variables, is too large, or is no OpenQASM.
    """
    items: Sequence[Mapping[str, Any]] = program["items"]
    if not version.circuits_apart:
        circuits = []
        for item in items:
            document = item["circuit"]
            data = budget.decode(document["circuit_b64"], compressed=False)
            circuits += _read(data, document["qpy_version"], version, programs=1)
    elif "data" in (document := program["circuits"]):
        circuits = [read_qasm(text) for text in document["data"]]
    else:
        data = budget.decode(document["b64_data"], compressed=version.compressed)
        circuits = _read(data, document["qpy_version"], version, programs=len(items))
    return [_plain(circuit, index) for index, circuit in enumerate(circuits)]


def _read(data: bytes, declared: int, version: Version, *, programs: int) -> list[QuantumCircuit]:
    newest = min(version.newest_qpy or qpy.QPY_VERSION, qpy.QPY_VERSION)
    found = check_qpy(data, newest=newest, programs=programs)
    if found != declared:
        raise CodecError(f"The QPY version of circuits is {found}, not {declared} as declared.")
    with reading(len(data)):
        return read_circuits(data, annotations={"samplomatic": _annotation_reader})


def _annotation_reader() -> Any:
    from ibm_quantum_schemas.common.annotation_serializer import (  # noqa: PLC0415 - slow, rare
        AnnotationSerializer,
    )

    return AnnotationSerializer()


def _plain(circuit: QuantumCircuit, index: int) -> QuantumCircuit:
    """Return a circuit as a simulator takes it, without boxes."""
    check_size(circuit)
    if any(scope.num_stretches for scope in scopes_of(circuit)):
        raise ProgramInputError(
            f"The circuit of item {index} has stretches, which a simulator does not resolve.",
            fix="Use delays of fixed length.",
        )
    if any(scope.num_identifiers for scope in scopes_of(circuit)):
        raise ProgramInputError(
            f"The circuit of item {index} has classical variables, which the simulator has not.",
            fix="Use classical bits and registers.",
        )
    return open_boxes(circuit)
