"""The options of the two primitives: their types, and which of them a simulator can obey.

Qiskit Runtime has options for what devices do. A simulator obeys some, others mean nothing to it.
Those are taken, because programs written for a device send them, but never passed over in silence:
:meth:`OptionGroup.not_applied` names them for the metadata of the result. A name that is not known
is treated alike; a value of another type is refused, and so is what can't be had at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from qjobwidgets.server.programs.program import Shots

__all__ = [
    "ALL",
    "MAX_ESTIMATOR_SHOTS",
    "EstimatorOptions",
    "OptionGroup",
    "Precision",
    "SamplerOptions",
]

ALL: Final = object()
"""Stands for all values of an option that is obeyed whatever its value."""

MAX_ESTIMATOR_SHOTS = 10_000_000
"""Most shots that the estimator takes of one circuit."""

_LEAST_PRECISION = MAX_ESTIMATOR_SHOTS**-0.5


def _check_precision(precision: float) -> float:
    if precision and not _LEAST_PRECISION <= precision < float("inf"):
        raise ValueError(
            f"a precision is a number from {_LEAST_PRECISION:.2g}, or 0 for exact values"
        )
    return precision


Precision = Annotated[float, Field(ge=0, strict=True), AfterValidator(_check_precision)]
"""A standard error to aim at; 0 asks for exact values."""


class OptionGroup(BaseModel):
    """A group of options; names that are not known are kept."""

    model_config = ConfigDict(extra="allow", strict=True)

    obeyed: ClassVar[Mapping[str, Any]] = {}
    """For each option that is obeyed: :data:`ALL`, or the one value that is."""

    def not_applied(self) -> list[str]:
        """Return the names of options that were given and are not obeyed, with dots, sorted."""
        return sorted(self._ignored())

    def _ignored(self) -> Iterator[str]:
        for name in self.model_fields_set:
            value, obeyed = getattr(self, name), self.obeyed.get(name)
            if isinstance(value, OptionGroup):
                yield from (f"{name}.{inner}" for inner in value.not_applied())
            elif value is not None and obeyed is not ALL and (obeyed is None or value != obeyed):
                yield from _leaves(name, value)


def _leaves(name: str, value: Any) -> Iterator[str]:
    """Yield the names within a group of options that has no model."""
    if isinstance(value, dict) and "__type__" not in value:
        for inner, part in value.items():
            yield from _leaves(f"{name}.{inner}", part)
    else:
        yield name


# A group that is null is one that was not given.
_NullIsEmpty = BeforeValidator(lambda group: {} if group is None else group)


class DynamicalDecoupling(OptionGroup):
    """Pulses while qubits idle: a simulator has no idle time to fill."""

    obeyed: ClassVar[Mapping[str, Any]] = {"enable": False}

    enable: bool | None = None
    sequence_type: Literal["XX", "XpXm", "XY4"] | None = None
    extra_slack_distribution: Literal["middle", "edges"] | None = None
    scheduling_method: Literal["alap", "asap"] | None = None
    skip_reset_qubits: bool | None = None


class Twirling(OptionGroup):
    """Randomized compiling, which is left to the ``executor`` program and its samplexes."""

    obeyed: ClassVar[Mapping[str, Any]] = {"enable_gates": False, "enable_measure": False}

    enable_gates: bool | None = None
    enable_measure: bool | None = None
    num_randomizations: Annotated[int, Field(ge=1)] | Literal["auto"] | None = None
    shots_per_randomization: Annotated[int, Field(ge=1)] | Literal["auto"] | None = None
    strategy: Literal["active", "active-accum", "active-circuit", "all"] | None = None


class Execution(OptionGroup):
    """How a device is operated; a simulated qubit always begins in its ground state."""

    obeyed: ClassVar[Mapping[str, Any]] = {"init_qubits": True}

    init_qubits: bool | None = None
    rep_delay: Annotated[float, Field(ge=0)] | None = None


def _check_classified(kind: str | None) -> str | None:
    if kind in {"kerneled", "avg_kerneled"}:
        raise ValueError(f"a simulator has classified results only, none that are {kind}")
    return kind


class SamplerExecution(Execution):
    """``execution`` of the sampler."""

    obeyed: ClassVar[Mapping[str, Any]] = {**Execution.obeyed, "meas_type": "classified"}

    meas_type: Annotated[
        Literal["classified", "kerneled", "avg_kerneled"] | None, AfterValidator(_check_classified)
    ] = None


class Simulator(OptionGroup):
    """What is simulated, and from which seed.

    ``coupling_map`` and ``basis_gates`` would have circuits compiled anew; they run as they are.
    """

    obeyed: ClassVar[Mapping[str, Any]] = {"noise_model": ALL, "seed_simulator": ALL}

    noise_model: dict[str, Any] | None = None
    seed_simulator: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    coupling_map: list[Annotated[list[int], Field(min_length=2, max_length=2)]] | None = None
    basis_gates: list[str] | None = None


class Resilience(OptionGroup):
    """Mitigation of errors; its further groups of options are not looked into."""

    obeyed: ClassVar[Mapping[str, Any]] = {
        "measure_mitigation": False,
        "zne_mitigation": False,
        "pec_mitigation": False,
    }

    measure_mitigation: bool | None = None
    zne_mitigation: bool | None = None
    pec_mitigation: bool | None = None


class _Options(OptionGroup):
    """What both primitives have."""

    dynamical_decoupling: Annotated[DynamicalDecoupling, _NullIsEmpty] = DynamicalDecoupling()
    twirling: Annotated[Twirling, _NullIsEmpty] = Twirling()
    simulator: Annotated[Simulator, _NullIsEmpty] = Simulator()
    experimental: dict[str, Any] | None = None
    environment: dict[str, Any] | None = None


class SamplerOptions(_Options):
    """``options`` of the sampler."""

    obeyed: ClassVar[Mapping[str, Any]] = {"default_shots": ALL}

    default_shots: Shots | None = None
    execution: Annotated[SamplerExecution, _NullIsEmpty] = SamplerExecution()


class EstimatorOptions(_Options):
    """``options`` of the estimator."""

    obeyed: ClassVar[Mapping[str, Any]] = {
        "default_shots": ALL,
        "default_precision": ALL,
        "seed_estimator": ALL,
    }

    default_shots: Annotated[int, Field(ge=1, le=MAX_ESTIMATOR_SHOTS)] | None = None
    default_precision: Precision | None = None
    seed_estimator: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    execution: Annotated[Execution, _NullIsEmpty] = Execution()
    resilience: Annotated[Resilience, _NullIsEmpty] = Resilience()

    def _ignored(self) -> Iterator[str]:
        yield from super()._ignored()
        # What samples is the simulator, so its own seed is the one that counts.
        if self.seed_estimator is not None and self.simulator.seed_simulator is not None:
            yield "seed_estimator"
