"""The browser's notifications: asked for by a click, shown once, and said when they can't be."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import badge, row, table

ID = "d4qk1c7s9v8g008n2m60"
NOTICE = {
    "kind": "notify",
    "job": ID,
    "status": "ERROR",
    "place": "sampler on aer_local",
    "reason": "<img src=x onerror=alert(1)>",
}
# stands for the part of the browser that no headless one has: its user, and where notices appear
BROWSER = """answer => {
  window.shown = [];
  window.asked = 0;
  window.Notification = class {
    static permission = answer === "silent" ? "granted" : "default";
    static async requestPermission() {
      window.asked += 1;
      return (Notification.permission = answer);
    }
    constructor(title, options) {
      if (answer === "silent") throw new TypeError("Illegal constructor");
      window.shown.push({ title, ...options });
    }
  };
}"""


def browser(host: Host, answer: str) -> None:
    """Have the browser answer like this when its user is asked."""
    host.page.evaluate(BROWSER, answer)


def tell(host: Host, **changed: object) -> None:
    """Send a notice, as the kernel does."""
    host.page.evaluate(
        "notice => host.model.listeners.get('msg:custom').forEach(l => l.callback(notice, []))",
        NOTICE | changed,
    )


def offer(host: Host) -> Locator:
    return host.root.get_by_role("button", name="Allow notifications")


@pytest.fixture(params=["table", "badge"])
def host(request: pytest.FixtureRequest, open_view: Open) -> Host:
    """A view none of whose jobs wants a notification."""
    traits = table() if request.param == "table" else badge(row(ID, "RUNNING"))
    return open_view(request.param, traits)


def test_the_user_is_asked_only_after_a_click(host: Host) -> None:
    browser(host, "granted")
    expect(offer(host)).to_have_count(0)
    host.send(notifying=True)
    expect(offer(host)).to_be_visible()
    assert host.page.evaluate("asked") == 0
    host.assert_accessible()
    host.shot("notify")
    offer(host).click()
    expect(offer(host)).to_have_count(0)
    assert host.page.evaluate("asked") == 1
    tell(host)
    assert host.page.evaluate("shown") == [
        {
            "title": "ERROR: job d4qk…2m60",
            "body": "sampler on aer_local\n<img src=x onerror=alert(1)>",
            "tag": f"qjobwidgets-{ID}-ERROR",
        }
    ]
    assert host.sent("unnotified") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_user_who_says_no_is_told_where_to_change_it(open_view: Open, theme: str) -> None:
    host = open_view("table", table(notifying=False), theme=theme)
    browser(host, "denied")
    host.send(notifying=True)
    offer(host).click()
    expect(host.root).to_contain_text("blocks notifications of this page")
    host.assert_accessible()
    host.shot("notify-blocked")
    tell(host)
    assert host.sent("unnotified") == [{"kind": "unnotified", "job": ID, "why": "denied"}]
    host.send(notifying=False)
    expect(host.root).not_to_contain_text("blocks notifications")


def test_a_notice_before_anybody_was_asked_is_said_to_the_kernel(host: Host) -> None:
    browser(host, "granted")
    tell(host)
    assert host.sent("unnotified") == [{"kind": "unnotified", "job": ID, "why": "default"}]
    assert host.page.evaluate("[asked, shown.length]") == [0, 0]


def test_a_browser_without_notifications_does_no_harm(host: Host) -> None:
    """Those of phones have the class, and throw when it is used."""
    browser(host, "silent")
    tell(host)
    host.page.evaluate("delete window.Notification")
    host.send(notifying=True)
    expect(host.root).to_contain_text("can't show notifications")
    tell(host)
    assert [sent["why"] for sent in host.sent("unnotified")] == ["unsupported"] * 2


@pytest.mark.parametrize("changed", [{"kind": "other"}, {"job": 7}, {"status": None}])
def test_other_messages_are_no_notices(host: Host, changed: dict[str, object]) -> None:
    browser(host, "granted")
    tell(host, **changed)
    assert host.sent("unnotified") == []
