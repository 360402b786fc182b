"""A service's backend, in the form Qiskit's transpiler reads.

This module loads Qiskit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from qiskit.circuit import Delay, Measure, Parameter, Reset
from qiskit.circuit.controlflow import get_control_flow_name_mapping
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.providers import BackendV2, Options
from qiskit.transpiler import InstructionProperties, Target

from qjobwidgets.records import parse_time

if TYPE_CHECKING:
    from qjobwidgets.client.service import RuntimeService

__all__ = ["RuntimeBackend", "target_of"]

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

Places = dict[tuple[int, ...], InstructionProperties | None] | None


class RuntimeBackend(BackendV2):  # type: ignore[misc]
    """A backend of a runtime service: something to transpile for, and to name when submitting.

    Args:
        service: The account's client.
        configuration: The backend's configuration document.
        properties: Its properties document; empty for simulators.
    """

    def __init__(
        self,
        service: RuntimeService,
        configuration: Mapping[str, Any],
        properties: Mapping[str, Any],
    ) -> None:
        super().__init__(
            provider=service,
            name=str(configuration.get("backend_name")),
            description=configuration.get("description"),
            online_date=parse_time(configuration.get("online_date")),
            backend_version=configuration.get("backend_version"),
        )
        self._target = target_of(configuration, properties)
        self.simulator = configuration.get("simulator") is True

    @property
    def service(self) -> RuntimeService:
        """The client of the account it was found with."""
        return self.provider  # type: ignore[no-any-return]

    @property
    def target(self) -> Target:
        """What it can run, and how well."""
        return self._target

    @property
    def max_circuits(self) -> None:
        """No limit that the client knows of."""
        return None

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, run_input: Any, **_options: Any) -> NoReturn:
        """Backends of a service take jobs only through programs."""
        raise NotImplementedError("Use Sampler(mode=backend) or Estimator(mode=backend).")


def target_of(configuration: Mapping[str, Any], properties: Mapping[str, Any]) -> Target:
    """Return the target that a configuration and a properties document describe.

    Gates unknown to Qiskit's library are left out: the transpiler could not use them.
    """
    num_qubits = int(configuration["n_qubits"])
    target = Target(
        description=configuration.get("backend_name"),
        num_qubits=num_qubits,
        dt=_dt(configuration.get("dt")),
        qubit_properties=None,
    )
    measured = _gate_properties(properties)
    gates = {**get_standard_gate_name_mapping(), "measure": Measure(), "reset": Reset()}
    for name in _names(configuration):
        if name in gates:
            places = _places(name, gates[name].num_qubits, configuration, measured)
            target.add_instruction(gates[name], places, name=name)
        elif name == "delay":
            everywhere = {(qubit,): None for qubit in range(num_qubits)}
            target.add_instruction(Delay(Parameter("t")), everywhere, name=name)
        elif name in _CONTROL_FLOW:
            target.add_instruction(_CONTROL_FLOW[name], name=name)
    return target


_CONTROL_FLOW = get_control_flow_name_mapping()


def _names(configuration: Mapping[str, Any]) -> list[str]:
    supported = configuration.get("supported_instructions") or ["measure", "reset", "delay"]
    names = [*configuration.get("basis_gates", ()), *supported, "measure"]
    return list(dict.fromkeys(str(name) for name in names))


def _places(
    name: str, width: int, configuration: Mapping[str, Any], measured: dict[str, Any]
) -> Places:
    """Return where a gate acts and how well; ``None`` is everywhere, ideally."""
    found: dict[tuple[int, ...], InstructionProperties | None] = dict(measured.get(name, {}))
    listed = {
        tuple(place)
        for gate in configuration.get("gates", ())
        if gate.get("name") == name
        for place in gate.get("coupling_map") or ()
    }
    if listed or found:
        return {place: found.get(place) for place in sorted(listed or found)}
    if width == 1:
        return {(qubit,): None for qubit in range(int(configuration["n_qubits"]))}
    coupling = configuration.get("coupling_map")
    if width == 2 and coupling is not None:
        return {(int(a), int(b)): None for a, b in coupling}
    return None


def _gate_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return error and duration by gate and qubits, measurements included."""
    found: dict[str, dict[tuple[int, ...], InstructionProperties]] = {}
    for gate in properties.get("gates", ()):
        place = tuple(int(qubit) for qubit in gate["qubits"])
        facts = dict(_facts(gate.get("parameters", ())))
        found.setdefault(str(gate["gate"]), {})[place] = InstructionProperties(
            duration=facts.get("gate_length"), error=facts.get("gate_error")
        )
    for qubit, listed in enumerate(properties.get("qubits", ())):
        facts = dict(_facts(listed))
        if "readout_error" in facts:
            found.setdefault("measure", {})[(qubit,)] = InstructionProperties(
                duration=facts.get("readout_length"), error=facts["readout_error"]
            )
    return found


def _facts(parameters: Any) -> Iterator[tuple[str, float]]:
    """Yield named values, times in seconds."""
    for parameter in parameters:
        value = parameter.get("value")
        if isinstance(value, int | float) and math.isfinite(value):
            yield str(parameter.get("name")), value * _SECONDS.get(parameter.get("unit", ""), 1.0)


def _dt(nanoseconds: object) -> float | None:
    return nanoseconds * 1e-9 if isinstance(nanoseconds, int | float) else None
