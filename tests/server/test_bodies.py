"""Bodies that are not what they should be: answered with 4xx, never 500, and no job made."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from qjobwidgets.server.api.bodies import parse_object
from tests.server.conftest import Service

GOOD = '{"program_id":"sample-program","backend":"aer_local","params":{"iterations":%s}}'


def _count(service: Service) -> int:
    count: int = service.get("/jobs").json()["count"]
    return count


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        GOOD % "NaN",
        GOOD % "Infinity",
        GOOD % ("9" * 5000),
        GOOD % ("[" * 100_000),
        GOOD % ('"' + "\\ud800" + '"'),
        GOOD[:-10],
        "\xff\xfe",
    ],
)
def test_a_body_that_is_no_json_object_is_400(service: Service, body: str):
    before = _count(service)
    answer = service.call(
        "POST",
        "/jobs",
        data=body.encode("latin-1"),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400
    assert len(answer.text) < 1000
    assert _count(service) == before


@pytest.mark.parametrize(
    "body",
    [
        '{"program_id":"sample-program","program_id":"sample-program","params":{"iterations":1}}',
        GOOD % '1,"iterations":1',
        GOOD % '1,"\\u0069terations":1',
        GOOD % '1,"x":[{"a\\"b":1,"a\\"b":2}]',
        GOOD % '1,"x":[{"\\\\":1,"\\\\":2}]',
    ],
)
def test_an_object_with_a_key_twice_is_400(service: Service, body: str):
    """The last one counted, so two readers of the same text could see two different jobs."""
    before = _count(service)
    answer = service.call("POST", "/jobs", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "twice" in answer.json()["errors"][0]["message"]
    assert _count(service) == before


@pytest.mark.parametrize("value", ['{"a:b":1,"a":":"}', '"\\":\\\\"', '{"\\\\":1,"\\"":2}'])
def test_colons_and_quotes_in_strings_are_no_keys(value: str):
    assert parse_object(f'{{"x":{value}}}'.encode())


@pytest.mark.parametrize(
    "value",
    [2**64, -(2**63) - 1, [1, 10**30], {"n": -(10**18) * 10}],
    ids=["unsigned", "signed", "long", "negative"],
)
def test_an_integer_that_would_not_come_through_is_400(service: Service, value: object):
    """It became a float on the way, so that a program got another number than was sent."""
    before = _count(service)
    body = GOOD % f'1, "x": {json.dumps(value)}'
    answer = service.call("POST", "/jobs", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "64 bits" in answer.json()["errors"][0]["message"]
    assert _count(service) == before


@pytest.mark.parametrize(
    "value",
    [2**64 - 1, -(2**63), 10.0**25, "1" * 30, ',111111111111111111111":11111111111111111111'],
)
def test_other_long_numbers_come_through(value: object):
    assert parse_object(json.dumps({"x": [value]}).encode()) == {"x": [value]}


@pytest.mark.parametrize("depth", [260, 1000])
def test_inputs_nested_deeper_than_they_can_be_kept_are_400(service: Service, depth: int):
    """The parser reads more levels than the writer writes: what lay between was answered 500."""
    nested = "[" * depth + "]" * depth
    answer = service.call(
        "POST",
        "/jobs",
        data=f'{{"program_id":"sampler","params":{{"pubs":[1],"options":{{"x":{nested}}}}}}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"program_id": ""},
        {"program_id": 7},
        {"program_id": "sample-program", "params": []},
        {"program_id": "sample-program", "params": {"iterations": 0}},
        {"program_id": "sample-program", "params": {"iterations": "5"}},
        {"program_id": "sample-program", "params": {"iteration": 5}},
        {"program_id": "sample-program", "params": {}, "tags": ["x"] * 9},
        {"program_id": "sample-program", "params": {}, "tags": "x"},
        {"program_id": "sample-program", "params": {}, "tags": ["x" * 87]},
        {"program_id": "sample-program", "params": {}, "cost": -1},
        {"program_id": "sample-program", "params": {}, "cost": "long"},
        {"program_id": "sample-program", "params": {}, "log_level": "LOUD"},
        {"program_id": "sampler", "params": {}},
        {"program_id": "sampler", "params": {"pubs": []}},
        {"program_id": "sampler", "params": {"pubs": [[]]}},
        {"program_id": "sampler", "params": {"pubs": [["circuit", None, 0]]}},
        {"program_id": "sampler", "params": {"pubs": [["circuit", None, -1]]}},
        {"program_id": "sampler", "params": {"pubs": [["circuit", None, 1e12]]}},
        {"program_id": "sampler", "params": {"pubs": [["circuit"]], "version": 1}},
        {"program_id": "estimator", "params": {"pubs": [["circuit"]]}},
        {"program_id": "estimator", "params": {"pubs": [["circuit", "Z", None, -0.1]]}},
        {"program_id": "vqe", "params": {"ansatz": 1}},
        {"program_id": "vqe", "params": {"ansatz": 1, "operator": 2, "shots": 0}},
        {"program_id": "vqe", "params": {"ansatz": 1, "operator": 2, "optimiser": "SPSA"}},
    ],
)
def test_a_submission_whose_shape_is_wrong_is_400_and_names_the_place(
    service: Service, body: dict[str, Any]
):
    before = _count(service)
    answer = service.post(body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]
    assert _count(service) == before


def test_a_body_that_is_not_declared_as_json_is_415(service: Service):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = service.call(
            "POST", "/jobs", data=GOOD % 1, headers={"Content-Type": content_type}
        )
        assert answer.status_code == 415
        assert answer.headers["Connection"] == "close"


def test_a_body_that_is_not_declared_at_all_is_read_as_json(service: Service):
    """The last official client that streamed declares nothing, and was answered 415."""
    answer = service.call("POST", "/jobs", data=GOOD % 1)
    assert answer.request.headers.get("Content-Type") is None
    assert answer.status_code == 200


def test_a_body_over_the_cap_is_413_whether_it_says_so_or_not(service: Service):
    headers = {"Content-Type": "application/json"}
    big = b"x" * (65 * 1024)
    path = f"/jobs/{service.submit('sample-program', 'aer_local', {'iterations': 1})}/tags"
    declared = service.call("PUT", path, data=big, headers=headers)
    assert declared.status_code == 413
    assert declared.headers["Connection"] == "close"
    chunked = service.call("PUT", path, data=iter([big]), headers=headers)
    assert chunked.status_code == 413


def test_a_body_cut_short_makes_no_job_and_is_no_failure_of_the_server(
    start: Callable[..., Service],
):
    service = start()
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port)) as raw:
        raw.sendall(
            f"POST /api/v1/jobs HTTP/1.1\r\nHost: 127.0.0.1:{address.port}\r\n"
            f"Authorization: apikey {service.api_key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: 1000\r\n\r\n{GOOD % 1}".encode()
        )
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(65536):
            pass
    assert _count(service) == 0
    service.stop()
    assert "Traceback" not in (service.data / "server.log").read_text()


def test_a_session_that_does_not_exist_is_404(service: Service):
    answer = service.post({"program_id": "sample-program", "params": {}, "session_id": "s"})
    assert answer.status_code == 404


def test_fields_of_later_clients_are_ignored(service: Service):
    answer = service.post(
        {"program_id": "sample-program", "params": {"iterations": 1}, "hub": "h", "novel": [1]}
    )
    assert answer.status_code == 200


def test_text_that_looks_like_markup_comes_back_as_it_was(service: Service):
    tag = "<img src=x onerror=alert(1)>{{7*7}}"
    job = service.submit("sample-program", "aer_local", {"iterations": 1}, tags=[tag])
    assert service.job(job)["tags"] == [tag]
    assert service.get("/jobs", params={"tags": tag}).json()["count"] == 1


@pytest.mark.parametrize(("value", "status"), [("{},", 413), ('"{},[\\"",', 400), ("1,", 413)])
def test_a_body_of_too_many_values_is_413(service: Service, value: str, status: int):
    """One of 60 MB took 1.4 GB and held up everybody for seconds. Commas in strings count not."""
    values = (value * (3_000_000 if status == 413 else 700_000)).rstrip(",")
    body = f'{{"program_id": "sampler", "params": {{"pubs": [{values}]}}}}'
    headers = {"Content-Type": "application/json"}
    response = service.call("POST", "/jobs", data=body, headers=headers)
    assert response.status_code == status
