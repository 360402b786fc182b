"""The pages are what the code says, their links lead somewhere, and the site can be made."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import qjobwidgets
from qjobwidgets import widgets
from qjobwidgets.widgets import View
from scripts import page_docs
from tests.docs.pages import DOCS, ROOT


@pytest.mark.parametrize("page", page_docs.pages(), ids=lambda page: page.name)
def test_what_is_made_of_the_code_is_up_to_date(page):
    assert page.read_text(encoding="utf-8") == page_docs.render(page), "run: make docs"


def test_each_widget_has_its_page_with_all_its_arguments():
    views = {name for name in widgets.__all__ if isinstance(getattr(widgets, name), type)}
    for name in views - {View.__name__}:
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        page = (DOCS / f"widgets/{words}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {name}\n")
        assert f"<!-- arguments of {name} -->" in page
        assert getattr(qjobwidgets, name).__doc__
        for section in ("## Arguments", "## On the page", "## Keys", f"![{name}]"):
            assert section in page, f"{section} of {name}"


def test_the_site_is_built_and_every_link_in_it_leads_somewhere(tmp_path):
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"]
    command += ["-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "site")]
    built = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=400,
        cwd=ROOT,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    for name in ("index", "guide", "architecture", "widgets/jobs-table", "contributing"):
        assert (tmp_path / f"site/{name}.html").is_file(), name


@pytest.mark.parametrize("page", ["reliability.md", "security.md"])
def test_each_test_that_a_page_names_is_there(page):
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", (DOCS / page).read_text(encoding="utf-8"))
    assert len(named) > 5
    for file, name in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), f"{file}::{name}"


def test_the_threads_on_the_page_are_those_of_the_code():
    """The embedded runtime's own are in another process, and not meant."""
    rooms = [ROOT / "qjobwidgets" / room for room in ("client", "watch", "widgets", "magics")]
    source = "".join(file.read_text("utf-8") for room in rooms for file in room.rglob("*.py"))
    named = r'(?:name(?:=f?|: str = )|errands_kind\(|BackgroundLoop\(|, )"(qjob-[a-z]+)'
    made = set(re.findall(named, source))
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(qjob-[a-z]+)", page)) == made


def test_the_guide_names_each_notebook():
    named = re.findall(r"^\| `([a-z-]+)` \|", (DOCS / "guide.md").read_text("utf-8"), re.MULTILINE)
    assert set(named) == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
