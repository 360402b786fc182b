"""Sampler and Estimator: Qiskit's V2 primitives, run by a runtime service.

Whatever takes a ``BaseSamplerV2`` or ``BaseEstimatorV2`` can submit through these, and its jobs can
be watched. This module loads Qiskit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from qiskit.primitives import BaseEstimatorV2, BasePrimitiveJob, BaseSamplerV2

from qjobwidgets.client.inputs import backend_name, submission
from qjobwidgets.client.job import RuntimeJob
from qjobwidgets.client.options import (
    EstimatorOptions,
    PrimitiveOptions,
    SamplerOptions,
    Unset,
)
from qjobwidgets.client.pubs import estimator_pubs, sampler_pubs
from qjobwidgets.client.service import RuntimeService
from qjobwidgets.client.session import Session, active_session, service_of
from qjobwidgets.errors import IBMInputValueError

__all__ = ["Estimator", "Sampler"]

BasePrimitiveJob.register(RuntimeJob)

_Options = TypeVar("_Options", bound=PrimitiveOptions)


class _Primitive(Generic[_Options]):
    """A program of a service, and where and with which options to run it."""

    program: str
    version = 2
    _kind: type[_Options]

    def __init__(
        self,
        mode: Any = None,
        options: Mapping[str, Any] | _Options | None = None,
        *,
        service: RuntimeService | None = None,
    ) -> None:
        self.options = options
        around = active_session()
        if isinstance(mode, Session):
            session: Session | None = mode
            self._backend: Any = mode.backend()
        else:
            session = around
            self._backend = around.backend() if around and mode is None else mode
        self._session = session
        self._service = session.service if session else service_of(self._backend, service)
        self._check(service)

    def _check(self, service: RuntimeService | None) -> None:
        """Refuse what a session can't be true to: another backend, or another service."""
        session = self._session
        if session is None:
            return
        other = service or getattr(self._backend, "service", None)
        if isinstance(other, RuntimeService) and other.key != session.service.key:
            raise IBMInputValueError(
                f"{session} is one of another account.", fix="Use the service of the session."
            )
        if session.backend() not in {None, backend_name(self._backend)}:
            raise IBMInputValueError(
                f"{session} runs on {session.backend()}, not on {backend_name(self._backend)}.",
                fix="Leave the mode out, or submit outside of the session's block.",
            )

    @property
    def mode(self) -> Session | None:
        """The session or batch its jobs belong to; ``None`` for jobs of their own."""
        return self._session

    @property
    def options(self) -> _Options:
        """The options, a tree of attributes; a dictionary may be assigned as well."""
        return self._options

    @options.setter
    def options(self, options: Mapping[str, Any] | _Options | None) -> None:
        if isinstance(options, self._kind):
            self._options = options
            return
        fresh = self._kind()
        fresh.update(**_mapping(options))
        self._options = fresh

    def backend(self) -> Any:
        """Return the backend, a ``BackendV2``; ``None`` if the service chooses one for each job."""
        if isinstance(self._backend, str):
            self._backend = self._service.backend(self._backend)
        return self._backend

    def _submit(self, pubs: list[Any]) -> RuntimeJob:
        if self._session is not None:
            self._session.require_open()
        inputs = {"pubs": pubs, **self._options.inputs()}
        session_id = self._session.session_id if self._session else None
        prepared = submission(
            self.program, inputs, self._options.fields(), session_id, backend=self._backend
        )
        callback = self._options.environment.callback
        return self._service.submit(prepared, None if callback is Unset else callback)


class Sampler(_Primitive[SamplerOptions], BaseSamplerV2):  # type: ignore[misc]
    """Samples the measurements of circuits.

    Args:
        mode: A backend or its name, a :class:`Session` or a :class:`Batch`. ``None`` is the session
            of the ``with`` block around it, if there is one; otherwise the service chooses.
        options: Options of the program and of its jobs, see :class:`SamplerOptions`, such as
            ``{"default_shots": 1000, "environment": {"job_tags": ["mine"]}}``.
        service: The account's client; by default that of the mode, or of the default account.

    Raises:
        IBMInputValueError: An option does not exist, or the session around it is one of another
            backend or account.
    """

    program = "sampler"
    _kind = SamplerOptions

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> RuntimeJob:
        """Submit PUBs and return the job.

        Args:
            pubs: Circuits, or tuples of circuit, parameter values and shots.
            shots: For PUBs that don't say.
        """
        return self._submit(sampler_pubs(pubs, shots))


class Estimator(_Primitive[EstimatorOptions], BaseEstimatorV2):  # type: ignore[misc]
    """Estimates expectation values.

    Args:
        mode: A backend or its name, a :class:`Session` or a :class:`Batch`. ``None`` is the session
            of the ``with`` block around it, if there is one; otherwise the service chooses.
        options: Options of the program and of its jobs, see :class:`EstimatorOptions`, such as
            ``{"default_precision": 0.01, "max_execution_time": 60}``.
        service: The account's client; by default that of the mode, or of the default account.

    Raises:
        IBMInputValueError: An option does not exist, or the session around it is one of another
            backend or account.
    """

    program = "estimator"
    _kind = EstimatorOptions

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> RuntimeJob:
        """Submit PUBs and return the job.

        Args:
            pubs: Tuples of circuit, observables, parameter values and precision.
            precision: Target standard error, for PUBs that don't say.
        """
        return self._submit(estimator_pubs(pubs, precision))


def _mapping(options: Any) -> Mapping[str, Any]:
    """Return options as a dictionary; those of the other primitive as far as they were set.

    Raises:
        IBMInputValueError: They are neither.
    """
    if options is None:
        return {}
    if isinstance(options, PrimitiveOptions):
        return options.to_dict()
    if isinstance(options, Mapping):
        return options
    raise IBMInputValueError(
        f"{type(options).__name__} has no options.", fix="Pass a dictionary, or SamplerOptions."
    )
