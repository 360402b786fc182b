"""JobCard on a real runtime: what is fetched, when, and what becomes of an edit."""

from __future__ import annotations

import threading

import pytest
from qiskit.quantum_info import hellinger_fidelity

from qjobwidgets import Batch, JobCard, JobsTable, RuntimeJob
from qjobwidgets.errors import QJobError, ServiceUnreachableError
from qjobwidgets.records import JobStatus
from qjobwidgets.watch.board import GONE
from qjobwidgets.widgets import open_views
from tests.conftest import eventually


def details(page, card, name, state="ready"):
    """Wait until the page has a detail; return its content."""
    found = eventually(lambda: (d := page.state(card)[name]).get("state") == state and d)
    return found["content"] if state == "ready" else found["message"]


@pytest.fixture
def job(service, bell):
    job = service.run(
        "sampler", {"pubs": [(bell, None, 500), bell]}, {"backend": "aer_local", "job_tags": ["a"]}
    )
    job.wait_for_final_state()
    return job


def test_the_result_is_there_by_itself(page, job):
    card = JobCard(job)
    found = details(page, card, "result")
    assert (found["total"], found["at"]) == (2, 0)
    (register,) = found["pub"]["registers"]
    assert (register["name"], register["shots"], register["kinds"]) == ("meas", 500, 2)
    assert sum(count for _, count in register["top"]) == 500
    page.send(card, kind="pub", job=job.job_id(), at=1)
    eventually(lambda: page.state(card)["result"]["content"]["at"] == 1)
    facts = eventually(
        lambda: (
            (f := {row[0]: row[1:] for row in page.state(card)["facts"]})["PUBs"][0] == "2" and f
        )
    )
    assert facts["Circuit"] == ["2 qubits", "depth 3"]
    assert facts["Backend"][0] == "aer_local"


def test_nothing_is_fetched_before_its_tab_is_opened(page, job):
    """A QPY of tens of megabytes must not come only because somebody looks at a job."""
    card = JobCard(job)
    details(page, card, "result")
    state = page.state(card)
    assert [state[name]["state"] for name in ("inputs", "logs", "neighbours")] == ["none"] * 3
    card.tab = "inputs"
    found = details(page, card, "inputs")
    assert [gate["name"] for gate in found["pub"]["circuit"]["gates"]][:2] == ["h", "cx"]
    assert found["pub"]["shots"] == 500
    card.tab = "logs"
    assert details(page, card, "logs")["lines"] >= 0


def test_expectation_values_have_errors(service, page):
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(1)
    circuit.h(0)
    job = service.run("estimator", {"pubs": [(circuit, ["Z", "X"])]}, {"backend": "aer_local"})
    card = JobCard(job)
    (zero, one) = details(page, card, "result")["pub"]["values"]
    assert one[1] == pytest.approx(1.0)
    assert abs(zero[1]) < 6 * zero[2]
    assert "± " in card.twin()["text/plain"]


def test_a_result_without_pubs_is_shown_by_its_fields(service, page):
    job = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    assert details(page, JobCard(job), "result")["fields"]


def test_name_note_and_tags_are_edited(page, job):
    card = JobCard(job)
    edits = {"name": "a pair", "note": "looks <b>good</b>", "tags": ["x", "y, z"]}
    for what, value in edits.items():
        page.send(card, kind="edit", job=job.job_id(), what=what, value=value)
    eventually(
        lambda: (
            {n: e["state"] for n, e in page.state(card)["edits"].items()}
            == dict.fromkeys(edits, "saved")
        )
    )
    state = page.state(card)
    assert state["words"] == {"name": "a pair", "note": "looks <b>good</b>"}
    assert state["job"]["tags"] == ["x", "y, z"]
    assert job.service.job(job.job_id()).tags == ["x", "y, z"]
    assert "looks &lt;b&gt;good&lt;/b&gt;" in card.twin()["text/html"]


def test_a_refused_edit_leaves_the_old_value_and_says_why(page, job):
    card = JobCard(job)
    page.send(card, kind="edit", job=job.job_id(), what="tags", value=["x" * 100_000])
    edit = eventually(
        lambda: (e := page.state(card)["edits"].get("tags", {})).get("state") == "refused" and e
    )
    assert edit["message"]
    assert page.state(card)["job"]["tags"][0] == "a"


