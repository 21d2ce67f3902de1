"""The scripts in benchmarks/ find what they import: a script sees the files of its own folder and no other."""

import ast
import sys
from importlib.util import find_spec

import pytest

from project_files import PYTHON_FILES, ROOT, relative

OPTIONAL = {"faiss", "sentence_transformers"}  # of the extras, which not everyone installs
BENCHMARKS = [path for path in PYTHON_FILES if path.is_relative_to(ROOT / "benchmarks")]


def imports_of(source):
    """(module, names taken from it) of every import, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield node.module, [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)


def names_in(source):
    """What a module defines or imports at its top level."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def missing_siblings(source, siblings):
    """The imports that are found neither beside the script nor anywhere else, and names that a sibling has not.

    siblings: module → source.
    """
    missing = []
    for module, names in imports_of(source):
        if module in siblings:
            missing += [f"{module}.{name}" for name in names if name not in names_in(siblings[module])]
        elif module.partition(".")[0] not in sys.stdlib_module_names and module.partition(".")[0] not in INSTALLED:
            missing.append(module)
    return missing


def known_packages():
    """Packages that the scripts import and that are there; other scripts of benchmarks/ do not count."""
    modules = {module.partition(".")[0] for path in BENCHMARKS for module, _ in imports_of(path.read_text("utf-8"))}
    scripts = {path.stem for path in BENCHMARKS}
    return OPTIONAL | {module for module in modules - scripts - OPTIONAL if find_spec(module) is not None}


INSTALLED = known_packages()


def test_there_are_benchmarks():
    assert len(BENCHMARKS) >= 10


@pytest.mark.parametrize("path", BENCHMARKS, ids=relative)
def test_a_benchmark_finds_its_siblings(path):
    """One did not start for weeks: the file that it imports had moved to another folder."""
    siblings = {other.stem: other.read_text("utf-8") for other in path.parent.glob("*.py")}
    assert missing_siblings(path.read_text("utf-8"), siblings) == []


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("from here import A, make, Kind, os", []),
        ("import here, json\ndef f():\n    from here import A", []),
        ("from here import Z", ["here.Z"]),
        ("from moved_away import A", ["moved_away"]),
        ("def f():\n    import moved_away", ["moved_away"]),
    ],
)
def test_an_import_that_leads_nowhere_is_seen(source, missing):
    here = "import os\nA = 1\nB: int = 2\ndef make(): ...\nclass Kind: ..."
    assert missing_siblings(source, {"here": here}) == missing
