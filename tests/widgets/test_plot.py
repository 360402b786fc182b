"""InterimPlot: each interim result once, in order, while the job runs."""

import math
from array import array
from collections import Counter

import pytest

from qjobwidgets import InterimPlot
from tests.conftest import eventually


@pytest.fixture
def vqe(service):
    """A VQE of a small Hamiltonian; the slow one goes on for minutes, until it is cancelled."""
    from qiskit.circuit.library import real_amplitudes
    from qiskit.quantum_info import SparsePauliOp

    quick = {"name": "COBYLA", "maxiter": 30}
    slow = {"name": "SPSA", "maxiter": 1000}

    def run(backend="aer_local"):
        inputs = {
            "ansatz": real_amplitudes(2, reps=1),
            "operator": SparsePauliOp(["ZZ", "XX"], [0.5, 0.2]),
            "optimizer": slow if backend == "slow_local" else quick,
            "initial_parameters": [0.1, 0.2, 0.3, 0.4],
        }
        return service.run("vqe", inputs, {"backend": backend})

    return run


def points(page, plot, column=0, source=0):
    """The points the page has: the last snapshot and what was appended since.

    A column by its place among the fields drawn, or ``"seq"``.
    """
    values = array("d")
    for update in list(page.updates[plot.model_id]):
        for name in ("snapshot", "append"):
            for part in (update.get(name) or {}).get("parts", []):
                if part["source"] != source or part["rev"] == 0:
                    continue
                if name == "snapshot":
                    values = array("d")
                assert part["base"] == len(values)
                values.extend(
                    array("d", part["seq"] if column == "seq" else part["values"][column])
                )
    return list(values)


def streams(page, plot):
    """The states of the streams, as the page has them."""
    return [source["stream"] for source in page.state(plot)["facts"].get("sources", [])]


def groups(page, plot):
    """What the page knows of the groups of jobs."""
    return [source["group"] for source in page.state(plot)["facts"].get("sources", [])]


def ended(page, plot):
    """Wait until all streams of a plot have ended on the page."""
    eventually(lambda: set(streams(page, plot)) == {"ended"})


def test_every_evaluation_of_a_vqe_is_drawn_once(service, page, vqe):
    job = vqe()
    plot = InterimPlot(job, exact=-0.7, unit="Ha")
    ended(page, plot)
    evaluations = job.result()["cost_function_evals"]
    eventually(lambda: len(points(page, plot)) == evaluations)
    state = page.state(plot)
    assert state["shown"] == ["energy"]
    fields = {field["name"]: field for field in state["facts"]["fields"]}
    assert fields["energy"]["goal"] == "min"
    assert (fields["energy"]["reference"], fields["std"]["reference"]) == (-0.7, None)
    assert (fields["energy"]["panel"], fields["std"]["panel"]) == ("Ha", "std")
    assert points(page, plot, "seq") == sorted(set(points(page, plot, "seq")))
    assert min(points(page, plot)) == pytest.approx(job.result()["optimal_value"])


def test_points_arrive_while_the_job_runs(service, page, vqe):
    job = vqe("slow_local")
    plot = InterimPlot(job)
    few = eventually(lambda: len(points(page, plot)))
    assert job.status() == "RUNNING"
    eventually(lambda: len(points(page, plot)) > few)
    job.cancel()
    ended(page, plot)


def test_a_plot_opened_late_has_the_whole_history(service, page, vqe):
    job = vqe()
    evaluations = job.result()["cost_function_evals"]
    plot = InterimPlot(job)
    eventually(lambda: len(points(page, plot)) == evaluations)
    assert "energy" in plot.twin()["text/plain"]
    assert "data:image/png" in plot.twin()["text/html"]


def test_another_field_can_be_chosen(service, page, vqe):
    job = vqe()
    evaluations = job.result()["cost_function_evals"]
    plot = InterimPlot(job, "evaluation")
    eventually(lambda: points(page, plot) == [float(n + 1) for n in range(evaluations)])


def test_a_plot_opened_again_goes_on(service, page, vqe):
    """Closing the last plot of a running job ended its feed for good: the next plot stood still."""
    job = vqe("slow_local")
    first = InterimPlot(job)
    eventually(lambda: len(points(page, first)))
    first.close()
    again = InterimPlot(job)
    few = eventually(lambda: len(points(page, again)))
    eventually(lambda: len(points(page, again)) > few)
    job.cancel()
    ended(page, again)


def test_a_page_that_asks_for_the_state_gets_no_message_of_before(service, page, vqe):
    """A reloaded page applied the points appended last to a snapshot that had been made anew."""
    job = vqe("slow_local")
    plot = InterimPlot(job)
    eventually(lambda: any(update.get("append") for update in page.updates[plot.model_id]))
    job.cancel()
    eventually(plot.settled)
    eventually(lambda: plot.get_state("append") == {"append": {}})


def test_a_plot_closed_leaves_the_other_of_its_job_alone(service, page, vqe):
    job = vqe("slow_local")
    closed, stays = InterimPlot(job), InterimPlot(job)
    few = eventually(lambda: len(points(page, stays)))
    closed.close()
    eventually(lambda: len(points(page, stays)) > few)
    job.cancel()
    ended(page, stays)


