"""``estimator``: expectation values of PUBs, as the V2 primitive of the runtime.

With a precision the values are estimated from shots, as a device does; with precision 0 they are
computed, without shots.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from qiskit.primitives import BackendEstimatorV2, DataBin, PrimitiveResult, PubResult
from qiskit.primitives.base import BaseEstimatorV2
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import EstimatorV2

from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.pubs import (
    circuit_of,
    noise_model_of,
    options_of,
    seed_of,
    values_of,
)

__all__ = ["exact_estimator", "precision_of", "run", "shots_estimator"]

_DEFAULT_PRECISION = 0.015625  # 4096 shots


def exact_estimator(simulator: AerSimulator) -> BaseEstimatorV2:
    """Return an estimator that computes expectation values instead of sampling them."""
    return EstimatorV2.from_backend(simulator)


def shots_estimator(simulator: AerSimulator, seed: int) -> BaseEstimatorV2:
    """Return an estimator that samples, with as many shots as the precision asks for."""
    return BackendEstimatorV2(backend=simulator, options={"seed_simulator": seed})


def precision_of(shots: int) -> float:
    """Return the precision for which an estimator takes just so many shots."""
    # It takes ceil(1 / precision**2): a hair more precision asked for would be one shot more.
    return (1.0 + 1e-12) / math.sqrt(shots)


def run(context: Context, params: dict[str, Any]) -> PrimitiveResult[PubResult]:
    """Run PUBs (circuit, observables, parameter values, precision), return values and errors."""
    default = _default_precision(params)
    pubs = [_pub(context, pub, index, default) for index, pub in enumerate(params["pubs"])]
    context.note_circuits([pub.circuit for pub in pubs])
    simulator = context.device.simulator(noise_model_of(params))
    seed = options_of(params).get("seed_estimator")
    sampling = shots_estimator(simulator, seed_of(context, params) if seed is None else int(seed))
    exact = exact_estimator(simulator)
    executions = sum(pub.parameter_values.size for pub in pubs)
    context.device.pause_executions(executions)
    results = [
        _reported(pub, (sampling if pub.precision else exact).run([pub]).result()[0])
        for pub in pubs
    ]
    context.note_executions(executions)
    return PrimitiveResult(results, metadata={"version": 2})


def _default_precision(params: dict[str, Any]) -> float:
    options = options_of(params)
    if shots := options.get("default_shots"):
        return precision_of(int(shots))
    precision = params.get("precision", options.get("default_precision"))
    return _DEFAULT_PRECISION if precision is None else float(precision)


def _pub(context: Context, pub: Any, index: int, default: float) -> EstimatorPub:
    circuit, rest = circuit_of(pub, index)
    if not rest:
        raise ProgramInputError(f"PUB {index} has no observables.")
    observables, values, precision = (*rest, None, None)[:3]
    prepared = context.device.prepare(circuit)
    return EstimatorPub.coerce(
        (
            prepared,
            observables,
            values_of(circuit, values),
            default if precision is None else precision,
        )
    )


def _reported(pub: EstimatorPub, result: PubResult) -> PubResult:
    evs = np.asarray(result.data.evs, dtype=float)
    stds = np.asarray(result.data.stds, dtype=float)
    bins = DataBin(evs=evs, stds=stds, ensemble_standard_error=stds, shape=evs.shape)
    metadata = {
        "target_precision": pub.precision,
        "circuit_metadata": pub.circuit.metadata or {},
    }
    if "shots" in result.metadata:
        metadata["shots"] = result.metadata["shots"]
    return PubResult(bins, metadata=metadata)
