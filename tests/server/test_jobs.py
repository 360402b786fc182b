"""The life of a job over HTTP."""

from __future__ import annotations

import concurrent.futures
import json
from contextlib import suppress
from urllib.parse import urlsplit

import psutil
import pytest
from qiskit import QuantumCircuit

from tests.server.conftest import Service, until, until_gone
from tests.server.uploading import uploaded

SAMPLE = {"program_id": "sample-program", "backend": "aer_local", "params": {"iterations": 1}}
LONG = {"iterations": 10_000}


def test_a_job_goes_from_queued_to_completed(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 3}, tags=["a", "b"])
    document = service.wait(job)

    assert document["state"] == {"status": "Completed"}
    assert document["status"] == "Completed"
    assert document["program"] == {"id": "sample-program"}
    assert document["params"] == {"iterations": 3}
    assert document["tags"] == ["a", "b"]
    assert document["usage"]["status"] == "complete"
    times = document["timestamps"]
    assert times["created"] == document["created"] <= times["running"] <= times["finished"]
    assert service.get(f"/jobs/{job}/results").json() == "Hello, World!"
    assert "params" not in service.get(f"/jobs/{job}?exclude_params=True").json()


def test_interim_results_are_what_was_published_in_order(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 4})
    service.wait(job)
    published = service.get(f"/jobs/{job}/interim_results").json()
    assert [message["iteration"] for message in published] == [0, 1, 2, 3]
    assert all(sum(message["counts"].values()) == 1024 for message in published)


def test_a_job_without_result_answers_with_nothing_but_a_2xx(service: Service):
    job = service.submit("vqe", "aer_local", {"ansatz": 1, "operator": 2})
    assert service.wait(job)["state"]["status"] == "Failed"
    response = service.get(f"/jobs/{job}/results")
    assert (response.status_code, response.text) == (204, "")
    assert service.get(f"/jobs/{job}/interim_results").json() == []


def test_a_failed_job_says_why_and_logs_where(service: Service):
    job = service.submit("vqe", "aer_local", {"ansatz": 1, "operator": 2})
    state = service.wait(job)["state"]
    assert state["reason"] == "The ansatz must be a circuit with parameters."
    assert state["reason_code"] == 1210
    assert "Traceback" in service.get(f"/jobs/{job}/logs").text


def test_metrics_have_times_usage_and_figures(service: Service):
    response = service.post(
        SAMPLE, **{"X-Qx-Client-Application": "qiskit-version-2/other-1.0/my-notebook"}
    )
    job = response.json()["id"]
    service.wait(job)
    metrics = service.get(f"/jobs/{job}/metrics").json()
    assert set(metrics["timestamps"]) == {"created", "running", "finished"}
    assert metrics["usage"]["qpu_charge_time_seconds"] > 0
    assert metrics["usage"]["status"] == "complete"
    assert metrics["executions"] == 1
    assert metrics["caller"] == "my-notebook"


def test_a_running_job_tells_what_it_has_used_so_far(empty: Service):
    """It was nothing until the end: ``usage(partial=True)`` of the official client was 0."""
    job = empty.submit("sample-program", "slow_local", LONG)
    empty.wait(job, "Running")

    def used(more_than: float) -> float | None:
        usage = empty.get(f"/jobs/{job}/metrics").json()["usage"]
        assert usage["status"] == "pending"
        seconds: float = usage["qpu_charge_time_seconds"]
        assert seconds == usage["quantum_seconds"]
        return seconds if seconds > more_than else None

    some = until(lambda: used(0.0), "some usage")
    more = until(lambda: used(some), "more usage")
    assert empty.call("POST", f"/jobs/{job}/cancel").status_code == 204
    usage = empty.get(f"/jobs/{job}/metrics").json()["usage"]
    assert usage["status"] == "complete"
    assert usage["qpu_charge_time_seconds"] >= more


