"""Programs of a real runtime: looked at, uploaded, changed, run, deleted."""

from __future__ import annotations

import base64
import json
import uuid

import pytest

from qjobwidgets.client.program_facts import ParameterNamespace
from qjobwidgets.errors import (
    CodecError,
    IBMInputValueError,
    IBMNotAuthorizedError,
    RuntimeDuplicateProgramError,
    RuntimeProgramNotFound,
)
from tests.client.faults import Reply

SOURCE = """
def main(backend, user_messenger, times=2, **kwargs):
    for number in range(times):
        user_messenger.publish(number)
    return "done"
"""
SCHEMA = {
    "type": "object",
    "properties": {"times": {"type": "integer", "default": 3}, "label": {"type": "string"}},
    "required": ["label"],
}
METADATA = {"description": "Counts.", "max_execution_time": 60, "spec": {"parameters": SCHEMA}}


@pytest.fixture
def name() -> str:
    return f"counting-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def uploaded(local, name):
    program_id = local.upload_program(SOURCE, METADATA, name=name)
    yield program_id
    local.delete_program(program_id)


def test_the_life_of_a_program(local, name):
    program_id = local.upload_program(SOURCE, {**METADATA, "name": name})
    program = local.program(program_id)
    assert (program.program_id, program.name, program.description) == (program_id, name, "Counts.")
    assert program.max_execution_time == 60
    assert program.is_public is False
    assert program.data == SOURCE
    assert program.creation_date <= program.update_date
    assert program_id in local.program_ids()
    inputs = program.parameters()
    inputs.label = "x"
    job = local.run(program_id, inputs)
    assert job.result(60) == "done"
    assert job.interim_results() == [0, 1, 2]
    local.delete_program(program_id)
    with pytest.raises(RuntimeProgramNotFound):
        local.program(program_id)
    with pytest.raises(RuntimeProgramNotFound):
        local.delete_program(program_id)


def test_a_program_and_its_metadata_from_files(local, name, tmp_path):
    (tmp_path / "program.py").write_text(SOURCE)
    (tmp_path / "program.json").write_text(json.dumps({**METADATA, "name": "not this"}))
    program_id = local.upload_program(
        str(tmp_path / "program.py"), str(tmp_path / "program.json"), name=name
    )
    program = local.program(program_id)
    assert (program.name, program.data) == (name, SOURCE)
    local.delete_program(program_id)


def test_a_program_is_changed(local, uploaded, name):
    local.update_program(
        uploaded,
        data=SOURCE.replace("done", "over"),
        metadata={"description": "Not this.", "is_public": True, "max_execution_time": 30},
        description="Counts again.",
    )
    program = local.program(uploaded)
    assert (program.name, program.description) == (name, "Counts again.")
    assert (program.max_execution_time, program.is_public) == (30, True)
    assert local.run(uploaded, {"label": "x"}).result(60) == "over"
    local.set_program_visibility(uploaded, public=False)
    assert local.program(uploaded).is_public is False
    with pytest.raises(IBMInputValueError, match="Nothing is to be changed"):
        local.update_program(uploaded)
    with pytest.raises(RuntimeProgramNotFound):
        local.update_program("nosuch", name="x")


def test_names_are_taken_once(local, uploaded, name):
    with pytest.raises(RuntimeDuplicateProgramError, match=name):
        local.upload_program(SOURCE, METADATA, name=name)


@pytest.mark.parametrize("program_id", ["vqe", "sampler"])
def test_what_is_built_in_stays(local, program_id):
    with pytest.raises(IBMNotAuthorizedError, match="built in"):
        local.delete_program(program_id)
    with pytest.raises(IBMNotAuthorizedError, match="built in"):
        local.update_program(program_id, name="mine")


