"""Commands that are killed (kill -9) in the middle: is anything lost, does the next start go on, is anything left?

    python benchmarks/robustness/kill.py [--moments 20] [--seed 0]

Each command runs once without a kill on a small folder of its own making, and then again and again, each time from the
beginning, killed a little later each time. After each kill the same command runs to its end. Then

- what was kept before the kill must be there still, and not have been written anew;
- the result must be that of the run without a kill, without a word of damage;
- no file or folder may be left half written, hidden or locked.

The processes are forked from one that has loaded the libraries, so that a kill falls into the work and not into the
imports; this needs Linux or macOS.
"""

import argparse
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from PIL import Image

KINDS = ("extract", "train", "save", "serve")
RATE = 16_000  # Hz
PATIENCE = 300.0  # seconds that a command may take
WORDS = ("red", "blue", "wine", "tea", "can", "shirt", "红酒", "茶", "sweet", "warm", "small", "new")
DAMAGE = ("Traceback", "could not be used", "damaged", "cannot be kept")
PRELOADED = ["mmr_toolkit.app.server.server", "mmr_toolkit.shop.heads", "gensim.models.callbacks", "mmr_toolkit.cli"]


class Moment(NamedTuple):
    """One kill.

    Attributes:
        share: when, as a share of the time that the command takes.
        killed: False where the command had ended before.
        kept: files that were whole in the cache at that moment.
        faults: what was wrong afterwards, in words.
    """

    share: float
    killed: bool
    kept: int
    faults: list[str]


