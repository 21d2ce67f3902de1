"""What a visitor sends: what passes comes out as the search takes it, and what does not gets one sentence."""

import inspect
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
import zlib
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from mmr_toolkit.app.query import Query
from mmr_toolkit.app.uploads.claim import ClaimedFolder, sweep_leftovers
from mmr_toolkit.app.uploads.folder import PREFIX, UploadFolder
from mmr_toolkit.app.uploads.read import (
    CAPS,
    SENTENCES,
    BadUpload,
    Caps,
    check_text,
    read_picture,
    read_sound,
)
from mmr_toolkit.catalogue.media import PICTURE_FORMATS, SAMPLE_RATE, read_audio, read_image

SMALL = Caps(characters=10, megabytes=1, pixels=1000, longest=2.0, shortest=0.5, samples=40_000)
SECOND = np.sin(np.arange(SAMPLE_RATE) / 20).astype(np.float32)


@pytest.fixture
def place(tmp_path):
    """The folder of one upload."""
    folder = tmp_path / "upload"
    folder.mkdir()
    return folder


@pytest.fixture
def uploads(monkeypatch):
    """An upload folder that is in use."""
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    folder = UploadFolder()
    folder.open()
    yield folder
    folder.close()


def sound(path, samples, rate=SAMPLE_RATE):
    soundfile.write(path, samples, rate)
    return path


def picture(path, size=(20, 10), **settings):
    Image.new("RGB", size, "red").save(path, **settings)
    return path


def bytes_of(path, content):
    path.write_bytes(content)
    return path


# What passes


def test_a_picture_and_a_sound_come_out_as_media_reads_them(place):
    photo = picture(place / "photo.png")
    recording = sound(place / "recording.wav", np.stack([SECOND, 0 * SECOND], axis=1))
    parts = Query.from_fields(" red wine\n", str(photo), str(recording)).read()
    assert list(parts) == ["text", "image", "audio"]
    assert parts["text"] == "red wine"
    assert np.array_equal(np.asarray(parts["image"]), np.asarray(read_image(photo)))
    np.testing.assert_array_equal(parts["audio"], read_audio(recording))


@pytest.mark.parametrize("text", [None, "", "  \n\t "])
def test_a_blank_text_is_no_part(text):
    assert check_text(text) is None


@pytest.mark.parametrize("text", ["红酒", "a\nb\tc", "🍷", "x" * CAPS.characters])
def test_a_text_of_any_script_passes(text):
    assert check_text(f"  {text} ") == text


@pytest.mark.parametrize("kind", PICTURE_FORMATS)
def test_every_format_that_is_read_passes(place, kind):
    assert read_picture(picture(place / "photo", format=kind)).size == (20, 10)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF"])
def test_the_sentence_names_formats_that_pass(kind):
    assert kind.upper() in PICTURE_FORMATS
    assert kind in SENTENCES["not_an_image"]


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_every_sound_that_the_sentence_names_passes(place, kind):
    soundfile.write(place / "sound", SECOND, SAMPLE_RATE, format=kind)
    assert len(read_sound(place / "sound")) == pytest.approx(SAMPLE_RATE, rel=0.2)
    assert kind.lower() in SENTENCES["not_a_sound"].lower()


