"""Who is looking, asked in a real kernel as each front end starts one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import start_new_kernel

from qjobwidgets.host import Host, host, notebook_path

NAMES = ("JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD", "COLAB_RELEASE_TAG")
# what each front end leaves in the environment, or in the notebook's own names
ENVIRONMENTS = {
    "JUPYTER": ({"JPY_SESSION_NAME": "work/vqe.ipynb"}, "", "work/vqe.ipynb"),
    "VSCODE": ({"VSCODE_PID": "4711"}, "__vsc_ipynb_file__ = '/work/b.ipynb'", "/work/b.ipynb"),
    "COLAB": ({"COLAB_RELEASE_TAG": "release-colab_20261101"}, "", None),
    "HEADLESS": ({}, "", None),
}
# a folder that VS Code opens on another machine, whose kernels a jupyter-server starts
REMOTE = (
    {"JPY_SESSION_NAME": "b-jvsc-4711"},
    "__vsc_ipynb_file__ = '/work/b.ipynb'",
    "/work/b.ipynb",
)
ASK = """
import os
from qjobwidgets.host import host, notebook_path
for name in {names}:
    os.environ.pop(name, None)
    globals().pop("__vsc_ipynb_file__", None)
os.environ.update({environment})
{before}
print(host().name, repr(notebook_path()))
"""

Ask = Callable[..., str]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Ask who looks, in a kernel with the marks of a front end; ``stdin``: it can be typed into."""
    manager, client = start_new_kernel(startup_timeout=240)

    def ask(environment: dict[str, str], before: str = "", *, stdin: bool = True) -> str:
        said: list[str] = []
        code = ASK.format(names=NAMES, environment=environment, before=before)
        client.execute_interactive(
            code,
            allow_stdin=stdin,
            timeout=240,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )
        return "".join(said).strip()

    yield ask
    client.stop_channels()
    manager.shutdown_kernel()


@pytest.mark.parametrize("name", list(ENVIRONMENTS))
def test_each_front_end_is_known_by_its_marks(ask: Ask, name: str) -> None:
    environment, before, path = ENVIRONMENTS[name]
    assert ask(environment, before) == f"{name} {path!r}"


def test_a_remote_kernel_of_vs_code_is_its_own(ask: Ask) -> None:
    environment, before, path = REMOTE
    assert ask(environment, before) == f"VSCODE {path!r}"


@pytest.mark.parametrize("name", ["JUPYTER", "VSCODE", "COLAB"])
def test_a_notebook_run_from_a_cell_of_another_is_headless(ask: Ask, name: str) -> None:
    """It inherited the marks of that one: papermill saved views that nobody could see."""
    environment, before, _ = ENVIRONMENTS[name]
    assert ask(environment, before, stdin=False).startswith("HEADLESS")


def test_without_ipython_there_is_nobody() -> None:
    assert host() is Host.NONE
    assert notebook_path() is None


def test_ipython_in_a_terminal_is_one() -> None:
    InteractiveShell.instance()
    try:
        assert host() is Host.TERMINAL
    finally:
        InteractiveShell.clear_instance()
