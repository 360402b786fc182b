"""The parameters of uploaded programs, checked against the JSON schema their author gave.

The schema comes from outside, so looking at it is bounded: nothing is fetched because a ``$ref``
names it, patterns are refused (matching one can take exponential time), and checking stops when it
has taken too much of the processor's time. To count keywords instead would bound nothing: one
``enum`` may compare ten thousand values, one message may repeat megabytes of the parameters.

Typed values (circuits, arrays) may stand wherever a schema asks for anything: their text on the
wire says nothing about what they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from qjobwidgets.server.api.errors import ApiError, invalid

__all__ = ["check_parameters", "check_schema"]

_SCHEMA_CAP = 64 * 1024  # bytes
_SECONDS = 3.0  # of the processor; looked at before each keyword
_DRAFTS = "Draft4Validator", "Draft6Validator", "Draft7Validator", "Draft201909Validator"
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})


class _TooLongError(Exception):
    """The check takes more time than a request may cost."""


def check_schema(schema: dict[str, Any]) -> None:
    """Refuse a schema that is none, or that can't be checked within bounds.

    Raises:
        ApiError: It is refused; the message names the place.
    """
    try:
        size = len(orjson.dumps(schema))
    except orjson.JSONEncodeError:  # it writes fewer levels than it reads
        raise _refused("nested too deeply") from None
    if size > _SCHEMA_CAP:
        raise _refused(f"larger than {_SCHEMA_CAP} bytes")
    for name, value in _keywords(schema):
        # What has another type is the schema of a parameter of that name.
        if name == "patternProperties" or (name == "pattern" and isinstance(value, str)):
            raise _refused(f"{name} is not supported here", "Use enum, or check it in the program.")
        if name in _REFERENCES and isinstance(value, str) and not value.startswith("#"):
            raise _refused(f"{name} leads out of the schema", "Put what it names into $defs.")
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - few servers have uploads

    draft = _draft(schema)
    try:
        draft.check_schema(schema)
    except (SchemaError, RecursionError) as error:
        raise _refused(getattr(error, "message", "nested too deeply")[:200]) from None


def check_parameters(schema: dict[str, Any], params: dict[str, Any]) -> None:
    """Refuse parameters that do not meet a schema.

    Raises:
        ApiError: They do not; the message names the place and never repeats a large value.
    """
    from jsonschema.validators import extend  # noqa: PLC0415 - few servers have uploads
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    draft = _draft(schema)
    end = time.thread_time() + _SECONDS
    checks = draft.VALIDATORS | {"uniqueItems": _unique_items}
    timed = {name: _timed(check, end) for name, check in checks.items()}
    kind = extend(draft, timed)  # type: ignore[no-untyped-call]
    validator = kind(schema, registry=Registry())
    try:
        first = next(validator.iter_errors(params), None)
    except Unresolvable as error:
        raise invalid(f"The program's schema lacks what it names: {str(error)[:100]}.") from None
    except (RecursionError, _TooLongError):
        raise invalid("params: to check them by the program's schema takes too long.") from None
    if first is not None:
        place = ".".join(["params", *map(str, first.absolute_path)])
        message = first.message if len(first.message) <= 200 else f"not what {first.validator} asks"
        raise invalid(f"{place}: {message}.", "GET /programs/{id} shows the schema of parameters.")


def _timed(check: Callable[..., Any], end: float) -> Callable[..., Iterator[Any]]:
    """Return the check of a keyword, refused after a time of this thread, silent on typed values.

    The time is that of the thread alone: how busy the machine is makes no difference.
    """

    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if time.thread_time() > end:
            raise _TooLongError
        if not (isinstance(instance, dict) and "__type__" in instance):
            yield from check(validator, value, instance, schema) or ()

    return checked


def _unique_items(validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    """Check for repeated items in linear time; the library compares each with each."""
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - few servers have uploads

    if wanted and validator.is_type(instance, "array"):
        items = {orjson.dumps(item, option=orjson.OPT_SORT_KEYS) for item in instance}
        if len(items) != len(instance):
            yield ValidationError("items are repeated")


def _keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield all names in a schema with their values, whatever the place."""
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            yield from part.items()
            pending += part.values()
        elif isinstance(part, list):
            pending += part


def _draft(schema: dict[str, Any]) -> Any:
    """Return the validator class of the draft a schema is written for."""
    import jsonschema  # noqa: PLC0415 - few servers have uploads

    newest = jsonschema.Draft202012Validator
    if "$schema" not in schema:
        return newest
    for draft in (newest, *(getattr(jsonschema, name) for name in _DRAFTS)):
        if str(schema["$schema"]).rstrip("#") == draft.META_SCHEMA["$schema"].rstrip("#"):
            return draft
    raise _refused("of an unknown draft", "Take https://json-schema.org/draft/2020-12/schema.")


def _refused(why: str, solution: str | None = None) -> ApiError:
    return invalid(f"spec.parameters: {why}.", solution)
