"""The views in a real Notebook 7 in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import SHOTS
from tests.lab.followed import SURFACES, Followed, FollowsJobs
from tests.lab.harness import Lab, Notebook7Page, jupyter_lab
from tests.lab.notebooks import BELL, write_notebook

SETUP = f"%load_ext qjobwidgets\n{BELL}"
SUBMIT = """
job = %qjob run sampler bell --backend aer_local --shots 500
slow = %qjob run sample-program iterations=4 --backend slow_local
long = %qjob run sample-program iterations=3000 --backend slow_local
"""
TABLE, BADGE, PLOT, COUNTS, LAST = (
    "%qjob list",
    "%qjob show slow --badge",
    "%qjob plot long",
    "%qjob counts job",
    "print('the end')",
)


@dataclass
class Story(Followed):
    """What was seen."""

    hidden: list[str] = field(default_factory=list)


def tell(notebook: Notebook7Page, story: Story) -> None:
    """Run the notebook, watch its views, and cancel a job."""
    page = notebook.page
    notebook.run("%load_ext")
    notebook.run("job = %qjob")
    badge = notebook.run(BADGE).locator(".qjw[data-status]")
    story.follow(badge)
    table = notebook.run(TABLE).locator(".qjw").first
    expect(table.locator('[data-status="DONE"]')).to_have_count(2)
    plot = notebook.run(PLOT).locator(".qjw [data-points], .qjw[data-points]").first
    bars = notebook.run(COUNTS).locator("[data-outcome]")
    expect(bars).to_have_count(2)
    story.add_up(bars)
    story.see_growing(plot)
    story.cancel(table)
    notebook.run(LAST)
    twins = page.locator("[data-qjw-twin]")
    story.hidden = ["" if twin.is_hidden() else twin.inner_text() for twin in twins.all()]
    for theme, surface in SURFACES.items():
        notebook.wear(theme)
        expect(table).to_have_css("background-color", surface)
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"notebook7-{theme}.png")
    story.errors = notebook.errors


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Notebook 7."""
    with jupyter_lab(tmp_path_factory.mktemp("notebook7"), app="notebook", dark=True) as lab:
        yield lab


@pytest.fixture(scope="module")
def story(lab: Lab, browser: Browser) -> Story:
    """The notebook, used once."""
    write_notebook(lab.folder / "views.ipynb", [SETUP, SUBMIT, BADGE, TABLE, PLOT, COUNTS, LAST])
    page = browser.new_page(viewport={"width": 1280, "height": 1500})
    notebook = Notebook7Page(page, lab, "views.ipynb")
    notebook.wait_for_kernel()
    story = Story()
    tell(notebook, story)
    page.close()
    return story


class TestJobs(FollowsJobs):
    """In Notebook 7."""


def test_the_live_views_stand_alone(story: Story) -> None:
    """Their static twins are there for the saved notebook, and not seen."""
    assert len(story.hidden) >= 4
    assert not any(story.hidden)
