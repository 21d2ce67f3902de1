"""Set up `.venv` with everything the lessons and the tests need.

    python3 tools/set_up.py          the packages of requirements.lock, each checked against its hash
    python3 tools/set_up.py --cpu    small CPU build of torch (Linux without a GPU); outside the hash lock

`make lab` and `make test` call this file; on Windows it is called by hand. It uses the standard library only, since
nothing else is there yet, and runs on old Pythons far enough to say which one is needed.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST, NEWEST = (3, 11), (3, 13)

# JupyterLab asks on its first start whether it may fetch news; a class of thirty need not answer that.
LAB_SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


def check_python(version):
    """Stop with a sentence that helps when this Python is too old or too new for the locked packages."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return
    sys.exit(
        f"This is Python {version[0]}.{version[1]}, but the locked packages need 3.11, 3.12 or 3.13.\n"
        "Name another one:   make lab PYTHON=python3.13\n"
        "or, without make:   python3.13 tools/set_up.py\n"
        "or take it from conda, see README.md."
    )


def venv_python(venv):
    """The interpreter inside the environment `venv`, which Windows keeps elsewhere."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def run(*command):
    """Show a command and run it; stop here if it fails."""
    print("$", " ".join(str(part) for part in command), flush=True)
    done = subprocess.run([str(part) for part in command], cwd=str(ROOT))
    if done.returncode:
        sys.exit(done.returncode)


def make_venv(venv):
    """Create the environment unless it is there; without Debian's package python3-venv it gets no pip of its own."""
    python = venv_python(venv)
    if python.exists():
        version = subprocess.check_output([str(python), "-c", "import sys; print(list(sys.version_info[:2]))"])
        check_python(json.loads(version.decode()))
        return
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        run(sys.executable, "-m", "venv", "--clear", "--without-pip", venv)
    else:
        run(sys.executable, "-m", "venv", "--clear", venv)


def pip_for(venv):
    """The command that installs into the environment: its own pip, or the one outside where it has none."""
    python = venv_python(venv)
    has_pip = subprocess.call([str(python), "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    return [python, "-m", "pip"] if has_pip else [sys.executable, "-m", "pip", "--python", python]


def install(venv, cpu):
    """uv from its own small lock (it installs 200 packages in a fraction of pip's time), then all the rest."""
    run(*pip_for(venv), "install", "--quiet", "--require-hashes", "-r", "tools/bootstrap.lock")
    python = venv_python(venv)
    # Compiled now, by all cores: otherwise the first search does it, and where Python may not write, each start anew.
    uv_install = [python, "-m", "uv", "pip", "install", "--compile-bytecode", "--python", python]
    if cpu:
        # The CPU wheels come from torch's own index and have other hashes; the versions still follow the lock.
        uv_install += ["--torch-backend=cpu", "--no-verify-hashes", "-c", "requirements.lock"]
        run(*uv_install, "-e", ".[scale,dev,benchmarks,make-data]")
    else:
        run(*uv_install, "--require-hashes", "-r", "requirements.lock")
        run(*uv_install, "--no-deps", "--no-build-isolation", "-e", ".")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", action="store_true", help="small CPU build of torch, outside the hash lock")
    arguments = parser.parse_args()

    check_python(sys.version_info)
    make_venv(VENV)
    stamp = VENV / ".installed"  # make looks at its date; its text says which build of torch to stay with
    cpu = arguments.cpu or (stamp.exists() and stamp.read_text(encoding="utf-8") == "cpu")
    install(VENV, cpu)

    settings = VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(LAB_SETTINGS, indent=2) + "\n", encoding="utf-8")
    stamp.write_text("cpu" if cpu else "lock", encoding="utf-8")


if __name__ == "__main__":
    main()
