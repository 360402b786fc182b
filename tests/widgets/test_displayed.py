"""What a kernel sends when a view is displayed, as each front end starts one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from tests.conftest import INSTANCE, Server

WIDGET = "application/vnd.jupyter.widget-view+json"
MANAGER = "https://colab.example/manager.min.js"
# Third-party widgets are drawn in Colab only with this in an output's metadata. Colab's own module,
# which is loaded when a kernel starts, adds it to what is displayed once that was enabled.
COLAB = f"""
import IPython
_installed_url = None
def hook(message):
    if "{WIDGET}" in message["content"].get("data", {{}}):
        place = message["content"]["metadata"].setdefault("{WIDGET}", {{}})
        place["colab"] = {{"custom_widget_manager": {{"url": _installed_url}}}}
    return message
def enable():
    global _installed_url
    if _installed_url is None:
        _installed_url = "{MANAGER}"
        IPython.get_ipython().display_pub.register_hook(hook)
"""
SETUP = """
from datetime import UTC, datetime
from qjobwidgets import RuntimeJob, RuntimeService, StatusBadge
from qjobwidgets.records import JobRecord, JobStatus
service = RuntimeService(
    "ibm_quantum_platform", token={token!r}, url={url!r}, instance={instance!r}
)
job = RuntimeJob(service, JobRecord("d4qk1c7s9v8g008n2m3g", JobStatus.DONE, program="sampler"))
"""
DISPLAY = """
import os
for name in ("JPY_SESSION_NAME", "VSCODE_PID", "COLAB_RELEASE_TAG"):
    os.environ.pop(name, None)
os.environ.update({environment})
{before}
badge = StatusBadge(job)
display(badge)
badge.close()
"""

Display = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def display(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """Display a badge in a kernel of this front end; return the outputs."""
    folder = tmp_path_factory.mktemp("colab")
    module = folder / "google/colab/output"
    module.mkdir(parents=True)
    (module / "_widgets.py").write_text(COLAB)
    (module / "__init__.py").write_text(
        "from google.colab.output import _widgets\nenable_custom_widget_manager = _widgets.enable\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IAM_URL", server.iam_url)
        manager, client = start_new_kernel(startup_timeout=400)

    def run(code: str) -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = []
        reply = client.execute_interactive(
            code,
            timeout=400,
            output_hook=lambda message: (
                seen.append(message["content"]) if message["msg_type"] == "display_data" else None
            ),
        )
        assert reply["content"]["status"] == "ok", reply["content"]
        return seen

    def display(before: str = "", **environment: str) -> list[dict[str, Any]]:
        before = before.format(colab=Path(folder))
        return run(DISPLAY.format(environment=environment, before=before))

    run(SETUP.format(token=server.token, url=server.url, instance=INSTANCE))
    yield display
    client.stop_channels()
    manager.shutdown_kernel()


def test_a_live_view_says_nothing_where_it_cannot_be_drawn(display: Display) -> None:
    """VS Code put an error in its place when a notebook was opened without its kernel.

    It turns to the next form of an output then, and there was none.
    """
    live, twin = display(VSCODE_PID="4711")
    assert live["data"].keys() == {WIDGET, "text/plain"}
    assert live["data"]["text/plain"] == ""
    assert WIDGET not in twin["data"]


def test_colab_is_told_to_draw_widgets_that_are_not_its_own(display: Display) -> None:
    """By the user's first view: they need not know of ``enable_custom_widget_manager()``."""
    load = "import sys\nsys.path.insert(0, '{colab}')\nimport google.colab.output"
    live, twin = display(load, COLAB_RELEASE_TAG="release-colab_20261101")
    assert live["metadata"][WIDGET]["colab"]["custom_widget_manager"]["url"] == MANAGER
    assert WIDGET not in twin["data"]


def test_where_nobody_looks_there_is_the_static_form_alone(display: Display) -> None:
    [twin] = display()
    assert WIDGET not in twin["data"]
    assert "DONE" in twin["data"]["text/html"]
