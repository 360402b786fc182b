"""docs/commands.md and docs/command-line.md say what may be typed."""

import pytest

from scripts import command_docs

PAGES = command_docs.pages()


@pytest.mark.parametrize("name", PAGES)
def test_the_file_is_what_the_script_would_write(name):
    written = (command_docs.DOCS / name).read_text(encoding="utf-8")
    assert written == PAGES[name], "run: make docs"
