"""A search page in a process of its own, whose memory and uploads can be looked at."""

import os
import re
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from mmr_toolkit.app.uploads.folder import PREFIX


@dataclass(frozen=True)
class Server:
    """A running one: its address, process, the folder for its temporary files, and seconds to its first address."""

    address: str
    process: psutil.Process
    folder: Path
    seconds: float

    @property
    def memory(self) -> float:
        """Resident memory with all child processes, MiB."""
        return sum(one.memory_info().rss for one in [self.process, *self.process.children(recursive=True)]) / 2**20

    @property
    def uploads(self) -> int:
        """How many files lie in the folder for uploads."""
        return sum(path.is_file() for folder in self.folder.glob(f"{PREFIX}*") for path in folder.rglob("*"))


@contextmanager
def running(command: str) -> Iterator[Server]:
    """A server from its command, which prints the address, to its end."""
    found = None
    with tempfile.TemporaryDirectory() as temporary, tempfile.NamedTemporaryFile() as log:
        environment = {**os.environ, "TMPDIR": temporary, "PYTHONUNBUFFERED": "1"}
        start = time.perf_counter()
        process = subprocess.Popen(shlex.split(command), stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            while (found := re.search(r"http://[\w.\[\]:]+/", Path(log.name).read_text(encoding="utf-8"))) is None:
                if process.poll() is not None:
                    raise SystemExit(f"{command} ended:\n{Path(log.name).read_text(encoding='utf-8')}")
                time.sleep(0.02)
            seconds = time.perf_counter() - start
            yield Server(found.group(), psutil.Process(process.pid), Path(temporary), seconds)
        finally:
            process.terminate()
            process.wait()
        left = [path.name for path in Path(temporary).iterdir()]
        print(f"ended with exit code {process.returncode}; left in the folder: {', '.join(left) or 'nothing'}")
        print(Path(log.name).read_text(encoding="utf-8").partition(found.group() if found else "\0")[2].strip())
