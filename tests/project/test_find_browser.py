"""tools/find_browser.py: which browser is taken, and what is said when there is none."""

import os
import subprocess
import sys

import pytest

import find_browser
from find_browser import COMMANDS, NOT_FOUND, VARIABLE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A system without any browser; a function puts a stand-in into it that ends with this exit code."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(find_browser, "PLACES", (str(tmp_path / "place"),))
    monkeypatch.setattr(
        "playwright.sync_api.sync_playwright", lambda: pytest.fail("asked for Playwright's own browser")
    )

    def put(name, exit_code=0):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\nexit {exit_code}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return put


@pytest.mark.parametrize("command", COMMANDS)
def test_a_browser_on_the_search_path_is_found(system, command):
    path = system(command)
    assert find_browser.find_browser() == path


def test_the_first_that_starts_is_taken(system):
    system(COMMANDS[0], exit_code=1)  # such as a stub that only says what to install
    place, second = system("place"), system(COMMANDS[1])
    assert find_browser.find_browser() == second
    second.unlink()
    assert find_browser.find_browser() == place


def test_a_browser_that_is_named_is_the_only_one_to_be_tried(system, monkeypatch):
    system(COMMANDS[0])
    named = system("mine")
    monkeypatch.setenv(VARIABLE, str(named))
    assert find_browser.find_browser() == named
    named.unlink()
    assert find_browser.find_browser() is None


def test_only_a_debian_where_nobody_is_asked_installs(system, monkeypatch):
    asked = []
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: asked.append(command) or subprocess.CompletedProcess([], 0)
    )
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    find_browser.install()
    system("apt-get")
    find_browser.install()
    assert asked == []
    system("sudo")
    find_browser.install()
    assert [command[:3] for command in asked] == [["sudo", "-n", "apt-get"]] * 2
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    find_browser.install()
    assert asked[2:] == [["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]]


def test_without_a_browser_it_says_what_to_type(tmp_path):
    script = str(find_browser.__file__)
    environment = {**os.environ, VARIABLE: str(tmp_path / "none")}
    run = subprocess.run([sys.executable, script], capture_output=True, encoding="utf-8", env=environment, check=False)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.strip() == NOT_FOUND and "-m playwright install" in NOT_FOUND
