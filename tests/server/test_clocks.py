"""Limits and lists when a clock is wrong: the machine's own, or that of a client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.server.conftest import Service

# Found by every Python process that is started with its folder on the path, before anything else.
# It moves the wall clock, as somebody who sets it would; the monotonic clock knows nothing of that.
SITECUSTOMIZE = """
import datetime, pathlib, time

_SHIFT = pathlib.Path(__file__).with_name("shift")
_now, _time = datetime.datetime.now, time.time

def _shift():
    return float(_SHIFT.read_text())

class _Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return _now(tz) + datetime.timedelta(seconds=_shift())

datetime.datetime = _Clock
time.time = lambda: _time() + _shift()
"""


@pytest.mark.parametrize("shift", [-3600, 3600])
def test_a_limit_holds_when_the_clock_of_the_machine_is_set(
    start: Callable[..., Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shift: int
):
    clock = tmp_path / "clock"
    clock.mkdir()
    (clock / "sitecustomize.py").write_text(SITECUSTOMIZE)
    shifted = clock / "shift"
    shifted.write_text("0")
    monkeypatch.setenv("PYTHONPATH", str(clock))
    service = start()
    job = service.submit("sample-program", "slow_local", {"iterations": 1000}, cost=4)
    before = service.wait(job, "Running")["timestamps"]["running"]
    # At once: while it is written, the server would find no number in it.
    (clock / "next").write_text(str(shift))
    (clock / "next").replace(shifted)
    document = service.wait(job)
    assert document["state"]["status"] == "Cancelled"
    assert document["state"]["reason_code"] == 1305
    assert document["state"]["reason"].startswith("Ran too long")
    assert 4 <= document["usage"]["qpu_charge_time_seconds"] < 60
    # The clock was indeed another one.
    after = document["timestamps"]["finished"]
    assert (after > before) == (shift > 0)
    took = datetime.fromisoformat(after) - datetime.fromisoformat(before)
    assert abs(took - timedelta(seconds=shift)) < timedelta(seconds=60)


@pytest.mark.parametrize("days", [-1, 1])
def test_the_clock_of_a_client_means_nothing(service: Service, days: int):
    theirs = datetime.now(UTC) + timedelta(days=days)
    date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT")
    body = {
        "program_id": "sample-program",
        "backend": "aer_local",
        "params": {"iterations": 1},
        "created": theirs.isoformat(),
    }
    begin = datetime.now(UTC) - timedelta(seconds=1)
    job = service.post(body, Date=date).json()["id"]
    document = service.wait(job)
    created = datetime.fromisoformat(document["created"])
    assert begin <= created <= datetime.now(UTC) + timedelta(seconds=1)
    # What was taken from an answer of the server finds the job again, whatever the client's clock.
    listed = service.get("/jobs", params={"created_after": document["created"]}).json()["jobs"]
    assert job in [document["id"] for document in listed]
