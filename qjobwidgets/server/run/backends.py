"""The backends there are, as facts; the devices behind them exist only in attempts."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BACKENDS", "VERSION", "BackendSpec", "concurrency"]

VERSION = "1.0.0"
"""Version of every backend."""


@dataclass(frozen=True, slots=True)
class BackendSpec:
    """A backend.

    Attributes:
        simulator: Whether it takes any circuit. If not, circuits must be in its instruction set.
        single: Whether it runs one job at a time, as a device does.
        startup: Seconds it waits before a job.
        per_execution: Seconds it waits for each execution of a circuit.
        per_iteration: Seconds it waits for each iteration of ``sample-program``.
    """

    name: str
    description: str
    qubits: int
    simulator: bool
    single: bool = False
    startup: float = 0.0
    per_execution: float = 0.0
    per_iteration: float = 0.0


BACKENDS = {
    spec.name: spec
    for spec in (
        BackendSpec(
            name="aer_local",
            description="Ideal simulation with Aer, any circuit.",
            qubits=28,
            simulator=True,
        ),
        BackendSpec(
            name="noisy_local",
            description="A generic device of 7 qubits with seeded noise, simulated with Aer.",
            qubits=7,
            simulator=False,
            single=True,
        ),
        BackendSpec(
            name="slow_local",
            description="Ideal simulation with Aer that takes its time: jobs wait and run visibly.",
            qubits=28,
            simulator=True,
            single=True,
            startup=2.0,
            per_execution=0.15,
            per_iteration=0.5,
        ),
    )
}
"""All backends, by name."""


def concurrency(slots: int) -> dict[str, int]:
    """Return how many jobs may run at the same time on each backend."""
    return {name: 1 if spec.single else slots for name, spec in BACKENDS.items()}
