"""Every command is documented and completed, its examples run, wrong use gets one line."""

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError
from IPython.utils.capture import capture_output

from qjobwidgets.magics.commands import CELL, COMMANDS
from qjobwidgets.widgets import open_views
from tests.magics.conftest import loaded_shell, text

PROMISED = (
    "run watch list mine show plot counts compare result wait cancel tag note name delete logs "
    "inputs backends programs sessions usage account budget freeze stop doctor config help"
)


@pytest.fixture(scope="module")
def shell():
    """One IPython for all: most of the time goes into making it."""
    yield from loaded_shell()


@pytest.fixture(autouse=True)
def no_view_left(no_thread_left):
    """No view of one test is open in the next."""
    yield
    for view in open_views():
        view.close()


@pytest.fixture
def jobs(shell, qjob):
    """Two jobs that have ended, in the variables of which the examples of the help speak."""
    if "job" not in shell.user_ns:
        for name in ("job", "other"):
            line = "run sampler bell --backend aer_local --shots 100 --tag demo"
            shell.user_ns[name], _ = qjob(line)
        qjob("wait job other")


every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))


def completions(shell, line):
    """The words that IPython offers at the end of a line."""
    with provisionalcompleter():
        return [found.text for found in shell.Completer.completions(line, len(line))]


def test_the_commands_are_those_promised():
    assert " ".join(COMMANDS) == PROMISED


@every_command
def test_it_is_documented(qjob, command):
    overview = qjob("help")[1]
    assert f"{command.name} {command.does}" in " ".join(overview.split())
    own = qjob(f"help {command.name}")[1]
    assert f"usage: %qjob {command.name}" in own
    for one in command.arguments:
        assert " ".join(one.help.split()[:2]) in " ".join(own.split())
    assert command.examples
    for example in command.examples:
        assert example in own
    assert qjob(f"{command.name} --help")[1].split() == own.split()


@every_command
def test_it_is_completed(shell, command):
    start = command.name[:3]
    assert command.name in completions(shell, f"%qjob {start}")
    for one in command.arguments:
        if one.option:
            name = one.names[0]
            assert name in completions(shell, f"%qjob {command.name} {name[:4]}")


@every_command
def test_its_examples_run(shell, jobs, command):
    for example in command.examples:
        with capture_output() as shown:
            shell.run_cell(example).raise_error()
        assert "Traceback" not in text(shown)
    if command.name == "delete":
        del shell.user_ns["job"], shell.user_ns["other"]


@every_command
def test_wrong_use_gets_one_line(qjob, command):
    required = [one for one in command.arguments if not one.option]
    required = [one for one in required if one.take.get("nargs") not in {"*", "?"}]
    wrong = [f"{command.name} --nonsense", *([command.name] if required else [])]
    for line in wrong:
        with pytest.raises(UsageError) as caught:
            qjob(line)
        message = str(caught.value)
        assert "\n" not in message
        assert f"%qjob {command.name}" in message


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("show ''", "newest are"),
        ("show tag:", "Check the spelling"),
        ("show name:none", "Check the spelling"),
        ("show tag:demo", "Name one"),
        ("show job other", "Usage"),
        ("show job.nothing", "no attribute 'nothing'"),
        ("show number", "of type int"),
        ("show nothing", "no variable of that name"),
        ("Show job", "Did you mean show"),
        ("list --status OPEN", "'QUEUED'"),
        ("list --columns colour", "columns are program, backend"),
        ("list --group colour", "'session'"),
        ("list --since yesterday", "needs a time such as"),
        ("run sampler --backend aer_local", "needs inputs, a PUB"),
        ("run vqe --backend aer_local", "needs inputs, key=value"),
        ("run sampler number --backend aer_local", "can't take these inputs"),
        ("run sampler bell --shots 1e3", "whole number from 1 up"),
        ("run sampler bell --backend aer_local --session nope", "Check the session"),
        ("plot job --exact 'a'", "takes a number"),
        ("counts job --compare {'00':0.5", "Close it"),
        ("counts job --compare {'0':'a'}", "Pass outcomes"),
        ("compare job number", "of type int"),
        ("result job --timeout soon", "number of seconds"),
        ("delete tag:demo", "Add --yes"),
        ("account nope", "Saved: none"),
        ("budget 100000", "from 1 to 600"),
        ("config shots", "What can be set"),
        ("config tags=3", "expected a list"),
        ("watch job --on-done number", "Name a function"),
        ("watch job --on-done ftp://x", "Pass http://"),
        ("help Run", "Did you mean run"),
    ],
)
def test_each_kind_of_wrong_use_is_told_with_what_to_do(shell, jobs, qjob, line, fix):
    shell.user_ns["number"] = 5
    with pytest.raises(UsageError) as caught:
        qjob(line)
    assert "\n" not in str(caught.value)
    assert fix in str(caught.value)


def test_the_cell_magic_too(shell, jobs):
    for example in CELL.examples:
        with capture_output():
            shell.run_cell(f"{example}\nx = 1").raise_error()
    offered = completions(shell, "%%qjob --")
    assert {"--name", "--tag", "--watch"} <= set(offered)
    with pytest.raises(UsageError, match="--nonsense"):
        shell.run_cell_magic("qjob", "--nonsense", "x = 1")
    with pytest.raises(UsageError, match="takes no command"):
        shell.run_cell_magic("qjob", "show job", "x = 1")
