"""Programs that a user uploads: kept, described, changed; their parameters checked."""

from __future__ import annotations

import base64
import json
import secrets
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from qiskit import QuantumCircuit

from qjobwidgets.server.programs.catalogue import PROGRAMS
from tests.server.conftest import DEADLINE, Service
from tests.server.uploading import (
    COUNTING,
    ITERATING,
    encoded,
    refusal,
    upload,
    uploaded,
)


def test_a_program_is_described_as_it_was_uploaded(service: Service):
    spec = {
        "backend_requirements": {"min_num_qubits": 5},
        "parameters": COUNTING,
        "return_values": {"type": "string"},
        "interim_results": {"type": "object"},
    }
    program = uploaded(service, name="My program", description="It counts.", cost=60, spec=spec)
    document = service.get(f"/programs/{program}").json()
    assert base64.b64decode(document.pop("data")).decode() == textwrap.dedent(ITERATING)
    assert document.pop("creation_date") == document.pop("update_date")
    assert document == {
        "id": program,
        "name": "My program",
        "description": "It counts.",
        "cost": 60,
        "is_public": False,
        "spec": spec,
    }
    assert program.startswith("My-program-")


def test_uploaded_programs_are_listed_after_those_built_in(service: Service):
    program = uploaded(service)
    first = service.get("/programs", params={"limit": len(PROGRAMS) - 1}).json()
    rest = service.get("/programs", params={"offset": len(PROGRAMS) - 1}).json()
    ids = [document["id"] for document in first["programs"] + rest["programs"]]
    assert ids[: len(PROGRAMS)] == list(PROGRAMS)
    assert program in ids[len(PROGRAMS) :]
    assert first["count"] == rest["count"] == len(ids)
    assert "data" not in rest["programs"][-1]
    last = service.get("/programs", params={"offset": len(ids) - 1, "limit": 5}).json()
    assert [document["id"] for document in last["programs"]] == ids[-1:]
    assert "limit" in refusal(service.get("/programs", params={"limit": 0}), 400)


def test_a_program_is_changed_published_and_deleted(service: Service):
    program = uploaded(service, spec={"return_values": {"type": "string"}})
    path = f"/programs/{program}"
    changes = {"name": f"renamed {program}", "cost": 99_999, "spec": {"parameters": COUNTING}}
    assert service.call("PATCH", path, json=changes).status_code == 204
    data = encoded("def main(backend, user_messenger): return 2")
    octets = {"Content-Type": "application/octet-stream"}
    assert service.call("PUT", f"{path}/data", data=data, headers=octets).status_code == 204
    assert service.call("PUT", f"{path}/public").status_code == 204
    document = service.get(path).json()
    assert (document["name"], document["cost"]) == (changes["name"], 10_800)
    assert document["spec"]["parameters"] == COUNTING
    assert document["spec"]["return_values"] == {"type": "string"}
    assert document["is_public"]
    assert document["data"] == data
    assert document["update_date"] > document["creation_date"]
    assert service.call("PUT", f"{path}/private").status_code == 204
    assert not service.get(path).json()["is_public"]

    assert service.call("DELETE", path).status_code == 204
    for method, place in (
        ("GET", path),
        ("DELETE", path),
        ("PUT", f"{path}/public"),
        ("PUT", f"{path}/private"),
        ("PUT", f"{path}/data"),
        ("PATCH", path),
    ):
        options = {"json": {"cost": 5}} if method == "PATCH" else {"data": data}
        refusal(service.call(method, place, **options), 404)


def test_names_are_unique_and_those_built_in_are_not_to_be_had(service: Service):
    program = uploaded(service, name="once")
    assert "once" in refusal(upload(service, name="once"), 409)
    assert "vqe" in refusal(upload(service, name="vqe"), 409)
    other = f"/programs/{uploaded(service)}"
    refusal(service.call("PATCH", other, json={"name": "once"}), 409)
    refusal(service.call("PATCH", other, json={"name": "sampler"}), 409)
    same = service.call("PATCH", f"/programs/{program}", json={"name": "once"})
    assert same.status_code == 204
    for method, path in (("DELETE", "/programs/vqe"), ("PUT", "/programs/vqe/private")):
        assert "built in" in refusal(service.call(method, path), 403)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"data": "no base64!"}, "data"),
        ({"data": base64.b64encode(b"\xff\xfe").decode()}, "data"),
        ({"data": ""}, "data"),
        ({"data": base64.b64encode(b"#" * 1_100_000).decode()}, "data"),
        ({"cost": 0}, "cost"),
        ({"description": 5}, "description"),
        ({"spec": {"parameters": {"type": "nonsense"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"$schema": "http://example.org/mine"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"$ref": "http://example.org/other.json"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"$ref": "file:///etc/passwd"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"pattern": "(a+)+$"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"default": "x" * 70_000}}}, "spec.parameters"),
    ],
)
def test_what_is_no_program_is_refused(service: Service, fields: dict[str, Any], place: str):
    assert refusal(upload(service, **fields), 400).startswith(place)


