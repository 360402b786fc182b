"""The programs of a service: to look at them, and where a service allows it to upload one's own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qjobwidgets.client.api import Api
from qjobwidgets.client.program_facts import SPEC, Program
from qjobwidgets.client.questions import program_path
from qjobwidgets.errors import (
    IBMInputValueError,
    IBMNotAuthorizedError,
    RuntimeDuplicateProgramError,
    RuntimeProgramNotFound,
    ServiceError,
)

__all__ = ["ServicePrograms"]

_PAGE = 100
# What services without a list of programs run.
_COMMON = ("estimator", "sampler")
_ERRORS: Mapping[int, type[ServiceError]] = {
    403: IBMNotAuthorizedError,
    404: RuntimeProgramNotFound,
    409: RuntimeDuplicateProgramError,
}
_METADATA = ("name", "description", "max_execution_time", "is_public", "spec")


class ServicePrograms:
    """What a service answers about programs."""

    _api: Api

    def programs(
        self,
        refresh: bool = False,  # noqa: ARG002 - the service is always asked
        limit: int | None = 20,
        skip: int = 0,
    ) -> list[Program]:
        """Return programs the service runs; services without such a list run the primitives.

        Args:
            refresh: Changes nothing: the service is always asked.
            limit: How many at most; ``None`` for all.
            skip: How many to leave out at the beginning.

        Raises:
            CodecError: The source of one is damaged.
        """
        try:
            return self._listed(limit, skip)
        except ServiceError as error:
            if error.status != 404:
                raise
        names = _COMMON[skip:] if limit is None else _COMMON[skip : skip + limit]
        return [Program(name, name) for name in names]

    def _listed(self, limit: int | None, skip: int) -> list[Program]:
        found: list[Program] = []
        seen = 0
        while limit is None or len(found) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(found))
            query = {"limit": size, "offset": skip + seen}
            document = self._api.call("GET", "/programs", params=query).document()
            listed, count = document.get("programs"), document.get("count")
            page = listed if isinstance(listed, list) else []
            seen += len(page)
            found += [Program.of(program) for program in page if isinstance(program, Mapping)]
            if not page or not isinstance(count, int) or skip + seen >= count:
                break
        return found

    def program_ids(self) -> list[str]:
        """Return the ids of all programs."""
        return [program.id for program in self.programs(limit=None)]

    def program(self, program_id: str, refresh: bool = False) -> Program:  # noqa: ARG002 - as above
        """Return a program, with its source if you are its author.

        Args:
            program_id: Its id.
            refresh: Changes nothing: the service is always asked.

        Raises:
            RuntimeProgramNotFound: There is no such program.
            CodecError: Its source is damaged.
        """
        return Program.of(self._api.call("GET", program_path(program_id), _ERRORS).document())

    def pprint_programs(
        self,
        refresh: bool = False,
        detailed: bool = False,
        limit: int | None = 20,
        skip: int = 0,
    ) -> None:
        """Print what programs there are.

        Args:
            refresh: Changes nothing: the service is always asked.
            detailed: Print all that they say of themselves.
            limit: How many at most; ``None`` for all.
            skip: How many to leave out at the beginning.
        """
        programs = self.programs(refresh, limit, skip)
        texts = [_described(program, detailed=detailed) for program in programs]
        print("\n\n".join(texts))  # noqa: T201 - what it is for

    def upload_program(
        self, data: str | Path, metadata: Mapping[str, Any] | str | Path | None = None, **more: Any
    ) -> str:
        """Upload a program and return its id.

        Args:
            data: Its source, or the path of the file.
            metadata: A dictionary, or the path of a JSON file, with ``name``,
                ``max_execution_time`` (seconds), ``description``, ``is_public`` and ``spec``.
            more: Single fields of the metadata, which go before those given together.

        Raises:
            IBMInputValueError: A field is missing or unknown, or a file can't be read.
            RuntimeDuplicateProgramError: There is a program of this name already.
            IBMNotAuthorizedError: The service lets nobody upload programs, or not you.
        """
        body = _body(metadata, more)
        missing = [name for name in ("name", "cost") if name not in body]
        if missing:
            names = ", ".join(missing).replace("cost", "max_execution_time")
            raise IBMInputValueError(f"The metadata lack {names}.", fix="Pass metadata={...}.")
        body["data"] = _encoded(data)
        answer = self._api.ask("POST", "/programs", _ERRORS, document=_json(body)).document()
        return str(answer.get("id"))

    def update_program(  # noqa: PLR0913, PLR0917 - what can be changed
        self,
        program_id: str,
        data: str | Path | None = None,
        metadata: Mapping[str, Any] | str | Path | None = None,
        name: str | None = None,
        description: str | None = None,
        max_execution_time: int | None = None,
        spec: Mapping[str, Any] | None = None,
    ) -> None:
        """Change a program; what is not given stays.

        Args:
            program_id: Its id.
            data: New source, or the path of the file.
            metadata: A dictionary, or the path of a JSON file; single fields go before these.
            name: New name.
            description: New description.
            max_execution_time: New longest run, in seconds.
            spec: New schemas and requirements.

        Raises:
            IBMInputValueError: Nothing is to be changed, or a field is unknown.
            RuntimeProgramNotFound: There is no such program.
            IBMNotAuthorizedError: It is not yours to change.
        """
        single = {
            "name": name,
            "description": description,
            "max_execution_time": max_execution_time,
            "spec": spec,
        }
        body = _body(metadata, {k: v for k, v in single.items() if v is not None})
        public = body.pop("is_public", None)
        if not body and data is None and public is None:
            raise IBMInputValueError("Nothing is to be changed.", fix="Pass data or metadata.")
        path = program_path(program_id)
        if body:
            text = _json(body)
            self._api.call("PATCH", path, _ERRORS, document=text, repeatable=True)
        if data is not None:
            self._api.call(
                "PUT",
                f"{path}/data",
                _ERRORS,
                document=_encoded(data),
                headers={"Content-Type": "application/octet-stream"},
                repeatable=True,
            )
        if public is not None:
            self.set_program_visibility(program_id, public)

    def set_program_visibility(self, program_id: str, public: bool) -> None:
        """Let others run a program too, or only its author.

        Raises:
            RuntimeProgramNotFound: There is no such program.
            IBMNotAuthorizedError: It is not yours to change.
        """
        path = f"{program_path(program_id)}/{'public' if public else 'private'}"
        self._api.call("PUT", path, _ERRORS, repeatable=True)

    def delete_program(self, program_id: str) -> None:
        """Delete a program; jobs submitted before still run it.

        Raises:
            RuntimeProgramNotFound: There is no such program.
            IBMNotAuthorizedError: It is not yours to delete.
        """
        self._api.call("DELETE", program_path(program_id), _ERRORS)


def _body(
    metadata: Mapping[str, Any] | str | Path | None, more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of a program by the service's names for them."""
    given = metadata if isinstance(metadata, Mapping) else _read_metadata(metadata)
    fields = {**given, **more}
    # older metadata have the parts of the specification beside the rest
    spec = {part: fields.pop(part) for part in SPEC if part in fields}
    if spec:
        fields["spec"] = {**(fields.get("spec") or {}), **spec}
    unknown = sorted(fields.keys() - {*_METADATA})
    if unknown:
        raise IBMInputValueError(
            f"Metadata have no {', '.join(map(repr, unknown))}.",
            fix=f"There are: {', '.join((*_METADATA, *SPEC))}.",
        )
    if "max_execution_time" in fields:
        fields["cost"] = fields.pop("max_execution_time")
    return fields


