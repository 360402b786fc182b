"""``circuit-runner``: circuits in, a Qiskit ``Result`` out, like a backend of old.

Clients that could run circuits on a backend post those with control flow to ``qasm3-runner``, which
is the same program here.

With mitigation each experiment has quasi-probabilities beside its counts, in the place where the
``RunnerResult`` of the clients looks for them: ``data.quasiprobabilities``, over the bits that
``header.final_measurement_mapping`` names.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator

from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.mitigation import calibrate, measured_qubits
from qjobwidgets.server.programs.pubs import read_noise_model
from qjobwidgets.server.programs.qasm import read_qasm
from qjobwidgets.server.programs.sizes import check_size

__all__ = ["run"]

_LOG = logging.getLogger(__name__)

_SHOTS = 1024
_TRANSPILE = (
    "approximation_degree",
    "initial_layout",
    "layout_method",
    "optimization_level",
    "routing_method",
    "seed_transpiler",
    "translation_method",
    "unitary_synthesis_method",
)
_OF_SIMULATORS = ("basis_gates", "coupling_map")
# All other inputs set up hardware: what of them came is named in the result, as not applied.
_OBEYED = {
    *_TRANSPILE,
    "circuits",
    "header",
    "init_circuit",
    "meas_level",
    "measurement_error_mitigation",
    "memory",
    "noise_model",
    "seed_simulator",
    "shots",
    "skip_transpilation",
    "transpiler_options",
}


def run(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Transpile circuits, run them together, and return the result as a dictionary.

    With ``seed_simulator`` it is the result of Aer itself for the transpiled circuits.
    """
    circuits = _compiled(context, params)
    context.note_circuits(circuits)
    simulator = context.device.simulator(read_noise_model(params.get("noise_model"), "noise_model"))
    seed = params.get("seed_simulator")
    seed = context.seed if seed is None else seed
    shots = params.get("shots") or _SHOTS
    memory = bool(params.get("memory"))
    context.device.pause_executions(len(circuits))
    job = simulator.run(circuits, shots=shots, memory=memory, seed_simulator=seed)
    result: dict[str, Any] = job.result().to_dict()
    if not result["success"]:
        raise ProgramInputError(f"The simulator refused: {result['status']}.")
    context.note_executions(len(circuits))
    if params.get("measurement_error_mitigation"):
        _mitigate(simulator, circuits, result, seed)
    for experiment in result["results"]:
        experiment["header"] |= params.get("header") or {}
    ignored = [name for name in params if name not in _OBEYED and params[name] is not None]
    for name in ignored:
        _LOG.warning("The input %s has no meaning on a simulator and was not applied.", name)
    if ignored:
        result["metadata"]["options_not_applied"] = sorted(ignored)
    return result


def _compiled(context: Context, params: dict[str, Any]) -> list[QuantumCircuit]:
    given = params["circuits"]
    items = given if isinstance(given, list) else [given]
    circuits = [_circuit(item, index) for index, item in enumerate(items)]
    if not circuits:
        raise ProgramInputError("There are no circuits.")
    if (first := params.get("init_circuit")) is not None:
        circuits = [_begun(circuit, first) for circuit in circuits]
    if params.get("skip_transpilation"):
        return [context.device.prepare(circuit) for circuit in circuits]
    options = _transpile_options(context, params)
    return [context.device.compile(circuit, **options) for circuit in circuits]


def _circuit(item: Any, index: int) -> QuantumCircuit:
    circuit = read_qasm(item) if isinstance(item, str) else item
    if not isinstance(circuit, QuantumCircuit):
        raise ProgramInputError(f"Item {index} of circuits is no circuit.")
    check_size(circuit)
    if circuit.num_parameters:
        raise ProgramInputError(
            f"Circuit {index} has parameters without values.", fix="Assign values first."
        )
    return circuit


def _begun(circuit: QuantumCircuit, first: Any) -> QuantumCircuit:
    """Return a circuit after the one that initializes its qubits."""
    if not isinstance(first, QuantumCircuit) or first.num_qubits > circuit.num_qubits:
        raise ProgramInputError("init_circuit is no circuit of as many qubits as the others have.")
    if first.num_clbits or first.num_parameters:
        raise ProgramInputError("init_circuit measures, or has parameters.")
    check_size(first)
    return circuit.compose(first, front=True)


def _transpile_options(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    allowed = _TRANSPILE + (_OF_SIMULATORS if context.device.spec.simulator else ())
    more: Mapping[str, Any] = params.get("transpiler_options") or {}
    unknown = sorted(more.keys() - set(allowed))
    if unknown:
        raise ProgramInputError(
            f"The transpiler has no option {unknown[0]!r} on {context.device.spec.name}.",
            fix=f"Take of {', '.join(allowed)}.",
        )
    named = {name: params[name] for name in _TRANSPILE if params.get(name) is not None}
    return {**more, **named}


def _mitigate(
    simulator: AerSimulator, circuits: list[QuantumCircuit], result: dict[str, Any], seed: int
) -> None:
    """Add quasi-probabilities to the experiments of a result."""
    mappings = [measured_qubits(circuit) for circuit in circuits]
    qubits = {qubit for mapping in mappings for qubit in mapping.values()}
    if not qubits:
        raise ProgramInputError("Nothing is measured that could be mitigated.")
    shots = max(experiment["shots"] for experiment in result["results"])
    # Of its own: with the seed of the circuits, errors of both would go together.
    seed = int(np.random.default_rng(seed).integers(2**31))
    calibration = calibrate(simulator, sorted(qubits), shots=shots, seed=seed)
    for experiment, mapping in zip(result["results"], mappings, strict=True):
        counts = _restricted(experiment["data"].get("counts", {}), list(mapping))
        quasi = calibration.quasi_probabilities(counts, list(mapping.values()))
        experiment["data"]["quasiprobabilities"] = {
            hex(outcome): value for outcome, value in quasi.items()
        }
        experiment["header"]["final_measurement_mapping"] = {
            str(clbit): qubit for clbit, qubit in mapping.items()
        }


def _restricted(counts: Mapping[str, int], clbits: list[int]) -> dict[int, int]:
    """Return counts of the bits named alone; all others were never written."""
    return {
        sum((int(key, 16) >> clbit & 1) << place for place, clbit in enumerate(clbits)): count
        for key, count in counts.items()
    }
