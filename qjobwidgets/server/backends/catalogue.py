"""The backends there are, as facts; the devices behind them exist only in attempts."""

from __future__ import annotations

from dataclasses import dataclass

from qjobwidgets.server.backends.chips import BOWTIE, H_SHAPE, Chip, eagle, falcon

__all__ = ["BACKENDS", "MAX_SHOTS", "VERSION", "BackendSpec", "concurrency"]

VERSION = "1.0.0"
"""Version of every backend."""
MAX_SHOTS = 1_000_000
"""Most shots of one PUB."""


@dataclass(frozen=True, slots=True)
class BackendSpec:
    """A backend.

    Attributes:
        name: Its name.
        description: What it is, for people.
        qubits: How many it has.
        chip: The device that is simulated, to whose instructions circuits are held; without one,
            the backend is an ideal simulator that takes any circuit.
        single: Whether it runs one job at a time, as a device does.
        startup: Seconds it waits before a job.
        per_execution: Seconds it waits for each execution of a circuit.
        per_iteration: Seconds it waits for each iteration of ``sample-program``.
    """

    name: str
    description: str
    qubits: int
    chip: Chip | None = None
    single: bool = False
    startup: float = 0.0
    per_execution: float = 0.0
    per_iteration: float = 0.0

    @property
    def simulator(self) -> bool:
        """Whether it takes any circuit."""
        return self.chip is None


def _device(name: str, shape: str, chip: Chip) -> BackendSpec:
    qubits = len(chip.qubits)
    return BackendSpec(
        name=name,
        description=f"A generic device of {qubits} qubits with seeded noise, simulated with Aer: "
        f"{shape}, coupled by {chip.entangler}.",
        qubits=qubits,
        chip=chip,
        single=True,
    )


BACKENDS = {
    spec.name: spec
    for spec in (
        BackendSpec(
            name="aer_local",
            description="Ideal simulation with Aer, any circuit.",
            qubits=28,
        ),
        BackendSpec(
            name="slow_local",
            description="Ideal simulation with Aer that takes its time: jobs wait and run visibly.",
            qubits=28,
            single=True,
            startup=2.0,
            per_execution=0.15,
            per_iteration=0.5,
        ),
        _device("bowtie_local", "two triangles", Chip(BOWTIE, entangler="cx", seed=5)),
        _device("noisy_local", "two rows with a bridge", Chip(H_SHAPE, entangler="cx", seed=7)),
        _device("hexagon_local", "a heavy hexagon", Chip(falcon(16), entangler="cz", seed=16)),
        _device("falcon_local", "two heavy hexagons", Chip(falcon(27), entangler="cz", seed=27)),
        _device("eagle_local", "18 heavy hexagons", Chip(eagle(), entangler="ecr", seed=127)),
    )
}
"""All backends, by name."""


def concurrency(slots: int) -> dict[str, int]:
    """Return how many jobs may run at the same time on each backend."""
    return {name: 1 if spec.single else slots for name, spec in BACKENDS.items()}
