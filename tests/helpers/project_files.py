"""The files of the project, for the tests that look at all of them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = {".venv", ".git", "site", "reports", "__pycache__"}


def project_files() -> list[Path]:
    """What git tracks or would track; in a copy without git, every file outside the folders that are built."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        asked = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
        return [path for path in map(ROOT.joinpath, filter(None, asked.stdout.split("\0"))) if path.is_file()]
    except (FileNotFoundError, subprocess.CalledProcessError):
        return [path for path in ROOT.rglob("*") if path.is_file() and not BUILT & set(path.relative_to(ROOT).parts)]


def relative(path: Path) -> str:
    """A file's name from the repository's folder, the same on every system."""
    return path.relative_to(ROOT).as_posix()


FILES = project_files()
PYTHON_FILES = [path for path in FILES if path.suffix == ".py"]
NOTEBOOKS = [path for path in FILES if path.suffix == ".ipynb"]
PACKAGE = [path for path in PYTHON_FILES if relative(path).startswith("mmr_toolkit/")]
