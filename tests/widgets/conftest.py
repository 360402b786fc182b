"""The page's end of the wire: keeps each model's state as a browser would."""

from __future__ import annotations

import threading
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm
from ipywidgets.widgets.widget import _put_buffers

from qjobwidgets.records import JobRecord
from qjobwidgets.widgets.rows import row
from tests.circuits import bell
from tests.conftest import eventually


class Page:
    """All models open, as a front end knows them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.comms: dict[str, Any] = {}
        self.states: dict[str, dict[str, Any]] = {}
        self.updates: dict[str, list[dict[str, Any]]] = {}
        self.messages: dict[str, list[Any]] = {}

    def receive(self, model_id: str, data: dict[str, Any], buffers: list[Any]) -> None:
        state = data.get("state")
        if state is None:
            if data.get("method") == "custom":
                with self.lock:
                    self.messages.setdefault(model_id, []).append(data["content"])
            return
        _put_buffers(state, data.get("buffer_paths", []), buffers or [])
        with self.lock:
            self.states.setdefault(model_id, {}).update(state)
            self.updates.setdefault(model_id, []).append(state)

    def state(self, view: Any) -> dict[str, Any]:
        """Return the traits of a view as the page has them."""
        with self.lock:
            return dict(self.states[view.model_id])

    def told(self, view: Any) -> list[Any]:
        """Return the messages that were sent to a view's page beside its traits."""
        with self.lock:
            return list(self.messages.get(view.model_id, []))

    def send(self, view: Any, **content: Any) -> None:
        """Send a message as the page's script does."""
        data = {"method": "custom", "content": content}
        message = {"content": {"data": data, "comm_id": view.model_id}, "buffers": []}
        self.comms[view.model_id].handle_msg(message)

    def set(self, view: Any, **traits: Any) -> None:
        """Set traits as the page's script does."""
        data = {"method": "update", "state": traits, "buffer_paths": []}
        message = {"content": {"data": data, "comm_id": view.model_id}, "buffers": []}
        self.comms[view.model_id].handle_msg(message)

    def rows(self, view: Any) -> dict[str, dict[str, Any]]:
        """Return a table's rows by id: the snapshot with every patch applied in order."""
        rows: dict[int, dict[str, Any]] = {}
        rev = -1
        with self.lock:
            updates = list(self.updates[view.model_id])
        for update in updates:
            if "snapshot" in update:
                rev = update["snapshot"]["rev"]
                rows = dict(opened(update["snapshot"]["rows"]))
            patch = update.get("patch")
            if patch and patch["base"] <= rev < patch["rev"]:
                rev = patch["rev"]
                rows |= dict(opened(patch.get("rows", {"n": []})))
                for number, changed in opened(patch.get("changed", {"n": []}), whole=False):
                    rows[number] = rows[number] | changed
                for gone in patch.get("gone", []):
                    rows.pop(gone, None)
        return {row["id"]: row for row in rows.values()}

    def until(self, view: Any, **expected: Any) -> dict[str, Any]:
        """Wait until the page's state of a view has these values; return it."""

        def look() -> dict[str, Any] | None:
            state = self.state(view)
            return state if all(state.get(k) == v for k, v in expected.items()) else None

        return eventually(look)


def opened(frame: dict[str, Any], *, whole: bool = True) -> list[tuple[int, dict[str, Any]]]:
    """Return the numbered rows of a frame, as the page reads it."""
    quiet = {"tags": [], "cancelling": False, "refused": False}
    blank = dict.fromkeys(row(JobRecord("", "")), None) | quiet
    rows = []
    for i, number in enumerate(frame["n"]):
        told = {}
        for field, column in frame.items():
            if isinstance(column, dict):
                told[field] = column["of"][column["at"][i] if "at" in column else 0]
            elif field != "n":
                told[field] = column[i]
        rows.append((number, (blank if whole else {}) | told))
    return rows


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page that is open while the test runs."""
    page = Page()

    class PageComm(BaseComm):
        def publish_msg(self, _type, data=None, _metadata=None, buffers=None, **_keys):
            page.comms[self.comm_id] = self
            page.receive(self.comm_id, data or {}, buffers)

    monkeypatch.setattr(comm, "create_comm", PageComm)
    yield page
    from qjobwidgets.widgets import open_views

    for view in open_views():
        view.close()


@pytest.fixture(name="bell")
def bell_pair():
    """The circuit of a Bell pair."""
    return bell()


@pytest.fixture
def failing(service):
    """Submit a job that fails: it couples two qubits that are no neighbours on the device."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(7)
    circuit.cx(0, 6)
    circuit.measure_all()
    return service.run("sampler", {"pubs": [circuit]}, {"backend": "noisy_local"})