def test_a_service_that_takes_no_programs_says_so(faults, remote):
    refusal = {"errors": [{"message": "Programs can't be uploaded.", "solution": "Run another."}]}
    faults.on("/programs", Reply(403, refusal))
    with pytest.raises(IBMNotAuthorizedError, match=r"can't be uploaded\. Run another\."):
        remote.upload_program(SOURCE, METADATA, name="x")


@pytest.mark.parametrize(
    ("data", "metadata", "words"),
    [
        (SOURCE, None, "lack name, max_execution_time"),
        (SOURCE, {"name": "x"}, "lack max_execution_time"),
        (SOURCE, {"nmae": "x"}, "no 'nmae'.*There are: name"),
        (SOURCE, "nosuch.json", "nosuch.json.*FileNotFoundError"),
        ("nosuch.py", {"name": "x", "max_execution_time": 1}, "nosuch.py.*FileNotFoundError"),
    ],
)
def test_what_is_no_program(remote, data, metadata, words):
    with pytest.raises(IBMInputValueError, match=words):
        remote.upload_program(data, metadata)


def test_metadata_of_older_programs_have_the_schemas_beside_the_rest(faults, remote):
    faults.on("/programs", Reply(document={"id": "p"}))
    remote.upload_program(SOURCE, {"name": "x", "max_execution_time": 1, "parameters": SCHEMA})
    [sent] = faults.asked("/programs")
    assert json.loads(sent.body)["spec"] == {"parameters": SCHEMA}


def test_programs_are_listed_page_by_page(local):
    everything = local.program_ids()
    assert [p.id for p in local.programs(limit=2)] == everything[:2]
    assert [p.id for p in local.programs(limit=2, skip=1)] == everything[1:3]
    assert local.programs(skip=len(everything)) == []


def test_programs_are_printed(local, capsys):
    local.pprint_programs(limit=None)
    short = capsys.readouterr().out
    assert "vqe:\n  Name: vqe\n  Description: " in short
    assert "Parameters" not in short
    local.pprint_programs(limit=1, detailed=True)
    detailed = capsys.readouterr().out
    assert "  Max execution time: " in detailed
    assert "  Parameters: {" in detailed


def test_a_namespace_of_inputs():
    inputs = ParameterNamespace(SCHEMA)
    assert {"times", "label"} <= set(dir(inputs))
    assert (inputs.times, inputs.label) == (3, None)
    with pytest.raises(IBMInputValueError, match="needs label"):
        inputs.validate()
    inputs.label = "x"
    inputs.more = 1
    inputs.validate()
    assert inputs.to_dict() == {"times": 3, "label": "x", "more": 1}
    assert inputs.metadata == SCHEMA
    with pytest.raises(AttributeError, match="no input 'nosuch'"):
        inputs.nosuch  # noqa: B018 - the error


def _source_of(faults, remote, data):
    faults.on("/programs/p", Reply(document={"id": "p", "name": "x", "data": data}))
    return remote.program("p", refresh=True).data


def test_the_source_of_a_program_as_services_write_it(faults, remote):
    """What is no base64 was read as if it were some: of a source, the letters were decoded."""
    packed = base64.b64encode(SOURCE.encode()).decode()
    lines = "\r\n".join(packed[at : at + 76] for at in range(0, len(packed), 76))
    plain = "def main(backend, user_messenger): return 11"
    for data, source in ((packed, SOURCE), (lines, SOURCE), (plain, plain), (None, None)):
        assert _source_of(faults, remote, data) == source


@pytest.mark.parametrize("data", ["ZGVmZ", "ZGV", "////"])
def test_a_damaged_source_is_an_error(faults, remote, data):
    """Its base64 was handed out as the source, without a word."""
    with pytest.raises(CodecError, match=r"source of the program is damaged.*upload"):
        _source_of(faults, remote, data)


def test_ids_stay_below_the_list_of_programs(local):
    for odd in ("..", "../jobs", ""):
        with pytest.raises(RuntimeProgramNotFound):
            local.program(odd)
