"""Signing in: the exchange of the API key for access tokens, once for all who ask."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from qjobwidgets.client.auth import TokenSource
from qjobwidgets.errors import IBMNotAuthorizedError, ServiceUnreachableError
from tests.client.faults import CANARY, Reply, Seen, jwt
from tests.conftest import eventually

GOOD = Reply(document={"id": "j1", "state": {"status": "Running"}, "program": {"id": "sampler"}})


def test_the_key_goes_to_the_exchange_only(faults, remote):
    faults.on("/jobs/j1", GOOD)
    remote.fetch_record("j1")
    holders = [seen.path for seen in faults.seen if CANARY.encode() in seen.body]
    assert holders == ["/identity/token"]
    assert not any(CANARY in str(seen.headers) for seen in faults.seen)
    headers = faults.asked("/jobs/j1")[0].headers
    assert headers["authorization"].startswith("Bearer ")
    assert headers["service-crn"] == "crn:v1:x:y:z:us-east:a"
    assert "cookie" not in headers


def test_a_bad_key_is_refused_in_the_services_words(faults, remote):
    words = "Provided API key could not be found."
    faults.on_iam(Reply(400, {"errorCode": "BXNIM0415E", "errorMessage": words}))
    with pytest.raises(IBMNotAuthorizedError, match=words):
        remote.fetch_record("j1")
    assert faults.asked("/jobs/j1") == []


def test_an_exchange_that_is_down_is_said_and_the_key_goes_nowhere_else(faults, remote):
    faults.on_iam(Reply(503))
    with pytest.raises(ServiceUnreachableError):
        remote.fetch_record("j1")
    with pytest.raises(ServiceUnreachableError):
        remote.run("sampler", {})
    assert {seen.path for seen in faults.seen} == {"/identity/token"}


def test_a_token_refused_is_renewed_once(faults, remote):
    faults.on("/jobs/j1", GOOD, Reply(401), GOOD)
    remote.fetch_record("j1")
    assert remote.fetch_record("j1").id == "j1"
    assert faults.exchanges == 2


def test_refused_again_it_asks_to_sign_in(faults, remote):
    faults.on("/jobs/j1", Reply(401))
    with pytest.raises(IBMNotAuthorizedError, match="Sign in again"):
        remote.fetch_record("j1")
    assert len(faults.asked("/jobs/j1")) == 2


def test_many_threads_exchange_the_key_once(faults, remote):
    faults.on("/jobs/j1", GOOD)
    start = threading.Barrier(16)

    def ask(_: int) -> str:
        start.wait()
        return remote.fetch_record("j1").id

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(16))) == {"j1"}
    assert faults.exchanges == 1


def test_a_token_refused_is_renewed_once_for_all_threads(faults, remote):
    """While many poll, the token is revoked: one exchange, and every question is answered."""
    revoked = {f"Bearer {jwt(serial=1)}"}

    def judge(seen: Seen) -> Reply:
        return Reply(401) if seen.headers["authorization"] in revoked else GOOD

    faults.on("/jobs/j1", judge)
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(remote.fetch_record, "j1") for _ in range(64)]
        assert {one.result(60).id for one in asked} == {"j1"}
    assert faults.exchanges == 2


def test_a_token_is_renewed_before_it_expires(faults, remote):
    faults.on("/jobs/j1", GOOD)
    faults.life = 1e-6
    remote.fetch_record("j1")
    faults.life = 3600.0
    remote.fetch_record("j1")
    remote.fetch_record("j1")
    assert faults.exchanges == 2


def test_an_opaque_token_counts_as_well(faults, remote):
    faults.on_iam(Reply(document={"access_token": "opaque", "expires_in": 3600}))
    faults.on("/jobs/j1", GOOD)
    remote.fetch_record("j1")
    assert faults.asked("/jobs/j1")[0].headers["authorization"] == "Bearer opaque"


class Line:
    """A lock that tells who has come to it."""

    def __init__(self) -> None:
        self.come: list[int] = []
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self.come.append(threading.get_ident())
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_those_who_waited_for_an_exchange_share_its_failure(faults, remote, monkeypatch):
    """Each of them tried anew, one after the other, while the exchange was down."""
    release, line, made = threading.Event(), Line(), TokenSource.__init__

    def with_line(tokens: TokenSource, *arguments: object) -> None:
        made(tokens, *arguments)
        tokens._lock = line

    monkeypatch.setattr(TokenSource, "__init__", with_line)

    def down(_: Seen) -> Reply:
        release.wait(60)
        return Reply(503, {}, {"Retry-After": "60"})

    faults.on_iam(down)
    faults.on("/jobs/j1", GOOD)
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(remote.fetch_record, "j1") for _ in range(16)]
        eventually(lambda: faults.seen and len(line.come) == 16)
        release.set()
        failures = [one.exception(60) for one in asked]
    assert {type(failure) for failure in failures} == {ServiceUnreachableError}
    assert len({id(failure) for failure in failures}) == 16
    assert len(faults.seen) == 1
    faults.on_iam(Reply(document={"access_token": "opaque"}))
    assert remote.fetch_record("j1").id == "j1"


def test_who_asks_on_a_schedule_tries_the_exchange_once(faults, remote):
    """A look in an outage cost four requests when the token had expired meanwhile."""
    faults.on_iam(Reply(503))
    for ask in (lambda: remote.fetch_record("j1"), remote.fetch_records):
        with pytest.raises(ServiceUnreachableError):
            ask()
    assert [seen.path for seen in faults.seen] == ["/identity/token"] * 2
    with pytest.raises(ServiceUnreachableError):
        remote.job("j1")
    assert len(faults.seen) == 2 + 4
