"""Every view in a notebook that nobody watches: run, converted, and opened without a network.

Fault 54: what such a page shows is the last truth, with its time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter
from nbconvert.filters import markdown2html

from tests.conftest import stop_local_runtime
from tests.lab.notebooks import BELL, write_notebook

SETUP = f"""
%load_ext qjobwidgets
{BELL}
job = %qjob run sampler bell --backend aer_local --shots 500 --tag exported
other = %qjob run sampler bell --backend aer_local --shots 300
curve = %qjob run sample-program iterations=5 --backend aer_local
pending = %qjob run sample-program iterations=3000 --backend slow_local
%qjob wait job other curve
"""

# what is typed, and words that its static form has
VIEWS = {
    "print('said before')\n%qjob list --tag exported": ["said before", "Jobs", "DONE", "exported"],
    "%qjob show job --badge": ["DONE"],
    "%qjob show job": ["sampler on aer_local", "2 qubits", "PUB 0"],
    "%qjob plot curve": ["Interim", "5 values"],
    "%qjob counts job": ["500 shots", "00", "11"],
    "%qjob compare job other": ["Compared with", "500", "300"],
    "%qjob list --dashboard": ["Jobs", "sample-program", "DONE"],
    "%qjob show pending --badge": ["as of"],
}
THREADS = """
import threading
print([thread.name for thread in threading.enumerate() if thread.name.startswith("qjob")])
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook as nbconvert has run it, its last job still pending."""
    folder = tmp_path_factory.mktemp("exports")
    write_notebook(folder / "views.ipynb", [SETUP, *VIEWS, THREADS])
    data = folder / "runtime"
    command = [sys.executable, "-m", "nbconvert", "--execute", "--log-level=ERROR"]
    command += ["--to", "notebook", "--output", "run.ipynb", str(folder / "views.ipynb")]
    try:
        subprocess.run(
            command, check=True, timeout=400, env={**os.environ, "QJOBWIDGETS_DATA": str(data)}
        )
    finally:
        stop_local_runtime(data)
    return folder / "run.ipynb"


@pytest.fixture
def offline(browser):
    """A page that reaches nothing."""
    context = browser.new_context(offline=True)
    context.route("http*://**", lambda route: route.abort())
    context.set_default_timeout(150_000)
    yield context.new_page()
    context.close()


def converted(run: Path, exporter) -> str:
    """The notebook in another form, its code left out: a word is then in an output."""
    exporter.exclude_input = True
    return exporter.from_notebook_node(nbformat.read(run, as_version=4))[0]


def normal(text: str) -> str:
    return " ".join(text.split())


def test_each_view_is_static_and_says_how_true_it_is(run):
    cells = nbformat.read(run, as_version=4).cells[1:-1]
    for cell, words in zip(cells, VIEWS.values(), strict=True):
        shown = [out.data for out in cell.outputs if "data" in out]
        assert all("widget-view" not in kind for data in shown for kind in data)
        text = normal(" ".join(str(out.get("text", "")) for out in cell.outputs))
        text += normal(" ".join(data.get("text/html", "") for data in shown))
        for word in [*words, "as of"]:
            assert word in text, cell.source


def test_no_thread_was_started_for_them(run):
    """Seven views had five threads, which asked a service for what nobody could see."""
    [output] = nbformat.read(run, as_version=4).cells[-1].outputs
    assert output.text == "[]\n"


def test_as_html_it_is_complete_without_a_network(run, offline, tmp_path):
    """What was printed right before a view had vanished: the rule for dead widgets hid it."""
    file = tmp_path / "views.html"
    file.write_text(converted(run, HTMLExporter()), encoding="utf-8")
    offline.goto(file.as_uri(), wait_until="domcontentloaded")
    check(offline)


def test_as_markdown_it_is_complete_without_a_network(run, offline):
    page = markdown2html(converted(run, MarkdownExporter()))
    offline.set_content(page, wait_until="domcontentloaded")
    check(offline)


def check(page) -> None:
    """Everything is there to be seen."""
    text = normal(page.locator("body").inner_text())
    for words in VIEWS.values():
        for word in words:
            assert word in text
    assert page.locator("[data-qjw-twin]").count() >= len(VIEWS)
    for image in page.locator("img").all():
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
