"""What is read of results to be drawn; more in the tests of the plot and of the counts."""

import json

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


def test_a_result_without_shots_is_empty_and_not_damaged():
    """Without a width the empty list of a plain result could not be read."""
    plain = {"results": [{"data": {"c": {"samples": []}}}]}
    [register] = read_result(json.dumps(plain)).registers
    assert register.shots == 0
