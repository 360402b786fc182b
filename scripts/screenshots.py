"""Take the picture of the first page: the quickstart while it runs in JupyterLab.

Run by ``make screenshots``. Open the picture before you commit it.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.chromium import chromium  # noqa: E402
from tests.conftest import eventually  # noqa: E402
from tests.lab.harness import NotebookPage, jupyter_lab  # noqa: E402

WIDTH, HEIGHT = 1240, 1440


def take(folder: Path, target: Path) -> None:
    """Run the quickstart up to the middle of its VQE, and take the picture there."""
    with jupyter_lab(folder) as lab, chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2)
        notebook = NotebookPage(page, lab, "quickstart.ipynb")
        notebook.wait_for_kernel()
        tidy(page)
        notebook.run("%load_ext qjobwidgets")
        notebook.run("first_job =")
        notebook.run("run sampler bell")
        notebook.run("%qjob counts bell_job").locator("[data-outcome]").first.wait_for()
        notebook.run("hydrogen = SparsePauliOp")
        notebook.run("run vqe ansatz")
        plot = notebook.run("%qjob plot vqe_job").locator("[data-points]").first
        eventually(lambda: int(plot.get_attribute("data-points")) >= 25)
        notebook.cell("%qjob counts bell_job").evaluate("cell => cell.scrollIntoView()")
        page.screenshot(path=target)


def tidy(page: Page) -> None:
    """Close the side bar, so that the notebook has the room."""
    page.locator('.jp-SideBar [data-id="filebrowser"]').click()


def main() -> None:
    """Take the picture."""
    target = ROOT / "docs/images/quickstart-light.png"
    with tempfile.TemporaryDirectory() as folder:
        take(Path(folder), target)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
