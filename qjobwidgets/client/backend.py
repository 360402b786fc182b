"""A service's backend, in the form Qiskit's transpiler reads.

This module loads Qiskit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime as Time  # noqa: N812 - an argument has the other name
from typing import TYPE_CHECKING, Any, NoReturn

from qiskit.circuit import Delay, Measure, Parameter, Reset
from qiskit.circuit.controlflow import get_control_flow_name_mapping
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.providers import BackendV2, Options
from qiskit.transpiler import InstructionProperties, Target

from qjobwidgets.client.api import BackendInfo
from qjobwidgets.client.backend_facts import BackendConfiguration, BackendStatus
from qjobwidgets.client.properties import BackendProperties, Place, elements, mappings
from qjobwidgets.errors import ServiceUnreachableError
from qjobwidgets.records import parse_time

if TYPE_CHECKING:
    from qjobwidgets.client.service import RuntimeService

__all__ = ["RuntimeBackend", "target_of"]

_FRACTIONAL = frozenset({"rx", "rzz"})

Places = dict[Place, InstructionProperties | None] | None


class RuntimeBackend(BackendV2):  # type: ignore[misc]
    """A backend of a runtime service: something to transpile for, and to name when submitting.

    What the list of backends does not tell is asked for when it is first needed. Fields of the
    configuration are attributes too: ``backend.max_shots``, ``backend.processor_type``.

    Args:
        service: The account's client.
        info: What the list of backends tells.
        fractional: Whether the target of a device has fractional gates.
    """

    def __init__(self, service: RuntimeService, info: BackendInfo, *, fractional: bool) -> None:
        super().__init__(provider=service, name=info.name)
        # the configuration tells these, see __getattr__
        for name in ("description", "online_date", "backend_version"):
            self.__dict__.pop(name, None)
        self._info = info
        self._fractional = fractional
        self._configuration: BackendConfiguration | None = None
        self._target: Target | None = None

    def __repr__(self) -> str:
        return f"<RuntimeBackend({self.name!r})>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"a backend has no attribute {name!r}")
        value = getattr(self.configuration(), name)
        return parse_time(value) if name == "online_date" else value

    @property
    def service(self) -> RuntimeService:
        """The client of the account it was found with."""
        return self.provider  # type: ignore[no-any-return]

    @property
    def info(self) -> BackendInfo:
        """What the list of backends told of it."""
        return self._info

    @property
    def num_qubits(self) -> int:
        """Number of qubits."""
        listed = self._info.num_qubits
        return int(self.configuration().n_qubits) if listed is None else listed

    @property
    def simulator(self) -> bool:
        """Whether it is a simulator."""
        listed = self._info.simulator
        return self.configuration().to_dict().get("simulator") is True if listed is None else listed

    @property
    def target(self) -> Target:
        """What it can run, and how well."""
        if self._target is None:
            self._target = target_of(
                self.configuration().to_dict(),
                BackendProperties(self._properties_document(None)),
                fractional=self._fractional or self.simulator,
            )
        return self._target

    @property
    def max_circuits(self) -> None:
        """No limit that the client knows of."""
        return None

    def configuration(self) -> BackendConfiguration:
        """Return what it is; asked for once.

        Raises:
            BackendNotFoundError: There is no such backend.
            ServiceUnreachableError: The service does not say how large it is.
        """
        if self._configuration is None:
            document = self.service.api.backend_document(self.name, "configuration")
            if not isinstance(document.get("n_qubits"), int):
                raise ServiceUnreachableError(
                    f"The service described the backend {self.name} without its qubits."
                )
            self._configuration = BackendConfiguration(document)
        return self._configuration

    def properties(
        self,
        refresh: bool = False,  # noqa: ARG002 - they are asked for each time anyway
        datetime: Time | None = None,
    ) -> BackendProperties | None:
        """Return how good it is, or was at a time; ``None`` for simulators, and if nobody knows.

        Args:
            refresh: Changes nothing: the service is always asked.
            datetime: As of then; without a zone it is local time.
        """
        return BackendProperties.of(self._properties_document(datetime))

    def status(self) -> BackendStatus:
        """Ask whether it works, and how many jobs wait."""
        return BackendStatus.of(self.name, self.service.api.backend_document(self.name, "status"))

    def refresh(self) -> None:
        """Ask for configuration and properties anew when they are needed next."""
        self._configuration = self._target = None

    def has_fractional_gates(self) -> bool:
        """Whether it can run rotations about any angle, ``rx`` and ``rzz``."""
        return not _FRACTIONAL.isdisjoint(_names(self.configuration().to_dict()))

    def _properties_document(self, when: Time | None) -> dict[str, Any]:
        """Return how good it is; a simulator is ideal, and nobody is asked."""
        return {} if self.simulator else self.service.api.backend_properties(self.name, when)

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, run_input: Any, **_options: Any) -> NoReturn:
        """Backends of a service take jobs only through programs."""
        raise NotImplementedError("Use Sampler(mode=backend) or Estimator(mode=backend).")


def target_of(
    configuration: Mapping[str, Any], properties: BackendProperties, *, fractional: bool = True
) -> Target:
    """Return the target that a configuration document and properties describe.

    Gates unknown to Qiskit's library are left out: the transpiler could not use them. So are
    fractional gates, unless they are wanted, and what the device says does not work.
    """
    num_qubits = int(configuration["n_qubits"])
    target = Target(
        description=configuration.get("backend_name"),
        num_qubits=num_qubits,
        dt=_dt(configuration.get("dt")),
        qubit_properties=None,
    )
    works = _works(properties)
    gates = {**get_standard_gate_name_mapping(), "measure": Measure(), "reset": Reset()}
    for name in _names(configuration):
        if name in _FRACTIONAL and not fractional:
            continue
        if name in gates:
            places = _places(name, gates[name].num_qubits, configuration, properties)
            working = places and {at: facts for at, facts in places.items() if works(name, at)}
            if working or not places:
                target.add_instruction(gates[name], working, name=name)
        elif name == "delay":
            everywhere = {(qubit,): None for qubit in range(num_qubits) if works(name, (qubit,))}
            target.add_instruction(Delay(Parameter("t")), everywhere, name=name)
        elif name in _CONTROL_FLOW:
            target.add_instruction(_CONTROL_FLOW[name], name=name)
    return target


_CONTROL_FLOW = get_control_flow_name_mapping()


def _names(configuration: Mapping[str, Any]) -> list[str]:
    supported = elements(configuration.get("supported_instructions"))
    gates = elements(configuration.get("basis_gates"))
    names = [*gates, *(supported or ["measure", "reset", "delay"]), "measure"]
    return list(dict.fromkeys(str(name) for name in names))


def _places(
    name: str, width: int, configuration: Mapping[str, Any], properties: BackendProperties
) -> Places:
    """Return where a gate acts and how well; ``None`` is everywhere, ideally."""
    found = {
        place: InstructionProperties(duration=length, error=error)
        for place, (length, error) in properties.figures(name).items()
    }
    listed = {
        tuple(place)
        for gate in mappings(configuration.get("gates"))
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


def _works(properties: BackendProperties) -> Callable[[str, Place], bool]:
    """Return what tells whether a gate works in a place."""
    qubits, gates = set(properties.faulty_qubits()), set(properties.faulty_gates())
    return lambda gate, place: qubits.isdisjoint(place) and (gate, place) not in gates


def _dt(nanoseconds: object) -> float | None:
    return nanoseconds * 1e-9 if isinstance(nanoseconds, int | float) else None
