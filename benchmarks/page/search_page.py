"""How fast is the search page, alone and with twenty visitors, and what do a thousand bad files do to it?

    python benchmarks/page/search_page.py                    everything, on the built-in shop
    python benchmarks/page/search_page.py start searches     some of: start, searches, visitors, malformed
    python benchmarks/page/search_page.py --command "mmr serve my_photos"

A server of its own is started and ended for this. "Server" is the time that the function of the page takes in the
server, "waited" what a visitor waits, with uploading, queueing and the way there and back. With twenty visitors each
asks the next question as soon as the last is answered, which no person does; they run on the same machine.
"""

import argparse
import os
import shlex
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np

from malformed_files import MALFORMED
from page_server import Server, running
from page_visitor import PageVisitor, Question, Reply, questions

SERVE = f"{shlex.quote(sys.executable)} -m mmr_toolkit serve"
VISITORS = 20
EACH = 100  # bad files of one visitor, who may send 250 MB in ten minutes, and each file counts a quarter of one


def shown(name: str, seconds: list[float], *more: object) -> None:
    """A line: how many, median, 95th percentile and longest, in milliseconds."""
    in_order = [1000 * value for value in sorted(seconds)]
    p95 = in_order[min(len(in_order) - 1, int(np.ceil(0.95 * len(in_order))) - 1)]
    print(f"{name:<26}{len(in_order):>6}{statistics.median(in_order):>9.0f}{p95:>9.0f}{in_order[-1]:>9.0f}", *more)


def header(title: str) -> None:
    """The heading of a table, with the load of the machine."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"\n{title}   (load average {load:.1f} on {os.cpu_count()} cores)")


def measure_start(command: str) -> None:
    """Seconds from the command to the first result, twice: the second time all caches are warm."""
    header("From the command to the first result, s   (target: 10 with warm caches)")
    for run in ("first time", "second time"):
        with running(command) as server:
            reply = PageVisitor(server.address).ask(text="红酒")
            work, first = server.process.cpu_times(), server.seconds + reply.waited
            print(f"{run:<26} page {server.seconds:.1f}   first result {first:.1f}", end="   ")
            print(f"seconds of a processor {work.user + work.system:.1f}")


def measure_searches(server: Server, n: int) -> None:
    """One visitor, one question after the other."""
    header("One visitor, ms   (target: median in the server 50 for text, 150 for a photo)")
    print(f"{'':<26}{'n':>6}{'median':>9}{'p95':>9}{'longest':>9}")
    visitor = PageVisitor(server.address)
    for name, asked in questions(n).items():
        replies = [visitor.ask(**question) for question in asked[:n]]
        bad = Counter(reply.sentence for reply in replies if reply.sentence is not None)
        shown(f"{name}, server", [reply.worked for reply in replies], dict(bad) or "")
        shown(f"{name}, waited", [reply.waited for reply in replies])


def measure_visitors(server: Server, each: int) -> None:
    """Twenty visitors at the same time, each with several questions."""
    header(f"{VISITORS} visitors at once, ms waited   (target: none fails, p95 1500)")
    print(f"{'':<26}{'n':>6}{'median':>9}{'p95':>9}{'longest':>9} failed  answers/s")
    for name, asked in questions(VISITORS).items():
        visitors, together = [PageVisitor(server.address) for _ in range(VISITORS)], threading.Barrier(VISITORS + 1)
        replies: list[Reply] = []
        failed: list[str] = []

        def visit(number: int, visitor: PageVisitor, asked: list[Question] = asked,
                  together: threading.Barrier = together,
                  replies: list[Reply] = replies, failed: list[str] = failed) -> None:  # fmt: skip
            together.wait()
            for turn in range(each):
                try:
                    replies.append(visitor.ask(**asked[(number + turn * VISITORS) % len(asked)]))
                except (httpx.HTTPError, RuntimeError) as error:
                    failed.append(str(error))

        threads = [threading.Thread(target=visit, args=pair) for pair in enumerate(visitors)]
        for thread in threads:
            thread.start()
        together.wait()
        start = time.perf_counter()
        for thread in threads:
            thread.join()
        rate = len(replies) / (time.perf_counter() - start)
        failed += [reply.sentence for reply in replies if reply.sentence is not None]
        shown(name, [reply.waited for reply in replies], f"{len(failed):>6}{rate:>11.1f}", dict(Counter(failed)) or "")


def measure_malformed(server: Server, n: int) -> None:
    """Bad files, one after the other; every hundredth question is a good one, which must be answered."""
    header(f"{n} malformed uploads   (target: no crash, no growing memory, no file left)")
    rng = np.random.default_rng(0)
    said: dict[str, Counter[str]] = {kind: Counter() for kind in MALFORMED}
    memory, slowest, before = [server.memory], 0.0, server.uploads
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(n):
            if number % EACH == 0:
                visitor = PageVisitor(server.address)
            kind = list(MALFORMED)[number % len(MALFORMED)]
            field, name, make = MALFORMED[kind]
            path = Path(temporary) / name
            path.write_bytes(make(rng))
            reply = visitor.ask(image=path) if field == "image" else visitor.ask(audio=path)
            answer = "read all the same" if reply.sentence is None else reply.sentence.partition(";")[0] or "no words"
            said[kind][answer] += 1
            slowest = max(slowest, reply.waited)
            if number % EACH == EACH - 1:
                memory.append(server.memory)
                if not visitor.ask(text="红酒").hits:
                    raise SystemExit(f"after {number + 1} bad files a good question was not answered")
    for kind, answers in said.items():
        print(f"{kind:<30}", "; ".join(f"{count} x {answer}" for answer, count in answers.most_common()))
    later = memory[len(memory) // 2 :]
    slope = np.polyfit(range(len(later)), later, 1)[0] * 10 if len(later) > 1 else float("nan")
    print(f"memory, MiB, every 100 files: {' '.join(f'{value:.0f}' for value in memory)}")
    print(f"slope of the second half: {slope:+.1f} MiB per 1,000 files; slowest answer {slowest:.2f} s")
    read = sum(answers["read all the same"] for answers in said.values())
    left = server.uploads - before
    print(f"more files in the folder for uploads: {left}; the {read} that could be read stay for 10 minutes")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=["start", "searches", "visitors", "malformed"])
    parser.add_argument("--command", default=SERVE, help="what starts the server")
    parser.add_argument("--n", type=int, default=100, help="questions of each kind by one visitor")
    parser.add_argument("--each", type=int, default=10, help="questions of each of the twenty visitors")
    parser.add_argument("--files", type=int, default=1000, help="malformed files")
    arguments = parser.parse_args()
    if "start" in arguments.what:
        measure_start(arguments.command)
    if set(arguments.what) - {"start"}:
        with running(arguments.command) as server:
            if "searches" in arguments.what:
                measure_searches(server, arguments.n)
            if "visitors" in arguments.what:
                measure_visitors(server, arguments.each)
            if "malformed" in arguments.what:
                measure_malformed(server, arguments.files)


if __name__ == "__main__":
    main()