def test_several_users_can_upload_nothing(start: Callable[..., Service], tmp_path: Path):
    """Code of one user would run as the user who started the server."""
    own = start()
    program = uploaded(own, "import time\ndef main(backend, user_messenger): time.sleep(600)")
    waiting = [own.submit(program, "noisy_local", {}) for _ in range(2)]
    own.wait(waiting[0], "Running")
    own.stop()
    users = tmp_path / "users.json"
    users.write_text(json.dumps({"ada": secrets.token_urlsafe(24)}))
    users.chmod(0o600)
    shared = start("--users", str(users))
    assert "more than one user" in refusal(upload(shared), 403)
    path = f"/programs/{program}"
    for method, place in (
        ("DELETE", path),
        ("PUT", f"{path}/data"),
        ("PUT", f"{path}/public"),
        ("PATCH", path),
    ):
        options = {"json": {"cost": 5}} if method == "PATCH" else {}
        refusal(shared.call(method, place, **options), 403)
    for job in waiting:
        state = shared.wait(job)["state"]
        assert (state["status"], state["reason_code"]) == ("Failed", 1210)
        assert "more than one user" in state["reason"]
    refusal(shared.get(path), 404)
    assert shared.get("/programs").json()["count"] == len(PROGRAMS)
    body = {"program_id": program, "backend": "aer_local", "params": {}}
    assert "not found" in refusal(shared.post(body), 404)


def test_parameters_are_checked_by_the_schema(service: Service):
    program = uploaded(service, spec={"parameters": COUNTING})
    body = {"program_id": program, "backend": "aer_local"}
    for params, words in (
        ({}, "'iterations' is a required property"),
        ({"iterations": 10}, "params.iterations: 10 is greater than the maximum of 9"),
        ({"iterations": "x" * 1000}, "params.iterations: not what type asks"),
        ({"iterations": 1, "more": 2}, "'more' was unexpected"),
    ):
        assert words in refusal(service.post({**body, "params": params}), 400)
    assert service.post({**body, "params": {"iterations": 9}}).status_code == 200


def test_typed_values_stand_for_whatever_a_schema_asks(service: Service):
    schema = {
        "properties": {
            "circuits": {"type": "array", "items": {"type": "object", "required": ["never"]}},
            "points": {"type": "array"},
            "pattern": {"type": "string"},
        }
    }
    program = uploaded(
        service,
        "def main(backend, user_messenger, circuits, points): return points.tolist()",
        spec={"parameters": schema},
    )
    import numpy as np

    params = {"circuits": [QuantumCircuit(1)], "points": np.arange(3)}
    job = service.submit(program, "aer_local", params)
    assert service.wait(job)["state"]["status"] == "Completed"
    bad = {"program_id": program, "backend": "aer_local", "params": {**params, "circuits": [{}]}}
    assert "never" in refusal(service.post(bad), 400)


def test_others_are_answered_while_a_program_is_checked(service: Service):
    """A schema within the limits may take seconds to check: nobody else was answered meanwhile."""
    schema = {"properties": {f"parameter {k}": {"type": "number"} for k in range(800)}}
    asking = threading.Thread(
        target=uploaded, args=(service,), kwargs={"spec": {"parameters": schema}}
    )
    with requests.Session() as other:
        other.headers.update(service.http.headers)
        asking.start()
        answered = 0
        while asking.is_alive():
            assert other.get(service.url + "/jobs?limit=1", timeout=DEADLINE).ok
            answered += asking.is_alive()
    # Before the upload has got there, two may be answered in any case.
    assert answered > 2


def test_checking_parameters_is_bounded(service: Service):
    """A schema of a few lines may ask for more checks than there is time for."""
    doubling = {f"level{k}": {"anyOf": [{"$ref": f"#/$defs/level{k + 1}"}] * 2} for k in range(40)}
    schemas = (
        {"$defs": {**doubling, "level40": False}, "$ref": "#/$defs/level0"},
        {"$ref": "#"},
        {"$ref": "#/$defs/missing"},
    )
    for schema in schemas:
        program = uploaded(service, spec={"parameters": schema})
        body = {"program_id": program, "backend": "aer_local", "params": {}}
        assert "schema" in refusal(service.post(body), 400)
    program = uploaded(service, spec={"parameters": {"properties": {"a": {"uniqueItems": True}}}})
    body = {"program_id": program, "backend": "aer_local", "params": {"a": [{"b": 1}] * 30_000}}
    assert "repeated" in refusal(service.post(body), 400)


def test_a_keyword_that_compares_much_is_bounded_too(service: Service):
    """Keywords were counted, one step each: an ``enum`` of thousands of values was one of them.

    This took a minute and a half, and not a hundredth of the steps that were allowed.
    """
    schema = {"properties": {"a": {"items": {"enum": list(range(12_000))}}}}
    program = uploaded(service, spec={"parameters": schema})
    body = {"program_id": program, "backend": "aer_local", "params": {"a": [11_999] * 2_000}}
    assert "takes too long" in refusal(service.post(body), 400)
