"""Several users on one server: to each, the jobs of the others do not exist."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from qjobwidgets.server.config import StartRefusedError
from qjobwidgets.server.users import read_users
from tests.server.conftest import DEADLINE, Service

KEYS = {"ada": "the-key-of-ada-1815-1852", "grace.h-1_9": "the-key-of-grace-1906-92"}
ONE = {"program_id": "sample-program", "backend": "aer_local", "params": {"iterations": 1}}


class User:
    """One of the users of a server."""

    def __init__(self, service: Service, key: str) -> None:
        self._url = service.url
        self._headers = {"Authorization": f"apikey {key}"}

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = self._headers | options.pop("headers", {})
        return requests.request(
            method, self._url + path, headers=headers, timeout=DEADLINE, **options
        )

    def submit(self, **headers: str) -> str:
        answer = self.call("POST", "/jobs", json=ONE, headers=headers)
        assert answer.status_code == 200, answer.text
        job: str = answer.json()["id"]
        return job


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server with users."""
    folder = tmp_path_factory.mktemp("users")
    service = Service(folder / "data", "--users", str(_file(folder, json.dumps(KEYS))))
    yield service
    service.reap()


@pytest.fixture
def ada(shared: Service) -> User:
    return User(shared, KEYS["ada"])


@pytest.fixture
def grace(shared: Service) -> User:
    return User(shared, KEYS["grace.h-1_9"])


def _file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "users.json"
    path.touch(mode=0o600)
    path.write_text(text)
    path.chmod(mode)
    return path


ROUTES = [
    ("GET", ""),
    ("DELETE", ""),
    ("POST", "/cancel"),
    ("PUT", "/tags"),
    ("GET", "/results"),
    ("GET", "/interim_results"),
    ("GET", "/logs"),
    ("GET", "/metrics"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_job_of_another_user_is_404_on_every_route(
    shared: Service, ada: User, grace: User, method: str, path: str
):
    job = ada.submit()
    options = {"json": {"tags": ["mine"]}} if method == "PUT" else {}
    answer = grace.call(method, f"/jobs/{job}{path}", **options)
    nothing = grace.call(method, f"/jobs/unknown{path}", **options)
    assert answer.status_code == nothing.status_code == 404
    assert answer.json()["errors"] == nothing.json()["errors"]
    mine = ada.call("GET", f"/jobs/{job}").json()
    assert mine["tags"] == []
    assert mine["user_id"] == "ada"


def test_the_routes_of_jobs_are_all_tried_above(shared: Service):
    document = shared.http.get(shared.origin + "/openapi.json", timeout=DEADLINE)
    paths = document.json()["paths"]
    known = {
        (method.upper(), path.removeprefix("/api/v1/jobs/{job}"))
        for path, operations in paths.items()
        if path.startswith("/api/v1/jobs/{job}")
        for method in operations
    }
    assert known == set(ROUTES)


def test_lists_hold_ones_own_jobs_only(ada: User, grace: User):
    hers = ada.submit()
    mine = grace.submit()
    for user, seen, hidden in ((ada, hers, mine), (grace, mine, hers)):
        listed = user.call("GET", "/jobs").text
        assert seen in listed
        assert hidden not in listed
        listed = user.call("GET", "/workloads?limit=50").text
        assert seen in listed
        assert hidden not in listed


def test_a_stream_of_another_users_job_is_refused(shared: Service, ada: User):
    job = ada.submit()
    with pytest.raises(InvalidStatus) as refusal:
        connect(
            f"{shared.url.replace('http', 'ws', 1)}/stream/jobs/{job}",
            additional_headers={"Authorization": f"apikey {KEYS['grace.h-1_9']}"},
        ).__enter__()
    assert refusal.value.response.status_code == 404


def test_the_same_idempotency_key_of_another_user_is_another_job(ada: User, grace: User):
    headers = {"Idempotency-Key": "k-1"}
    first, again = ada.submit(**headers), ada.submit(**headers)
    assert first == again
    assert grace.submit(**headers) != first


def test_a_token_of_one_user_is_no_token_of_another(shared: Service, ada: User):
    grant = "urn:ibm:params:oauth:grant-type:apikey"
    answer = requests.post(
        shared.origin + "/identity/token",
        data={"grant_type": grant, "apikey": KEYS["ada"]},
        timeout=DEADLINE,
    ).json()
    job = ada.submit()
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    seen = requests.get(f"{shared.url}/jobs/{job}", headers=headers, timeout=DEADLINE)
    assert seen.json()["user_id"] == "ada"


def _refused(users: Path) -> str:
    with pytest.raises(StartRefusedError) as refusal:
        read_users(users, taken="the-key-of-the-server")
    assert refusal.value.exit_code == 4
    said = str(refusal.value)
    assert "key-of" not in said
    return said


def test_a_server_whose_users_cannot_be_used_does_not_start(tmp_path: Path):
    users = _file(tmp_path, json.dumps(KEYS), mode=0o644)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "qjobwidgets.server", "--port", "0"),
            *("--data", str(tmp_path / "data"), "--users", str(users)),
        ],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 4
    assert done.stdout == ""
    assert "chmod 600" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not a JSON object"),
        ("{}", "not a JSON object"),
        ('{"ada": 7}', "'ada'"),
        ('{"ada": "key-of-ada"}', "16 to 512"),
        ('{"ada": "key-of-ada with blanks"}', "visible ASCII"),
        ('{"a/../b": "the-key-of-ada-1815"}', "no name"),
        ('{"local": "the-key-of-ada-1815"}', "server's own user"),
        ('{"ada": "the-key-of-ada-1815", "ada": "the-key-of-ada-1852"}', "twice"),
        ('{"ada": "the-key-of-ada-1815", "bob": "the-key-of-ada-1815"}', "the same API key"),
        ('{"ada": "the-key-of-the-server"}', "the same API key"),
    ],
)
def test_users_that_cannot_be_are_refused_without_a_word_of_their_keys(
    tmp_path: Path, text: str, why: str
):
    assert why in _refused(_file(tmp_path, text))


