"""A browser, a server with the built-in shop, and a visitor who notes whom the page asks.

These tests run with `make test-browser` only: `pytest tests` leaves this folder out, for not every machine has a
browser. The server is `mmr serve` with the built-in shop; what it learns on its first start is kept in the reader's
own cache. To visit a server that runs already, put its address into the variable MMR_SEARCH_PAGE.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from find_browser import NOT_FOUND, find_browser
from mmr_toolkit.app.uploads.folder import PREFIX
from mmr_toolkit.common.files import data_folder
from mmr_toolkit.common.locks import Busy, claimed
from patience import PATIENCE
from visitor import Visitor

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCREENSHOTS = ROOT / "reports" / "screenshots"
ENVIRONMENT = dict(os.environ)  # before the other tests' fixtures give every test a cache of its own
FIRST_START = 900  # seconds; with an empty cache three heads are trained, which took 212 on a busy machine
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--use-fake-device-for-media-stream",  # a camera that shows a clock and a microphone that hears it beep
]


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Starts the system's browser, without a window, and with more flags where they are given."""
    path = find_browser()
    if path is None:
        pytest.fail(NOT_FOUND, pytrace=False)
    flags = [*FLAGS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        yield lambda *more: playwright.chromium.launch(executable_path=path, args=[*flags, *more])


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """The browser of most tests."""
    browser = launch()
    yield browser
    browser.close()


@contextmanager
def one_at_a_time(place: Path) -> Iterator[None]:
    """Wait until no other test process is in here: who starts a server second finds the heads of the first."""
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(claimed(place))
                break
            except Busy:
                time.sleep(0.5)
        yield


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    """The address that a server writes when it has started."""
    deadline = time.monotonic() + FIRST_START
    while (found := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(encoding="utf-8"))) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8')}", pytrace=False)
        time.sleep(0.2)
    return found.group()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a server with the shop, and the folder in which it makes its temporary ones."""
    if "MMR_SEARCH_PAGE" in ENVIRONMENT:
        yield ENVIRONMENT["MMR_SEARCH_PAGE"], Path(tempfile.gettempdir())
        return
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    environment = {**ENVIRONMENT, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "mmr_toolkit", "serve"]
    with one_at_a_time(tmp_path_factory.getbasetemp().parent / "first start"):
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            address = address_in(log, process)
        except BaseException:
            process.kill()
            raise
    try:
        yield address, folder
        process.terminate()
        assert process.wait(timeout=PATIENCE) == 0
        assert list(folder.glob(f"{PREFIX}*")) == []
        assert "Traceback" not in log.read_text(encoding="utf-8")
    finally:
        process.kill()


@pytest.fixture
def address(server: tuple[str, Path]) -> str:
    """Where the search page is."""
    return server[0]


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, each with a browser profile of its own; no page may ask another host or complain."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    made = []

    def visitor(width: int = 1280, height: int = 900, **settings: object) -> Visitor:
        senses = ["camera", "microphone", "clipboard-read", "clipboard-write"]
        context = browser.new_context(viewport={"width": width, "height": height}, permissions=senses, **settings)
        made.append(Visitor(context.new_page(), SCREENSHOTS))
        return made[-1]

    yield visitor
    for one in made:
        one.page.context.close()
        assert one.other_hosts == set()
        assert one.complaints == []


@pytest.fixture
def visitor(visitors: Callable[..., Visitor], address: str) -> Visitor:
    """A visitor in front of the page, in a window of 1280 by 900 pixels."""
    return visitors().visit(address)


@pytest.fixture(scope="session")
def shop() -> Path:
    """The folder of the built-in shop."""
    return data_folder() / "cornershop"
