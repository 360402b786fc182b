"""What a card tells of results and of two jobs, from facts alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import Outcomes
from qjobwidgets.watch.contents import PubResult, Result
from qjobwidgets.watch.details import Detail
from qjobwidgets.widgets.comparison import compared, results_of
from qjobwidgets.widgets.facts import result_json


def result(counts: list[int], bits: int) -> Detail:
    """Return a result with one register, of outcomes 0, 1, 2 and so on."""
    rows = np.arange(len(counts), dtype=">u2").view(np.uint8).reshape(-1, 2)
    found = Outcomes(0, "meas", bits, sum(counts), rows, np.array(counts, np.uint32))
    return Detail("ready", Result(pubs=(PubResult(outcomes=(found,)),), total=1))


def top(counts: list[int], bits: int) -> list[list[str | int]]:
    content = result_json(result(counts, bits), 0)["content"]
    return content["pub"]["registers"][0]["top"]


def test_of_equal_counts_the_first_are_shown():
    """The card showed the last ones of them, a histogram beside it the first."""
    assert top([1] * 32, 10) == [[f"{n:010b}", 1] for n in range(16)]
    assert top([1, 5, 5, 2, 2], 10)[:2] == [["0000000001", 5], ["0000000010", 5]]
    assert top([1, 5, 5, 2], 10)[0] == ["0000000000", 1]


def test_of_a_wide_register_a_comparison_shows_the_most_frequent_too():
    """Beyond 4096 outcomes it said how many more there were, after none."""
    ((label, text),) = results_of(result([1] * 4096 + [7], 14))
    assert label == "PUB 0 · meas"
    assert text.startswith("01000000000000: 7, 00000000000000: 1, ")
    assert text.endswith(", and 4\u202f093 more outcomes")
    assert results_of(result([2, 1, 1, 1, 1], 3))[0][1].endswith(", and 1 more outcome")


def test_a_job_cancelled_in_the_queue_waits_no_longer():
    """What it had waited was counted up to now, three days after it had been cancelled."""
    created = datetime.now(UTC) - timedelta(days=3)
    record = JobRecord(
        "a", JobStatus.CANCELLED, created=created, finished=created + timedelta(seconds=50)
    )
    details = SimpleNamespace(record=record, get=lambda _name: Detail())
    rows = {row.label: row.one for row in compared(details, details)}
    assert (rows["Waited"], rows["Ran"]) == ("50\u202fs", "–")
