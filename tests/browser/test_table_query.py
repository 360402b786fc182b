"""JobsTable in a real browser: sorted, filtered, grouped, with the columns one wants, by keys."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.conftest import SHOTS, Host, Open
from tests.browser.facts import HOSTILE, ROWS, ago, row, snapshot, table
from tests.browser.test_table import focused, item, jobs_in_order, patch

BATCH, SESSION = "b91f0000000000007c2e", "s04a0000000000019d00"


def grouped(**traits: Any) -> dict[str, Any]:
    """Return a table with a batch of 50 jobs, a session of 3, and others."""
    batch = [row(f"batch-{i:02}", "DONE", session=BATCH, finished=ago(600 + i)) for i in range(37)]
    batch += [row(f"batch-{i}", "QUEUED", session=BATCH, position=i) for i in range(38, 50)]
    batch += [row("batch-37", "ERROR", session=BATCH, finished=ago(90), reason="It broke.")]
    session = [row(f"session-{i}", "RUNNING", session=SESSION, started=ago(9)) for i in range(3)]
    rows = [*batch, *session, row("alone", "DONE", finished=ago(5))]
    return table(rows, modes={BATCH: "batch", SESSION: "session"}, **traits)


def group_head(host: Host, text: str) -> Locator:
    return host.root.locator('[role="row"][aria-level="1"]').filter(has_text=text)


def trait(host: Host, name: str) -> Any:
    return host.page.evaluate("(name) => host.model.get(name)", name)


def press(host: Host, *keys: str) -> None:
    for key in keys:
        host.page.keyboard.press(key)


def test_heads_sort_both_ways_and_back(open_view: Open) -> None:
    host = open_view("table", table(), width=1200)
    default = jobs_in_order(host)
    head = host.root.get_by_role("columnheader", name="Usage")
    expect(host.root.get_by_role("columnheader", name="Status")).to_have_attribute(
        "aria-sort", "other"
    )
    usage = {r["id"]: r["usage"] for r in ROWS}
    for direction, sort in (("ascending", "usage"), ("descending", "-usage")):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", direction)
        found = [usage[job] for job in jobs_in_order(host)]
        known = [value for value in found if value is not None]
        assert known == sorted(known, reverse=direction == "descending")
        assert found[len(known) :] == [None] * (len(found) - len(known))
        assert trait(host, "sort") == sort
    head.get_by_role("button").click()
    assert jobs_in_order(host) == default
    host.wait("host.model.saved.at(-1)?.sort === 'status'")


def test_search_finds_ids_tags_and_backends(open_view: Open) -> None:
    host = open_view("table", table())
    item(host, "d4qk1c7s9v8g008n2m60").focus()
    press(host, "/", *"TORINO")
    expect(host.root.locator("[data-job]")).to_have_count(2)
    expect(host.root.locator(".qjw-foot")).to_contain_text("Showing 2 of 10")
    host.wait("host.model.saved.at(-1)?.filter?.text === 'TORINO'")
    press(host, "ArrowDown")
    host.wait("document.activeElement.dataset.job === 'd4qj3f8s9v8g008p7c2g'")
    press(host, "Escape")
    expect(host.root.locator("[data-job]")).to_have_count(10)
    assert trait(host, "filter") == {}


def test_no_match_says_so_and_what_to_do(open_view: Open) -> None:
    host = open_view("table", table(filter={"text": "nothing"}))
    expect(host.root).to_contain_text("No jobs match the filter.")
    host.root.get_by_role("button", name="Clear filter").first.click()
    expect(host.root.locator("[data-job]")).to_have_count(10)


def test_counts_in_the_header_filter(open_view: Open) -> None:
    host = open_view("table", table())
    failed = host.root.get_by_role("button", name="1 failed")
    failed.click()
    expect(failed).to_have_attribute("aria-pressed", "true")
    expect(host.root.locator("[data-job]")).to_have_count(1)
    assert trait(host, "filter") == {"status": ["ERROR"]}
    failed.click()
    expect(host.root.locator("[data-job]")).to_have_count(10)


def test_choices_are_counted_and_cleared(open_view: Open) -> None:
    host = open_view("table", table())
    host.root.get_by_role("button", name="Filter by status").click()
    panel = host.root.get_by_role("dialog", name="Filter by status")
    expect(panel.locator("label").first).to_have_text("RUNNING2")
    expect(panel.get_by_role("checkbox").first).to_be_focused()
    press(host, "Space")
    panel = host.root.get_by_role("dialog")
    panel.get_by_role("checkbox", name="QUEUED").check()
    expect(host.root.locator("[data-job]")).to_have_count(4)
    for theme in ("light", "dark"):
        host.dress(theme)
        host.page.screenshot(path=SHOTS / f"table-filter-menu-{theme}-760.png")
        host.assert_accessible()
    press(host, "Escape")
    expect(panel).to_have_count(0)
    expect(host.root.get_by_role("button", name="Filter by status: Status: 2")).to_be_focused()
    host.root.get_by_role("button", name="Clear filter status").click()
    expect(host.root.locator("[data-job]")).to_have_count(10)


def test_jobs_of_a_time(open_view: Open) -> None:
    host = open_view("table", table([row("old", "DONE", created=ago(3 * 86400)), *ROWS]))
    host.root.get_by_role("button", name="Filter by created").click()
    host.root.get_by_role("button", name="Today", exact=True).click()
    expect(host.root.locator("[data-job]")).to_have_count(10)
    assert trait(host, "filter") == {"since": "2026-11-20T00:00:00.000Z"}
    host.root.get_by_label("To", exact=True).fill("2026-11-20")
    expect(host.root.get_by_role("button", name="Filter by created: 2026-11-20")).to_be_visible()
    host.root.get_by_label("From", exact=True).fill("2026-11-17")
    expect(host.root.locator("[data-job]")).to_have_count(11)
    assert trait(host, "filter")["until"] == "2026-11-21T00:00:00.000Z"


def test_groups_say_how_far_they_are(open_view: Open) -> None:
    host = open_view("table", grouped(group="session"), width=1200)
    batch = group_head(host, "batch")
    expect(batch).to_contain_text("37/50 done, 1 failed")
    expect(batch).to_contain_text("b91f…7c2e")
    expect(group_head(host, "no session")).to_contain_text("1 job")
    expect(batch).to_have_attribute("aria-expanded", "true")
    for theme, width in (("light", 1200), ("dark", 480)):
        host.dress(theme)
        host.resize(width)
        host.shot("sessions")
        host.assert_accessible()
    host.root.get_by_role("button", name="Show all 50").click()
    expect(host.root.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "58")


def test_groups_open_and_close_by_keys(open_view: Open) -> None:
    host = open_view("table", grouped(group="batch"))
    expect(host.root.locator('[role="row"][aria-expanded]')).to_have_count(2)
    batch = group_head(host, "37/50")
    batch.focus()
    press(host, "ArrowLeft")
    expect(batch).to_have_attribute("aria-expanded", "false")
    press(host, "ArrowRight", "ArrowRight")
    host.wait("document.activeElement.dataset.job === 'batch-37'")
    press(host, "ArrowLeft")
    expect(batch).to_be_focused()
    press(host, "Space")
    expect(host.root.locator(".qjw-many")).to_have_text("6 selected")


def test_a_job_is_in_the_groups_of_all_its_tags(open_view: Open) -> None:
    host = open_view("table", table(group="tag"))
    expect(item(host, "d4qk1c7s9v8g008n2m60")).to_have_count(2)
    expect(group_head(host, "tag h2")).to_contain_text("1/6 done, 1 failed")


def test_the_word_of_a_choice_can_be_pressed_within_a_cell(open_view: Open) -> None:
    """Notebooks focus the cell when a word in it is pressed: the panel closed, without a choice."""
    host = open_view("table", table())
    host.page.evaluate("document.getElementById('place').tabIndex = 0")
    host.root.get_by_role("button", name="Filter by status").click()
    panel = host.root.get_by_role("dialog", name="Filter by status")
    panel.get_by_text("QUEUED").click()
    expect(panel.get_by_role("checkbox", name="QUEUED")).to_be_checked()
    assert trait(host, "filter") == {"status": ["QUEUED"]}
    press(host, "Escape")
    expect(panel).to_have_count(0)


def test_choices_stay_in_their_places_while_jobs_change(open_view: Open) -> None:
    """Ordered by how many jobs have them, they changed places under the pointer."""
    host = open_view("table", table())
    host.root.get_by_role("button", name="Filter by backend").click()
    panel = host.root.get_by_role("dialog", name="Filter by backend")
    names = panel.locator(".qjw-mi .qjw-clip")
    before = names.all_inner_texts()
    new = [row(f"new-{i}", "QUEUED", backend="ibm_new") for i in range(30)]
    last = [row(f"more-{i}", "QUEUED", backend=before[-1]) for i in range(40)]
    gone = [job["id"] for job in ROWS if job["backend"] == before[0]]
    patch(host, 7, 8, *new, *last, gone=gone)
    expect(names).to_have_text([*before, "ibm_new"])
    expect(panel.get_by_role("checkbox").first).to_be_focused()
    panel.get_by_role("checkbox").last.check()
    expect(names).to_have_text([*before, "ibm_new"])


def test_columns_are_chosen(open_view: Open) -> None:
    host = open_view("table", table(), width=760)
    host.root.get_by_role("button", name="More", exact=True).click()
    panel = host.root.get_by_role("dialog", name="More")
    expect(panel).to_be_visible()
    host.page.screenshot(path=SHOTS / "table-more-menu-light-760.png")
    for name in ("Wait and run", "Program", "Ran"):
        panel.get_by_role("checkbox", name=name, exact=True).uncheck()
    expect(host.root.get_by_role("columnheader", name="Tags")).to_be_visible()
    expect(host.root.get_by_role("columnheader", name="Wait and run")).to_be_hidden()
    assert trait(host, "columns") == ["backend", "created", "usage", "tags"]
    press(host, "Escape")
    host.shot("columns")
    end = host.root.bounding_box()["x"] + 760
    last = item(host, "d4qk1c7s9v8g008n2m60").get_by_role("gridcell").last.bounding_box()
    assert last["x"] + last["width"] <= end


def test_what_no_row_has_is_no_column(open_view: Open) -> None:
    host = open_view("table", table([row("a", "QUEUED")]), width=1200)
    expect(host.root.get_by_role("columnheader", name="Backend")).to_be_visible()
    for name in ("Usage", "Tags"):
        expect(host.root.get_by_role("columnheader", name=name)).to_be_hidden()
    patch(host, 7, 8, row("a", "DONE", usage=2.0, finished=ago(1)))
    expect(host.root.get_by_role("columnheader", name="Usage")).to_be_visible()


def test_a_job_opens_under_its_row(open_view: Open) -> None:
    host = open_view("table", table())
    job = "d4qk1c7s9v8g008n2m8g"
    item(host, job).focus()
    press(host, "Enter")
    expect(item(host, job).locator(".qjw-detail")).to_contain_text(job)
    assert trait(host, "current") == job
    host.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    item(host, job).get_by_role("button", name="Copy code").click()
    host.wait(f"""navigator.clipboard.readText().then((t) => t === 'service.job("{job}")')""")
    below = jobs_in_order(host)[jobs_in_order(host).index(job) + 1]
    bottom = item(host, job).bounding_box()
    assert item(host, below).bounding_box()["y"] >= bottom["y"] + bottom["height"] - 1
    item(host, job).locator(".qjw-c-st").click()
    expect(item(host, job).locator(".qjw-detail")).to_have_count(0)
    assert trait(host, "current") is None


def test_what_was_asked_for_is_there_after_a_reload(open_view: Open) -> None:
    traits = table(filter={"tag": ["vqe"]}, sort="-created", current="d4qk1c7s9v8g008n2m8g")
    host = open_view("table", traits)
    expect(host.root.locator("[data-job]")).to_have_count(6)
    assert jobs_in_order(host)[-1] == "d4qk1c7s9v8g008n2m3g"
    expect(host.root.locator(".qjw-detail")).to_have_count(1)
    expect(host.root.get_by_role("button", name="Filter by tag: vqe")).to_be_visible()


def test_the_rest_is_fetched_when_something_needs_it(open_view: Open) -> None:
    """And until it is there, its rows have their room and the kernel's counts are shown."""
    first = [row(f"job-{i:03}", "DONE", finished=ago(i)) for i in range(200)]
    counts = {"DONE": 990, "QUEUED": 10}
    host = open_view(
        "table", table(first, snapshot=snapshot(first, total=1000, counts=counts), total=1000)
    )
    expect(host.root.locator(".qjw-sum")).to_have_text("1\u202f000 jobs·10 queued")
    expect(host.root.locator(".qjw-foot")).to_contain_text("Showing 200 of 1\u202f000")
    assert host.sent("rest") == []
    host.root.locator(".qjw-scroll").evaluate("el => { el.scrollTop = 30 * 400 }")
    expect(host.root.locator(".qjw-ghost").first).to_be_visible()
    assert host.sent("rest") == [{"kind": "rest"}]
    expect(host.root.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "1001")


