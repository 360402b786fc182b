"""The pages of docs/, and the blocks of code in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DOCS", "ROOT", "Block", "blocks", "pages"]

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"^(?:<!-- needs (?P<needs>[^\n]*?) -->\n+)?^```python\n(?P<source>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of Python on a page.

    Attributes:
        line: Where it begins.
        source: Its code.
        needs: What a reader needs for it that a test has not; a comment before the block says it.
    """

    line: int
    source: str
    needs: str | None


def pages() -> list[str]:
    """Return the names of all pages."""
    return sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [
        Block(text.count("\n", 0, found.start("source")) + 1, found["source"], found["needs"])
        for found in _FENCE.finditer(text)
    ]
