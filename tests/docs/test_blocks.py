"""What the pages tell a reader to type, typed in one real kernel on the embedded runtime."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from jupyter_client.blocking import BlockingKernelClient

from tests.docs.pages import blocks, pages
from tests.kernels import connected

# Not of these tests: the official client has an environment of its own, see tests/official.
ELSEWHERE = {"server.md"}
NEEDS = {"an account of IBM Quantum", "the official client"}
FRESH = """
%reset -f
import qjobwidgets.widgets
for view in qjobwidgets.widgets.open_views():
    view.close()
%reset -f
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    """One kernel for all pages."""
    with connected("pages.ipynb") as (_, client):
        yield client


def run(client: BlockingKernelClient, source: str) -> str | None:
    """Run code; return the traceback of what it raised."""
    reply = client.execute_interactive(source, timeout=240, output_hook=lambda _message: None)
    content = reply["content"]
    return None if content["status"] == "ok" else "\n".join(content["traceback"])


@pytest.mark.parametrize("page", [*filter(blocks, pages()), "../README.md"])
def test_each_block_of_the_page_runs_after_those_before_it(kernel, page):
    if page in ELSEWHERE:
        return
    run(kernel, FRESH)
    for block in blocks(page):
        if block.needs is None:
            trouble = run(kernel, block.source)
            assert trouble is None, f"docs/{page}, line {block.line}:\n{trouble}"
        else:
            assert block.needs in NEEDS, f"docs/{page}, line {block.line}"
            ast.parse(block.source)


def test_most_blocks_are_run():
    """A comment that says what a block needs must not become the way around a failing one."""
    needs = [block.needs for page in pages() for block in blocks(page)]
    assert len(needs) > 20
    assert sum(need is not None for need in needs) <= 4
