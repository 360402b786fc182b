"""Large results go to a file; results at another address are fetched without our credentials."""

from __future__ import annotations

import gzip
import json
import os
import resource
import stat
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import ResultDecoder, downloads, files
from qjobwidgets.client.accounts import Endpoint
from qjobwidgets.client.secrets import SecretText
from qjobwidgets.errors import (
    ResultTooLargeError,
    RuntimeJobNotFound,
    ServiceError,
    ServiceUnreachableError,
)
from tests.client.faults import CANARY, FaultServer, Reply, Seen, fault_server

JOB = {"id": "j1", "state": {"status": "Completed"}}
ADDRESS = "/bucket/j1?signature=abc"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(tmp_path))


@pytest.fixture
def addressed(faults: FaultServer):
    """The service's answer names an address of its own site, as far as tests can have TLS."""
    faults.on("/jobs/j1", Reply(document=JOB))
    faults.on("/jobs/j1/results", Reply(document={"url": f"{faults.origin}{ADDRESS}"}))
    return faults


def test_a_result_at_another_address(addressed, remote):
    addressed.on_site("/bucket/j1", Reply(document={"energy": -1.5}))
    assert remote.job("j1").result() == {"energy": -1.5}
    [fetched] = [seen for seen in addressed.seen if seen.path == "/bucket/j1"]
    assert fetched.query == {"signature": ["abc"]}
    assert not {"authorization", "service-crn", "cookie"} & fetched.headers.keys()


