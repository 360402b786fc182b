"""Simultaneous perturbation stochastic approximation, of first and second order.

- First order: two evaluations give a gradient along one random direction. The gains follow
  J. Spall, IEEE Trans. Aerosp. Electron. Syst. 34, 817 (1998).
- Second order: four more evaluations give a random part of the Hessian, whose running mean
  preconditions the gradient: J. Spall, IEEE Trans. Autom. Control 45, 1839 (2000).
- Quantum natural: the same from the fidelity of states instead of the cost, so it is the metric of
  the states that preconditions: J. Gacon et al., Quantum 5, 567 (2021).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cost", "Fidelity", "Point", "Spsa", "Step"]

Point = NDArray[np.float64]
Cost = Callable[[Point], float]
Fidelity = Callable[[Point, Point], float]

_ALPHA, _GAMMA = 0.602, 0.101  # exponents of the gains
_CALIBRATION = 25  # random directions
_FIRST_MOVE = 0.05 * 2 * np.pi  # of each parameter, after calibration
_WIDTH = 0.2


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken: where to, and the mean of the costs beside the place it began at."""

    point: Point
    cost: float


@dataclass(frozen=True, slots=True)
class Spsa:
    """The method with its settings, named as in Qiskit's algorithms.

    Attributes:
        rng: Source of the directions.
        maxiter: How many steps are taken.
        learning_rate: Gain of the steps: constant, or one for each step. Calibrated if not given,
            so that the first steps move each parameter by about a twentieth of a turn.
        perturbation: Distance of the evaluations: constant, or one for each step.
        trust_region: Whether no step is longer than 1.
        blocking: Whether a step is only taken when the cost does not rise by more than
            ``allowed_increase`` (default: twice the standard error of the cost at the start).
        resamplings: How many directions each gradient is the mean of.
        last_avg: The mean of how many of the last points is the result.
        second_order: Whether steps are preconditioned.
        hessian_delay: How many steps are not yet.
        regularization: What is added to the diagonal of the preconditioner.
        initial_hessian: Where its running mean begins; the unit matrix if not given.
        fidelity: Of the states of two points: makes it the quantum natural method.
    """

    rng: np.random.Generator
    maxiter: int = 100
    learning_rate: float | Sequence[float] | None = None
    perturbation: float | Sequence[float] | None = None
    trust_region: bool = False
    blocking: bool = False
    allowed_increase: float | None = None
    resamplings: int = 1
    last_avg: int = 1
    second_order: bool = False
    hessian_delay: int = 0
    regularization: float = 0.01
    initial_hessian: NDArray[np.float64] | None = None
    fidelity: Fidelity | None = None

    def minimize(self, cost: Cost, start: Point) -> Point:
        """Return the point that is reached, the mean of the last ones if these are asked for."""
        last = deque([start], maxlen=self.last_avg)
        last.extend(step.point for step in self.steps(cost, start))
        return np.asarray(np.mean(list(last)[-min(self.last_avg, self.maxiter) :], axis=0))

    def steps(self, cost: Cost, start: Point) -> Iterator[Step]:
        """Take the steps, one by one."""
        walk = _Walk(self, cost, np.array(start, dtype=float))
        for k in range(self.maxiter):
            yield walk.step(k)


