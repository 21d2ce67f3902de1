"""One list of packages: pyproject.toml, the lock and the conda recipe agree, and nothing is in it without a use."""

import ast
import re
import tomllib
from importlib.metadata import Distribution, distributions, packages_distributions
from pathlib import Path

import pytest
import yaml

from project_files import NOTEBOOKS, PACKAGE, PYTHON_FILES, ROOT
from run_notebooks import read

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
#: Extras whose packages `make lab` and `make test` install.
LOCKED_EXTRAS = ("scale", "dev", "benchmarks", "make-data")
PACKAGES_OF_MODULE = packages_distributions()
#: The GNU licence that reaches the code which imports a package, unlike the lesser one.
STRICT = re.compile(r"(?<!L)GPL|GNU (Affero )?General Public License")


def plain(requirement: str) -> str:
    """The package's name, as the index writes it: "Flit_core>=3" becomes "flit-core"."""
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement).group()).lower()


def declared(*extras: str) -> set[str]:
    """Names of the core packages and those of some extras."""
    project = PROJECT["project"]
    return {
        plain(line)
        for line in sum((project["optional-dependencies"][extra] for extra in extras), project["dependencies"])
    }


def locked() -> dict[str, str]:
    """The lock's entries by package name."""
    return {plain(entry): entry for entry in re.split(r"\n(?=[A-Za-z0-9])", LOCK)}


def test_lock_and_pyproject_name_the_same_packages():
    direct = {name for name, entry in locked().items() if "mmr-toolkit (pyproject.toml)" in entry}
    assert direct == declared(*LOCKED_EXTRAS)


@pytest.mark.parametrize("lock", ["requirements.lock", "tools/bootstrap.lock", "tests/checkpoint.lock"])
def test_lock_has_a_hash_for_every_package_and_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|^-|\bfile:|@ ", text, flags=re.MULTILINE)
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text):
        assert re.match(r"[a-z0-9-]+==[^ ]+( ; .*)? \\\n    --hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_lock_serves_three_systems():
    entries = locked()
    assert "sys_platform == 'linux'" in entries["triton"]
    assert "sys_platform == 'win32'" in entries["colorama"]
    assert "sys_platform == 'darwin'" in entries["appnope"]


def test_conda_takes_the_same_list():
    recipe = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, packages = recipe["dependencies"]
    assert python == "python" + PROJECT["project"]["requires-python"]
    assert plain(pip) == "pip"
    assert packages == {"pip": ["-r requirements.lock"]}


def imports_of(source: str) -> set[str]:
    """Top-level names of the modules that a piece of code imports."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
    return {name.partition(".")[0] for name in names}


def code_of(path: Path) -> str:
    """The Python code of a file or a notebook."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "code"]
    return "\n".join(re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE) for source in cells)


def imported_packages(paths: list[Path]) -> set[str]:
    """The installed packages that some files import."""
    names = set().union(*(imports_of(code_of(path)) for path in paths))
    return {plain(package) for name in names for package in PACKAGES_OF_MODULE.get(name, [])} - {"mmr-toolkit"}


@pytest.mark.slow
def test_every_dependency_is_imported_or_has_a_reason():
    imported = imported_packages(PYTHON_FILES + NOTEBOOKS)
    reasons = {plain(name) for name in PROJECT["tool"]["mmr-toolkit"]["not-imported"]}
    everything = declared(*PROJECT["project"]["optional-dependencies"])
    assert everything - imported == reasons, "say in [tool.mmr-toolkit.not-imported] why a package is there, or drop it"


@pytest.mark.slow
def test_every_import_is_declared():
    assert imported_packages(PACKAGE + NOTEBOOKS) <= declared()
    checkpoint = plain((ROOT / "tests" / "checkpoint.lock").read_text(encoding="utf-8"))
    assert imported_packages(PYTHON_FILES) <= declared(*LOCKED_EXTRAS) | {checkpoint}


def licences(package: Distribution) -> str:
    """What a package says of its licence, in the three places where it may."""
    said = package.metadata
    classifiers = [line for line in said.get_all("Classifier") or [] if line.startswith("License")]
    return " | ".join([said.get("License-Expression") or "", (said.get("License") or "")[:200], *classifiers])


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("GPL-2.0-only", True),
        ("GPLv3+", True),
        ("AGPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("LGPL-2.1-only", False),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MIT | License :: OSI Approved :: MIT License", False),
    ],
)
def test_the_lesser_licence_is_told_from_the_strict_one(said, asks):
    assert bool(STRICT.search(said)) == asks


def test_no_package_asks_that_code_which_imports_it_be_published():
    """The GPL would; the lesser one does not. codespell is a program of `make lint`, which nothing imports."""
    installed = {plain(package.metadata["Name"]): licences(package) for package in distributions()}
    asking = {name for name in locked() if STRICT.search(installed.get(name, ""))}
    assert asking == {"codespell"}
    assert "codespell" not in imported_packages(PYTHON_FILES)
