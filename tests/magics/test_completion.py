"""What Tab offers on a ``%qjob`` line, and that it asks nobody for it."""

import threading

import pytest
import requests
from IPython.core.completer import provisionalcompleter

from qjobwidgets.magics.commands import COMMANDS
from qjobwidgets.magics.grammar import JOB
from tests.magics.conftest import loaded_shell


@pytest.fixture(scope="module")
def shell():
    """One IPython for all: most of the time goes into making it."""
    yield from loaded_shell()


@pytest.fixture
def tab(shell):
    """What IPython offers at the end of a text."""

    def complete(text):
        with provisionalcompleter():
            return [found.text for found in shell.Completer.completions(text, len(text))]

    return complete


@pytest.fixture
def known(shell, qjob):
    """A job that is known: listed, named and in a variable."""
    if "scan" not in shell.user_ns:
        line = "run sample-program iterations=1 --backend aer_local --tag sweep --name first"
        shell.user_ns["scan"], _ = qjob(line)
        qjob("wait scan")
        qjob("backends")
        qjob("programs")
    qjob("show scan --badge")
    return shell.user_ns["scan"]


def test_nothing_is_asked_for_what_is_not_known(shell, tab):
    """The shell waits for the answer on its only thread."""
    desk = shell.magics_manager.registry["QJobMagics"].desk
    assert {"last", "tag:", "name:"} & {*tab("%qjob show ")} == {"last"}
    assert tab("%qjob run sam") == ["sampler"]
    assert desk.known_service is None


def test_jobs_are_offered_by_variable_name_tag_and_id(known, tab):
    offered = tab("%qjob show ")
    assert {"scan", "last", "name:first", "tag:sweep", known.job_id(), "--badge"} <= {*offered}
    assert offered[0] == "scan"
    assert tab(f"%qjob wait scan {known.job_id()[:5]}") == [known.job_id()]
    assert tab("%qjob cancel tag:sw") == ["tag:sweep"]


def test_values_of_options_are_offered(known, tab):
    assert {"aer_local", "noisy_local"} <= {*tab("%qjob run sampler bell --backend ")}
    assert tab("job = %qjob run sampler bell --backend aer") == ["aer_local"]
    assert "vqe" in tab("%qjob run ")
    assert tab("%qjob list --group ") == ["session", "batch", "tag"]
    assert tab("%qjob list --tag sw") == ["sweep"]
    assert tab("%qjob config sh") == ["shots="]
    assert tab("%qjob help fre") == ["freeze"]
    assert "local" in tab("%qjob account ")
    assert tab("%%qjob --watch pl") == ["plot"]


def test_what_is_known_is_offered_without_asking(known, tab, monkeypatch):
    """The shell waits for the answer, and the service may be far or gone."""
    request, asked = requests.Session.request, []

    def noted(*args, **named):
        if threading.current_thread() is threading.main_thread():  # the watcher may do as it likes
            asked.append(args)
        return request(*args, **named)

    monkeypatch.setattr(requests.Session, "request", noted)
    for command in COMMANDS.values():
        offered = tab(f"%qjob {command.name} ")
        assert "last" in offered or command.arguments[:1] != (JOB,)
        for option in (one for one in command.arguments if one.option and not one.flag):
            tab(f"%qjob {command.name} {option.names[0]} ")
    assert asked == []
    known.refresh()
    assert asked


def test_an_option_is_offered_once_unless_it_may_be_repeated(known, tab):
    assert tab("%qjob run sampler bell --shots 5 --sh") == []
    assert tab("%qjob run sampler bell --tag a --ta") == ["--tag"]


def test_variables_are_offered_where_an_expression_stands(shell, tab):
    shell.user_ns["my_circuit"] = 1
    for line in ("my_c", "(my_c", "pubs=[bell, my_c", "bell x=my_c"):
        assert tab(f"%qjob run sampler {line}") == ["my_circuit"]


def test_other_lines_are_left_alone(tab):
    assert tab("%qjobber ") != tab("%qjob ")
    assert not {"freeze", "--watch"} & {*tab("%%qjob\nfre")}
    assert "freeze" not in tab("x = 1; fre")


def test_unloading_takes_it_away(shell, tab):
    shell.run_line_magic("unload_ext", "qjobwidgets")
    assert "freeze" not in tab("%qjob fre")
    assert not [one for one in shell.configurables if type(one).__name__ == "QJobMagics"]
    shell.run_line_magic("load_ext", "qjobwidgets")
