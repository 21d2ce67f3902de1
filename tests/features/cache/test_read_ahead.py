"""Reading ahead: the same parts for any number of workers, a bound on what waits, no thread left behind."""

import os
import threading
from concurrent.futures import Future
from contextlib import closing

import numpy as np
import pytest
import soundfile
from PIL import Image

from mmr_toolkit.features.cache import read_ahead as module
from mmr_toolkit.features.cache.read_ahead import READERS, read_ahead, read_part
from small_catalogue import small_catalogue


@pytest.fixture
def pictures(tmp_path):
    """Thirty small pictures, all different, and two files that are none."""
    paths = [tmp_path / f"{i}.png" for i in range(30)]
    for i, path in enumerate(paths):
        Image.new("RGB", (4, 4), (8 * i, 0, 0)).save(path)
    (tmp_path / "note.png").write_text("not a picture", encoding="utf-8")
    return [*paths[:10], tmp_path / "note.png", *paths[10:20], tmp_path / "away.png", *paths[20:]]


def plain(part):
    """What can be compared of a part."""
    return None if part.value is None else part.value.tobytes(), part.reason, part.lasting


def workers_alive():
    return [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]


# What is read


def test_every_number_of_workers_reads_the_same_parts_in_order(pictures):
    expected = [plain(read_part(path, "image")) for path in pictures]
    for workers in (None, 0, 2):
        batches = list(read_ahead(pictures, "image", batch_size=5, workers=workers))
        assert [len(batch) for batch in batches] == [5, 5, 5, 5, 5, 5, 2]
        assert [plain(part) for batch in batches for part in batch] == expected
    assert workers_alive() == []


def test_reasons_say_whether_the_file_is_to_blame(pictures, monkeypatch):
    damaged, away = read_part(pictures[10], "image"), read_part(pictures[21], "image")
    assert (damaged.value, damaged.lasting) == (None, True)
    assert damaged.reason.startswith("not a picture")
    assert away == (None, "there is no file away.png", False)

    def not_allowed(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setitem(READERS, "image", not_allowed)
    assert read_part(pictures[0], "image") == (None, "0.png: Permission denied", False)


def test_texts_and_sounds_are_read_too(tmp_path):
    catalogue = small_catalogue(tmp_path)
    (batch,) = read_ahead(["red wine", "红酒"], "text")
    assert [part.value for part in batch] == ["red wine", "红酒"]
    (batch,) = read_ahead([catalogue.values("audio")[0]], "audio")
    samples, _ = soundfile.read(catalogue.values("audio")[0], dtype="float32")
    np.testing.assert_array_equal(batch[0].value, samples)


def test_nothing_to_read():
    assert list(read_ahead([], "image")) == []
    assert list(read_ahead([], "image", workers=2)) == []


# How much is read ahead


@pytest.fixture
def reads(monkeypatch):
    """The values that have been read, with reading replaced by waiting 0 seconds for 12 bytes."""
    done = []

    def read(value):
        done.append(value)
        return np.zeros(3, np.float32)

    monkeypatch.setitem(READERS, "image", read)
    return done


@pytest.fixture
def eager_pool(monkeypatch):
    """A pool of workers that read at once whatever they are asked for: the worst case for memory."""

    class Pool:
        def __init__(self, workers, **options):
            pass

        def submit(self, function, *arguments):
            future = Future()
            future.set_result(function(*arguments))
            return future

        def shutdown(self, cancel_futures):
            pass

    monkeypatch.setattr(module, "ThreadPoolExecutor", Pool)


def test_without_workers_a_batch_is_read_when_it_is_asked_for(reads):
    with closing(read_ahead(range(100), "image", batch_size=10, workers=0)) as batches:
        for n in (10, 20, 30):
            next(batches)
            assert len(reads) == n


def test_with_workers_at_most_two_batches_are_read_ahead(reads, eager_pool):
    with closing(read_ahead(range(100), "image", batch_size=10, workers=2)) as batches:
        ahead = [len(reads) - 10 * n for n, _ in enumerate(batches, 1)]
    assert ahead == [19, 19, 19, 19, 19, 19, 19, 19, 10, 0]
    assert reads == list(range(100))


def test_large_parts_make_small_batches_and_a_short_look_ahead(reads, eager_pool, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 50)  # four parts of 12 bytes fit in, and a fifth exceeds it
    monkeypatch.setattr(module, "PHOTO_BYTES", 25)
    sizes = []
    with closing(read_ahead(range(23), "image", batch_size=10, workers=2)) as batches:
        for batch in batches:
            sizes.append(len(batch))
            assert len(reads) - sum(sizes) <= 4
    assert sizes == [5, 5, 5, 5, 3]


def test_a_part_larger_than_all_that_may_be_held_is_read_alone(reads, eager_pool, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 5)
    assert [len(batch) for batch in read_ahead(range(4), "image", workers=2)] == [1, 1, 1, 1]


def test_texts_and_a_single_core_need_no_workers(reads, monkeypatch):
    monkeypatch.setattr(module, "ThreadPoolExecutor", None)  # asking for threads would be an error
    assert len(list(read_ahead(["red"] * 3, "text", batch_size=1))) == 3
    for cores in (1, None):  # None: nobody knows
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert len(list(read_ahead(range(3), "image", batch_size=1))) == 3


# How it ends


def test_closing_early_ends_the_workers(pictures):
    with closing(read_ahead(pictures * 20, "image", batch_size=4, workers=1)) as batches:
        next(batches)
        assert len(workers_alive()) == 1
    assert workers_alive() == []


def test_an_error_that_is_no_fault_of_a_file_ends_the_reading(pictures, monkeypatch):
    def broken(path):
        raise MemoryError

    monkeypatch.setitem(READERS, "image", broken)
    with pytest.raises(MemoryError):
        list(read_ahead(pictures, "image", workers=2))
    assert workers_alive() == []
