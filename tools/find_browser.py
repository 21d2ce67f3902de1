"""Find a browser of the system for the tests of the search page: Chromium or one of its relatives.

    python tools/find_browser.py             print its path, or say what to type when there is none
    python tools/find_browser.py --install   install it first where that is possible without a question

The variable MMR_BROWSER names another one.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "MMR_BROWSER"
COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
BY_HAND = f"{sys.executable} -m playwright install --with-deps chromium"
NOT_FOUND = f"No Chromium, Chrome or Edge was found. Install one, set {VARIABLE} to its path, or type\n    {BY_HAND}"


def find_browser() -> Path | None:
    """The first browser that starts: the one of the variable, on the search path, in the usual places, Playwright's."""
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[Path]:
    if named := os.environ.get(VARIABLE):
        yield Path(named)
        return
    yield from (Path(found) for command in COMMANDS if (found := shutil.which(command)))
    yield from map(Path, PLACES)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def _starts(path: Path) -> bool:
    """Whether it is there and more than a stub that asks to install something else."""
    if not path.is_file():
        return False
    if sys.platform == "win32":  # there, --version opens a window
        return True
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install() -> None:
    """Install Debian's Chromium if this is a Debian and nobody has to be asked; else do nothing."""
    as_root = [] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (as_root and shutil.which("sudo") is None):
        return
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]):
        if subprocess.run([*as_root, *command], check=False).returncode != 0:
            return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="install one where that is possible")
    browser = find_browser()
    if browser is None and parser.parse_args().install:
        install()
        browser = find_browser()
    if browser is None:
        sys.exit(NOT_FOUND)
    print(browser)
