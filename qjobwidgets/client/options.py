"""Options of the primitives: a tree of attributes, by the names the official client has for them.

- What nobody has set is :data:`Unset` and is not sent: the service's own default holds.
- A group is set from a dictionary as well, and :meth:`OptionGroup.update` merges dictionaries.
- A name that does not exist is refused at once, with the one that may have been meant. Values are
  the service's to judge: it knows what it takes today.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from typing import Any

from qjobwidgets.errors import IBMInputValueError

__all__ = [
    "DynamicalDecouplingOptions",
    "EnvironmentOptions",
    "EstimatorOptions",
    "ExecutionOptions",
    "LayerNoiseLearningOptions",
    "MeasureNoiseLearningOptions",
    "OptionGroup",
    "PecOptions",
    "PrimitiveOptions",
    "ResilienceOptions",
    "SamplerExecutionOptions",
    "SamplerOptions",
    "SimulatorOptions",
    "TwirlingOptions",
    "Unset",
    "ZneOptions",
]


class _UnsetType(Enum):
    UNSET = "Unset"

    def __repr__(self) -> str:
        return self.value

    def __bool__(self) -> bool:
        return False


Unset = _UnsetType.UNSET
"""Value of an option that is left to the service; assigning it takes an option back."""


@dataclass(repr=False)
class OptionGroup:
    """Some options that belong together."""

    def __setattr__(self, name: str, value: Any) -> None:
        kinds = self._kinds()
        if name not in kinds:
            raise self._unknown(name)
        kind = kinds[name]
        object.__setattr__(self, name, value if kind is None else _grouped(kind, name, value))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self._given())
        return f"{type(self).__name__}({given})"

    def update(self, **options: Any) -> None:
        """Set several options; a dictionary for a group changes only what it names.

        Raises:
            IBMInputValueError: There is no option of that name.
        """
        kinds = self._kinds()
        for name, value in options.items():
            if kinds.get(name) is not None and isinstance(value, Mapping):
                getattr(self, name).update(**value)
            else:
                setattr(self, name, value)

    def to_dict(self) -> dict[str, Any]:
        """Return the options that are set."""
        return {
            name: value.to_dict() if isinstance(value, OptionGroup) else value
            for name, value in self._given()
        }

    @classmethod
    def _kinds(cls) -> dict[str, type[OptionGroup] | None]:
        """Return the names of all options, and the class of those that are groups."""
        return {
            option.name: option.default_factory
            if isinstance(option.default_factory, type)
            else None
            for option in dataclasses.fields(cls)
        }

    def _given(self) -> Iterable[tuple[str, Any]]:
        for name in self._kinds():
            value = getattr(self, name)
            if value is not Unset and not (isinstance(value, OptionGroup) and not value.to_dict()):
                yield name, value

    def _unknown(self, name: str) -> IBMInputValueError:
        known = list(self._kinds())
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        meant = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
        return IBMInputValueError(
            f"{type(self).__name__} has no option {name!r}.",
            fix=f"{meant}There are: {', '.join(known)}.",
        )


def _grouped(kind: type[OptionGroup], name: str, value: Any) -> OptionGroup:
    if isinstance(value, kind):
        return value
    group = kind()
    if isinstance(value, Mapping):
        group.update(**value)
    elif value is not None and value is not Unset:
        raise IBMInputValueError(
            f"{name} is a group of options, not {value!r}.",
            fix=f"Pass a dictionary with: {', '.join(kind._kinds())}.",  # noqa: SLF001 - our own
        )
    return group


@dataclass(repr=False)
class DynamicalDecouplingOptions(OptionGroup):
    """Pulses on qubits that idle."""

    enable: bool | _UnsetType = Unset
    sequence_type: str | _UnsetType = Unset
    extra_slack_distribution: str | _UnsetType = Unset
    scheduling_method: str | _UnsetType = Unset
    skip_reset_qubits: bool | _UnsetType = Unset


@dataclass(repr=False)
class TwirlingOptions(OptionGroup):
    """Randomized compiling."""

    enable_gates: bool | _UnsetType = Unset
    enable_measure: bool | _UnsetType = Unset
    num_randomizations: int | str | _UnsetType = Unset
    shots_per_randomization: int | str | _UnsetType = Unset
    strategy: str | _UnsetType = Unset


@dataclass(repr=False)
class ExecutionOptions(OptionGroup):
    """How a device is operated."""

    init_qubits: bool | _UnsetType = Unset
    rep_delay: float | _UnsetType = Unset


@dataclass(repr=False)
class SamplerExecutionOptions(ExecutionOptions):
    """How a device is operated, and what its measurements return."""

    meas_type: str | _UnsetType = Unset


@dataclass(repr=False)
class SimulatorOptions(OptionGroup):
    """What a simulator simulates."""

    noise_model: Any = Unset
    seed_simulator: int | _UnsetType = Unset
    coupling_map: Any = Unset
    basis_gates: list[str] | _UnsetType = Unset

    def to_dict(self) -> dict[str, Any]:
        """Return the options that are set; Qiskit's coupling map as a list of pairs."""
        options = super().to_dict()
        if hasattr(options.get("coupling_map"), "get_edges"):
            options["coupling_map"] = [list(pair) for pair in options["coupling_map"].get_edges()]
        return options


