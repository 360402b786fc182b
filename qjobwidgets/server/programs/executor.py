"""``executor``: quantum programs, as the newer primitives of the runtime post them.

A program is a list of items, each a circuit with many sets of parameter values, which all are run
with the same number of shots. What is measured comes back as one array of bits for each classical
register, bit 0 first, beside what the samplex of the item tells about its randomizations.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.executor_chunks import Chunk, run_items
from qjobwidgets.server.programs.executor_items import Item, read_items
from qjobwidgets.server.programs.executor_tensors import Array, write_tensor
from qjobwidgets.server.programs.executor_versions import VERSIONS, Version

__all__ = ["run"]

_LOG = logging.getLogger(__name__)

# What programs say they are for, when the primitives of the client made them.
_PRIMITIVES = {"sampler_v2", "estimator_v2"}
_OPTIONS = {"init_qubits", "rep_delay", "scheduler_timing", "stretch_values", "experimental"}


def run(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Run a quantum program and return its result in the version of the schema it came in."""
    version = VERSIONS[params["schema_version"]]
    program, options = params["quantum_program"], params["options"]
    if program.get("meas_level", "classified") != "classified":
        raise ProgramInputError(
            f"A simulator has no measurement data of level {program['meas_level']}.",
            fix='Ask for meas_level "classified" (meas_type of the sampler).',
        )
    _note_options(options)
    seed = _seed_of(context, program, options)
    items = read_items(program, version, np.random.default_rng(seed))
    context.note_circuits([item.circuit for item in items])
    bits, chunks = run_items(context, items, program["shots"], seed)
    return _document(params, items, bits, chunks)


def _seed_of(context: Context, program: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    """Return the seed asked for, or the job's own.

    The schema has no place for one. The sampler and the estimator note their own options, with
    those of the simulator, in the data they want back, which are not looked into for any other
    role. A bare program can ask by an experimental option of the same form.
    """
    seed = _inner(options, "experimental", "simulator", "seed_simulator")
    if seed is None and program.get("semantic_role") in _PRIMITIVES:
        noted = program.get("passthrough_data")
        seed = _inner(noted, "post_processor", "options", "simulator", "seed_simulator")
    if seed is None:
        return context.seed
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**31:
        raise ProgramInputError("seed_simulator is not a whole number from 0 to 2**31 - 1.")
    return seed


def _inner(value: Any, *path: str) -> Any:
    """Return what lies at the end of a path through dictionaries, if anything."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _note_options(options: Mapping[str, Any]) -> None:
    """Write into the logs what was asked for and means nothing here."""
    if not options.get("init_qubits", True):
        _LOG.warning("Option init_qubits is not applied: each shot begins in the ground state.")
    if options.get("rep_delay") is not None:
        _LOG.warning("Option rep_delay is not applied: there is no time between simulated shots.")
    for name in ("scheduler_timing", "stretch_values"):
        if options.get(name):
            _LOG.warning("Option %s is not applied: a simulator schedules nothing.", name)
    experimental = options.get("experimental", {})
    unknown = [
        *(options.keys() - _OPTIONS),
        *(f"experimental.{name}" for name in experimental.keys() - {"simulator"}),
        *(
            f"experimental.simulator.{name}"
            for name in experimental.get("simulator", {}).keys() - {"seed_simulator"}
        ),
    ]
    for name in sorted(unknown):
        _LOG.warning("Option %s is not known and not applied.", name)


def _document(
    params: Mapping[str, Any],
    items: Sequence[Item],
    bits: Sequence[dict[str, Array]],
    chunks: Sequence[Chunk],
) -> dict[str, Any]:
    """Return the result in the version of the schema that the parameters came in."""
    version, program = VERSIONS[params["schema_version"]], params["quantum_program"]
    metadata = {"scheduler_timing": None, "stretch_values": None}
    document: dict[str, Any] = {
        "schema_version": params["schema_version"],
        "data": [
            {
                "results": _tensors(item, registers, version),
                "metadata": metadata if version.describes_items else None,
            }
            for item, registers in zip(items, bits, strict=True)
        ],
        "metadata": {"chunk_timing": [_timing(chunk, items, version) for chunk in chunks]},
    }
    if version.describes_items:
        document["passthrough_data"] = program.get("passthrough_data")
    if version.describes_parts:
        document["semantic_role"] = program.get("semantic_role")
    return document


def _tensors(item: Item, registers: Mapping[str, Array], version: Version) -> dict[str, Any]:
    shaped = {
        name: array.reshape(*item.shape, *array.shape[1:]) for name, array in registers.items()
    }
    return {
        name: write_tensor(array, compressed=version.compressed)
        for name, array in (item.samples | shaped).items()
    }


def _timing(chunk: Chunk, items: Sequence[Item], version: Version) -> dict[str, Any]:
    parts = []
    for part in chunk.parts:
        size = part.stop - part.start
        described: dict[str, Any] = {"idx_item": part.item, "size": size}
        if version.describes_parts:
            described["permutation"] = list(range(len(items[part.item].shape)))
            described["element_range"] = [part.start, part.stop, 1]
        parts.append(described)
    return {"start": chunk.start.isoformat(), "stop": chunk.stop.isoformat(), "parts": parts}
