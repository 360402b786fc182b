"""Write docs/jobs.md: our RuntimeJob beside the job classes it takes the place of.

Run by ``make docs`` after a change of a docstring of RuntimeJob, of the exceptions, or of
job_names.toml; a test compares the file with what this would write.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qjobwidgets import RuntimeJob, errors
from scripts.markdown import prose, table

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs/jobs.md"
TABLE = tomllib.loads((Path(__file__).parent / "job_names.toml").read_text(encoding="utf-8"))


def main() -> None:
    """Write the file."""
    TARGET.write_text(render(), encoding="utf-8")
    print(TARGET.relative_to(ROOT))


def render() -> str:
    """Return the page."""
    parts = [TABLE["introduction"]]
    for name, facts in TABLE["classes"].items():
        parts += [f"## `{name}` of {facts['package']}\n", _table(name, facts["names"])]
    parts += ["## Only here\n", _own_names(), "## Exceptions\n", _exceptions()]
    return "\n".join(parts)


def public_names() -> set[str]:
    """Return the public names of our RuntimeJob."""
    return {name for name in dir(RuntimeJob) if not name.startswith("_")}


def _table(title: str, names: dict[str, Any]) -> str:
    rows = [("in " + f"`{title}`", "ours", "on IBM Quantum", "on the embedded runtime")]
    rows += [(_call(name, theirs), _ours(name), *_services(name)) for name, theirs in names.items()]
    return table(rows)


def _own_names() -> str:
    known = {name for facts in TABLE["classes"].values() for name in facts["names"]}
    rows = [("name", "what it does", "on IBM Quantum", "on the embedded runtime")]
    rows += [
        (f"`{name}`", _ours(name), *_services(name)) for name in sorted(public_names() - known)
    ]
    return table(rows)


def _exceptions() -> str:
    rows = [("exception", "raised when", "other words for it")]
    rows += [
        (f"`{kind.__name__}`", _summary(kind), ", ".join(f"`{alias}`" for alias in aliases))
        for kind, aliases in _kinds()
    ]
    return table(rows)


def _kinds() -> Iterator[tuple[type[Exception], list[str]]]:
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind)]
    for kind in dict.fromkeys(kinds):
        others = [name for name, value in vars(errors).items() if value is kind]
        yield kind, [name for name in others if name != kind.__name__]


def _call(name: str, theirs: list[str] | str) -> str:
    return f"`{name}({', '.join(theirs)})`" if isinstance(theirs, list) else f"`{name}`"


def _ours(name: str) -> str:
    member = inspect.getattr_static(RuntimeJob, name)
    if isinstance(member, property):
        return _summary(member)
    if not callable(member):
        return str(TABLE["values"][name])
    parameters = [p for p in inspect.signature(member).parameters if p != "self"]
    return f"`{name}({', '.join(parameters)})` {_summary(member)}"


def _services(name: str) -> tuple[str, str]:
    ibm, embedded = TABLE["services"].get(name, ("", ""))
    return ibm or "yes", embedded or "yes"


def _summary(thing: object) -> str:
    """Return the first paragraph of a docstring, as Markdown."""
    return prose((inspect.getdoc(thing) or "").split("\n\n")[0])


if __name__ == "__main__":
    main()
