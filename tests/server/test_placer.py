"""Which queued jobs start: a pure decision."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.server.jobs.placer import choose
from qjobwidgets.server.jobs.queries import QueuedJob, Waiting

LIMITS = {"fast": 3, "slow": 1}
BACKENDS = {"f": "fast", "s": "slow", "x": "unknown"}


def _queue(words: str) -> list[QueuedJob]:
    """Read a queue: the first letter of a word is the backend, the second the session, if any."""
    return [
        QueuedJob(f"{word}{place}", BACKENDS[word[0]], word[1:] or None)
        for place, word in enumerate(words.split())
    ]


def _choose(
    words: str,
    slots: int = 9,
    busy: str = "",
    held: str | None = None,
    **running: int,
) -> list[str]:
    waiting = Waiting(_queue(words), frozenset(busy), {} if held is None else {"slow": held})
    return choose(waiting, running, slots=slots, concurrency=LIMITS)


def test_each_backend_takes_as_many_as_it_may_in_order():
    assert _choose("s s f f f f") == ["s0", "f2", "f3", "f4"]


def test_what_runs_already_counts():
    assert _choose("s f", slow=1, fast=2) == ["f1"]


def test_no_more_than_there_are_slots():
    assert _choose("f s f", slots=2) == ["f0", "s1"]
    assert _choose("f", slots=1, slow=1) == []


def test_a_backend_nobody_knows_starts_nothing_and_blocks_nothing():
    assert _choose("x f") == ["f1"]


def test_a_dedicated_session_runs_one_job_at_a_time_and_others_go_beside_it():
    assert _choose("fA fA fB f") == ["fA0", "fB2", "f3"]
    assert _choose("fA f", busy="A", fast=1) == ["f1"]


def test_a_backend_that_is_kept_for_a_session_starts_only_its_jobs():
    assert _choose("s sB f", held="A") == ["f2"]
    assert _choose("s sA f", held="A") == ["sA1", "f2"]


WORDS = st.lists(st.sampled_from(["f", "fA", "fB", "s", "sC", "sD", "x"]), max_size=12)


@given(
    words=WORDS,
    slots=st.integers(1, 5),
    fast=st.integers(0, 3),
    slow=st.integers(0, 1),
    busy=st.sets(st.sampled_from("ABCD"), max_size=2),
    held=st.sampled_from([None, "C", "D"]),
)
def test_limits_hold_and_nothing_that_could_start_waits(
    words: list[str], slots: int, fast: int, slow: int, busy: set[str], held: str | None
):
    text = " ".join(words)
    chosen = set(_choose(text, slots, "".join(busy), held, fast=fast, slow=slow))
    queue = _queue(text)
    starts = [job for job in queue if job.id in chosen]
    load = {
        "fast": fast + sum(job.backend == "fast" for job in starts),
        "slow": slow + sum(job.backend == "slow" for job in starts),
    }
    assert not starts or sum(load.values()) <= slots
    assert load["fast"] <= LIMITS["fast"]
    assert load["slow"] <= LIMITS["slow"]
    sessions = [job.session for job in starts if job.session is not None]
    assert len(sessions) == len(set(sessions)), "two jobs of a dedicated session"
    assert not busy & set(sessions)
    for place, job in enumerate(queue):
        kept = job.backend == "slow" and held not in {None, job.session}
        taken = job.session in busy or any(
            job.session is not None and earlier.session == job.session and earlier.id in chosen
            for earlier in queue[:place]
        )
        if job.id in chosen:
            assert not kept
            assert not taken
        elif job.backend in LIMITS and not kept and not taken:
            full = load[job.backend] == LIMITS[job.backend] or sum(load.values()) >= slots
            assert full, "a job waits that could start"
            # What took its place stands before it.
            assert all(
                queue.index(other) < place for other in starts if other.backend == job.backend
            )
