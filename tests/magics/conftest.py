"""A terminal IPython in which the magics are loaded."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from tests.circuits import bell

TWO_JOBS = "from qjobwidgets import RuntimeService\nown = RuntimeService()\n" + "".join(
    f"j{n} = own.run('sample-program', {{'iterations': 1}}, {{'backend': 'aer_local'}})\n"
    for n in range(2)
)
"""A cell that submits the jobs ``j0`` and ``j1``."""


@pytest.fixture(scope="module", autouse=True)
def no_accounts(tmp_path_factory):
    """A home without accounts: the magics use the embedded runtime."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield


def text(shown):
    """What a terminal would have shown."""
    return shown.stdout + "".join(out.data["text/plain"] for out in shown.outputs)


def loaded_shell():
    """Yield an IPython in which the magics are loaded."""
    # its history would be written when the home of the tests is gone
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "qjobwidgets")
    shell.user_ns["bell"] = bell()
    yield shell
    shell.run_line_magic("unload_ext", "qjobwidgets")
    shell.reset()
    InteractiveShell.clear_instance()


@pytest.fixture
def shell():
    """An IPython in which the magics are loaded."""
    yield from loaded_shell()


@pytest.fixture
def qjob(shell):
    """Run a ``%qjob`` line; return its value and what was shown."""

    def run(line):
        with capture_output() as shown:
            value = shell.run_line_magic("qjob", line)
        return value, text(shown)

    return run
