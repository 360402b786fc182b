"""A key used in a real kernel is found afterwards nowhere but where the user has put it.

A notebook submits, watches, fails and shows whatever it can get hold of, with DEBUG logs and
verbose tracebacks; then all that is left of it is searched for the key and for the access tokens
it was exchanged for.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import INSTANCE, Server

CELLS = """
import logging
logging.basicConfig(filename="debug.log", level=logging.DEBUG, force=True)
%load_ext qjobwidgets
%xmode Verbose
---
job = %qjob run sample-program iterations=3
job.result(60)
---
from qjobwidgets import *
service = RuntimeService()
views = [JobsTable(service=service), JobsDashboard(service=service), StatusBadge(job), JobCard(job)]
views += [InterimPlot(job), CountsHistogram({"00": 1})]
display(*views)
---
%qjob account
---
things = [service, service.account, service.active_account(), service.saved_accounts(), service.api]
things += [service.api.transport, service.instances(), job, job.record, *views]
for thing in [*things, vars(service), vars(job), vars(service.api.transport)]:
    display(thing)
    print(thing, repr(thing))
---
import copy, pickle
for thing in things:
    for act in (pickle.dumps, copy.deepcopy):
        try:
            print(act(thing))
        except Exception as error:
            print(repr(error))
---
service.job("nosuch")
---
%tb
---
service.run("nosuch", {})
---
RuntimeService(url="http://127.0.0.1:9").jobs()
---
RuntimeService(name="nobody")
---
RuntimeService("moon")
---
list(map(job.stream_results(print).cancel(), views))
---
from pathlib import Path
header = service.api.transport.stream_address("/jobs").headers["Authorization"]
_ = Path("secret").write_text(header.removeprefix("Bearer "))
"""


class Reader(NotebookClient):
    """Runs a notebook as somebody who looks at it does: they could be asked for input."""

    async def async_start_new_kernel_client(self) -> Any:
        """Let the cells know."""
        client = await super().async_start_new_kernel_client()
        client.allow_stdin = True
        return client


@pytest.fixture(scope="module")
def left_behind(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All that is left of the notebook, by the name of its place."""
    folder = tmp_path_factory.mktemp("canary")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS.split("---\n")]
    )
    account = {
        "QISKIT_IBM_CHANNEL": "ibm_quantum_platform",
        "QISKIT_IBM_TOKEN": server.token,
        "QISKIT_IBM_URL": server.url,
        "QISKIT_IBM_INSTANCE": INSTANCE,
        "IAM_URL": server.iam_url,
        "QJOBWIDGETS_DATA": str(folder / "data"),
        "JPY_SESSION_NAME": "canary.ipynb",  # as of a notebook that somebody looks at
        "HOME": str(folder),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in account.items():
            patch.setenv(name, value)
        client = Reader(
            notebook, timeout=400, allow_errors=True, resources={"metadata": {"path": folder}}
        )
        client.execute()
    files = [path for path in folder.rglob("*") if path.is_file()]
    left = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return {**left, "notebook": nbformat.writes(notebook).encode()}


def test_there_is_something_to_search(left_behind):
    """A notebook that did nothing would hold no secret either."""
    notebook = left_behind["notebook"].decode()
    for shown in ("RuntimeJobNotFound", "AccountError", "can't be reached", "moon", "'***'"):
        assert shown in notebook
    for view in ("JobsTable", "JobsDashboard", "StatusBadge", "JobCard", "InterimPlot"):
        assert view in notebook
    state = json.loads(notebook)["metadata"]["widgets"]
    assert len(state["application/vnd.jupyter.widget-state+json"]["state"]) >= 6
    assert b"/identity/token" in left_behind["debug.log"]
    assert b"/api/v1/jobs" in left_behind["debug.log"]
    assert "data/journal.db" in left_behind
    assert len(left_behind["secret"]) > 20


def test_no_key_and_no_token_is_left_anywhere(left_behind, server):
    secrets = {server.token.encode(), left_behind["secret"]}
    forms = secrets | {base64.b64encode(secret) for secret in secrets}
    forms |= {quote(secret.decode(), safe="").encode() for secret in secrets}
    found = {
        place: form
        for place, text in left_behind.items()
        for form in forms
        if form in text and place != "secret"
    }
    assert found == {}
