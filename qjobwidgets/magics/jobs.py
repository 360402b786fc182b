"""The commands that do something with jobs: wait, read, cancel, name, tag, delete."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, Final

from IPython.core.error import UsageError

from qjobwidgets.errors import RuntimeInvalidStateError
from qjobwidgets.host import Host, host
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.grammar import JOB, JOBS, TIMEOUT, Command, argument
from qjobwidgets.magics.showing import Facts, Text, display_tables, say
from qjobwidgets.progress import ProgressLine, wait_for
from qjobwidgets.watch import watcher_for
from qjobwidgets.widgets import JobsTable

__all__ = ["COMMANDS"]

_LONGEST_CANCEL = 3.0
"""Longest wait for the end of cancelled jobs, in seconds."""


def wait(desk: Desk, asked: argparse.Namespace) -> Any:
    """Wait until jobs are final, and return them."""
    jobs = desk.jobs(asked.jobs)
    _wait_until_final(jobs, asked.timeout)
    return jobs[0] if len(jobs) == 1 else jobs


def result(desk: Desk, asked: argparse.Namespace) -> Any:
    """Wait for a job and return its result."""
    job = desk.own_job(asked.job)
    _wait_until_final([job], asked.timeout)
    return job.result()


def _wait_until_final(jobs: Sequence[Any], timeout: float | None) -> None:
    try:
        unfinished = _unfinished(jobs, timeout)
    except KeyboardInterrupt:
        go_on = "The job goes on" if len(jobs) == 1 else "The jobs go on"
        raise UsageError(f"Interrupted. {go_on}: wait again, or %qjob cancel.") from None
    if unfinished:
        job = unfinished[0]
        more = f", and {len(unfinished) - 1} more" if len(unfinished) > 1 else ""
        raise UsageError(
            f"Job {job.job_id()} is still {job.record.status}{more}. It goes on: wait again."
        )


def _unfinished(jobs: Sequence[Any], timeout: float | None) -> list[Any]:
    # on a page the views show how the jobs do
    if host() in {Host.TERMINAL, Host.NONE}:
        with ProgressLine() as line:
            return wait_for(jobs, timeout, line)
    return wait_for(jobs, timeout)


def cancel(desk: Desk, asked: argparse.Namespace) -> JobsTable | None:
    """Cancel jobs, and return a table of them."""
    jobs = desk.jobs(asked.jobs)
    cancelled, refused = [], []
    for job in jobs:
        try:
            job.cancel()
            cancelled.append(job)
        except RuntimeInvalidStateError as error:
            refused.append(error)
    if not host().live:  # a text is shown once, and had better say how it went
        wait_for(cancelled, _LONGEST_CANCEL)
    if len(refused) == 1:
        say(str(refused[0]))
    elif refused:
        say(f"{len(refused)} of {len(jobs)} jobs had ended already.")
    if len({job.service.key for job in jobs}) == 1:
        return JobsTable(jobs)
    display_tables(jobs)
    return None


def tag(desk: Desk, asked: argparse.Namespace) -> list[str]:
    """Change a job's tags, if any are given, and return them."""
    job = desk.own_job(asked.job)
    if not (asked.tags or asked.remove or asked.only):
        job.refresh()
        return job.tags()
    new = {"new_tags": asked.tags} if asked.only else {"additional_tags": asked.tags}
    tags = job.update_tags(**new, removal_tags=asked.remove)
    watcher = watcher_for(job.service)
    # nothing else tells the views of a job that has ended
    watcher.audience.announce(watcher.board.apply([job.record]))
    return tags


def note(desk: Desk, asked: argparse.Namespace) -> Text:
    """Keep a note with a job, if one is given, and return it."""
    job = desk.own_job(asked.job)
    if asked.clear or asked.text:
        return Text(job.update_note("" if asked.clear else " ".join(asked.text)))
    return Text(job.note() or "")


def name(desk: Desk, asked: argparse.Namespace) -> Text:
    """Name a job, if a name is given, and return it."""
    job = desk.own_job(asked.job)
    if asked.clear or asked.name:
        return Text(job.update_name("" if asked.clear else " ".join(asked.name)))
    return Text(job.name() or "")


def delete(desk: Desk, asked: argparse.Namespace) -> list[str]:
    """Delete jobs that have ended, and return their ids."""
    jobs = desk.own_jobs(asked.jobs)
    if len(jobs) > 1 and not asked.yes:
        raise UsageError(f"This deletes {len(jobs)} jobs for good. Add --yes if that is meant.")
    deleted = []
    try:
        for job in jobs:
            job.service.delete_job(job.job_id())
            desk.forget(job)
            deleted.append(job.job_id())
    finally:
        for service in {job.service.key: job.service for job in jobs}.values():
            watcher_for(service).look_now()
    return deleted


def logs(desk: Desk, asked: argparse.Namespace) -> Text:
    """Return what a job's program has logged."""
    job = desk.own_job(asked.job)
    text = job.logs()
    if not text:
        say("It has logged nothing." if job.record.final else "It has logged nothing yet.")
    return Text(text)


def inputs(desk: Desk, asked: argparse.Namespace) -> Facts:
    """Return a job's inputs, by name."""
    job = desk.own_job(asked.job)
    if job.private:
        say("The job is private: its inputs are hidden.")
    return Facts(job.inputs)


COMMANDS: Final = (
    Command(
        "result",
        "wait for a job and return its result",
        result,
        (JOB, TIMEOUT),
        more="The result of a private job can be read once.",
        examples=("%qjob result job", "%qjob result last --timeout 60"),
    ),
    Command(
        "wait",
        "wait until jobs are final, and return them",
        wait,
        (JOBS, TIMEOUT),
        examples=("%qjob wait job other", "%qjob wait tag:demo --timeout 60"),
    ),
    Command(
        "cancel", "cancel jobs", cancel, (JOBS,),
        examples=("%qjob cancel job", "%qjob cancel tag:demo"),
    ),
    Command(
        "tag",
        "change a job's tags, and return them",
        tag,
        (
            JOB,
            argument("tags", help="tags to add", kind="tag", nargs="*", metavar="TAG"),
            argument(
                "--remove", help="tag to take away; may be repeated", kind="tag", action="append",
                default=[], metavar="T",
            ),
            argument("--only", help="in place of those it has", action="store_true"),
        ),
        examples=("%qjob tag job", "%qjob tag job good 'to keep' --remove demo"),
    ),
    Command(
        "note",
        "keep a note with a job, on this machine",
        note,
        (
            JOB,
            argument("text", help="the note; without it, what was noted", nargs="*"),
            argument("--clear", help="take it away", action="store_true"),
        ),
        examples=("%qjob note job the one for the paper", "%qjob note job"),
    ),
    Command(
        "name",
        "name a job, on this machine",
        name,
        (
            JOB,
            argument("name", help="the name; without it, what it is called", nargs="*"),
            argument("--clear", help="take it away", action="store_true"),
        ),
        more="From then on name:X means the job.",
        examples=("%qjob name job first try", "%qjob name job"),
    ),
    Command(
        "delete",
        "delete jobs that have ended, for good",
        delete,
        (JOBS, argument("--yes", help="also if it is more than one", action="store_true")),
        examples=("%qjob delete job", "%qjob delete tag:demo --yes"),
    ),
    Command(
        "logs", "what a job's program has logged", logs, (JOB,),
        examples=("%qjob logs job",),
    ),
    Command(
        "inputs", "a job's inputs, by name", inputs, (JOB,), examples=("%qjob inputs job",)
    ),
)  # fmt: skip
