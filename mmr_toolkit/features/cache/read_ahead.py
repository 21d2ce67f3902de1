"""Reading the parts of a catalogue ahead of the encoder that waits for them, in threads.

Threads are enough: Pillow and libsndfile let others run while they decode. Decoded pictures and sounds are large, so
only so many wait in memory, whatever the size of the catalogue.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from mmr_toolkit.catalogue.media import UnreadableMedia, read_audio, read_image

#: How a raw value of the catalogue (a text, a path) becomes what encoders take.
READERS: dict[str, Callable[[Any], Any]] = {"text": str, "image": read_image, "audio": read_audio}

MOST_WORKERS = 8
MOST_BYTES = 256_000_000  # decoded parts of one batch, and again of those that wait for their turn
PHOTO_BYTES = 36_000_000  # of 12 million pixels: what a part is taken to be before the first one has been read


class Part(NamedTuple):
    """One part of an item as it was read.

    value: what encoders take (str, PIL image, samples); None when it cannot be read.
    reason: why it cannot be read, else "".
    lasting: False when the file is not to blame but its surroundings (it is away, it may not be opened).
    """

    value: Any
    reason: str = ""
    lasting: bool = True


def read_part(value: Any, modality: str) -> Part:
    """Read one raw value (a text, a path); a damaged file is a `Part` with a reason, not an error."""
    try:
        return Part(READERS[modality](value))
    except UnreadableMedia as error:
        return Part(None, error.found)
    except OSError as error:
        return Part(None, why_unreachable(value, error), lasting=False)
    except ValueError as error:
        return Part(None, str(error))


def why_unreachable(path: str | os.PathLike[str], error: OSError) -> str:
    """Why a file cannot be opened, without the folders that it lies in."""
    name = Path(path).name
    return f"there is no file {name}" if isinstance(error, FileNotFoundError) else f"{name}: {error.strerror}"


def read_ahead(
    values: Sequence[Any], modality: str, *, batch_size: int = 64, workers: int | None = None
) -> Generator[list[Part], None, None]:
    """Read values batch by batch; while a batch is being used, threads read those that follow.

    A batch ends early when its parts fill `MOST_BYTES`. At most two batches are read ahead, and no more than about
    `MOST_BYTES`. The parts are the same for every number of workers. Close the iterator to end the threads early.

    Args:
        values: texts or paths.
        modality: how to read them, a key of `READERS`.
        batch_size: parts per batch, at least 1.
        workers: threads that read; 0: this one reads, when the next batch is asked for. None: one per core, and for
            texts 0.
    """
    if workers is None:
        cores = os.cpu_count() or 1
        workers = 0 if modality == "text" or cores == 1 else min(cores, MOST_WORKERS)
    with closing(_parts(values, modality, 2 * batch_size, workers)) as parts:
        yield from _in_batches(parts, batch_size)


def _parts(values: Iterable[Any], modality: str, ahead: int, workers: int) -> Generator[Part, None, None]:
    """The parts in order; at most `ahead` have been asked for and not yet been taken."""
    if workers == 0:
        yield from (read_part(value, modality) for value in values)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="read-ahead")
    waiting: deque[Future[Part]] = deque()
    size = PHOTO_BYTES
    try:
        for value in values:
            waiting.append(pool.submit(read_part, value, modality))
            while len(waiting) >= min(ahead, max(1, MOST_BYTES // max(1, size))):
                part = waiting.popleft().result()
                size = _n_bytes(part.value)
                yield part
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _in_batches(parts: Iterable[Part], size: int) -> Iterator[list[Part]]:
    batch: list[Part] = []
    held = 0
    for part in parts:
        batch.append(part)
        held += _n_bytes(part.value)
        if len(batch) == size or held >= MOST_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _n_bytes(value: Any) -> int:
    """Memory of a decoded picture or sound; a text counts nothing."""
    if isinstance(value, Image.Image):
        return 3 * value.width * value.height
    return value.nbytes if isinstance(value, np.ndarray) else 0
