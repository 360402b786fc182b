"""Write the parts of the pages in docs/ that are made of the code.

Each stands between two comments of its page, such as ``<!-- arguments of JobsTable -->`` and
``<!-- end -->``. Run by ``make docs``; a test compares the pages with what this would write.
"""

from __future__ import annotations

import importlib
import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import qjobwidgets
from scripts.markdown import prose, table

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs"

_PART = re.compile(r"(<!-- (?P<kind>\w+) of (?P<name>[\w. ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_ENTRY = re.compile(r"^    (?P<name>\w+): (?P<text>.*(?:\n {8}.*)*)", re.MULTILINE)


def main() -> None:
    """Write the pages."""
    for page in pages():
        page.write_text(render(page), encoding="utf-8")
        print(page.relative_to(ROOT))


def pages() -> list[Path]:
    """Return the pages that have such parts."""
    return [page for page in sorted(PAGES.rglob("*.md")) if _PART.search(page.read_text("utf-8"))]


def render(page: Path) -> str:
    """Return a page with its parts as they are to be."""
    return _PART.sub(_part, page.read_text(encoding="utf-8"))


def _part(found: re.Match[str]) -> str:
    return f"{found[1]}\n{_KINDS[found['kind']](found['name'])}\n{found[4]}"


def arguments(name: str) -> str:
    """Return a table of what a class takes, from its docstring and its signature."""
    kind = _documented(getattr(qjobwidgets, name))
    section = _section(inspect.cleandoc(kind.__doc__ or ""), "Args")
    defaults = inspect.signature(kind).parameters
    rows = [
        (f"`{found['name']}`", _default(defaults[found["name"]]), prose(found["text"]))
        for found in _ENTRY.finditer(section)
    ]
    return table([("argument", "by default", "is"), *rows])


def imports(package: str) -> str:
    """Return a table of a package's rooms, what each is for, and what contracts let it import.

    The contracts are those that ``lint-imports`` holds the code to.
    """
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contracts = tool["importlinter"]["contracts"]
    allowed = _allowed(contracts, package)
    house = frozenset(allowed)
    named = {room for contract in contracts for room in contract.get("source_modules", ())}
    for room in sorted(named - house):  # beside the floors
        if _package_of(room) == package:
            allowed[room] = house - _forbidden(contracts, room)
    rows = [
        (_short(room), _summary(room), ", ".join(map(_short, sorted(allowed[room]))) or "nothing")
        for room in allowed
    ]
    return table([("room", "is for", "may import"), *rows])


def _allowed(contracts: list[dict[str, Any]], package: str) -> dict[str, frozenset[str]]:
    """Return what each room of a package may import: what is below, and is not forbidden."""
    towers = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    layers = next(layers for layers in towers if _package_of(layers[-1].split()[0]) == package)
    floors = [re.split(r" ([|:]) ", layer) for layer in layers]
    allowed = {}
    for at, floor in enumerate(floors):
        below = {room for lower in floors[at + 1 :] for room in lower[::2]}
        for room in floor[::2]:
            # ":" stands between rooms of one floor that may know each other
            beside = set(floor[::2]) - {room} if ":" in floor else set()
            allowed[room] = frozenset(below | beside) - _forbidden(contracts, room)
    return allowed


def _package_of(module: str) -> str:
    return module.rpartition(".")[0]


def _forbidden(contracts: list[dict[str, Any]], room: str) -> set[str]:
    """Return what contracts forbid a room to import."""
    return {
        other
        for contract in contracts
        if contract["type"] == "forbidden" and room in contract["source_modules"]
        for other in contract["forbidden_modules"]
    }


def _summary(module: str) -> str:
    """Return the first sentence of a module's docstring."""
    text = inspect.getdoc(importlib.import_module(module)) or ""
    return prose(text.split("\n\n")[0])


def _short(module: str) -> str:
    return f"`{module.rpartition('.')[2]}`"


def _documented(kind: type) -> type:
    """Return the class that lists the arguments: this one, or one that it extends."""
    return next(base for base in kind.__mro__ if " Args:\n" in (base.__dict__.get("__doc__") or ""))


def _section(text: str, title: str) -> str:
    return text.partition(f"\n{title}:\n")[2].partition("\n\n")[0]


def _default(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if value is inspect.Parameter.empty:
        return "needed"
    return "" if value in (None, "", ()) else f"`{value!r}`"


_KINDS: dict[str, Callable[[str], Any]] = {"arguments": arguments, "imports": imports}


if __name__ == "__main__":
    main()