def test_a_private_result_is_read_once_and_only_when_asked_for(service, page, bell):
    options = {"backend": "aer_local", "private": True}
    job = service.run("sampler", {"pubs": [bell]}, options)
    card = JobCard(job)
    page.until(card, private=True)
    eventually(lambda: page.state(card)["job"]["status"] == "DONE")
    card.tab = "inputs"
    assert "hides the inputs" in details(page, card, "inputs", "failed")
    card.tab = "result"
    page.send(card, kind="again", job=job.job_id(), what="result")
    # what is asked for is done in order, so it would have been read by then
    page.send(card, kind="edit", job=job.job_id(), what="name", value="secret")
    eventually(lambda: page.state(card)["words"]["name"] == "secret")
    assert page.state(card)["result"]["state"] == "none"
    page.send(card, kind="read-once", job=job.job_id())
    assert details(page, card, "result")["total"] == 1
    # the handle keeps what the service has deleted
    assert job.result()[0].data.meas.num_shots > 0


def test_a_failed_job_says_why(page, failing):
    card = JobCard(failing)
    eventually(lambda: page.state(card)["job"]["status"] == "ERROR")
    twin = eventually(lambda: (t := card.twin()["text/plain"]).count("ERROR") and t)
    assert "not supported by noisy_local" in twin
    assert page.state(card)["result"]["state"] == "none"


def test_neighbours_of_a_batch_are_a_click_away(service, page, bell):
    with Batch(service=service, backend="aer_local") as batch:
        jobs = [batch.run("sampler", {"pubs": [bell]}) for _ in range(3)]
    card = JobCard(jobs[1])
    card.tab = "session"
    found = details(page, card, "neighbours")
    ids = [job["id"] for job in found["jobs"]]
    assert ids == [job.job_id() for job in jobs]
    assert (found["at"], found["total"]) == (1, 3)
    page.send(card, kind="open", job=ids[1], what="no-neighbour")
    page.send(card, kind="open", job=ids[1], what=ids[2])
    eventually(lambda: page.state(card)["job"]["id"] == ids[2])
    assert eventually(lambda: details(page, card, "neighbours")["at"] == 2)
    facts = eventually(lambda: [row for row in page.state(card)["facts"] if row[0] == "Batch"])
    assert facts


def test_a_card_that_was_closed_fetches_nothing_and_follows_nothing(page, job, monkeypatch):
    """Closed while it was to be published, it fetched its tab and attached itself again."""
    card = JobCard(job)
    details(page, card, "result")
    other = JobCard(job)
    page.send(card, kind="refresh")
    card.close()
    asked = []
    monkeypatch.setattr(card.details, "want", lambda name, **_: asked.append(name))
    card.show(job.service.job(job.job_id()))
    page.send(other, kind="edit", job=job.job_id(), what="name", value="seen")
    eventually(lambda: page.state(other)["words"]["name"] == "seen")
    assert asked == []
    assert not [view for view in open_views() if view is card]


def test_a_card_of_a_deleted_job_waits_for_nothing(service, page, job):
    """Its tabs said for ever that they were being fetched."""
    record = job.record._replace(id="no-such-job", status=JobStatus.RUNNING, session_id="s")
    card = JobCard(RuntimeJob(service, record))
    eventually(lambda: card.deleted)
    for tab, name in (("logs", "logs"), ("inputs", "inputs"), ("session", "neighbours")):
        card.tab = tab
        assert details(page, card, name, "failed") == GONE
    assert details(page, card, "result", "failed") == GONE


def test_facts_that_could_not_be_had_are_asked_for_again(page, job, monkeypatch):
    """One failure, and the card had dashes in the place of its facts until it was opened anew."""
    api = job.service.api
    metrics, answers = api.metrics, [ServiceUnreachableError("Nothing answers.")]

    def answer(job_id):
        if answers:
            raise answers.pop()
        return metrics(job_id)

    monkeypatch.setattr(api, "metrics", answer)
    monkeypatch.setattr("qjobwidgets.widgets.card._RETRY", 0.0)
    card = JobCard(job)
    eventually(lambda: card.details.get("about").state == "failed" or not answers)
    page.send(card, kind="refresh")
    eventually(lambda: ["PUBs", "2"] in [row[:2] for row in page.state(card)["facts"]])


