"""What our views cost in JupyterLab, beside what one would use instead, in one run.

``make benchmark-views``. A real JupyterLab in headless Chromium shows each table, stream and
histogram in the same notebook; what one would use instead is installed in an environment of its
own (``lab_views/requirements.txt``). A *floor* is a bare widget that does the least that is needed.
Medians; targets are ratios to the floor where the machine's speed would matter. The modules of
``lab_views`` say what is measured; ``docs/benchmarks.md`` says what came out and what it means.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lab_views import histograms, streams, tables
from lab_views.lab import LabPage, lab_page
from playwright.sync_api import Browser
from report import Line, report

from tests.chromium import chromium

SUBJECTS: dict[str, Callable[[LabPage], Iterator[Line]]] = {
    "tables": tables.lines,
    "streams": streams.lines,
    "histograms": histograms.lines,
}


def lines(folder: Path, browser: Browser, subjects: Sequence[str]) -> Iterator[Line]:
    """Measure the subjects, each on a page of its own."""
    for subject in subjects:
        with lab_page(folder / subject, browser) as lab:
            yield from SUBJECTS[subject](lab)


def main() -> int:
    """Print the table; the exit status says whether every target was met."""
    parser = argparse.ArgumentParser(description="What our views cost in JupyterLab.")
    parser.add_argument("subject", nargs="*", help=f"of {', '.join(SUBJECTS)}; all by default")
    subjects = parser.parse_args().subject or list(SUBJECTS)
    if unknown := set(subjects) - SUBJECTS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        return report(lines(Path(folder), browser, subjects))


if __name__ == "__main__":
    sys.exit(main())
