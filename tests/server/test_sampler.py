"""The ``sampler`` program: all forms of PUBs, and bits that are exactly those of Aer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from ibm_quantum_schemas.sampler import version_0_1
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ClassicalRegister, Clbit, Parameter, ParameterVector, QuantumRegister
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import QFTGate, efficient_su2
from qiskit.primitives import BackendSamplerV2
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError, amplitude_damping_error, depolarizing_error
from qiskit_aer.primitives import SamplerV2

from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.running import failed, refused, result_of

SEED = 7


def swept() -> QuantumCircuit:
    """Two parameters, one of them in a block, one in the phase of the circuit."""
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2, 2, global_phase=a)
    circuit.rx(a, 0)
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)):
        circuit.ry(2 * b, 1)
    circuit.measure(1, 1)
    return circuit


def registers() -> QuantumCircuit:
    circuit = QuantumCircuit(
        QuantumRegister(3), ClassicalRegister(1, "first"), ClassicalRegister(2, "second")
    )
    circuit.h(range(3))
    circuit.measure(range(3), range(3))
    return circuit


def dynamic() -> QuantumCircuit:
    """A switch, a while loop with a conditioned reset, a for loop, a measurement on the way."""
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.switch(circuit.cregs[0]) as case:
        with case(0):
            circuit.h(1)
        with case(case.DEFAULT):
            circuit.x(1)
    with circuit.for_loop(range(3)):
        circuit.sx(1)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.h(0)
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 0)):
            circuit.reset(1)
    circuit.measure(1, 1)
    return circuit


VALUES = np.random.default_rng(3).uniform(0, 3, (2, 3, 2))
NOISE = NoiseModel()
NOISE.add_all_qubit_quantum_error(depolarizing_error(0.05, 1), ["h", "rx", "ry"])
NOISE.add_all_qubit_quantum_error(amplitude_damping_error(0.1), ["x"])
NOISE.add_all_qubit_readout_error(ReadoutError([[0.9, 0.1], [0.2, 0.8]]))


@pytest.mark.parametrize(
    ("pubs", "noise"),
    [
        ([(bell(), None, 300)], None),
        ([(bell(), None, 300)] * 2 + [(registers(), None, 200), (bell(), None, 200)], None),
        ([(swept(), VALUES, 100), (dynamic(), None, 100)], None),
        ([(dynamic(), None, 500)], None),
        ([(registers(), None, 500), (swept(), VALUES[0], 50)], NOISE),
    ],
    ids=["plain", "several", "swept", "dynamic", "noisy"],
)
def test_bits_with_a_seed_are_those_of_aer(service: Service, pubs: list[Any], noise: Any):
    simulator = {"seed_simulator": SEED} | ({"noise_model": noise} if noise else {})
    result = result_of(
        service, "sampler", pubs=[list(pub) for pub in pubs], options={"simulator": simulator}
    )
    aer = AerSimulator(noise_model=noise)
    local = BackendSamplerV2(backend=aer, options={"seed_simulator": SEED})
    for other in (SamplerV2.from_backend(aer, seed=SEED), local):
        for mine, theirs in zip(result, other.run(pubs).result(), strict=True):
            assert set(mine.data) == set(theirs.data)
            assert all(mine.data[name] == theirs.data[name] for name in theirs.data)


@pytest.mark.parametrize("circuit", [bell(), registers(), dynamic()], ids=["bell", "regs", "dyn"])
def test_counts_of_one_circuit_are_those_of_a_run_with_that_seed(
    service: Service, circuit: QuantumCircuit
):
    options = {"simulator": {"seed_simulator": SEED}}
    result = result_of(service, "sampler", pubs=[[circuit, None, 400]], options=options)
    counts = AerSimulator().run(circuit, shots=400, seed_simulator=SEED).result().get_counts()
    joined = result[0].join_data().get_counts()
    assert joined == {bits.replace(" ", ""): count for bits, count in counts.items()}


def test_seed_0_is_a_seed(service: Service):
    options = {"simulator": {"seed_simulator": 0}}
    first, second = (
        result_of(service, "sampler", pubs=[[bell(), None, 100]], options=options)[0].data.meas
        for _ in range(2)
    )
    assert first == second


def test_all_forms_of_a_pub(service: Service):
    angles = ParameterVector("v", 2)
    circuit = QuantumCircuit(2)
    circuit.rx(angles[0], 0)
    circuit.rx(angles[1], 1)
    circuit.measure_all()
    one = QuantumCircuit(1)
    one.rx(Parameter("a"), 0)
    one.measure_all()
    pubs = [
        bell(),
        [bell()],
        [bell(), None, 10],
        [bell(), [], None],
        [one, np.pi, 10],
        [one, [[0], [np.pi]], 10],
        [one, {"a": [0, np.pi]}, 10],
        [one, np.zeros((0, 1)), 10],
        [circuit, [0, np.pi], 10],
        [circuit, {"v[0]": [[0, 0], [np.pi, np.pi]], "v[1]": [[0, np.pi]] * 2}, 10],
        [circuit, BindingsArray({("v[1]", "v[0]"): [np.pi, 0]}), 10],
    ]
    result = result_of(service, "sampler", pubs=pubs, shots=20, options={"default_shots": 30})
    data = [one.data.meas for one in result]
    assert [bits.num_shots for bits in data] == [20, 20, 10, 20, 10, 10, 10, 10, 10, 10, 10]
    assert [bits.shape for bits in data][4:] == [(), (2,), (2,), (0,), (), (2, 2), ()]
    assert data[4].get_counts() == {"1": 10}
    assert data[5] == data[6]
    assert data[8].get_counts() == data[10].get_counts() == {"10": 10}
    assert data[9].get_counts((1, 0)) == {"01": 10}


def test_where_nobody_says_how_many_shots_there_are_4096(service: Service):
    result = result_of(service, "sampler", pubs=[bell()])
    assert result[0].data.meas.num_shots == 4096
    result = result_of(service, "sampler", pubs=[bell()], options={"default_shots": 30})
    assert result[0].data.meas.num_shots == 30


def test_registers_of_any_size_and_registers_that_share_bits(service: Service):
    """Bits were taken from where a register would lie if it were in one piece."""
    bits = [Clbit() for _ in range(3)]
    shared = QuantumCircuit(
        QuantumRegister(3, "q"),
        bits,
        ClassicalRegister(name="ends", bits=[bits[2], bits[0]]),
        ClassicalRegister(name="all", bits=bits),
        ClassicalRegister(0, "none"),
    )
    shared.x(0)
    shared.measure(range(3), range(3))
    wide = QuantumCircuit(100)
    wide.x([0, 64, 99])
    wide.measure_all()
    data = [one.data for one in result_of(service, "sampler", pubs=[shared, [wide, None, 5]])]
    assert data[0]["ends"].get_counts() == {"10": 4096}
    assert data[0]["all"].get_counts() == {"001": 4096}
    assert data[0]["none"].num_bits == 0
    assert data[1].meas.get_int_counts() == {1 + 2**64 + 2**99: 5}


def test_metadata_delays_phases_and_gates_of_ones_own(service: Service):
    own = QuantumCircuit(1, name="own", global_phase=0.5)
    own.append(QFTGate(1), [0])
    circuit = QuantumCircuit(2, metadata={"name": "mine"}, global_phase=1.0)
    circuit.append(own.to_gate(), [0])
    circuit.append(own.to_gate().control(), [1, 0])
    circuit.delay(100, 0, unit="ns")
    circuit.barrier()
    circuit.append(own.to_gate(), [0])
    circuit.measure_all()
    result = result_of(service, "sampler", pubs=[[circuit, None, 50]])
    assert result[0].data.meas.get_counts() == {"00": 50}
    assert result[0].metadata == {"shots": 50, "circuit_metadata": {"name": "mine"}}


def test_the_result_keeps_to_the_published_schema(service: Service):
    pubs = [[bell(), None, 20], [swept(), VALUES, 10], [bell(), None, 10]]
    job = service.submit("sampler", "aer_local", {"pubs": pubs})
    service.wait(job)
    text = service.get(f"/jobs/{job}/results").text
    model = version_0_1.PrimitiveResultWrapperModel.model_validate_json(text)
    first, second = model.value_.metadata.execution.execution_spans.value_.spans
    assert first.value_.data_slices == {0: [[20], 0, 1, 0, 20]}
    assert second.value_.data_slices == {1: [[2, 3, 10], 0, 6, 0, 10], 2: [[10], 0, 1, 0, 10]}
    assert first.value_.start.value_ <= first.value_.stop.value_ <= second.value_.start.value_
    data = model.value_.pub_results[0].value_.data.value_
    assert data.field_types == ["BitArray"]


def test_a_result_without_types_for_clients_without_qiskit(service: Service):
    params = {
        "pubs": [[bell(), None, 3], [swept(), VALUES, 2]],
        "support_qiskit": False,
        "options": {"simulator": {"seed_simulator": SEED}},
    }
    job = service.submit("sampler", "aer_local", params)
    assert service.wait(job)["state"]["status"] == "Completed"
    result = json.loads(service.get(f"/jobs/{job}/results").text)
    typed = result_of(service, "sampler", **(params | {"support_qiskit": True}))
    meas = result["results"][0]["data"]["meas"]
    assert meas["num_bits"] == 2
    assert [int(word, 16) for word in meas["samples"]] == [
        int(bits, 2) for bits in typed[0].data.meas.get_bitstrings()
    ]
    samples = np.array(result["results"][1]["data"]["c"]["samples"])
    assert samples.shape == (2, 3, 2)
    assert samples[1, 2].tolist() == [
        hex(int(bits, 2)) for bits in typed[1].data.c.get_bitstrings((1, 2))
    ]
    assert result["metadata"]["version"] == 2
    ((_, stop, slices), *_) = result["metadata"]["execution"]["execution_spans"]
    assert stop["date"].startswith("20")
    assert slices == {"0": [[3], 0, 1, 0, 3]}


def test_the_device_is_noisy_and_refuses_what_it_has_no_instruction_for(service: Service):
    pairs = [[0, 1], [1, 2], [1, 3], [3, 5], [4, 5], [5, 6]]
    native = transpile(
        bell(),
        coupling_map=pairs + [pair[::-1] for pair in pairs],
        basis_gates=["cx", "rz", "sx", "x"],
        seed_transpiler=1,
    )
    counts = result_of(service, "sampler", "noisy_local", pubs=[[native, None, 4000]])[0].data.meas
    assert counts.get_counts()["00"] > 1500
    assert set(counts.get_counts()) == {"00", "01", "10", "11"}

    far = QuantumCircuit(7)
    far.cx(0, 5)
    far.measure_all()
    state = failed(service, "sampler", "noisy_local", pubs=[[far]])
    assert state["reason"] == "Instruction cx on qubits (0, 5) is not supported by noisy_local."
    assert state["reason_solution"] == (
        "Transpile with `generate_preset_pass_manager(backend=backend)`, then run again."
    )
    assert state["reason_code"] == 1211


def test_the_device_looks_into_the_blocks_of_control_flow(service: Service):
    circuit = QuantumCircuit(7, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.cx(0, 6)
    state = failed(service, "sampler", "noisy_local", pubs=[[circuit]])
    assert "cx on qubits (0, 6)" in state["reason"]


def test_what_a_pub_lacks_is_said(service: Service):
    sweep = efficient_su2(1, reps=0)
    sweep.measure_all()
    unmeasured = QuantumCircuit(1, 1)
    for pub, reason in (
        ([sweep, [1.0]], "A circuit has 2 parameters, its values have shape (1,)."),
        ([sweep, [["a", "b"]]], "Parameter values are not an array of real numbers."),
        ([sweep, np.array([np.nan, 1])], "PUB 0 has parameter values that are not finite."),
        ([sweep, {"x": 1}], "PUB 0 does not fit together"),
        (["hello world"], "An OpenQASM program can't be read"),
        ([{"a": 1}], "PUB 0 does not begin with a circuit."),
        ([unmeasured], "The circuit of PUB 0 has no measurement into a classical register."),
        ([QuantumCircuit(1)], "The circuit of PUB 0 has no measurement"),
    ):
        state = failed(service, "sampler", pubs=[pub])
        assert state["reason"].startswith(reason), state
        assert state["reason_code"] == 1210


@pytest.mark.parametrize("name", ["shape", "keys", "values", "items"])
def test_registers_of_names_that_results_keep_for_themselves(service: Service, name: str):
    """The job ran, and then failed with a TypeError of Qiskit for a reason."""
    circuit = QuantumCircuit(QuantumRegister(1), ClassicalRegister(1, name))
    circuit.measure(0, 0)
    state = failed(service, "sampler", pubs=[circuit])
    assert f"a classical register {name!r}" in state["reason"]
    assert state["reason_solution"] == "Give the register another name."
    assert state["reason_code"] == 1210


def test_what_aer_can_not_run_is_refused(service: Service):
    """A variable of a circuit ended the process of its job, three times."""
    variable = QuantumCircuit(1, 1)
    with variable.if_test((0, 0)):
        variable.add_var("n", expr.lift(3, types.Uint(8)))
    variable.measure(0, 0)
    stretched = QuantumCircuit(1, 1)
    stretched.delay(stretched.add_stretch("s"), 0)
    stretched.measure(0, 0)
    for circuit in (variable, stretched):
        state = failed(service, "sampler", pubs=[circuit])
        assert state["reason"].startswith("The simulator has no ")
        assert state["reason_solution"]
        assert state["reason_code"] == 1210


def test_boxes_are_opened(service: Service):
    """They were refused, although the official client posts them to this program too."""
    circuit = QuantumCircuit(2, 2)
    with circuit.box(label="outer"):
        circuit.x(0)
        with circuit.box():
            circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    (told,) = result_of(service, "sampler", pubs=[[circuit, None, 10]])
    assert told.data.c.get_counts() == {"11": 10}


def test_numbers_of_shots_and_pubs_that_can_not_be(service: Service):
    for shots in (0, -1, 10**12, 1.5, True, "many"):
        assert "shots" in refused(service, "sampler", pubs=[["qasm", None, shots]])
        assert "shots" in refused(service, "sampler", pubs=["qasm"], shots=shots)
    assert "10000 items" in refused(service, "sampler", pubs=[["qasm"]] * 100_000)
    assert "1 to 3 items" in refused(service, "sampler", pubs=[["qasm", None, 1, 1]])
    assert "pubs" in refused(service, "sampler", pubs=[])
    assert "pubs" in refused(service, "sampler", circuits=["qasm"])


def test_what_is_too_large_fails_in_the_simulators_words(service: Service):
    circuit = QuantumCircuit(40)
    circuit.h(range(40))
    circuit.t(range(40))
    for qubit in range(39):
        circuit.cx(qubit, qubit + 1)
    circuit.h(range(40))
    circuit.measure_all()
    assert "memory" in failed(service, "sampler", pubs=[[circuit, None, 10]])["reason"]
    one = QuantumCircuit(1)
    one.rx(Parameter("a"), 0)
    one.measure_all()
    state = failed(service, "sampler", pubs=[[one, np.zeros((1000, 1)), 1_000_000]])
    assert "a result may have" in state["reason"]


def test_a_broken_circuit_fails_its_own_job_only(service: Service):
    broken = {"__type__": "QuantumCircuit", "__value__": "bm90IGEgY2lyY3VpdA=="}
    state = failed(service, "sampler", pubs=[[broken]])
    assert state["reason_code"] == 1210
    result_of(service, "sampler", pubs=[[bell(), None, 10]])
