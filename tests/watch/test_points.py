"""What is read of results to be drawn; more in the tests of the plot and of the counts."""

import json

import numpy as np
import pytest
from qiskit.primitives import DataBin, PrimitiveResult, PubResult

from qjobwidgets.codec import dumps
from qjobwidgets.watch.points import Group, GroupPoints
from qjobwidgets.watch.results import read_result
from tests.conftest import eventually
from tests.watch.conftest import answer


def test_a_refusal_that_passes_says_nothing_of_a_result(wire, watcher):
    """Results asked for in a moment of refused credentials were called unreadable for good."""
    wire.put("a", "Completed", tags=["t"], program={"id": "estimator"})
    points = GroupPoints(watcher, Group("tag", "t"), lambda: None)
    eventually(lambda: points.listed and not points._busy)
    wire.trouble = answer(401, {"errors": [{"message": "The token has expired."}]})
    points.want(["ev"])
    points.update()
    assert "expired" in eventually(lambda: points.trouble)
    eventually(lambda: not points._busy)
    points.update()
    assert (points.tally.done, points.tally.unread) == (1, 0)


@pytest.mark.parametrize("status", [500, 503])
def test_a_result_at_which_the_service_fails_is_asked_for_again(wire, watcher, monkeypatch, status):
    """An error of the service was taken for a result without values, and its point was lost.

    One that is always answered so must not keep the others from being read.
    """
    monkeypatch.setattr("qjobwidgets.watch.points._RETRY", 0.0)
    monkeypatch.setattr("qjobwidgets.watch.points._LATER", 0.2)
    estimate = PrimitiveResult([PubResult(DataBin(evs=np.array(-1.5)))])
    for job in ("a", "b"):
        wire.put(job, "Completed", tags=["t"], program={"id": "estimator"})
        wire.answers[f"/jobs/{job}/results"] = json.loads(dumps(estimate))
    wire.failing["/jobs/a/results"] = answer(status, {"errors": [{"message": "Out of order."}]})
    points = GroupPoints(watcher, Group("tag", "t"), lambda: None)
    points.want(["ev"])

    def read():
        points.update()
        values = np.frombuffer(points.chunk(["ev"]).values[0])
        return int(np.isnan(values).sum()), points.tally.unread, points.settled

    eventually(lambda: read() == (1, 1, False), 60)
    del wire.failing["/jobs/a/results"]
    eventually(lambda: read() == (0, 0, True), 60)
    assert points.trouble is None


@pytest.mark.parametrize(("failing", "asked"), [("bd", "abcde"), ("bcd", "abc")])
def test_a_result_at_which_the_service_fails_does_not_hold_back_others(
    wire, watcher, failing, asked
):
    """Each of them held back all that came after it until the next look, a minute later.

    Where the service fails at two in a row, it is left alone.
    """
    for job in "abcde":
        created = f"2026-01-01T00:00:0{ord(job) - ord('a')}Z"
        more = {"program": {"id": "estimator"}, "created": created}
        wire.put(job, "Completed", tags=["t"], **more)
        estimate = PrimitiveResult([PubResult(DataBin(evs=np.array(-1.5)))])
        wire.answers[f"/jobs/{job}/results"] = json.loads(dumps(estimate))
    for job in failing:
        wire.failing[f"/jobs/{job}/results"] = answer(500, {"errors": [{"message": "No luck."}]})
    points = GroupPoints(watcher, Group("tag", "t"), lambda: None)
    eventually(lambda: points.listed and not points._busy)
    points.want(["ev"])
    points.update()
    eventually(lambda: not points._busy)
    assert [path for path in wire.requests if path.endswith("/results")] == [
        f"/jobs/{job}/results" for job in asked
    ]
    assert "No luck." in points.trouble


def test_a_result_without_shots_is_empty_and_not_damaged():
    """Without a width the empty list of a plain result could not be read."""
    plain = {"results": [{"data": {"c": {"samples": []}}}]}
    [register] = read_result(json.dumps(plain)).registers
    assert register.shots == 0
