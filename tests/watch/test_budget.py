"""The budget that the user sees and sets, and keeps to with all kernels together."""

import subprocess
import sys
import time

import pytest

import qjobwidgets
from qjobwidgets.errors import IBMInputValueError
from qjobwidgets.watch import schedule, watcher_for
from qjobwidgets.watch.budget import Budget
from tests.conftest import eventually
from tests.watch.conftest import View, queued


def test_it_is_seen_and_set_for_all_accounts_or_for_one(watcher):
    assert qjobwidgets.watch.budget() == 120
    watched = watcher_for(watcher.service)
    assert qjobwidgets.watch.budget(30) == 30
    assert watched.asker.budget.per_minute == 30
    assert qjobwidgets.watch.budget(7, service=watcher.service) == 7
    assert watched.asker.budget.per_minute == 7
    assert qjobwidgets.watch.budget() == 30
    qjobwidgets.watch.stop_all()  # which forgot them, though they last as long as the kernel
    assert qjobwidgets.watch.budget() == 30
    assert qjobwidgets.watch.budget(service=watcher.service) == 7


@pytest.mark.parametrize("budget", [0, -1, 601, 1.5, True, "60"])
def test_what_is_no_budget_is_refused(budget):
    with pytest.raises(IBMInputValueError, match="from 1 to 600"):
        qjobwidgets.watch.budget(budget)


def test_a_full_look_that_is_too_long_for_it_goes_on_later(wire, watcher):
    """A list of many pages was read to its end, whatever the budget was."""
    ids = [f"job-{n:04}" for n in range(1000)]
    for job_id in ids:
        wire.put(job_id, "Running")
    watcher.asker.budget.per_minute = 3
    watcher.attach(View(watcher, ids))
    eventually(lambda: len(wire.requests) == 3)
    eventually(lambda: watcher.asker.blocked > 0)
    assert len(watcher.board.records(ids)) == 600
    watcher.look_now()
    eventually(lambda: "budget" in (watcher.freshness.message or ""))
    assert len(wire.requests) == 3
    watcher.asker.budget.per_minute = 100
    watcher._plan._not_before = 0.0
    began = time.monotonic()
    watcher.look_now()
    eventually(lambda: len(watcher.board.records(ids)) == 1000)
    asked = len(wire.requests)
    # of five pages each; a busy machine may see the end of the first only after the next ones
    assert asked <= 3 + 5 * (1 + (time.monotonic() - began) / schedule.LEAST_PAUSE)


def test_two_kernels_of_one_account_keep_to_it_together(tmp_path):
    file = tmp_path / "account.requests"
    code = (
        "import sys, pathlib, time; from qjobwidgets.watch.budget import Budget;"
        "sys.modules[Budget.__module__]._LOCK_WAIT = 60.0;"
        "b = Budget(10, pathlib.Path(sys.argv[1]));"
        "print(*(time.time() for _ in range(30) if b.take() == 0))"
    )
    kernels = [
        subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    sent = sorted(float(t) for each in kernels for t in each.communicate(timeout=200)[0].split())
    assert len(sent) >= 10
    # in any minute, as a busy machine may take longer than one for all of this
    assert all(later - early > 50.0 for early, later in zip(sent, sent[10:], strict=False))
    assert Budget(11, file).take() == 0


def test_notes_that_make_no_sense_do_no_harm(tmp_path, monkeypatch):
    """A clock set back, or a file cut short, must not stop the watching."""
    file = tmp_path / "account.requests"
    budget = Budget(2, file)
    assert [budget.take() == 0 for _ in range(3)] == [True, True, False]
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real - 3600)
    assert Budget(2, file).take() == 0
    file.write_bytes(b"\xff" * 21)
    assert Budget(2, file).take() == 0
    file.unlink()
    file.mkdir()
    alone = Budget(2, file)
    assert [alone.take() == 0 for _ in range(3)] == [True, True, False]


def test_two_watchers_of_one_account_are_both_right(wire, watcher):
    other = type(watcher)(watcher.service)
    wire.put("a", "Running")
    for each in (watcher, other):
        each.watch(queued("a"))
        eventually(lambda each=each: each.board.get("a").record.status == "RUNNING")
    wire.put("a", "Completed")
    for each in (watcher, other):
        each.look_now()
        eventually(lambda each=each: each.board.get("a").record.final)
    other.stop()
