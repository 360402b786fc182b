"""``%qjob`` in a terminal IPython, on the runtime that starts by itself."""

import io
import sys
import threading
import time

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from qjobwidgets import RuntimeService
from qjobwidgets.magics import jobs, static
from qjobwidgets.magics.commands import COMMANDS
from qjobwidgets.widgets import open_views
from tests.conftest import eventually
from tests.magics.conftest import TWO_JOBS, text


def test_a_job_is_submitted_waited_for_and_counted(shell, qjob):
    job, shown = qjob("run sampler bell --backend aer_local --shots 200 --tag pair")
    assert job.job_id() in shown
    shell.user_ns["job"] = job
    assert qjob("wait job")[0] is job
    assert job.done()
    assert list(job.tags) == ["pair"]
    assert sum(job.result()[0].data.meas.get_counts().values()) == 200


def test_inputs_come_from_the_notebook_s_variables(shell, qjob):
    shell.user_ns["rounds"] = 2
    job, _ = qjob("run sample-program iterations=rounds+1 --backend aer_local")
    qjob("wait last")
    assert len(job.interim_results()) == 3


def test_a_job_is_found_by_id_by_its_beginning_and_as_last(shell, qjob):
    job, _ = qjob("run sample-program iterations=1 --backend aer_local")
    for name in (job.job_id(), "last"):
        badge, _ = qjob(f"show {name}")
        assert badge.job_ids == {job.job_id()}
    table, _ = qjob("")
    assert table.recent


def test_the_cell_magic_shows_what_the_cell_submits(shell):
    with capture_output() as shown:
        jobs = shell.run_cell_magic("qjob", "", TWO_JOBS)
    assert [job.job_id() for job in jobs] == [shell.user_ns[name].job_id() for name in ("j0", "j1")]
    assert jobs[0].job_id() in text(shown)


def test_a_cell_that_submits_nothing_says_so(shell):
    with capture_output() as shown:
        assert shell.run_cell_magic("qjob", "", "x = 1") == []
    assert "no job" in shown.stdout


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("runn sampler", ["mean run?", "show", "plot", "counts", "cancel", "wait"]),
        ("run", ["required: PROGRAM. Usage"]),
        ("run smapler x=1 --backend aer_local", ["smapler", "sampler", "estimator", "vqe"]),
        ("run sampler bell --backend ear_local", ["ear_local", "aer_local", "noisy_local"]),
        ("run sampler bel --backend aer_local", ["bel", "no variable"]),
        ("run sampler bell --shots none", ["none", "whole number"]),
        ("run vqe bell --backend aer_local", ["key=value"]),
        ("show no-such-job", ["no-such-job"]),
        ("plot last --exact 'x'", ["--exact", "number"]),
        ("wait", ["job", "Usage"]),
        ("run sampler [bell", ["left open"]),
    ],
)
def test_wrong_use_gets_one_line_that_names_the_fix(shell, qjob, line, names):
    with pytest.raises(UsageError) as caught:
        qjob(line)
    message = str(caught.value)
    assert "\n" not in message
    for name in names:
        assert name in message


def test_an_ambiguous_beginning_lists_the_jobs(shell, qjob):
    # one more than there are hexadecimal digits
    ids = [
        qjob("run sample-program iterations=1 --backend aer_local")[0].job_id() for _ in range(17)
    ]
    shared = next(i[:1] for i in ids if sum(j[:1] == i[:1] for j in ids) > 1)
    with pytest.raises(UsageError, match="begin with"):
        qjob(f"show {shared}")


def test_help_is_true(shell, qjob):
    help_text = shell.find_line_magic("qjob").__doc__
    for command in COMMANDS:
        assert command in help_text
    assert help_text.split() == qjob("help")[1].split()
    assert "--backend" in qjob("run --help")[1]


def test_waiting_with_a_limit_says_that_the_job_goes_on(shell, qjob):
    job, _ = qjob("run sample-program iterations=600 --backend slow_local")
    with pytest.raises(UsageError, match="goes on"):
        qjob("wait last --timeout 0.2")
    qjob("cancel last")
    qjob("wait last")
    assert job.status() == "CANCELLED"


def test_cancelling_a_finished_job_is_answered_kindly(shell, qjob):
    qjob("run sample-program iterations=1 --backend aer_local")
    qjob("wait last")
    table, shown = qjob("cancel last")
    assert "already" in shown
    assert [record.status for record in table.shown_records()] == ["DONE"]


def test_unloading_closes_every_view_and_ends_every_thread():
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "qjobwidgets")
    with capture_output():
        job = shell.run_line_magic("qjob", "run sample-program iterations=600 --backend slow_local")
        shell.run_line_magic("qjob", f"plot {job.job_id()}")
        assert [t for t in threading.enumerate() if t.name.startswith("qjob")]
        job.cancel()
        shell.run_line_magic("unload_ext", "qjobwidgets")
    eventually(lambda: not [t for t in threading.enumerate() if t.name.startswith("qjob")])
    assert "qjob" not in shell.magics_manager.magics["line"]
    InteractiveShell.clear_instance()