@dataclass(slots=True)
class _Walk:
    """One way from a start."""

    settings: Spsa
    cost: Cost
    point: Point
    widths: NDArray[np.float64] = field(init=False)
    gains: NDArray[np.float64] = field(init=False)
    longest: NDArray[np.float64] = field(init=False)
    hessian: NDArray[np.float64] = field(init=False)
    reached: float = field(init=False, default=np.inf)  # the cost at the point, where it is asked
    increase: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        given, count = self.settings, np.arange(1.0, self.settings.maxiter + 1)
        self.widths = _series(given.perturbation, len(count), _WIDTH / count**_GAMMA)
        stability = 0.1 * given.maxiter
        decay: Point = (count + stability) ** -_ALPHA
        size = self.point.size
        self.longest = np.full(len(count), np.inf)
        if given.learning_rate is None:
            self.gains = self._calibrated(decay)
            if self._preconditions():
                # The calibration knows nothing of curvature: where there is next to none, steps
                # would have no end.
                self.longest = _FIRST_MOVE * np.sqrt(size) * decay / decay[0]
        else:
            self.gains = _series(given.learning_rate, len(count), decay)
        hessian = given.initial_hessian
        self.hessian = np.eye(size) if hessian is None else np.array(hessian, dtype=float)
        if given.blocking:
            values = [self.cost(self.point) for _ in range(_CALIBRATION)]
            self.reached = float(np.mean(values))
            noise = 2 * float(np.std(values))
            self.increase = noise if given.allowed_increase is None else given.allowed_increase

    def step(self, k: int) -> Step:
        """Take one step."""
        width = float(self.widths[k])
        estimates = [self._gradient(width) for _ in range(self.settings.resamplings)]
        gradient = np.mean([gradient for gradient, _ in estimates], axis=0)
        cost = float(np.mean([cost for _, cost in estimates]))
        if self._preconditions():
            gradient = self._preconditioned(gradient, width, k)
        move = self.gains[k] * gradient
        longest = min(float(self.longest[k]), 1.0 if self.settings.trust_region else np.inf)
        move *= min(1.0, longest / max(float(np.linalg.norm(move)), 1e-10))
        self._go(self.point - move)
        return Step(self.point.copy(), cost)

    def _preconditions(self) -> bool:
        return self.settings.second_order or self.settings.fidelity is not None

    def _go(self, target: Point) -> None:
        if self.settings.blocking:
            reached = self.cost(target)
            if reached > self.reached + self.increase:
                return
            self.reached = reached
        self.point = target

    def _direction(self) -> Point:
        return np.asarray(self.settings.rng.choice([-1.0, 1.0], size=self.point.size))

    def _gradient(self, width: float) -> tuple[Point, float]:
        """Return an estimate of the gradient, and the mean cost of its two evaluations."""
        direction = self._direction()
        above = self.cost(self.point + width * direction)
        below = self.cost(self.point - width * direction)
        return (above - below) / (2 * width) * direction, (above + below) / 2

    def _preconditioned(self, gradient: Point, width: float, k: int) -> Point:
        sample = np.mean([self._curvature(width) for _ in range(self.settings.resamplings)], axis=0)
        # A sample has rank two: it takes about as many as the matrix has entries to know it, and
        # until then the start keeps its weight.
        weight = k + self.point.size**2
        self.hessian = (self.hessian * weight + sample) / (weight + 1)
        if k < self.settings.hessian_delay:
            return gradient
        # The positive square root of the square: steps go down also where the curvature does not.
        values, vectors = np.linalg.eigh(self.hessian)
        values = np.abs(values) + self.settings.regularization
        return np.asarray(vectors @ ((vectors.T @ gradient) / values))

    def _curvature(self, width: float) -> NDArray[np.float64]:
        """Return a random part of the Hessian, or of the metric of the states."""
        first, second = self._direction(), self._direction()
        here, fidelity = self.point.copy(), self.settings.fidelity
        value = self.cost if fidelity is None else lambda point: -0.5 * fidelity(here, point)
        difference = (
            value(here + width * (first + second))
            - value(here + width * first)
            - value(here + width * (second - first))
            + value(here - width * first)
        )
        product = np.outer(first, second)
        return np.asarray(difference / (2 * width**2) * (product + product.T) / 2)

    def _calibrated(self, decay: NDArray[np.float64]) -> NDArray[np.float64]:
        slopes = []
        for _ in range(_CALIBRATION):
            gradient, _ = self._gradient(float(self.widths[0]))
            slopes.append(float(np.abs(gradient[0])))  # the same for all parameters
        first = _FIRST_MOVE / max(float(np.mean(slopes)), 1e-10)
        return np.asarray(first * decay / decay[0])


def _series(
    given: float | Sequence[float] | None, count: int, default: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return one number for each step."""
    if given is None:
        return default
    series = np.asarray(given, dtype=float)
    if series.ndim == 0:
        return np.full(count, float(series))
    if series.shape[0] < count:
        raise ValueError(f"there are {count} steps, but numbers for {series.shape[0]}")
    return series[:count]
