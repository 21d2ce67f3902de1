"""The set-up script: which Pythons it takes, and an environment on a system without Debian's python3-venv."""

import subprocess
import sys

import pytest

import set_up


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 5)])
def test_supported_pythons_pass(version):
    set_up.check_python(version)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 14), (3, 14, 0)])
def test_other_pythons_are_named_with_the_mend(version):
    with pytest.raises(SystemExit, match=rf"This is Python {version[0]}\.{version[1]}.*\n.*make lab PYTHON=python3"):
        set_up.check_python(version)


def test_bounds_are_those_of_pyproject(root):
    required = f'requires-python = ">={set_up.OLDEST[0]}.{set_up.OLDEST[1]},<3.{set_up.NEWEST[1] + 1}"'
    assert required in (root / "pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture
def bare_venv(tmp_path, monkeypatch):
    """An environment made where Python comes without ensurepip, as Debian's does until python3-venv is installed."""
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    set_up.make_venv(tmp_path / "venv")
    return tmp_path / "venv"


def test_without_ensurepip_the_outer_pip_installs_into_the_environment(bare_venv):
    python = set_up.venv_python(bare_venv)
    assert set_up.pip_for(bare_venv) == [sys.executable, "-m", "pip", "--python", python]


def test_an_environment_that_is_there_is_kept(bare_venv):
    (bare_venv / "marker").touch()
    set_up.make_venv(bare_venv)
    assert (bare_venv / "marker").exists()


def test_an_environment_of_an_old_python_is_named(bare_venv, monkeypatch):
    monkeypatch.setattr(subprocess, "check_output", lambda command: b"[3, 9]")
    with pytest.raises(SystemExit, match=r"This is Python 3\.9"):
        set_up.make_venv(bare_venv)


@pytest.mark.parametrize(("cpu", "then"), [(True, "cpu"), (False, "lock")])
def test_the_choice_of_the_cpu_build_is_kept(tmp_path, monkeypatch, cpu, then):
    commands = []
    monkeypatch.setattr(set_up, "VENV", tmp_path)
    monkeypatch.setattr(set_up, "make_venv", lambda venv: None)
    monkeypatch.setattr(set_up, "pip_for", lambda venv: ["pip"])
    monkeypatch.setattr(set_up, "run", lambda *command: commands.append(command))
    for arguments in (["--cpu"] if cpu else [], []):
        monkeypatch.setattr(sys, "argv", ["set_up.py", *arguments])
        set_up.main()
    assert (tmp_path / ".installed").read_text(encoding="utf-8") == then
    assert sum("--torch-backend=cpu" in command for command in commands) == 2 * cpu
    assert sum("--require-hashes" in command for command in commands) == (2 if cpu else 4)


def test_a_failing_command_stops_the_set_up():
    with pytest.raises(SystemExit, match="3"):
        set_up.run(sys.executable, "-c", "raise SystemExit(3)")
