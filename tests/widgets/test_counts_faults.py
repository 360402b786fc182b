"""CountsHistogram of results that are private, large, damaged or out of reach."""

import json
import time

import numpy as np
import pytest

from qjobwidgets import CountsHistogram, JobCard, JobsTable, RuntimeService
from qjobwidgets.codec.arrays import write_array
from qjobwidgets.codec.binary import encode
from qjobwidgets.watch import counts_source, details
from tests.client.faults import CANARY, FaultServer, Reply, fault_server
from tests.conftest import eventually

JOB = {"id": "j1", "state": {"status": "Completed"}, "program": {"id": "sampler"}}
RESULTS = "/jobs/j1/results"


@pytest.fixture
def faults():
    with fault_server() as server:
        server.on("/jobs/j1", Reply(document=JOB))
        yield server


@pytest.fixture
def remote(faults: FaultServer, monkeypatch, tmp_path):
    monkeypatch.setenv("IAM_URL", faults.origin)
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(tmp_path))
    service = RuntimeService(
        "ibm_quantum_platform", token=CANARY, url=faults.url, instance="crn:v1:x:y:z:us-east:a"
    )
    yield service
    service.close()


def typed(name, value):
    return {"__type__": name, "__value__": value}


def sampled(*shots, bits=2):
    """Return a sampler's result with one register."""
    array = encode(write_array(np.array([[n] for n in shots], np.uint8)), compressed=True)
    register = typed("BitArray", {"array": typed("ndarray", array), "num_bits": bits})
    data = typed("DataBin", {"field_names": ["meas"], "shape": [], "fields": {"meas": register}})
    pub = typed("SamplerPubResult", {"data": data, "metadata": {}})
    return typed("PrimitiveResult", {"pub_results": [pub], "metadata": {}})


def test_a_private_result_is_read_when_asked_for_and_once(faults, remote, page):
    """Looking at the counts of a private job took its result from the service (fault 33)."""
    faults.on("/jobs/j1", Reply(document={**JOB, "private": True}))
    faults.on(RESULTS, Reply(document=sampled(0, 3, 3)), Reply(204, body=b""))
    job = remote.job("j1")
    histogram = CountsHistogram(job)
    state = page.until(histogram, state="private")
    assert state["action"] == "Read it once"
    assert "can be read once" in histogram.twin()["text/html"]
    eventually(histogram.settled)
    assert faults.asked(RESULTS) == []
    page.send(histogram, kind="load", source=0, seen="private")
    page.until(histogram, state="ready", action=None)
    assert histogram.outcomes[0].bitstrings() == {"00": 1, "11": 2}
    # what the service has no more is still in the job
    assert job.result()[0].data.meas.get_counts() == {"00": 1, "11": 2}
    assert len(faults.asked(RESULTS)) == 1


def test_nor_is_that_of_a_private_job_to_compare_with(faults, remote, page):
    faults.on("/jobs/j2", Reply(document={**JOB, "id": "j2", "private": True}))
    faults.on(RESULTS, Reply(document=sampled(0, 3)))
    faults.on("/jobs/j2/results", Reply(document=sampled(0, 0, 3, 3)))
    histogram = CountsHistogram(remote.job("j1"), compare=remote.job("j2"))
    state = page.until(histogram, state="ready")
    assert state["entries"][0]["others"] == [None]
    assert (state["comparisons"][0]["state"], faults.asked("/jobs/j2/results")) == ("private", [])
    page.send(histogram, kind="load", source=1, seen="private")
    (other,) = eventually(lambda: all(o := page.state(histogram)["entries"][0]["others"]) and o)
    assert other["fidelity"] == pytest.approx(1)


