"""Sampler and Estimator: Qiskit's V2 primitives, run by a runtime service.

Whatever takes a ``BaseSamplerV2`` or ``BaseEstimatorV2`` can submit through these, and its jobs can
be watched. This module loads Qiskit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qiskit.primitives import BaseEstimatorV2, BasePrimitiveJob, BaseSamplerV2

from qjobwidgets.client.inputs import submission
from qjobwidgets.client.job import RuntimeJob
from qjobwidgets.client.pubs import estimator_pubs, sampler_pubs
from qjobwidgets.client.service import RuntimeService

__all__ = ["Estimator", "Sampler"]

BasePrimitiveJob.register(RuntimeJob)


class _Primitive:
    """A program of a service, and the backend and options to run it with."""

    program: str

    def __init__(
        self,
        mode: Any = None,
        *,
        service: RuntimeService | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.mode = mode
        self.options = dict(options or {})
        self._service = service or _service_of(mode)

    def _submit(self, pubs: list[Any]) -> RuntimeJob:
        inputs = {"pubs": pubs, "options": self.options}
        return self._service.submit(submission(self.program, inputs, {"backend": self.mode}))


class Sampler(_Primitive, BaseSamplerV2):  # type: ignore[misc]
    """Samples the measurements of circuits.

    Args:
        mode: The backend or its name; ``None`` leaves the choice to the service.
        service: The account's client; by default that of the backend, or of the default account.
        options: Options of the program, such as ``{"default_shots": 1000}``.
    """

    program = "sampler"

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> RuntimeJob:
        """Submit PUBs and return the job.

        Args:
            pubs: Circuits, or tuples of circuit, parameter values and shots.
            shots: For PUBs that don't say.
        """
        return self._submit(sampler_pubs(pubs, shots))


class Estimator(_Primitive, BaseEstimatorV2):  # type: ignore[misc]
    """Estimates expectation values.

    Args:
        mode: The backend or its name; ``None`` leaves the choice to the service.
        service: The account's client; by default that of the backend, or of the default account.
        options: Options of the program, such as ``{"default_precision": 0.01}``.
    """

    program = "estimator"

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> RuntimeJob:
        """Submit PUBs and return the job.

        Args:
            pubs: Tuples of circuit, observables, parameter values and precision.
            precision: Target standard error, for PUBs that don't say.
        """
        return self._submit(estimator_pubs(pubs, precision))


def _service_of(mode: Any) -> RuntimeService:
    provider = getattr(mode, "provider", None)
    return provider if isinstance(provider, RuntimeService) else RuntimeService()
