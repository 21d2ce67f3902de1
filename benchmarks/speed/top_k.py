"""How fast is the exact search? `top_k` beside FAISS's flat search, with as many threads, in turns.

    python benchmarks/speed/top_k.py
    python benchmarks/speed/top_k.py --items 10000 --repeats 21

FAISS searches in float32 and breaks ties as they come; `top_k` gives the ranking of float64 with ties by position.
Building FAISS's index and bringing its vectors to length one for the cosine are not counted. Seconds grow and shrink
with whatever else the machine does, so the two take turns, and the ratio is given of the medians and of the shortest.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import faiss
import numpy as np
import pandas as pd
import torch

from mmr_toolkit.similarity.exact_search import top_k
from mmr_toolkit.similarity.measures import SIMILARITIES


def flat_search(queries: np.ndarray, items: np.ndarray, k: int, similarity: str) -> Callable[[], object]:
    """FAISS's exact search for that measure, ready to run."""
    if similarity == "cosine":
        queries, items = queries.copy(), items.copy()
        faiss.normalize_L2(queries)
        faiss.normalize_L2(items)
    dimensions = items.shape[1]
    index = faiss.IndexFlatL2(dimensions) if similarity == "euclidean" else faiss.IndexFlatIP(dimensions)
    index.add(items)
    return lambda: index.search(queries, k)


def seconds_in_turns(functions: list[Callable[[], object]], repeats: int) -> list[list[float]]:
    """Seconds of each function, `repeats` times, one after the other; a first round warms up and is not counted."""
    seconds: list[list[float]] = [[] for _ in functions]
    for _ in range(repeats + 1):
        for function, taken in zip(functions, seconds, strict=True):
            start = time.perf_counter()
            function()
            taken.append(time.perf_counter() - start)
    return [taken[1:] for taken in seconds]


def main() -> None:
    """Measure what the command line asks for and print the table."""
    parser = argparse.ArgumentParser(description="The exact search beside FAISS's.")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--dimensions", type=int, default=256)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(torch.get_num_threads())
    rng = np.random.default_rng(0)
    items = rng.standard_normal((arguments.items, arguments.dimensions), dtype=np.float32)
    queries = rng.standard_normal((arguments.queries, arguments.dimensions), dtype=np.float32)
    rows = {}
    for similarity in SIMILARITIES:
        theirs = flat_search(queries, items, arguments.k, similarity)
        ours = lambda similarity=similarity: top_k(queries, items, arguments.k, similarity)  # noqa: E731
        our_seconds, their_seconds = seconds_in_turns([ours, theirs], arguments.repeats)
        rows[similarity] = {
            "top_k, s": statistics.median(our_seconds),
            "FAISS, s": statistics.median(their_seconds),
            "ratio of medians": statistics.median(our_seconds) / statistics.median(their_seconds),
            "ratio of shortest": min(our_seconds) / min(their_seconds),
        }
    print(f"torch {torch.__version__}, FAISS {faiss.__version__}, {torch.get_num_threads()} threads")
    print(pd.DataFrame(rows).T.round(3))


if __name__ == "__main__":
    main()
