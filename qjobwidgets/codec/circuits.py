"""Circuits and parameters as QPY, the format of Qiskit that holds no code.

From version 13 on that is so. Before it, expressions of parameters were written for SymEngine,
whose reader unpickles them, or for SymPy, whose reader evaluates text; clients with Qiskit 1 still
send such files. They are read without either:

- SymEngine never gets to see anything: its expressions are written again in the portable encoding
  (:mod:`~qjobwidgets.codec.symengine`). As long as a file holds none, the two do not differ.
- Qiskit 2.6 and later walk portable expressions by an allow-list and compute them themselves.
  Earlier releases hand parts of them to SymPy: with these, versions before 13 are refused.

This module loads Qiskit: import it where a circuit is at hand.
"""

from __future__ import annotations

import io
import json
import struct
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import qiskit
from qiskit import qpy
from qiskit.circuit import Instruction, Parameter, QuantumCircuit

from qjobwidgets.codec.symengine import to_portable
from qjobwidgets.errors import CodecError

__all__ = [
    "check_qpy",
    "read_circuit",
    "read_circuits",
    "read_instruction",
    "read_parameter",
    "write_circuit",
    "write_instruction",
    "write_parameter",
]

SERVICE_QPY = 17
"""The newest QPY version that runtime services read."""
_PLAIN_QPY = 13  # the oldest version that has nothing to do with SymPy and SymEngine
_WITHOUT_SYMPY = tuple(map(int, qiskit.__version__.split(".")[:2])) >= (2, 6)
_OLDEST_QPY = 10 if _WITHOUT_SYMPY else _PLAIN_QPY
_HEADER = struct.Struct("!6sBBBBQc")
_PARAMETER = struct.Struct("!H16s")


def write_circuit(circuit: QuantumCircuit, encoder: type[json.JSONEncoder]) -> bytes:
    """Return a circuit as QPY; ``encoder`` writes its metadata."""
    buffer = io.BytesIO()
    version = min(SERVICE_QPY, qpy.QPY_VERSION)
    try:
        qpy.dump(circuit, buffer, metadata_serializer=encoder, version=version)
    except (qpy.QpyError, TypeError, ValueError) as error:
        raise CodecError(f"Circuit {circuit.name!r} can't be written as QPY: {error}") from error
    return buffer.getvalue()


def read_circuit(data: bytes) -> QuantumCircuit:
    """Return the one circuit of a QPY file.

    Raises:
        CodecError: Not QPY of a version allowed, more than one program, or damaged.
    """
    end = _HEADER.size
    symengine = data[end - 1 : end] == b"e"
    if symengine:
        data = to_portable(data[: end - 1] + b"p" + data[end:])
    version = check_qpy(data, oldest=_OLDEST_QPY)
    try:
        return read_circuits(data)[0]
    except CodecError as error:
        if version >= _PLAIN_QPY or not symengine:
            raise
        raise CodecError(
            f"A circuit of QPY version {version} holds an expression of parameters that can only "
            f"be read from version {_PLAIN_QPY} on, or it is damaged.",
            fix="Bind the parameters, use plain ones, or submit with a newer Qiskit.",
        ) from error


def read_circuits(
    data: bytes, annotations: Mapping[str, Callable[[], Any]] | None = None
) -> list[QuantumCircuit]:
    """Return the circuits of a QPY file whose header was checked.

    Args:
        data: The file.
        annotations: For each namespace of annotations, what makes its reader.

    Raises:
        CodecError: The file is damaged.
    """
    try:
        circuits: list[QuantumCircuit] = qpy.load(
            io.BytesIO(data), annotation_factories=annotations
        )
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic inside Qiskit is not an Exception
        raise CodecError(f"A circuit is damaged: {type(error).__name__}.") from error
    return circuits


def check_qpy(
    data: bytes,
    *,
    oldest: int = _PLAIN_QPY,
    newest: int = qpy.QPY_VERSION,
    programs: int = 1,
) -> int:
    """Return the version of a QPY file, read from its header alone.

    Raises:
        CodecError: Not QPY of a version from ``oldest`` to ``newest``, or another number of
            programs.
    """
    if len(data) < _HEADER.size:
        raise CodecError("A circuit is damaged: it ends within its header.")
    magic, version, _, _, _, found, encoding = _HEADER.unpack_from(data)
    if magic != b"QISKIT":
        raise CodecError("A circuit is not in QPY format.")
    if not oldest <= version <= newest:
        raise CodecError(
            f"A circuit has QPY version {version}; {oldest} to {newest} can be read.",
            fix="Use a Qiskit of the same series on both sides.",
        )
    if encoding != b"p":
        raise CodecError("A circuit must be in the portable encoding of QPY.")
    if found != programs:
        raise CodecError(f"A QPY file holds {found} programs instead of {programs}.")
    return int(version)


def write_instruction(instruction: Instruction, encoder: type[json.JSONEncoder]) -> bytes:
    """Return an instruction as the QPY of a circuit that holds nothing else."""
    circuit = QuantumCircuit(instruction.num_qubits, instruction.num_clbits)
    circuit.append(instruction, circuit.qubits, circuit.clbits)
    return write_circuit(circuit, encoder)


def read_instruction(data: bytes) -> Any:
    """Return the instruction of a circuit that holds nothing else."""
    circuit = read_circuit(data)
    if len(circuit.data) != 1:
        raise CodecError(f"An instruction came as a circuit of {len(circuit.data)}.")
    return circuit.data[0].operation


def write_parameter(parameter: Parameter) -> bytes:
    """Return a parameter as its QPY record: length of the name, UUID, name."""
    name: bytes = parameter.name.encode()
    return _PARAMETER.pack(len(name), parameter.uuid.bytes) + name


def read_parameter(data: bytes) -> Parameter:
    """Return the parameter of a QPY record.

    Raises:
        CodecError: The record is damaged.
    """
    try:
        size, identity = _PARAMETER.unpack_from(data)
        name = data[_PARAMETER.size :].decode()
    except (struct.error, UnicodeDecodeError) as error:
        raise CodecError(f"A parameter is damaged: {error}.") from error
    if len(data) != _PARAMETER.size + size:
        raise CodecError("A parameter is damaged: its length is wrong.")
    return Parameter(name, uuid=uuid.UUID(bytes=identity))
