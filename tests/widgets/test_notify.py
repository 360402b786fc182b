"""``on_done="notify"``: views offer it, one of them has it shown, and what fails is said."""

import qjobwidgets
from qjobwidgets import JobsDashboard, JobsTable, StatusBadge
from tests.conftest import eventually

LONG = ("sample-program", {"iterations": 1000}, {"backend": "slow_local"})


def test_views_of_a_job_say_that_it_wants_to_notify_until_it_has(service, page):
    job = service.run(*LONG)
    badge, other = StatusBadge(job), StatusBadge(service.run(*LONG))
    handle = qjobwidgets.watch(job, on_change="notify")
    page.until(badge, notifying=True)
    page.send(badge, kind="visible", visible=False)  # most wanted where nobody looks
    handle.cancel()
    notice = eventually(lambda: [n for n in page.told(badge) if n["status"] == "CANCELLED"])[0]
    assert notice == {
        "kind": "notify",
        "job": job.job_id(),
        "status": "CANCELLED",
        "place": "sample-program on slow_local",
        "reason": notice["reason"],
    }
    page.send(badge, kind="visible", visible=True)
    page.until(badge, notifying=False)
    assert not page.state(other)["notifying"]
    assert page.told(other) == []
    assert handle.hook_errors == []
    service.cancel_job(other.record.id)


def test_a_page_that_could_not_notify_says_so_in_the_row(service, page):
    job = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    job.wait_for_final_state()
    table = JobsTable([job])
    eventually(lambda: page.rows(table))
    for why, said in (("denied", "settings block"), ("weather", "can't notify")):
        page.send(table, kind="unnotified", job=job.job_id(), why=why)
        eventually(lambda said=said: said in (page.rows(table)[job.job_id()]["note"] or ""))
    before = table.watcher.board.since(0)
    for odd in ({"job": 7}, {"job": "another"}, {"job": job.job_id(), "why": None}, {}):
        page.send(table, **{"kind": "unnotified", "why": "denied"} | odd)
    assert table.watcher.board.since(0) == before


def test_the_card_in_a_dashboard_leaves_it_to_the_dashboard(service, page):
    """A part has no model of its own: what it sent would have reached nobody."""
    job = service.run(*LONG)
    dashboard = JobsDashboard([job])
    dashboard.current = job.job_id()
    card = eventually(lambda: dashboard.card)
    card.notify(job.record)
    assert eventually(lambda: page.told(dashboard))[0]["job"] == job.job_id()
    service.cancel_job(job.job_id())
