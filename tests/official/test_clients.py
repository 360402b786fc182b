"""Every case of every official client; a case is a function of the modules in the folders here."""

from __future__ import annotations

import ast

import pytest

from tests.official.conftest import HERE, Client


def cases(client: str) -> list[tuple[str, str]]:
    """Return the cases of a client by module and name, read without importing them."""
    return [
        (path.stem, item.name)
        for path in sorted((HERE / client).glob("*.py"))
        for item in ast.parse(path.read_text()).body
        if isinstance(item, ast.FunctionDef) and item.name.startswith("case_")
    ]


@pytest.mark.parametrize(("module", "case"), cases("current"))
def test_current_client(current: Client, module: str, case: str):
    current.run(module, case)


@pytest.mark.parametrize(("module", "case"), cases("streaming"))
def test_client_that_streams(streaming: Client, module: str, case: str):
    streaming.run(module, case)
