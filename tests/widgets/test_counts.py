"""CountsHistogram: the counts, as soon as there are any."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from qjobwidgets import CountsHistogram
from qjobwidgets.errors import QJobError
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


def test_of_a_job_that_is_done_the_page_is_told_its_counts_and_nothing_else(service, page, bell):
    """First it was opened as one that waits for the job, then told that the counts are loaded."""
    job = service.run("sampler", {"pubs": [bell]}, {"backend": "aer_local"})
    job.result()
    histogram = CountsHistogram(job)
    page.until(histogram, state="ready")
    opened, told = page.updates[histogram.model_id]
    assert (opened["state"], told["state"]) == ("loading", "ready")


def test_counts_equal_those_of_the_result(service, page, bell):
    job = service.run("sampler", {"pubs": [bell, (bell, None, 20)]}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    page.until(histogram, state="ready")
    result = job.result()
    for found, pub in zip(histogram.outcomes, result, strict=True):
        assert found.bitstrings() == pub.data.meas.get_counts()


def test_a_result_without_counts_is_no_failure_and_says_what_it_has(service, page):
    """It was shown as a failed job is."""
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import SparsePauliOp

    circuit = QuantumCircuit(1)
    job = service.run(
        "estimator", {"pubs": [(circuit, SparsePauliOp("Z"))]}, {"backend": "aer_local"}
    )
    histogram = CountsHistogram(job)
    message = page.until(histogram, state="none")["message"]
    assert message.startswith("This result has no counts. It has evs, stds")
    assert message in histogram.twin()["text/plain"]
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


def test_parameter_sets_are_counted_together_and_one_by_one(service, page):
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter

    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("t"), 0)
    circuit.measure_all()
    pub = (circuit, [[0.0], [np.pi], [np.pi]], 10)
    job = service.run("sampler", {"pubs": [pub]}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    state = page.until(histogram, state="ready")
    assert state["registers"][0]["sets"] == 3
    assert {tuple(e["place"]): counts_of(e) for e in state["entries"]} == {
        (0, -1): {0: 10, 1: 20},
        (0, 0): {0: 10},
        (0, 1): {1: 10},
        (0, 2): {1: 10},
    }
    assert histogram.outcomes[0].bitstrings() == {"0": 10, "1": 20}
    histogram.place = [0, 2]
    assert "10 shots" in histogram.twin()["text/plain"]


def counts_of(entry):
    """Return the counts of an entry by number, of a register no wider than a byte."""
    counts = np.frombuffer(entry["counts"], dtype="<u4").tolist()
    return dict(zip(list(entry["outcomes"]), counts, strict=True))


def test_what_is_too_much_to_send_at_once_is_sent_when_it_is_picked(
    service, page, bell, monkeypatch
):
    monkeypatch.setattr("qjobwidgets.widgets.counts_columns.EAGER", 20)
    job = service.run("sampler", {"pubs": [bell] * 4}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    state = page.until(histogram, state="ready")
    assert [entry["place"] for entry in state["entries"]] == [[0, -1], [1, -1], [2, -1]]
    histogram.place = [3, -1]
    more = eventually(lambda: page.state(histogram)["more"])
    assert more["place"] == [3, -1]
    assert set(counts_of(more)) == {0b00, 0b11}


def test_compared_with_what_is_expected(service, page, bell):
    job = service.run("sampler", {"pubs": [(bell, None, 1000)]}, {"backend": "aer_local"})
    ideal = {"00": 0.25, "01": 0.25, "11": 0.5}
    histogram = CountsHistogram(job, compare=ideal)
    state = page.until(histogram, state="ready")
    assert [c["label"] for c in state["comparisons"]] == ["ideal"]
    (entry,) = state["entries"]
    # what is expected and was never measured has a bar too
    assert list(entry["outcomes"]) == [0b00, 0b01, 0b11]
    counts = np.frombuffer(entry["counts"], dtype="<u4")
    assert counts[1] == 0
    (other,) = entry["others"]
    assert np.frombuffer(other["shares"], dtype="<f8").tolist() == [0.25, 0.25, 0.5]
    p, q = counts / 1000, np.array([0.25, 0.25, 0.5])
    assert other["fidelity"] == np.sqrt(p * q).sum() ** 2
    assert other["variation"] == np.abs(p - q).sum() / 2
    twin = histogram.twin()["text/plain"]
    assert "Against ideal: Hellinger fidelity 0.7" in twin
    assert "−25.0" in twin


def test_compared_with_another_job_which_comes_later(service, page, bell):
    job = service.run("sampler", {"pubs": [(bell, None, 100)]}, {"backend": "aer_local"})
    slow = service.run("sample-program", {"iterations": 600}, {"backend": "slow_local"})
    later = service.run("sampler", {"pubs": [(bell, None, 50)]}, {"backend": "slow_local"})
    histogram = CountsHistogram(job, compare=[later, {"00": 1}], labels=["later", "zeros"])
    state = page.until(histogram, state="ready")
    assert [c["label"] for c in state["comparisons"]] == ["later", "zeros"]
    slow.cancel()
    state = eventually(
        lambda: (s := page.state(histogram))["comparisons"][0]["state"] == "ready" and s
    )
    first, second = eventually(
        lambda: all(others := page.state(histogram)["entries"][0]["others"]) and others
    )
    assert np.frombuffer(first["shares"], dtype="<f8").sum() == 1
    assert second["variation"] > 0.2
    eventually(histogram.settled)


def test_counts_of_a_circuit_runner(service, page, bell):
    """It was said to have no counts."""
    job = service.run("circuit-runner", {"circuits": bell, "shots": 64}, {"backend": "aer_local"})
    histogram = CountsHistogram(job)
    (entry,) = page.until(histogram, state="ready")["entries"]
    assert (entry["register"], entry["num_bits"], entry["shots"]) == ("meas", 2, 64)
    assert set(histogram.outcomes[0].bitstrings()) == {"00", "11"}


def test_choices_made_on_the_page_hold_for_the_twin(service, page, bell):
    job = service.run("sampler", {"pubs": [bell, bell]}, {"backend": "aer_local"})
    histogram = CountsHistogram(job, compare={"00": 0.5, "11": 0.5})
    page.until(histogram, state="ready")
    assert "Hellinger" in histogram.twin()["text/html"]
    page.set(histogram, top=1, compared=-1)
    twin = histogram.twin()["text/plain"]
    assert "Hellinger" not in twin
    assert "Top 1, and other (1 outcome" in twin


def test_a_job_by_its_id(service, page, bell):
    job = service.run("sampler", {"pubs": [bell]}, {"backend": "aer_local"})
    page.until(CountsHistogram(job.job_id(), service=service), state="ready")
    with pytest.raises(QJobError, match=r"Pass service= as well, or the job: service.job"):
        CountsHistogram(job.job_id())


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"sort": "size"}, "sort"),
        ({"top": 0}, "top"),
        ({"compare": 7}, "compared with a int"),
        ({"compare": ["00"]}, "compared with a str"),
        ({"compare": {"0x": 1}}, "compared with counts"),
        ({"compare": {"00": -0.5, "11": 1.5}}, "positive"),
        ({"compare": {}}, "positive"),
        ({"compare": [{"0": 1}], "labels": ["a", "b"]}, "1 comparisons and 2 labels"),
        ({"compare": [{"0": 1}] * 9}, "At most 8"),
    ],
)
def test_choices_that_make_no_sense_are_refused(service, page, bell, choices, said):
    job = service.run("sampler", {"pubs": [bell]}, {"backend": "aer_local"})
    with pytest.raises(QJobError, match=said):
        CountsHistogram(job, **choices)


def test_no_qiskit_is_loaded_to_show_counts(server, service, bell):
    """Decoding the result took loading Qiskit first."""
    job = service.run("sampler", {"pubs": [bell]}, {"backend": "aer_local"})
    job.wait_for_final_state()
    script = f"""
        import os, sys, time
        from qjobwidgets import CountsHistogram, RuntimeService
        service = RuntimeService("local", token={server.token!r}, url={server.url!r})
        histogram = CountsHistogram({job.job_id()!r}, service=service)
        while not histogram.outcomes:
            time.sleep(0.02)
        histogram.twin()
        print(any(name.split(".")[0] == "qiskit" for name in sys.modules))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.stdout.split() == ["False"], done.stderr
