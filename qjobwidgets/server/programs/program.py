"""What the service says about a program, and the parts that inputs of programs are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from qjobwidgets.server.backends.catalogue import MAX_SHOTS

__all__ = ["Program", "Shots"]

Shots = Annotated[int, Field(ge=1, le=MAX_SHOTS, strict=True)]


@dataclass(frozen=True, slots=True)
class Program:
    """A program as the service describes it.

    Attributes:
        id: Its name.
        description: What it does.
        inputs: The shape of its inputs.
        interim_results: JSON schema of what it publishes.
        return_values: JSON schema of its result.
        typed: Whether its inputs are typed JSON; otherwise they are JSON and no more, in which a
            key ``__type__`` is one like any other.
    """

    id: str
    description: str
    inputs: type[BaseModel]
    interim_results: Mapping[str, Any]
    return_values: Mapping[str, Any]
    typed: bool = True
