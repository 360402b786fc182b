"""Running PUBs on Aer, and its outcomes by register.

PUBs with the same number of shots are one run of Aer, with one seed: so Aer's own sampler does it,
and Qiskit's for any backend, so that all three give the same bits. Each point of a sweep is one
experiment of that run, and Aer counts the seed up from one to the next. Bits are taken by their
place in the circuit, so registers may share them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.primitives import BitArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit_aer import AerError, AerSimulator

from qjobwidgets.codec import ExecutionSpan
from qjobwidgets.server.programs.context import ProgramInputError

__all__ = ["Outcomes", "sample"]

_MOST_BYTES = 256 * 1024**2
_Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of all PUBs, in their order and by register, and when it was taken."""

    data: list[dict[str, BitArray]]
    spans: tuple[ExecutionSpan, ...]


def sample(simulator: AerSimulator, pubs: list[SamplerPub], seed: int) -> Outcomes:
    """Run all PUBs.

    Raises:
        ProgramInputError: The result would be too large.
        AerError: The simulation failed; the message is the simulator's.
    """
    _check_bytes(pubs)
    groups: dict[int, list[int]] = {}
    for index, pub in enumerate(pubs):
        groups.setdefault(pub.shots, []).append(index)
    data: dict[int, dict[str, BitArray]] = {}
    spans = []
    for shots, members in groups.items():
        start = datetime.now(UTC)
        for index, rows in zip(
            members, _run(simulator, [pubs[index] for index in members], shots, seed), strict=True
        ):
            data[index] = _by_register(pubs[index].circuit, rows)
        slices = {index: _slice(pubs[index]) for index in members}
        spans.append(ExecutionSpan(start, datetime.now(UTC), slices))
    return Outcomes([data[index] for index in range(len(pubs))], tuple(spans))


def _check_bytes(pubs: list[SamplerPub]) -> None:
    needed = sum(
        pub.size * pub.shots * sum(-(-len(register) // 8) for register in pub.circuit.cregs)
        for pub in pubs
    )
    if needed > _MOST_BYTES:
        raise ProgramInputError(
            f"The outcomes take {needed} bytes, a result may have {_MOST_BYTES}.",
            fix="Take fewer shots, or split the job.",
        )


def _run(simulator: AerSimulator, pubs: list[SamplerPub], shots: int, seed: int) -> Iterator[_Bits]:
    """Yield the bits of each PUB: its shape, then shots, then bits of the circuit."""
    swept = [pub for pub in pubs if pub.size]
    experiments = []
    if swept:
        result = simulator.run(
            [pub.circuit for pub in swept],
            shots=shots,
            seed_simulator=seed,
            parameter_binds=[_binds(pub) for pub in swept],
            memory=True,
        ).result()
        experiments = result.results
        if not result.success:
            failed = [one.status for one in experiments if not one.success]
            raise AerError("; ".join(dict.fromkeys([str(result.status), *failed])))
    memories = iter([getattr(one.data, "memory", None) for one in experiments])
    for pub in pubs:
        count = pub.circuit.num_clbits
        rows = [_bits(next(memories), shots, count) for _ in range(pub.size)]
        yield np.array(rows, dtype=bool).reshape(*pub.shape, shots, count)


def _binds(pub: SamplerPub) -> dict[object, NDArray[np.float64]]:
    values = pub.parameter_values.as_array(pub.circuit.parameters)
    return {name: values[..., i].ravel() for i, name in enumerate(pub.circuit.parameters)}


def _bits(memory: list[str] | None, shots: int, count: int) -> _Bits:
    """Return the bits of outcomes in hexadecimal, one row for each, the circuit's first bit first.

    A run that never came to a measurement has no memory: all of its bits are 0.
    """
    if not memory:
        return np.zeros((shots, count), dtype=bool)
    size = -(-count // 8)
    data = b"".join(int(word, 16).to_bytes(size, "little") for word in memory)
    packed = np.frombuffer(data, dtype=np.uint8).reshape(shots, size)
    return np.unpackbits(packed, axis=1, bitorder="little", count=count).view(bool)


def _by_register(circuit: QuantumCircuit, rows: _Bits) -> dict[str, BitArray]:
    places = {bit: index for index, bit in enumerate(circuit.clbits)}
    return {
        register.name: _bit_array(rows[..., [places[bit] for bit in register]])
        for register in circuit.cregs
    }


def _bit_array(rows: _Bits) -> BitArray:
    count = rows.shape[-1]
    # Packed from the end, as the wire has it: the register's first bit is the last one of all.
    padded = np.zeros((*rows.shape[:-1], -(-count // 8) * 8), dtype=bool)
    padded[..., padded.shape[-1] - count :] = rows[..., ::-1]
    return BitArray(np.packbits(padded, axis=-1), count)


def _slice(pub: SamplerPub) -> tuple[object, ...]:
    return ((*pub.shape, pub.shots), 0, pub.size, 0, pub.shots)
