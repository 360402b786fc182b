"""Which queued jobs start: a pure decision."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.server.jobs.placer import choose
from qjobwidgets.server.jobs.queries import QueuedJob

LIMITS = {"fast": 3, "slow": 1}


def _queue(backends: str) -> list[QueuedJob]:
    names = {"f": "fast", "s": "slow", "x": "unknown"}
    return [QueuedJob(f"{name}{index}", names[name]) for index, name in enumerate(backends)]


def _choose(backends: str, slots: int = 9, **running: int) -> list[str]:
    return choose(_queue(backends), running, slots=slots, concurrency=LIMITS)


def test_each_backend_takes_as_many_as_it_may_in_order():
    assert _choose("ssffff") == ["s0", "f2", "f3", "f4"]


def test_what_runs_already_counts():
    assert _choose("sf", slow=1, fast=2) == ["f1"]


def test_no_more_than_there_are_slots():
    assert _choose("fsf", slots=2) == ["f0", "s1"]
    assert _choose("f", slots=1, slow=1) == []


def test_a_backend_nobody_knows_starts_nothing_and_blocks_nothing():
    assert _choose("xf") == ["f1"]


@given(
    queue=st.text("fsx", max_size=12),
    slots=st.integers(1, 5),
    fast=st.integers(0, 3),
    slow=st.integers(0, 1),
)
def test_limits_hold_and_nothing_that_could_start_waits(
    queue: str, slots: int, fast: int, slow: int
):
    chosen = _choose(queue, slots, fast=fast, slow=slow)
    load = {
        "f": fast + sum(c[0] == "f" for c in chosen),
        "s": slow + sum(c[0] == "s" for c in chosen),
    }
    assert chosen == sorted(chosen, key=lambda job: int(job[1:]))
    assert not chosen or sum(load.values()) <= slots
    assert load["f"] <= LIMITS["fast"]
    assert load["s"] <= LIMITS["slow"]
    for name, backend in (("f", "fast"), ("s", "slow")):
        waits = any(job.backend == backend and job.id not in chosen for job in _queue(queue))
        assert not waits or load[name] == LIMITS[backend] or sum(load.values()) >= slots
