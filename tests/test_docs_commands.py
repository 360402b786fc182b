"""docs/commands.md says what may be typed."""

from scripts import command_docs


def test_the_file_is_what_the_script_would_write():
    assert command_docs.TARGET.read_text(encoding="utf-8") == command_docs.render(), (
        "run: make docs"
    )
