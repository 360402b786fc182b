"""The doctor: what it finds, what it says to do, and what it never shows."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest

from qjobwidgets import RuntimeService, doctor
from qjobwidgets.client.answers import Answer
from tests.conftest import INSTANCE

TOKEN = "canary-token-of-the-doctor"


class Service:
    """The way to a service that has no jobs, and a clock of its own."""

    def __init__(self, date):
        self.date = date

    def request(self, _method, _path, **_more):
        headers = {} if self.date is None else {"date": self.date}
        return Answer(200, headers, json.dumps({"jobs": [], "count": 0}).encode())

    def close(self):
        pass


def remote(date=None):
    """An account of a service far away."""
    return RuntimeService(
        "ibm_quantum_platform",
        token=TOKEN,
        url="https://service.example/api/v1",
        instance=INSTANCE,
        transport=Service(date),
    )


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home without accounts, and a data folder that is not there yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(tmp_path / "data"))
    return tmp_path


def findings(service=remote):
    """What the doctor says, by what it looked at; of several the first that is not good."""
    found = {}
    for check in doctor.examine(service):
        if check.name not in found or found[check.name].state == "good":
            found[check.name] = check
    return found


def test_all_is_well_where_these_tests_run(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with_runtime = doctor.Report(doctor.examine(lambda: RuntimeService("local")))
    assert with_runtime.healthy, str(with_runtime)
    names = {check.name for check in with_runtime}
    assert {
        "Python", "qjobwidgets", "ipykernel", "ipywidgets", "anywidget", "websockets", "SQLite",
        "Data folder", "Account file", "Account", "Service", "Clock",
    } <= names  # fmt: skip


def test_no_secret_is_shown(home):
    file = home / ".qiskit" / "qiskit-ibm.json"
    file.parent.mkdir(mode=0o700)
    file.write_text(json.dumps({"lab": {"channel": "ibm_quantum_platform", "token": TOKEN}}))
    file.chmod(0o600)
    report = doctor.Report(doctor.examine(remote))
    said = str(report) + report._repr_html_() + repr(report)
    assert "lab" in said
    assert "with a token" in said
    assert TOKEN not in said


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [(0, "good", "agrees"), (-3600, "note", "ahead of"), (86_400, "note", "behind")],
)
def test_a_clock_that_is_off_is_noticed(home, ahead, state, words):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead))
    clock = findings(lambda: remote(date))["Clock"]
    assert clock.state == state
    assert words in clock.found
    assert bool(clock.fix) == (state != "good")


def test_a_service_without_a_clock_is_no_reason_to_worry(home):
    assert findings()["Clock"].state == "note"
    assert findings(lambda: remote("yesterday"))["Clock"].state == "note"


@pytest.mark.parametrize(("took", "says"), [(0.2, "200 ms"), (1.0, "1 s"), (32.4, "32 s")])
def test_an_answer_that_took_long_is_told_in_seconds(home, monkeypatch, took, says):
    """The embedded runtime, started by the question, answered "after 32 403 ms"."""
    clock = iter([0.0, took])
    monkeypatch.setattr(doctor, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    assert findings()["Service"].found.replace("\u202f", " ") == f"answers after {says}"


def test_nothing_that_answers_is_said_with_what_to_do(home):
    def unreachable():
        return RuntimeService(
            "ibm_quantum_platform", token=TOKEN, url="http://127.0.0.1:9/api", instance=INSTANCE
        )

    service = findings(unreachable)["Service"]
    assert service.state == "bad"
    assert service.fix


def test_an_account_that_cannot_be_used_is_said(home):
    account = findings(lambda: RuntimeService(name="nobody"))["Account"]
    assert account.state == "bad"
    assert "nobody" in account.found


def test_files_that_others_can_read_are_told_with_the_command_that_helps(home):
    file = home / ".qiskit" / "qiskit-ibm.json"
    file.parent.mkdir()
    file.write_text("{}")
    file.chmod(0o644)
    data = home / "data"
    data.mkdir(mode=0o755)
    (data / "token").write_text("secret")
    (data / "token").chmod(0o644)
    found = findings()
    assert found["Account file"].fix == f"Run: chmod 600 '{file}'"
    assert found["Data folder"].fix == f"Run: chmod 700 '{data}'"
    wrong = [check for check in doctor.examine(remote) if check.name == "Data folder"]
    assert [check.state for check in wrong] == ["note", "bad"]
    assert "secret" not in str(wrong)
    # it said to remove the folder, with the ledger of all jobs in it
    assert f"remove '{data / 'token'}'" in wrong[1].fix


def test_a_folder_that_is_a_link_is_refused(home):
    (home / "elsewhere").mkdir()
    (home / "data").symlink_to(home / "elsewhere")
    folder = findings()["Data folder"]
    assert folder.state == "bad"
    assert "QJOBWIDGETS_DATA" in folder.fix


def test_an_account_file_that_is_no_json_is_said(home):
    file = home / ".qiskit" / "qiskit-ibm.json"
    file.parent.mkdir()
    file.write_text("{")
    assert findings()["Account file"].state == "bad"


@pytest.mark.parametrize(
    ("package", "version", "says"),
    [
        ("ipykernel", "7.0.1", "no live view changes"),
        ("anywidget", None, "pip install"),
        ("websockets", "9.1", "pip install"),
    ],
)
def test_packages_that_do_not_do_are_named(home, monkeypatch, package, version, says):
    real = doctor._installed
    monkeypatch.setattr(
        doctor, "_installed", lambda name: version if name == package else real(name)
    )
    check = findings()[package]
    assert check.state == "bad"
    assert says in check.fix


def test_without_the_embedded_runtime_its_extra_is_named(home, monkeypatch):
    real = doctor._installed
    monkeypatch.setattr(
        doctor, "_installed", lambda name: None if name == "qiskit-aer" else real(name)
    )
    check = findings()["Embedded runtime"]
    assert check.state == "note"
    assert 'pip install "qjobwidgets[local]"' in check.fix
