"""Watching in real kernels: beside cells that run, in two at a time, over restarts, to the end."""

import socket
import time
from itertools import islice

import pytest

from tests.client.faults import Reply, fault_server
from tests.conftest import eventually
from tests.watch.kernels import SETUP, kernel

LONG = 'service.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})'


@pytest.fixture(scope="module")
def notebook(server):
    """A kernel on the real server."""
    with kernel(server.url, server.token) as running:
        yield running


def badge_of(notebook, job):
    """Return the model of the one badge of a job, when the page has heard of it."""

    def look():
        found = [m for m, state in notebook.states.items() if state.get("job", {}).get("id") == job]
        return found[-1] if found else None

    return eventually(look)


def status(notebook, model):
    return notebook.states[model]["job"]["status"]


def test_views_change_and_clicks_work_while_a_cell_awaits(notebook):
    """A synchronous wait holds back every click until the cell has ended."""
    notebook.run(
        f"job = {LONG}\nhandle = qjobwidgets.watch(job)\nbadge = StatusBadge(handle)\nbadge"
    )
    job = notebook.value("job.job_id()")
    badge = badge_of(notebook, job)
    cell = notebook.start("print('ended:', await handle.wait_async(), handle.status())")
    eventually(lambda: status(notebook, badge) == "RUNNING")
    assert "ended:" not in notebook.printed
    notebook.click(badge, kind="cancel", job=job)
    notebook.finished(cell)
    assert "ended: True CANCELLED" in notebook.printed
    eventually(lambda: status(notebook, badge) == "CANCELLED")
    notebook.run("badge.close()")


def test_views_change_while_a_cell_runs_and_its_clicks_are_done_when_the_kernel_can(
    notebook, service
):
    """Fault 50: a cell that waits for a result is when one looks at the views."""
    notebook.run(f"first, second = [{LONG} for _ in range(2)]\nhandle = qjobwidgets.watch(first)")
    notebook.run("badges = [StatusBadge(first), StatusBadge(second)]")
    jobs = notebook.value("first.job_id(), second.job_id()").split()
    badges = [badge_of(notebook, job) for job in jobs]
    cell = notebook.start("handle.wait()\nprint('waited')")
    eventually(lambda: status(notebook, badges[0]) == "RUNNING")
    notebook.click(badges[1], kind="cancel", job=jobs[1])
    assert "waited" not in notebook.printed
    service.cancel_job(jobs[0])
    eventually(lambda: status(notebook, badges[0]) == "CANCELLED")
    notebook.finished(cell)
    eventually(lambda: status(notebook, badges[1]) == "CANCELLED")
    notebook.run("for badge in badges: badge.close()")


def test_a_hundred_views_are_one_thread_which_ends_with_the_last_of_them(notebook):
    """Fault 49."""
    notebook.run(
        f"jobs = [{LONG} for _ in range(4)]\nviews = [StatusBadge(job) for job in jobs * 25]"
    )
    assert (
        notebook.value("[name for name in ours() if name.startswith('qjob-watch')]").count("qjob")
        == 1
    )
    notebook.run("for view in views: view.close()")
    eventually(lambda: "qjob-watch" not in notebook.value("ours()"))
    eventually(lambda: notebook.value("ours()") == "[]")
    notebook.run("for job in jobs: job.cancel()")


def test_a_restarted_kernel_finds_the_jobs_of_its_notebook(server, tmp_path):
    """Fault 52: after a restart nobody knew which of the account's jobs were one's own."""
    with kernel(server.url, server.token, QJOBWIDGETS_DATA=str(tmp_path)) as running:
        running.run(f"job = {LONG}\nbadge = StatusBadge(job)\nbadge")
        job = running.value("job.job_id()")
        eventually(lambda: status(running, badge_of(running, job)) == "RUNNING")
        running.restart()
        running.states.clear()
        running.run(SETUP.format(url=server.url, token=server.token))
        running.run("found = qjobwidgets.watch.submitted_here(service)")
        assert running.value("[one.job.job_id() for one in found]") == f"['{job}']"
        running.run("badge = StatusBadge(found[0].job)\nbadge")
        eventually(lambda: status(running, badge_of(running, job)) == "RUNNING")
        running.run("service.cancel_job(found[0].job.job_id())")
        eventually(lambda: status(running, badge_of(running, job)) == "CANCELLED")


