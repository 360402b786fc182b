"""Jobs followed in a front end: what a user does with the views, and what any must show."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Locator

from tests.conftest import eventually
from tests.lab.harness import statuses

# a busy machine may be late for the first of these
LIFE = ["INITIALIZING", "QUEUED", "RUNNING", "DONE"]
SURFACES = {"dark": "rgb(17, 17, 17)", "light": "rgb(255, 255, 255)"}


@dataclass
class Followed:
    """What was seen."""

    slow: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    outcomes: int = 0
    points: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def follow(self, badge: Locator) -> None:
        """Watch a job until it is done."""
        self.slow = statuses(badge, "DONE")

    def add_up(self, bars: Locator) -> None:
        """Add up the counts of all outcomes drawn."""
        self.outcomes = sum(int(bar.get_attribute("data-count")) for bar in bars.all())

    def see_growing(self, plot: Locator) -> None:
        """Watch a plot until it has more points than at first."""
        few = eventually(lambda: int(plot.get_attribute("data-points") or 0))
        more = eventually(lambda: (n := int(plot.get_attribute("data-points"))) > few and n)
        self.points = [few, more]

    def cancel(self, table: Locator) -> None:
        """Cancel the job that runs with the buttons of its row."""
        row = table.locator('[data-job][data-status="RUNNING"]')
        job = row.get_attribute("data-job")
        row.scroll_into_view_if_needed()
        row.hover()
        row.get_by_role("button", name="Cancel job").first.click()
        table.get_by_role("button", name="Cancel job", exact=True).click()
        self.cancelled = statuses(table.locator(f'[data-job="{job}"]'), "CANCELLED")


class FollowsJobs:
    """What holds in every front end; the fixture ``story`` is what was seen in one."""

    def test_a_job_is_followed_to_its_end(self, story: Followed) -> None:
        assert story.slow[-1] == "DONE"
        assert story.slow == [status for status in LIFE if status in story.slow]

    def test_counts_and_interim_results_are_drawn(self, story: Followed) -> None:
        assert story.outcomes == 500
        assert story.points[0] < story.points[1]

    def test_a_click_cancels(self, story: Followed) -> None:
        assert story.cancelled[-1] == "CANCELLED"

    def test_the_console_shows_no_error(self, story: Followed) -> None:
        assert story.errors == []