def make_items(folder: Path, n: int = 24) -> None:
    """A folder with n items of text, picture and sound, and a query of each kind for each item."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    items, queries = ["id,text,image_file_name,audio_file_name"], []
    for i in range(n):
        text = " ".join(rng.choice(WORDS, 6))
        Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(folder / f"{i}.png")
        soundfile.write(folder / f"{i}.wav", 0.3 * rng.standard_normal(RATE // 4), RATE)
        items.append(f"p{i},{text},{i}.png,{i}.wav")
        for split in ("train", "validation"):
            queries.append(f"{split}{i},p{i},{split},{text.rsplit(' ', 2)[0]},{i}.png,{i}.wav")
    (folder / "metadata.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    head = "query_id,product_id,split,text,image_file_name,audio_file_name"
    (folder / "queries.csv").write_text("\n".join([head, *queries]) + "\n", encoding="utf-8")


class Trial:
    """One kind of command in a folder of its own, with a cache, a place to save to and a temporary folder."""

    def __init__(self, kind: str, items: Path, folder: Path) -> None:
        self.kind, self.items, self.folder = kind, items, folder
        self.cache, self.temporary, self.heads = (folder / name for name in ("cache", "temporary", "heads"))
        self.head, self.log = self.heads / "head", folder / "log.txt"
        for place in (self.cache, self.temporary, self.heads):
            place.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def begin(self) -> BaseProcess:
        """Start the command; it has begun when this returns."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        begun, begins = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(self, begins))
        process.start()
        if not begun.poll(PATIENCE):
            raise TimeoutError(f"{self.kind} has not begun")
        begun.recv()
        return process

    def finish(self, process: BaseProcess) -> str:
        """Wait until the command has done its work; "" or what was wrong."""
        if self.kind == "serve":
            answered = _answers(f"http://127.0.0.1:{self.port}/", process)
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGINT)  # as Ctrl+C does
            process.join(PATIENCE)
            return "" if answered else f"the page does not answer: {self.said()}"
        process.join(PATIENCE)
        return "" if process.exitcode == 0 else f"exit code {process.exitcode}: {self.said()}"

    def said(self) -> str:
        """What the command wrote on the terminal."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def kept(self) -> dict[Path, int]:
        """The whole files of the cache, with the times when they were written; marks, which are empty, are left out."""
        files = [path for path in self.cache.rglob("*.*") if path.is_file() and not _is_unfinished(path, self.cache)]
        return {path: path.stat().st_mtime_ns for path in files}

    def left(self) -> list[str]:
        """What lies about half written, hidden or locked."""
        places = [path for place in (self.cache, self.heads, self.temporary) for path in place.rglob("*")]
        bad = [path for path in places if path.name.startswith((".", "unfinished", "mmr-uploads"))]
        return [path.relative_to(self.folder).as_posix() for path in bad]

    def result(self) -> object:
        """What the command has made, to be compared with that of another run."""
        from mmr_toolkit.retrieval import cached_vectors
        from mmr_toolkit.retrieval.retriever import Retriever

        if self.kind in ("train", "save"):
            hits = Retriever.load(self.head, media=self.items).search("red wine", k=5)
            return [(hit.id, round(hit.score, 5)) for hit in hits]
        kept = [(part.kind, part.folder.name, part.n_vectors) for part in cached_vectors(self.cache)]
        return sorted(one for one in kept if one[0] != "retriever")


def _is_unfinished(path: Path, root: Path) -> bool:
    return any(part.startswith((".", "unfinished")) for part in path.relative_to(root).parts)


def _work(trial: Trial, begins: "multiprocessing.connection.Connection") -> None:
    """In a process of its own: run the command, what it says going into the log."""
    log = os.open(trial.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ |= {"MMR_CACHE": str(trial.cache), "TMPDIR": str(trial.temporary)}
    tempfile.tempdir = None
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background inherits that it is ignored
    from mmr_toolkit.cli import app
    from mmr_toolkit.retrieval.retriever import Retriever

    begins.send("begun")
    items = str(trial.items)
    if trial.kind == "save":
        Retriever.load(trial.folder.parent / "template", media=trial.items).save(trial.head)
    elif trial.kind == "train":
        app(["train", items, "--queries", f"{items}/queries.csv", "--steps", "20", "--to", str(trial.head)])
    elif trial.kind == "serve":
        app(["serve", items, "--port", str(trial.port)])
    else:
        app([trial.kind, items])


def _answers(address: str, process: BaseProcess) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.is_alive():
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as page:
            return page.status == 200
        time.sleep(0.05)
    return False


def kill_at(kind: str, shares: Iterable[float], folder: Path) -> tuple[float, list[Moment]]:
    """Kill a command at several moments.

    Args:
        kind: one of `KINDS`.
        shares: the moments, as shares of the time that the command takes.
        folder: for all that is made; it is there and empty.

    Returns:
        The seconds that the command takes, and what was found at each moment.
    """
    items = folder / "items"
    make_items(items)
    if kind in ("save", "train"):  # an older one is there already
        template = Trial("train", items, folder / "first")
        if fault := template.finish(template.begin()):
            raise RuntimeError(fault)
        shutil.copytree(template.head, folder / "template")
    whole = Trial(kind, items, folder / "whole")
    process, start = whole.begin(), time.monotonic()
    fault = whole.finish(process)
    seconds = time.monotonic() - start
    if fault:
        raise RuntimeError(f"{kind} fails without a kill: {fault}")
    expected = whole.result()
    return seconds, [
        _kill_once(Trial(kind, items, folder / f"moment-{i}"), share, seconds, expected)
        for i, share in enumerate(shares)
    ]


def _kill_once(trial: Trial, share: float, seconds: float, expected: object) -> Moment:
    if trial.kind in ("save", "train"):
        shutil.copytree(trial.folder.parent / "template", trial.head)
    process = trial.begin()
    process.join(share * seconds)
    killed = process.is_alive()
    process.kill()
    process.join()
    faults = []
    if trial.kind in ("save", "train") and isinstance(found := _result(trial), Exception):
        faults.append(f"the older retriever is lost: {found}")
    kept = trial.kept()
    if fault := trial.finish(trial.begin()):
        faults.append(f"the next start: {fault}")
    said = trial.said()
    faults += [f"the next start says {word!r}: {said}" for word in DAMAGE if word in said]
    now = trial.kept()
    faults += [f"lost or written anew: {path.name}" for path, when in kept.items() if now.get(path) != when]
    faults += [f"left: {name}" for name in trial.left()]
    if (found := _result(trial)) != expected:
        faults.append(f"another result: {found} for {expected}")
    return Moment(share, killed, len(kept), faults)


def _result(trial: Trial) -> object:
    """The result, or the error that stands in its place."""
    try:
        return trial.result()
    except (OSError, ValueError) as error:
        return error


def main() -> None:
    """Print a table, and every fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument("--seed", type=int, default=0, help="moves the moments a little")
    options = parser.parse_args()
    shift = np.random.default_rng(options.seed).random()
    shares = [(i + shift) / options.moments for i in range(options.moments)]
    print(f"{'command':10} {'seconds':>8} {'kills':>6} {'files kept':>12} {'without a fault':>16}")
    for kind in options.kinds:
        with tempfile.TemporaryDirectory() as folder:
            seconds, moments = kill_at(kind, shares, Path(folder))
        kills = sum(moment.killed for moment in moments)
        kept = f"{min(moment.kept for moment in moments)} … {max(moment.kept for moment in moments)}"
        good = sum(not moment.faults for moment in moments)
        print(f"{kind:10} {seconds:8.1f} {kills:6} {kept:>12} {good:>10} of {len(moments)}", flush=True)
        for moment in moments:
            for fault in moment.faults:
                print(f"    at {moment.share:.0%}: {fault}", flush=True)


if __name__ == "__main__":
    main()