def test_no_password_of_a_netrc_file_goes_there(addressed, remote, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    addressed.on_site("/bucket/j1", Reply(document=1))
    assert remote.job("j1").result() == 1
    assert "authorization" not in addressed.seen[-1].headers


def test_an_address_that_has_expired_is_asked_for_again(addressed, remote):
    addressed.on_site("/bucket/j1", Reply(403), Reply(document=[1]))
    assert remote.job("j1").result() == [1]
    assert len(addressed.asked("/jobs/j1/results")) == 2


def test_but_only_once(addressed, remote):
    addressed.on_site("/bucket/j1", Reply(403))
    with pytest.raises(ServiceError, match="403"):
        remote.job("j1").result()
    assert len(addressed.asked("/jobs/j1/results")) == 2


@pytest.mark.parametrize(
    "where",
    ["http://{0}/j1", "ftp://{0}/j1", "file:///etc/hosts", "https://a:b@{0}/", "//", "http://["],
)
def test_an_address_that_is_not_safe_is_not_asked(faults, remote, where):
    with fault_server() as elsewhere:
        url = where.format(elsewhere.origin.removeprefix("http://"))
        faults.on("/jobs/j1", Reply(document=JOB))
        faults.on("/jobs/j1/results", Reply(document={"url": url}))
        with pytest.raises(ServiceUnreachableError, match="not safe"):
            remote.job("j1").result()
        assert elsewhere.seen == []


def test_no_redirect_is_followed_from_there(addressed, remote):
    with fault_server() as elsewhere:
        addressed.on_site("/bucket/j1", Reply(302, headers={"Location": elsewhere.url}))
        with pytest.raises(ServiceUnreachableError, match="another address"):
            remote.job("j1").result()
        assert elsewhere.seen == []


def test_a_program_of_the_embedded_runtime_may_return_an_address(faults):
    """It is a result like any other there, and must not have the client fetch something."""
    service = RuntimeService("local", token=CANARY, url=faults.url)
    faults.on("/jobs/j1", Reply(document=JOB))
    faults.on("/jobs/j1/results", Reply(document={"url": f"{faults.origin}{ADDRESS}"}))
    assert service.job("j1").result() == {"url": f"{faults.origin}{ADDRESS}"}
    service.close()


@pytest.mark.parametrize("at_address", [False, True])
def test_a_result_too_large_for_the_memory(addressed, remote, monkeypatch, at_address):
    monkeypatch.setattr(downloads, "IN_MEMORY", 10**5)
    text = json.dumps("x" * 10**6)
    if at_address:
        addressed.on_site("/bucket/j1", Reply(body=text.encode()))
    else:
        addressed.on("/jobs/j1/results", Reply(body=text.encode()))
    with pytest.raises(ResultTooLargeError, match="1 MB are in") as caught:
        remote.job("j1").result()
    path = caught.value.path
    assert ResultDecoder.decode(path.read_text()) == "x" * 10**6
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    asked = len(addressed.asked("/jobs/j1/results"))
    with pytest.raises(ResultTooLargeError) as again:
        remote.job("j1").result()
    assert again.value.path == path
    assert len(addressed.asked("/jobs/j1/results")) == asked, "what is there is not fetched again"


@pytest.mark.parametrize("fault", ["truncate", "reset"])
def test_a_file_is_there_when_it_is_whole(addressed, remote, monkeypatch, tmp_path, fault):
    monkeypatch.setattr(downloads, "IN_MEMORY", 10**5)
    addressed.on("/jobs/j1/results", Reply(body=b"1" * 10**6, fault=fault))
    with pytest.raises(ServiceUnreachableError):
        remote.job("j1").result()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_there_is_a_cap_on_disk_as_well(addressed, remote, monkeypatch, tmp_path):
    monkeypatch.setattr(downloads, "IN_MEMORY", 10**5)
    monkeypatch.setattr(files, "ON_DISK", 5 * 10**5)
    addressed.on("/jobs/j1/results", Reply(body=b"1" * 10**6))
    with pytest.raises(ServiceError, match="larger than"):
        remote.job("j1").result()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_written_to(addressed, remote, monkeypatch, tmp_path):
    monkeypatch.setattr(downloads, "IN_MEMORY", 10**5)
    (tmp_path / "results").write_text("in the way")
    addressed.on("/jobs/j1/results", Reply(body=b"1" * 10**6))
    with pytest.raises(ServiceError, match="QJOBWIDGETS_DATA"):
        remote.job("j1").result()


def aged(path: Path, days: float) -> Path:
    """Make a file one that was used so long ago."""
    then = time.time() - days * 86_400
    os.utime(path, (then, then))
    return path


@pytest.fixture
def kept(addressed, remote, monkeypatch) -> Path:
    """The file with the result of a job."""
    monkeypatch.setattr(downloads, "IN_MEMORY", 10**5)
    addressed.on("/jobs/j1/results", Reply(body=b"1" * 10**6))
    with pytest.raises(ResultTooLargeError, match="removed when nobody has asked") as caught:
        remote.job("j1").result()
    return caught.value.path


def test_files_nobody_asks_for_are_removed(addressed, remote, kept):
    """They stayed for ever, four gigabytes each if need be."""
    left, young = (kept.parent / name for name in (".part-left", ".part-young"))
    for piece in (left, young):
        piece.touch()
    aged(kept, 31)
    aged(left, 2)
    addressed.on("/jobs/j2", Reply(document={**JOB, "id": "j2"}))
    addressed.on("/jobs/j2/results", Reply(body=b"2" * 10**6))
    with pytest.raises(ResultTooLargeError) as caught:
        remote.job("j2").result()
    assert set(kept.parent.iterdir()) == {caught.value.path, young}


def test_who_asks_for_a_result_keeps_its_file(addressed, remote, kept):
    aged(kept, 29)
    with pytest.raises(ResultTooLargeError):
        remote.job("j1").result()
    assert time.time() - kept.stat().st_mtime < 3600
    assert len(addressed.asked("/jobs/j1/results")) == 1


def test_a_kernel_tidies_up_even_when_it_fetches_nothing_large(remote, kept):
    """Whoever never met a large result again kept the old ones."""
    aged(kept, 31)
    files._tidied.clear()
    with pytest.raises(RuntimeJobNotFound):
        remote.api.result("small")
    assert not kept.exists()


def test_the_file_goes_with_its_job(addressed, remote, kept):
    addressed.on("/jobs/j1", Reply(204, body=b""))
    remote.delete_job("j1")
    assert not kept.exists()


def test_the_name_of_a_file_stays_in_its_folder(tmp_path, remote):
    endpoint = remote.account.endpoint()
    for name in ("../../x", "a/b", "\0", "ä" * 500, "", "\ud800"):
        assert files.kept_file(endpoint, name).parent == tmp_path / "results"


def test_a_file_is_found_again_when_the_embedded_runtime_has_another_port(remote):
    """A private result that was kept on disk was gone with the next start, and its file stayed."""
    ours = [Endpoint(f"http://127.0.0.1:{port}", "", SecretText(""), name="local") for port in "12"]
    others = [replace(endpoint, name=None) for endpoint in ours]
    assert len({files.kept_file(endpoint, "j1") for endpoint in ours}) == 1
    assert len({files.kept_file(endpoint, "j1") for endpoint in [*ours, *others]}) == 3


def test_two_hundred_megabytes_leave_the_memory_alone(faults, tmp_path):
    """The limit of the address space of the kernel is well below what the result would take."""
    piece = b"1" * 2**20

    def large(_: Seen) -> Reply:
        return Reply(body=gzip.compress(piece * 200, 1), headers={"Content-Encoding": "gzip"})

    faults.on("/jobs/j1", Reply(document=JOB))
    faults.on("/jobs/j1/results", large)
    script = f"""
        import resource
        from qjobwidgets import RuntimeService
        from qjobwidgets.errors import ResultTooLargeError
        service = RuntimeService("local", token="t", url={faults.url!r})
        job = service.job("j1")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            job.result()
        except ResultTooLargeError as error:
            print(error.path.stat().st_size)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=True,
        timeout=400,
    )
    size, grown = map(int, done.stdout.split())
    assert size == 200 * 2**20
    assert grown * 1024 < 160 * 2**20


def test_a_bomb_is_refused_where_no_file_is_meant(faults, remote):
    """A quarter of a gigabyte of zeros, as the answer to a small question."""
    bomb = gzip.compress(b"\0" * 2**28, 9)
    faults.on("/jobs/j1", Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ServiceError, match="larger than"):
        remote.fetch_record("j1")
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 200 * 2**20


@pytest.mark.parametrize("at_address", [False, True])
@pytest.mark.parametrize("told", [True, False])
def test_a_result_with_more_bytes_than_asked_for_stays_at_the_service(
    addressed, remote, tmp_path, at_address, told
):
    """A view that only wanted to look fetched all of it."""
    body = json.dumps("x" * 10**6).encode()
    headers = {} if told else {"Content-Length": "", "Connection": "close"}
    if at_address:
        addressed.on_site("/bucket/j1", Reply(body=body, headers=headers))
    else:
        addressed.on("/jobs/j1/results", Reply(body=body, headers=headers))
    with pytest.raises(ResultTooLargeError, match="The result is large") as caught:
        remote.api.result("j1", at_most=10**5)
    assert caught.value.size == (len(body) if told else None)
    assert caught.value.path is None
    assert not (tmp_path / "results").exists()
    assert remote.api.result("j1", at_most=2 * 10**6) == body.decode()
