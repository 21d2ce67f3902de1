"""Random numbers from a seed, without touching the generator that the rest of a program shares."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, torch draws from this seed, layers and dropout included; afterwards as if nothing had been drawn.

    Example:
        >>> with seeded(0):
        ...     first = torch.rand(2)
        >>> with seeded(0):
        ...     assert torch.equal(torch.rand(2), first)
    """
    gpus = range(torch.cuda.device_count())  # all of them, in so many words: torch warns when it has to guess that
    with torch.random.fork_rng(devices=gpus):
        torch.manual_seed(seed)
        yield
