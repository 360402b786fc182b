"""The classical optimizers of variational programs, by name and settings.

Settings have the names that Qiskit's algorithms give them, so that what their optimizers say of
themselves is understood. Settings about printing and about workers of the client have no meaning
here and are passed over; any other name that an optimizer does not have is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from scipy.optimize import minimize

from qjobwidgets.server.programs.context import ProgramInputError
from qjobwidgets.server.programs.spsa import Cost, Fidelity, Point, Spsa

__all__ = ["OPTIMIZERS", "minimizer"]

Minimizer = Callable[[Cost, Point], Point]

# Name at scipy, and the options that may be set beside maxiter and tol.
_SCIPY: dict[str, tuple[str, frozenset[str]]] = {
    "BFGS": ("BFGS", frozenset({"gtol", "eps"})),
    "CG": ("CG", frozenset({"gtol", "eps"})),
    "COBYLA": ("COBYLA", frozenset({"rhobeg"})),
    "L_BFGS_B": ("L-BFGS-B", frozenset({"maxfun", "ftol", "gtol", "eps", "maxcor"})),
    "NELDER_MEAD": ("Nelder-Mead", frozenset({"maxfev", "xatol", "fatol", "adaptive"})),
    "POWELL": ("Powell", frozenset({"maxfev", "xtol", "ftol"})),
    "SLSQP": ("SLSQP", frozenset({"ftol", "eps"})),
    "TNC": ("TNC", frozenset({"maxfun", "ftol", "xtol", "gtol", "eps", "scale", "offset"})),
}
_SPSA = frozenset(field.name for field in fields(Spsa)) - {"rng", "fidelity"}
_QN_SPSA = _SPSA - {"second_order", "trust_region"}
_NFT = frozenset({"maxiter", "maxfev", "reset_interval"})
_WITHOUT_MEANING = frozenset(
    {
        "callback",
        "disp",
        "fidelity",
        "iprint",
        "lse_solver",
        "max_evals_grouped",
        "termination_checker",
    }
)
OPTIMIZERS = (*_SCIPY, "NFT", "QN_SPSA", "SPSA")
"""Names of the optimizers there are."""


def minimizer(
    optimizer: str | Mapping[str, Any], rng: np.random.Generator, fidelity: Fidelity
) -> Minimizer:
    """Return a function that minimises a cost from a starting point and returns the last point.

    Args:
        optimizer: A name, or a dict with ``name`` and settings.
        rng: Source of randomness.
        fidelity: Of the states of two points, for the quantum natural method.

    Raises:
        ProgramInputError: There is no such optimizer, or it has no such setting.
    """
    given: dict[str, Any] = {"name": optimizer} if isinstance(optimizer, str) else dict(optimizer)
    name = str(given.pop("name", "")).upper().replace("-", "_").replace("QNSPSA", "QN_SPSA")
    settings = {
        key: value
        for key, value in {**(given.pop("options", None) or {}), **given}.items()
        if value is not None and key not in _WITHOUT_MEANING
    }
    if name in _SCIPY:
        return _scipy(name, settings)
    if name == "NFT":
        _check(name, settings, _NFT)
        return lambda cost, start: _nft(cost, start, **settings)
    if name == "SPSA":
        _check(name, settings, _SPSA)
        return Spsa(rng, **settings).minimize
    if name == "QN_SPSA":
        _check(name, settings, _QN_SPSA)
        return Spsa(rng, fidelity=fidelity, **settings).minimize
    raise ProgramInputError(
        f"There is no optimizer {name!r}.", fix=f"Take one of {', '.join(OPTIMIZERS)}."
    )


def _check(name: str, settings: Mapping[str, Any], known: frozenset[str]) -> None:
    for setting, value in settings.items():
        if setting not in known:
            raise ProgramInputError(
                f"The optimizer {name} has no setting {setting!r}.",
                fix=f"Take of {', '.join(sorted(known))}.",
            )
        counts = setting in {*_NFT, "last_avg", "maxfun", "resamplings"}
        if not isinstance(value, int | float | list | np.ndarray) or (
            counts and not (isinstance(value, int) and value > 0)
        ):
            raise ProgramInputError(f"The setting {setting!r} of {name} can't be {value!r:.50}.")


def _scipy(name: str, settings: dict[str, Any]) -> Minimizer:
    method, known = _SCIPY[name]
    _check(name, settings, known | {"maxiter", "tol"})
    tol = settings.pop("tol", None)
    if name == "TNC" and "maxiter" in settings:
        # It knows no other limit than evaluations of the cost together with its gradient.
        settings["maxfun"] = settings.pop("maxiter")

    def run(cost: Cost, start: Point) -> Point:
        found: Any = minimize(cost, start, method=method, tol=tol, options=settings)
        return np.asarray(found.x, dtype=float)

    return run


def _nft(
    cost: Cost,
    start: Point,
    maxiter: int | None = None,
    maxfev: int = 1024,
    reset_interval: int = 32,
) -> Point:
    """Minimise along one parameter after the other, where the cost is a sine.

    That it is holds for circuits whose parameters are each the angle of one rotation: K. Nakanishi
    et al., Phys. Rev. Research 2, 043158 (2020).

    Args:
        cost: The cost.
        start: Where to begin.
        maxiter: How many parameters are moved.
        maxfev: How often the cost is evaluated.
        reset_interval: After how many moves the cost is evaluated anew, not inferred.
    """
    point, value = np.array(start, dtype=float), 0.0
    evaluations = move = 0
    while evaluations < maxfev and (maxiter is None or move < maxiter):
        if move % reset_interval == 0:
            value = cost(point)
            evaluations += 1
        step = np.zeros_like(point)
        step[move % point.size] = np.pi / 2
        above, below = cost(point + step), cost(point - step)
        evaluations += 2
        middle = (above + below) / 2
        cosine, sine = value - middle, (below - above) / 2
        point[move % point.size] += np.pi - np.arctan2(sine, cosine)
        value = middle - float(np.hypot(sine, cosine))
        move += 1
    return point
