"""Running the items of a quantum program in chunks, which is what Aer is given at a time.

A chunk is as large as fits into memory and may hold elements of several items. Where items ask for
a size of chunks, each chunk holds so many elements of one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from qiskit import QuantumCircuit
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.sampler_pub import SamplerPub

from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.executor_items import Item
from qjobwidgets.server.programs.executor_tensors import Array
from qjobwidgets.server.programs.outcomes import sample

__all__ = ["Chunk", "Part", "run_items"]

_CHUNK_SHOTS = 2**20  # Aer keeps a text for each shot, some hundred bytes
_MAX_BITS = 2**30  # measured by a job; each takes a byte until it is packed


@dataclass(frozen=True, slots=True)
class Part:
    """Elements of an item that are run together, from ``start`` to before ``stop``."""

    item: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What was run together, and when."""

    parts: Sequence[Part]
    start: datetime
    stop: datetime


def run_items(
    context: Context, items: Sequence[Item], shots: int, seed: int
) -> tuple[list[dict[str, Array]], list[Chunk]]:
    """Run all elements of all items.

    Args:
        context: What to run on.
        items: The items.
        shots: Shots of each element.
        seed: Seed of the first chunk, as Aer takes it; those of the others derive from it.

    Returns:
        For each item the bits of its registers, of shape ``(elements, shots, bits)``; the chunks.

    Raises:
        ProgramInputError: More would be measured than a job may return.
        UnsupportedCircuitError: The device can't run a circuit.
    """
    _check_size(items, shots)
    simulator = context.device.simulator()
    items = [replace(item, circuit=context.device.prepare(item.circuit)) for item in items]
    bits = [_registers(item, shots) for item in items]
    chunks = []
    for number, parts in enumerate(_plan(items, shots)):
        executions = sum(part.stop - part.start for part in parts)
        start = datetime.now(UTC)
        context.device.pause_executions(executions)
        work = [(part.item, rows) for part in parts for rows in _rows(part, items[part.item])]
        pubs = [_pub(items[item], rows, shots) for item, rows in work]
        outcomes = sample(simulator, pubs, _derived(seed, number) if number else seed)
        for (item, rows), registers in zip(work, outcomes.data, strict=True):
            for name, measured in registers.items():
                bits[item][name][rows] = measured.to_bool_array(order="little")
        context.note_executions(executions)
        chunks.append(Chunk(parts, start, datetime.now(UTC)))
    return bits, chunks


def _check_size(items: Sequence[Item], shots: int) -> None:
    bits = shots * sum(item.size * _width(item.circuit) for item in items)
    if bits > _MAX_BITS:
        raise ProgramInputError(
            f"The program would measure {bits} bits, {_MAX_BITS} are allowed in a job.",
            fix="Ask for fewer shots or elements, or submit several jobs.",
        )


def _width(circuit: QuantumCircuit) -> int:
    return sum(register.size for register in circuit.cregs)


def _registers(item: Item, shots: int) -> dict[str, Array]:
    return {
        register.name: np.zeros((item.size, shots, register.size), dtype=np.bool_)
        for register in item.circuit.cregs
    }


def _plan(items: Sequence[Item], shots: int) -> Iterator[list[Part]]:
    """Yield what to run together."""
    most = max(_CHUNK_SHOTS // shots, 1)
    chunk: list[Part] = []
    room = most
    for index, item in enumerate(items):
        start = 0
        while start < item.size:
            stop = min(start + min(room, item.chunk_size or room), item.size)
            chunk.append(Part(index, start, stop))
            room -= stop - start
            start = stop
            if room == 0 or item.chunk_size is not None:
                yield chunk
                chunk, room = [], most
    if chunk:
        yield chunk


def _derived(seed: int, number: int) -> int:
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1)


def _rows(part: Part, item: Item) -> list[slice]:
    """Return the rows of values that one PUB takes each."""
    if item.circuit.num_parameters:
        return [slice(part.start, part.stop)]
    # Aer runs a circuit without parameters once, however many sets of no values there are.
    return [slice(row, row + 1) for row in range(part.start, part.stop)]


def _pub(item: Item, rows: slice, shots: int) -> SamplerPub:
    bindings = BindingsArray({tuple(item.circuit.parameters): item.values[rows]})
    return SamplerPub(item.circuit, bindings, shots)