def test_what_is_just_within_the_caps_passes(place):
    assert check_text("x" * 10, SMALL) == "x" * 10
    assert read_picture(picture(place / "a.png", (50, 20)), SMALL).size == (50, 20)
    assert len(read_sound(sound(place / "a.wav", np.tile(SECOND, 2)), SMALL)) == 2 * SAMPLE_RATE
    assert len(read_sound(sound(place / "b.wav", SECOND[: SAMPLE_RATE // 2]), SMALL)) == SAMPLE_RATE // 2


# What does not, with its sentence

BAD_TEXTS = {"text_too_long": "x" * 11, "not_a_text": "half \ud83d"}

BAD_PICTURES = {
    "missing_file": lambda path: path,
    "zero_bytes": lambda path: bytes_of(path, b""),
    "too_large": lambda path: bytes_of(path, bytes(2**20 + 1)),
    "not_an_image": lambda path: bytes_of(path, b"PK\x03\x04 not a picture"),
    "truncated_image": lambda path: bytes_of(path, picture(path, (30, 30), format="PNG").read_bytes()[:60]),
    "too_many_pixels": lambda path: picture(path, (1001, 1), format="PNG"),
}
BAD_SOUNDS = {
    "missing_file": lambda path: path,
    "zero_bytes": lambda path: bytes_of(path, b""),
    "too_large": lambda path: bytes_of(path, bytes(2**20 + 1)),
    "not_a_sound": lambda path: bytes_of(path, b"OggS" + bytes(60)),
    "truncated_sound": lambda path: bytes_of(path, sound(path, SECOND).read_bytes()[:25_000]),
    "zero_length_sound": lambda path: sound(path, SECOND[:0]),
    "broken_samples": lambda path: soundfile.write(path, SECOND * np.nan, SAMPLE_RATE, subtype="FLOAT") or path,
    "too_many_samples": lambda path: sound(path, np.ones((20_001, 2)) / 2),
    "too_long_sound": lambda path: sound(path, np.ones(2_010) / 2, 1_000),
    "too_short_sound": lambda path: sound(path, SECOND[: SAMPLE_RATE // 2 - 1]),
    "silent_sound": lambda path: sound(path, 0 * SECOND),
}


def refused(error, part, fault):
    """The sentence: one, with what to do, and without anything of the machine."""
    sentence = str(error.value)
    assert (error.value.part, error.value.fault) == (part, fault)
    assert re.fullmatch(r"[A-Z][^\n]*; please [^;\n]*\.", sentence)
    assert "/" not in sentence and "\\" not in sentence and "{" not in sentence
    return sentence


@pytest.mark.parametrize("fault", BAD_TEXTS)
def test_a_bad_text_is_refused_in_one_sentence(fault):
    with pytest.raises(BadUpload, match="please") as error:
        check_text(BAD_TEXTS[fault], SMALL)
    refused(error, "text", fault)


@pytest.mark.parametrize("fault", BAD_PICTURES)
def test_a_bad_picture_is_refused_in_one_sentence(place, fault):
    path = BAD_PICTURES[fault](place / "photo.png")
    with pytest.raises(BadUpload, match="please") as error:
        read_picture(path, SMALL)
    refused(error, "picture", fault)


@pytest.mark.parametrize("fault", BAD_SOUNDS)
def test_a_bad_sound_is_refused_in_one_sentence(place, fault):
    path = BAD_SOUNDS[fault](place / "sound.wav")
    with pytest.raises(BadUpload, match="please") as error:
        read_sound(path, SMALL)
    refused(error, "sound", fault)


@pytest.mark.parametrize("character", ["\0", "\x01", "\b", "\ud800", "\udfff"])
def test_a_text_with_a_character_that_nobody_can_type_is_refused(character):
    with pytest.raises(BadUpload, match="holds characters that cannot be read"):
        check_text(f"red{character}wine")
    assert check_text("red\twine\nfrom \U0001f347") == "red\twine\nfrom \U0001f347"


def test_every_sentence_is_said_by_one_of_these():
    assert {*BAD_TEXTS, *BAD_PICTURES, *BAD_SOUNDS} == set(SENTENCES)


def test_sentences_name_what_was_found_and_the_cap(place):
    with pytest.raises(BadUpload, match=r"^The text has 11 characters; please shorten it to at most 10\.$"):
        check_text("x" * 11, SMALL)
    with pytest.raises(BadUpload, match=r"^The picture has 15\.2 MB; please send one of at most 15 MB\.$"):
        read_picture(bytes_of(place / "a", bytes(15 * 2**20 + 200_000)))
    with pytest.raises(BadUpload, match=r"please send one of at most 25,000,000\.$"):
        read_picture(picture(place / "b", (5001, 5000), format="PNG"))
    with pytest.raises(BadUpload, match=r"^The sound lasts 61 seconds; please cut it to at most 60\.$"):
        read_sound(sound(place / "c.wav", np.ones(6_100), 100))
    with pytest.raises(BadUpload, match=r"^The sound lasts only 0\.05 seconds; please send at least 0\.1\.$"):
        read_sound(sound(place / "d.wav", SECOND[:800]))


def test_a_header_that_promises_gigabytes_is_refused_before_the_memory_is_taken(place):
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    crc = zlib.crc32(header[12:]).to_bytes(4, "big")
    with pytest.raises(BadUpload, match="too many pixels"):
        read_picture(bytes_of(place / "huge.png", header + crc + b"\0\0\0\0IDAT"))


def test_formats_that_start_a_program_or_are_not_listed_are_refused(place):
    Image.new("RGB", (4, 4)).save(place / "a.eps", format="EPS")  # Pillow would ask Ghostscript to draw it
    Image.new("RGB", (4, 4)).save(place / "a.tga", format="TGA")
    for name in ("a.eps", "a.tga"):
        with pytest.raises(BadUpload, match="not a picture that can be read"):
            read_picture(place / name)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, ""])
def test_a_name_that_no_file_can_have_is_a_file_that_is_not_there(name):
    with pytest.raises(BadUpload, match="no longer here"):
        read_picture(name)
    with pytest.raises(BadUpload, match="no longer here"):
        read_sound(name)


def test_reading_changes_no_file(place):
    good, bad = picture(place / "photo.png"), bytes_of(place / "bad.png", b"not a picture")
    os.utime(good, (1000, 1000))
    read_picture(good)
    with pytest.raises(BadUpload, match="not a picture"):
        read_picture(bad)
    assert good.stat().st_mtime == 1000
    assert bad.read_bytes() == b"not a picture"


# Noise in, sentence out: whatever the bytes are, the only error is the one with a sentence


@pytest.mark.parametrize("read", [read_picture, read_sound])
def test_damaged_files_raise_nothing_else(place, rng, read):
    good = [picture(place / "a.png", (40, 40)), picture(place / "a.jpg", (40, 40)), picture(place / "a.gif")]
    good += [sound(place / "a.wav", SECOND), sound(place / "a.flac", SECOND), sound(place / "a.ogg", SECOND)]
    contents = [path.read_bytes() for path in good]
    for content in contents:
        for _ in range(15):
            damaged = bytearray(content)
            for position in rng.integers(0, min(len(damaged), 200), 6):
                damaged[position] = rng.integers(256)
            path = bytes_of(place / "damaged", bytes(damaged[: rng.integers(1, len(damaged))]))
            try:
                read(path)
            except BadUpload as error:
                assert error.fault in SENTENCES


# The folder


def test_the_upload_folder_is_there_while_somebody_uses_it(monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", "as before")
    folder = UploadFolder()
    first, second = folder.open(), folder.open()
    assert first == second and first.is_dir() and first.name.startswith(PREFIX)
    assert os.environ["GRADIO_TEMP_DIR"] == str(first)
    (first / "left").write_text("behind", encoding="utf-8")
    folder.close()
    assert (first / "left").exists()
    folder.close()
    assert not first.exists() and folder.path is None
    assert os.environ["GRADIO_TEMP_DIR"] == "as before"
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    third = folder.open()
    assert third != first and third.is_dir()
    folder.close()
    assert "GRADIO_TEMP_DIR" not in os.environ


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_nobody_else_may_look_into_the_upload_folder(uploads):
    assert stat.S_IMODE(uploads.path.stat().st_mode) == 0o700


def test_only_files_in_the_upload_folder_are_discarded(uploads, tmp_path):
    inside, outside = bytes_of(uploads.path / "inside", b"x"), bytes_of(tmp_path / "outside", b"x")
    other = tmp_path / f"{PREFIX}of-another-process"
    other.mkdir()
    theirs = bytes_of(other / "theirs", b"x")
    way_out = os.path.relpath(outside, uploads.path)
    for path in (inside, outside, theirs, uploads.path / way_out, uploads.path / "never there", uploads.path, "a\0b"):
        uploads.discard(str(path))
    assert not inside.exists() and outside.exists() and theirs.exists()


@pytest.mark.parametrize("name", ["a\0b", "\0", "folder\0/a.png", "x" * 5000])
def test_a_name_that_no_file_can_have_is_nobody_s_upload(uploads, name):
    mine = bytes_of(uploads.path / "mine.png", b"1")
    for path in (name, f"{uploads.path}/{name}"):
        os.utime(mine, (1, 1))
        uploads.stay(path, str(mine))
        assert mine.stat().st_mtime > 1  # the others are still looked after
        uploads.discard(path)
    assert mine.read_bytes() == b"1"


def test_a_link_in_the_upload_folder_leads_nowhere(uploads, tmp_path):
    outside = bytes_of(tmp_path / "outside", b"x")
    link = uploads.path / "link"
    try:
        link.symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    uploads.discard(str(link))
    uploads.sweep(age=0)
    assert outside.exists()


def test_old_files_are_swept_and_young_ones_stay(uploads, monkeypatch):
    folder = uploads.path / "upload"
    folder.mkdir()
    old, young = bytes_of(folder / "old", b"x"), bytes_of(folder / "young", b"x")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100)
    os.utime(young, (now + 90, now + 90))
    uploads.sweep(age=50)
    assert not old.exists() and young.exists()
    uploads.sweep(age=0)
    assert list(uploads.path.iterdir()) == []


def test_the_age_of_an_upload_begins_anew_and_of_no_other_file(uploads, tmp_path):
    for folder, is_younger in ((uploads.path, True), (tmp_path, False)):
        path = picture(folder / "photo.png")
        os.utime(path, (1000, 1000))
        uploads.stay(None, str(folder / "gone"), str(path))
        assert (path.stat().st_mtime > 2000) is is_younger


# What a killed server left

HOLD = """
import sys
from mmr_toolkit.app.uploads.folder import UploadFolder
uploads = UploadFolder()
print(uploads.open(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_server(tmp_path, monkeypatch):
    """A process that holds an upload folder with a file, in a place for temporary files that this one has as well."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environment = {**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "TMP": str(tmp_path)}
    settings = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    with subprocess.Popen([sys.executable, "-c", HOLD], **settings) as process:
        folder = Path(process.stdout.readline().strip())
        bytes_of(folder / "photo.png", b"x")
        yield process, folder
        process.kill()


@pytest.mark.slow
def test_leftovers_of_a_killed_server_are_swept_at_the_next_start_and_those_of_a_running_one_stay(
    other_server, tmp_path
):
    process, folder = other_server
    own = UploadFolder()
    own.open()
    assert (folder / "photo.png").exists()
    own.close()
    process.kill()
    process.wait()
    assert (folder / "photo.png").exists()
    own.open()
    assert not folder.exists() and own.path.is_dir()
    own.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_server_that_ends_without_closing_leaves_nothing(other_server):
    process, folder = other_server
    process.stdin.close()
    process.wait()
    assert not folder.exists() and not folder.with_name(folder.name + ".lock").exists()


def test_a_sweep_of_leftovers_touches_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = [tmp_path / name for name in ("other.lock", f"{PREFIX}without-a-lock", "linked")]
    bytes_of(kept[0], b"x")
    for folder in kept[1:]:
        folder.mkdir()
        bytes_of(folder / "file", b"x")
    bytes_of(tmp_path / f"{PREFIX}a.lock", b"")  # a server that was killed before it made its folder
    bytes_of(tmp_path / f"{PREFIX}b.lock", b"")
    try:
        (tmp_path / f"{PREFIX}b").symlink_to(kept[2])
        (tmp_path / f"{PREFIX}c.lock").symlink_to(kept[0])
    except OSError:
        pytest.skip("this system makes no symbolic links")
    assert sweep_leftovers(PREFIX) == []
    assert [path.exists() for path in kept] == [True] * 3
    assert (kept[2] / "file").exists() and kept[0].read_bytes() == b"x"
    assert not (tmp_path / f"{PREFIX}a.lock").exists()


def test_a_sweep_passes_by_what_is_held_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with ExitStack() as held:
        in_use = [ClaimedFolder(PREFIX) for _ in range(4)]
        for claimed in in_use:
            held.callback(claimed.remove)
        for number in range(4):
            (tmp_path / f"{PREFIX}left{number}").mkdir()
            bytes_of(tmp_path / f"{PREFIX}left{number}.lock", b"")
        assert sorted(path.name for path in sweep_leftovers(PREFIX)) == [f"{PREFIX}left{n}" for n in range(4)]
        assert all(claimed.path.is_dir() for claimed in in_use)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no numbers for users")
def test_a_sweep_leaves_the_folders_of_other_users(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"{PREFIX}a").mkdir()
    bytes_of(tmp_path / f"{PREFIX}a.lock", b"")
    somebody = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody)
    assert sweep_leftovers(PREFIX) == [] and (tmp_path / f"{PREFIX}a").is_dir()


def test_the_size_of_the_upload_folder_is_that_of_its_files(uploads):
    (uploads.path / "inner").mkdir()
    before = uploads.size()
    bytes_of(uploads.path / "inner/a", bytes(1000))
    bytes_of(uploads.path / "b", bytes(500))
    assert uploads.size() - before >= 1500
    assert UploadFolder().size() == 0


# The inputs of the page


def test_inputs_pass_the_path_on_unread_and_look_like_gradios_own(monkeypatch):
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    import gradio
    from gradio.data_classes import FileData, ImageData

    from mmr_toolkit.app.uploads.inputs import picture_upload, sound_upload

    with gradio.Blocks():
        photo, recording = picture_upload(label="Picture"), sound_upload(label="Sound")
    assert isinstance(photo, gradio.Image) and isinstance(recording, gradio.Audio)
    assert (photo.get_block_name(), recording.get_block_name()) == ("image", "audio")
    assert photo.preprocess(ImageData(path="no picture at all")) == "no picture at all"
    assert photo.preprocess(ImageData(url="data:image/png;base64,AAAA")) is None
    assert recording.preprocess(FileData(path="no sound at all")) == "no sound at all"
    assert photo.preprocess(None) is None and recording.preprocess(None) is None


def test_inputs_write_no_file_into_the_package():
    from mmr_toolkit.app.uploads import inputs as upload_inputs

    upload_inputs._unread.__wrapped__("Image")
    folder = Path(inspect.getfile(upload_inputs)).parent
    assert list(folder.glob("*.pyi")) == []


def test_a_folder_is_claimed_by_its_real_path_where_the_folder_for_temporary_files_is_a_link(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "link"))
    claimed = ClaimedFolder(PREFIX)
    assert claimed.path.parent == (tmp_path / "real").resolve()
    claimed.remove()