def test_queued_jobs_have_places_from_one_in_list_and_document(empty: Service):
    first = empty.submit("sample-program", "slow_local", LONG)
    empty.wait(first, "Running")
    second, third = (empty.submit("sample-program", "slow_local", LONG) for _ in range(2))

    assert empty.job(second)["position_in_queue"] == 1
    assert empty.job(third)["position_in_queue"] == 2
    assert "position_in_queue" not in empty.job(first)
    places = {doc["id"]: doc.get("position_in_queue") for doc in empty.get("/jobs").json()["jobs"]}
    assert places == {first: None, second: 1, third: 2}
    assert empty.get(f"/jobs/{third}/metrics").json()["position_in_queue"] == 2
    assert empty.get("/backends/slow_local/status").json()["length_queue"] == 3

    empty.call("POST", f"/jobs/{first}/cancel")
    empty.wait(second, "Running")
    assert empty.job(third)["position_in_queue"] == 1


def test_a_busy_backend_does_not_hold_up_the_others(empty: Service):
    empty.wait(empty.submit("sample-program", "slow_local", LONG), "Running")
    quick = empty.submit("sample-program", "aer_local", {"iterations": 1})
    assert empty.wait(quick)["state"]["status"] == "Completed"


def test_cancel_a_queued_job_and_it_never_starts(empty: Service):
    running = empty.submit("sample-program", "slow_local", LONG)
    empty.wait(running, "Running")
    queued = empty.submit("sample-program", "slow_local", LONG)
    assert empty.call("POST", f"/jobs/{queued}/cancel").status_code == 204
    document = empty.job(queued)
    assert document["state"] == {"status": "Cancelled"}
    assert "running" not in document["timestamps"]


def test_cancel_a_running_job_and_its_process_ends(empty: Service):
    job = empty.submit("sample-program", "slow_local", LONG)
    empty.wait(job, "Running")
    (process,) = until(empty.attempts, "the attempt's process")
    assert empty.call("POST", f"/jobs/{job}/cancel").status_code == 204
    assert empty.job(job)["state"] == {"status": "Cancelled"}
    until_gone([process])
    assert empty.get(f"/jobs/{job}/results").status_code == 204


def test_a_dense_simulation_is_ended_by_a_cancel(service: Service):
    """A simulator that computes looks at no signal: only the end of its process ends it."""
    circuit = QuantumCircuit(24)
    for layer in range(200):
        circuit.rx(0.1 + layer, range(24))
        circuit.cx(range(23), range(1, 24))
    circuit.measure_all()
    job = service.submit("sampler", "aer_local", {"pubs": [[circuit]]})

    def simulating() -> list[psutil.Process]:
        state = 16 << 24  # bytes of the state alone
        found = []
        for process in service.attempts():
            with suppress(psutil.NoSuchProcess):  # that of an earlier test
                found += [process] * (process.memory_info().rss > state)
        return found

    (process,) = until(simulating, "a state of 24 qubits")
    assert service.call("POST", f"/jobs/{job}/cancel").status_code == 204
    until_gone([process])
    assert service.job(job)["state"] == {"status": "Cancelled"}


def test_the_clock_of_a_client_means_nothing(service: Service):
    body = {"program_id": "sample-program", "params": {"iterations": 1}}
    dates = ("Fri, 31 Dec 2100 00:00:00 GMT", None, "Thu, 01 Jan 1970 00:00:00 GMT")
    made = [service.post(body, **({"Date": date} if date else {})).json()["id"] for date in dates]
    times = [service.wait(job)["created"] for job in made]
    assert times == sorted(times)
    page = service.get("/jobs", params={"limit": 3, "sort": "ASC", "created_after": times[0]})
    assert [job["id"] for job in page.json()["jobs"]] == made


