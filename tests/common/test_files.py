"""Files that are there whole or not at all, and what killed writers have left."""

import subprocess
import sys
import threading

import pytest

from mmr_toolkit.common import files
from mmr_toolkit.common.files import absolute, sweep_unfinished, write_whole

KILLED = """
import os, signal, sys
from pathlib import Path
from mmr_toolkit.common import files
os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
files.write_whole(Path(sys.argv[1]), b"new")
"""


def test_a_file_is_replaced_as_a_whole_and_nothing_else_is_left(tmp_path):
    write_whole(tmp_path / "a", b"old")
    write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_what_a_killed_writer_left_is_swept_and_the_old_file_stays(tmp_path):
    write_whole(tmp_path / "a", b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "a")], check=False)
    assert done.returncode == -9
    assert len(list(tmp_path.glob("unfinished-*"))) == 1
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "unfinished-folder").mkdir()
    sweep_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "notes.txt", "unfinished-folder"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_what_is_being_written_is_not_swept(tmp_path, monkeypatch):
    sweep = threading.Thread(target=sweep_unfinished, args=[tmp_path])
    fsync = files.os.fsync

    def sweep_meanwhile(number):
        fsync(number)
        sweep.start()
        sweep.join()

    monkeypatch.setattr(files.os, "fsync", sweep_meanwhile)
    write_whole(tmp_path / "a", b"new")
    assert sweep.ident is not None
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_file_that_is_swept_before_it_is_held_is_begun_anew(tmp_path, monkeypatch):
    hold, swept = files.hold, []

    def sweep_first(number, path):
        if not swept:
            sweep_unfinished(tmp_path)
            swept.append(path)
        return hold(number, path)

    monkeypatch.setattr(files, "hold", sweep_first)
    write_whole(tmp_path / "a", b"new")
    assert not swept[0].exists()
    assert (tmp_path / "a").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_relative_path_in_a_folder_that_was_removed_is_refused_in_words(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(FileNotFoundError, match="a.csv is seen from the folder .* go to another folder"):
        absolute("a.csv")
    assert absolute(tmp_path / "a.csv") == tmp_path / "a.csv"
