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


def test_children_ask_listen_and_submit_beside_their_parent(server: Server):
    """They read each other's answers off one connection, and their streams never began."""
    command = [sys.executable, "-c", SCRIPT, server.token, server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr
    expected = [[True, True, number + 2, "Hello, World!"] for number in range(6)]
    assert json.loads(done.stdout) == expected * 2
