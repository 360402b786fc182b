"""JobsDashboard on a real runtime: one model, whose parts follow the current job."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ipywidgets.widgets.widget import _remove_buffers

from qjobwidgets import Batch, JobsDashboard
from qjobwidgets.records import JobRecord, JobStatus
from tests.conftest import eventually


@pytest.fixture
def job(service, bell):
    job = service.run("sampler", {"pubs": [(bell, None, 500)]}, {"backend": "aer_local"})
    job.wait_for_final_state()
    return job


def part(page, dashboard, name, look):
    """Wait until a trait of a part is as it should be; return it."""
    return eventually(lambda: (v := page.state(dashboard).get(name)) is not None and look(v) and v)


def open_tab(page, dashboard, tab):
    """Open a tab as the page does."""
    data = {"method": "update", "state": {"card_tab": tab}, "buffer_paths": []}
    comm = page.comms[dashboard.model_id]
    comm.handle_msg({"content": {"data": data, "comm_id": dashboard.model_id}, "buffers": []})


def test_the_account_is_described(service, page):
    dashboard = JobsDashboard(service=service)
    account = part(page, dashboard, "account", lambda a: a.get("backends"))
    assert account["channel"] == service.channel
    assert "aer_local" in {backend["name"] for backend in account["backends"]}
    assert account["requests"] <= account["budget"]


def test_the_current_job_is_shown_as_card_counts_and_convergence(service, page, job):
    dashboard = JobsDashboard([job])
    assert page.state(dashboard).get("card_job") is None
    dashboard.current = job.job_id()
    part(page, dashboard, "card_job", lambda row: row["id"] == job.job_id())
    part(page, dashboard, "card_result", lambda r: r["state"] == "ready")
    assert page.state(dashboard).get("counts_state") is None
    open_tab(page, dashboard, "counts")
    entries = part(page, dashboard, "counts_entries", len)
    assert page.state(dashboard)["card_tab"] == "counts"
    assert entries[0]
    open_tab(page, dashboard, "convergence")
    part(page, dashboard, "plot_facts", bool)
    drawn = [i for i, state in page.states.items() if state.get("_model_name") == "AnyModel"]
    assert drawn == [dashboard.model_id]


def test_another_job_takes_the_card(service, page, bell, job):
    other = service.run("sampler", {"pubs": [bell]}, {"backend": "slow_local"})
    dashboard = JobsDashboard([job, other])
    dashboard.current = job.job_id()
    part(page, dashboard, "card_job", lambda row: row["id"] == job.job_id())
    open_tab(page, dashboard, "logs")
    part(page, dashboard, "card_logs", lambda logs: logs["state"] == "ready")
    dashboard.current = other.job_id()
    part(page, dashboard, "card_job", lambda row: row["id"] == other.job_id())
    assert page.state(dashboard)["card_tab"] == "logs"
    page.send(dashboard, kind="edit", part="card", job=other.job_id(), what="name", value="b")
    part(page, dashboard, "card_words", lambda w: w["name"] == "b")
    page.send(dashboard, kind="cancel", part="card", job=other.job_id())
    part(page, dashboard, "card_job", lambda row: row["status"] in {"CANCELLED", "DONE"})


def test_a_neighbour_takes_the_place_of_the_current_job(service, page, bell):
    """The card turned to the neighbour and at once back, as the current job had stayed."""
    with Batch(service=service, backend="aer_local") as batch:
        first, second = (batch.run("sampler", {"pubs": [bell]}) for _ in range(2))
    dashboard = JobsDashboard([first])
    dashboard.current = first.job_id()
    part(page, dashboard, "card_job", lambda row: row["id"] == first.job_id())
    open_tab(page, dashboard, "session")
    part(page, dashboard, "card_neighbours", lambda n: n["state"] == "ready")
    here, there = first.job_id(), second.job_id()
    page.send(dashboard, kind="open", part="card", job=here, what=there)
    page.until(dashboard, current=there)
    part(page, dashboard, "card_job", lambda row: row["id"] == there)
    open_tab(page, dashboard, "counts")
    part(page, dashboard, "counts_job", lambda row: row["id"] == there)
    part(page, dashboard, "counts_entries", len)
    assert page.state(dashboard)["card_job"]["id"] == there


def test_its_parts_are_seen_when_it_is(service, page):
    """A hidden dashboard with an open card had the service asked as if someone looked."""
    job = service.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
    dashboard = JobsDashboard([job])
    dashboard.current = job.job_id()
    card = eventually(lambda: dashboard.card)
    page.send(dashboard, kind="visible", visible=False)
    assert not card.visible
    assert not dashboard.watcher.audience.visible
    page.send(dashboard, kind="visible", visible=True)
    assert card.visible
    job.cancel()


def test_interim_results_come_as_they_are_published(service, page):
    job = service.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
    dashboard = JobsDashboard([job])
    dashboard.current = job.job_id()
    part(page, dashboard, "card_job", lambda row: row["id"] == job.job_id())
    open_tab(page, dashboard, "convergence")
    part(page, dashboard, "plot_append", lambda a: a.get("parts"))
    job.cancel()


def test_a_reloaded_page_has_the_parts_again(service, page, job):
    dashboard = JobsDashboard([job])
    dashboard.current = job.job_id()
    part(page, dashboard, "card_result", lambda r: r["state"] == "ready")
    state = dashboard.get_state()
    assert state["card_job"]["id"] == job.job_id()
    assert state["card_result"]["state"] == "ready"


def test_closing_it_closes_its_parts(service, page, job):
    from qjobwidgets.widgets import open_views

    dashboard = JobsDashboard([job])
    dashboard.current = job.job_id()
    part(page, dashboard, "card_job", lambda row: row["id"] == job.job_id())
    dashboard.close()
    assert open_views() == []


def test_a_saved_notebook_with_a_thousand_jobs_is_small(service, page, job):
    rng = np.random.default_rng(7)
    records = [
        JobRecord(
            rng.bytes(10).hex(), JobStatus.DONE, program="sampler", backend="ibm_kingston",
            created=job.record.created, started=job.record.started, finished=job.record.finished,
            tags=("vqe", f"point-{n}"), usage_seconds=float(n),
        )
        for n in range(1000)
    ]  # fmt: skip
    dashboard = JobsDashboard([job])
    dashboard.job_ids |= {record.id for record in records}
    dashboard.watcher.board.introduce(records)
    page.send(dashboard, kind="refresh")
    eventually(lambda: len(dashboard.roster) == 1001)
    dashboard.current = job.job_id()
    part(page, dashboard, "card_result", lambda r: r["state"] == "ready")
    open_tab(page, dashboard, "counts")
    part(page, dashboard, "counts_entries", len)
    state, _, buffers = _remove_buffers(dashboard.get_state())
    saved = json.dumps(state, indent=1, ensure_ascii=False, default=str)
    twin = json.dumps(dict(dashboard.twin()), ensure_ascii=False)
    size = sum(map(len, (saved.encode(), twin.encode(), *map(bytes, buffers))))
    assert size < 400_000, size
