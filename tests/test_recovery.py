"""The embedded runtime is killed in the middle: views say so, and nothing is lost."""

import json
import os
import signal

import pytest

from tests.conftest import eventually
from tests.widgets.conftest import page  # noqa: F401 - the page's end of the wire


@pytest.fixture
def local(own_runtime_folder):
    """The service a notebook without an account gets."""
    from qjobwidgets import RuntimeService

    service = RuntimeService()
    yield service
    service.close()


def runtime_pid(data):
    return json.loads((data / "server.json").read_text())["pid"]


def test_after_kill_9_views_say_so_and_every_job_ends(local, page, own_runtime_folder):  # noqa: F811
    from qjobwidgets import JobsTable

    running = local.run("sample-program", {"iterations": 8}, {"backend": "slow_local"})
    queued = local.run("sample-program", {"iterations": 1}, {"backend": "slow_local"})
    table = JobsTable([running, queued])
    eventually(lambda: page.rows(table)[running.job_id()]["status"] == "RUNNING")
    killed = runtime_pid(own_runtime_folder)
    os.kill(killed, signal.SIGKILL)

    def offline():
        """What the page was told while it was so, which may be over already."""
        told = [update.get("freshness") for update in page.updates[table.model_id]]
        return [fresh for fresh in told if fresh and fresh["state"] == "offline"]

    freshness = eventually(offline)[0]
    assert freshness["since"] is not None
    assert freshness["retry_at"] is not None
    for job in (running, queued):
        eventually(lambda job=job: page.rows(table)[job.job_id()]["status"] == "DONE")
    eventually(lambda: page.state(table)["freshness"]["state"] == "live")
    assert runtime_pid(own_runtime_folder) != killed
    assert running.result() == "Hello, World!"
    assert len(running.interim_results()) >= 8


def test_a_user_s_next_call_brings_the_runtime_back(local, own_runtime_folder):
    job = local.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    job.wait_for_final_state()
    os.kill(runtime_pid(own_runtime_folder), signal.SIGKILL)
    assert local.job(job.job_id()).result() == "Hello, World!"
