"""Thirty visitors search while items come and go: does any request fail, and does the memory of the server stay?

    python benchmarks/page/many_visitors.py                     both, on the built-in shop
    python benchmarks/page/many_visitors.py --requests 300 --memory 0
    python benchmarks/page/many_visitors.py --still             the same while all items stay
    python benchmarks/page/many_visitors.py --serve             the server alone, whose items come and go

The server removes some items and adds them again, a few times a second, until it ends. All visitors and the server run
on the same machine.
"""

import argparse
import shlex
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np

from mmr_toolkit.app.server.server import serve
from mmr_toolkit.retrieval.cached import cached_retriever
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.shop.data import cornershop
from page_server import Server, running
from page_visitor import K, PageVisitor, Question, questions

VISITORS = 30
COMING_AND_GOING = 60  # items
PAUSE = 0.3  # seconds between two changes
LOOK_EVERY = 50  # requests between two looks at the memory
WARM_UP = 500  # requests that are not counted for the slope


def change_items(retriever: Retriever, ended: threading.Event) -> None:
    """Remove some items and add them again, until the event; says how often at the end."""
    rng, changes = np.random.default_rng(0), 0
    while not ended.wait(PAUSE):
        chosen = retriever.catalogue.subset(rng.permutation(len(retriever.catalogue))[:COMING_AND_GOING])
        retriever.remove(chosen.ids)
        ended.wait(PAUSE)
        retriever.add(chosen)
        changes += 2
    print(f"{changes} times items were removed or added", flush=True)


def serve_shop(changes: bool) -> None:
    """A search page of the shop, whose items come and go if there are changes."""
    retriever, ended = cached_retriever(cornershop()), threading.Event()
    if not changes:
        ended.set()
    changing = threading.Thread(target=change_items, args=(retriever, ended))
    changing.start()
    try:
        serve({"concatenation, untrained": retriever}, say=lambda words: print(words, flush=True))
    finally:
        ended.set()
        changing.join()


def ask_all(server: Server, asked: list[Question]) -> list[str]:
    """All questions, spread over the visitors, who ask at the same time; what was wrong, one line for each."""

    def visit(share: list[Question]) -> list[str]:
        visitor, wrong = PageVisitor(server.address), []
        for question in share:
            try:
                reply = visitor.ask(**question)
            except (httpx.HTTPError, RuntimeError) as error:
                wrong.append(f"{type(error).__name__}: {error}")
                continue
            if reply.sentence is not None or len(set(reply.hits)) != K:
                wrong.append(reply.sentence or f"{len(set(reply.hits))} hits instead of {K}")
        return wrong

    with ThreadPoolExecutor(VISITORS) as pool:
        found = pool.map(visit, [asked[number::VISITORS] for number in range(VISITORS)])
        return [line for lines in found for line in lines]


def repeated(n: int) -> list[Question]:
    """n questions of all kinds."""
    mixed = questions(100)["mixed"]
    return [mixed[number % len(mixed)] for number in range(n)]


def measure_failures(server: Server, n: int) -> None:
    """How many of n requests fail."""
    start = time.perf_counter()
    wrong = ask_all(server, repeated(n))
    seconds = time.perf_counter() - start
    print(f"{VISITORS} visitors, {n} requests in {seconds:.0f} s: {len(wrong)} failed {dict(Counter(wrong)) or ''}")


def measure_memory(server: Server, n: int) -> None:
    """The slope of the memory over n requests, after the first ones."""
    memory, wrong = [server.memory], 0
    for start in range(0, n, LOOK_EVERY):
        wrong += len(ask_all(server, repeated(n)[start : start + LOOK_EVERY]))
        memory.append(server.memory)
    counted = memory[WARM_UP // LOOK_EVERY :]
    slope = np.polyfit(np.arange(len(counted)) * LOOK_EVERY / 1000, counted, 1)[0] if len(counted) > 1 else float("nan")
    print(f"memory, MiB, every {LOOK_EVERY} requests: {' '.join(f'{value:.0f}' for value in memory)}")
    print(f"slope after {WARM_UP} requests: {slope:+.1f} MiB per 1,000 (target: at most +5); {wrong} failed")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="store_true", help="start the server alone")
    parser.add_argument("--still", action="store_true", help="no items come and go")
    parser.add_argument("--requests", type=int, default=300, help="of which none must fail")
    parser.add_argument("--memory", type=int, default=2000, help="requests over which the memory is looked at")
    arguments = parser.parse_args()
    if arguments.serve:
        serve_shop(not arguments.still)
        return
    still = " --still" * arguments.still
    with running(f"{shlex.quote(sys.executable)} {shlex.quote(__file__)} --serve{still}") as server:
        if arguments.requests:
            measure_failures(server, arguments.requests)
        if arguments.memory:
            measure_memory(server, arguments.memory)


if __name__ == "__main__":
    main()
