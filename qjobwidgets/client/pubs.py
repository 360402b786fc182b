"""PUBs in all the forms Qiskit takes, brought into the one of the wire.

This module loads Qiskit.
"""

from __future__ import annotations

from typing import Any

from qiskit.circuit import QuantumCircuit
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

__all__ = ["estimator_pubs", "sampler_pubs"]


def sampler_pubs(pubs: Any, shots: int | None = None) -> list[SamplerPub]:
    """Return sampler PUBs: one bare circuit, one tuple, or a list of either.

    Args:
        pubs: What the user gave.
        shots: For PUBs that don't say; ``None`` leaves it to the service.

    Raises:
        ValueError: A PUB is not valid, or a circuit measures nothing.
    """
    coerced = [SamplerPub.coerce(pub, shots) for pub in _several(pubs)]
    for pub in coerced:
        if not pub.circuit.cregs:
            raise ValueError(
                f"circuit {pub.circuit.name!r} has no classical register to sample; "
                "add circuit.measure_all()"
            )
    return coerced


def estimator_pubs(pubs: Any, precision: float | None = None) -> list[EstimatorPub]:
    """Return estimator PUBs: one tuple, or a list of tuples.

    Args:
        pubs: What the user gave.
        precision: For PUBs that don't say; ``None`` leaves it to the service.

    Raises:
        ValueError: A PUB is not valid.
    """
    return [EstimatorPub.coerce(pub, precision) for pub in _several(pubs)]


def _several(pubs: Any) -> list[Any]:
    if isinstance(pubs, QuantumCircuit | SamplerPub | EstimatorPub) or _is_pub(pubs):
        return [pubs]
    return list(pubs)


def _is_pub(value: Any) -> bool:
    """Whether a value is one PUB in form of a tuple, and not a tuple of PUBs."""
    if not isinstance(value, tuple) or not value or not isinstance(value[0], QuantumCircuit):
        return False
    heads = (part[0] if isinstance(part, tuple) and part else part for part in value[1:])
    return not any(isinstance(head, QuantumCircuit) for head in heads)
