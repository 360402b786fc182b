"""Submissions against a quota wait for their turn, and say so."""

from __future__ import annotations

import functools
import signal
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets import RuntimeService
from qjobwidgets.client import pacing, submissions, submit
from qjobwidgets.errors import QuotaWarning
from tests.client.faults import CANARY, Reply, Seen


def test_who_stops_waiting_for_quota_has_sent_nothing(faults, remote):
    """It was called unknown whether a job existed that had never been sent, or was refused."""
    interrupt = functools.partial(signal.pthread_kill, threading.get_ident(), signal.SIGINT)

    # once it is said that somebody waits, and not before: then nothing is on its way
    patience = iter([threading.Timer(0.3, interrupt)])
    stop = submissions.on_state(lambda _key: [timer.start() for timer in patience])
    faults.on("/jobs", Reply(429, {}, {"Retry-After": "30"}))
    with pytest.warns(QuotaWarning), pytest.raises(KeyboardInterrupt):
        remote.run("vqe")
    stop()
    assert submissions.state(remote.key) == submissions.SubmissionState()


class Quota:
    """A service that takes five submissions and refuses the next; after a while it takes five more.

    However slowly they come: each five is followed by a refusal, and the while begins with that.
    """

    while_ = 0.3

    def __init__(self, *, tells: bool = True) -> None:
        self.taken: list[float] = []
        self.refused = 0
        self._room = 5
        self._closed_until: float | None = None
        self._tells = tells

    def __call__(self, _: Seen) -> Reply:
        now = time.monotonic()
        if self._closed_until is not None and now >= self._closed_until:
            self._room, self._closed_until = 5, None
        if self._room:
            self._room -= 1
            self.taken.append(now)
            return Reply(document={"id": f"j{len(self.taken)}", "backend": "b1"})
        self.refused += 1
        self._closed_until = self._closed_until or now + self.while_
        wait = {"Retry-After": f"{self._closed_until - now:.3f}"}
        return Reply(429, {}, wait if self._tells else {})


@pytest.mark.parametrize("kind", ["local", "ibm_quantum_platform"])
@pytest.mark.parametrize("tells", [True, False])
def test_twenty_submissions_against_a_quota_of_five(faults, monkeypatch, kind, tells):
    """All are accepted in the end, each once, and views can say what they wait for.

    On a busy machine they came so slowly that none was refused, and the test failed.
    """
    monkeypatch.setenv("IAM_URL", faults.origin)
    monkeypatch.setattr(submit, "_REFUSED_FOR", 0.1)
    quota = Quota(tells=tells)
    faults.on("/jobs", quota)
    service = RuntimeService(kind, token=CANARY, url=faults.url, instance="crn:v1:a:b:c:us-east:q")
    said = []
    stop = submissions.on_state(lambda key: said.append(submissions.state(key)))
    with ThreadPoolExecutor(20) as pool:
        jobs = [pool.submit(service.run, "vqe") for _ in range(20)]
        ids = {job.result(60).job_id() for job in jobs}
    stop()
    service.close()
    assert len(ids) == len(quota.taken) == 20
    assert quota.taken[15] - quota.taken[4] > 2 * quota.while_
    assert quota.refused >= 3
    assert any("Waiting for quota" in (one.message or "") for one in said)
    assert submissions.state(service.key) == submissions.SubmissionState()


def test_a_submission_that_waits_says_so_where_it_was_made(faults, remote, monkeypatch):
    monkeypatch.setattr(submit, "_WORTH_SAYING", 0.1)
    faults.on("/jobs", Reply(429, {}, {"Retry-After": "1.2"}), Reply(document={"id": "j1"}))
    with pytest.warns(QuotaWarning, match="waiting for quota"):
        assert remote.run("vqe").job_id() == "j1"


def test_a_known_quota_is_kept_without_any_refusal(monkeypatch):
    """Twenty threads at once: five pass, the others in turn as the window moves on."""
    monkeypatch.setattr(pacing, "_WINDOW", 0.4)
    pacer = pacing.Pacer(5, lambda: None)
    # its own notes: those of the threads, made a little later, once were too close together
    passed = pacer._sent = deque()
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: pacer.turn(), range(20)))
    assert len(passed) == 20
    fifth_next = islice(passed, 5, None)
    assert all(later - early > 0.399 for early, later in zip(passed, fifth_next, strict=False))
    assert pacer.waiting == 0


@given(st.lists(st.floats(0, 200), max_size=30), st.integers(1, 6))
def test_no_window_ever_holds_more_than_the_limit(gaps, limit):
    now, sent = 0.0, []
    for gap in gaps:
        now += gap
        now += pacing.wait_for_room(sent, now, limit, 60.0)
        sent.append(now)
    for index, moment in enumerate(sent):
        assert sum(moment <= later < moment + 60.0 - 1e-6 for later in sent[index:]) <= limit


@given(st.lists(st.floats(0, 1000), max_size=300).map(sorted), st.integers(1, 120))
def test_after_the_wait_there_is_room_and_before_there_was_none(sent, limit):
    now = max(sent, default=0.0)
    at = now + pacing.wait_for_room(sent, now, limit, 60.0)
    recent = [t for t in sent if at - t < 60.0 - 1e-6]
    assert len(recent) + 1 <= limit or at == now
    if at == now:
        assert sum(now - t < 60.0 for t in sent) < limit


@pytest.mark.parametrize(
    ("url", "limit"),
    [
        ("https://quantum.cloud.ibm.com/api/v1", 5),
        ("https://eu-de.quantum.cloud.ibm.com/api/v1", 5),
        ("https://notcloud.ibm.com.example/api/v1", None),
        ("http://127.0.0.1:8787/api/v1", None),
        (None, None),
    ],
)
def test_whose_quota_is_known(url, limit):
    assert pacing.limit_of(url) == limit
