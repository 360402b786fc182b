"""What lists of jobs have to hold, and how what is in them may change."""

from __future__ import annotations

from dataclasses import replace

from qjobwidgets.server.jobs.queries import JobFilter, Queries
from qjobwidgets.server.jobs.states import Job

__all__ = ["Seen", "check_lists", "check_revisions"]

Seen = dict[str, tuple[int, object]]
"""The revision of each job when it was last seen, and what was seen of it."""


def check_lists(queries: Queries, owner: str, every: list[Job]) -> None:
    """Compare each kind of list with what is picked from the list of all."""
    for pending in (True, False):
        expected = [job for job in every if job.final is not pending]
        assert queries.jobs(JobFilter(owner, pending=pending)) == (expected, len(expected))
    for tag in ("red", "blue"):
        expected = [job for job in every if tag in job.tags]
        assert queries.jobs(JobFilter(owner, tags=(tag,))) == (expected, len(expected))
    page = JobFilter(owner, newest_first=False, limit=2, offset=1)
    assert queries.jobs(page) == (every[::-1][1:3], len(every))


def check_revisions(seen: Seen, found: list[Job]) -> None:
    """Check that whatever of a job has changed, its revision is higher than any seen before."""
    newest = max((revision for revision, _ in seen.values()), default=0)
    for job in found:
        facts = replace(job, revision=0, position=None, last_seq=0)
        if job.id not in seen or seen[job.id][1] != facts:
            assert job.revision > newest
        seen[job.id] = (job.revision, facts)
