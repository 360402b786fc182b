"""What the two primitives share: PUBs off the wire, options, and what is said about them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit_aer.noise import NoiseModel

from qjobwidgets.server.programs.boxes import open_boxes
from qjobwidgets.server.programs.context import ProgramInputError
from qjobwidgets.server.programs.options import OptionGroup, Simulator
from qjobwidgets.server.programs.qasm import read_qasm
from qjobwidgets.server.programs.sizes import check_size, scopes_of

__all__ = [
    "circuit_of",
    "coerced",
    "noise_model_of",
    "read_noise_model",
    "remarks",
    "values_of",
]

_LOG = logging.getLogger(__name__)

_NOISY_QUBITS = 1024
_WITH_MATRICES = {"kraus", "unitary"}
_Pub = TypeVar("_Pub", SamplerPub, EstimatorPub)


def remarks(inputs: OptionGroup) -> dict[str, Any]:
    """Return what the metadata of the result says about options that were not applied, if any."""
    names = [name.removeprefix("options.") for name in inputs.not_applied()]
    for name in names:
        _LOG.warning("Option %s has no meaning on a simulator and was not applied.", name)
    return {"options_not_applied": names} if names else {}


def noise_model_of(options: Simulator) -> NoiseModel | None:
    """Return the noise model asked for.

    Raises:
        ProgramInputError: It is not a noise model.
    """
    return read_noise_model(options.noise_model, "simulator.noise_model")


def read_noise_model(document: Any, name: str) -> NoiseModel | None:
    """Return the noise model that a document describes, if there is one.

    Args:
        document: What the wire has for a noise model.
        name: Of the input, for the message.

    Raises:
        ProgramInputError: It is not a noise model.
    """
    if document is None:
        return None
    try:
        document = {**document, "errors": [_error(one) for one in document.get("errors", ())]}
        with warnings.catch_warnings():
            # Aer has deprecated this without offering another way to read what clients send.
            warnings.simplefilter("ignore", DeprecationWarning)
            return NoiseModel.from_dict(document)
    except (MemoryError, ProgramInputError):
        raise
    except Exception as error:  # Aer raises errors of many kinds
        raise ProgramInputError(
            f"{name} is not a noise model: {type(error).__name__}: {error}.",
            fix="Send what NoiseModel.to_dict() returns.",
        ) from error


def _error(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error of a noise model as Aer reads it."""
    if "instructions" not in error:
        return dict(error)
    return {
        **error,
        "instructions": [[_step(one) for one in each] for each in error["instructions"]],
    }


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    # For a qubit of a high number, Aer would make as many qubits.
    if max(step["qubits"]) >= _NOISY_QUBITS:
        raise ProgramInputError("simulator.noise_model has errors on too many qubits.")
    if step["name"] not in _WITH_MATRICES:
        return dict(step)
    return {**step, "params": [_matrix(value) for value in step["params"]]}


def _matrix(value: Any) -> np.ndarray[Any, Any]:
    """Return a matrix; in the form that Aer calls serializable, its numbers are pairs."""
    array = np.asarray(value)
    return array[..., 0] + 1j * array[..., 1] if array.ndim == 3 else array


def circuit_of(pub: Any, index: int) -> tuple[QuantumCircuit, list[Any]]:
    """Return the circuit of a PUB and what follows it; a bare circuit is a PUB too.

    Raises:
        ProgramInputError: There is no circuit, or it is too large.
    """
    circuit, *rest = pub if isinstance(pub, list | tuple) else (pub,)
    if isinstance(circuit, str):
        circuit = read_qasm(circuit)
    if not isinstance(circuit, QuantumCircuit):
        raise ProgramInputError(
            f"PUB {index} does not begin with a circuit.",
            fix="A PUB is a circuit (QPY or OpenQASM), or a list that begins with one.",
        )
    check_size(circuit)
    _check_simulated(circuit)
    return open_boxes(circuit), rest


def _check_simulated(circuit: QuantumCircuit) -> None:
    """Refuse what Qiskit can express and Aer can't run; some of it would end this process."""
    if any(scope.num_identifiers for scope in scopes_of(circuit)):
        raise ProgramInputError(
            "The simulator has no classical variables and no stretches in circuits.",
            fix="Use classical bits and registers, and delays of a known length.",
        )


def values_of(circuit: QuantumCircuit, values: Any) -> Any:
    """Return parameter values as Qiskit takes them; the wire sends an empty array for none."""
    if isinstance(values, BindingsArray):
        return values
    if isinstance(values, Mapping):
        return values or None
    count = circuit.num_parameters
    try:
        array = np.asarray(() if values is None else values, dtype=float)
    except (TypeError, ValueError):
        raise ProgramInputError("Parameter values are not an array of real numbers.") from None
    if array.size == 0 and not count:
        return None
    if array.shape[-1:] != (count,) and not (array.ndim == 0 and count == 1):
        raise ProgramInputError(
            f"A circuit has {count} parameters, its values have shape {array.shape}.",
            fix="The last axis of the values is that of the parameters, in alphabetical order.",
        )
    return array


def coerced(kind: type[_Pub], parts: tuple[Any, ...], index: int) -> _Pub:
    """Return the PUB that consists of a circuit and what was given for it.

    Raises:
        ProgramInputError: The parts don't fit together.
    """
    try:
        pub = kind.coerce(parts)
        pub.validate()
        values = pub.parameter_values.as_array(pub.circuit.parameters)
    except (QiskitError, ValueError, TypeError, LookupError) as error:
        words = str(getattr(error, "message", error)).strip(" .'")
        raise ProgramInputError(f"PUB {index} does not fit together: {words}.") from error
    if not np.all(np.isfinite(values)):
        raise ProgramInputError(f"PUB {index} has parameter values that are not finite.")
    return pub
