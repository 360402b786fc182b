"""A kernel whose process is forked while it watches, as multiprocessing forks on Linux."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import Server

# The parent watches, has a hook and a view, and threads that wait, when the children come to be.
SCRIPT = """
import json, multiprocessing, os, sys, threading
import qjobwidgets
from qjobwidgets import JobsTable, RuntimeService

token, url = sys.argv[1:]
service = RuntimeService("local", token, url)
slow = service.run("sample-program", {"iterations": 1}, {"backend": "slow_local"})
calls = multiprocessing.get_context("fork").Queue()
job = qjobwidgets.watch(slow, on_done=lambda _: calls.put(os.getpid()))
tables = [JobsTable([slow]), JobsTable(service=service)]


def look():
    ended = job.wait(60)
    another = service.run("sample-program", {"iterations": 1})
    heard = threading.Event()
    watched = qjobwidgets.watch(another, on_done=lambda _: heard.set())
    watched.add_hooks(on_done=lambda _: None)
    job.job.update_note("seen")
    left = len(watched.watcher.audience.job_ids - {another.job_id()})
    told = watched.wait(60) and heard.wait(60)
    return ended, str(job.status()), told, left, job.job.note()


def hold(lock):
    with lock:
        held.set()
        free.wait(60)


# locks that other threads hold at the moment of the fork: first those under which the watcher's
# threads take the others, or they would wait for each other here
watcher = job.watcher
from qjobwidgets.client import submissions
from qjobwidgets.client.journal import journal
from qjobwidgets.watch import registry
locks = [registry._lock, watcher._condition, watcher.errands._lock, watcher.publisher._news,
         watcher.asker.budget._lock, watcher.board._lock, submissions._lock, journal()._lock]
threads, free = [], threading.Event()
context = multiprocessing.get_context("fork")
for lock in locks:
    held = threading.Event()
    threads.append(threading.Thread(target=hold, args=[lock]))
    threads[-1].start()
    assert held.wait(60)
answers = context.Queue()
children = [context.Process(target=lambda: answers.put(look())) for _ in range(2)]
for child in children:
    child.start()
free.set()
found = [answers.get(timeout=120) for _ in children]
for child in children:
    child.join(60)
print(json.dumps([found, job.wait(60), calls.get(timeout=60) == os.getpid(), calls.empty()]))
"""


def test_children_watch_for_themselves_and_leave_the_hooks_to_their_parent(server: Server):
    """Their watcher had a thread that did not run, and locks that nobody gave back."""
    command = [sys.executable, "-c", SCRIPT, server.token, server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    expected = [True, "DONE", True, 0, "seen"]
    assert json.loads(done.stdout) == [[expected] * 2, True, True, True]
