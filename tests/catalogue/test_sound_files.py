"""A sound that broke off is noticed, and one that takes too much memory is refused before it is read."""

import resource
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from faulty_folder import many_channels
from mmr_toolkit.catalogue import media
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.media import UnreadableMedia, read_audio
from mmr_toolkit.catalogue.sound_files import missing_bytes

TONE = 0.4 * np.sin(np.arange(48_000) / 7)
#: suffix → (format, subtype) of soundfile
FORMS = {
    "wav": ("WAV", "PCM_16"),
    "float.wav": ("WAV", "FLOAT"),
    "rifx.wav": ("WAV", "PCM_16"),
    "rf64": ("RF64", "PCM_24"),
    "wavex": ("WAVEX", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "mp3": ("MP3", None),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "flac": ("FLAC", None),
}


def written(path: Path, suffix: str) -> Path:
    form, subtype = FORMS[suffix]
    endian = "BIG" if suffix == "rifx.wav" else "FILE"
    soundfile.write(path, TONE, 16_000, format=form, subtype=subtype, endian=endian)
    return path


def cut_at(path: Path, share: float) -> Path:
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    return path


@pytest.mark.parametrize("suffix", FORMS)
def test_a_whole_sound_lacks_nothing(tmp_path, suffix):
    path = written(tmp_path / f"x.{suffix}", suffix)
    assert missing_bytes(path) == 0
    assert len(read_audio(path)) == pytest.approx(48_000, rel=0.05)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("suffix", FORMS)
def test_cut_sound_is_noticed(tmp_path, suffix, share):
    path = written(tmp_path / f"x.{suffix}", suffix)
    cut_at(path, min(share, 0.9) if suffix == "mp3" else share)  # of an MP3, less than a frame may be missing
    with pytest.raises(UnreadableMedia, match="cut off|breaks off") as caught:
        read_audio(path)
    assert caught.value.fault == "truncated_sound"


def test_an_mp3_behind_a_tag_is_measured_from_its_first_frame(tmp_path):
    path = written(tmp_path / "x.mp3", "mp3")
    raw = path.read_bytes()
    tag = b"ID3\x03\0\0" + bytes([0, 0, 0x27, 0x08]) + bytes(5000)  # 7 bits each: 0x27 · 128 + 8 = 5000
    path.write_bytes(tag + raw + b"TAG" + bytes(125))
    assert missing_bytes(path) == 0
    path.write_bytes(tag + raw[: len(raw) // 3])
    assert missing_bytes(path) == pytest.approx(len(raw) * 2 / 3, abs=2)


@pytest.mark.parametrize("length", [0xFFFF_FFFF, 0x7FFF_FFFF, 0xFFFF_FFDB, 0])
def test_a_recording_through_a_pipe_is_whole(tmp_path, length):
    """Its writer could not go back to the header, and left the largest number or none."""
    path = written(tmp_path / "x.wav", "wav")
    raw = bytearray(path.read_bytes())
    raw[40:44] = struct.pack("<I", length)
    path.write_bytes(raw)
    assert missing_bytes(path) == 0


def test_chunks_before_the_samples_are_passed_over(tmp_path):
    raw = written(tmp_path / "x.wav", "wav").read_bytes()
    note = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"  # of an odd length, padded
    (tmp_path / "x.wav").write_bytes(raw[:36] + note + raw[36:])
    assert missing_bytes(tmp_path / "x.wav") == 0
    assert missing_bytes(cut_at(tmp_path / "x.wav", 0.5)) == pytest.approx(len(raw) / 2, abs=10)


@pytest.mark.parametrize("start", [b"RIFF", b"RIFX", b"RF64", b"FORM", b".snd", b"OggS", b"ID3", b"\xff\xfb", b""])
def test_whatever_the_bytes_are_it_is_a_number(tmp_path, rng, start):
    for length in (0, 1, 7, 20, 26, 27, 30, 64, 3000):
        (tmp_path / "x").write_bytes(start + rng.bytes(length))
        assert missing_bytes(tmp_path / "x") >= 0


@pytest.mark.filterwarnings("ignore:.*faults")
def test_the_doctor_names_sounds_that_broke_off(tmp_path):
    for suffix in ("wav", "mp3", "ogg"):
        cut_at(written(tmp_path / f"x.{suffix}", suffix), 0.4)
    rows = ["id,text,audio_file_name", *(f"{suffix},a tone,x.{suffix}" for suffix in ("wav", "mp3", "ogg"))]
    (tmp_path / "metadata.csv").write_text("\n".join(rows), encoding="utf-8")
    report = Catalogue.from_folder(tmp_path).doctor()
    assert report["fault"].tolist() == ["truncated_sound"] * 3


# Memory


def test_many_channels_are_refused_before_they_are_read(tmp_path):
    many_channels(tmp_path / "x.wav")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableMedia, match=r"1,000 channels .* Save the sound with one or two channels") as caught:
        read_audio(tmp_path / "x.wav")
    assert caught.value.fault == "too_many_samples"
    if sys.platform == "linux":  # in kB there
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_channels_count_and_not_only_seconds(tmp_path, monkeypatch):
    monkeypatch.setattr(media, "MAX_SAMPLES", 8000)
    soundfile.write(tmp_path / "x.wav", np.ones((1000, 8)) / 2, 16_000)
    assert len(read_audio(tmp_path / "x.wav")) == 1000
    soundfile.write(tmp_path / "x.wav", np.ones((1001, 8)) / 2, 16_000)
    with pytest.raises(UnreadableMedia, match="8 channels of 1,001 samples, at most 8,000"):
        read_audio(tmp_path / "x.wav")


def test_the_rate_is_checked_before_the_length(tmp_path):
    """At 4 GHz, 2 million samples are half a millisecond: no length."""
    raw = bytearray(written(tmp_path / "x.wav", "wav").read_bytes())
    raw[24:28] = (2_000_000_000).to_bytes(4, "little")
    (tmp_path / "x.wav").write_bytes(raw)
    with pytest.raises(UnreadableMedia, match="a sample rate of 2,000,000,000 Hz"):
        read_audio(tmp_path / "x.wav")
