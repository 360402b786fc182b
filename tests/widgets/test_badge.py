"""StatusBadge: one job's status reaches the page by itself."""

from qjobwidgets import StatusBadge
from tests.conftest import eventually


def test_the_page_sees_the_job_end_without_being_asked(service, page):
    job = service.run("sample-program", {"iterations": 2}, {"backend": "aer_local"})
    badge = StatusBadge(job)
    assert page.state(badge)["job"]["id"] == job.job_id()
    eventually(lambda: page.state(badge)["job"]["status"] == "DONE")
    state = page.state(badge)
    assert state["freshness"]["state"] == "live"
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
