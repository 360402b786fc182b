"""The backends of an account: to list and filter them, and to find the one with the least to do.

The list of backends tells name, size, kind, state and queue of each; a backend is asked for more
only if a filter needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from qjobwidgets.client.api import BackendInfo
from qjobwidgets.client.instances import ServiceInstances
from qjobwidgets.errors import BackendNotFoundError, IBMInputValueError

if TYPE_CHECKING:
    from qjobwidgets.client.backend import RuntimeBackend

__all__ = ["ServiceBackends"]

_ONLINE = "online"
_STATUS = frozenset({"operational", "pending_jobs", "status_msg"})
# the configuration says so by one of these, depending on the service's age
_DYNAMIC = frozenset({"dynamic_circuits", "qasm3"})


class ServiceBackends(ServiceInstances):
    """What a service answers about backends."""

    def backend_names(self) -> list[str]:
        """Return the names of the backends."""
        return [backend.name for backend in self._api.backends()]

    def backend(
        self, name: str, instance: str | None = None, use_fractional_gates: bool | None = False
    ) -> Any:
        """Return a backend as Qiskit's transpiler and primitives see it (a ``BackendV2``).

        Args:
            name: Its name.
            instance: CRN or name of another instance of the account.
            use_fractional_gates: Whether the target of a device has its fractional gates.

        Raises:
            BackendNotFoundError: There is no such backend.
            IBMInputValueError: It has no fractional gates.
        """
        from qjobwidgets.client.backend import RuntimeBackend  # noqa: PLC0415 - it loads Qiskit

        fractional = use_fractional_gates is not False
        place = self.at(instance)
        backend = RuntimeBackend(place, BackendInfo(name), fractional=fractional)
        backend.configuration()
        if use_fractional_gates and not backend.has_fractional_gates():
            raise IBMInputValueError(
                f"{name} has no fractional gates.", fix="Leave use_fractional_gates out."
            )
        return backend

    def backends(  # noqa: PLR0913 - the filters users of other clients know
        self,
        name: str | None = None,
        min_num_qubits: int | None = None,
        instance: str | None = None,
        dynamic_circuits: bool | None = None,
        filters: Callable[[Any], bool] | None = None,
        *,
        use_fractional_gates: bool | None = False,
        **required: Any,
    ) -> list[RuntimeBackend]:
        """Return the backends of the account, as Qiskit's transpiler and primitives see them.

        Args:
            name: Only the backend of this name.
            min_num_qubits: Only backends with at least so many qubits.
            instance: CRN or name of another instance of the account.
            dynamic_circuits: Only backends that run dynamic circuits, or only those that don't.
            filters: Takes a backend and says whether it is wanted.
            use_fractional_gates: True for backends with fractional gates, which their targets then
                have; ``None`` for all backends, with the gates they have.
            required: Values that fields of the configuration or the status must have, such as
                ``simulator=False``, ``operational=True``, ``open_pulse=True``.

        Raises:
            IBMInputValueError: No backend has a field of that name.
        """
        from qjobwidgets.client.backend import RuntimeBackend  # noqa: PLC0415 - it loads Qiskit

        place, fractional = self.at(instance), use_fractional_gates is not False
        found = [
            RuntimeBackend(place, info, fractional=fractional)
            for info in place.api.backends()
            if name in {None, info.name}
        ]
        if min_num_qubits is not None:
            found = [backend for backend in found if backend.num_qubits >= min_num_qubits]
        for field, value in required.items():
            found = _with_value(found, field, value)
        if dynamic_circuits is not None:
            found = [backend for backend in found if _is_dynamic(backend) is dynamic_circuits]
        if use_fractional_gates:
            found = [backend for backend in found if backend.has_fractional_gates()]
        return [backend for backend in found if filters is None or filters(backend)]

    def least_busy(
        self,
        min_num_qubits: int | None = None,
        instance: str | None = None,
        filters: Callable[[Any], bool] | None = None,
        use_fractional_gates: bool | None = False,
        **required: Any,
    ) -> Any:
        """Return the backend that is online and has the fewest jobs waiting.

        Of several, it is the first in the list. The arguments are those of :meth:`backends`.

        Raises:
            BackendNotFoundError: There is none; the message says why.
        """
        matching = self.backends(
            min_num_qubits=min_num_qubits,
            instance=instance,
            filters=filters,
            use_fractional_gates=use_fractional_gates,
            **required,
        )
        online = [backend for backend in matching if _value(backend, "operational")]
        if online:
            return min(online, key=lambda backend: int(_value(backend, "pending_jobs")))
        if not matching:
            raise BackendNotFoundError(
                "No backend matches.", fix="backends() lists those of this account."
            )
        states = ", ".join(f"{b.name} ({b.info.status or 'not working'})" for b in matching)
        raise BackendNotFoundError(
            f"No backend that matches is online: {states}.", fix="Try again later, or ask for less."
        )


def _with_value(backends: Iterable[Any], field: str, value: Any) -> list[Any]:
    """Return the backends of which a field has a value.

    Raises:
        IBMInputValueError: None of them has such a field.
    """
    values = []
    for backend in backends:
        try:
            values.append((backend, _value(backend, field)))
        except AttributeError:
            continue
    if not values and backends:
        raise IBMInputValueError(
            f"No backend tells its {field!r}.",
            fix="Filter by fields of backend.configuration() or backend.status().",
        )
    return [backend for backend, told in values if told == value]


def _value(backend: RuntimeBackend, field: str) -> Any:
    """Return the value of a field, from the list if that tells it."""
    info = backend.info
    if field == "n_qubits":
        return backend.num_qubits
    if field == "operational" and info.status is not None:
        return info.status == _ONLINE
    if field == "pending_jobs" and info.queue_length is not None:
        return info.queue_length
    return getattr(backend.status() if field in _STATUS else backend, field)


def _is_dynamic(backend: RuntimeBackend) -> bool:
    features = backend.configuration().to_dict().get("supported_features") or ()
    return bool(_DYNAMIC & {*features})
