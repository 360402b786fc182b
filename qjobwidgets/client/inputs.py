"""What a program is given: inputs on the wire, and the options of a submission."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qjobwidgets.codec import dumps
from qjobwidgets.errors import CodecError, IBMInputValueError

__all__ = ["Submission", "backend_name", "submission", "tag_list"]

# option -> field of the submission's body
_FIELDS = {
    "backend": "backend",
    "backend_name": "backend",
    "image": "runtime",
    "log_level": "log_level",
    "max_execution_time": "cost",
    "private": "private",
    "session_id": "session_id",
    "session_time": "session_time",
    "start_session": "start_session",
    "job_tags": "tags",
    "tags": "tags",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """A job about to be submitted.

    Attributes:
        program: Program id.
        params: The inputs as typed JSON text.
        fields: The other fields of the body.
        instance: The instance that is asked for, if it is not the account's own.
    """

    program: str
    params: str
    fields: Mapping[str, Any]
    instance: str | None = None

    @property
    def tags(self) -> list[str]:
        """The job's tags."""
        return list(self.fields.get("tags", ()))

    def body(self, tags: list[str]) -> str:
        """Return the body of ``POST /jobs`` with these tags."""
        fields = {"program_id": self.program, **self.fields, **({"tags": tags} if tags else {})}
        return f'{dumps(fields)[:-1]},"params":{self.params}}}'


def submission(  # noqa: PLR0913 - what a submission is made of
    program_id: str,
    inputs: Any = None,
    options: Any = None,
    session_id: str | None = None,
    *,
    backend: Any = None,
    start_session: bool = False,
) -> Submission:
    """Return what to send for a job.

    Args:
        program_id: The program.
        inputs: Its inputs, a dictionary or a :class:`ParameterNamespace`. PUBs of ``sampler`` and
            ``estimator`` may have any form Qiskit takes.
        options: A dict, or an object with such attributes: ``backend`` (or ``backend_name``),
            ``job_tags`` (or ``tags``), ``shots``, ``log_level``, ``max_execution_time`` (seconds),
            ``private``, ``image``, ``session_id``, ``session_time``, ``instance``.
        session_id: The session or batch the job belongs to.
        backend: The backend, unless the options name one.
        start_session: Whether a session is opened for the job.

    Raises:
        TypeError: There is no such option.
        IBMInputValueError: Inputs, options or tags are of another form.
        ValueError: The PUBs are not valid.
        CodecError: An input can't be sent.
    """
    if not isinstance(program_id, str) or not program_id:
        raise IBMInputValueError(
            f"{program_id!r} is not the id of a program.", fix="programs() lists them."
        )
    asked = _options(options)
    if backend is not None and not asked.get("backend_name"):
        asked.setdefault("backend", backend)
    if session_id is not None:
        asked["session_id"] = session_id
    if start_session:
        asked["start_session"] = True
    shots, instance = asked.pop("shots", None), asked.pop("instance", None)
    unknown = sorted(asked.keys() - _FIELDS)
    if unknown:
        valid = ", ".join(sorted([*_FIELDS, "instance", "shots"]))
        raise TypeError(f"unknown option {', '.join(map(repr, unknown))}; valid options: {valid}")
    fields = {_FIELDS[name]: value for name, value in asked.items() if value not in (None, [], ())}
    if "backend" in fields:
        fields["backend"] = backend_name(fields["backend"])
    if "tags" in fields:
        fields["tags"] = tag_list(fields["tags"])
    if "log_level" in fields:
        fields["log_level"] = str(fields["log_level"]).upper()
    _written({name: fields[_FIELDS[name]] for name in asked if _FIELDS[name] in fields}, "option")
    params = _inputs(program_id, _values(inputs), shots)
    return Submission(program_id, _written(params, "input"), fields, instance)


def _written(values: Mapping[str, Any], what: str) -> str:
    """Return values as typed JSON; what can't be sent is named.

    Raises:
        CodecError: One of them can't be sent.
    """
    try:
        return dumps(values, finite=True)
    except CodecError as error:
        refusal = error
    for name, value in values.items():
        try:
            dumps(value, finite=True)
        except CodecError as error:
            raise CodecError(
                f"The {what} {name!r} can't be sent: {error.message}", fix=error.fix
            ) from None
    raise refusal  # it is in a name


def _values(inputs: Any) -> dict[str, Any]:
    """Return inputs as a dictionary; a namespace of a program's inputs is checked first."""
    if hasattr(inputs, "validate") and hasattr(inputs, "to_dict"):
        inputs.validate()
        inputs = inputs.to_dict()
    if inputs is None or isinstance(inputs, Mapping):
        return dict(inputs or {})
    raise IBMInputValueError(
        f"A {type(inputs).__name__} is no inputs of a program.", fix="Pass a dictionary by name."
    )


def _options(options: Any) -> dict[str, Any]:
    if options is None:
        return {}
    if isinstance(options, Mapping):
        return dict(options)
    known = [name for name in (*_FIELDS, "instance", "shots") if hasattr(options, name)]
    if known:
        return {name: getattr(options, name) for name in known if getattr(options, name)}
    raise IBMInputValueError(
        f"{options!r} has none of the options of a submission.",
        fix="Pass a dictionary, such as {'backend': ...}.",
    )


def tag_list(tags: Any) -> list[str]:
    """Return tags, or a single one, as a list.

    Raises:
        IBMInputValueError: They are something else.
    """
    found = [tags] if isinstance(tags, str) else list(tags) if isinstance(tags, Iterable) else None
    if found is None or not all(isinstance(tag, str) and _sendable(tag) for tag in found):
        raise IBMInputValueError(f"{tags!r} are no tags.", fix="Pass a list of strings.")
    return found


def _sendable(text: str) -> bool:
    """Whether a text is one in all alphabets, and not a part of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def backend_name(backend: Any) -> str:
    """Return the name of a backend, which may be the name itself or an object of any client."""
    name = getattr(backend, "name", backend)
    return str(name() if callable(name) else name)


def _inputs(program_id: str, inputs: dict[str, Any], shots: int | None) -> dict[str, Any]:
    if program_id in {"sampler", "estimator"} and "pubs" in inputs:
        from qjobwidgets.client import pubs  # noqa: PLC0415 - it loads Qiskit

        coerce = pubs.sampler_pubs if program_id == "sampler" else pubs.estimator_pubs
        options = dict(inputs.pop("options", None) or {})
        if shots is not None:
            options["default_shots"] = shots
        return {
            "version": 2,
            "support_qiskit": True,
            **inputs,
            "pubs": coerce(inputs["pubs"]),
            "options": options,
        }
    if shots is not None:
        inputs["shots"] = shots
    return inputs
