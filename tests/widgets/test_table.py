"""JobsTable: every job once, then only what changed, and acts that come back as facts."""

import sys
import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets import TraitError

from qjobwidgets import JobsTable, RuntimeJob, RuntimeService, Session
from qjobwidgets.errors import MissingExtraError, ServiceError, ServiceUnreachableError
from qjobwidgets.host import Host
from tests.conftest import eventually


def run(service, iterations=1, backend="aer_local"):
    return service.run("sample-program", {"iterations": iterations}, {"backend": backend})


def status(page, table, job):
    return page.rows(table).get(job.job_id(), {}).get("status")


def test_rows_follow_their_jobs_to_the_end(service, page):
    jobs = [run(service) for _ in range(3)]
    table = JobsTable(jobs)
    for job in jobs:
        eventually(lambda job=job: status(page, table, job) == "DONE")
    assert page.rows(table).keys() == {job.job_id() for job in jobs}


def test_a_change_sends_only_the_row_that_changed(service, page):
    finished = run(service)
    finished.wait_for_final_state()
    table = JobsTable([finished])
    eventually(lambda: status(page, table, finished) == "DONE")
    added = run(service)
    table.add(added)
    eventually(lambda: status(page, table, added) == "DONE")
    patches = [u["patch"] for u in page.updates[table.model_id] if u.get("patch")]
    (whole,) = [patch["rows"]["id"] for patch in patches if "rows" in patch]
    assert whole == [added.job_id()]
    assert {n for patch in patches for n in patch.get("changed", {"n": []})["n"]} <= {1}


def test_a_page_paints_its_rows_before_it_is_told_more(service, page, monkeypatch):
    """Two messages and the whole twin came ahead of the first paint, which waited for them."""
    monkeypatch.setattr("qjobwidgets.widgets.view.host", lambda: Host.JUPYTER)
    monkeypatch.setattr("qjobwidgets.widgets.table._PAINT", 3600.0)  # however long this takes
    job = run(service)
    table = JobsTable([job])
    eventually(lambda: table.watcher.freshness.state == "live")
    table.publish()
    [opened] = page.updates[table.model_id]
    assert opened["total"] == 1
    assert opened["snapshot"]["rows"]["id"] == [job.job_id()]
    # one that has no rows yet is told of them at once
    recent = JobsTable(service=service)
    eventually(lambda: status(page, recent, job) == "DONE")


def test_a_table_closed_before_all_its_rows_are_sent_lets_go(service, page, monkeypatch):
    """It had itself told for ever, by a thread that then never ended."""
    monkeypatch.setattr("qjobwidgets.widgets.roster.FIRST", 1)
    monkeypatch.setattr("qjobwidgets.widgets.roster.CHUNK", 0)
    monkeypatch.setattr("qjobwidgets.watch.publisher._LINGER", 0.1)
    table = JobsTable([run(service), run(service)])
    page.send(table, kind="rest")
    eventually(lambda: table.roster.behind)
    table.close()
    table.publish()  # as the publisher may do that just then
    eventually(lambda: "qjob-publisher" not in {thread.name for thread in threading.enumerate()})


def test_the_account_s_table_finds_jobs_submitted_elsewhere(service, page):
    table = JobsTable(service=service)
    eventually(lambda: page.state(table)["freshness"]["state"] == "live")
    job = run(service)
    page.send(table, kind="refresh")
    eventually(lambda: status(page, table, job) == "DONE")
    eventually(lambda: page.state(table)["total"])
    assert page.state(table)["requests_per_minute"] > 0


def test_cancel_from_the_page_is_shown_at_once_and_ends_the_job(service, page, monkeypatch):
    answer, cancel = threading.Event(), service.cancel_job

    def slow(job_id):
        answer.wait(60)
        cancel(job_id)

    monkeypatch.setattr(service, "cancel_job", slow)
    job = run(service, 600, "slow_local")
    table = JobsTable([job])
    page.send(table, kind="cancel", job=job.job_id())
    eventually(lambda: page.rows(table)[job.job_id()]["cancelling"])
    answer.set()
    eventually(lambda: status(page, table, job) == "CANCELLED")
    assert not page.rows(table)[job.job_id()]["cancelling"]
    assert job.status() == "CANCELLED"


def test_a_refused_cancel_is_explained_in_the_row(service, page):
    job = run(service)
    job.wait_for_final_state()
    table = JobsTable([job])
    eventually(lambda: status(page, table, job) == "DONE")
    # another notebook still believes it runs, and asks
    page.send(table, kind="cancel", job=job.job_id())
    row = eventually(lambda: (row := page.rows(table)[job.job_id()])["note"] is not None and row)
    assert row["status"] == "DONE"


def test_a_job_of_someone_else_s_page_is_not_cancelled(service, page):
    job = run(service, 600, "slow_local")
    other = run(service)
    table = JobsTable([other])
    page.send(table, kind="cancel", job=job.job_id())
    page.send(table, kind="cancel", job=7)
    page.send(table, kind="no such thing")
    eventually(lambda: status(page, table, other) == "DONE")
    assert job.status() != "CANCELLED"
    job.cancel()


def test_a_page_that_missed_a_patch_gets_everything_again(service, page):
    job = run(service)
    table = JobsTable([job])
    eventually(lambda: status(page, table, job) == "DONE")
    before = sum("snapshot" in update for update in page.updates[table.model_id])
    page.send(table, kind="resync", rev=0)
    eventually(lambda: sum("snapshot" in u for u in page.updates[table.model_id]) > before)
    assert status(page, table, job) == "DONE"


