"""``sampler``: measurement outcomes of PUBs, as the V2 primitive of the runtime."""

from __future__ import annotations

from typing import Any

from qiskit import QuantumCircuit
from qiskit.primitives import DataBin, PrimitiveResult, SamplerPubResult
from qiskit.primitives.containers.sampler_pub import SamplerPub

from qjobwidgets.codec import ExecutionSpans
from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.outcomes import sample
from qjobwidgets.server.programs.plain_results import plain
from qjobwidgets.server.programs.primitives import SamplerInputs
from qjobwidgets.server.programs.pubs import (
    circuit_of,
    coerced,
    noise_model_of,
    remarks,
    values_of,
)
from qjobwidgets.server.programs.sizes import names_in

__all__ = ["run"]

_DEFAULT_SHOTS = 4096


def run(context: Context, params: dict[str, Any]) -> Any:
    """Run PUBs (circuit, parameter values, shots) and return their bits by register.

    With ``simulator.seed_simulator`` they are those of Aer with that seed, of
    ``qiskit_aer.primitives.SamplerV2`` and of ``qiskit.primitives.BackendSamplerV2``.
    """
    inputs = SamplerInputs.model_validate(params)
    options = inputs.options
    shots = inputs.shots or options.default_shots or _DEFAULT_SHOTS
    pubs = [_pub(context, pub, index, shots) for index, pub in enumerate(inputs.pubs)]
    context.note_circuits([pub.circuit for pub in pubs])
    simulator = context.device.simulator(noise_model_of(options.simulator))
    seed = options.simulator.seed_simulator
    executions = sum(pub.size for pub in pubs)
    context.device.pause_executions(executions)
    outcomes = sample(simulator, pubs, context.seed if seed is None else seed)
    context.note_executions(executions)
    results = [
        SamplerPubResult(DataBin(shape=pub.shape, **registers), metadata=_metadata(pub))
        for pub, registers in zip(pubs, outcomes.data, strict=True)
    ]
    spans = ExecutionSpans(outcomes.spans)
    metadata = {"version": 2, "execution": {"execution_spans": spans}, **remarks(inputs)}
    result = PrimitiveResult(results, metadata=metadata)
    return result if inputs.support_qiskit else plain(result)


def _pub(context: Context, pub: Any, index: int, default_shots: int) -> SamplerPub:
    circuit, rest = circuit_of(pub, index)
    values, shots = (*rest, None, None)[:2]
    prepared = context.device.prepare(circuit)
    _check_measured(prepared, index)
    _check_names(prepared, index)
    return coerced(
        SamplerPub, (prepared, values_of(circuit, values), shots or default_shots), index
    )


def _check_measured(circuit: QuantumCircuit, index: int) -> None:
    if not circuit.cregs or "measure" not in names_in(circuit):
        raise ProgramInputError(
            f"The circuit of PUB {index} has no measurement into a classical register.",
            fix="Add one, for instance with `circuit.measure_all()`.",
        )


def _check_names(circuit: QuantumCircuit, index: int) -> None:
    for register in circuit.cregs:
        try:
            DataBin(shape=(), **{register.name: None})
        except (TypeError, ValueError):
            raise ProgramInputError(
                f"The circuit of PUB {index} has a classical register {register.name!r}; results "
                "of the sampler have something else of that name.",
                fix="Give the register another name.",
            ) from None


def _metadata(pub: SamplerPub) -> dict[str, Any]:
    return {"shots": pub.shots, "circuit_metadata": pub.circuit.metadata or {}}
