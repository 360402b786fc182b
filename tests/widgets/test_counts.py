"""CountsHistogram: the counts, as soon as there are any."""

import numpy as np

from qjobwidgets import CountsHistogram
from qjobwidgets.errors import ServiceUnreachableError
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


def test_a_register_of_a_hundred_bits(service, page):
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

    wide = ClassicalRegister(100, "wide")
    circuit = QuantumCircuit(QuantumRegister(1, "q"), wide)
    circuit.x(0)
    circuit.measure(0, wide[99])
    job = service.run("sampler", {"pubs": [(circuit, None, 7)]}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    (entry,) = page.until(histogram, state="ready")["entries"]
    assert (entry["register"], entry["num_bits"]) == ("wide", 100)
    assert histogram.outcomes[0].bitstrings() == {"1" + 99 * "0": 7}
    assert histogram.twin()["text/plain"]


def test_parameter_sets_are_counted_together(service, page):
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter

    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("t"), 0)
    circuit.measure_all()
    pub = (circuit, [[0.0], [np.pi], [np.pi]], 10)
    job = service.run("sampler", {"pubs": [pub]}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    (entry,) = page.until(histogram, state="ready")["entries"]
    assert entry["shots"] == 30
    assert histogram.outcomes[0].bitstrings() == {"0": 10, "1": 20}


def test_a_result_that_can_t_be_read_is_said_to_be_so(service, page, bell):
    """A decoder that raised left the view fetching for ever."""
    decoder = (None, lambda text: text.no_such_attribute)
    job = service.run("sampler", {"pubs": [bell]}, {"backend": "aer_local"}, result_decoder=decoder)
    histogram = CountsHistogram(job)
    assert "AttributeError" in page.until(histogram, state="failed")["message"]


def test_a_result_out_of_reach_is_asked_for_again(service, page, bell, monkeypatch):
    """One failure of the network, and the counts never came."""
    monkeypatch.setattr("qjobwidgets.widgets.counts._RETRY", 0.0)
    job = service.run("sampler", {"pubs": [bell]}, {"backend": "aer_local"})
    job.wait_for_final_state()
    fetch = job.result
    answers = [ServiceUnreachableError("Nothing answers.")]
    monkeypatch.setattr(job, "result", lambda: fetch() if not answers else raising(answers.pop()))
    histogram = CountsHistogram(job)
    page.until(histogram, state="ready", message=None)


def raising(error):
    raise error
