"""JobCard in a real browser."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.card_facts import (
    BELL,
    DONE,
    FAILED,
    ID,
    INPUTS,
    LOADING,
    LOGS,
    NEIGHBOURS,
    OTHER,
    QUEUED,
    RUNNING,
    card,
    place,
    ready,
)
from tests.browser.conftest import Host, Open
from tests.browser.facts import HOSTILE

PRIVATE = card(DONE, private=True)
OTHER_JOB = {
    "job": {**RUNNING, "id": "d4qk1c7s9v8g008n2m70"},
    "words": {"name": "theirs", "note": None},
    "edits": {},
}


def test_the_words_of_the_timeline_never_meet(open_view: Open) -> None:
    host = open_view("card", card())
    for job in (RUNNING, FAILED, QUEUED, DONE):
        host.turn(card(job))
        for width in (1200, 760, 480, 360, 272):
            host.resize(width)
            marks = host.root.locator(".qjw-k-m").evaluate_all(
                "els => els.map((el) => el.getBoundingClientRect()).map((r) => [r.left, r.right])"
            )
            ordered = sorted(marks)
            assert all(a[1] <= b[0] + 1 for a, b in pairwise(ordered)), (job, width, ordered)
            assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_timeline_says_what_it_shows(open_view: Open) -> None:
    host = open_view("card", card())
    line = host.root.get_by_role("img", name="waited 17 min 40 s, 3 min 12 s of about 4 min 30 s")
    expect(line).to_contain_text("13:41:08")
    expect(line).to_contain_text("Done, about")


def test_cancel_asks_once_and_the_safe_answer_has_the_focus(open_view: Open) -> None:
    host = open_view("card", card())
    before = host.root.bounding_box()["height"]
    host.root.get_by_role("button", name="Cancel…").click()
    expect(host.root).to_contain_text("It is running; its 41.2\u202fs stay charged.")
    expect(host.root.get_by_role("button", name="Keep job")).to_be_focused()
    assert host.root.bounding_box()["height"] == before
    host.page.keyboard.press("Escape")
    expect(host.root.get_by_role("button", name="Cancel…")).to_be_visible()
    host.root.get_by_role("button", name="Cancel…").click()
    host.root.get_by_role("button", name="Cancel job").click()
    assert host.sent("cancel") == [{"kind": "cancel", "job": ID}]
    expect(host.root.locator(".qjw-k-going")).to_have_text("cancelling…")
    host.send(job={**RUNNING, "note": "The job has ended already.", "refused": True})
    expect(host.root).to_contain_text("The job has ended already.")
    expect(host.root.get_by_role("button", name="Cancel…")).to_be_visible()


def test_the_code_that_gets_the_job_is_copied(open_view: Open) -> None:
    host = open_view("card", card())
    host.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    host.root.get_by_role("button", name="Copy code").click()
    host.wait(f"navigator.clipboard.readText().then((t) => t === 'service.job(\"{ID}\")')")


def test_the_name_is_edited_in_place_and_a_refusal_says_why(open_view: Open) -> None:
    host = open_view("card", card())
    opener = host.root.get_by_role("button", name="Edit name")
    opener.focus()
    host.page.keyboard.press("Enter")
    field = host.root.get_by_label("Name of the job")
    expect(field).to_be_focused()
    field.fill("h2 near 0.7")
    host.page.keyboard.press("Enter")
    assert host.sent("edit") == [
        {"kind": "edit", "job": ID, "what": "name", "value": "h2 near 0.7"}
    ]
    expect(opener).to_be_focused()
    host.send(edits={"name": {"state": "saving", "message": None}})
    expect(host.root).to_contain_text("saving…")
    host.send(edits={"name": {"state": "refused", "message": "The name is too long."}})
    expect(host.root.get_by_role("heading")).to_have_text("h2 r=0.735")
    expect(host.root).to_contain_text("The name is too long.")
    opener.click()
    field.fill("other")
    host.page.keyboard.press("Escape")
    assert len(host.sent("edit")) == 1


def test_tags_are_taken_away_and_added(open_view: Open) -> None:
    host = open_view("card", card())
    host.root.get_by_role("button", name="Edit tags").click()
    host.root.get_by_role("button", name="Remove tag h2").click()
    field = host.root.get_by_label("Another tag")
    field.fill("a, b")
    field.press("Enter")
    host.root.get_by_role("button", name="Save tags").click()
    (edit,) = host.sent("edit")
    assert edit["value"] == ["vqe", "sweep-7", "a, b"]


def test_what_is_typed_is_of_the_job_that_was_shown(open_view: Open) -> None:
    """With another job in the card the field stayed, and Enter gave that job the name."""
    host = open_view("card", card())
    field = host.root.get_by_label("Name of the job")
    host.root.get_by_role("button", name="Edit name").click()
    field.fill("mine")
    host.send(**OTHER_JOB)
    expect(host.root.get_by_role("heading", name="theirs")).to_be_visible()
    expect(field).to_have_count(0)
    host.send(job=RUNNING, words={"name": "h2 r=0.735", "note": None})
    expect(field).to_have_value("mine")
    expect(field).not_to_be_focused()
    field.press("Enter")
    assert [(edit["job"], edit["value"]) for edit in host.sent("edit")] == [(ID, "mine")]


def test_another_job_is_not_cancelled_by_the_question_about_one(open_view: Open) -> None:
    """The question stayed, and was about the job that came."""
    host = open_view("card", card())
    host.root.get_by_role("button", name="Cancel…").click()
    expect(host.root.get_by_role("button", name="Cancel job")).to_be_visible()
    host.send(**OTHER_JOB)
    expect(host.root.get_by_role("heading", name="theirs")).to_be_visible()
    expect(host.root.get_by_role("button", name="Cancel job")).to_have_count(0)


def test_what_was_refused_can_be_mended(open_view: Open) -> None:
    """It had to be typed again."""
    host = open_view("card", card())
    field = host.root.get_by_label("Name of the job")
    host.root.get_by_role("button", name="Edit name").click()
    field.fill("near the minimum")
    field.press("Enter")
    host.send(edits={"name": {"state": "refused", "message": "It was not saved."}})
    host.root.get_by_role("button", name="Edit name").click()
    expect(field).to_have_value("near the minimum")
    field.press("Escape")
    host.root.get_by_role("button", name="Edit name").click()
    expect(field).to_have_value("h2 r=0.735")


def test_what_is_typed_outlives_the_kernel(open_view: Open) -> None:
    """Saving it threw an error, and said nothing."""
    host = open_view("card", card())
    host.root.get_by_role("button", name="Edit note").click()
    field = host.root.get_by_role("textbox", name="Note")
    field.fill("worth keeping")
    host.page.evaluate("host.shutDown()")
    expect(host.root).to_contain_text("Not saved: the kernel has stopped.")
    expect(host.root.get_by_role("button", name="Save")).to_be_disabled()
    field.press("Control+Enter")
    expect(field).to_have_value("worth keeping")


def test_letters_that_are_being_picked_are_not_saved(open_view: Open) -> None:
    """The Enter with which one picks among Chinese or Japanese words saved half of the name."""
    host = open_view("card", card())
    host.root.get_by_role("button", name="Edit name").click()
    field = host.root.get_by_label("Name of the job")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(field).to_be_visible()


def test_tags_of_others_outlive_an_edit(open_view: Open) -> None:
    """A tag that another page gave the job while one edited its tags was taken away again."""
    host = open_view("card", card())
    host.root.get_by_role("button", name="Edit tags").click()
    host.root.get_by_role("button", name="Remove tag h2").click()
    host.send(job={**RUNNING, "tags": [*RUNNING["tags"], "theirs"]})
    expect(host.root.get_by_role("button", name="Remove tag theirs")).to_be_visible()
    host.root.get_by_label("Another tag").fill("mine")
    host.root.get_by_role("button", name="Save tags").click()
    assert host.sent("edit")[0]["value"] == ["vqe", "sweep-7", "theirs", "mine"]


def test_tags_by_keys_only(open_view: Open) -> None:
    """The focus went with the button of the tag that was taken away."""
    host = open_view("card", card())
    host.root.get_by_role("button", name="Edit tags").focus()
    host.page.keyboard.press("Enter")
    field = host.root.get_by_label("Another tag")
    expect(field).to_be_focused()
    host.page.keyboard.press("Shift+Tab")
    expect(host.root.get_by_role("button", name="Remove tag sweep-7")).to_be_focused()
    host.page.keyboard.press("Enter")
    expect(field).to_be_focused()
    host.page.keyboard.press("Tab")
    host.page.keyboard.press("Escape")
    expect(host.root.get_by_role("button", name="Edit tags")).to_be_focused()
    assert host.sent("edit") == []


def test_a_note_of_several_lines(open_view: Open) -> None:
    host = open_view("card", card())
    host.root.get_by_role("button", name="Edit note").click()
    field = host.root.get_by_role("textbox", name="Note")
    field.fill("one\ntwo")
    field.press("Control+Enter")
    assert host.sent("edit")[0]["value"] == "one\ntwo"


def test_tabs_by_keys_only(open_view: Open) -> None:
    host = open_view("card", card())
    host.root.get_by_role("tab", name="Result").focus()
    host.page.keyboard.press("ArrowRight")
    expect(host.root.get_by_role("tab", name="Inputs")).to_be_focused()
    host.page.keyboard.press("End")
    expect(host.root.get_by_role("tab", name="Batch", exact=True)).to_be_focused()
    assert host.page.evaluate("host.model.saved.map((s) => s.tab)") == ["inputs", "session"]
    expect(host.root.get_by_role("tabpanel")).to_contain_text("Fetching the jobs beside it…")


def test_a_private_result_is_read_only_by_its_button(open_view: Open) -> None:
    host = open_view("card", PRIVATE)
    assert host.sent("read-once") == []
    host.root.get_by_role("button", name="Read it now").click()
    assert host.sent("read-once") == [{"kind": "read-once", "job": ID}]


def test_the_log_of_a_running_job_is_asked_for_again(open_view: Open) -> None:
    host = open_view("card", card(tab="logs", logs=LOGS), alone=True)
    # beside what passes here, of which a busy machine has more
    host.page.clock.run_for(11_000)
    assert len(host.sent("again")) >= 2
    host.send(job={**RUNNING, "status": "DONE"})
    expect(host.root).not_to_contain_text("refreshed every")
    host.page.clock.run_for(1_000)  # what is done after drawing is done
    count = len(host.sent("again"))
    host.page.clock.run_for(20_000)
    assert len(host.sent("again")) == count


def log(first: int, end: int) -> dict[str, Any]:
    """Return the lines of a log up to ``end``, of which those before the ``first`` are cut off."""
    text = "".join(f"line {i}\n" for i in range(first, end))
    return ready({"text": text, "lines": end, "cut": first > 0})


AT_END = """() => {
  const { scrollHeight, scrollTop, clientHeight } = document.querySelector("[aria-label=Log]");
  return scrollTop > 0 && scrollHeight - scrollTop - clientHeight < 2;
}"""


def test_who_reads_a_log_that_grows_is_left_where_he_is(open_view: Open) -> None:
    """Each new line took the reader to the end, and what was cut off at the beginning moved all."""
    host = open_view("card", card(tab="logs", logs=log(0, 200)))
    region = host.root.get_by_role("region", name="Log")
    host.wait(AT_END)
    read = region.get_by_text("line 90", exact=True)
    read.evaluate("el => el.scrollIntoView({ block: 'center' })")
    host.painted()
    before = read.bounding_box()["y"]
    for first, end in ((0, 230), (40, 260)):
        host.send(logs=log(first, end))
        expect(region).to_contain_text(f"line {end - 1}")
        host.painted()
        assert read.bounding_box()["y"] == pytest.approx(before, abs=1)
    region.evaluate("el => { el.scrollTop = el.scrollHeight }")
    host.painted()
    host.send(logs=log(40, 300))
    expect(region).to_contain_text("line 299")
    assert host.settles(AT_END)


def test_neighbours_and_pubs_are_asked_for(open_view: Open) -> None:
    host = open_view("card", card(tab="session", neighbours=NEIGHBOURS))
    host.root.get_by_role("button", name="Next job").click()
    assert host.sent("open")[0]["what"] == "d4qk1c7s9v8g008n2m70"
    host.send(tab="inputs", inputs=INPUTS)
    host.root.get_by_role("button", name="Previous PUB").click()
    assert host.sent("pub")[0]["at"] == 2


def test_the_comparison_shows_all_when_asked(open_view: Open) -> None:
    host = open_view("card", card(tab="compare", other=OTHER))
    rows = host.root.locator(".qjw-k-cmp tbody tr")
    expect(rows).to_have_count(3)
    host.root.get_by_role("button", name="Show all 4").click()
    expect(rows).to_have_count(4)
    expect(host.root.locator(".qjw-k-diff")).to_have_count(3)


def test_without_kernel_nothing_can_be_done_but_copied(open_view: Open) -> None:
    host = open_view("card", card())
    host.page.evaluate("host.shutDown()")
    expect(host.root).to_contain_text("The kernel behind this view has stopped.")
    expect(host.root.get_by_role("button", name="Cancel…")).to_have_count(0)
    expect(host.root.get_by_role("button", name="Edit name")).to_have_count(0)
    expect(host.root.get_by_role("button", name="Copy id", exact=True)).to_be_visible()


def test_the_result_comes_without_a_large_jump(open_view: Open) -> None:
    host = open_view("card", card(DONE, result=LOADING))
    before = host.root.bounding_box()["height"]
    host.send(result=BELL)
    expect(host.root.locator("[data-outcome]")).to_have_count(2)
    assert host.root.bounding_box()["height"] == pytest.approx(before, abs=4)


def hostile_pub() -> dict[str, Any]:
    circuit = {
        "name": HOSTILE, "num_qubits": 1, "size": 1, "num_parameters": 0, "depth": 1, "wires": [0],
        "layers": 1, "left_out": 0, "idle": 0,
        "gates": [{"layer": 0, "name": HOSTILE, "wires": [0], "controls": 0,
                   "parameters": HOSTILE, "partial": False}],
    }  # fmt: skip
    pub = {"label": HOSTILE, "circuit": circuit, "observables": HOSTILE, "values": [1]}
    return {**pub, "shots": 1, "precision": None}


HOSTILE_ROW = {
    **FAILED, "id": HOSTILE, "program": HOSTILE, "backend": HOSTILE, "session": HOSTILE,
    "reason": HOSTILE, "advice": HOSTILE, "note": HOSTILE, "tags": [HOSTILE],
}  # fmt: skip
HOSTILE_TABS: dict[str, dict[str, Any]] = {
    "result": {"result": place(None, fields=[[HOSTILE, HOSTILE]])},
    "inputs": {
        "inputs": ready(
            {
                "total": 1,
                "known": 1,
                "at": 0,
                "pub": hostile_pub(),
                "options": [[HOSTILE, HOSTILE]],
            }
        )
    },
    "logs": {"logs": ready({"text": f"{HOSTILE}\n</script>{{{{7*7}}}}", "lines": 2, "cut": False})},
    "session": {
        "neighbours": ready(
            {
                "jobs": [{"id": HOSTILE, "status": HOSTILE, "program": HOSTILE}],
                "at": 0,
                "total": 1,
            }
        )
    },
    "compare": {
        "other": {
            "job": HOSTILE_ROW,
            "rows": [[HOSTILE, HOSTILE, "</script>"]],
            "distances": [[HOSTILE, 0.9, 0.01, 0.1]],
            "loading": False,
        }
    },
}


@pytest.mark.parametrize("tab", list(HOSTILE_TABS))
def test_what_comes_from_outside_is_text(open_view: Open, tab: str) -> None:
    words = {"name": HOSTILE, "note": f"{HOSTILE} {{{{7*7}}}}"}
    facts = [[HOSTILE, HOSTILE, HOSTILE]]
    host: Host = open_view(
        "card", card(HOSTILE_ROW, tab=tab, words=words, facts=facts, **HOSTILE_TABS[tab])
    )
    expect(host.root).to_contain_text(HOSTILE)
    expect(host.root).to_contain_text("{{7*7}}")
    assert host.page.locator("img").count() == 0
