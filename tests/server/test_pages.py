"""Pages of lists that are kept: never an old one, never another's."""

from __future__ import annotations

from collections.abc import Callable

from qjobwidgets.server.pages import Pages
from tests.server.conftest import Service
from tests.server.uploading import SLEEPING, uploaded

LONG = {"iterations": 10_000}


def test_a_page_is_new_after_every_kind_of_change(empty: Service):
    running, queued = (empty.submit("sample-program", "slow_local", LONG) for _ in range(2))
    empty.wait(running, "Running")

    def changes() -> list[Callable[[], object]]:
        return [
            lambda: empty.submit("sample-program", "slow_local", LONG),
            lambda: empty.call("PUT", f"/jobs/{running}/tags", json={"tags": ["new"]}),
            lambda: empty.call("POST", f"/jobs/{queued}/cancel"),
            lambda: empty.call("DELETE", f"/jobs/{queued}"),
        ]

    for index, change in enumerate(changes()):
        before = empty.get("/jobs?limit=10")
        assert empty.get("/jobs?limit=10").content == before.content
        change()
        after = empty.get("/jobs?limit=10")
        assert after.headers["ETag"] != before.headers["ETag"]
        # Nobody has asked this way before.
        assert after.json() == empty.get(f"/jobs?limit=10&unknown={index}").json()
        known = {"If-None-Match": after.headers["ETag"]}
        assert empty.get("/jobs?limit=10", headers=known).status_code == 304


def test_a_page_larger_than_all_that_are_kept_pushes_none_of_them_out():
    """It pushed out all others, and itself at last."""
    pages = Pages(lambda: 1)
    small = pages.make("local", "limit=1", lambda: b"small")
    large = pages.make("local", "", lambda: bytes(17 * 1024**2))
    assert len(large.body) == 17 * 1024**2
    assert pages.kept("local", "") is None
    assert pages.kept("local", "limit=1") is small
    medium = [pages.make("local", f"offset={k}", lambda: bytes(6 * 1024**2)) for k in range(3)]
    kept = [pages.kept("local", f"offset={k}") for k in range(3)]
    assert kept == [None, *medium[1:]]
    assert pages.kept("local", "limit=1") is None


def test_a_query_that_is_refused_is_refused_again(service: Service):
    for _ in range(2):
        assert service.get("/jobs?limit=many").status_code == 400


def test_a_kept_page_is_for_those_with_a_token(service: Service):
    assert service.get("/jobs").status_code == 200
    wrong = {"Authorization": "apikey wrong"}
    assert service.get("/jobs", headers=wrong).status_code == 401


def test_counts_are_right_when_jobs_have_come_and_gone(empty: Service):
    jobs = [empty.submit("sample-program", "slow_local", LONG) for _ in range(3)]

    def counts() -> list[int]:
        queries = ("", "pending=true", "pending=false", "backend=slow_local", "program=vqe")
        return [empty.get(f"/jobs?limit=1&{query}").json()["count"] for query in queries]

    assert counts() == [3, 3, 0, 3, 0]
    empty.call("POST", f"/jobs/{jobs[2]}/cancel")
    assert counts() == [3, 2, 1, 3, 0]
    empty.call("DELETE", f"/jobs/{jobs[2]}")
    assert counts() == [2, 2, 0, 2, 0]
    empty.submit("sample-program", "slow_local", LONG)
    assert counts() == [3, 3, 0, 3, 0]


def test_a_list_of_interim_results_longer_than_a_page_is_whole(service: Service):
    """All of them were put together in memory first, which took a gigabyte for 200 MB."""
    source = """
        def main(backend, user_messenger):
            for number in range(5000):
                user_messenger.publish([number, "x" * 1000])
    """
    job = service.submit(uploaded(service, source), "aer_local", {})
    service.wait(job)
    answer = service.get(f"/jobs/{job}/interim_results")
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert [message[0] for message in answer.json()] == list(range(5000))


def test_inputs_that_are_too_large_together_are_not_listed(service: Service):
    """A page of 200 jobs with their inputs could take 12 GB."""
    program = uploaded(service, "def main(backend, user_messenger, text): pass")
    backend = "noisy_local"
    first = service.submit(uploaded(service, SLEEPING), backend, {})  # those behind it never run
    jobs = [service.submit(program, backend, {"text": "x" * (35 << 20)}) for _ in range(2)]
    query = {"backend": backend, "program": program, "exclude_params": "false"}
    refused = service.get("/jobs", params=query)
    assert refused.status_code == 400
    assert "limit" in refused.json()["errors"][0]["solution"]
    (listed,) = service.get("/jobs", params={**query, "limit": 1}).json()["jobs"]
    assert len(listed["params"]["text"]) == 35 << 20
    for job in (*jobs, first):
        assert service.call("POST", f"/jobs/{job}/cancel").status_code == 204
        assert service.call("DELETE", f"/jobs/{job}").status_code == 204
