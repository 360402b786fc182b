"""What the two primitives share: options, PUBs off the wire, and time spans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit_aer.noise import NoiseModel

from qjobwidgets.server.programs.context import Context, ProgramInputError

__all__ = ["circuit_of", "default_shots_of", "noise_model_of", "options_of", "seed_of", "values_of"]


def options_of(params: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return a group of options, empty when it was not given."""
    group: Any = params.get("options") or {}
    for name in path:
        group = group.get(name) or {}
    if not isinstance(group, Mapping):
        raise ProgramInputError(f"The options {'.'.join(path)} are not a dictionary.")
    return group


def default_shots_of(params: Mapping[str, Any]) -> int | None:
    """Return the shots that the options ask for where a PUB asks for none.

    Raises:
        ProgramInputError: It is no number of shots.
    """
    shots = options_of(params).get("default_shots")
    if shots is None or (isinstance(shots, int) and not isinstance(shots, bool) and shots > 0):
        return shots
    raise ProgramInputError("The option default_shots is not a whole number from 1.")


def seed_of(context: Context, params: Mapping[str, Any]) -> int:
    """Return the seed of the simulation: the one asked for, or the job's own."""
    seed = options_of(params, "simulator").get("seed_simulator")
    return context.seed if seed is None else int(seed)


def noise_model_of(params: Mapping[str, Any]) -> NoiseModel | None:
    """Return the noise model asked for.

    Raises:
        ProgramInputError: It is not a noise model.
    """
    model = options_of(params, "simulator").get("noise_model")
    if model is None:
        return None
    if isinstance(model, Mapping):
        return NoiseModel.from_dict(model)
    raise ProgramInputError("simulator.noise_model is not a noise model.")


def circuit_of(pub: Any, index: int) -> tuple[QuantumCircuit, list[Any]]:
    """Return the circuit of a PUB and what follows it; a bare circuit is a PUB too.

    Raises:
        ProgramInputError: There is no circuit.
    """
    circuit, *rest = pub if isinstance(pub, list | tuple) else (pub,)
    if not isinstance(circuit, QuantumCircuit):
        raise ProgramInputError(
            f"PUB {index} does not begin with a circuit.",
            fix="A PUB is a circuit, or a list that begins with one.",
        )
    return circuit, rest


def values_of(circuit: QuantumCircuit, values: Any) -> Any:
    """Return parameter values as Qiskit takes them; the wire sends an empty array for none."""
    if isinstance(values, Mapping):
        return values
    count = circuit.num_parameters
    array = np.asarray(() if values is None else values, dtype=float)
    if array.size == 0 and not count:
        return None
    if array.shape[-1:] != (count,) and not (array.ndim == 0 and count == 1):
        raise ProgramInputError(
            f"A circuit has {count} parameters, its values have shape {array.shape}.",
            fix="The last axis of the values is that of the parameters, in alphabetical order.",
        )
    return array
