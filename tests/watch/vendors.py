"""Jobs as vendors make them: each class has what Qiskit asks for, and manners of its own."""

import threading
from enum import Enum

__all__ = ["Job", "Word"]


class Word(Enum):
    """A vendor's own statuses."""

    INITIALIZING = "initializing"
    QUEUED = "job is queued"
    RUNNING = "job is running"
    DONE = "done"
    ERROR = "error"


class Job:
    """A job whose state the test sets."""

    def __init__(self, name, status=Word.QUEUED, **facts):
        self.state = status
        self.asked = 0
        self.cancels = 0
        self.trouble = None
        self.silent = threading.Event()  # set while status() does not come back
        self.speak = threading.Event()
        self._name = name
        for fact, value in facts.items():
            setattr(self, fact, value)

    def job_id(self):
        return self._name

    def status(self):
        self.asked += 1
        if self.silent.is_set():
            self.speak.wait(60)
        if self.trouble is not None:
            raise self.trouble
        return self.state

    def cancel(self):
        self.cancels += 1
        return self.state is not Word.RUNNING

    def result(self):
        return {"of": self._name}
