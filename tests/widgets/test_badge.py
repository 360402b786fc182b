"""StatusBadge: one job's status reaches the page by itself."""

import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell

from qjobwidgets import CountsHistogram, RuntimeJob, StatusBadge
from qjobwidgets.errors import QJobError
from qjobwidgets.host import Host
from qjobwidgets.records import JobRecord, JobStatus
from tests.conftest import eventually


def test_the_page_sees_the_job_end_without_being_asked(service, page):
    job = service.run("sample-program", {"iterations": 2}, {"backend": "aer_local"})
    badge = StatusBadge(job)
    assert page.state(badge)["job"]["id"] == job.job_id()
    eventually(lambda: page.state(badge)["job"]["status"] == "DONE")
    eventually(lambda: page.state(badge)["freshness"]["state"] == "live")
    state = page.state(badge)
    assert state["job"]["finished"] >= state["job"]["started"] >= state["job"]["created"]


def test_the_twin_says_the_same_in_text(service, page):
    job = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    badge = StatusBadge(job)
    eventually(lambda: page.state(badge)["job"]["status"] == "DONE")
    assert "DONE" in badge.twin()["text/plain"]
    assert job.job_id() in badge.twin()["text/html"]


def test_a_failed_job_brings_its_reason(page, failing):
    badge = StatusBadge(failing)
    eventually(lambda: page.state(badge)["job"]["status"] == "ERROR")
    row = page.state(badge)["job"]
    assert "not supported by noisy_local" in row["reason"]
    assert "generate_preset_pass_manager" in row["advice"]


def test_a_badge_out_of_sight_keeps_its_twin_true(service, page, monkeypatch):
    """Saved from below the fold, a notebook said RUNNING for ever."""
    shell, told = InteractiveShell.instance(), []
    monkeypatch.setattr("qjobwidgets.widgets.view.host", lambda: Host.JUPYTER)
    monkeypatch.setattr(shell.display_pub, "publish", lambda data, *_, **__: told.append(data))
    job = service.run("sample-program", {"iterations": 2}, {"backend": "aer_local"})
    badge = StatusBadge(job)
    shell.display_formatter.format(badge)
    page.send(badge, kind="visible", visible=False)
    eventually(lambda: "DONE" in told[-1]["text/plain"])
    assert job.job_id() in told[-1]["text/html"]
    badge.close()
    InteractiveShell.clear_instance()


def test_a_badge_is_seen_while_any_page_shows_it(service, page):
    """Of two windows on one notebook, one scrolled away stopped the badge of the other."""
    job = service.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
    badge = StatusBadge(job)
    page.send(badge, kind="visible", visible=True, page="one")
    page.send(badge, kind="visible", visible=True, page="two")
    page.send(badge, kind="visible", visible=False, page="two")
    assert badge.visible
    job.cancel()
    eventually(lambda: page.state(badge)["job"]["status"] == "CANCELLED")
    page.send(badge, kind="visible", visible=False, page="one")
    assert not badge.visible


def test_a_second_view_of_a_job_does_not_set_the_first_back(service, page):
    """A handle remembers the job as it was submitted; a view of it told that to all others."""
    job = service.run("sample-program", {"iterations": 600}, {"backend": "slow_local"})
    badge = StatusBadge(job)
    eventually(lambda: page.state(badge)["job"]["status"] == "RUNNING")
    StatusBadge(job)
    job.cancel()
    eventually(lambda: page.state(badge)["job"]["status"] == "CANCELLED")
    seen = [update["job"]["status"] for update in page.updates[badge.model_id] if "job" in update]
    assert "INITIALIZING" not in seen[seen.index("RUNNING") :]


def test_a_deleted_job_is_said_to_be_gone(service, page):
    """The badge went on to say RUNNING, and that this was true now."""
    never = RuntimeJob(service, JobRecord("no-such-job", JobStatus.RUNNING))
    badge = StatusBadge(never)
    eventually(lambda: "any more" in (page.state(badge)["job"]["note"] or ""))
    histogram = CountsHistogram(never)
    assert "any more" in page.until(histogram, state="failed")["message"]


def test_a_job_whose_end_is_told_before_the_first_answer_is_up_to_date(service, page, monkeypatch):
    """The page said for ever that it was connecting: no view of what has ended was told more."""
    job = service.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
    send, answer = service.api.transport.request, threading.Event()

    def late(method, path, **more):
        if method == "GET":
            answer.wait(60)
        return send(method, path, **more)

    monkeypatch.setattr(service.api.transport, "request", late)
    badge = StatusBadge(job)
    eventually(lambda: badge.watcher.pushed)
    service.cancel_job(job.job_id())
    eventually(lambda: page.state(badge)["job"]["status"] == "CANCELLED")
    answer.set()
    eventually(lambda: page.state(badge)["freshness"]["state"] == "live")


def test_an_id_finds_its_job_with_the_account(service, page, failing):
    badge = StatusBadge(failing.job_id(), service=service)
    assert page.state(badge)["job"]["id"] == failing.job_id()
    with pytest.raises(QJobError, match="service="):
        StatusBadge(failing.job_id())
