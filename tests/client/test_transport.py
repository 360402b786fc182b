"""The way to a service that misbehaves: bounded attempts, one typed error, nothing leaked."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.errors import (
    RateLimitedError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
    ServiceError,
    ServiceUnreachableError,
)
from tests.client.faults import CANARY, FaultServer, Reply, fault_server
from tests.conftest import eventually

JOB = {"id": "j1", "state": {"status": "Running"}, "program": {"id": "sampler"}}
GOOD = Reply(document=JOB)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_question_is_asked_again_when_a_gateway_complains(faults, remote, status):
    faults.on("/jobs/j1", Reply(status), Reply(status), GOOD)
    assert remote.job("j1").record.status == "RUNNING"
    assert len(faults.asked("/jobs/j1")) == 3


@pytest.mark.parametrize("fault", ["reset", "truncate"])
def test_and_when_the_connection_breaks(faults, remote, fault):
    faults.on("/jobs/j1", Reply(document=JOB, fault=fault), GOOD)
    assert remote.job("j1").record.status == "RUNNING"


@pytest.mark.parametrize("fault", ["reset", "truncate"])
def test_but_not_for_ever(faults, remote, fault):
    faults.on("/jobs/j1", Reply(document=JOB, fault=fault))
    with pytest.raises(ServiceUnreachableError, match="broke"):
        remote.job("j1")
    assert len(faults.asked("/jobs/j1")) == 4


@pytest.mark.parametrize("reply", [Reply(503), Reply(fault="reset")])
def test_who_asks_on_a_schedule_asks_once(faults, remote, reply):
    """An outage cost four requests a look, where the schedule allows one a minute."""
    faults.on("/jobs/j1", reply)
    faults.on("/jobs", reply)
    with pytest.raises(ServiceUnreachableError):
        remote.fetch_record("j1")
    with pytest.raises(ServiceUnreachableError):
        remote.fetch_records()
    assert len(faults.asked("/jobs/j1")) == 1
    assert len(faults.asked("/jobs")) == 1


def test_a_submission_is_not_sent_again_by_the_transport(faults, remote):
    faults.on("/jobs", Reply(503))
    answer = remote.api.transport.request("POST", "/jobs", document="{}")
    assert answer.status == 503
    assert len(faults.asked("/jobs")) == 1


def test_a_page_of_a_proxy_is_not_shown(faults, remote):
    page = b"<html><h1>Corporate proxy</h1></html>"
    faults.on("/jobs/j1", Reply(200, body=page, headers={"Content-Type": "text/html"}))
    with pytest.raises(ServiceUnreachableError, match="web page") as caught:
        remote.fetch_record("j1")
    assert "Corporate" not in str(caught.value)
    faults.on("/jobs/j1", Reply(400, body=page))
    with pytest.raises(ServiceError, match="status 400") as caught:
        remote.fetch_record("j1")
    assert "html" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b'{"id": "j1"}', b'{"state": {}}', b"[" * 9999]
)
def test_an_answer_of_another_form_is_one_typed_error(faults, remote, body):
    faults.on("/jobs/j1", Reply(body=body))
    with pytest.raises(ServiceUnreachableError):
        remote.fetch_record("j1")
    faults.on("/jobs", Reply(body=body))
    with pytest.raises(ServiceUnreachableError):
        remote.fetch_records()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, RuntimeJobNotFound), (409, RuntimeInvalidStateError), (418, ServiceError)],
)
def test_the_services_own_words_code_and_advice(faults, remote, status, kind):
    error = {"code": 1291, "message": "It is so.", "solution": "Do this."}
    faults.on("/jobs/j1/cancel", Reply(status, {"errors": [error]}))
    with pytest.raises(kind) as caught:
        remote.cancel_job("j1")
    assert str(caught.value) == "It is so. Do this."
    assert (caught.value.code, caught.value.status) == (1291, status)


def test_the_other_error_container(faults, remote):
    faults.on("/jobs/j1", Reply(403, {"error": {"code": 7, "message": "Not yours."}}))
    with pytest.raises(ServiceError, match="Not yours") as caught:
        remote.fetch_record("j1")
    assert caught.value.code == 7


def test_quota_says_how_long_to_wait(faults, remote):
    faults.on("/jobs/j1", Reply(429, {}, {"Retry-After": "17"}))
    with pytest.raises(RateLimitedError) as caught:
        remote.fetch_record("j1")
    assert caught.value.retry_after == 17.0
    assert len(faults.asked("/jobs/j1")) == 1
    faults.on("/jobs/j1", Reply(429, {}, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}))
    with pytest.raises(RateLimitedError) as caught:
        remote.fetch_record("j1")
    assert caught.value.retry_after == 0.0


@pytest.mark.parametrize(("text", "seconds"), [("inf", 3600.0), ("soon", None), ("-5", 0.0)])
def test_a_strange_retry_after(faults, remote, text, seconds):
    """An infinite wait made the waiting itself fail with an overflow."""
    faults.on("/jobs/j1", Reply(429, {}, {"Retry-After": text}))
    with pytest.raises(RateLimitedError) as caught:
        remote.fetch_record("j1")
    assert caught.value.retry_after == seconds


def test_a_time_to_wait_for_is_read_by_the_services_clock(faults, remote):
    """It was compared with our clock: one that is a day off had us wait for an hour, or not."""
    headers = {
        "Date": "Wed, 21 Oct 2015 07:28:00 GMT",
        "Retry-After": "Wed, 21 Oct 2015 07:28:40 GMT",
    }
    faults.on("/jobs/j1", Reply(429, {}, headers))
    with pytest.raises(RateLimitedError) as caught:
        remote.fetch_record("j1")
    assert caught.value.retry_after == 40.0


def test_a_silent_service_is_given_up_after_one_attempt(faults, remote, monkeypatch):
    faults.on("/jobs/j1", GOOD, Reply(document=JOB, fault="hang"))
    remote.fetch_record("j1")  # and has signed in, for which there shall be time
    monkeypatch.setattr("qjobwidgets.client.transport._READ_TIMEOUT", 0.1)
    with pytest.raises(ServiceUnreachableError, match="in time"):
        remote.fetch_record("j1")
    eventually(lambda: len(faults.asked("/jobs/j1")) >= 2)  # it may come to it after we gave it up
    assert len(faults.asked("/jobs/j1")) == 2


def test_a_long_retry_after_is_the_callers_to_wait(faults, remote):
    faults.on("/jobs/j1", Reply(503, {}, {"Retry-After": "3600"}))
    with pytest.raises(ServiceUnreachableError):
        remote.fetch_record("j1")
    assert len(faults.asked("/jobs/j1")) == 1


def test_credentials_do_not_follow_a_redirect(faults, remote):
    with fault_server() as elsewhere:
        for status in (301, 302, 307, 308):
            target = {"Location": f"{elsewhere.url}/jobs/j1"}
            faults.on("/jobs/j1", Reply(status, headers=target))
            with pytest.raises(ServiceUnreachableError, match="another address"):
                remote.fetch_record("j1")
        assert elsewhere.seen == []


def test_nobody_there(monkeypatch):
    faults = FaultServer()
    faults.close()
    service = RuntimeService("local", token=CANARY, url=faults.url)
    with pytest.raises(ServiceUnreachableError, match="can't be reached"):
        service.fetch_record("j1")
    service.close()


@pytest.fixture
def untrusted(tmp_path) -> Iterator[ssl.SSLSocket]:
    """A server with a certificate that nobody has signed."""
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes", "-newkey", "rsa:2048"]
    subprocess.run(
        ["openssl", "req", "-x509", *subject, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listening:
        yield listening


def test_a_certificate_nobody_trusts(untrusted):
    """No attempt without verification follows, and nothing was sent before."""
    said = []

    def serve() -> None:
        try:
            connection, _ = untrusted.accept()
            said.append(connection.recv(100))
        except ssl.SSLError as error:
            said.append(error.reason)

    server = threading.Thread(target=serve)
    server.start()
    url = f"https://127.0.0.1:{untrusted.getsockname()[1]}"
    service = RuntimeService("local", token=CANARY, url=url)
    with pytest.raises(ServiceUnreachableError, match="not trusted") as caught:
        service.fetch_record("j1")
    server.join(30)
    assert not caught.value.sent
    assert said == ["TLSV1_ALERT_UNKNOWN_CA"]
    service.close()


def test_closing_ends_the_attempts_of_other_threads(faults, remote, monkeypatch):
    """It was tested with a question that is asked only once, so that nothing could go wrong."""
    monkeypatch.setattr("qjobwidgets.client.transport._LONGEST_PAUSE", 60.0)
    faults.on("/jobs/j1", Reply(503, headers={"Retry-After": "60"}))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(remote.job, "j1")
        eventually(lambda: faults.asked("/jobs/j1"))
        remote.close()
        with pytest.raises(ServiceUnreachableError, match="was closed"):
            asked.result(60)
    assert len(faults.asked("/jobs/j1")) == 1


def test_an_answer_has_a_size_limit(faults, remote, monkeypatch):
    monkeypatch.setattr("qjobwidgets.client.downloads.IN_MEMORY", 1000)
    faults.on("/jobs/j1", Reply(body=b"x" * 2000))
    with pytest.raises(ServiceError, match="larger than"):
        remote.fetch_record("j1")


def test_a_page_that_has_not_changed_costs_an_empty_answer(faults, remote):
    page = {"jobs": [JOB], "count": 1}
    faults.on("/jobs", Reply(document=page, headers={"ETag": '"7"'}), Reply(304))
    first = remote.fetch_records(limit=5)
    assert remote.fetch_records(limit=5) is first
    assert faults.asked("/jobs")[1].headers["if-none-match"] == '"7"'


def test_ids_stay_inside_their_place_in_the_path(faults, remote):
    for job_id in ("../backends", "a/b?c#d", "ä\0", "\ud800"):
        with pytest.raises(RuntimeJobNotFound):
            remote.fetch_record(job_id)
        assert faults.seen[-1].path.startswith("/api/v1/jobs/")
    for job_id in ("", ".", ".."):
        with pytest.raises(RuntimeJobNotFound, match="not a job id"):
            remote.fetch_record(job_id)
