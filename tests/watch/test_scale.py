"""Many jobs and many changes: few messages, one thread, and the last state is right."""

import threading
import time

from qjobwidgets import JobsTable, RuntimeJob, StatusBadge
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import schedule, watcher_for
from tests.conftest import eventually
from tests.watch.conftest import queued
from tests.widgets.conftest import page  # noqa: F401 - a fixture

JOBS = 500
TURNS = 20  # 10 000 changes of status, told as fast as one thread can
WORDS = [JobStatus.QUEUED, JobStatus.RUNNING]


def messages(page, *views):  # noqa: F811
    with page.lock:
        return sum(len(page.updates[view.model_id]) for view in views)


def test_thousands_of_changes_a_second_are_a_few_messages_and_the_last_state_is_right(
    wire,
    watcher,
    page,  # noqa: F811
):
    """A message for each change would be dropped by the server of the notebook (fault 51)."""
    ids = [f"job-{n:04}" for n in range(JOBS)]
    for job_id in ids:
        wire.put(job_id, "Completed")
    service = watcher.service
    watched = watcher_for(service)
    watched.board.apply(queued(*ids))
    jobs = [RuntimeJob(service, record) for record in queued(*ids)]
    views = [JobsTable(jobs), *(StatusBadge(job) for job in jobs[:20])]
    eventually(lambda: page.rows(views[0]))
    before, begin = messages(page, *views), time.monotonic()
    for turn in range(TURNS):
        for job_id in ids:
            watched.told(job_id, JobRecord(job_id, WORDS[turn % 2], queue_position=turn or None))
    for job_id in ids:
        watched.told(job_id, JobRecord(job_id, JobStatus.DONE))
    eventually(lambda: {r["status"] for r in page.rows(views[0]).values()} == {"DONE"})
    eventually(lambda: {page.state(view)["job"]["status"] for view in views[1:]} == {"DONE"})
    elapsed = time.monotonic() - begin
    sent = messages(page, *views) - before
    # four a second for each view, and those before the first pause and after the last
    assert sent <= len(views) * (4 * elapsed + 3)


def test_a_hundred_views_share_one_thread_and_their_questions(wire, watcher, page):  # noqa: F811
    """Fault 49: each of the ancestors' widgets had a thread that asked for itself."""
    ids = [f"job-{n}" for n in range(10)]
    for job_id in ids:
        wire.put(job_id, "Running")
    service = watcher.service
    jobs = [RuntimeJob(service, record) for record in queued(*ids)]
    began = time.monotonic()
    views = [StatusBadge(job) for job in jobs * 9] + [JobsTable(jobs) for _ in range(10)]
    eventually(lambda: {page.state(view)["job"]["status"] for view in views[:90]} == {"RUNNING"})
    watching = [t for t in threading.enumerate() if t.name.startswith("qjob-watch")]
    assert len(watching) == 1
    asked = list(wire.requests)
    assert set(asked) <= {"/jobs", *(f"/jobs/{job_id}" for job_id in ids)}
    # looks of one page each, or at a few jobs; new ones have them looked for again, once a second
    looks = 1 + (time.monotonic() - began) / schedule.LEAST_PAUSE
    assert len(asked) <= schedule.FEW_JOBS * looks
    for view in views:
        view.close()
    eventually(lambda: not watching[0].is_alive())
    assert not watcher_for(service).alive
