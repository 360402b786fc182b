"""InterimPlot: each interim result once, in order, while the job runs."""

from array import array

import pytest

from qjobwidgets import InterimPlot
from tests.conftest import eventually


@pytest.fixture
def vqe(service):
    """A VQE of a small Hamiltonian."""
    from qiskit.circuit.library import real_amplitudes
    from qiskit.quantum_info import SparsePauliOp

    def run(backend="aer_local"):
        inputs = {
            "ansatz": real_amplitudes(2, reps=1),
            "operator": SparsePauliOp(["ZZ", "XX"], [0.5, 0.2]),
            "optimizer": {"name": "COBYLA", "maxiter": 30},
            "initial_parameters": [0.1, 0.2, 0.3, 0.4],
        }
        return service.run("vqe", inputs, {"backend": backend})

    return run


def points(page, plot, column="value"):
    """The points the page has: the last snapshot and what was appended since."""
    values = array("d")
    for update in page.updates[plot.model_id]:
        for part in (update.get("snapshot"), update.get("append")):
            if part and part["base"] == 0:
                values = array("d", part[column])
            elif part:
                assert part["base"] == len(values)
                values.extend(array("d", part[column]))
    return list(values)


def test_every_evaluation_of_a_vqe_is_drawn_once(service, page, vqe):
    job = vqe()
    plot = InterimPlot(job, exact=-0.7, unit="Ha")
    page.until(plot, stream="ended")
    evaluations = job.result()["cost_function_evals"]
    eventually(lambda: len(points(page, plot)) == evaluations)
    state = page.state(plot)
    assert (state["field"], state["goal"], state["reference"]) == ("energy", "min", -0.7)
    assert points(page, plot, "seq") == sorted(set(points(page, plot, "seq")))
    assert min(points(page, plot)) == pytest.approx(job.result()["optimal_value"])


def test_points_arrive_while_the_job_runs(service, page, vqe):
    job = vqe("slow_local")
    plot = InterimPlot(job)
    few = eventually(lambda: len(points(page, plot)))
    assert job.status() == "RUNNING"
    eventually(lambda: len(points(page, plot)) > few)
    job.cancel()
    page.until(plot, stream="ended")


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
    page.until(again, stream="ended")


def test_a_plot_closed_leaves_the_other_of_its_job_alone(service, page, vqe):
    job = vqe("slow_local")
    closed, stays = InterimPlot(job), InterimPlot(job)
    few = eventually(lambda: len(points(page, stays)))
    closed.close()
    eventually(lambda: len(points(page, stays)) > few)
    job.cancel()
    page.until(stays, stream="ended")


def test_a_field_picked_after_the_job_has_ended_is_drawn(service, page, vqe):
    """The page's choice was noted, but nothing was sent before the next change of the job."""
    plot = InterimPlot(vqe())
    page.until(plot, stream="ended")
    eventually(plot.settled)
    plot.set_state({"field": "evaluation"})
    eventually(lambda: points(page, plot) == [float(n + 1) for n in range(len(plot))])


def test_a_plot_out_of_sight_keeps_its_twin_true(service, page, vqe):
    """What a hidden plot knew of its job was only brought up to date when it came into sight."""
    job = vqe()
    plot, seen = InterimPlot(job), InterimPlot(job)
    page.send(plot, kind="visible", visible=False)
    page.until(seen, stream="ended")
    eventually(lambda: "DONE" in plot.twin()["text/plain"])
    assert "energy" in plot.twin()["text/plain"]
