"""A webhook is told of a job, and nothing else leaves, nowhere else."""

import json
import threading

import pytest

from qjobwidgets.errors import IBMInputValueError, QJobError
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import webhook
from qjobwidgets.watch.webhook import checked_address, post
from tests.client.faults import CANARY, Reply, fault_server
from tests.conftest import eventually

FAILED = JobRecord(
    "j1",
    JobStatus.ERROR,
    program="sampler",
    backend="aer_local",
    reason="Qubit 7 & <b>others</b>\n",
    tags=("mine",),
    session_id="s1",
)


@pytest.fixture
def hooked():
    """A real server that takes the calls."""
    with fault_server() as server:
        yield server


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(webhook, "_PAUSE", 0.01)
    monkeypatch.setattr(webhook, "_TIMEOUTS", (30.0, 30.0))


def tell(server, path="/hook"):
    post(f"{server.url}{path}", FAILED, threading.Event())


def test_it_is_told_these_facts_and_no_credential(hooked, tmp_path, monkeypatch):
    """The HTTP library takes a password for any host it finds in the user's .netrc."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {CANARY}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("QISKIT_IBM_TOKEN", CANARY)
    hooked.on("/hook", Reply(204, body=b"", headers={"Set-Cookie": "id=1"}))
    tell(hooked)
    tell(hooked)
    for seen in hooked.asked("/hook"):
        assert seen.method == "POST"
        assert json.loads(seen.body) == {
            "id": "j1",
            "status": "ERROR",
            "program": "sampler",
            "backend": "aer_local",
            "reason": "Qubit 7 & <b>others</b>\n",
        }
        assert seen.headers["content-type"] == "application/json"
        assert not {"authorization", "cookie"} & seen.headers.keys()
        assert CANARY not in repr(seen)


def test_no_redirect_is_followed(hooked):
    """An address could have had us post to another host, or inside one's own network."""
    hooked.on("/hook", Reply(307, headers={"Location": f"{hooked.url}/elsewhere"}))
    with pytest.raises(QJobError, match="answered with status 307"):
        tell(hooked)
    assert hooked.asked("/elsewhere") == []
    assert len(hooked.asked("/hook")) == 1


@pytest.mark.parametrize("first", [Reply(500), Reply(503), Reply(429), Reply(fault="reset")])
def test_trouble_that_may_pass_is_tried_again(hooked, first):
    hooked.on("/hook", first, Reply(200))
    tell(hooked)
    assert len(hooked.asked("/hook")) == 2


@pytest.mark.parametrize(
    ("reply", "said", "times"),
    [
        (Reply(500), "status 500", 3),
        (Reply(404), "status 404", 1),
        (Reply(400), "status 400", 1),
        (Reply(fault="reset"), "can't be reached", 3),
    ],
)
def test_what_went_wrong_is_said_without_the_address(hooked, reply, said, times):
    """The path of such an address is often the only secret there is."""
    hooked.on(f"/hook/{CANARY}", reply)
    with pytest.raises(QJobError, match=said) as caught:
        tell(hooked, f"/hook/{CANARY}")
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None
    assert len(hooked.asked(f"/hook/{CANARY}")) == times


def test_an_address_that_does_not_answer_is_given_up(hooked, monkeypatch):
    monkeypatch.setattr(webhook, "_TIMEOUTS", (1.0, 0.2))
    hooked.on("/hook", Reply(fault="hang"))
    with pytest.raises(QJobError, match="ReadTimeout"):
        tell(hooked)
    eventually(lambda: len(hooked.asked("/hook")) >= 3)  # it may come to one after it was given up
    assert len(hooked.asked("/hook")) == 3


def test_what_it_answers_is_not_read(hooked):
    """An endless answer would fill the kernel's memory."""
    hooked.on("/hook", Reply(200, headers={"Content-Length": str(10**12)}, body=b"x"))
    tell(hooked)


def test_nothing_is_sent_once_it_is_to_stop(hooked):
    stop = threading.Event()
    stop.set()
    with pytest.raises(QJobError, match="was not told"):
        post(f"{hooked.url}/hook", FAILED, stop)
    assert hooked.seen == []


@pytest.mark.parametrize("url", ["https://hooks.example/x", "http://127.0.0.1:8000/a?b=c"])
def test_addresses(url):
    assert checked_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.test/hook",
        "ftp://example.test/hook",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://me:secret@example.test/",
        "https://me@example.test/",
        "http://[::1",
        "http://example.test:99999/",
        "http://example.test:port/",
        "http://example.test:0/",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(url):
    with pytest.raises(IBMInputValueError, match="Pass http") as caught:
        checked_address(url)
    assert "secret" not in str(caught.value)
