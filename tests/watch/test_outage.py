"""Ten minutes without network while a thousand jobs are watched, on a clock that runs faster."""

from __future__ import annotations

import importlib
import time

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.watch import Watcher
from tests.client.faults import CANARY, FaultServer, Reply, Seen, fault_server
from tests.conftest import eventually
from tests.watch.conftest import View

SPEED = 120.0
MINUTES = 10
JOBS = 1000
RESET = Reply(fault="reset")
CLOCKED = [
    "client.auth",
    *(f"watch.{n}" for n in ["asker", "budget", "freshness", "plan", "sleeping", "watcher"]),
]


class FastClock:
    """What watching has for the module ``time``: two minutes each second."""

    monotonic = staticmethod(lambda: time.monotonic() * SPEED)
    time = staticmethod(lambda: time.time() * SPEED)


class Account:
    """A service with the jobs of one account, and a network between it and us.

    Attributes:
        status: Of all jobs, by number.
        down: Whether the network is.
        tried: When something was sent into the dead network, by the fast clock.
    """

    def __init__(self, faults: FaultServer) -> None:
        self.status = dict.fromkeys(range(JOBS), "Running")
        self.down = False
        self.tried: list[float] = []
        self._tokens = 0
        self._faults = faults
        faults.on("/jobs", self._over_the_network(self._list))
        for number in self.status:
            faults.on(f"/jobs/{_id(number)}", self._over_the_network(self._one))
        faults.on_iam(self._over_the_network(self._token))

    def _over_the_network(self, answer):
        def reply(seen: Seen) -> Reply:
            if not self.down:
                return answer(seen)
            self.tried.append(FastClock.monotonic())
            return RESET

        return reply

    def _token(self, _: Seen) -> Reply:
        self._tokens += 1
        # five minutes: it expires in the middle of the outage
        token = {"access_token": f"opaque-{self._tokens}", "expires_in": 5 * 60}
        return Reply(document=token)

    def _list(self, seen: Seen) -> Reply:
        offset, limit = int(seen.query.get("offset", ["0"])[0]), int(seen.query["limit"][0])
        found = [
            self._job(number)
            for number, status in reversed(self.status.items())
            if "pending" not in seen.query or status == "Running"
        ]
        return Reply(document={"jobs": found[offset : offset + limit], "count": len(found)})

    def _one(self, seen: Seen) -> Reply:
        return Reply(document=self._job(int(seen.path[-4:])))

    def _job(self, number: int) -> dict[str, object]:
        return {"id": _id(number), "state": {"status": self.status[number]}}


def _id(number: int) -> str:
    return f"job-{number:04}"


@pytest.fixture
def account(monkeypatch):
    for name in CLOCKED:
        monkeypatch.setattr(importlib.import_module(f"qjobwidgets.{name}"), "time", FastClock)
    # in real seconds: how soon it sees what is due
    monkeypatch.setattr("qjobwidgets.watch.watcher._SLICE", 0.02)
    with fault_server() as faults:
        monkeypatch.setenv("IAM_URL", faults.origin)
        account = Account(faults)
        service = RuntimeService(
            "ibm_quantum_platform", CANARY, faults.url, instance="crn:v1:x:y:z:us-east:a"
        )
        account.watcher = Watcher(service)
        yield account
        account.watcher.stop()
        service.close()


def test_a_thousand_watched_jobs_cost_one_request_a_minute_and_are_right_again(account):
    ids = [_id(number) for number in range(JOBS)]
    board, view = account.watcher.board, View(account.watcher, ids)
    account.watcher.attach(view)
    eventually(lambda: len(board.records(ids)) == JOBS)
    account.down = True
    eventually(lambda: account.watcher.freshness.state == "offline")
    began = account.tried[0]
    account.status |= dict.fromkeys(range(0, JOBS, 2), "Completed")
    eventually(lambda: FastClock.monotonic() - began > MINUTES * 60)
    assert account.watcher.freshness.state == "offline"
    assert all(record.status == "RUNNING" for record in board.records(ids))
    account.down = False
    eventually(lambda: account.watcher.freshness.state == "live")
    expected = ["DONE" if number % 2 == 0 else "RUNNING" for number in range(JOBS)]
    eventually(lambda: [board.get(one).record.status for one in ids] == expected, 120)
    eventually(lambda: view.states[-1:] == ["live"])

    # one try soon, as most trouble is short, and a longer pause for it
    tried = [moment - began for moment in account.tried if moment - began <= MINUTES * 60]
    late = [moment for moment in tried if moment > 60.0]
    assert len(tried) <= MINUTES + 1  # at the begin and at the end of the ten minutes
    assert len(late) >= 3  # a busy machine has no time for more: a minute is half a second here
    # on the whole: on a busy machine one that comes late, by up to a second of its time, is sooner
    # followed by the next
    assert late[-1] - late[0] >= 50.0 * (len(late) - 1) - SPEED