def test_a_file_that_is_a_link_or_none_is_refused(tmp_path: Path):
    _file(tmp_path, json.dumps(KEYS))
    link = tmp_path / "link"
    link.symlink_to("users.json")
    assert "can't be used" in _refused(link)
    assert "No such file" in _refused(tmp_path / "none")
    assert "directory" in _refused(tmp_path)


def test_users_can_upload_no_programs(ada: User):
    answer = ada.call("POST", "/programs", json={"name": "p", "data": "", "cost": 1})
    assert answer.status_code == 403


def test_a_session_of_another_user_is_404_and_takes_none_of_their_jobs(ada: User, grace: User):
    body = {"mode": "dedicated", "backend": "noisy_local"}
    session = ada.call("POST", "/sessions", json=body).json()["id"]
    for method, path, options in (
        ("GET", f"/sessions/{session}", {}),
        ("PATCH", f"/sessions/{session}", {"json": {"accepting_jobs": False}}),
        ("DELETE", f"/sessions/{session}/close", {}),
        ("POST", "/jobs", {"json": ONE | {"backend": "noisy_local", "session_id": session}}),
        ("POST", "/jobs", {"json": {**ONE, "backend": None, "session_id": session}}),
    ):
        answer = grace.call(method, path, **options)
        assert answer.status_code == 404, (method, path)
        assert answer.json()["errors"][0]["message"] == "Session not found."
    assert grace.call("GET", f"/jobs?session_id={session}").json()["count"] == 0
    mine = ada.call("GET", f"/sessions/{session}").json()
    assert (mine["state"], mine["accepting_jobs"], mine["user_id"]) == ("open", True, "ada")
    assert session in ada.call("GET", "/workloads?mode=session").text
    assert session not in grace.call("GET", "/workloads?mode=session").text


def test_tags_of_another_user_are_not_found(ada: User, grace: User):
    job = ada.submit()
    assert ada.call("PUT", f"/jobs/{job}/tags", json={"tags": ["hers-alone"]}).status_code == 204
    assert ada.call("GET", "/tags?search=hers").json() == {"tags": ["hers-alone"]}
    assert grace.call("GET", "/tags?search=hers").json() == {"tags": []}
    assert ada.call("PUT", f"/jobs/{job}/tags", json={"tags": []}).status_code == 204