@pytest.mark.parametrize("told", [True, False])
def test_a_large_result_stays_at_the_service_until_someone_wants_it(
    faults, remote, page, monkeypatch, told
):
    """A result of 200 MB was fetched only to be looked at (fault 32)."""
    monkeypatch.setattr(counts_source, "LOOK", 10**6)
    body = json.dumps(sampled(1, 1, 2)).encode() + b" " * 3 * 10**6
    headers = {} if told else {"Content-Length": "", "Connection": "close"}
    faults.on(RESULTS, Reply(body=body, headers=headers))
    histogram = CountsHistogram(remote.job("j1"))
    state = page.until(histogram, state="large")
    size = ": 3 MB" if told else ""
    assert state["message"] == f"The result is large{size}."
    assert state["action"] == ("Load 3 MB" if told else "Load it")
    assert state["message"] in histogram.twin()["text/plain"]
    page.send(histogram, kind="load", source=0, seen="large")
    page.until(histogram, state="ready", message=None)
    assert histogram.outcomes[0].bitstrings() == {"01": 2, "10": 1}


def test_a_table_never_reads_a_result_and_a_card_no_large_one(faults, remote, page, monkeypatch):
    """Fault 32: the result stays where it is while somebody only looks at the job."""
    monkeypatch.setattr(details, "LARGEST", 10**6)
    body = json.dumps(sampled(1, 1, 2)).encode() + b" " * 3 * 10**6
    faults.on(RESULTS, Reply(body=body))
    faults.on("/jobs", Reply(document={"jobs": [JOB], "count": 1}))
    job = remote.job("j1")
    table = JobsTable([job])
    table.to_dataframe()
    eventually(lambda: page.rows(table)["j1"]["status"] == "DONE")
    before = len(page.updates[table.model_id])
    page.send(table, kind="resync", rev=0)
    eventually(lambda: len(page.updates[table.model_id]) > before)
    assert faults.asked(RESULTS) == []
    card = JobCard(job)
    message = eventually(lambda: page.state(card)["result"].get("message"))
    assert "large" in message
    assert page.state(card)["result"]["content"] is None


def test_what_is_too_large_for_the_memory_is_offered_as_a_file(faults, remote, page, monkeypatch):
    monkeypatch.setattr(counts_source, "LOOK", 10**6)
    monkeypatch.setattr(counts_source, "IN_MEMORY", 2 * 10**6)
    monkeypatch.setattr("qjobwidgets.client.downloads.IN_MEMORY", 2 * 10**6)
    faults.on(RESULTS, Reply(body=b" " * 3 * 10**6))
    histogram = CountsHistogram(remote.job("j1"))
    assert page.until(histogram, state="large")["action"] == "Save 3 MB to a file"
    page.send(histogram, kind="load", source=0, seen="large")
    message = page.until(histogram, state="failed")["message"]
    assert "its 3 MB are in" in message
    assert "read_text()" in message


@pytest.mark.parametrize(
    "document",
    [
        typed("BitArray", {"array": 1}),
        typed("ndarray", "no base64"),
        sampled(0, bits=100),
        sampled(0, bits=-1),
        {"results": [{"data": {"counts": {"0xg": 1}}, "header": {}}]},
        {"results": [{"data": {"counts": {"0x1": -1}}, "header": {}}]},
    ],
)
def test_a_damaged_result_is_said_to_be_so(faults, remote, page, document):
    """What can't be read left the view fetching for ever."""
    faults.on(RESULTS, Reply(document=document))
    histogram = CountsHistogram(remote.job("j1"))
    assert "damaged" in page.until(histogram, state="failed")["message"]


def test_a_register_that_no_device_has_takes_no_memory(faults, remote, page):
    """Each outcome was written out in as many bits as the header claims: one of 2 GB each."""
    header = {"memory_slots": 2**34}
    document = {"results": [{"data": {"counts": {"0x1": 1}}, "header": header}]}
    faults.on(RESULTS, Reply(document=document))
    histogram = CountsHistogram(remote.job("j1"))
    assert "17179869184 bits" in page.until(histogram, state="failed")["message"]


