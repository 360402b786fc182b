"""How a view, or what a command returns, comes on the screen of a page or a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from qjobwidgets.render.grid import grid_html, grid_text
from qjobwidgets.widgets import JobsTable, View

__all__ = ["Facts", "Listing", "Text", "display", "display_tables", "say"]

T = TypeVar("T")


def display(view: View) -> None:
    """Display a view where the cell's output stands."""
    view._ipython_display_()


def display_tables(jobs: Iterable[Any]) -> None:
    """Display jobs, a table for each account."""
    accounts: dict[str, list[Any]] = {}
    for job in jobs:
        accounts.setdefault(job.service.key, []).append(job)
    for own in accounts.values():
        display(JobsTable(own))


def say(line: str) -> None:
    """Tell the user something; only ever called on the thread that runs their cell."""
    print(line)  # noqa: T201 - see above


class Listing(list[T]):
    """A list that shows itself as a table.

    Args:
        items: What is listed.
        columns: For each head of a column, what it says of an item.
        empty: What is said when nothing is listed.
    """

    def __init__(
        self, items: Iterable[T], columns: Mapping[str, Callable[[T], object]], empty: str
    ) -> None:
        super().__init__(items)
        self._columns = columns
        self._empty = empty

    def _rows(self) -> Sequence[Sequence[object]]:
        return [[fact(item) for fact in self._columns.values()] for item in self]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's call
        printer.text(grid_text([*self._columns], self._rows()) if self else self._empty)

    def _repr_html_(self) -> str:
        return grid_html([*self._columns], self._rows(), self._empty)


class Facts(dict[str, Any]):
    """A dictionary that shows itself line by line."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's call
        printer.text(grid_text([], list(self.items())))

    def _repr_html_(self) -> str:
        return grid_html([], list(self.items()))


class Text(str):
    """A text that shows itself as it is, lines and all."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's call
        printer.text(str(self))
