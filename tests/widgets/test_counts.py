"""CountsHistogram: the counts, as soon as there are any."""

import numpy as np

from qjobwidgets import CountsHistogram
from tests.conftest import eventually


def test_the_counts_of_a_bell_pair_arrive_by_themselves(service, page, bell):
    job = service.run("sampler", {"pubs": [(bell, None, 1000)]}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    state = page.until(histogram, state="ready")
    (entry,) = state["entries"]
    assert (entry["register"], entry["num_bits"], entry["shots"]) == ("meas", 2, 1000)
    outcomes = np.frombuffer(entry["outcomes"], dtype="u1").tolist()
    counts = np.frombuffer(entry["counts"], dtype="<u4")
    assert outcomes == [0b00, 0b11]
    assert counts.sum() == 1000
    eventually(histogram.settled)
    assert "11" in histogram.twin()["text/plain"]


def test_counts_equal_those_of_the_result(service, page, bell):
    job = service.run("sampler", {"pubs": [bell, (bell, None, 20)]}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    page.until(histogram, state="ready")
    result = job.result()
    for found, pub in zip(histogram.outcomes, result, strict=True):
        assert found.bitstrings() == pub.data.meas.get_counts()


def test_a_job_without_counts_says_so(service, page):
    job = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    state = page.until(histogram, state="failed")
    assert "no counts" in state["message"]
    assert "no counts" in histogram.twin()["text/html"]


def test_a_failed_job_shows_its_reason_instead(page, failing):
    histogram = CountsHistogram(failing)
    assert "not supported by noisy_local" in page.until(histogram, state="failed")["message"]
