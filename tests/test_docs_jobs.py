"""docs/jobs.md says of each name of Qiskit's job classes what ours does, and it is true."""

from __future__ import annotations

import inspect
import re

import pytest
from qiskit.primitives import BasePrimitiveJob
from qiskit.providers import JobV1

from qjobwidgets import RuntimeJob
from scripts import job_docs

NAMES = [
    pytest.param(name, theirs, id=f"{title}.{name}")
    for title, facts in job_docs.TABLE["classes"].items()
    for name, theirs in facts["names"].items()
]
# properties of ours whose value can be called, for the class in which they were methods
CALLABLE_VALUES = {"creation_date", "tags"}
# what the page says is to be given by name
BY_NAME = {("result", "partial"), ("result", "refresh")}


def test_the_file_is_what_the_script_would_write():
    assert job_docs.TARGET.read_text(encoding="utf-8") == job_docs.render(), "run: make docs"


@pytest.mark.parametrize(("name", "theirs"), NAMES)
def test_each_name_of_each_class_is_there_in_its_form(name, theirs):
    ours = inspect.getattr_static(RuntimeJob, name)
    if theirs == "value":
        assert isinstance(ours, property) or not callable(ours)
    elif isinstance(ours, property):
        assert name in CALLABLE_VALUES
        assert theirs == []
    else:
        taken = inspect.signature(ours)
        taken.bind(None, **dict.fromkeys(theirs))
        taken.bind(None, *(key for key in theirs if (name, key) not in BY_NAME))


@pytest.mark.parametrize("kind", [BasePrimitiveJob, JobV1])
def test_each_name_of_qiskits_own_interfaces_is_there(kind):
    for name in (name for name in dir(kind) if not name.startswith("_")):
        theirs, ours = getattr(kind, name), getattr(RuntimeJob, name)
        assert callable(ours) == callable(theirs)
        if callable(theirs):
            taken = set(inspect.signature(ours).parameters)
            assert taken >= set(inspect.signature(theirs).parameters), name


def test_the_page_names_all_that_ours_has_and_nothing_else():
    page = job_docs.TARGET.read_text(encoding="utf-8")
    tables = page.split("\n## Exceptions")[0]
    named = set(re.findall(r"^\| `(\w+)", tables, flags=re.MULTILINE))
    assert named == job_docs.public_names()


def test_nothing_is_said_of_a_name_that_is_not_there():
    assert job_docs.TABLE["services"].keys() <= job_docs.public_names()
    assert job_docs.TABLE["values"].keys() <= job_docs.public_names()


def test_every_public_name_has_a_docstring():
    for name in job_docs.public_names() - job_docs.TABLE["values"].keys():
        assert inspect.getdoc(inspect.getattr_static(RuntimeJob, name)), name
