"""Pieces of Markdown that the pages made of the code have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["cell", "prose", "table"]

_MARKUP = re.compile(r":\w+:`~?(?:[\w.]*\.)?([^`]+)`")


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table; the first row is its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, f"|{' --- |' * len(rows[0])}")
    return "\n".join(lines) + "\n"


def prose(text: str) -> str:
    """Return a paragraph of a docstring as it stands in a cell of a table."""
    text = _MARKUP.sub(r"`\1`", " ".join(text.split()))
    return cell(text.replace("``", "`"))


def cell(text: str) -> str:
    """Return a text that may stand in a cell of a table."""
    return text.replace("|", "\\|")