def test_a_field_picked_after_the_job_has_ended_is_drawn(service, page, vqe):
    """The page's choice was noted, but nothing was sent before the next change of the job."""
    plot = InterimPlot(vqe())
    ended(page, plot)
    eventually(plot.settled)
    plot.set_state({"shown": ["evaluation"]})
    eventually(lambda: points(page, plot) == [float(n + 1) for n in range(len(plot))])


def test_a_plot_out_of_sight_keeps_its_twin_true(service, page, vqe):
    """What a hidden plot knew of its job was only brought up to date when it came into sight."""
    job = vqe()
    plot, seen = InterimPlot(job), InterimPlot(job)
    page.send(plot, kind="visible", visible=False)
    ended(page, seen)
    eventually(lambda: "DONE" in plot.twin()["text/plain"])
    assert "energy" in plot.twin()["text/plain"]


def test_of_counts_the_most_frequent_outcomes_are_drawn(service, page):
    """One outcome was drawn, as if it stood for the others: the first that the job had named."""
    job = service.run("sample-program", {"iterations": 4}, {"backend": "aer_local"})
    job.wait_for_final_state(60)
    plot = InterimPlot(job)
    ended(page, plot)
    totals = Counter()
    for message in job.interim_results():
        totals.update(message["counts"])

    def in_order():
        state = page.state(plot)
        names = [field["name"] for field in state["facts"]["fields"]]
        frequency = [totals[name.removeprefix("counts.")] for name in names[:-1]]
        right = frequency == sorted(frequency, reverse=True)
        return right and names[-1:] == ["iteration"] and state["shown"] == names[:4]

    # that the stream has ended may be told before what came last is in order
    eventually(lambda: len(plot) == 4 and in_order())


def test_several_fields_and_several_jobs_are_drawn_at_once(service, page, vqe):
    first, second = vqe(), vqe()
    plot = InterimPlot({"COBYLA": first, "again": second}, ["energy", "std"], unit={"energy": "Ha"})
    ended(page, plot)
    for source, job in enumerate((first, second)):
        evaluations = job.result()["cost_function_evals"]
        for column in (0, 1, "seq"):
            eventually(
                lambda column=column, source=source, n=evaluations: (
                    len(points(page, plot, column, source)) == n
                )
            )
    state = page.state(plot)
    assert state["shown"] == ["energy", "std"]
    assert [source["label"] for source in state["facts"]["sources"]] == ["COBYLA", "again"]
    text = plot.twin()["text/plain"]
    assert "COBYLA energy: best" in text
    assert "again std: last" in text


def test_the_jobs_of_a_plot_are_of_one_account_and_given_once(service, vqe, bell):
    job = service.run("sampler", {"pubs": [bell]}, {"backend": "aer_local"})
    for arguments in ({}, {"job": job, "tag": "scan"}, {"job": []}):
        with pytest.raises(TypeError, match="InterimPlot needs"):
            InterimPlot(**arguments)
    with pytest.raises(ValueError, match="goal is 'min' or 'max'"):
        InterimPlot(job, goal="least")


@pytest.fixture
def estimate(service):
    """Submit an estimator job of one Pauli on a plain state: its value is known."""
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import SparsePauliOp

    def run(sign, tag, **options):
        circuit = QuantumCircuit(1)
        if sign < 0:
            circuit.x(0)
        inputs = {"pubs": [(circuit, SparsePauliOp("Z"))]}
        return service.run(
            "estimator", inputs, {"backend": "aer_local", "job_tags": [tag], **options}
        )

    return run


def test_each_finished_job_of_a_tag_is_a_point(service, page, estimate):
    signs = [1, -1, 1]
    plot = InterimPlot(tag="points-of-a-tag", service=service)
    jobs = [estimate(sign, "points-of-a-tag") for sign in signs]
    for job in jobs:
        job.result()
    eventually(lambda: points(page, plot) == pytest.approx(signs, abs=0.1))
    assert points(page, plot, "seq") == [1.0, 2.0, 3.0]
    state = page.state(plot)
    assert state["shown"] == ["ev"]
    assert state["facts"]["x_label"] == "job"
    ids = [job_id for part in plot.snapshot_json()["parts"] for job_id in part["ids"]]
    assert ids == [job.job_id() for job in jobs]
    # usage and duration are in the records, and need no result
    plot.set_state({"shown": ["duration"]})
    eventually(lambda: [seconds >= 0 for seconds in points(page, plot)] == [True] * 3)
    assert "of tag points-of-a-tag" in plot.twin()["text/plain"]


def test_the_result_of_a_private_job_is_left_for_its_owner(service, page, estimate):
    """It can be read once: drawing it would have taken it from the user.

    The others' results were not read until something else happened, where all jobs had ended
    before the plot was made.
    """
    job = estimate(1, "private-points", private=True)
    plain = estimate(-1, "private-points")
    plain.result()
    job.wait_for_final_state()
    plot = InterimPlot(tag="private-points", service=service)
    eventually(lambda: groups(page, plot) and groups(page, plot)[0]["private"] == 1)
    eventually(lambda: points(page, plot)[1:] == pytest.approx([-1.0], abs=0.1))
    assert math.isnan(points(page, plot)[0])
    assert job.result()[0].data.evs == pytest.approx(1.0, abs=0.1)