def test_an_account_in_a_variable_stays_the_user_s(shell, qjob, service, monkeypatch):
    """It was closed when the extension was unloaded, and those that were ours were not."""
    closed = []
    shell.user_ns["far"] = service
    qjob("account local")
    ours = shell.magics_manager.registry["QJobMagics"].desk.service
    qjob("account far")
    with monkeypatch.context() as patch:
        patch.setattr(RuntimeService, "close", lambda one: closed.append(one) or None)
        shell.run_line_magic("unload_ext", "qjobwidgets")
    ours.close()
    assert closed == [ours]


def test_ctrl_c_ends_the_waiting_in_one_line(shell, qjob, monkeypatch):
    """It showed the way through our code to where the waiting happens."""
    job, _ = qjob("run sample-program iterations=600 --backend slow_local")
    monkeypatch.setattr(sys, "stderr", Impatient())
    for line in ("wait last", "result last"):
        with pytest.raises(UsageError, match=r"Interrupted\. The job goes on"):
            shell.run_line_magic("qjob", line)
    job.cancel()


class Impatient(io.StringIO):
    """A terminal whose user presses Ctrl-C as soon as there is something to read."""

    def write(self, _text):
        raise KeyboardInterrupt


def test_a_list_in_a_terminal_is_of_the_moment_it_was_asked_for(shell, qjob, monkeypatch):
    """It was what an earlier list had brought, however long ago: a text is shown once."""
    monkeypatch.setattr(static, "_PATIENCE", 60.0)
    qjob("list")
    asked_at = time.time()
    table, _ = qjob("list")
    assert table.watcher.freshness.as_of >= asked_at


def test_what_a_terminal_has_shown_is_seen_by_nobody_any_more(shell):
    """Each text was looked after for ever, as quickly as a view on the screen."""
    with capture_output():
        shell.run_cell("table = %qjob list").raise_error()
    assert not shell.user_ns["table"].visible


def test_stopping_closes_the_views_and_ends_the_watching(shell, qjob):
    job, _ = qjob("run sample-program iterations=600 --backend slow_local")
    table, _ = qjob("list")
    _, shown = qjob("stop")
    assert "nothing is watched any more" in shown
    assert table not in open_views()
    eventually(lambda: not [t for t in threading.enumerate() if t.name.startswith("qjob-watch")])
    assert not job.in_final_state()
    qjob("cancel last")
    eventually(job.in_final_state)


def test_a_cancel_has_happened_when_it_is_shown(shell, qjob, monkeypatch):
    """The text said that the job runs."""
    monkeypatch.setattr(jobs, "_LONGEST_CANCEL", 60.0)  # a busy machine takes its time
    job, _ = qjob("run sample-program iterations=600 --backend slow_local")
    with capture_output() as shown:
        shell.run_cell("%qjob cancel last").raise_error()
    assert "CANCELLED" in text(shown)
    assert job.in_final_state()


def test_quotes_hold_a_word_together_and_are_no_part_of_it(shell, qjob):
    """Tags and names kept their quotes, and so a quoted backend was not found."""
    job, _ = qjob("run sample-program iterations=1 --backend 'aer_local' --tag \"my run\"")
    assert list(job.tags) == ["my run"]


@pytest.mark.parametrize(
    "line",
    [
        "run sampler bell options=3 --shots 10 --backend aer_local",
        "run sampler pubs=5 bell --backend aer_local",
    ],
)
def test_inputs_of_the_wrong_type_get_one_line(shell, qjob, line):
    """They ended in a traceback of ours."""
    with pytest.raises(UsageError, match="can't take these inputs"):
        qjob(line)


def test_jobs_of_two_accounts_get_a_table_each(shell, service):
    """The second account's jobs were asked for at the first one's service."""
    shell.user_ns["other"] = service
    cell = "from qjobwidgets import RuntimeService\nown = RuntimeService()\n" + "".join(
        f"{name} = {of}.run('sample-program', {{'iterations': 1}}, {{'backend': 'aer_local'}})\n"
        for name, of in (("a", "own"), ("b", "other"))
    )
    with capture_output() as shown:
        a, b = shell.run_cell_magic("qjob", "", cell)
    assert [
        job.job_id() in output.data["text/plain"] for output in shown.outputs for job in (a, b)
    ] == [
        True,
        False,
        False,
        True,
    ]
    a.wait_for_final_state()
    b.wait_for_final_state()
    with capture_output() as shown:
        shell.run_line_magic("qjob", "cancel a b")
    assert len(shown.outputs) == 2


@pytest.mark.parametrize(
    ("command", "words"), [("counts", ["150 shots", "00"]), ("show", ["PUB 0"])]
)
def test_a_text_is_complete_when_it_is_shown(shell, monkeypatch, command, words):
    """A terminal showed "The counts are being fetched." for good: a text is shown once."""
    monkeypatch.setattr(static, "_PATIENCE", 60.0)  # a busy machine takes its time
    cell = f"""
job = %qjob run sampler bell --backend aer_local --shots 150
%qjob wait job
%qjob {command} job
"""
    with capture_output() as shown:
        shell.run_cell(cell).raise_error()
    for word in words:
        assert word in text(shown)


def test_a_curve_is_complete_when_it_is_shown(shell, monkeypatch):
    """It said that the job had published nothing, as nothing had come yet."""
    monkeypatch.setattr(static, "_PATIENCE", 60.0)
    cell = """
job = %qjob run sample-program iterations=4 --backend aer_local
%qjob wait job
%qjob plot job
"""
    with capture_output() as shown:
        shell.run_cell(cell).raise_error()
    assert "4 values" in text(shown)
