"""The package's start: light to import, and clear about versions that do not fit."""

import ast
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mmr_toolkit
from mmr_toolkit import features
from mmr_toolkit.common import environment, installed
from mmr_toolkit.common.environment import pick_device, show_versions, versions
from mmr_toolkit.common.installed import TORCH_TRIOS, TRIO, check_torch_trio

HEAVY = ("torch", "pandas", "numpy", "transformers", "gensim", "matplotlib", "PIL", "sklearn")


def python(code: str) -> str:
    """What a fresh interpreter prints for a piece of code."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout.strip()


def test_import_is_light():
    code = f"import sys, mmr_toolkit; print([name for name in {HEAVY} if name in sys.modules])"
    assert python(code) == "[]"


def test_import_takes_less_than_three_tenths_of_a_second():
    code = "import time; start = time.perf_counter(); import mmr_toolkit; print(time.perf_counter() - start)"
    assert min(float(python(code)) for _ in range(5)) < 0.3


@pytest.mark.parametrize("door", [mmr_toolkit, features], ids=["mmr_toolkit", "features"])
def test_every_public_name_loads_and_is_known_to_type_checkers(door):
    tree = ast.parse(Path(door.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    named = [alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(named) == sorted(set(named)) == sorted(door.__all__)
    for name in door.__all__:
        assert getattr(door, name) is not None


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Katalog"):
        mmr_toolkit.Katalog  # noqa: B018


@pytest.mark.parametrize("trio", TORCH_TRIOS)
def test_trios_of_the_table_pass(trio):
    found = dict(zip(TRIO, (f"{line}.1" for line in trio), strict=True))
    assert check_torch_trio(found) == found


def test_installed_trio_passes_and_is_the_newest_of_the_table():
    lines = tuple(installed.rsplit(".", 1)[0] for installed in check_torch_trio().values())
    assert lines == TORCH_TRIOS[0]


@pytest.mark.parametrize(
    "trio",
    [
        ("2.15.0", "0.26.0", "2.11.0"),
        ("2.13.0+cpu", "0.26.0", "2.11.0"),
        ("2.11.0", "0.25.0", "2.11.0"),
        ("2.1.1", "0.26.0", "2.11.0"),
    ],
)
def test_mismatched_trio_is_named_with_the_mend(trio):
    named = ", ".join(f"{name} {version}" for name, version in zip(TRIO, trio, strict=True))
    with pytest.raises(ImportError, match=re.escape(named) + " were not built for each other.*pip install torch=="):
        check_torch_trio(dict(zip(TRIO, trio, strict=True)))


def test_mixed_builds_are_named():
    with pytest.raises(ImportError, match=r"different builds \(cpu, cu130\)"):
        check_torch_trio({"torch": "2.11.0+cpu", "torchvision": "0.26.0+cu130", "torchaudio": "2.11.0+cpu"})


def test_wheels_without_a_tag_count_as_the_registrys_build(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    plain = {"torch": "2.11.0", "torchvision": "0.26.0", "torchaudio": "2.11.0"}
    assert check_torch_trio(plain) == plain
    assert check_torch_trio(plain | {"torch": "2.11.0+cu130"})["torch"] == "2.11.0+cu130"
    with pytest.raises(ImportError, match="different builds"):
        check_torch_trio(plain | {"torch": "2.11.0+cpu"})
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")  # what a plain wheel holds there is not known
    assert check_torch_trio(plain | {"torch": "2.11.0+cpu"})


def test_missing_member_is_named(monkeypatch):
    with pytest.raises(ImportError, match=r"torchvision missing.*make lab"):
        check_torch_trio({"torch": "2.11.0", "torchaudio": "2.11.0"})
    monkeypatch.setattr(installed, "_has", lambda name: name != "torchaudio")
    with pytest.raises(ImportError, match="torchaudio missing"):
        check_torch_trio()


def test_pick_device():
    assert pick_device("cpu").type == "cpu"
    assert pick_device().type in environment.DEVICES
    with pytest.raises(ValueError, match="'tpu' was asked for; this machine has: .*cpu"):
        pick_device("tpu")


def test_show_versions_prints_the_table(capsys):
    show_versions()
    printed = capsys.readouterr().out
    for name, value in versions().items():
        assert name in printed
        if name != "free memory":
            assert value in printed
    assert len(printed.splitlines()) == len(versions())
