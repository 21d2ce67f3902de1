"""Do the tests notice? Change the code in one place, run the tests of its room, and count what none of them notices.

    python tools/mutants.py --rooms fusion cache --sample 40 --seed 1

First the tests of a room run once as they are, and it is written down which of them enter which function, and how long
each takes. Then, for every mutant (tools/mutations.py), this process forks: libraries are loaded already, the package
is not, and one of its modules is loaded with the change in it. Of the tests those run that enter the changed function,
quick files first, until one fails. A change outside of all functions is looked for by all tests of the room. A mutant
that takes far longer than the tests took is killed too: an endless loop has been noticed.

Mutants that change nothing that anybody could notice stand in tools/mutants_allowed.toml, each with a reason.

Needs `os.fork`, so it does not run on Windows. Programs that a test starts have the code as it is, without the change.
"""

import argparse
import gc
import importlib.util
import json
import os
import random
import resource
import signal
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from hypothesis import Phase, settings

from mutations import Mutant, mutants_of, mutated

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = ROOT / "tools" / "mutants_allowed.toml"
GOAL = 0.95  # of the mutants of every room are killed
PATIENCE, FACTOR = 30.0, 6  # a mutant may take so many seconds, and so many times as long as the tests took
MEMORY = 12 * 1024**3  # bytes that a mutant may ask for
UNNOTICED = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
#: Room → its modules, and the tests that must notice.
ROOMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fusion": (("fusion/*.py",), ("fusion", "retrieval/test_shares.py")),
    "similarity": (("similarity/*.py",), ("similarity",)),
    "evaluation": (("evaluation/*.py",), ("evaluation",)),
    "training": (("training/*.py",), ("training",)),
    "cache": (
        ("features/cache/*.py", "retrieval/cache*.py"),
        ("features/cache", "features/test_extraction.py", "retrieval/test_cached.py", "cli/test_cli.py"),
    ),
    "saved": (("retrieval/saved/*.py", "common/files.py"), ("retrieval/saved", "retrieval/test_cached.py", "common")),
    "guard": (
        tuple(f"app/server/{name}.py" for name in ("guard", "callers", "routes", "tries", "body")),
        ("app/test_guard.py", "app/test_guard_at_work.py", "app/test_tries.py"),
    ),
    "uploads": (("app/uploads/*.py",), ("app/test_uploads.py", "app/test_guard_at_work.py", "app/test_server.py")),
}
#: Libraries that take long to load, loaded once.
LIBRARIES = ("torch", "torchvision", "torchaudio", "transformers", "scipy.signal", "pandas", "sklearn.linear_model")
LIBRARIES += ("matplotlib.pyplot", "soundfile", "PIL.Image", "optuna", "gradio", "httpx", "typer.testing")

Function = tuple[str, int]  # file and first line of a function; line 0 for all that is outside of functions


class Watch:
    """A plugin of pytest that writes down which test enters which function, and how long it takes."""

    def __init__(self) -> None:
        self.entered: dict[str, set[Function]] = {}
        self.seconds: dict[str, float] = {}
        self._now: set[Function] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        # What is set up may serve all tests of a file, so it counts for all of them.
        return (yield from self._into(item.nodeid.partition("::")[0]))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        return (yield from self._into(item.nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration

    def _into(self, name: str) -> Iterator[None]:
        self._now = self.entered.setdefault(name, set())
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        try:
            return (yield)
        finally:
            sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if "/mmr_toolkit/" in code.co_filename:
            self._now.add((code.co_filename.removeprefix(f"{ROOT}/"), code.co_firstlineno))


class Only:
    """A plugin of pytest that runs these tests, in this order."""

    def __init__(self, tests: list[str]) -> None:
        self.place = {test: place for place, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.place), key=lambda item: self.place[item.nodeid])


class Changed(SourceFileLoader):
    """Loads one module with a change in it."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        return compile(mutated(Path(self.path).read_text(encoding="utf-8"), self.mutant), self.path, "exec")


class Finder:
    """Hands out the changed module when it is imported, and leaves all others to Python."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        loader = Changed(name, str(ROOT / self.mutant.file))
        loader.mutant = self.mutant
        return importlib.util.spec_from_file_location(name, loader.path, loader=loader)


def run_tests(paths: list[str], plugin: object, *options: str) -> int:
    """Pytest's exit code: 0 when all pass."""
    settings.register_profile("mutants", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
    settings.load_profile("mutants")
    with tempfile.TemporaryDirectory() as folder:
        # Plugins that are installed but not asked for take seconds to load.
        quiet = ["-q", "--tb=short", "--disable-plugin-autoload", "-p", "no:cacheprovider"]
        quiet += ["--basetemp", f"{folder}/tests"]
        return int(pytest.main([*quiet, *options, *paths], plugins=[plugin]))


def forked(work: Callable[[], int], log: Path) -> int:
    """Begin work in a child of its own process group; it ends with the number that is returned. Gives its id."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        tempfile.tempdir = str(log.parent)  # what a child that is stopped leaves behind goes with that folder
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        os._exit(work())
    finally:
        os._exit(3)


def watched(tests: list[str], folder: Path) -> Watch:
    """Run the tests of a room as the code is.

    Raises:
        SystemExit: a test fails.
    """
    kept, log = folder / "watch.json", folder / "watch.log"

    def work() -> int:
        watch = Watch()
        code = run_tests(tests, watch)
        entered = {name: sorted(functions) for name, functions in watch.entered.items()}
        kept.write_text(json.dumps([entered, watch.seconds]), encoding="utf-8")
        return code

    if os.waitpid(forked(work, log), 0)[1] != 0:
        sys.exit(f"{log.read_text(encoding='utf-8')[-4000:]}\nThe tests fail without any change: mend that first.")
    watch = Watch()
    entered, watch.seconds = json.loads(kept.read_text(encoding="utf-8"))
    watch.entered = {name: {(file, line) for file, line in functions} for name, functions in entered.items()}
    return watch


def who_notices(mutant: Mutant, watch: Watch) -> list[str]:
    """The tests that enter the changed function, the files with little to do first."""
    place = (mutant.file, mutant.function)
    entering = {name for name, functions in watch.entered.items() if place in functions}
    file_of = {test: test.partition("::")[0] for test in watch.seconds}
    tests = [test for test, file in file_of.items() if not mutant.function or {test, file} & entering]
    work = Counter[str]()
    for test in tests:
        work[file_of[test]] += watch.seconds[test]
    return sorted(tests, key=lambda test: (work[file_of[test]], file_of[test], watch.seconds[test]))


def look_for(mutant: Mutant, tests: list[str]) -> int:
    """Run tests with a mutant, in a child: 0 when none of them notices."""
    if not tests:
        return 0
    sys.meta_path.insert(0, Finder(mutant))
    return run_tests(sorted({test.partition("::")[0] for test in tests}), Only(tests), "-x")


def survivors(mutants: list[Mutant], watch: Watch, folder: Path, jobs: int) -> Iterator[tuple[Mutant, bool]]:
    """Every mutant, in the order in which they end, and whether it survived."""
    waiting, running = list(mutants), dict[int, tuple[Mutant, float]]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                mutant = waiting.pop(0)
                tests = who_notices(mutant, watch)
                limit = PATIENCE + FACTOR * sum(watch.seconds[test] for test in tests)
                child = forked(lambda mutant=mutant, tests=tests: look_for(mutant, tests), folder / "mutant.log")
                running[child] = mutant, time.monotonic() + limit
            for child, (mutant, end) in list(running.items()):
                done, status = os.waitpid(child, os.WNOHANG)
                if done or time.monotonic() > end:
                    _stop(child)  # it, or what its tests have started
                    del running[child]
                    if not done:
                        os.waitpid(child, 0)
                    yield mutant, bool(done) and os.waitstatus_to_exitcode(status) in UNNOTICED
            time.sleep(0.02)
    finally:
        for child in running:
            _stop(child)


def _stop(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def allowed() -> dict[tuple[str, str, str], str]:
    """The mutants that nobody can notice, by file, line and change, with the reason."""
    entries: list[dict[str, Any]] = tomllib.loads(ALLOWED.read_text(encoding="utf-8"))["allowed"]
    return {(entry["file"], entry["line"], entry["change"]): entry["reason"] for entry in entries}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--sample", type=int, metavar="N", help="so many mutants of each room, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--only", default="", metavar="TEXT", help="mutants whose file, line or change holds this text")
    parser.add_argument("--list", action="store_true", help="list the mutants, run nothing")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()

    if not options.list:
        for library in LIBRARIES:
            importlib.import_module(library)
        gc.freeze()  # a child that collects garbage need not look at what is loaded
    reasons, table, good = allowed(), [], True
    for room in options.rooms:
        modules, tests = ROOMS[room]
        files = sorted(path for module in modules for path in (ROOT / "mmr_toolkit").glob(module))
        mutants = [mutant for path in files for mutant in mutants_of(ROOT, path.relative_to(ROOT).as_posix())]
        known = {mutant.key for mutant in mutants}
        for file, line, change in reasons:
            if (ROOT / file) in files and (file, line, change) not in known:
                print(f"{ALLOWED.name}: nothing matches {file}: {line}: {change}")
                good = False
        chosen = [mutant for mutant in mutants if any(options.only in text for text in mutant.key)]
        if options.sample is not None:
            chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
        if options.list:
            print("\n".join(f"{m.file}:{m.number}: {m.line}: {m.change}" for m in chosen))
            continue
        looked_for = [mutant for mutant in chosen if mutant.key not in reasons]
        with tempfile.TemporaryDirectory() as folder:
            watch = watched([f"tests/{name}" for name in tests], Path(folder))
            alive = 0
            for mutant, survived in survivors(looked_for, watch, Path(folder), options.jobs):
                if survived:
                    alive += 1
                    print(f"survived: {mutant.file}:{mutant.number}: {mutant.line}: {mutant.change}", flush=True)
        killed = len(looked_for) - alive
        table.append((room, len(chosen), killed, alive, len(chosen) - len(looked_for)))
        good &= killed >= GOAL * len(looked_for)
        print("{}: {} mutants, {} killed, {} survived, {} allowed".format(*table[-1]), flush=True)
    if table:
        print(f"\n{'room':<12}{'mutants':>9}{'killed':>9}{'survived':>9}{'allowed':>9}{'':>4}share")
        for room, total, killed, alive, free in table:
            print(f"{room:<12}{total:>9}{killed:>9}{alive:>9}{free:>9}{killed / max(total - free, 1):>9.1%}")
    return 0 if good else 1


if __name__ == "__main__":
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