def test_the_last_lines_of_a_log_come_with_the_end(service, page, monkeypatch):
    """Asked for while the job ended, the log was not asked for again, and lacked its end."""
    job = service.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
    asked, answer = threading.Event(), threading.Event()
    logs = service.api.logs

    def slow(job_id):
        if not asked.is_set():
            asked.set()
            answer.wait(60)
            return "first\n"
        return logs(job_id) + "last\n"

    monkeypatch.setattr(service.api, "logs", slow)
    card = JobCard(job)
    card.tab = "logs"
    eventually(asked.is_set)
    job.cancel()
    eventually(lambda: card.record.final)
    answer.set()
    eventually(
        lambda: (page.state(card)["logs"]["content"] or {"text": ""})["text"].endswith("last\n")
    )


def test_tags_saved_after_the_card_has_turned_away_reach_a_table(service, page, bell, monkeypatch):
    """A table kept the old ones for good, as a job that has ended is not asked for again."""
    one, other = (service.run("sampler", {"pubs": [bell]}, {"backend": "aer_local"}) for _ in "ab")
    one.wait_for_final_state()
    table, card = JobsTable([one]), JobCard(one)
    eventually(lambda: page.rows(table)[one.job_id()]["status"] == "DONE")
    asked, answer = threading.Event(), threading.Event()
    set_tags = service.api.set_tags

    def slow(job_id, tags):
        asked.set()
        answer.wait(60)
        set_tags(job_id, tags)

    monkeypatch.setattr(service.api, "set_tags", slow)
    page.send(card, kind="edit", job=one.job_id(), what="tags", value=["late"])
    eventually(asked.is_set)
    card.show(other)
    eventually(lambda: page.state(card)["job"]["id"] == other.job_id())
    answer.set()
    eventually(lambda: page.rows(table)[one.job_id()]["tags"] == ["late"])
    assert page.state(card)["edits"] == {}


def test_two_jobs_are_compared(service, page, bell, job):
    other = service.run("sampler", {"pubs": [(bell, None, 20)]}, {"backend": "slow_local"})
    other.wait_for_final_state()
    card = JobCard(job.job_id(), service=service, compare=other.job_id())

    def rows():
        shown = page.state(card).get("other") or {"loading": True}
        found = {} if shown["loading"] else {row[0]: row[1:] for row in shown["rows"]}
        return found if any(label.startswith("PUB 0") for label in found) else None

    found = eventually(rows)
    assert found["Backend"] == ["aer_local", "slow_local"]
    assert found["Program"] == ["sampler", "sampler"]
    assert found["Shots"] == ["500", "20"]
    (apart,) = page.state(card)["other"]["distances"]
    counts = [each.result()[0].data.meas.get_counts() for each in (job, other)]
    assert apart[0] == "PUB 0 · meas"
    assert apart[1] == pytest.approx(hellinger_fidelity(*counts))
    shares = [{bits: n / sum(c.values()) for bits, n in c.items()} for c in counts]
    far = sum(abs(shares[0].get(bits, 0) - shares[1].get(bits, 0)) for bits in ("00", "11"))
    assert apart[3] == pytest.approx(far / 2)
    twin = card.twin()["text/plain"]
    assert "≠ Backend" in twin
    assert f"PUB 0 · meas  Hellinger fidelity {apart[1]:.3f}" in twin


def test_an_id_without_its_account_is_refused_with_what_to_do(job):
    """It was an error of Python's: 'str' object has no attribute 'service'."""
    with pytest.raises(QJobError, match="service="):
        JobCard(job.job_id())


def test_jobs_of_two_accounts_are_not_compared(job):
    class Elsewhere:
        key = "another"

    class Other:
        record = None
        service = Elsewhere()

    with pytest.raises(ValueError, match="one account"):
        JobCard(job, compare=Other())


def test_a_service_out_of_reach_is_said_and_asked_again(page, job, monkeypatch):
    api = job.service.api
    logs = api.logs
    answers = [ServiceUnreachableError("Nothing answers.")]

    def answer(job_id):
        if answers:
            raise answers.pop()
        return logs(job_id)

    monkeypatch.setattr(api, "logs", answer)
    card = JobCard(job)
    card.tab = "logs"
    assert details(page, card, "logs", "failed") == "Nothing answers."
    page.send(card, kind="again", job=job.job_id(), what="logs")
    details(page, card, "logs")


HOSTILE = "<img src=x onerror=alert(1)></script>{{7*7}}"


def test_the_twin_shows_what_comes_from_outside_literally(page, service, bell):
    job = service.run(
        "sampler", {"pubs": [bell]}, {"backend": "aer_local", "job_tags": [HOSTILE[:80]]}
    )
    job.update_name(HOSTILE)
    card = JobCard(job)
    html = card.twin()["text/html"]
    assert "<img" not in html
    assert "</script" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
