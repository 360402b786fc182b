"""The documents of a backend: its configuration, and the properties of its qubits and gates.

Written from the figures of the chip alone, so that the server can tell them without Qiskit.
"""

from __future__ import annotations

from functools import cache
from statistics import median
from typing import Any

from qjobwidgets.server.backends.catalogue import BACKENDS, MAX_SHOTS, VERSION, BackendSpec
from qjobwidgets.server.backends.chips import DT, Chip, Figures, Qubit

__all__ = ["CALIBRATED", "configuration", "performance", "properties"]

CALIBRATED = "2026-01-01T00:00:00.000000Z"
"""When the figures of all chips were taken: they never change."""

# Gates of Aer that Qiskit has standard names for, with their parameters. A simulator takes any
# other circuit too; these are what it need not unroll.
_SIMULATED = {
    **dict.fromkeys(("ccx", "ccz", "cswap", "csx", "cx", "cy", "cz", "ecr", "h", "id"), ()),
    **dict.fromkeys(("s", "sdg", "swap", "sx", "sxdg", "t", "tdg", "x", "y", "z"), ()),
    **dict.fromkeys(("cp", "crx", "cry", "crz", "cu1", "p", "rx", "rxx", "ry", "ryy"), ("theta",)),
    **dict.fromkeys(("rz", "rzx", "rzz", "u1"), ("theta",)),
    **dict.fromkeys(("cu3", "u", "u3"), ("theta", "phi", "lam")),
    "cu": ("theta", "phi", "lam", "gamma"),
    "r": ("theta", "phi"),
    "u2": ("phi", "lam"),
}
_DEFINITIONS = {
    "cx": "gate cx q0,q1 { CX q0,q1; }",
    "cz": "gate cz q0,q1 { h q1; cx q0,q1; h q1; }",
    "ecr": "gate ecr q0,q1 { rzx(pi/4) q0,q1; x q0; rzx(-pi/4) q0,q1; }",
    "id": "gate id q { U(0,0,0) q; }",
    "rz": "gate rz(theta) q { U(0,0,theta) q; }",
    "sx": "gate sx q { U(pi/2,-pi/2,pi/2) q; }",
    "x": "gate x q { U(pi,0,pi) q; }",
}
_MORE_INSTRUCTIONS = (
    *("measure", "reset", "delay", "barrier"),
    *("if_else", "for_loop", "while_loop", "switch_case"),
)


@cache
def configuration(backend: str) -> dict[str, Any]:
    """Return the configuration of a backend."""
    spec = BACKENDS[backend]
    gates = _simulator_gates() if spec.chip is None else _chip_gates(spec.chip)
    names = [gate["name"] for gate in gates]
    return {
        "backend_name": spec.name,
        "backend_version": VERSION,
        "description": spec.description,
        "sample_name": "Aer",
        "online_date": CALIBRATED,
        "n_qubits": spec.qubits,
        "basis_gates": names,
        "gates": gates,
        "supported_instructions": [*names, *_MORE_INSTRUCTIONS],
        "supported_features": ["qasm3", "dynamic_circuits"],
        "coupling_map": None if spec.chip is None else _coupling(spec.chip),
        "local": False,
        "simulator": spec.simulator,
        "conditional": True,
        "open_pulse": False,
        "memory": True,
        "max_shots": MAX_SHOTS,
        "max_experiments": 10_000,
        "n_registers": 1,
        "meas_levels": [2],
        "meas_map": [list(range(spec.qubits))],
        "credits_required": False,
        "processor_type": {"family": "Local", "revision": 1},
        **_timing(spec),
    }


def _timing(spec: BackendSpec) -> dict[str, Any]:
    if spec.chip is None:
        return {"dynamic_reprate_enabled": False}
    return {
        "dt": DT * 1e9,
        "dtm": DT * 1e9,
        # A simulation may begin anything at any time.
        "timing_constraints": dict.fromkeys(
            ("granularity", "min_length", "pulse_alignment", "acquire_alignment"), 1
        ),
        "dynamic_reprate_enabled": True,
        "rep_delay_range": [0.0, 500.0],
        "default_rep_delay": 250.0,
    }


def _simulator_gates() -> list[dict[str, Any]]:
    return [
        {"name": name, "parameters": list(parameters), "qasm_def": _DEFINITIONS.get(name, "")}
        for name, parameters in sorted(_SIMULATED.items())
    ]


def _chip_gates(chip: Chip) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "parameters": ["theta"] if name == "rz" else [],
            "qasm_def": _DEFINITIONS[name],
            "coupling_map": [list(qubits) for qubits in places],
        }
        for name, places in sorted(chip.gates.items())
    ]


def _coupling(chip: Chip) -> list[list[int]]:
    return [list(pair) for pair in chip.gates[chip.entangler]]


@cache
def properties(backend: str) -> dict[str, Any]:
    """Return the properties of a backend; an ideal simulator has none."""
    chip = BACKENDS[backend].chip
    if chip is None:
        return {}
    instructions = [*sorted(chip.gates.items()), ("reset", chip.reset)]
    return {
        "backend_name": backend,
        "backend_version": VERSION,
        "last_update_date": CALIBRATED,
        "qubits": [_qubit(qubit) for qubit in chip.qubits],
        "gates": [
            {
                "gate": name,
                "name": name + "_".join(map(str, qubits)),
                "qubits": list(qubits),
                "parameters": _gate_figures(figures),
            }
            for name, places in instructions
            for qubits, figures in places.items()
        ],
        "general": [],
    }


def _qubit(qubit: Qubit) -> list[dict[str, Any]]:
    return [
        _figure("T1", "us", qubit.t1 * 1e6),
        _figure("T2", "us", qubit.t2 * 1e6),
        _figure("frequency", "GHz", qubit.frequency * 1e-9),
        _figure("readout_error", "", qubit.readout_error),
        _figure("prob_meas0_prep1", "", qubit.readout_error),
        _figure("prob_meas1_prep0", "", qubit.readout_error),
        _figure("readout_length", "ns", qubit.readout_length * 1e9),
    ]


def _gate_figures(figures: Figures) -> list[dict[str, Any]]:
    length = _figure("gate_length", "ns", figures.length * 1e9)
    return [length] if figures.error is None else [_figure("gate_error", "", figures.error), length]


def _figure(name: str, unit: str, value: float) -> dict[str, Any]:
    return {"date": CALIBRATED, "name": name, "unit": unit, "value": value}


@cache
def performance(backend: str) -> dict[str, Any] | None:
    """Return in a few figures how good a device is; ``None`` for an ideal simulator."""
    chip = BACKENDS[backend].chip
    if chip is None:
        return None
    pairs = [known.error for known in chip.gates[chip.entangler].values() if known.error]
    readout = [qubit.readout_error for qubit in chip.qubits]
    return {
        "two_q_error_best": {"value": min(pairs), "unit": ""},
        "two_q_error_median": {"value": median(pairs), "unit": ""},
        "readout_error_median": {"value": median(readout), "unit": ""},
    }
