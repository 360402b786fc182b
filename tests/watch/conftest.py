"""A service that the tests are, and a watcher of it."""

import json
import threading

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import Answer
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import Watcher


class Service:
    """A transport that is the service: jobs by id, and every request noted."""

    def __init__(self):
        self.lock = threading.Lock()
        self.jobs = {}
        self.requests = []
        self.trouble = None
        self.answers = {}
        self.failing = {}

    def put(self, job_id, status, **more):
        with self.lock:
            self.jobs[job_id] = {"id": job_id, "state": {"status": status}, **more}

    def request(self, method, path, *, params=None, **_more):
        with self.lock:
            self.requests.append(path)
            if isinstance(self.trouble, Exception):
                raise self.trouble
            if self.trouble is not None:
                return self.trouble
            if path in self.failing:
                return self.failing[path]
            if method == "POST":
                return answer(200, self.answers.get(path, {}))
            if path == "/jobs":
                return self._list(dict(params))
            if path in self.answers:
                return answer(200, self.answers[path])
            job = self.jobs.get(path.removeprefix("/jobs/"))
            return answer(200, job) if job else answer(404, {})

    def _list(self, query):
        found = list(self.jobs.values())[::-1]
        if str(query.get("pending")).lower() == "true":
            found = [job for job in found if job["state"]["status"] in {"Queued", "Running"}]
        offset = int(query.get("offset", 0))
        page = found[offset : offset + int(query["limit"])]
        return answer(200, {"jobs": page, "count": len(found)})

    def kept(self, _name):
        return None

    def resolve_again(self):
        pass

    def close(self):
        pass


def answer(status, document, **headers):
    return Answer(status, headers, json.dumps(document).encode())


class View:
    """A view that notes what the watcher knew whenever it was told to publish."""

    min_interval = 0.0
    visible = True
    silent = False

    def __init__(self, watcher, job_ids=(), *, recent=False):
        self.watcher = watcher
        self.job_ids = frozenset(job_ids)
        self.recent = recent
        self.states = []

    def publish(self):
        self.states.append(self.watcher.freshness.state)


@pytest.fixture
def wire():
    return Service()


@pytest.fixture
def watcher(wire):
    service = RuntimeService(
        "ibm_quantum_platform",
        token="t",
        url="https://example.test/api/v1",
        instance="crn:v1:x",
        transport=wire,
    )
    watcher = Watcher(service)
    yield watcher
    watcher.stop()


def queued(*ids):
    return [JobRecord(job_id, JobStatus.QUEUED) for job_id in ids]
