"""Find a Chromium for the browser tests, or install one.

Debian's package when we are root on a Debian system, Playwright's own download otherwise; if
neither works, one line says what to do.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import NAMES


def playwright_has_one() -> bool:
    """Whether Playwright has downloaded its own Chromium."""
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def run(*command: str) -> bool:
    """Run a command; return whether it went well."""
    return subprocess.run(command, check=False).returncode == 0


def main() -> int:
    """Find or install Chromium; return the exit status."""
    if any(map(shutil.which, NAMES)) or playwright_has_one():
        return 0
    print("No Chromium found, installing one.", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        run("apt-get", "update", "-qq")
        if run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"):
            return 0
    if run(sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"):
        return 0
    print("The browser tests need Chromium: install the package 'chromium' and run again.")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
