"""What a service tells of a backend: its configuration, and whether it works."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["BackendConfiguration", "BackendStatus"]


class BackendConfiguration:
    """The configuration document of a backend; its fields are attributes.

    Args:
        document: The service's document.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = dict(document)

    def __repr__(self) -> str:
        return f"<BackendConfiguration of {self._document.get('backend_name')}>"

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._document:
            return self._document[name]
        raise AttributeError(f"the configuration of the backend has no {name!r}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._document})

    @property
    def num_qubits(self) -> int:
        """Number of qubits."""
        return int(self._document["n_qubits"])

    def to_dict(self) -> dict[str, Any]:
        """Return the service's document."""
        return deepcopy(self._document)


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """Whether a backend works, and how many jobs wait.

    Attributes:
        backend_name, backend_version: Of the backend.
        operational: Whether it works.
        pending_jobs: Jobs that wait.
        status_msg: The service's word, ``"active"`` if all is well.
    """

    backend_name: str
    backend_version: str
    operational: bool
    pending_jobs: int
    status_msg: str

    @classmethod
    def of(cls, name: str, document: Mapping[str, Any]) -> Self:
        """Return the status that a service's document tells."""
        pending = document.get("length_queue")
        return cls(
            backend_name=name,
            backend_version=str(document.get("backend_version") or ""),
            operational=document.get("state") is True,
            pending_jobs=pending if isinstance(pending, int) else 0,
            status_msg=str(document.get("status") or ""),
        )
