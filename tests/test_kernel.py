"""Live views in a real kernel: they never keep it from ending, and show while a cell runs."""

import queue

import pytest

from tests.kernels import connected

OPEN_VIEWS = """
%load_ext qjobwidgets
from qjobwidgets import InterimPlot, JobsTable, StatusBadge
job = %qjob run sample-program iterations=600 --backend slow_local
table, badge, plot = JobsTable(service=job.service), StatusBadge(job), InterimPlot(job)
display(table, badge, plot)
"""


UNLOAD = """
job.cancel()
%unload_ext qjobwidgets
import threading, time
def left():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("qjob")]
until = time.monotonic() + 60
while left() and time.monotonic() < until:
    time.sleep(0.02)
print(left())
"""


@pytest.fixture
def kernel():
    """A kernel, and its page."""
    with connected("test.ipynb") as kernel:
        yield kernel


def execute(client, code):
    """Run code; return its reply and the messages sent meanwhile."""
    messages = []
    reply = client.execute_interactive(code, timeout=240, output_hook=messages.append)
    assert reply["content"]["status"] == "ok", reply["content"]
    return messages


def test_the_kernel_ends_by_itself_with_live_views_open(kernel):
    """A thread that is no daemon kept kernels alive until they were killed."""
    manager, client = kernel
    execute(client, OPEN_VIEWS)
    process = manager.provisioner.process
    client.shutdown()
    assert process.wait(timeout=400) == 0
    cancel_all()


def cancel_all():
    """Cancel what the kernel left running, as another notebook would."""
    from qjobwidgets import RuntimeService

    service = RuntimeService()
    for job in service.jobs(pending=True):
        job.cancel()
    service.close()


def test_status_changes_reach_the_page_while_a_cell_runs(kernel):
    _, client = kernel
    execute(client, "%load_ext qjobwidgets\nfrom qjobwidgets import StatusBadge")
    code = """
job = %qjob run sample-program iterations=600 --backend slow_local
badge = StatusBadge(job)
import time
def wait_until_it_shows(status):
    until = time.monotonic() + 60
    while time.monotonic() < until and (badge.job["status"] != status or badge.publishing):
        time.sleep(0.02)  # what is published has been sent
wait_until_it_shows("RUNNING")
job.cancel()
wait_until_it_shows("CANCELLED")
"""
    seen = [
        message["content"]["data"]["state"]["job"]["status"]
        for message in execute(client, code)
        if message["msg_type"] == "comm_msg"
        and "job" in message["content"]["data"].get("state", {})
    ]
    assert seen[-1] == "CANCELLED"
    assert "RUNNING" in seen


def test_unloading_leaves_no_thread_in_the_kernel(kernel):
    _, client = kernel
    execute(client, OPEN_VIEWS)
    messages = execute(client, UNLOAD)
    printed = "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")
    assert printed.strip().endswith("[]")
    with pytest.raises(queue.Empty):
        client.get_iopub_msg(timeout=1)


def test_a_cell_that_awaits_is_refused_in_one_line(kernel):
    """It failed deep inside IPython, as the kernel's event loop was running already."""
    _, client = kernel
    execute(client, "%load_ext qjobwidgets")
    reply = client.execute_interactive(
        "%%qjob\nimport asyncio\nawait asyncio.sleep(0)", timeout=240, output_hook=lambda _m: None
    )
    assert reply["content"]["ename"] == "UsageError"
    assert "await" in reply["content"]["evalue"]
