"""Places and numbers that cannot be are said before the work; paths hold when the working folder changes."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from cli_runner import one_sentence, run, small_shop_in
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import absolute
from mmr_toolkit.common.quoting import cut, listed, quoted
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved.folder import check_place
from mmr_toolkit.training.recipe import Recipe
from patience import PATIENCE
from small_catalogue import features_of, small_catalogue, small_encoders


@pytest.mark.parametrize("name", ["metadata.csv", "wine-red.png"])
def test_a_file_in_the_place_of_its_folder_names_the_folder(tmp_path, name):
    small_catalogue(tmp_path)
    said = one_sentence(run("doctor", tmp_path / name))
    assert f"{name} is a file; expected a folder with metadata.csv in it. It stands in {tmp_path}: give that" in said


def test_a_working_folder_that_changes_loses_no_picture(tmp_path, monkeypatch):
    (tmp_path / "shop").mkdir()
    (tmp_path / "other").mkdir()
    small_catalogue(tmp_path / "shop")
    monkeypatch.chdir(tmp_path)
    catalogue = Catalogue.from_folder("shop")
    encoders = small_encoders()
    retriever = Retriever(catalogue, encoders, features_of(catalogue, encoders))
    retriever.save("head")
    loaded = Retriever.load("head", media="shop", encoders=encoders)
    monkeypatch.chdir(tmp_path / "other")
    assert all(path.is_file() for path in catalogue.values("image") if path is not None)
    assert all(path.is_file() for path in loaded.catalogue.values("audio") if path is not None)
    assert (catalogue.doctor()["severity"] != "fault").all()
    (tmp_path / "other").rmdir()
    assert (catalogue.doctor()["severity"] != "fault").all()
    with pytest.raises(FileNotFoundError, match="shop is seen from the folder in which the program runs, and that has"):
        absolute("shop")


def test_the_place_to_save_is_never_the_working_folder_a_file_or_the_whole_disk(tmp_path, monkeypatch):
    (tmp_path / "here" / "below").mkdir(parents=True)
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path / "here" / "below")
    for place, sentence in [
        (absolute("."), "is the folder in which the program runs, or around it: choose"),
        (tmp_path / "here", "or around it: choose a folder that is not there yet"),
        (absolute("/"), "or around it"),
        (tmp_path / "file", "is a file, expected a folder"),
        (tmp_path / "file" / "head", "file is a file, in which no folder can be"),
        (tmp_path / "link", "is a link that leads nowhere"),
        (absolute("/usr"), r"holds something else than a saved retriever \(.* and \d+ more\)"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            check_place(place)
    check_place(tmp_path / "new" / "head")


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (".", "--html .: that is a folder; give the name of a file in it"),
        ("nowhere/x.html", "there is no folder nowhere; make it first"),
        ("/dev/null", "that is a pipe or a device; give the name of a file"),
        ("x" * 5000, "no file can have this name"),
    ],
)
def test_a_page_that_cannot_be_written_is_said_before_the_search(tmp_path, monkeypatch, place, sentence):
    small_shop_in(tmp_path, monkeypatch)
    monkeypatch.setattr(Retriever, "search", lambda *_, **__: pytest.fail("it was searched first"))
    said = one_sentence(run("search", tmp_path, "--text", "red wine", "--html", place))
    assert sentence in said
    assert len(said) < 500


@pytest.mark.parametrize(("name", "value"), [("seed", 10**20), ("seed", -1), ("steps", 10**400)])
def test_a_number_beyond_all_bounds_is_no_setting(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*; expected") as error:
        Recipe(**{name: value})
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("number", [str(10**20), "9" * 400])
def test_more_hits_than_there_are_items_are_all(tmp_path, monkeypatch, number):
    small_shop_in(tmp_path, monkeypatch)
    result = run("search", tmp_path, "--text", "red wine", "--k", number)
    assert result.exit_code in (0, 2)
    assert isinstance(result.exception, SystemExit | None)
    assert "Traceback" not in result.stderr


def test_foreign_words_are_cut():
    assert (cut("abc", 3), cut("abcd", 3), quoted("a\nb")) == ("abc", "ab…", "'a\\nb'")
    assert quoted("x" * 10**6) == repr("x" * 59 + "…")
    assert quoted(10**5000) == "a number of thousands of digits"
    assert listed(range(20), most=3) == "0, 1, 2 and 17 more"


def test_of_a_query_no_cell_is_spoken(tmp_path, monkeypatch):
    small_shop_in(tmp_path, monkeypatch)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    for part, file in (("--image", "gone.png"), ("--image", "broken.png"), ("--audio", "broken.png")):
        assert "the cell" not in one_sentence(run("search", tmp_path, part, tmp_path / file))


@pytest.mark.slow
def test_what_decoders_write_past_python_stays_out_of_the_terminal(tmp_path):
    """mpg123 tells the standard error of the process about each damaged frame of a sound."""
    soundfile.write(tmp_path / "s.mp3", np.random.default_rng(0).uniform(-0.5, 0.5, 16_000), 16_000, format="MP3")
    damaged = bytearray((tmp_path / "s.mp3").read_bytes())
    for position in range(500, len(damaged), 97):
        damaged[position] ^= 0xFF
    (tmp_path / "s.mp3").write_bytes(bytes(damaged))
    (tmp_path / "metadata.csv").write_text("id,audio_file_name\n1,s.mp3\n", encoding="utf-8")
    read = "import sys; from mmr_toolkit.catalogue import read_audio; read_audio(sys.argv[1])"
    bare = subprocess.run([sys.executable, "-c", read, tmp_path / "s.mp3"], capture_output=True, timeout=PATIENCE)
    assert b"mpg123" in bare.stderr or b"MPEG" in bare.stderr  # else this test shows nothing
    command = [sys.executable, "-m", "mmr_toolkit", "doctor", tmp_path]
    result = subprocess.run(command, capture_output=True, timeout=PATIENCE, env=os.environ)
    assert result.stderr == b""
    lost = [sys.executable, "-m", "mmr_toolkit", "doctor", tmp_path / "nowhere"]
    assert b"no such folder" in subprocess.run(lost, capture_output=True, timeout=PATIENCE).stderr
