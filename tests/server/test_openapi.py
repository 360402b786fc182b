"""The OpenAPI document is true: whatever is asked, the answer is one that it names.

Requests are generated from the document itself, so a route that is added is covered as soon as it
is described. Half of them are about things that exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.server.conftest import DEADLINE, Service

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 5


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server whose jobs may be changed at will."""
    service = Service(tmp_path_factory.mktemp("openapi") / "data")
    yield service
    service.reap()


def _document(service: Service) -> dict[str, Any]:
    answer = service.http.get(service.origin + "/openapi.json", timeout=DEADLINE)
    document: dict[str, Any] = answer.json()
    return document


def _existing(service: Service) -> dict[str, str]:
    """Return something that exists for each parameter of a path."""
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    service.wait(job)
    session = service.call("POST", "/sessions", json={"mode": "batch", "backend": "noisy_local"})
    return {
        "job": job,
        "name": "noisy_local",
        "backend": "noisy_local",
        "program": "sampler",
        "session": session.json()["id"],
        "account": "local",
    }


def test_every_answer_is_one_the_document_names(own: Service):
    existing = _existing(own)
    schema = schemathesis.openapi.from_dict(_document(own))
    schema.config.update(base_url=own.origin)
    headers = {"Authorization": f"apikey {own.api_key}"}
    wrong: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        cases = st.one_of(
            operation.as_strategy(generation_mode=mode)
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        )

        @seed(1)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases, exists=st.booleans())
        def ask(case: Any, exists: bool) -> None:
            if exists:
                for name in case.path_parameters:
                    case.path_parameters[name] = existing.get(name, case.path_parameters[name])
            case.call_and_validate(
                headers=headers, checks=CHECKS, session=own.http, timeout=DEADLINE
            )

        try:
            ask()
        except BaseExceptionGroup as failures:
            wrong += [f"{operation.label}: {failure}" for failure in failures.exceptions]
        except AssertionError as failure:
            wrong.append(f"{operation.label}: {failure}")
    assert wrong == []


def test_every_operation_says_what_it_takes_gives_and_needs(own: Service):
    document = _document(own)
    assert set(document["components"]["securitySchemes"]) == {"bearer", "apikey"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            responses = operation["responses"]
            success = [code for code in responses if code.startswith("2")]
            # The address of a socket says so to whoever asks for it in plain HTTP.
            assert bool(success) != ("426" in responses), where
            for code in success:
                content = responses[code].get("content", {})
                assert (code == "204") == (not content), where
                # A result is whatever its program makes of it.
                anything = path.endswith("/jobs/{job}/results")
                assert all(bool(part["schema"]) != anything for part in content.values()), where
            assert operation["description"], where
            assert {"400", "500", "503"} <= set(responses), where
            if method in {"post", "put", "patch"} and "requestBody" in operation:
                assert "413" in responses, where


def test_the_document_needs_a_token_as_everything_does(own: Service):
    assert requests.get(own.origin + "/openapi.json", timeout=DEADLINE).status_code == 401
