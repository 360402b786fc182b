"""The two primitives in the catalogue: what a submission of ``sampler`` and ``estimator`` holds.

What the shape of the inputs tells is checked here, by the server. Circuits, values and observables
are looked into by the programs, in the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from qjobwidgets.server.programs.options import (
    ALL,
    EstimatorOptions,
    OptionGroup,
    Precision,
    SamplerOptions,
)
from qjobwidgets.server.programs.program import Program, Shots

__all__ = ["ESTIMATOR", "SAMPLER", "EstimatorInputs", "SamplerInputs"]

_MAX_PUBS = 10_000

_SHOTS: TypeAdapter[int | None] = TypeAdapter(Shots | None)
_PRECISION: TypeAdapter[float | None] = TypeAdapter(Precision | None)


def _check_sampler_pub(pub: Any) -> Any:
    if isinstance(pub, list):
        _check_length(pub, 1, 3)
        _check_last(pub, 2, "shots", _SHOTS)
    return pub


def _check_estimator_pub(pub: Any) -> Any:
    if not isinstance(pub, list):
        raise ValueError("a PUB of the estimator is a list of circuit, observables, ...")  # noqa: TRY004
    _check_length(pub, 2, 4)
    _check_last(pub, 3, "precision", _PRECISION)
    return pub


def _check_length(pub: list[Any], least: int, most: int) -> None:
    if not least <= len(pub) <= most:
        raise ValueError(f"a PUB is a list of {least} to {most} items, not {len(pub)}")


def _check_last(pub: list[Any], place: int, name: str, kind: TypeAdapter[Any]) -> None:
    try:
        kind.validate_python(pub[place] if len(pub) > place else None)
    except ValidationError as error:
        raise ValueError(f"{name}: {error.errors()[0]['msg']}") from None


class SamplerInputs(OptionGroup):
    """Inputs of ``sampler``."""

    obeyed: ClassVar[Mapping[str, Any]] = {
        "pubs": ALL,
        "shots": ALL,
        "version": ALL,
        "support_qiskit": ALL,
    }

    pubs: list[Annotated[Any, AfterValidator(_check_sampler_pub)]] = Field(
        min_length=1,
        max_length=_MAX_PUBS,
        description="PUBs: circuit (QPY or OpenQASM), parameter values, shots",
    )
    options: SamplerOptions = SamplerOptions()
    shots: Shots | None = Field(None, description="of PUBs that don't say")
    version: Literal[2] = 2
    support_qiskit: bool = Field(True, description="false: the result is plain JSON")


class EstimatorInputs(OptionGroup):
    """Inputs of ``estimator``."""

    obeyed: ClassVar[Mapping[str, Any]] = {
        "pubs": ALL,
        "precision": ALL,
        "resilience_level": 0,
        "version": ALL,
        "support_qiskit": ALL,
    }

    pubs: list[Annotated[Any, AfterValidator(_check_estimator_pub)]] = Field(
        min_length=1,
        max_length=_MAX_PUBS,
        description="PUBs: circuit (QPY or OpenQASM), observables, parameter values, precision",
    )
    options: EstimatorOptions = EstimatorOptions()
    precision: Precision | None = Field(None, description="of PUBs that don't say")
    resilience_level: Annotated[int, Field(ge=0, le=2)] | None = None
    version: Literal[2] = 2
    support_qiskit: bool = Field(True, description="false: the result is plain JSON")


_RESULT = {"description": "PrimitiveResult as typed JSON, or plain JSON if asked for"}

SAMPLER = Program(
    id="sampler",
    description="Measurement outcomes of circuits (V2 primitive).",
    inputs=SamplerInputs,
    interim_results={},
    return_values=_RESULT,
)

ESTIMATOR = Program(
    id="estimator",
    description="Expectation values of observables (V2 primitive).",
    inputs=EstimatorInputs,
    interim_results={},
    return_values=_RESULT,
)
