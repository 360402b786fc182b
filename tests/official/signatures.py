"""What users can call of the client's classes, with which arguments."""

import inspect
import json
import warnings

import qiskit_ibm_runtime
from qiskit_ibm_runtime import exceptions

__all__ = ["described"]


def described(classes: str) -> str:
    """Return names and arguments of classes, and the names of all exceptions, as JSON.

    A property or another value has ``null`` in place of arguments.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.dumps(
            {
                "classes": {name: _members(name) for name in json.loads(classes)},
                "exceptions": [
                    name for name, value in vars(exceptions).items() if inspect.isclass(value)
                ],
            }
        )


def _members(name: str) -> dict[str, list[str] | None]:
    kind = getattr(qiskit_ibm_runtime, name)
    names = [name for name in dir(kind) if not name.startswith("_")]
    members = {name: getattr(kind, name) for name in names}
    return {name: _arguments(value) if callable(value) else None for name, value in members.items()}


def _arguments(value: object) -> list[str]:
    parameters = inspect.signature(value).parameters.values()
    return [p.name for p in parameters if p.name != "self" and p.kind is not p.VAR_KEYWORD]
