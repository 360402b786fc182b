"""What a service tells of a program, and the inputs it takes."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from qjobwidgets.errors import CodecError, IBMInputValueError

__all__ = ["SPEC", "ParameterNamespace", "Program"]

SPEC = ("backend_requirements", "parameters", "return_values", "interim_results")
"""The parts of a program's specification."""

_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")  # no source of a program is without brackets


class ParameterNamespace:
    """The inputs of a program as attributes, to be given values and passed to ``run(inputs=...)``.

    Args:
        schema: JSON schema of the inputs.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        properties = schema.get("properties")
        names = properties if isinstance(properties, Mapping) else {}
        vars(self).update(_schema=dict(schema), _values={n: _default(s) for n, s in names.items()})

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._values:
            return self._values[name]
        raise AttributeError(f"the program has no input {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._values})

    @property
    def metadata(self) -> dict[str, Any]:
        """The JSON schema of the inputs."""
        return dict(self._schema)

    def validate(self) -> None:
        """Check that all inputs which are required have values.

        Raises:
            IBMInputValueError: One has none.
        """
        required = self._schema.get("required") or []
        missing = [name for name in required if self._values.get(name) is None]
        if missing:
            raise IBMInputValueError(
                f"The program needs {', '.join(missing)}.", fix="Give them values."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the inputs that have values."""
        return {name: value for name, value in self._values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Program:
    """A program that a service runs.

    Attributes:
        id: What to submit it as.
        name, description: For people.
        max_execution_time: Longest run, in seconds.
        spec: JSON schemas of ``parameters``, ``interim_results`` and ``return_values``, and the
            ``backend_requirements``.
        is_public: Whether others may run it too.
        creation_date, update_date: Times, as the service writes them.
        data: The source, for its author, of a program asked for by its id.
    """

    id: str
    name: str = ""
    description: str = ""
    max_execution_time: float | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)
    is_public: bool = True
    creation_date: str = ""
    update_date: str = ""
    data: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return the program that a service's document describes.

        Raises:
            CodecError: Its source is damaged.
        """
        cost, spec = document.get("cost"), document.get("spec")
        return cls(
            id=str(document.get("id")),
            name=str(document.get("name") or ""),
            description=str(document.get("description") or ""),
            max_execution_time=cost if isinstance(cost, int | float) else None,
            spec=spec if isinstance(spec, Mapping) else {},
            is_public=document.get("is_public") is not False,
            creation_date=str(document.get("creation_date") or ""),
            update_date=str(document.get("update_date") or ""),
            data=_source(document.get("data")),
        )

    @property
    def program_id(self) -> str:
        """What to submit it as, by the name other clients use."""
        return self.id

    @property
    def backend_requirements(self) -> dict[str, Any]:
        """What it asks of a backend."""
        return self._part("backend_requirements")

    @property
    def return_values(self) -> dict[str, Any]:
        """JSON schema of its result."""
        return self._part("return_values")

    @property
    def interim_results(self) -> dict[str, Any]:
        """JSON schema of its interim results."""
        return self._part("interim_results")

    def parameters(self) -> ParameterNamespace:
        """Return its inputs, to be given values; new ones at each call."""
        return ParameterNamespace(self._part("parameters"))

    def to_dict(self) -> dict[str, Any]:
        """Return what it says of itself."""
        return {
            "program_id": self.id,
            "name": self.name,
            "description": self.description,
            "max_execution_time": self.max_execution_time,
            "creation_date": self.creation_date,
            "update_date": self.update_date,
            "is_public": self.is_public,
            **{part: self._part(part) for part in SPEC},
        }

    def _part(self, name: str) -> dict[str, Any]:
        part = self.spec.get(name)
        return dict(part) if isinstance(part, Mapping) else {}


def _source(data: object) -> str | None:
    if not isinstance(data, str):
        return None
    packed = "".join(data.split())  # some break long lines, as MIME does
    if not _BASE64.fullmatch(packed):
        return data  # older services sent the source as it is
    try:
        return base64.b64decode(packed, validate=True).decode()
    except ValueError:
        raise CodecError(
            "The source of the program is damaged: no base64 of a UTF-8 text.",
            fix="Ask for it again, or upload the program anew.",
        ) from None


def _default(schema: object) -> Any:
    return schema.get("default") if isinstance(schema, Mapping) else None