def test_without_jobs_a_table_needs_a_service():
    with pytest.raises(TypeError, match="service"):
        JobsTable()


def test_unknown_arguments_are_refused(service):
    with pytest.raises(TypeError, match="colour"):
        JobsTable(service=service, colour="red")


def test_a_job_added_that_is_known_already_is_shown(service, page):
    """Only what changes was sent, and a finished job that another view shows never does."""
    known, first = run(service), run(service)
    other = JobsTable([known])
    eventually(lambda: status(page, other, known) == "DONE")
    table = JobsTable([first])
    eventually(lambda: status(page, table, first) == "DONE")
    table.add(known)
    eventually(lambda: status(page, table, known) == "DONE")


def test_jobs_of_two_accounts_are_refused(service, page):
    """The second account's jobs were looked for at the first, and vanished."""
    here, elsewhere = run(service), RuntimeService(channel="local")
    there = RuntimeJob(elsewhere, here.record)
    with pytest.raises(ValueError, match="one account"):
        JobsTable([here, there])


def test_a_closed_view_is_displayed_as_its_twin(service, page, monkeypatch):
    """Displayed again, it sent a widget without a model, which a page shows as an error."""
    shell = InteractiveShell.instance()
    monkeypatch.setattr("qjobwidgets.widgets.view.host", lambda: Host.JUPYTER)
    table = JobsTable([run(service)])
    table.close()
    with capture_output() as captured:
        shell.display_formatter.format(table)
    InteractiveShell.clear_instance()
    assert [set(output.data) for output in captured.outputs] == [{"text/html", "text/plain"}]


def test_what_is_asked_for_is_in_traits_and_comes_back_from_the_page(service, page):
    jobs = [run(service) for _ in range(2)]
    table = JobsTable(jobs, filter={"status": "done"}, sort="-created", group="tag")
    state = page.state(table)
    assert (state["filter"], state["sort"]) == ({"status": ["DONE"]}, "-created")
    eventually(lambda: all(status(page, table, job) == "DONE" for job in jobs))
    assert [record.id for record in table.listed_records()] == [j.job_id() for j in jobs[::-1]]
    # as the page's script writes traits
    table.set_state({"filter": {"text": "no such job"}, "current": jobs[0].job_id()})
    assert table.listed_records() == []
    assert table.current == jobs[0].job_id()


@pytest.mark.parametrize(
    "bad", [{"filter": {"colour": "red"}}, {"sort": "colour"}, {"group": "x"}, {"columns": ["x"]}]
)
def test_what_can_not_be_asked_for_is_refused(service, page, bad):
    with pytest.raises(
        (ValueError, TraitError), match=r"text, status|'status'|'session'|'program'"
    ):
        JobsTable(service=service, **bad)


def test_several_jobs_are_cancelled_by_one_message(service, page):
    jobs = [run(service, 600, "slow_local") for _ in range(2)]
    table = JobsTable(jobs)
    page.send(table, kind="cancel", jobs=[*(job.job_id() for job in jobs), "someone else's", 7])
    for job in jobs:
        eventually(lambda job=job: status(page, table, job) == "CANCELLED")


def test_rows_as_dataframe(service, page, monkeypatch):
    job = run(service)
    job.wait_for_final_state()
    table = JobsTable([job])
    eventually(lambda: status(page, table, job) == "DONE")
    frame = table.to_dataframe()
    assert list(frame["job_id"]) == [job.job_id()]
    assert frame["status"][0] == "DONE"
    assert str(frame["created"].dt.tz) == "UTC"
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        table.to_dataframe()


@pytest.fixture
def sessions(service):
    """Two finished jobs, each in a session of its own."""
    jobs = []
    for _ in range(2):
        with Session(service=service, backend="aer_local") as session:
            jobs.append(session.run("sample-program", {"iterations": 1}))
    for job in jobs:
        job.wait_for_final_state()
    return jobs


def publishings(service, page, table, times):
    """Have a table published so many times, one after the other."""
    for _ in range(times):
        job = run(service)
        job.wait_for_final_state()
        table.add(job)
        eventually(lambda job=job: status(page, table, job) == "DONE")


def test_sessions_that_are_not_told_of_are_not_asked_for_on_and_on(
    service, page, sessions, monkeypatch
):
    """Refused or offline, each failure had the table published, which asked again at once."""
    monkeypatch.setattr("qjobwidgets.widgets.table._MODES_PAUSE", 3600.0)  # however long this takes
    asked = []

    def unreachable(session):
        asked.append(session)
        raise ServiceUnreachableError("Nothing answers.")

    told = service.api.session_mode
    monkeypatch.setattr(service.api, "session_mode", unreachable)
    table = JobsTable(sessions, group="session")
    eventually(lambda: asked)
    publishings(service, page, table, 3)
    assert len(asked) == 1
    monkeypatch.setattr(service.api, "session_mode", told)
    table._modes_from = 0.0
    publishings(service, page, table, 1)
    names = {job.record.session_id for job in sessions}
    eventually(lambda: page.state(table)["modes"] == dict.fromkeys(names, "session"))


def test_a_session_that_is_another_s_is_asked_for_once(service, page, sessions, monkeypatch):
    asked = []
    theirs, mine = sorted(job.record.session_id for job in sessions)
    told = service.api.session_mode

    def mode(session):
        asked.append(session)
        if session == theirs:
            raise ServiceError("Not yours.", status=403)
        return told(session)

    monkeypatch.setattr(service.api, "session_mode", mode)
    table = JobsTable(sessions, group="session")
    page.until(table, modes={mine: "session"})
    publishings(service, page, table, 2)
    assert asked == [theirs, mine]
