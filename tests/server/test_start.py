"""How a server starts and ends, and what it keeps in its folder."""

from __future__ import annotations

import json
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from websockets import Subprotocol
from websockets.sync.client import connect

from qjobwidgets.server.__main__ import main
from qjobwidgets.server.app import _listen
from qjobwidgets.server.config import StartRefusedError
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.states import NewJob
from tests.server.conftest import DEADLINE, Service, until_gone


def _refused(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qjobwidgets.server", "--data", str(data), *options],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_line_tells_where_and_the_folder_is_private(start: Callable[..., Service]):
    service = start()
    assert set(service.facts) == {
        *("url", "iam_url", "instance"),
        *("token_file", "pid", "version"),
    }
    assert service.facts["url"] == service.facts["iam_url"] + "/api/v1"
    assert service.facts["pid"] == service.process.pid
    assert json.loads((service.data / "server.json").read_text()) == service.facts
    assert _mode(service.data) == 0o700
    for file in service.data.iterdir():
        assert _mode(file) == (0o700 if file.is_dir() else 0o600), file
    assert service.stop() == 0
    assert not (service.data / "server.json").exists()


def test_a_second_server_on_one_folder_leaves_with_a_message(start: Callable[..., Service]):
    service = start()
    second = _refused(service.data, "--port", "0")
    assert second.returncode == 3
    assert second.stdout == ""
    assert "Another server uses the folder" in second.stderr
    assert "Traceback" not in second.stderr
    assert service.get("/jobs").ok
    assert (service.data / "server.json").exists()


def test_the_lock_of_a_killed_server_does_not_block(start: Callable[..., Service]):
    first = start()
    first.kill()
    assert start().get("/jobs").ok


def test_answers_are_sent_at_once():
    """Each answer took 44 ms, because its body waited for the client's delayed acknowledgement.

    asyncio sets TCP_NODELAY only on sockets that name their protocol, and ours did not.
    """
    with _listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_named(start: Callable[..., Service], tmp_path: Path):
    port = urlsplit(start().url).port
    second = _refused(tmp_path / "other", "--port", str(port))
    assert second.returncode == 5
    assert f"Port {port} can't be used" in second.stderr


def test_a_port_is_taken_from_the_moment_a_server_begins():
    """Nobody listened until a server was ready: two could take one port, and one then broke."""
    with _listen(0) as first, pytest.raises(StartRefusedError) as refusal:
        _listen(first.getsockname()[1])
    assert refusal.value.exit_code == 5


@pytest.mark.parametrize(
    ("spoil", "status", "words"),
    [
        (
            "CREATE TRIGGER t BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'no way'); END",
            4,
            "no",
        ),
        ("UPDATE jobs SET attempt = 'x'", 1, "TypeError"),
    ],
)
def test_a_start_that_fails_is_not_taken_for_another_server(
    tmp_path: Path, spoil: str, status: int, words: str
):
    """It left with status 3, which means that another server uses the folder, and no word."""
    path = tmp_path / "ledger.db"
    with closing(Database(path)) as database:
        ledger = Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)
        ledger.start(ledger.submit(NewJob("sample-program", "aer_local", "{}")).job)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(spoil)
        connection.commit()
    failed = _refused(tmp_path, "--port", "0")
    assert (failed.returncode, failed.stdout) == (status, "")
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "Traceback" in (tmp_path / "server.log").read_text()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    refused = _refused(tmp_path / "link", "--port", "0")
    assert refused.returncode == 4
    assert "symbolic link" in refused.stderr


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("token", Path.mkdir),
        ("server.log", Path.mkdir),
        ("server.json", Path.mkdir),
        ("scratch", Path.touch),
    ],
)
def test_a_file_that_cannot_be_used_is_a_message_and_not_a_traceback(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
):
    """Only the folder itself and the database were looked after; these ended in a traceback.

    So did a start on a full disk, which fails to write one of them.
    """
    spoil(tmp_path / name)
    refused = _refused(tmp_path, "--port", "0")
    assert refused.returncode == 4
    assert name in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_is_open_to_others_is_closed(start: Callable[..., Service], tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    (data / "token").write_text("a-token-from-before")
    (data / "token").chmod(0o644)
    service = start()
    assert service.api_key == "a-token-from-before"
    assert _mode(data) == 0o700
    assert _mode(data / "token") == 0o600
    assert "was open to other users" in (data / "server.log").read_text()


@pytest.mark.parametrize(
    "options",
    [
        ("--port", "99999"),
        ("--port", "-1"),
        ("--port", "http"),
        ("--port", "0", "--slots", "0"),
        ("--port", "0", "--idle", "soon"),
        ("--port", "0", "--idle", "nan"),
        ("--port", "0", "--memory", "4X"),
        ("--port", "0", "--log-level", "LOUD"),
        ("--port", "0", "--verbose"),
        (),
    ],
)
def test_a_wrong_option_is_one_clear_line(
    tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main(["--data", str(tmp_path / "data"), *options])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("qjobwidgets serve: ")
    assert "_" not in line.split("(")[0].replace(str(tmp_path), "")
    assert not (tmp_path / "data").exists()


def test_the_help_names_every_option_and_its_default(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    for option in ("port", "data", "users", "log-level", "idle", "slots", "memory"):
        assert f"--{option} " in said
    for option in ("--max-pending", "--usage-limit"):
        assert f"{option} " in said
    for default in ("(INFO)", "(600)", "(10000)", "(no limit)"):
        assert default in said


def test_an_idle_server_ends_itself_but_not_while_a_job_is_pending(start: Callable[..., Service]):
    service = start("--idle", "6")
    service.submit("sample-program", "slow_local", {"iterations": 3})
    service.http.close()
    family = psutil.Process(service.process.pid).children()
    assert service.process.wait(DEADLINE) == 0
    until_gone(family)
    assert not (service.data / "server.json").exists()

    again = start()
    (job,) = again.get("/jobs").json()["jobs"]
    assert job["state"]["status"] == "Completed"


def test_an_open_stream_keeps_an_idle_server(start: Callable[..., Service]):
    """This was shown with the stream of a pending job, which keeps a server by itself."""
    service = start("--idle", "6")
    url = service.url.replace("http", "ws", 1) + "/events"
    key = {"Authorization": f"apikey {service.api_key}"}
    with connect(url, additional_headers=key, subprotocols=[Subprotocol("qjob.v1")]):
        service.http.close()
        with pytest.raises(subprocess.TimeoutExpired):
            service.process.wait(9)
    assert service.process.wait(DEADLINE) == 0


def test_the_server_itself_never_loads_qiskit(service: Service):
    """It loaded numpy, and with it OpenBLAS, to know the sizes of the executor's data types."""
    service.wait(service.submit("sample-program", "aer_local", {"iterations": 1}))
    service.get("/backends/noisy_local/properties")
    (zygote,) = psutil.Process(service.process.pid).children()
    assert any("qiskit" in file.path for file in zygote.memory_maps())
    loaded = [file.path for file in psutil.Process(service.process.pid).memory_maps()]
    for library in ("numpy", "qiskit", "scipy"):
        assert not any(library in path for path in loaded), library


def test_the_launcher_of_jobs_has_no_secret(service: Service):
    service.wait(service.submit("sample-program", "aer_local", {"iterations": 1}))
    (zygote,) = psutil.Process(service.process.pid).children()
    assert service.api_key not in str(zygote.environ()) + str(zygote.cmdline())
    assert [file.path for file in zygote.open_files() if str(service.data) in file.path] == []
    assert zygote.net_connections(kind="inet") == []
