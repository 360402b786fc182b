"""``estimator``: expectation values of PUBs, as the V2 primitive of the runtime.

With a precision the values are estimated from shots, as a device does; with precision 0 they are
computed, without shots. A circuit whose state is a matter of chance has nothing to compute: Aer
would average over a thousand runs of it, so it is refused. Noise is no chance where the state is a
density matrix.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.primitives import BackendEstimatorV2, DataBin, PrimitiveResult, PubResult
from qiskit.primitives.base import BaseEstimatorV2
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit_aer.primitives import EstimatorV2

from qjobwidgets.server.backends.simulators import DeviceSimulator
from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.options import EstimatorOptions
from qjobwidgets.server.programs.plain_results import plain
from qjobwidgets.server.programs.primitives import EstimatorInputs
from qjobwidgets.server.programs.pubs import (
    circuit_of,
    coerced,
    noise_model_of,
    remarks,
    values_of,
)
from qjobwidgets.server.programs.sizes import names_in

__all__ = ["exact_estimator", "precision_of", "run", "shots_estimator"]

_DEFAULT_PRECISION = 0.015625  # 4096 shots
_MIXING = frozenset({"kraus", "quantum_channel", "reset", "superop"})
_METADATA = {
    "version": 2,
    "dynamical_decoupling": {"enable": False},
    "twirling": {"enable_gates": False, "enable_measure": False},
    "resilience": {"measure_mitigation": False, "zne_mitigation": False, "pec_mitigation": False},
}


def exact_estimator(simulator: DeviceSimulator, circuit: QuantumCircuit) -> BaseEstimatorV2:
    """Return an estimator that computes expectation values of a circuit, without sampling.

    Raises:
        ProgramInputError: The state of the circuit is a matter of chance.
    """
    names = names_in(circuit)
    if "measure" in names or _initializes_later(circuit):
        raise ProgramInputError(
            "A circuit that measures or initializes qubits on its way has no expectation "
            "values that could be computed.",
            fix="Take that out of the circuit, or ask for a precision above 0 (or for shots).",
        )
    mixing = simulator.noisy or not names.isdisjoint(_MIXING)
    options = {"method": "density_matrix"} if mixing else {}
    return EstimatorV2.from_backend(simulator, options={"run_options": options})


def _initializes_later(circuit: QuantumCircuit) -> bool:
    """Whether qubits are initialized that were used before, which measures and discards them."""
    used: set[Any] = set()
    for item in circuit.data:
        if item.operation.name == "initialize" and not used.isdisjoint(item.qubits):
            return True
        used.update(item.qubits)
    return False


def shots_estimator(simulator: DeviceSimulator, seed: int) -> BaseEstimatorV2:
    """Return an estimator that samples, with as many shots as the precision asks for."""
    return BackendEstimatorV2(backend=simulator, options={"seed_simulator": seed})


def precision_of(shots: int) -> float:
    """Return the precision for which an estimator takes just so many shots."""
    # It takes ceil(1 / precision**2): a hair more precision asked for would be one shot more.
    return (1.0 + 1e-12) / math.sqrt(shots)


def run(context: Context, params: dict[str, Any]) -> Any:
    """Run PUBs (circuit, observables, parameter values, precision), return values and errors.

    With ``simulator.seed_simulator`` (or else ``seed_estimator``) they are those of
    ``qiskit.primitives.BackendEstimatorV2`` on Aer with that seed. Errors are estimated as there:
    those of the terms of an observable are added up, as if they always erred in the same direction.
    """
    inputs = EstimatorInputs.model_validate(params)
    default = _default_precision(inputs)
    pubs = [_pub(context, pub, index, default) for index, pub in enumerate(inputs.pubs)]
    context.note_circuits([pub.circuit for pub in pubs])
    executions = sum(pub.parameter_values.size for pub in pubs)
    context.device.pause_executions(executions)
    results = _estimate(context, inputs.options, pubs)
    context.note_executions(executions)
    reported = [_reported(pub, result) for pub, result in zip(pubs, results, strict=True)]
    result = PrimitiveResult(reported, metadata={**_METADATA, **remarks(inputs)})
    return result if inputs.support_qiskit else plain(result)


def _estimate(
    context: Context, options: EstimatorOptions, pubs: list[EstimatorPub]
) -> list[PubResult]:
    """Sample the PUBs with a precision all at once, and compute the others.

    Sampled one by one with one seed, they would all have the same random errors.
    """
    given = (options.simulator.seed_simulator, options.seed_estimator, context.seed)
    seed = next(seed for seed in given if seed is not None)
    simulator = context.device.simulator(noise_model_of(options.simulator))
    sampled = [pub for pub in pubs if pub.precision]
    from_shots = iter(shots_estimator(simulator, seed).run(sampled).result() if sampled else ())
    return [
        next(from_shots)
        if pub.precision
        else exact_estimator(simulator, pub.circuit).run([pub]).result()[0]
        for pub in pubs
    ]


def _default_precision(inputs: EstimatorInputs) -> float:
    options = inputs.options
    if options.default_shots:
        return precision_of(options.default_shots)
    given = (inputs.precision, options.default_precision, _DEFAULT_PRECISION)
    return next(precision for precision in given if precision is not None)


def _pub(context: Context, pub: Any, index: int, default: float) -> EstimatorPub:
    circuit, rest = circuit_of(pub, index)
    observables, values, precision = (*rest, None, None)[:3]
    given = (
        context.device.prepare(circuit),
        observables,
        values_of(circuit, values),
        default if precision is None else precision,
    )
    prepared = coerced(EstimatorPub, given, index)
    letters = {letter for term in prepared.observables.ravel() for name in term for letter in name}
    if not letters <= set("IXYZ"):
        raise ProgramInputError(
            f"The observables of PUB {index} have the letters {', '.join(sorted(letters))}.",
            fix="Write them in the Pauli operators I, X, Y and Z.",
        )
    if not prepared.size:
        raise ProgramInputError(
            f"PUB {index} has nothing to estimate: its shape is {prepared.shape}."
        )
    return prepared


def _reported(pub: EstimatorPub, result: PubResult) -> PubResult:
    evs = np.asarray(result.data.evs, dtype=float)
    stds = np.asarray(result.data.stds, dtype=float)
    bins = DataBin(evs=evs, stds=stds, ensemble_standard_error=stds, shape=evs.shape)
    metadata = {
        "target_precision": pub.precision,
        "circuit_metadata": pub.circuit.metadata or {},
        "resilience": {},
        "num_randomizations": 1,
    }
    if "shots" in result.metadata:
        metadata["shots"] = result.metadata["shots"]
    return PubResult(bins, metadata=metadata)
