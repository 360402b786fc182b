"""Histograms: what they take in the kernel, and the long tasks they are to the browser."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from report import Line

from lab_views.lab import LabPage, LateError

__all__ = ["lines"]

BITS = (4, 10, 14)
ROUNDS = 5
_JUDGED_ROUNDS = 11  # of ours and of what it is judged by
# IPython writes what is run to a file, on a thread of its own while it runs: here some cells later
_QUIET = "get_ipython().history_manager.db_cache_size = 10_000"
_WHOLE = 5 / 105  # at most 5 ms, on a machine where Qiskit's with 20 kept takes 105
_LAST_ORDERS = ("key", "weight", "distance", "count")


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to draw counts.

    Attributes:
        name: What the result calls it.
        module: Its module in the kernel.
        most: The widest register that it can be asked to draw.
        rounds: How often it is measured.
    """

    name: str
    module: str
    most: int = 14
    rounds: int = ROUNDS


OURS = Peer("ours", "ours", rounds=_JUDGED_ROUNDS)
KEPT = Peer("qiskit plot_histogram, 20 kept", "qiskit_20", rounds=_JUDGED_ROUNDS)
OTHERS = (
    Peer("qiskit plot_histogram", "qiskit_plot", 10, 2),
    Peer("matplotlib steps", "mpl_steps"),
    Peer("plotly", "plotly_bars"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time of the kernel in milliseconds, and the last time's long tasks of the page."""

    ms: float
    long: list[float]

    def __str__(self) -> str:
        return f"{self.ms:.1f} ms, long tasks {_said(self.long)}"


def lines(lab: LabPage) -> Iterator[Line]:
    """Measure all histograms."""
    lab.prepare("from lab_views.kernel.histograms import HistogramStage")
    lab.prepare(_QUIET)
    for bits in BITS:
        # in turn, as the machine is not always as fast
        judged = lab.tried(partial(_measure, lab, (OURS, KEPT), bits))
        yield from _told((OURS, KEPT), bits, judged)
        if not isinstance(judged, LateError):
            ours, kept = judged
            yield from _targets(lab, bits, ours.long)
            beside = ours.ms / kept.ms
            yield Line(
                "  ours beside 20 kept", f"{beside:.3f} x", f"<= {_WHOLE:.3f} x", beside <= _WHOLE
            )
        for peer in OTHERS:
            if bits > peer.most:
                yield Line(f"{2**bits} outcomes, {peer.name}", "not tried, see docs")
            else:
                yield from _told((peer,), bits, lab.tried(partial(_measure, lab, (peer,), bits)))


def _told(peers: tuple[Peer, ...], bits: int, found: list[Cost] | LateError) -> Iterator[Line]:
    costs = [found] * len(peers) if isinstance(found, LateError) else found
    for peer, cost in zip(peers, costs, strict=True):
        missed = False if cost is found and peer is OURS else None
        yield Line(f"{2**bits} outcomes, {peer.name}", str(cost), good=missed)


def _targets(lab: LabPage, bits: int, long: list[float]) -> Iterator[Line]:
    parts = lab.tried(partial(_parts, lab, bits))
    if isinstance(parts, LateError):
        yield Line("  of it, counts to columns", str(parts), "<= 5 ms", good=False)
    else:
        read, columns = parts
        yield Line("  of it, to read the result", f"{read:.1f} ms")
        yield Line("  of it, counts to columns", f"{columns:.1f} ms", "<= 5 ms", columns <= 5)
    yield Line("  long tasks, shown", _said(long), "0", not long)
    if bits == max(BITS):
        each = lab.tried(partial(_act, lab, bits))
        said = str(each) if isinstance(each, LateError) else _said(each)
        yield Line("  long tasks, all shown and sorted", said, "0", each == [])


def _said(long: list[float]) -> str:
    return f"{len(long)} ({', '.join(f'{ms:.0f}' for ms in long)} ms)" if long else "0"


def _parts(lab: LabPage, bits: int) -> tuple[float, float]:
    """Return the median times to read the result, and to make columns of its counts."""
    code = f"stage = HistogramStage('ours', {bits})"
    rounds = [dict(lab.ask("stage.histogram.parts()", code)) for _ in range(ROUNDS + 1)][1:]
    read, columns = (statistics.median(part[name] for part in rounds) for name in rounds[0])
    return read, columns


def _measure(lab: LabPage, peers: tuple[Peer, ...], bits: int) -> list[Cost]:
    """Draw the counts again and again; the first time, which loads a script, is not counted."""
    found: list[list[Cost]] = [[] for _ in peers]
    for _ in range(peers[0].rounds + 1):
        for peer, drawn in zip(peers, found, strict=True):
            drawn.append(_measure_once(lab, peer, bits))
    return [
        Cost(statistics.median(cost.ms for cost in drawn[1:]), drawn[-1].long) for drawn in found
    ]


def _measure_once(lab: LabPage, peer: Peer, bits: int) -> Cost:
    lab.do(f"stage = HistogramStage({peer.module!r}, {bits})")
    lab.page.evaluate("stage.follow('.none')")
    lab.show("stage.draw()\nstage.drawn")
    lab.rest(1.0)
    long: list[float] = lab.page.evaluate("stage.longTasks")
    lab.page.evaluate("stage.rest()")
    cost = Cost(lab.ask("stage.ms"), long)
    lab.do("stage.close()")
    lab.clear()
    return cost


def _act(lab: LabPage, bits: int) -> list[float]:
    """Show all bars and sort them in each order, as a reader does; return the long tasks."""
    lab.do(f"stage = HistogramStage('ours', {bits})")
    lab.show("stage.draw()\nstage.drawn")
    root = lab.page.locator(".qjw")
    root.get_by_role("table").wait_for()
    lab.rest(1.0)
    lab.page.evaluate("stage.follow('.none')")
    root.get_by_role("button", name="Show 32").click()
    root.get_by_role("button", name="Show all").click()
    for order in _LAST_ORDERS:
        root.get_by_label("Order").select_option(f"Sort: {order}")
        lab.rest(0.3)
    long: list[float] = lab.page.evaluate("stage.longTasks")
    lab.page.evaluate("stage.rest()")
    lab.do("stage.close()")
    lab.clear()
    return long