def test_cancel_a_final_job_is_refused(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    service.wait(job)
    response = service.call("POST", f"/jobs/{job}/cancel")
    assert response.status_code == 409
    assert "Completed" in response.json()["errors"][0]["message"]
    assert service.status(job) == "Completed"


def test_a_job_over_its_limit_is_cancelled_with_code_1305(service: Service):
    job = service.submit("sample-program", "slow_local", LONG, cost=1)
    document = service.wait(job)
    assert document["state"]["status"] == "Cancelled"
    assert document["state"]["reason_code"] == 1305
    assert document["state"]["reason"].startswith("Ran too long")
    assert document["status"] == "Cancelled - Ran too long"
    assert document["usage"]["qpu_charge_time_seconds"] < 60


def test_delete_takes_a_final_job_away_and_refuses_a_pending_one(service: Service):
    job = service.submit("sample-program", "slow_local", LONG)
    assert service.call("DELETE", f"/jobs/{job}").status_code == 409
    service.call("POST", f"/jobs/{job}/cancel")
    assert service.call("DELETE", f"/jobs/{job}").status_code == 204
    assert service.get(f"/jobs/{job}").status_code == 404
    assert service.call("DELETE", f"/jobs/{job}").status_code == 404


def test_tags_are_replaced_and_cleared(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 1}, tags=["old"])
    put = service.call("PUT", f"/jobs/{job}/tags", json={"tags": ["new", "é<b>"]})
    assert put.status_code == 204
    assert service.job(job)["tags"] == ["new", "é<b>"]
    assert service.call("PUT", f"/jobs/{job}/tags", json={"tags": []}).status_code == 204
    assert service.job(job)["tags"] == []
    assert service.call("PUT", f"/jobs/{job}/tags", json={"tags": ["x" * 87]}).status_code == 400
    assert service.call("PUT", "/jobs/unknown/tags", json={"tags": []}).status_code == 404


def test_the_result_of_a_private_job_is_read_once(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 1}, private=True)
    document = service.wait(job)
    assert document["private"] is True
    assert "params" not in document
    assert service.get(f"/jobs/{job}/results").status_code == 200
    assert service.get(f"/jobs/{job}/results").status_code == 204


def test_the_same_key_and_body_are_the_same_job_also_from_many_threads(service: Service):
    def slow() -> int:
        count: int = service.get("/jobs?backend=slow_local&tags=keyed").json()["count"]
        return count

    def submit(_: int) -> tuple[str, bool]:
        response = service.post(SAMPLE, **{"Idempotency-Key": "one-key"})
        return response.json()["id"], "Idempotent-Replayed" in response.headers

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(submit, range(50)))
    assert len({job for job, _ in answers}) == 1
    assert [replayed for _, replayed in answers].count(False) == 1

    other = {**SAMPLE, "backend": "slow_local", "tags": ["keyed"]}
    assert service.post(other, **{"Idempotency-Key": "one-key"}).status_code == 422
    assert slow() == 0
    assert service.post(other, **{"Idempotency-Key": "other-key"}).status_code == 200
    assert slow() == 1


def test_a_submission_sent_again_is_the_same_job_whatever_has_become_of_its_program(
    service: Service,
):
    """It was checked before its key was looked at, and then refused: 404, or 400."""
    program = uploaded(service)
    session = service.call("POST", "/sessions", json={"mode": "batch", "backend": "noisy_local"})
    body = {"program_id": program, "params": {"iterations": 1}, "private": True}
    body["session_id"] = session.json()["id"]
    first = service.post(body, **{"Idempotency-Key": program})
    changed = {"spec": {"parameters": {"required": ["more"]}}}
    assert service.call("PATCH", f"/programs/{program}", json=changed).status_code == 204
    assert service.post(body).status_code == 400
    again = service.post(body, **{"Idempotency-Key": program})
    assert service.call("DELETE", f"/programs/{program}").status_code == 204
    assert service.post(body).status_code == 404
    for answer in (again, service.post(body, **{"Idempotency-Key": program})):
        assert answer.status_code == 200
        assert answer.headers["Idempotent-Replayed"] == "true"
        assert answer.json() == first.json()
    assert set(first.json()) == {"id", "backend", "session_id", "private"}
    other = service.post({**body, "tags": ["x"]}, **{"Idempotency-Key": program})
    assert other.status_code == 422


