"""What the repository promises as a whole: short functions, no traces of a machine, one command, links that hold."""

import ast
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import mmr_toolkit
from count_tests import FLOOR, below_floor, passed
from project_files import FILES, PACKAGE, PYTHON_FILES, ROOT, relative

BINARY = (".jpg", ".png", ".opus", ".safetensors")
MAX_FUNCTION_LINES = 60

# Short files that say nothing about the machine they were written on


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_a_module_of_the_package_says_what_it_is_for(path):
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source)), "a module says in its first line what it is for"


@pytest.mark.parametrize("path", PYTHON_FILES, ids=relative)
def test_functions_are_short(path):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, functions):
            assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, f"{node.name} in line {node.lineno}"


def test_no_file_names_a_package_index_or_a_path_of_one_machine():
    # A letter in brackets keeps these patterns from matching the line they stand in.
    hosts = "p[y]pi[.]org|p[y]thonhosted|n[p]mjs[.]|deb[.]d[e]bian"
    paths = r"(?<![\w./])/(?:h[o]me|roo[t]|U[s]ers|w[o]rk)/\w+"
    traces = []
    for path in FILES:
        if path.suffix in BINARY:
            continue
        text = path.read_text(encoding="utf-8")
        made_up = re.sub(r"/(?:home|Users)/ada", "", text)  # the reader that tests and examples invent
        traces += [f"{relative(path)}: {found.group()}" for found in re.finditer(f"{hosts}|{paths}", made_up)]
    assert traces == []


# One command for everyone


def test_ci_runs_make_test():
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    if os.name == "posix":
        assert os.access(script, os.X_OK)


def test_every_make_target_explains_itself():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE).group(1).split()
    assert re.findall(r"^([a-z-]+):.*## \w", makefile, flags=re.MULTILINE) == targets


def test_pre_commit_runs_the_checks_of_make_lint():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    entries = {hook["entry"].replace(" --force-exclude", "") for hook in hooks}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE).group(1)
    commands = [re.sub(r" \$\(\w+\)", "", line.strip().replace("$(BIN)/", "")) for line in lint.splitlines()]
    assert commands
    assert set(commands) <= entries


def test_version_is_the_same_everywhere():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == mmr_toolkit.__version__
    assert f"## {mmr_toolkit.__version__}" in changelog
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["license"] == project["license"] == "Apache-2.0"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").split("\n", 2)[1].strip() == "Apache License"


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".md"], ids=relative)
def test_links_between_files_lead_somewhere(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'(?:src|href)="([^"#]+)', text)
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (path.parent / target).exists()] == []


# The floor under the number of tests


def report(folder: Path, cases: str) -> Path:
    path = folder / "unit.xml"
    path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", encoding="utf-8")
    return path


def test_only_tests_that_passed_count(tmp_path):
    cases = '<testcase name="a"/><testcase name="b"><skipped/></testcase><testcase name="c"><failure/></testcase>'
    assert passed(report(tmp_path, cases + '<testcase name="d"><properties/></testcase>')) == 2


def test_without_a_report_no_test_has_passed(tmp_path):
    assert passed(tmp_path / "unit.xml") == 0


def test_too_few_tests_are_noticed(tmp_path):
    one = report(tmp_path, '<testcase name="a"/>')
    assert below_floor([one], {"unit": 1}) == []
    assert below_floor([one], {"unit": 2}) == ["unit: 1 tests passed, expected at least 2 (tests/floor.toml)"]
    assert below_floor([one], {}) == ["tests/floor.toml has no line for unit"]


def test_floor_names_all_runs():
    floor = tomllib.loads(FLOOR.read_text(encoding="utf-8"))
    assert set(floor) == {"unit", "notebooks", "browser"}
    assert all(count > 0 for count in floor.values())
