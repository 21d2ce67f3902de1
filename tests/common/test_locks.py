"""Places that one process holds: others are refused, and a killed one holds nothing."""

import os
import threading
from pathlib import Path

import pytest

from mmr_toolkit.common import locks
from mmr_toolkit.common.locks import Busy, claimed
from other_process import held_by_another


def test_a_place_is_refused_while_another_process_holds_it_and_free_after_it_was_killed(tmp_path):
    place = tmp_path / "head"
    refused = "head is being written by another process .* wait until it has ended, or choose another place"
    with held_by_another(place), claimed(tmp_path / "head-2"), pytest.raises(Busy, match=refused), claimed(place):
        pass
    assert (tmp_path / ".head.lock").exists()  # left by the kill
    with claimed(place):
        pass
    assert list(tmp_path.iterdir()) == []


def test_another_thread_is_refused_and_the_same_one_may_claim_twice(tmp_path):
    found = []

    def try_it():
        try:
            with claimed(tmp_path / "head"):
                found.append("held")
        except Busy:
            found.append("busy")

    with claimed(tmp_path / "head"):
        with claimed(tmp_path / "there" / ".." / "head"):  # the same place, written otherwise
            assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [".head.lock"]
        other = threading.Thread(target=try_it)
        other.start()
        other.join()
    try_it()
    assert found == ["busy", "held"]


def test_folders_that_were_made_for_nothing_are_removed_and_no_others(tmp_path):
    with claimed(tmp_path / "a" / "b" / "head"):
        assert (tmp_path / "a" / "b").is_dir()
    assert list(tmp_path.iterdir()) == []
    with claimed(tmp_path / "a" / "b" / "head"):
        (tmp_path / "a" / "b" / "head").write_text("kept", encoding="utf-8")
    assert (tmp_path / "a" / "b" / "head").read_text(encoding="utf-8") == "kept"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["head"]


def test_a_lock_that_was_removed_in_the_last_moment_is_taken_anew(tmp_path, monkeypatch):
    """Its last owner removes the file after the next one has opened it: who locks what is gone holds nothing."""
    lock, try_lock = tmp_path / ".head.lock", locks.try_lock
    removed = []

    def remove_first(number):
        if not removed:
            removed.append(lock)
            lock.unlink()
        return try_lock(number)

    monkeypatch.setattr(locks, "try_lock", remove_first)
    with claimed(tmp_path / "head"):
        assert lock.exists()
        with pytest.raises(Busy):
            locks.hold(os.open(lock, os.O_RDWR), lock)
    assert removed


def test_nobody_claims_a_whole_disk(tmp_path):
    with (
        pytest.raises(ValueError, match="is a whole disk: choose a folder that is not there yet"),
        claimed(Path(tmp_path.anchor)),
    ):
        pass
