"""The ``qjobwidgets`` command."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.cli import main
from scripts import command_docs
from tests.conftest import INSTANCE, eventually, start_server

COMMANDS = ("list", "show", "wait", "cancel", "logs", "demo", "doctor")
COMMAND = [sys.executable, "-m", "qjobwidgets"]


def cli(*arguments):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=400
    )


@pytest.fixture(autouse=True)
def no_accounts(tmp_path, monkeypatch):
    """A home without accounts: the command uses the embedded runtime."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def qjobwidgets(capsys):
    """Run the command in this process; return its exit status, output and error output."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([*arguments])
        said = capsys.readouterr()
        return left.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def local():
    """The runtime that the command uses as well."""
    service = RuntimeService("local")
    yield service
    service.close()


def submit(service, tag, iterations=1, backend="aer_local"):
    options = {"backend": backend, "job_tags": [tag]}
    return service.run("sample-program", {"iterations": iterations}, options)


def test_the_version():
    assert cli("--version").stdout.startswith("qjobwidgets ")


def test_an_unknown_command_names_the_possible_ones():
    done = cli("sevre")
    assert done.returncode == 2
    assert "serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_says_where_it_is_once_it_answers(tmp_path):
    process, server = start_server(tmp_path / "data")
    with urllib.request.urlopen(f"{server.iam_url}/health", timeout=60) as answer:
        assert answer.status == 200
        json.loads(answer.read())
    assert server.url.startswith(server.iam_url)
    token_file = Path(server.data / "token")
    assert token_file.stat().st_mode & 0o077 == 0
    process.terminate()
    assert process.wait(400) == 0
    process.stdout.close()


def test_jobs_are_listed_as_text_and_as_json(local, qjobwidgets):
    job = submit(local, "cli-list")
    job.wait_for_final_state()
    status, out, _ = qjobwidgets("list", "--tag", "cli-list")
    assert status == 0
    assert "1 job" in out
    assert job.job_id() in out
    _, out, _ = qjobwidgets("list", "--tag", "cli-list", "--json")
    assert [(one["id"], one["status"]) for one in json.loads(out)] == [(job.job_id(), "DONE")]
    assert qjobwidgets("list", "--tag", "cli-list", "--pending", "--json")[1] == "[]\n"


def test_a_job_is_shown_by_the_beginning_of_its_id_and_by_its_name(local, qjobwidgets):
    job = submit(local, "cli-show")
    job.wait_for_final_state()
    job.update_name("from the command line")
    for word in (job.job_id(), job.job_id()[:-2], "name:from the command line"):
        status, out, _ = qjobwidgets("show", word)
        assert status == 0
        assert job.job_id() in out
        assert "DONE" in out
        assert "from the command line" in out
    facts = json.loads(qjobwidgets("show", job.job_id(), "--json")[1])
    assert facts["tags"] == ["cli-show"]
    assert facts["name"] == "from the command line"


def test_waiting_tells_how_the_jobs_ended(local, qjobwidgets):
    job, slow = submit(local, "cli-wait"), submit(local, "cli-slow", 600, "slow_local")
    status, out, err = qjobwidgets("wait", job.job_id())
    assert status == 0
    assert out.split() == [job.job_id(), "✓", "DONE"]
    status, out, err = qjobwidgets("wait", "tag:cli-slow", "--timeout", "0.2")
    assert status == 4
    assert slow.job_id()[-4:] in err
    status, out, _ = qjobwidgets("cancel", "tag:cli-slow")
    assert status == 0
    assert f"{slow.job_id()} is being cancelled" in out
    status, out, _ = qjobwidgets("wait", slow.job_id())
    assert status == 1
    assert "CANCELLED" in out
    status, out, _ = qjobwidgets("cancel", slow.job_id())
    assert status == 0
    assert "already" in out


TALKING = """
def main(backend, user_messenger):
    print("said by the program")
