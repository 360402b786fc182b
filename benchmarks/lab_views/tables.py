"""Tables: first paint, and a change by a thread of the kernel until it is on the screen."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from report import Line

from lab_views.lab import LabPage, LateError, Traffic

__all__ = ["lines"]

SIZES = (100, 1000, 10_000)
PAINTS, CHANGES = 7, 9
JUDGED_PAINTS, JUDGED_CHANGES = 13, 33
"""The same of ours and of the floor: each is painted by the next frame, so of few it is chance."""
_ACTS = ("first paint", "1 row changed", "100 rows changed")
_WITHIN = 20.0  # seconds after which a table is given up
_SHORT = 10.0  # seconds after which a measurement is not repeated any more
_JUDGED_FOR = 40.0  # the same, of ours and of the floor
_AFTER = 0.2  # seconds in which what belongs to an act comes over the socket
_LATER = 3.0  # seconds in which all else of a view has come
# a change on the screen within 20 ms, on a machine where the floor takes 12 or 14
_CHANGED = (20 / 12, 20 / 14)


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to show a table.

    Attributes:
        name: What the result calls it.
        module: Its module in the kernel.
        shown: Whether its first rows are on the page, in JavaScript.
        cell: What can be read of the row ``ROW``, in JavaScript.
        most: The largest table that it can be asked to show.
    """

    name: str
    module: str
    shown: str
    cell: str
    most: int = 10_000


def _peer(name: str, module: str, rows: str, cell: str, most: int = 10_000) -> Peer:
    shown = f"document.querySelectorAll('{rows}').length >= 10"
    return Peer(name, module, shown, f"document.querySelectorAll('{cell}')[ROW]?.textContent", most)


