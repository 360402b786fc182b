"""``%qjob freeze`` in a real kernel with a page: what the notebook's file holds afterwards."""

import pytest

from tests.kernels import connected

OPEN = """
%load_ext qjobwidgets
job = %qjob run sample-program iterations=1 --backend aer_local
%qjob wait job
%qjob show job
"""


class Notebook:
    """The outputs of a notebook, as a front end keeps them in the file."""

    def __init__(self, client):
        self.client = client
        self.outputs = []
        self.places = {}
        self.printed = ""

    def run(self, code):
        """Run a cell; what views say between cells is taken too."""
        cell = self.client.execute(code)
        while not self._ended(message := self.client.get_iopub_msg(timeout=400), cell):
            self._take(message)
        reply = self.client.get_shell_msg(timeout=400)
        while reply["parent_header"]["msg_id"] != cell:  # from when the kernel was started
            reply = self.client.get_shell_msg(timeout=400)
        assert reply["content"]["status"] == "ok", reply["content"]

    def _ended(self, message, cell):
        return (
            message["msg_type"] == "status"
            and message["content"]["execution_state"] == "idle"
            and message["parent_header"].get("msg_id") == cell
        )

    def _take(self, message):
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            self.printed += content["text"]
        place = content.get("transient", {}).get("display_id")
        if kind == "display_data":
            self.outputs.append(content["data"])
            self.places.setdefault(place, []).append(len(self.outputs) - 1)
        elif kind == "update_display_data":
            for number in self.places.get(place, []):
                self.outputs[number] = content["data"]


@pytest.fixture
def notebook():
    """A notebook with its kernel."""
    with connected("frozen.ipynb") as (_, client):
        yield Notebook(client)


def test_only_static_forms_are_left(notebook):
    """A widget in a saved notebook is an error to whoever opens it without our kernel."""
    notebook.run(OPEN)
    live = "application/vnd.jupyter.widget-view+json"
    assert sum(live in data for data in notebook.outputs) == 2
    notebook.run("%qjob freeze")
    assert "2 views are static now" in notebook.printed
    assert not any(live in data for data in notebook.outputs)
    texts = [data["text/plain"] for data in notebook.outputs if data["text/plain"]]
    assert len(texts) == 2
    assert all("DONE" in text for text in texts)
    notebook.run("%qjob freeze")
    assert "0 views are static now" in notebook.printed
