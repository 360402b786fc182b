"""The roster of a table: what a page begins with, what it is told then, and in how few bytes."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import Board
from qjobwidgets.widgets.roster import CHUNK, FIRST, Roster
from tests.widgets.conftest import opened

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)


def job(number: int, status: JobStatus = JobStatus.DONE, **facts) -> JobRecord:
    return JobRecord(
        f"d4qk{number:016x}",
        status,
        program="sampler",
        backend="ibm_kingston",
        created=NOW - timedelta(seconds=number),
        tags=("vqe", "h2"),
        **facts,
    )


def roster(records: list[JobRecord]) -> tuple[Board, Roster]:
    board = Board()
    board.apply(records)
    return board, Roster(board, lambda _id: True)


def ids(frame: dict | None) -> list[str]:
    return [row["id"] for _, row in opened(frame or {"n": []})]


def wire(value: object) -> int:
    return len(json.dumps(value, separators=(",", ":")))


def test_a_page_begins_with_the_first_rows_of_its_order():
    running = job(900, JobStatus.RUNNING)
    _, table = roster([*(job(n) for n in range(500)), running])
    first = table.snapshot("status", {})
    assert len(first["rows"]["n"]) == FIRST
    assert ids(first["rows"])[:2] == [running.id, job(0).id]
    assert first["total"] == 501
    assert first["counts"] == {"DONE": 500, "RUNNING": 1}
    oldest = table.snapshot("created", {"status": ["DONE"]})
    assert ids(oldest["rows"])[0] == job(499).id


def test_the_rest_comes_in_parts_when_it_is_wanted():
    _, table = roster([job(n) for n in range(FIRST + CHUNK + 10)])
    got = set(ids(table.snapshot("status", {})["rows"]))
    assert table.patch() is None
    table.want_rest()
    sizes = []
    while table.behind:
        patch = table.patch()
        sizes.append(len(patch["rows"]["n"]))
        got |= set(ids(patch["rows"]))
    assert sizes == [CHUNK, 10]
    assert len(got) == FIRST + CHUNK + 10
    assert "counts" not in patch
    assert table.patch() is None


def test_only_what_has_changed_is_told():
    board, table = roster([job(n, JobStatus.QUEUED) for n in range(3)])
    table.snapshot("status", {})
    board.apply([job(1)._replace(status=JobStatus.RUNNING, started=NOW)])
    patch = table.patch()
    assert patch == {
        "base": 1,
        "rev": 2,
        "changed": {"n": [1], "status": ["RUNNING"], "started": [NOW_MS]},
    }
    assert table.patch() is None


def test_totals_are_told_when_they_have_changed():
    """They were a tenth of each message, of a table whose jobs only turned from page to page."""
    board, table = roster([job(n) for n in range(FIRST)] + [job(FIRST, JobStatus.RUNNING)])
    table.snapshot("status", {})
    running = job(FIRST, JobStatus.RUNNING)
    board.apply([running._replace(usage_seconds=1.0)])
    assert table.patch().keys() == {"base", "rev", "changed"}
    board.apply([running._replace(status=JobStatus.DONE)])
    assert table.patch()["counts"] == {"DONE": FIRST + 1}
    board.apply([job(FIRST + 1)])
    assert table.patch()["total"] == FIRST + 2


def test_of_rows_that_are_not_at_the_page_only_turns_are_told():
    """In a long queue each look told the new place of ten thousand jobs that nobody saw."""
    queue = [job(n, JobStatus.QUEUED, queue_position=n + 1) for n in range(FIRST + 50)]
    board, table = roster(queue)
    table.snapshot("status", {})
    board.apply([one._replace(queue_position=one.queue_position + 1) for one in queue])
    patch = table.patch()
    assert len(patch["changed"]["n"]) == FIRST
    assert "rows" not in patch
    board.apply([queue[-1]._replace(status=JobStatus.RUNNING)])
    assert ids(table.patch()["rows"]) == [queue[-1].id]


def test_a_job_that_is_gone_is_gone_by_its_number():
    board, table = roster([job(n) for n in range(3)])
    table.snapshot("status", {})
    board.forget(job(2).id)
    assert table.patch() == {"base": 1, "rev": 2, "total": 2, "gone": [2]}
    assert len(table) == 2


def test_a_job_that_ends_while_it_is_added_is_shown_with_its_end():
    """It was read, told to the page as ended, and then kept as it had been read, for ever."""
    running = job(1, JobStatus.RUNNING)

    class Eventful(Board):
        def get(self, job_id):
            entry = super().get(job_id)
            self.apply([job(1)])
            publisher.start()
            publisher.join(0.2)  # unless it has to wait
            return entry

    board, shown = Eventful(), set()
    board.apply([running])
    table = Roster(board, shown.__contains__)
    table.snapshot("status", {})
    publisher = threading.Thread(target=table.patch)
    shown.add(running.id)
    table.add(running.id)
    publisher.join()
    table.patch()
    assert table.records() == [job(1)]
    assert table.pending == 0


def test_a_page_opened_later_leaves_no_older_one_with_what_is_not_so():
    """An older page kept rows that were told only to those that a newer one had begun with."""
    board, table = roster([job(n) for n in range(FIRST + 5)])
    older = table.snapshot("status", {})
    table.want_rest()
    older_rev = table.patch()["rev"]
    newer = table.snapshot("status", {})
    board.forget(job(FIRST + 2).id)
    patch = table.patch()
    # what follows does not fit the older page, which asks for a snapshot then
    assert older["rev"] < older_rev < patch["base"] == newer["rev"]


def test_what_may_still_change_is_counted():
    board, table = roster([job(1, JobStatus.RUNNING), job(2)])
    assert table.pending == 1
    board.apply([job(1)])
    assert table.pending == 0


def test_a_page_and_its_changes_are_small():
    """A page of 10 000 jobs and its changes may cost 30, 4.5 and 0.7 kB with their envelopes."""
    started = NOW - timedelta(hours=1)
    records = [job(n, JobStatus.QUEUED) for n in range(10_000)]
    board, table = roster(records)
    assert wire(table.snapshot("status", {})) < 15_000
    seen = records[-100:]
    for some, most in ((seen, 3000), (seen[:1], 150)):
        news = [one._replace(status=JobStatus.RUNNING, started=started) for one in some]
        board.apply(news)
        assert wire(table.patch()) < most
        board.apply([one._replace(status=JobStatus.QUEUED) for one in some])
        table.patch()


def test_a_charge_of_nothing_is_told():
    """Zero was taken for nothing to tell, and the page showed that the charge was not known."""
    _, table = roster([job(1, usage_seconds=0.0)])
    assert opened(table.snapshot("status", {})["rows"])[0][1]["usage"] == 0.0
