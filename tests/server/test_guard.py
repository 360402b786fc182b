"""Who is let in, and what is refused before it is read."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.server.conftest import DEADLINE, Service

GRANT = "urn:ibm:params:oauth:grant-type:apikey"


def _exchange(service: Service, **form: str) -> requests.Response:
    form = {"grant_type": GRANT, "apikey": service.api_key, "response_type": "cloud_iam"} | form
    return requests.post(service.origin + "/identity/token", data=form, timeout=DEADLINE)


def _raw(service: Service, request: str) -> str:
    """Send bytes as they are; return the status line and what follows."""
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port), timeout=DEADLINE) as raw:
        raw.sendall(request.encode())
        answer = b""
        while data := raw.recv(65536):
            answer += data
    return answer.decode()


def test_the_api_key_is_exchanged_for_a_token_that_lets_in(service: Service):
    answer = _exchange(service).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == answer["expires_in"]
    assert answer["token_type"] == "Bearer"
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert requests.get(service.url + "/jobs", headers=headers, timeout=DEADLINE).ok


def test_a_wrong_api_key_or_grant_is_400_in_the_form_of_the_identity_service(service: Service):
    wrong = _exchange(service, apikey="wrong")
    assert wrong.status_code == 400
    assert wrong.json()["errorCode"] == "BXNIM0415E"
    assert _exchange(service, grant_type="password").status_code == 400
    assert _exchange(service, apikey="\u00e9").status_code == 400


def _forged(service: Service) -> str:
    now = int(time.time())
    return jwt.encode({"iat": now, "exp": now + 60}, "x" * 32, "HS256")


def _unsigned(service: Service) -> str:
    return jwt.encode({"iat": 0, "exp": int(time.time()) + 60}, None, "none")


@pytest.mark.parametrize(
    "header",
    [
        lambda _: None,
        lambda _: "",
        lambda _: "Bearer",
        lambda _: "apikey wrong",
        lambda _: "Bearer not.a.token",
        lambda service: f"Basic {service.api_key}",
        lambda service: f"Bearer {service.api_key}",
        lambda service: f"Bearer {_forged(service)}",
        lambda service: f"Bearer {_unsigned(service)}",
    ],
)
@pytest.mark.parametrize("path", ["/jobs", "/backends", "/jobs/unknown/results", "/nowhere"])
def test_without_a_valid_credential_every_route_is_401(
    service: Service, header: Callable[[Service], str | None], path: str
):
    value = header(service)
    headers = {} if value is None else {"Authorization": value}
    answer = requests.get(service.url + path, headers=headers, timeout=DEADLINE)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == 1201
    assert service.api_key not in answer.text


def test_a_token_in_the_url_lets_nobody_in(service: Service):
    answer = requests.get(f"{service.url}/jobs?apikey={service.api_key}", timeout=DEADLINE)
    assert answer.status_code == 401


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_web_pages_are_refused_on_http_and_websocket(service: Service, origin: str):
    assert service.get("/jobs", headers={"Origin": origin}).status_code == 403
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    with pytest.raises(InvalidStatus) as refusal:
        connect(
            f"{service.url.replace('http', 'ws', 1)}/stream/jobs/{job}",
            additional_headers={"Authorization": f"apikey {service.api_key}"},
            origin=origin,
        )
    assert refusal.value.response.status_code == 403
    assert "access-control-allow-origin" not in refusal.value.response.headers


def test_the_open_routes_refuse_web_pages_too(service: Service):
    answer = requests.post(
        service.origin + "/identity/token",
        data={"grant_type": GRANT, "apikey": service.api_key},
        headers={"Origin": "http://evil.example"},
        timeout=DEADLINE,
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (["evil.example:{port}"], 403),
        (["127.0.0.1"], 403),
        (["127.0.0.1:1"], 403),
        ([], 400),
        (["127.0.0.1:{port}", "evil.example"], 400),
        (["localhost:{port}"], 200),
        (["LOCALHOST:{port}"], 200),
        (["[::1]:{port}"], 200),
    ],
)
def test_only_our_own_host_names_are_served(service: Service, hosts: list[str], status: int):
    port = urlsplit(service.url).port
    lines = "".join(f"Host: {host.format(port=port)}\r\n" for host in hosts)
    answer = _raw(service, f"GET /health HTTP/1.1\r\n{lines}Connection: close\r\n\r\n")
    assert answer.startswith(f"HTTP/1.1 {status} ")


def test_a_websocket_for_another_host_is_refused(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    answer = _raw(
        service,
        f"GET /api/v1/stream/jobs/{job} HTTP/1.1\r\nHost: evil.example\r\n"
        f"Authorization: apikey {service.api_key}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    )
    assert answer.startswith("HTTP/1.1 403 ")


def test_a_stream_without_a_token_is_refused_at_the_handshake(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    with pytest.raises(InvalidStatus) as refusal:
        connect(f"{service.url.replace('http', 'ws', 1)}/stream/jobs/{job}")
    assert refusal.value.response.status_code == 401


def test_the_server_proves_itself_before_a_client_sends_its_token(service: Service):
    nonce = "00ff" * 8
    answer = requests.post(
        service.origin + "/identity/proof", json={"nonce": nonce}, timeout=DEADLINE
    )
    expected = hmac.new(
        service.api_key.encode(), f"qjobwidgets-proof:{nonce}".encode(), hashlib.sha256
    )
    assert answer.json() == {"proof": expected.hexdigest()}


@pytest.mark.parametrize("nonce", [None, "", "abc", "zz" * 16, "a" * 300, 7])
def test_a_proof_is_made_for_a_nonce_only(service: Service, nonce: object):
    answer = requests.post(
        service.origin + "/identity/proof", json={"nonce": nonce}, timeout=DEADLINE
    )
    assert answer.status_code == 400


def test_health_needs_no_token(service: Service):
    answer = requests.get(service.origin + "/health", timeout=DEADLINE)
    assert answer.json() == {"status": "ok", "version": service.facts["version"]}


def test_answers_have_no_cookies_and_no_cors(service: Service):
    headers = service.get("/jobs").headers
    assert not {"set-cookie", "access-control-allow-origin", "server"} & {
        name.lower() for name in headers
    }


def test_no_secret_is_logged(start: Callable[..., Service]):
    service = start("--log-level", "DEBUG")
    token = _exchange(service).json()["access_token"]
    service.get("/jobs", headers={"Authorization": f"Bearer {token}"})
    service.get("/jobs", headers={"Authorization": "apikey wrong"})
    service.wait(service.submit("sample-program", "aer_local", {"iterations": 1}))
    service.stop()
    written = "".join(path.read_text() for path in service.data.glob("server.log*"))
    assert service.api_key not in written
    assert token not in written
    assert service.api_key not in json.dumps(service.facts)


@pytest.mark.parametrize(
    "job",
    [
        "..",
        "%2e%2e",
        "..%2f..%2ftoken",
        "%00",
        "a%00b",
        "x" * 10_000,
        "%F0%9F%98%80",
        "%ff",
        "a%0d%0ab",
    ],
)
@pytest.mark.parametrize("path", ["", "/results"])
def test_an_id_that_is_none_is_404(service: Service, job: str, path: str):
    answer = _raw(
        service,
        f"GET /api/v1/jobs/{job}{path} HTTP/1.1\r\nHost: 127.0.0.1:{urlsplit(service.url).port}\r\n"
        f"Authorization: apikey {service.api_key}\r\nConnection: close\r\n\r\n",
    )
    assert answer.startswith(("HTTP/1.1 404 ", "HTTP/1.1 400 "))
    assert '{"errors":[{' in answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PATCH", "/jobs", 405), ("GET", "/events", 426)],
)
def test_errors_of_the_framework_have_the_services_shape(
    service: Service, method: str, path: str, status: int
):
    answer = service.call(method, path)
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert isinstance(error["code"], int)
    assert answer.json()["trace"]


def test_a_socket_that_is_not_here_is_refused_with_a_reason(service: Service):
    """The framework answered 403 without a word."""
    with pytest.raises(InvalidStatus) as refusal:
        connect(
            f"{service.url.replace('http', 'ws', 1)}/jobs",
            additional_headers={"Authorization": f"apikey {service.api_key}"},
        ).__enter__()
    assert refusal.value.response.status_code == 404
    assert b'{"errors":[{"code":1206' in refusal.value.response.body
