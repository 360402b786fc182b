"""A client in a process that was forked, as multiprocessing forks them on Linux."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import Server

# The parent has a connection, a token and a running stream when the children come to be.
SCRIPT = """
import json, multiprocessing, sys
from qjobwidgets import RuntimeService

token, url = sys.argv[1:]
service = RuntimeService("local", token, url)
jobs = [service.run("sample-program", {"iterations": n + 1}) for n in range(6)]
endless = service.run("sample-program", {"iterations": 10000}, {"backend": "slow_local"})
opened = multiprocessing.get_context("fork").Event()
endless.stream_results(lambda *_: opened.set())
assert opened.wait(60)


def look(number):
    ids = [service.job(jobs[(number + n) % 6].job_id()).job_id() for n in range(30)]
    right = ids == [jobs[(number + n) % 6].job_id() for n in range(30)]
    heard = []
    stream = jobs[number].stream_results(lambda _, message: heard.append(message))
    ended = stream.wait(60)
    new = service.run("sample-program", {"iterations": 1}).result(60)
    return right, ended, len(heard), new


with multiprocessing.get_context("fork").Pool(3) as pool:
    found = pool.map_async(look, range(6), chunksize=1)
    mine = [look(number) for number in range(6)]
    print(json.dumps([*found.get(120), *mine]))
endless.cancel()
"""


def _said(script: str, server: Server) -> str:
    command = [sys.executable, "-c", script, server.token, server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_children_ask_listen_and_submit_beside_their_parent(server: Server):
    """They read each other's answers off one connection, and their streams never began."""
    expected = [[True, True, number + 2, "Hello, World!"] for number in range(6)]
    assert json.loads(_said(SCRIPT, server)) == expected * 2


READING = """
import multiprocessing, sys, threading
from qjobwidgets import RuntimeService

token, url = sys.argv[1:]
job = RuntimeService("local", token, url).run("sample-program", {"iterations": 1})
reading, go_on = threading.Event(), threading.Event()


def read_slowly(text):
    reading.set()
    go_on.wait()


reader = threading.Thread(target=job.result, kwargs={"decoder": read_slowly})
reader.start()
assert reading.wait(60)
context = multiprocessing.get_context("fork")
heard, tell = context.Pipe(False)
child = context.Process(target=lambda: tell.send(job.result()))
child.start()
try:
    print(heard.recv() if heard.poll(60) else "nothing")
finally:
    child.kill()
    go_on.set()
reader.join()
"""


FORKING = """
import os, sys
from qjobwidgets import RuntimeService

token, url = sys.argv[1:]
job = RuntimeService("local", token, url).run("sample-program", {"iterations": 1})
child = job.result(decoder=lambda _text: os.fork())
if child:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print(job.result())
"""


def test_a_decoder_that_forks(server: Server):
    """The child let go of a lock that nobody held there, and ended with an error."""
    assert _said(FORKING, server) == "Hello, World!\n" * 2


def test_a_child_reads_a_result_that_a_thread_of_its_parent_was_reading(server: Server):
    """The lock of that handle stayed with a thread that the child does not have."""
    assert _said(READING, server) == "Hello, World!\n"
