"""The classical optimizers of variational programs, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qjobwidgets.server.programs.context import ProgramInputError

__all__ = ["OPTIMIZERS", "minimizer"]

Point = NDArray[np.float64]
Cost = Callable[[Point], float]

_SCIPY = {
    "BFGS": "BFGS",
    "CG": "CG",
    "COBYLA": "COBYLA",
    "L_BFGS_B": "L-BFGS-B",
    "NELDER_MEAD": "Nelder-Mead",
    "POWELL": "Powell",
    "SLSQP": "SLSQP",
    "TNC": "TNC",
}
OPTIMIZERS = (*_SCIPY, "SPSA")
"""Names of the optimizers there are."""

_SPSA_MAXITER = 100
_SPSA_CALIBRATION = 25


def minimizer(
    optimizer: str | Mapping[str, Any], rng: np.random.Generator
) -> Callable[[Cost, Point], Point]:
    """Return a function that minimises a cost from a starting point and returns the last point.

    Args:
        optimizer: A name, or a dict with ``name`` and, optionally, ``maxiter`` (and ``tol`` for
            the optimizers of scipy).
        rng: Source of randomness for SPSA.

    Raises:
        ProgramInputError: There is no such optimizer.
    """
    settings: dict[str, Any] = (
        {"name": optimizer} if isinstance(optimizer, str) else dict(optimizer)
    )
    name = str(settings.get("name", "")).upper().replace("-", "_")
    maxiter = settings.get("maxiter")
    if name == "SPSA":
        return lambda cost, start: _spsa(cost, start, maxiter or _SPSA_MAXITER, rng)
    if name not in _SCIPY:
        raise ProgramInputError(
            f"There is no optimizer {settings.get('name')!r}.",
            fix=f"Take one of {', '.join(OPTIMIZERS)}.",
        )
    # TNC knows no other limit than evaluations of the cost together with its gradient.
    limit = "maxfun" if name == "TNC" else "maxiter"
    options = {} if maxiter is None else {limit: int(maxiter)}

    def run(cost: Cost, start: Point) -> Point:
        found: Any = minimize(  # type: ignore[no-untyped-call]
            cost, start, method=_SCIPY[name], tol=settings.get("tol"), options=options
        )
        return np.asarray(found.x, dtype=float)

    return run


def _spsa(cost: Cost, start: Point, maxiter: int, rng: np.random.Generator) -> Point:
    """Simultaneous perturbation: two evaluations give a gradient along one random direction.

    Gains follow J. Spall, IEEE Trans. Aerosp. Electron. Syst. 34, 817 (1998); the step size is
    calibrated so that the first steps move each parameter by about a twentieth of a turn.
    """
    alpha, gamma, width, stability = 0.602, 0.101, 0.2, 0.1 * maxiter
    slopes = [abs(_slope(cost, start, width, rng)[0]) for _ in range(_SPSA_CALIBRATION)]
    step = 0.05 * 2 * np.pi * (stability + 1) ** alpha / max(float(np.mean(slopes)), 1e-10)
    point = start
    for k in range(maxiter):
        slope, direction = _slope(cost, point, width / (k + 1) ** gamma, rng)
        point = point - step / (k + 1 + stability) ** alpha * slope * direction
    cost(point)  # all evaluations so far were beside the points of the path
    return point


def _slope(cost: Cost, point: Point, width: float, rng: np.random.Generator) -> tuple[float, Point]:
    direction = rng.choice([-1.0, 1.0], size=point.size)
    difference = cost(point + width * direction) - cost(point - width * direction)
    return difference / (2 * width), direction