"""


def test_logs_are_printed(local, qjobwidgets):
    silent = submit(local, "cli-logs")
    silent.wait_for_final_state()
    assert qjobwidgets("logs", silent.job_id()) == (0, "", "It has logged nothing.\n")
    program = local.upload_program(TALKING, name="talking", max_execution_time=60)
    talking = local.run(program, {}, {"backend": "aer_local"})
    talking.wait_for_final_state()
    status, out, err = qjobwidgets("logs", talking.job_id())
    assert status == 0
    assert "said by the program" in out
    assert not err


@pytest.mark.parametrize(
    ("arguments", "code", "names"),
    [
        (["wait"], 2, ["JOB"]),
        (["list", "--limit", "none"], 2, ["none", "whole number"]),
        (["wait", "last", "--timeout", "soon"], 2, ["soon", "seconds"]),
        (["show", "no-such-job"], 3, ["no-such-job"]),
        (["show", "tag:nobody-has-it"], 3, ["nobody-has-it"]),
        (["list", "--account", "nobody"], 3, ["nobody"]),
    ],
)
def test_wrong_use_gets_one_line_and_a_status_of_its_own(qjobwidgets, arguments, code, names):
    status, out, err = qjobwidgets(*arguments)
    assert status == code
    assert not out
    assert len(err.splitlines()) == 1
    for name in names:
        assert name in err


def test_a_warning_is_one_line(tmp_path):
    """It came with a file and a line of our code."""
    file = tmp_path / ".qiskit" / "qiskit-ibm.json"
    file.parent.mkdir()
    account = {"channel": "ibm_quantum_platform", "token": "of another account"}
    file.write_text(json.dumps({"laboratory": account}))
    file.chmod(0o644)
    done = cli("list", "--limit", "1")
    assert done.returncode == 0
    fix = f"Run: chmod 600 {file}"
    assert done.stderr.splitlines() == [
        f"qjobwidgets: Other users can read the tokens in {file}. {fix}"
    ]


def test_the_demonstration_shows_counts_whatever_the_account(qjobwidgets, monkeypatch):
    """It made a client of the user's account first, and stopped where that can't be used."""
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "of no account")
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", "no such instance")
    monkeypatch.setenv("IAM_URL", "http://127.0.0.1:9")
    status, out, _ = qjobwidgets("demo")
    assert status == 0
    assert "DONE" in out
    assert "Counts" in out
    assert "%load_ext qjobwidgets" in out


def test_a_reader_that_has_read_enough_gets_no_traceback():
    """As in ``qjobwidgets doctor | head -1``."""
    process = subprocess.Popen(
        [*COMMAND, "doctor"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(400) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_ctrl_c_ends_the_waiting_without_traceback(local):
    job = submit(local, "cli-interrupted", 600, "slow_local")
    process = subprocess.Popen(
        [*COMMAND, "wait", job.job_id()], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert job.job_id()[-4:] in process.stderr.readline()  # it waits
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(400) == 130
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert job.status() in {"QUEUED", "RUNNING"}
    job.cancel()
    eventually(job.in_final_state)


def test_each_command_has_examples_that_run(local, capsys):
    job = submit(local, "cli-examples")
    job.wait_for_final_state()
    examples = re.findall(r"^qjobwidgets (?!serve)(.*)$", command_docs.command_line(), re.MULTILINE)
    assert {line.split()[0] for line in examples} == set(COMMANDS)
    for example in examples:
        # other tests may have cancelled jobs with the tag of which the help speaks
        line = re.sub(r"(--tag |tag:)demo", r"\1cli-examples", example)
        with pytest.raises(SystemExit) as left:
            main(line.split())
        assert left.value.code == 0, f"{line}: {capsys.readouterr()}"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_tells_its_use_and_answers_a_wrong_one_in_one_line(qjobwidgets, command):
    status, out, _ = qjobwidgets(command, "--help")
    assert status == 0
    assert "examples:" in out
    status, out, err = qjobwidgets(command, "--nonsense")
    assert status == 2
    assert not out
    assert len(err.splitlines()) == 1


def test_a_list_of_nothing_says_whether_there_are_jobs_at_all(local, qjobwidgets):
    """It said that there are no jobs yet."""
    submit(local, "cli-some")
    status, out, _ = qjobwidgets("list", "--tag", "cli-none")
    assert status == 0
    assert out == "No job is like that. Without options: the newest jobs.\n"


def test_an_ambiguous_word_is_wrong_use(local, qjobwidgets):
    """It had the exit status of an account that can't be used."""
    for _ in range(2):
        submit(local, "cli-two")
    status, _, err = qjobwidgets("show", "tag:cli-two")
    assert status == 2
    assert "means 2 jobs" in err


def test_a_service_that_cannot_be_reached_is_said_with_what_to_do(qjobwidgets, monkeypatch):
    """It was said without."""
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "of-nobody")
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", INSTANCE)
    monkeypatch.setenv("QISKIT_IBM_URL", "http://127.0.0.1:9/api/v1")
    monkeypatch.setenv("IAM_URL", "http://127.0.0.1:9")
    status, out, err = qjobwidgets("list")
    assert (status, out) == (3, "")
    assert err.endswith("What is wrong: qjobwidgets doctor\n")
    assert len(err.splitlines()) == 1