def test_a_word_in_the_place_of_an_array_damages_nothing(faults, remote, page):
    """Services put the name of an extrapolator there, so an estimator's result was "damaged"."""
    data = typed("DataBin", {"fields": {"evs": 1.0}})
    metadata = {"extrapolator": typed("ndarray", "exponential")}
    pub = typed("PubResult", {"data": data, "metadata": metadata})
    faults.on(RESULTS, Reply(document=typed("PrimitiveResult", {"pub_results": [pub]})))
    histogram = CountsHistogram(remote.job("j1"))
    message = page.until(histogram, state="none")["message"]
    assert message == "This result has no counts. It has evs."


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b'"Hello"', "text"),
        (b"Hello", "text"),
        (b"3.5", "3.5"),
        (b"[1]", "a list"),
        (b"[]", "an empty list"),
        (json.dumps(typed("PrimitiveResult", {"pub_results": []})).encode(), "an empty list"),
        (b'{"energy": -1.1, "point": [1]}', "energy and point"),
        (json.dumps(dict.fromkeys("abcdefghi", 1)).encode(), "a, b, c, d, e, f and 3 more"),
        (json.dumps(typed("QuantumCircuit", "...")).encode(), "a value of type QuantumCircuit"),
    ],
)
def test_other_results_are_named(faults, remote, page, body, content):
    faults.on(RESULTS, Reply(body=body))
    histogram = CountsHistogram(remote.job("j1"))
    message = page.until(histogram, state="none")["message"]
    assert message == f"This result has no counts. It has {content}."


def test_the_plain_form_for_clients_without_qiskit(faults, remote, page):
    samples = {"samples": ["0x0", "0x3", "0x3"], "num_bits": 2}
    faults.on(RESULTS, Reply(document={"results": [{"data": {"meas": samples}, "metadata": {}}]}))
    histogram = CountsHistogram(remote.job("j1"))
    page.until(histogram, state="ready")
    assert histogram.outcomes[0].bitstrings() == {"00": 1, "11": 2}


def test_a_result_that_is_gone(faults, remote, page):
    faults.on(RESULTS, Reply(204, body=b""))
    histogram = CountsHistogram(remote.job("j1"))
    assert "no result at the service" in page.until(histogram, state="failed")["message"]


def test_a_result_out_of_reach_is_asked_for_again(faults, remote, page):
    """One failure of the network, and the counts never came."""
    faults.on(RESULTS, Reply(429, headers={"Retry-After": "30"}), Reply(document=sampled(0)))
    histogram = CountsHistogram(remote.job("j1"))
    state = page.until(histogram, state="away", action="Try again")
    assert state["retry_at"] > 1000 * (time.time() + 5)
    page.send(histogram, kind="load", source=0, seen="away")
    page.until(histogram, state="ready", message=None, retry_at=None)


def test_to_ask_again_is_not_to_take_a_large_result(faults, remote, page, monkeypatch):
    """Asked for again after a failure of the network, it was fetched whole, however large.

    Of two pages that asked again, the second one took it. And what someone had agreed to was asked
    for on and on, without a pause.
    """
    monkeypatch.setattr(counts_source, "LOOK", 10**6)
    body = json.dumps(sampled(1, 1, 2)).encode() + b" " * 3 * 10**6
    away = Reply(429, headers={"Retry-After": "30"})
    faults.on(RESULTS, away, Reply(body=body), away, Reply(body=body))
    histogram = CountsHistogram(remote.job("j1"))
    page.until(histogram, state="away")
    for _ in range(2):  # two pages, both when it is time
        page.send(histogram, kind="load", source=0, seen="away")
    page.until(histogram, state="large")
    page.send(histogram, kind="load", source=0, seen="away")  # a page that has not heard of it yet
    eventually(histogram.settled)
    assert len(faults.asked(RESULTS)) == 2
    # who has said so once need not do so again
    page.send(histogram, kind="load", source=0, seen="large")
    page.until(histogram, state="away")
    assert len(faults.asked(RESULTS)) == 3
    page.send(histogram, kind="load", source=0, seen="away")
    page.until(histogram, state="ready")


@pytest.mark.parametrize("which", [-1, 1, "0", None, True])
def test_messages_that_make_no_sense_are_let_be(faults, remote, page, which):
    faults.on("/jobs/j1", Reply(document={**JOB, "private": True}))
    histogram = CountsHistogram(remote.job("j1"))
    page.until(histogram, state="private")
    page.send(histogram, kind="load", source=which, seen="private")
    page.send(histogram, kind="refresh")
    eventually(histogram.settled)
    assert faults.asked(RESULTS) == []