@dataclass(repr=False)
class EnvironmentOptions(OptionGroup):
    """The job around the program.

    ``callback`` takes the job's id and each result, see :meth:`RuntimeService.run`.
    """

    log_level: str | _UnsetType = Unset
    job_tags: list[str] | _UnsetType | None = Unset
    private: bool | _UnsetType = Unset
    image: str | _UnsetType = Unset
    callback: Callable[[str, Any], None] | _UnsetType | None = Unset


@dataclass(repr=False)
class MeasureNoiseLearningOptions(OptionGroup):
    """How the noise of measurements is learnt."""

    num_randomizations: int | _UnsetType = Unset
    shots_per_randomization: int | str | _UnsetType = Unset


@dataclass(repr=False)
class LayerNoiseLearningOptions(OptionGroup):
    """How the noise of layers of gates is learnt."""

    max_layers_to_learn: int | _UnsetType | None = Unset
    shots_per_randomization: int | _UnsetType = Unset
    num_randomizations: int | _UnsetType = Unset
    layer_pair_depths: list[int] | _UnsetType = Unset


@dataclass(repr=False)
class ZneOptions(OptionGroup):
    """Extrapolation to zero noise."""

    amplifier: str | _UnsetType = Unset
    noise_factors: Any = Unset
    extrapolator: Any = Unset
    extrapolated_noise_factors: Any = Unset


@dataclass(repr=False)
class PecOptions(OptionGroup):
    """Probabilistic cancellation of errors."""

    max_overhead: float | _UnsetType | None = Unset
    noise_gain: float | str | _UnsetType = Unset


@dataclass(repr=False)
class ResilienceOptions(OptionGroup):
    """Mitigation of errors."""

    measure_mitigation: bool | _UnsetType = Unset
    measure_noise_learning: MeasureNoiseLearningOptions = field(
        default_factory=MeasureNoiseLearningOptions
    )
    zne_mitigation: bool | _UnsetType = Unset
    zne: ZneOptions = field(default_factory=ZneOptions)
    pec_mitigation: bool | _UnsetType = Unset
    pec: PecOptions = field(default_factory=PecOptions)
    layer_noise_learning: LayerNoiseLearningOptions = field(
        default_factory=LayerNoiseLearningOptions
    )
    layer_noise_model: Any = Unset


@dataclass(repr=False)
class PrimitiveOptions(OptionGroup):
    """What both primitives have; ``max_execution_time`` is in seconds."""

    max_execution_time: int | _UnsetType = Unset
    default_shots: int | _UnsetType | None = Unset
    environment: EnvironmentOptions = field(default_factory=EnvironmentOptions)
    dynamical_decoupling: DynamicalDecouplingOptions = field(
        default_factory=DynamicalDecouplingOptions
    )
    twirling: TwirlingOptions = field(default_factory=TwirlingOptions)
    simulator: SimulatorOptions = field(default_factory=SimulatorOptions)
    experimental: dict[str, Any] | _UnsetType = Unset

    def inputs(self) -> dict[str, Any]:
        """Return the inputs of the program that are made of options."""
        options = self.to_dict()
        options.pop("environment", None)
        options.pop("max_execution_time", None)
        level = options.pop("resilience_level", None)
        if "experimental" in options:
            given = options["experimental"] or {}
            options["experimental"] = {k: v for k, v in given.items() if k != "image"}
        return {"options": options} | ({} if level is None else {"resilience_level": level})

    def fields(self) -> dict[str, Any]:
        """Return the options of the submission, by the names ``run(options=...)`` has for them."""
        options = self.environment.to_dict()
        options.pop("callback", None)
        if self.max_execution_time is not Unset:
            options["max_execution_time"] = self.max_execution_time
        if isinstance(self.experimental, dict) and "image" in self.experimental:
            options.setdefault("image", self.experimental["image"])
        return options


@dataclass(repr=False)
class SamplerOptions(PrimitiveOptions):
    """Options of the sampler."""

    execution: SamplerExecutionOptions = field(default_factory=SamplerExecutionOptions)


@dataclass(repr=False)
class EstimatorOptions(PrimitiveOptions):
    """Options of the estimator."""

    default_precision: float | _UnsetType = Unset
    resilience_level: int | _UnsetType = Unset
    seed_estimator: int | _UnsetType = Unset
    execution: ExecutionOptions = field(default_factory=ExecutionOptions)
    resilience: ResilienceOptions = field(default_factory=ResilienceOptions)
