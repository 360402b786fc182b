"""The documents of a backend: its configuration, and the properties of its qubits and gates.

Run in an attempt like a program, because it takes Qiskit to know them and the server has none.
"""

from __future__ import annotations

from typing import Any

from qiskit.circuit import ControlFlowOp, Parameter
from qiskit.transpiler import Target

from qjobwidgets.server.programs.context import Context
from qjobwidgets.server.run.backends import VERSION, BackendSpec

__all__ = ["PROGRAM", "run"]

PROGRAM = "describe-backend"

_DATE = "2026-01-01T00:00:00Z"  # the device never changes, so it was calibrated once
_NO_GATES = {"barrier", "delay", "measure", "reset"}
_MAX_SHOTS = 1_000_000


def run(context: Context, _params: dict[str, Any]) -> dict[str, Any]:
    """Return ``{"configuration": ..., "properties": ...}`` of the device."""
    spec, target = context.device.spec, context.device.target
    properties = {} if spec.simulator else _properties(spec, target)
    return {"configuration": _configuration(spec, target), "properties": properties}


def _configuration(spec: BackendSpec, target: Target) -> dict[str, Any]:
    names = sorted(name for name in target.operation_names if _is_gate(target, name))
    coupling = target.build_coupling_map() if not spec.simulator else None
    return {
        "backend_name": spec.name,
        "backend_version": VERSION,
        "description": spec.description,
        "n_qubits": spec.qubits,
        "basis_gates": names,
        "supported_instructions": sorted(set(target.operation_names) | {"barrier"}),
        "supported_features": ["qasm3", "dynamic_circuits"],
        "gates": [_gate(spec, target, name) for name in names],
        "coupling_map": None if coupling is None else sorted(map(list, coupling.get_edges())),
        "local": False,
        "simulator": spec.simulator,
        "conditional": True,
        "open_pulse": False,
        "memory": True,
        "max_shots": _MAX_SHOTS,
        "max_experiments": 10_000,
        "online_date": _DATE,
        "dt": None if target.dt is None else target.dt * 1e9,
        "processor_type": {"family": "Local", "revision": 1},
        "dynamic_reprate_enabled": False,
    }


def _is_gate(target: Target, name: str) -> bool:
    operation = target.operation_from_name(name)
    return (
        name not in _NO_GATES
        and not isinstance(operation, type)
        and not isinstance(operation, ControlFlowOp)
        and operation.num_clbits == 0
    )


def _gate(spec: BackendSpec, target: Target, name: str) -> dict[str, Any]:
    operation = target.operation_from_name(name)
    parameters = [p.name if isinstance(p, Parameter) else str(p) for p in operation.params]
    gate: dict[str, Any] = {"name": name, "parameters": parameters, "qasm_def": ""}
    if not spec.simulator:
        gate["coupling_map"] = sorted(list(qubits) for qubits in target[name])
    return gate


def _properties(spec: BackendSpec, target: Target) -> dict[str, Any]:
    return {
        "backend_name": spec.name,
        "backend_version": VERSION,
        "last_update_date": _DATE,
        "qubits": [_qubit(target, index) for index in range(spec.qubits)],
        "gates": [
            _gate_properties(target, name, qubits)
            for name in sorted(target.operation_names)
            if _is_gate(target, name)
            for qubits in sorted(target[name])
        ],
        "general": [],
    }


def _qubit(target: Target, index: int) -> list[dict[str, Any]]:
    qubit, measure = target.qubit_properties[index], target["measure"][(index,)]
    return [
        _figure("T1", "us", qubit.t1 * 1e6),
        _figure("T2", "us", qubit.t2 * 1e6),
        _figure("frequency", "GHz", qubit.frequency * 1e-9),
        _figure("readout_error", "", measure.error),
        _figure("readout_length", "ns", measure.duration * 1e9),
    ]


def _gate_properties(target: Target, name: str, qubits: tuple[int, ...]) -> dict[str, Any]:
    known = target[name][qubits]
    return {
        "gate": name,
        "name": name + "_".join(map(str, qubits)),
        "qubits": list(qubits),
        "parameters": [
            _figure("gate_error", "", known.error or 0.0),
            _figure("gate_length", "ns", (known.duration or 0.0) * 1e9),
        ],
    }


def _figure(name: str, unit: str, value: float) -> dict[str, Any]:
    return {"date": _DATE, "name": name, "unit": unit, "value": value}
