"""What the server tells by itself is on the board without being asked for."""

import threading

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import StreamAddress
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import Board, Watcher
from qjobwidgets.watch.asker import Asker
from qjobwidgets.watch.budget import Budget
from tests.client.proxy import proxy_of
from tests.conftest import eventually
from tests.watch.conftest import View, queued

LONG = ("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
SHORT = ("sample-program", {"iterations": 1}, {"backend": "aer_local"})


@pytest.fixture
def unanswered(service, monkeypatch):
    """Have no question answered from when this is called until what it returns is set."""
    send, over = service.api.transport.request, threading.Event()

    def request(method, path, **more):
        if method == "GET":
            over.wait(60)
        return send(method, path, **more)

    def begin():
        monkeypatch.setattr(service.api.transport, "request", request)
        return over

    yield begin
    over.set()


@pytest.fixture
def pushed(service):
    """A watcher of the real server."""
    watcher = Watcher(service)
    yield watcher
    watcher.stop()


def live(watcher):
    return watcher.pushed and watcher.freshness.state == "live"


def test_changes_arrive_without_being_asked_for(service, pushed, unanswered):
    """A look that had been planned before made the test fail, which counted the questions."""
    job = service.run(*LONG)
    pushed.attach(View(pushed, [job.job_id()]))
    eventually(lambda: live(pushed) and pushed.board.get(job.job_id()))
    eventually(lambda: pushed.board.get(job.job_id()).record.status == "RUNNING")
    over = unanswered()
    service.cancel_job(job.job_id())
    eventually(lambda: pushed.board.get(job.job_id()).record.status == "CANCELLED")
    over.set()
    eventually(lambda: not pushed.alive)


def test_a_table_of_the_account_hears_of_jobs_of_others_and_of_deletions(
    service, pushed, unanswered
):
    """The questions were counted, and a job that waited in a queue for long had one more asked."""
    pushed.attach(View(pushed, recent=True))
    eventually(lambda: live(pushed))
    unanswered()
    job = service.run(*SHORT)
    known = eventually(lambda: (e := pushed.board.get(job.job_id())) and e.record.final and e)
    assert known.record.status == "DONE"
    service.delete_job(job.job_id())
    eventually(lambda: pushed.board.deleted(job.job_id()))


def test_an_interrupted_feed_is_shown_and_looking_goes_on(server, monkeypatch):
    """Without its feed a view would have stood still for a minute, and said it was live."""
    with proxy_of(server.url) as proxy:
        service = RuntimeService("local", token=server.token, url=proxy.url)
        watcher = Watcher(service)
        job = service.run(*LONG)
        watcher.attach(View(watcher, [job.job_id()]))
        eventually(lambda: live(watcher))
        address = service.api.transport.stream_address

        nowhere = StreamAddress("ws://127.0.0.1:9/", {}, loopback=True)
        monkeypatch.setattr(service.api.transport, "stream_address", lambda *_, **__: nowhere)
        proxy.cut()
        eventually(lambda: "interrupted" in (watcher.freshness.message or ""))
        assert watcher.freshness.interval <= 15
        monkeypatch.setattr(service.api.transport, "stream_address", address)
        eventually(lambda: watcher.pushed)
        watcher.look_now()
        eventually(lambda: watcher.freshness.message is None)
        service.cancel_job(job.job_id())
        eventually(lambda: watcher.board.get(job.job_id()).record.final)
        watcher.stop()
        service.close()


def test_nothing_that_happens_while_the_feed_is_interrupted_is_missed(server):
    with proxy_of(server.url) as proxy:
        service = RuntimeService("local", token=server.token, url=proxy.url)
        direct = RuntimeService("local", token=server.token, url=server.url)
        watcher = Watcher(service)
        view = View(watcher, recent=True)
        watcher.attach(view)
        eventually(lambda: live(watcher))
        proxy.frozen.set()
        proxy.cut()
        ids = [direct.run(*SHORT).job_id() for _ in range(5)]
        proxy.frozen.clear()
        proxy.cut()
        eventually(lambda: len([r for r in watcher.board.records(ids) if r.final]) == 5)
        watcher.stop()
        service.close()
        direct.close()


def test_an_answer_that_is_older_than_what_was_told_counts_for_nothing():
    """A list that was on its way when a job began to run had it queued again for a minute."""
    board = Board()
    board.apply(queued("a"), question=board.question())
    question = board.question()
    board.apply([JobRecord("a", JobStatus.RUNNING)])
    assert board.apply(queued("a"), question=question) == []
    assert board.get("a").record.status == "RUNNING"
    board.forget("a")
    assert board.apply(queued("a"), question=question) == []
    assert board.apply(queued("a"), question=board.question()) == queued("a")


@pytest.mark.parametrize(("jobs", "recent"), [(3, False), (250, True), (1500, True)])
def test_while_the_service_tells_by_itself_a_look_is_one_request(wire, watcher, jobs, recent):
    ids = [f"job-{n:04}" for n in range(jobs)]
    for job_id in ids:
        wire.put(job_id, "Queued")
    watcher.board.apply(queued(*ids))
    asker = Asker(watcher.service, watcher.board, Budget(120))
    for looks in range(1, 13):
        asker.look(ids, recent=recent, calm=True)
        assert len(wire.requests) == looks


def test_a_list_that_is_opened_is_asked_for_at_once_also_where_changes_are_told(wire, watcher):
    """A table opened while the feed was connected had only the pending jobs, for up to a minute.

    Each look asked one question, and the list's came second.
    """
    wire.put("old", "Completed")
    asker = Asker(watcher.service, watcher.board, Budget(120))
    asker.sweep_next()
    asker.look([], recent=True, calm=True)
    assert watcher.board.get("old").record.status == "DONE"
    assert asker.total == 1
    before = len(wire.requests)
    asker.look([], recent=True, calm=True)
    assert len(wire.requests) == before + 1


def test_a_handle_that_is_old_is_asked_for_also_where_changes_are_told(service, pushed):
    """Nobody tells of what happened before; a view of an old handle said QUEUED for a minute."""
    running = service.run(*LONG)
    pushed.attach(View(pushed, [running.job_id()]))
    eventually(lambda: live(pushed))
    done = service.run(*SHORT)
    done.wait_for_final_state()
    pushed.watch(queued(done.job_id()))
    eventually(lambda: pushed.board.get(done.job_id()).record.status == "DONE")
    service.cancel_job(running.job_id())
