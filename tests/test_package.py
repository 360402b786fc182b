"""What importing the package costs and offers."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import qjobwidgets
from qjobwidgets import doctor

ROOT = Path(__file__).parent.parent

HEAVY = ("qiskit", "qiskit_aer", "matplotlib", "fastapi", "sqlalchemy", "qjobwidgets.server")


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240
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


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_wheel_that_a_page_names_is_of_this_version(page):
    named = re.findall(r"qjobwidgets-(.+?)-py3-none-any\.whl", (ROOT / page).read_text("utf-8"))
    assert named == [qjobwidgets.__version__]


def test_what_a_view_needs_is_in_the_wheel():
    """Only what is built is in no repository, so the build has to be told of it."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert build["artifacts"] == ["qjobwidgets/static/*"]
    targets = {Path(one).name for one in build["hooks"]["jupyter-builder"]["ensured-targets"]}
    assert targets == {f"{name}{form}.js" for name in doctor._VIEWS for form in ("", "-again")}
