"""What a word means: jobs by id, tag, name, session and variable; names, notes and tags kept."""

import pytest
from IPython.core.error import UsageError
from IPython.utils.capture import capture_output
from qiskit.primitives import StatevectorSampler

from qjobwidgets import RuntimeService, Session, watch
from qjobwidgets.watch import watcher_for
from tests.conftest import eventually
from tests.magics.conftest import TWO_JOBS, loaded_shell
from tests.watch.conftest import View


@pytest.fixture(scope="module")
def shell():
    """One IPython for all: most of the time goes into making it."""
    yield from loaded_shell()


def submit(qjob, tag, more=""):
    """Submit a job and wait for it."""
    job, _ = qjob(f"run sample-program iterations=1 --backend aer_local --tag {tag} {more}")
    qjob(f"wait {job.job_id()}")
    return job


def ids(jobs):
    return {job.job_id() for job in jobs}


def test_a_tag_means_all_its_jobs(shell, qjob):
    one, other = submit(qjob, "twins"), submit(qjob, "twins")
    assert ids(qjob("wait tag:twins")[0]) == ids([one, other])
    with pytest.raises(UsageError, match=r"means 2 jobs: .* Name one"):
        qjob("show tag:twins")
    with pytest.raises(UsageError, match="tag 'nobody'"):
        qjob("show tag:nobody")


def test_a_session_means_all_its_jobs(shell, qjob):
    with Session("aer_local", service=RuntimeService("local")) as session:
        own = submit(qjob, "in-session", f"--session {session.session_id}")
    assert own.session_id == session.session_id
    assert qjob(f"wait session:{session.session_id}")[0].job_id() == own.job_id()
    listed, shown = qjob("sessions")[0], session.session_id
    found = next(one for one in listed if one.id == shown)
    assert (found.kind, found.jobs, found.ended) == ("session", 1, 1)


def test_a_name_means_the_job_called_so_in_any_kernel(shell, qjob):
    job = submit(qjob, "named", "--name 'the good one'")
    assert job.name() == "the good one"
    assert qjob("wait 'name:the good one'")[0].job_id() == job.job_id()
    assert qjob(f"name {job.job_id()} a better one")[0] == "a better one"
    with pytest.raises(UsageError, match="the good one"):
        qjob("show 'name:the good one'")
    qjob("name 'name:a better one' --clear")
    assert job.name() is None


def test_a_note_is_kept(shell, qjob):
    job = submit(qjob, "noted")
    assert qjob(f"note {job.job_id()}")[0] == ""
    assert qjob(f"note {job.job_id()} as in figure 2")[0] == "as in figure 2"
    assert qjob(f"note {job.job_id()}")[0] == "as in figure 2"
    qjob(f"note {job.job_id()} --clear")
    assert job.note() is None


def test_tags_are_added_removed_and_replaced(shell, qjob):
    job = submit(qjob, "first")
    name = job.job_id()
    assert qjob(f"tag {name} second 'two words' --remove first")[0] == ["second", "two words"]
    assert qjob(f"tag {name} third --only")[0] == ["third"]
    assert qjob(f"tag {name}")[0] == ["third"]


def test_new_tags_of_a_job_that_has_ended_reach_its_views(shell, qjob):
    """Its table went on showing the old ones: nobody asks for such a job again."""
    job = submit(qjob, "old")
    watcher = watcher_for(job.service)
    view = View(watcher, [job.job_id()])
    watcher.attach(view)
    try:
        eventually(lambda: view.states and not watcher.alive)
        told = len(view.states)
        qjob(f"tag {job.job_id()} new --only")
        eventually(lambda: len(view.states) > told)
    finally:
        watcher.detach(view)
    assert watcher.board.get(job.job_id()).record.tags == ("new",)


def test_an_id_may_be_typed_as_views_shorten_it(shell, qjob):
    job = submit(qjob, "short")
    name = job.job_id()
    assert qjob(f"wait {name[:6]}…{name[-4:]}")[0].job_id() == name


def test_a_variable_may_hold_several_jobs(shell, qjob):
    shell.user_ns["many"] = [submit(qjob, "many"), submit(qjob, "many")]
    assert ids(qjob("wait many")[0]) == ids(shell.user_ns["many"])
    assert qjob("wait many[1]")[0].job_id() == shell.user_ns["many"][1].job_id()
    with pytest.raises(UsageError, match=r"many holds 2 jobs.*many\[0\]"):
        qjob("show many")
    shell.user_ns["number"] = 3
    with pytest.raises(UsageError, match="number is of type int"):
        qjob("show number")


def test_a_job_of_another_package_is_watched_and_shown(shell, qjob):
    shell.user_ns["foreign"] = StatevectorSampler().run([shell.user_ns["bell"]])
    watched, shown = qjob("watch foreign")
    assert watched.job_id() == shell.user_ns["foreign"].job_id()
    assert watched.job_id() in shown
    assert qjob("wait foreign")[0].status() == "DONE"
    assert type(qjob("show foreign")[0]).__name__ == "StatusBadge"
    for command in ("counts", "delete"):  # the second ended in a traceback
        with pytest.raises(UsageError, match="PrimitiveJob, which no runtime service knows"):
            qjob(f"{command} foreign")


def test_a_deleted_job_is_gone_and_several_need_a_yes(shell, qjob):
    one, other = submit(qjob, "scrap"), submit(qjob, "scrap")
    with pytest.raises(UsageError, match=r"2 jobs for good\. Add --yes"):
        qjob("delete tag:scrap")
    assert set(qjob("delete tag:scrap --yes")[0]) == ids([one, other])
    with pytest.raises(UsageError, match="No job is called"):
        qjob(f"show {one.job_id()}")


