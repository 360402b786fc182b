"""``sampler``: measurement outcomes of PUBs, as the V2 primitive of the runtime."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from qiskit.primitives import PrimitiveResult, SamplerPubResult
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit_aer.primitives import SamplerV2

from qjobwidgets.codec import ExecutionSpan, ExecutionSpans
from qjobwidgets.server.programs.context import Context
from qjobwidgets.server.programs.pubs import (
    circuit_of,
    default_shots_of,
    noise_model_of,
    seed_of,
    values_of,
)

__all__ = ["run"]

_DEFAULT_SHOTS = 4096


def run(context: Context, params: dict[str, Any]) -> PrimitiveResult[SamplerPubResult]:
    """Run PUBs (circuit, parameter values, shots) and return their bits by register."""
    shots = params.get("shots") or default_shots_of(params) or _DEFAULT_SHOTS
    pubs = [_pub(context, pub, index, shots) for index, pub in enumerate(params["pubs"])]
    context.note_circuits([pub.circuit for pub in pubs])
    simulator = context.device.simulator(noise_model_of(params))
    sampler = SamplerV2.from_backend(simulator, seed=seed_of(context, params))
    start = datetime.now(UTC)
    executions = sum(pub.parameter_values.size for pub in pubs)
    context.device.pause_executions(executions)
    results = sampler.run(pubs).result()
    context.note_executions(executions)
    spans = ExecutionSpans((_span(pubs, start, datetime.now(UTC)),))
    return PrimitiveResult(
        [_reported(pub, result) for pub, result in zip(pubs, results, strict=True)],
        metadata={"version": 2, "execution": {"execution_spans": spans}},
    )


def _pub(context: Context, pub: Any, index: int, default_shots: int) -> SamplerPub:
    circuit, rest = circuit_of(pub, index)
    values, shots = (*rest, None, None)[:2]
    prepared = context.device.prepare(circuit)
    return SamplerPub.coerce((prepared, values_of(circuit, values), shots or default_shots))


def _span(pubs: list[SamplerPub], start: datetime, stop: datetime) -> ExecutionSpan:
    """Return the one window in which all data was taken."""
    slices = {}
    for index, pub in enumerate(pubs):
        shape = (*pub.shape, pub.shots)
        slices[index] = (shape, 0, pub.parameter_values.size, 0, pub.shots)
    return ExecutionSpan(start, stop, slices)


def _reported(pub: SamplerPub, result: SamplerPubResult) -> SamplerPubResult:
    metadata = {"shots": pub.shots, "circuit_metadata": pub.circuit.metadata or {}}
    return SamplerPubResult(result.data, metadata=metadata)
