"""Whatever order answers, events and memories come in, the board never goes back in time."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import Board

COURSE = [JobStatus.INITIALIZING, JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.DONE]
JOBS = st.sampled_from(["a", "b", "c"])


def shown(entries):
    """Return what a page shows of each job."""
    return {e.record.id: (e.record, e.cancelling, e.note) for e in entries}


class BoardMachine(RuleBasedStateMachine):
    """A service whose jobs go on and are deleted, and a board that hears of it in two ways.

    Answers come in the order of their questions, each with what was true when it was written;
    events come when they please. A page follows the board by revisions.
    """

    def __init__(self):
        super().__init__()
        self.board = Board()
        self.truth = dict.fromkeys("abc", 0)  # place in the course; None when deleted
        self.least = dict.fromkeys("abc", 0)  # what the service has told by itself
        self.told_gone = set()
        self.open = []
        self.page, self.revision = {}, 0

    def record(self, job):
        status = COURSE[self.truth[job]]
        return JobRecord(job, status, queue_position=1 if status == "QUEUED" else None)

    @rule(job=JOBS)
    def goes_on(self, job):
        if self.truth[job] is not None:
            self.truth[job] = min(self.truth[job] + 1, len(COURSE) - 1)

    @rule(job=JOBS)
    def deleted(self, job):
        self.truth[job] = None

    @rule(job=JOBS)
    def told(self, job):
        if self.truth[job] is None:
            self.board.forget(job)
            self.told_gone.add(job)
        else:
            self.board.apply([self.record(job)])
            self.least[job] = self.truth[job]

    @rule()
    def asked(self):
        self.open.append((self.board.question(), None))

    @precondition(lambda self: self.open)
    @rule()
    def answer_written(self):
        """The service writes its answer some time after it was asked."""
        self.open = [
            (question, answer or [self.record(j) for j, at in self.truth.items() if at is not None])
            for question, answer in self.open
        ]

    @precondition(lambda self: self.open and self.open[0][1])
    @rule()
    def answered(self):
        question, answer = self.open.pop(0)
        self.board.apply(answer, question=question)

    @rule(job=JOBS, place=st.integers(0, 3))
    def introduced(self, job, place):
        """A handle remembers what was true once; of a job that is deleted there is none to show."""
        if self.truth[job] is not None:
            self.board.introduce([JobRecord(job, COURSE[min(place, self.truth[job])])])

    @rule(job=JOBS, cancelling=st.booleans(), note=st.none() | st.just("refused"))
    def annotated(self, job, cancelling, note):
        self.board.annotate(job, cancelling=cancelling, note=note)

    @invariant()
    def never_before_what_was_told(self):
        for entry in self.board.since(0)[1]:
            assert COURSE.index(entry.record.status) >= self.least[entry.record.id]
            assert not (entry.cancelling and entry.record.final)

    @invariant()
    def what_was_told_to_be_deleted_does_not_come_back(self):
        for job in self.told_gone:
            assert self.board.get(job) is None
            assert self.board.deleted(job)

    @invariant()
    def a_page_that_follows_has_all_of_it(self):
        self.revision, changed, gone = self.board.since(self.revision)
        for job in gone:
            self.page.pop(job, None)
        self.page |= shown(changed)
        assert self.page == shown(self.board.since(0)[1])

    @invariant()
    def the_sums_are_right(self):
        records = self.board.records()
        pending = {record.id for record in records if not record.final}
        assert self.board.pending((), everything=True) == pending
        tally = self.board.tally(["a", "nobody's"], everything=True)
        assert tally.pending == len(pending) + 1 + (self.board.get("a") is None)
        assert tally.running == sum(record.status == "RUNNING" for record in records)
        assert tally.placed == any(record.queue_position for record in records)
        known = {record.id: record for record in records}
        for job in "abc":
            record = known.get(job)
            tally = self.board.tally([job])
            assert tally.pending == (record is None or not record.final)
            assert tally.running == (record is not None and record.status == "RUNNING")
            assert tally.placed == (record is not None and record.queue_position is not None)
            assert self.board.pending([job]) == ({job} if tally.pending else set())


BoardMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestBoardMachine = BoardMachine.TestCase