def test_a_kernel_ends_though_its_threads_wait_for_an_answer(tmp_path):
    """Fault 49: a thread that is no daemon, or a pool's, held the kernel for many seconds.

    What a process waits for when it ends is the same with views as without.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/v1"
        with kernel(url, "t", QJOBWIDGETS_DATA=str(tmp_path), IAM_URL=url) as running:
            running.run("import threading\nimport concurrent.futures.thread as pools")
            holding = (
                "sorted(t.name for t in threading.enumerate() if not t.daemon),"
                " len(pools._threads_queues)"
            )
            before = running.value(holding)
            running.run(
                "from qjobwidgets.records import JobRecord\n"
                "jobs = [RuntimeJob(service, JobRecord(f'j{n}', 'RUNNING')) for n in range(100)]\n"
                "views = [StatusBadge(job) for job in jobs]\n"
                "watcher = views[0].watcher\n"
                "watcher.errands.run(lambda: service.fetch_record('j1'))\n"
                "watcher.cancel('j2')"
            )
            running.until("{'qjob-errands', f'qjob-watch-{service.key}'} <= {*ours()}")
            assert running.value(holding) == before
            running.manager.request_shutdown()
            eventually(lambda: not running.manager.is_alive())


def test_two_kernels_of_one_account_are_both_right_and_keep_to_one_budget(tmp_path):
    """Fault 53: each asked as much as its own budget allowed, so the account paid twice."""
    jobs, sent = {f"j{n}": "Running" for n in range(8)}, []

    def noted(answer):
        return lambda seen: sent.append(time.monotonic()) or answer(seen)

    data = {"QJOBWIDGETS_DATA": str(tmp_path)}
    with fault_server() as account, pytest.MonkeyPatch.context() as patch:
        patch.setenv("IAM_URL", account.origin)
        account.on("/jobs", noted(lambda seen: listed(jobs, seen)))
        one_job = noted(lambda seen: Reply(document=document(jobs, seen.path[-2:])))
        for job in jobs:
            account.on(f"/jobs/{job}", one_job)
        with kernel(account.url, "t", **data) as one, kernel(account.url, "t", **data) as other:
            for each in (one, other):
                each.run(
                    "from qjobwidgets.records import JobRecord\n"
                    "qjobwidgets.watch.budget(12)\n"
                    "jobs = [RuntimeJob(service, JobRecord(f'j{n}', 'QUEUED')) for n in range(8)]\n"
                    "table = JobsTable(jobs)"
                )
                each.until("all(r.status == 'RUNNING' for r in table.shown_records())")
            jobs["j3"] = "Completed"
            for each in (one, other):
                each.run("table.watcher.look_now()")
                each.until("table.watcher.board.get('j3').record.status == 'DONE'")
            for each in (one, other):
                # looked at again and again, until it says that there is no more to spend
                each.until("table.watcher.look_now() or 'budget' in str(table.watcher.freshness)")
    assert len(sent) >= 12
    # in any minute, as a busy machine may take longer than one for all of this; and there the first
    # may come late, which has to sign in
    thirteenth = islice(sent, 12, None)
    assert all(later - early > 40.0 for early, later in zip(sent, thirteenth, strict=False))


def document(jobs, job):
    return {"id": job, "state": {"status": jobs[job]}}


def listed(jobs, seen):
    pending = "pending" in seen.query
    found = [document(jobs, job) for job in jobs if not pending or jobs[job] == "Running"]
    return Reply(document={"jobs": found, "count": len(found)})
