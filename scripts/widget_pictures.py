"""Take the pictures of the widgets' pages: what the tests of all states see, in the light theme.

Run by ``make screenshots``. Open the pictures before you commit them.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SEEN = ROOT / "build/screenshots"
IMAGES = ROOT / "docs/images"
TAKEN = {
    "counts-histogram": "counts-comparison",
    "interim-plot": "plot-several",
    "job-card": "card-bell",
    "jobs-dashboard": "dashboard-convergence",
    "jobs-table": "table-rows",
    "status-badge": "badge-error",
}
"""Which view in which state stands on which page."""


def main() -> None:
    """Take all pictures."""
    tests = ROOT / "tests/browser/test_states.py"
    subprocess.run([sys.executable, "-m", "pytest", "-q", str(tests)], cwd=ROOT, check=True)
    for page, state in TAKEN.items():
        target = IMAGES / f"{page}.png"
        shutil.copyfile(SEEN / f"{state}-light-1100.png", target)
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
