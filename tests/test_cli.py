"""The ``qjobwidgets`` command."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.conftest import start_server


def cli(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "qjobwidgets", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_version():
    assert cli("--version").stdout.startswith("qjobwidgets ")


def test_an_unknown_command_names_the_possible_ones():
    done = cli("sevre")
    assert done.returncode == 2
    assert "serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_says_where_it_is_once_it_answers(tmp_path):
    process, server = start_server(tmp_path / "data")
    with urllib.request.urlopen(f"{server.iam_url}/health", timeout=30) as answer:
        assert answer.status == 200
        json.loads(answer.read())
    assert server.url.startswith(server.iam_url)
    token_file = Path(server.data / "token")
    assert token_file.stat().st_mode & 0o077 == 0
    process.terminate()
    assert process.wait(30) == 0
    process.stdout.close()
