"""What importing the package costs and offers."""

import json
import subprocess
import sys

import pytest

import qjobwidgets

HEAVY = ("qiskit", "qiskit_aer", "matplotlib", "fastapi", "sqlalchemy", "qjobwidgets.server")


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


def test_importing_loads_nothing_heavy():
    assert not modules_after("import qjobwidgets") & set(HEAVY)


def test_client_and_views_load_nothing_heavy_before_it_is_needed():
    statement = "from qjobwidgets import RuntimeService, RuntimeJob, JobsTable, InterimPlot"
    assert not modules_after(statement) & set(HEAVY)


def test_every_public_name_is_there():
    for name in qjobwidgets.__all__:
        assert getattr(qjobwidgets, name) is not None
    assert set(qjobwidgets.__all__) <= set(dir(qjobwidgets))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="NoSuchThing"):
        qjobwidgets.NoSuchThing  # noqa: B018