def test_the_keys_reach_the_head_and_leave_the_table(open_view: Open) -> None:
    host = open_view("table", table())
    item(host, jobs_in_order(host)[0]).focus()
    press(host, "ArrowUp")
    expect(host.root.get_by_role("button", name="Status", exact=False).first).to_be_visible()
    host.wait("document.activeElement.textContent.startsWith('Status')")
    press(host, "ArrowRight", "Enter")
    assert trait(host, "sort") == "id"
    press(host, "ArrowDown")
    host.wait("document.activeElement.dataset.job !== undefined")
    press(host, "Space", "Escape")
    expect(host.root.locator(".qjw-many")).to_have_count(0)
    press(host, "Escape")
    assert focused(host) == ""


def test_changes_of_the_current_job_are_said(open_view: Open) -> None:
    jobs = [row("current", "QUEUED"), row("other", "QUEUED")]
    host = open_view("table", table(jobs, current="current"))
    said = host.page.locator('.qjw > .qjw-said[role="status"]')
    patch(host, 7, 8, row("other", "DONE", finished=ago(1)))
    patch(host, 8, 9, row("current", "RUNNING", started=ago(1)))
    expect(said).to_have_text("Job current RUNNING")


def test_groups_of_hostile_names_are_text(open_view: Open) -> None:
    hostile = row(HOSTILE, "ERROR", reason=HOSTILE, tags=[HOSTILE], session=HOSTILE)
    host = open_view("table", table([hostile], group="session"))
    expect(group_head(host, "session")).to_be_visible()
    host.assert_accessible()
    assert host.root.locator("img").count() == 0