def test_last_is_no_job_that_was_deleted(shell, qjob):
    """It was shown as if it were still there."""
    before, scrap = submit(qjob, "before"), submit(qjob, "scrap")
    qjob("delete last")
    assert qjob("show last")[0].job_ids == {before.job_id()} != {scrap.job_id()}


def test_a_name_goes_with_its_job_however_that_is_deleted(shell, qjob):
    """One job that was deleted from Python kept all others of its name from being found."""
    one, other = (submit(qjob, "named", "--name siblings") for _ in range(2))
    one.service.delete_job(one.job_id())
    assert qjob("wait name:siblings")[0].job_id() == other.job_id()
    other.service.api.delete(other.job_id())  # as another machine does
    with pytest.raises(UsageError, match="No job of this account has the name 'siblings'"):
        qjob("show name:siblings")


def test_curves_of_one_name_are_told_apart(shell, qjob):
    """They were one curve: the others were dropped, and nothing said so."""
    jobs = [submit(qjob, "curves", "--name scan") for _ in range(2)]
    shell.user_ns["curves"] = [*jobs, submit(qjob, "curves")]
    plot, _ = qjob("plot curves")
    assert plot.job_ids == ids(shell.user_ns["curves"])


def test_what_was_submitted_here_is_found_again(shell, qjob):
    job = submit(qjob, "mine")
    table, _ = qjob("mine --limit 5")
    assert job.job_id() in table.job_ids
    assert table.title == "Submitted here"


def test_a_list_is_filtered_sorted_and_grouped(shell, qjob):
    table, _ = qjob("list warm --status done --backend aer_local --sort=-created --group tag")
    assert table.filter == {"text": "warm", "status": ["DONE"], "backend": ["aer_local"]}
    assert (table.sort, table.group) == ("-created", "tag")
    assert type(qjob("list --dashboard")[0]).__name__ == "JobsDashboard"
    with pytest.raises(UsageError, match="since"):
        qjob("list --since tomorrow")
    with pytest.raises(UsageError, match="--sort"):
        qjob("list --sort colour")


def test_the_cell_names_and_tags_what_it_submits(shell):
    with capture_output() as shown:
        jobs = shell.run_cell_magic("qjob", "--name scan --tag swept --watch none", TWO_JOBS)
    assert [job.name() for job in jobs] == ["scan", "scan 2"]
    assert [list(job.tags) for job in jobs] == [["swept"], ["swept"]]
    assert not shown.outputs
    for job in jobs:
        job.refresh()
        assert list(job.tags) == ["swept"]


def test_settings_hold_for_what_is_submitted(shell, qjob):
    qjob("config backend='aer_local' shots=77 tags=['all']")
    job, _ = qjob("run sampler bell --tag own")
    qjob("wait last")
    assert list(job.tags) == ["all", "own"]
    assert job.result()[0].data.meas.num_shots == 77
    shell.run_line_magic("config", "QJobMagics.shots = 88")
    assert qjob("config")[0] == {
        "backend": "aer_local",
        "budget": 120,
        "shots": 88,
        "tags": ["all"],
    }
    qjob("config backend=None shots=None tags=[]")
    with pytest.raises(UsageError, match="What can be set: backend=, budget=, shots=, tags="):
        qjob("config colour='red'")
    with pytest.raises(UsageError, match="shots"):
        qjob("config shots=-1")
    assert qjob("budget 60")[0] == 60
    assert qjob("config")[0]["budget"] == 60
    watch.budget(30)  # of which the settings knew nothing, and so set 120 again
    assert qjob("config")[0]["budget"] == 30
    qjob("stop")
    assert qjob("budget")[0] == 30
    qjob("budget 120")


def test_the_account_is_shown_without_its_token_and_can_be_changed(shell, qjob, service):
    shell.user_ns["far"] = service
    facts, shown = qjob("account far")
    assert facts["channel"] == "ibm_quantum_platform"
    assert str(service.account.token) not in str(dict(facts)) + shown
    assert qjob("account local")[0]["channel"] == "local"
    with pytest.raises(UsageError, match="nobody"):
        qjob("account nobody")


def test_jobs_of_several_threads_get_a_name_each(shell):
    """Two that were submitted at the same time got the same number."""
    cell = """
from concurrent.futures import ThreadPoolExecutor
from qjobwidgets import RuntimeService
own = RuntimeService()
def submit(_):
    return own.run('sample-program', {'iterations': 1}, {'backend': 'aer_local'})
with ThreadPoolExecutor(6) as pool:
    list(pool.map(submit, range(12)))
"""
    with capture_output():
        jobs = shell.run_cell_magic("qjob", "--name many --watch none", cell)
    names = {f"many {number}" for number in range(2, 13)} | {"many"}
    assert {job.name() for job in jobs} == names


def test_counts_are_compared_with_what_an_expression_is(shell, qjob):
    """Only a variable and a dictionary in braces were; of the others it said: no job."""
    job, _ = qjob("run sampler bell --backend aer_local --shots 50")
    qjob("wait last")
    shell.user_ns["ideals"] = [{"00": 0.5, "11": 0.5}]
    for word in ("ideals[0]", "dict(zip(['00','11'],[1,1]))"):
        view, _ = qjob(f"counts {job.job_id()} --compare {word}")
        assert word in view.twin()["text/plain"]
    with pytest.raises(UsageError, match="No job is called"):
        qjob(f"counts {job.job_id()} --compare nonsense")