_GRID = "stage.look('.lm-DataGrid canvas')"
OURS = _peer("ours", "ours", ".qjw [data-job]", ".qjw [data-job] .qjw-c-usage")
FLOOR = _peer("floor, first 200 rows sent", "floor", ".floor-row", ".floor-usage")
OTHERS = (
    _peer("floor, all rows sent", "floor_all", ".floor-row", ".floor-usage"),
    _peer(
        "pandas, 60 rows",
        "pandas_60",
        "table.dataframe tbody tr",
        "table.dataframe tbody tr td:nth-last-child(2)",
    ),
    _peer(
        "pandas, all rows",
        "pandas_all",
        "table.dataframe tbody tr",
        "table.dataframe tbody tr td:nth-last-child(2)",
    ),
    _peer(
        "itables",
        "itables_all",
        "table.dataTable tbody tr td:nth-child(3)",
        "table.dataTable tbody tr td:nth-last-child(2)",
    ),
    Peer("ipydatagrid", "datagrid", f"{_GRID} !== null", _GRID),
    _peer("ipywidgets rows", "widget_rows", ".bench-row", ".bench-usage", 100),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians: milliseconds to the paint, bytes and messages over the socket."""

    ms: float
    size: float
    messages: float

    def __str__(self) -> str:
        return f"{self.ms:.0f} ms, {self.size / 1000:.1f} kB, {self.messages:.0f} msg"


def lines(lab: LabPage, sizes: tuple[int, ...] = SIZES) -> Iterator[Line]:
    """Measure all tables."""
    lab.prepare("from lab_views.kernel.tables import TableStage")
    first = lab.tried(partial(_paint_once, lab, OURS, sizes[0]))
    yield _came("first table of the kernel, with its script", first)
    for size in sizes:
        ours: list[Cost] = []
        floor: list[Cost] = []
        # in turn, as the machine is not always as fast
        yield from _rows(lab, {OURS: ours, FLOOR: floor}, size)
        later = lab.tried(partial(_paint_once, lab, OURS, size, _LATER))
        yield _came("ours, with the static twin that follows", later)
        yield from _targets(size, ours, floor)
        for peer in OTHERS:
            if size > peer.most:
                yield Line(f"{size} rows, {peer.name}", "not tried, see docs")
            else:
                yield from _rows(lab, {peer: []}, size)


def _rows(lab: LabPage, peers: dict[Peer, list[Cost]], size: int) -> Iterator[Line]:
    """Measure some peers, and say what came out."""
    late = lab.tried(partial(_measure, lab, peers, size))
    for peer, found in peers.items():
        for what, cost in zip_longest(_ACTS, found, fillvalue=late):
            missed = False if cost is late and peer is OURS else None
            yield Line(f"{size} rows, {what}, {peer.name}", str(cost), good=missed)


def _came(what: str, painted: tuple[float, int, int] | LateError) -> Line:
    """Say how much has come with a table of ours."""
    if isinstance(painted, LateError):
        return Line(what, str(painted), good=False)
    _, size, _ = painted
    return Line(what, f"{size / 1000:.1f} kB")


def _measure(lab: LabPage, peers: dict[Peer, list[Cost]], size: int) -> None:
    """Measure each act, as long as they are over in time."""
    for peer, cost in zip(peers, _paint(lab, tuple(peers), size), strict=True):
        peers[peer].append(cost)
    for peer, found in peers.items():
        lab.do(f"stage = TableStage({peer.module!r}, {size})")
        lab.seen(lambda: lab.show("stage.show()", _WITHIN), _WITHIN, test=peer.shown)
        lab.rest(1.0)
        found.append(_change(lab, peer, 1))
        found.append(_change(lab, peer, 100))
        lab.do("stage.close()")
        lab.clear()


def _targets(size: int, ours: list[Cost], floor: list[Cost]) -> Iterator[Line]:
    for column, (what, mine, least) in enumerate(zip(_ACTS, ours, floor, strict=False)):
        ratio, most = mine.ms / least.ms, (1.5, *_CHANGED)[column]
        yield Line(
            f"{size} rows, {what}, by the floor",
            f"{ratio:.2f} x",
            f"<= {most:.2f} x",
            ratio <= most,
        )
        limit = (30_000, 700, 4500)[column]
        yield Line("  bytes", f"{mine.size:.0f}", f"<= {limit}", mine.size <= limit)
        if column:
            yield Line("  messages", f"{mine.messages:.0f}", "1", mine.messages <= 1)


def _paint(lab: LabPage, peers: tuple[Peer, ...], size: int) -> list[Cost]:
    """Show the tables again and again; the first time, which loads a script, is not counted."""
    found: list[list[tuple[float, int, int]]] = [[] for _ in peers]
    most, seconds = (JUDGED_PAINTS, _JUDGED_FOR) if OURS in peers else (PAINTS, _SHORT)
    until = time.monotonic() + seconds
    while len(found[0]) < 3 or (len(found[0]) < most and time.monotonic() < until):
        for peer, painted in zip(peers, found, strict=True):
            painted.append(_paint_once(lab, peer, size))
    return [_cost(painted[1:]) for painted in found]


def _paint_once(
    lab: LabPage, peer: Peer, size: int, rest: float = _AFTER
) -> tuple[float, int, int]:
    """Show the table; return the time to its paint, and what has come some seconds after that."""
    lab.do(f"stage = TableStage({peer.module!r}, {size})")
    idle = _traffic_of(lab, "None")
    before = lab.traffic()
    at = lab.seen(lambda: lab.show("stage.show()", _WITHIN), _WITHIN, test=peer.shown)
    lab.rest(rest)
    came = lab.traffic() - before - idle
    began = lab.ask("stage.began")
    lab.do("stage.close()")
    lab.clear()
    return at - began, came.size, came.messages


def _traffic_of(lab: LabPage, code: str) -> Traffic:
    """Return what comes over the socket for any cell that is run."""
    before = lab.traffic()
    lab.show(code)
    return lab.traffic() - before


def _change(lab: LabPage, peer: Peer, count: int) -> Cost:
    """Change so many rows, again and again."""
    cell = peer.cell.replace("ROW", str(min(count, 10) - 1))
    judged = peer in (OURS, FLOOR)
    most, seconds = (JUDGED_CHANGES, _JUDGED_FOR) if judged else (CHANGES, _SHORT)
    found: list[tuple[float, int, int]] = []
    until = time.monotonic() + seconds
    while len(found) < 3 or (len(found) < most and time.monotonic() < until):
        before: list[Traffic] = []

        def act() -> None:
            lab.do(f"stage.change({count})")
            before.append(lab.traffic())  # noqa: B023 - called at once

        at = lab.seen(act, _WITHIN, change=cell)
        lab.rest(_AFTER)
        came = lab.traffic() - before[0]
        found.append((at - lab.ask("stage.began"), came.size, came.messages))
    return _cost(found[1:])


def _cost(found: list[tuple[float, int, int]]) -> Cost:
    return Cost(*(statistics.median(column) for column in zip(*found, strict=True)))