def _json(body: Mapping[str, Any]) -> str:
    try:
        return json.dumps(body, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise IBMInputValueError(
            f"The metadata can't be written as JSON: {error}.", fix="Pass text, numbers and lists."
        ) from None


def _read_metadata(file: str | Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        metadata = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError) as error:
        raise IBMInputValueError(
            f"The metadata in {str(file)[:200]!r} can't be read: {type(error).__name__}.",
            fix="Pass a dictionary, or the path of a JSON file.",
        ) from None
    if not isinstance(metadata, dict):
        raise IBMInputValueError("The metadata are no JSON object.", fix="Pass a dictionary.")
    return metadata


def _encoded(data: str | Path) -> str:
    """Return the source of a program, or of the file it is in, in base64."""
    text = str(data)
    if isinstance(data, Path) or ("\n" not in text and text.endswith(".py")):
        try:
            text = Path(data).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise IBMInputValueError(
                f"The program in {str(data)[:200]!r} can't be read: {type(error).__name__}.",
                fix="Pass the source itself, or the path of a Python file.",
            ) from None
    return base64.b64encode(text.encode()).decode()


def _described(program: Program, *, detailed: bool) -> str:
    lines = [
        f"{program.id}:",
        f"  Name: {program.name}",
        f"  Description: {program.description}",
    ]
    if detailed:
        facts = program.to_dict()
        for name in ("creation_date", "update_date", "max_execution_time", "is_public", *SPEC):
            text = json.dumps(facts[name], indent=2).replace("\n", "\n    ")
            lines.append(f"  {name.replace('_', ' ').capitalize()}: {text}")
    return "\n".join(lines)
