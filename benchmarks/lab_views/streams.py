"""Streams: what a chart of ten thousand points costs while it grows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from report import Line

from lab_views.lab import LabPage, LateError

__all__ = ["lines"]

RATES = (10, 50, 200)
# at most 3 % of a core and 50 ms behind, on a machine where the floor takes this much
_CPU = {10: 3 / 0.7, 50: 3 / 1.7, 200: 3 / 1.8}
_BEHIND = 50 / 22
SECONDS = 4.0  # as in the kernel
ROUNDS = 3
_REST = 1.0  # seconds without a change after which a chart has come to rest
_LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to draw a stream.

    Attributes:
        name: What the result calls it.
        module: Its module in the kernel.
        place: What changes on the page when it is drawn, as a selector; empty where that is a
            canvas only: then the moment is that of the last message.
        blocks: Whether it draws from a cell that runs meanwhile, as its users do.
    """

    name: str
    module: str
    place: str
    blocks: bool = False


FLOOR = Peer("floor (uPlot)", "floor", ".u-over")
OURS = Peer("ours", "ours", ".qjw .u-over")
PEERS = (
    FLOOR,
    OURS,
    Peer("matplotlib, displayed anew", "redraw", ".jp-OutputArea", blocks=True),
    Peer("ipympl", "mpl_widget", ""),
    Peer("plotly FigureWidget", "plotly_figure", ".js-plotly-plot"),
    Peer("bqplot", "bqplot_figure", ".bqplot"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What was seen of one stream.

    Attributes:
        taken: Points a second.
        cpu: Of the kernel, in per cent of a core.
        size: Bytes for each point over the socket.
        messages: Messages a second over the socket.
        busy: Main thread of the browser, in per cent.
        frames: Frames a second.
        long: Tasks of the browser of more than 50 ms.
        behind: Milliseconds from the last point to its paint.
    """

    taken: float
    cpu: float
    size: float
    messages: float
    busy: float
    frames: float
    long: float
    behind: float

    def __str__(self) -> str:
        return (
            f"{self.taken:.0f} points/s, kernel {self.cpu:.1f} %, {self.size:.0f} B/point, "
            f"{self.messages:.0f} msg/s, page {self.busy:.0f} %, {self.frames:.0f} frames/s, "
            f"{self.long:.0f} long tasks, {self.behind:.0f} ms behind"
        )


def lines(lab: LabPage) -> Iterator[Line]:
    """Measure all charts at all paces."""
    lab.prepare("from lab_views.kernel.streams import StreamStage")
    for rate in RATES:
        floor: Cost | None = None
        for peer in PEERS:
            cost = lab.tried(partial(_measure, lab, peer, rate))
            late = isinstance(cost, LateError)
            missed = False if late and peer is OURS else None
            yield Line(f"{rate} points/s, {peer.name}", str(cost), good=missed)
            if isinstance(cost, Cost) and peer is FLOOR:
                floor = cost
            elif isinstance(cost, Cost) and peer is OURS and floor is not None:
                yield from _targets(cost, floor, rate)


def _measure(lab: LabPage, peer: Peer, rate: int) -> Cost:
    often = ROUNDS if peer in {FLOOR, OURS} else 1
    return _median([_stream(lab, peer, rate) for _ in range(often)])


def _targets(cost: Cost, floor: Cost, rate: int) -> Iterator[Line]:
    taken, cpu, behind = cost.taken, cost.cpu / floor.cpu, cost.behind / floor.behind
    yield Line("  taken", f"{taken:.0f}", f">= {rate}", taken >= 0.98 * rate)
    yield Line("  kernel", f"{cpu:.2f} x", f"<= {_CPU[rate]:.2f} x", cpu <= _CPU[rate])
    if rate == max(RATES):
        yield Line("  bytes a point", f"{cost.size:.0f}", "<= 100", cost.size <= 100)
    yield Line("  behind", f"{behind:.2f} x", f"<= {_BEHIND:.2f} x", behind <= _BEHIND)
    yield Line("  frames a second", f"{cost.frames:.0f}", "60", cost.frames >= 59)
    yield Line("  long tasks", f"{cost.long:.0f}", "0", cost.long == 0)


def _median(rounds: list[Cost]) -> Cost:
    names = Cost.__slots__
    return Cost(*(statistics.median(getattr(each, name) for each in rounds) for name in names))


def _stream(lab: LabPage, peer: Peer, rate: int) -> Cost:
    lab.do(f"stage = StreamStage({peer.module!r}, {rate})")
    lab.show("stage.show()")
    lab.rest(1.5)
    lab.page.evaluate("place => stage.follow(place)", peer.place or ".none")
    if not peer.blocks:
        lab.do("stage.start()")
    before, busy, begin = lab.traffic(), lab.busy(), time.monotonic()
    if peer.blocks:
        lab.show("stage.run()")
    else:
        lab.rest(SECONDS + 0.3)
    seconds = time.monotonic() - begin
    # what the page still has to do is part of what it was busy with
    came, busy = lab.traffic() - before, lab.busy() - busy
    frames, long = lab.page.evaluate("[stage.frames, stage.longTasks.length]")
    painted = _painted_last(lab, peer)
    lab.page.evaluate("stage.rest()")
    taken, cpu, last = lab.ask("[stage.taken, stage.cpu, stage.last]")
    lab.do("stage.close()")
    lab.clear()
    return Cost(
        taken=taken / SECONDS,
        cpu=cpu,
        size=came.size / max(taken, 1),
        messages=came.messages / seconds,
        busy=100 * busy / seconds,
        frames=frames / seconds,
        long=long,
        behind=painted - last,
    )


def _painted_last(lab: LabPage, peer: Peer) -> float:
    """Wait until the chart rests, and return when it was last painted."""
    look = "stage.painted" if peer.place else "stage.heard"
    until, painted = time.monotonic() + _LONGEST, -1.0
    while time.monotonic() < until:
        now = lab.page.evaluate(look)
        if now == painted:
            break
        painted = now
        lab.rest(_REST)
    return painted or 0.0