def test_list_filters_pages_and_sorts(empty: Service):
    jobs = [
        empty.submit("sample-program", "aer_local", {"iterations": 1}, tags=["all", f"n{index}"])
        for index in range(5)
    ]
    other = empty.submit("hello-world", "slow_local", LONG)
    for job in jobs:
        empty.wait(job)

    def ids(query: str) -> list[str]:
        answer = empty.get(f"/jobs?{query}").json()
        assert answer["count"] >= len(answer["jobs"])
        return [document["id"] for document in answer["jobs"]]

    assert ids("") == [other, *reversed(jobs)]
    assert ids("sort=ASC&limit=2&offset=1") == jobs[1:3]
    assert empty.get("/jobs?limit=2").json()["count"] == 6
    assert empty.get("/jobs?limit=9999").json()["limit"] == 200
    assert ids("pending=true") == [other]
    assert ids("pending=False&program=sample-program") == jobs[::-1]
    assert ids("program=hello-world") == [other]
    assert ids("backend=slow_local") == [other]
    assert ids("tags=all&tags=n3") == [jobs[3]]
    assert ids("tags=n3&tags=n4") == []
    assert ids("session_id=none") == []
    created = empty.job(jobs[2])["created"]
    assert ids(f"created_after={created}&sort=ASC") == [*jobs[2:], other]
    assert ids(f"created_before={created}&sort=ASC") == jobs[:3]
    listed = empty.get("/jobs?limit=1&sort=ASC").json()["jobs"][0]
    assert set(listed["timestamps"]) == {"created", "running", "finished"}
    assert "params" not in listed


def test_an_unchanged_list_is_answered_with_304(service: Service):
    one = ("sample-program", "aer_local", {"iterations": 1})
    service.wait(service.submit(*one, tags=["unchanged"]))
    etag = service.get("/jobs?tags=unchanged").headers["ETag"]
    same = service.get("/jobs?tags=unchanged", headers={"If-None-Match": etag})
    assert (same.status_code, same.text) == (304, "")
    service.submit(*one, tags=["unchanged"])
    other = service.get("/jobs?tags=unchanged", headers={"If-None-Match": etag})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "query",
    ["limit=x", "offset=-1", "pending=perhaps", "created_after=monday", "offset=1" + "0" * 30],
)
def test_a_query_that_means_nothing_is_400(service: Service, query: str):
    response = service.get(f"/jobs?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]


@pytest.mark.parametrize("query", ["limit=--5", "offset=--5", "&".join(["tags=a"] * 1000)])
def test_a_query_of_an_odd_form_is_400(service: Service, query: str):
    """A second sign before a number, and more tags than a statement can hold, were answered 500."""
    assert service.get(f"/jobs?{query}").status_code == 400


def test_times_of_early_years_sort_before_later_ones(service: Service):
    """The year 300 was written with three digits and compared as text: nothing came after it."""
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    listed = service.get("/jobs?created_after=0300-01-01").json()["jobs"]
    assert job in [document["id"] for document in listed]


def test_unknown_program_and_backend_name_those_there_are(service: Service):
    program = service.post({**SAMPLE, "program_id": "nope"})
    assert program.status_code == 404
    assert "vqe" in program.json()["errors"][0]["solution"]
    backend = service.post({**SAMPLE, "backend": "nope"})
    assert backend.status_code == 404
    assert "noisy_local" in backend.json()["errors"][0]["solution"]


@pytest.mark.parametrize("job", ["..", "%2e%2e%2ftoken", "a%00b", "é" * 50, "x" * 10_000])
def test_ids_that_are_none_are_404_or_400(service: Service, job: str):
    for path in ("", "/results", "/logs"):
        assert service.get(f"/jobs/{job}{path}").status_code in {400, 404}


def test_every_error_is_in_the_container_of_the_service_and_in_its_log(service: Service):
    """Of most errors the log had no trace."""
    responses = [
        service.get("/jobs/unknown"),
        service.get("/nowhere"),
        service.call("PATCH", "/jobs"),
        service.post({}),
        service.get("/programs?limit=many"),
        service.get("/jobs?limit=many"),
        service.get("/events"),
        service.call("POST", "/jobs", data="{}", headers={"Content-Type": "text/plain"}),
        service.get("/jobs", headers={"Authorization": "apikey wrong"}),
    ]
    log = "".join(path.read_text() for path in service.data.glob("server.log*"))
    lines = [json.loads(line) for line in log.splitlines()]
    logged = {line["trace"]: line for line in lines if "trace" in line}
    for response in responses:
        body = json.loads(response.text)
        assert {"code", "message"} <= body["errors"][0].keys()
        line = logged[body["trace"]]
        assert (line["status"], line["code"]) == (response.status_code, body["errors"][0]["code"])
        assert line["path"] == urlsplit(response.url).path
