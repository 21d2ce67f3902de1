"""The cache of vectors: what is found again, what is not, and what interruptions, damage and full disks do to it."""

import errno
import json
import os
import shutil
import subprocess
import sys
import warnings
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import platformdirs
import pytest
import soundfile
from PIL import Image
from safetensors.numpy import save

from counting_encoders import CountingColours, CountingWords, counting_encoders, encoded
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.features import extract
from mmr_toolkit.features.cache import encode_parts
from mmr_toolkit.features.cache.shards import VectorCache, cache_folder, content_key
from mmr_toolkit.retrieval.cache_contents import cached_vectors, clear_cached
from patience import PATIENCE
from small_catalogue import small_catalogue, small_encoders

#: Different texts, pictures and sounds of the small catalogue; some stand in more than one item.
DIFFERENT = {"text": 3, "image": 3, "audio": 2}
NOTHING = dict.fromkeys(MODALITIES, 0)


@pytest.fixture
def catalogue(tmp_path) -> Catalogue:
    return small_catalogue(tmp_path)


@pytest.fixture
def pictures(tmp_path) -> Catalogue:
    """Thirty items with pictures of different colours."""
    for i in range(30):
        Image.new("RGB", (4, 4), (8 * i, 0, 0)).save(tmp_path / f"{i:02}.png")
    lines = ["id,image_file_name", *(f"{i},{i:02}.png" for i in range(30))]
    (tmp_path / "metadata.csv").write_text("\n".join(lines), encoding="utf-8")
    return Catalogue.from_folder(tmp_path)


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(encode_parts, "SHARD", 4)


def features_of(catalogue, encoders, **options):
    """Extract in small batches; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return extract(catalogue, encoders, batch_size=2, progress=False, **options)


def assert_same(features, expected):
    assert features.ids == expected.ids
    assert features.faults == expected.faults
    for modality in expected.vectors:
        np.testing.assert_array_equal(features.mask[modality], expected.mask[modality])
        np.testing.assert_array_equal(
            features.vectors[modality], expected.vectors[modality]
        )  # exact: the same computation, kept in files


def shards(cache: Path) -> list[Path]:
    return sorted(cache.rglob("shard-*.safetensors"))


# What is found again


def test_with_and_without_cache_the_features_are_equal_and_the_second_time_nothing_is_encoded(catalogue, cache):
    without = features_of(catalogue, counting_encoders(), cache=False)
    assert list(cache.iterdir()) == []
    first, second = counting_encoders(), counting_encoders()
    assert_same(features_of(catalogue, first), without)
    assert encoded(first) == DIFFERENT  # equal parts once
    assert_same(features_of(catalogue, second), without)
    assert encoded(second) == NOTHING


def test_other_orders_and_fewer_items_cost_nothing(catalogue):
    features = features_of(catalogue, counting_encoders())
    again = counting_encoders()
    backwards = features_of(catalogue.subset([5, 3, 1, 0]), again)
    assert encoded(again) == NOTHING
    for modality, matrix in backwards.vectors.items():
        np.testing.assert_array_equal(matrix, features.vectors[modality][[5, 3, 1, 0]])


def test_only_new_content_is_encoded(catalogue):
    features_of(catalogue.subset([0, 3, 4]), counting_encoders())
    encoders = counting_encoders()
    features = features_of(catalogue, encoders)
    assert encoded(encoders) == {"text": 1, "image": 2, "audio": 0}  # the white wine, and the picture without a text
    assert_same(features, features_of(catalogue, counting_encoders(), cache=False))


def test_renamed_and_copied_files_cost_nothing(catalogue, tmp_path):
    features_of(catalogue, counting_encoders())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("image", "audio"):
        for path in filter(None, catalogue.values(name)):
            shutil.copy(path, elsewhere / f"new-{path.name}")
    table = catalogue.table[["id", "text"]].copy()
    for name in ("image", "audio"):
        table[f"{name}_file_name"] = "new-" + catalogue.table[name]
    encoders = counting_encoders()
    features_of(Catalogue.from_table(table, elsewhere), encoders)
    assert encoded(encoders) == NOTHING


def test_a_file_with_other_content_under_the_same_name_is_encoded(catalogue):
    features_of(catalogue, counting_encoders())
    Image.new("RGB", (48, 32), (1, 2, 3)).save(catalogue.folder / "wine-white.png")
    encoders = counting_encoders()
    features = features_of(catalogue, encoders)
    assert encoded(encoders) == NOTHING | {"image": 1}
    np.testing.assert_allclose(features.vectors["image"][1], np.array([1, 2, 3]) / 255 - 0.5, atol=1e-6)


@pytest.mark.parametrize("change", ["weights", "settings", "revision", "name"])
def test_another_encoder_does_not_get_these_vectors(catalogue, cache, monkeypatch, change):
    features_of(catalogue, {"text": CountingWords()})
    other = CountingWords(2.0) if change == "weights" else CountingWords(window=3) if change == "settings" else None
    if other is None:
        monkeypatch.setattr(CountingWords, change, {"revision": 2, "name": "other words/2"}[change])
        other = CountingWords()
    expected = features_of(catalogue, {"text": other}, cache=False)
    other.encoded = 0
    assert_same(features_of(catalogue, {"text": other}), expected)
    assert other.encoded == DIFFERENT["text"]
    folders = {path.parent for path in shards(cache)}
    assert len(folders) == 2
    assert all(folder.parent == cache / "vectors-1" for folder in folders)


def test_an_encoder_that_does_not_say_what_it_depends_on_is_not_cached(catalogue, cache):
    features = features_of(catalogue, small_encoders())
    assert list(cache.iterdir()) == []
    assert_same(features, features_of(catalogue, counting_encoders()))


def test_keys_are_of_the_content(tmp_path):
    assert content_key("红酒", "text") == sha256("红酒".encode()).hexdigest()
    assert content_key("\ud800", "text") != content_key("?", "text")  # half a character is a text too
    path = tmp_path / "wine.png"
    path.write_bytes(b"red")
    assert content_key(path, "image") == sha256(b"red").hexdigest()
    with pytest.raises(FileNotFoundError):
        content_key(tmp_path / "none.png", "image")


class FirstLetters:
    """Tells capital letters from small ones."""

    modality, name, dim, revision, settings = "text", "first-letters", 2, 1, {}

    def tensors(self):
        return {}

    def encode(self, values, *, batch_size=64, device="cpu"):
        return np.array([[text[0].isupper(), len(text)] for text in values], dtype=np.float32)


class LastPart:
    """The last colour of a picture, the last sample of a sound; it counts what it encodes."""

    name, dim, revision, settings = "last-part", 1, 1, {}

    def __init__(self, modality):
        self.modality, self.encoded = modality, 0

    def tensors(self):
        return {}

    def encode(self, values, *, batch_size=64, device="cpu"):
        self.encoded += len(values)
        return np.array([[np.asarray(value).ravel()[-1]] for value in values], dtype=np.float32)


@pytest.mark.parametrize(
    ("one", "other"), [("Polish apples", "polish apples"), ("ÉTÉ", "éTÉ"), ("Σίσυφος", "σίσυφος"), ("ǅ 红酒", "ǆ 红酒")]
)
def test_texts_that_differ_only_in_the_case_of_a_letter_are_different(tmp_path, one, other):
    assert content_key(one, "text") != content_key(other, "text")
    for text in (one, other):  # the second time the vector of the first text is kept
        table = pd.DataFrame({"id": ["a"], "text": [text]})
        features = features_of(Catalogue.from_table(table, tmp_path), {"text": FirstLetters()})
        assert features.vectors["text"].tolist() == [[text[0].isupper(), len(text)]]


def big_file(folder: Path, modality: str, last: int) -> Path:
    """An uncompressed picture or sound of more than 200 KB, whose last byte is given."""
    noise = np.random.default_rng(0).integers(0, 256, 270_000, dtype=np.uint8)
    if modality == "image":
        noise[-1] = last
        path = folder / "big.ppm"
        path.write_bytes(b"P6 300 300 255\n" + noise.tobytes())
    else:
        samples = noise.view(np.int16)
        samples[-1] = last << 8
        path = folder / "big.wav"
        soundfile.write(path, samples, 16_000, subtype="PCM_16")
    assert path.stat().st_size > 200_000
    assert path.read_bytes()[-1] == last
    return path


@pytest.mark.parametrize("modality", ["image", "audio"])
def test_files_that_differ_only_in_their_last_byte_are_different(tmp_path, modality):
    encoder, found, keys = LastPart(modality), [], []
    for last in (17, 18):
        path = big_file(tmp_path, modality, last)
        keys.append(content_key(path, modality))
        table = pd.DataFrame({"id": ["a"], f"{modality}_file_name": [path.name]})
        found.append(features_of(Catalogue.from_table(table, tmp_path), {modality: encoder}).vectors[modality].item())
    assert keys[0] != keys[1]
    assert encoder.encoded == 2
    scale = 1 if modality == "image" else 32_768 / 256
    np.testing.assert_allclose(np.array(found) * scale, [17, 18], rtol=1e-6)


# Where it lies


def test_the_folder_of_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MMR_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.setenv("MMR_CACHE", "~/vectors")
    assert cache_folder() == Path.home() / "vectors"
    monkeypatch.delenv("MMR_CACHE")
    assert cache_folder() == Path(platformdirs.user_cache_dir("mmr-toolkit", appauthor=False))


def test_a_folder_can_be_given(pictures, cache, tmp_path, small_shards):
    colours = CountingColours(wide=True)
    features_of(pictures, {"image": colours}, cache=tmp_path / "here")
    assert list(cache.iterdir()) == []
    (folder,) = (tmp_path / "here" / "vectors-1").iterdir()
    assert len(shards(folder)) == 8  # 30 pictures, 4 in a shard
    assert json.loads((folder / "encoder.json").read_text(encoding="utf-8")) | {"toolkit": "", "fingerprint": ""} == {
        "name": "colour",
        "modality": "image",
        "dim": 3,
        "revision": 1,
        "settings": {"wide": True},
        "fingerprint": "",
        "toolkit": "",
    }


# Parts without a vector


def spoilt(folder: Path) -> Catalogue:
    """Four items: a good one, one of unknown words, a cut file and silence, one whose files are away."""
    catalogue = small_catalogue(folder)
    table = catalogue.table.loc[[0, 1, 2, 5], ["id", "text"]]
    table["text"] = ["red wine", "zebra", None, None]
    table["image_file_name"] = ["wine-red.png", None, "cut.png", "away.png"]
    table["audio_file_name"] = ["wine-red.wav", None, "cut.wav", None]
    for name in ("cut.png", "cut.wav", "away.png"):
        (folder / name).write_bytes(b"cut")
    catalogue = Catalogue.from_table(table, folder)
    (folder / "away.png").unlink()
    return catalogue


def test_reasons_in_the_content_are_kept_and_a_missing_file_is_looked_for_again(tmp_path, monkeypatch):
    catalogue = spoilt(tmp_path)
    encoders = counting_encoders()
    with pytest.warns(UserWarning, match="4 parts could not be used"):
        features = extract(catalogue, encoders, progress=False)
    assert [(fault.id, fault.modality) for fault in features.faults] == [
        ("wine-white", "text"),
        ("can-red", "image"),
        ("can-unread", "image"),
        ("can-red", "audio"),
    ]
    again = counting_encoders()
    monkeypatch.setattr("mmr_toolkit.features.cache.read_ahead.READERS", {})  # nothing is read again
    with pytest.warns(UserWarning, match="4 parts could not be used"):
        assert_same(extract(catalogue, again, progress=False), features)
    assert encoded(again) == NOTHING
    monkeypatch.undo()
    Image.new("RGB", (4, 4), "blue").save(tmp_path / "away.png")
    with pytest.warns(UserWarning, match="3 parts could not be used"):
        assert extract(catalogue, again, progress=False).mask["image"][3]


def test_nan_is_not_kept(catalogue, cache):
    broken, mended = CountingColours(np.nan), CountingColours(np.nan)
    with pytest.warns(UserWarning, match="colour returned NaN or infinity"):
        assert not extract(catalogue, {"image": broken}, progress=False).mask["image"].any()
    assert shards(cache) == []
    with pytest.warns(UserWarning, match="colour returned NaN or infinity"):
        extract(catalogue, {"image": mended}, progress=False)
    assert mended.encoded == DIFFERENT["image"]


# Interruptions

KILLED = """
import os, sys
from counting_encoders import CountingColours
from mmr_toolkit.catalogue import Catalogue
from mmr_toolkit.features import extract
from mmr_toolkit.features.cache import encode_parts

class Killed(CountingColours):
    def encode(self, values, **options):
        if self.encoded >= 14:
            os.kill(os.getpid(), getattr(__import__("signal"), "SIGKILL", 15))
        return super().encode(values, **options)

encode_parts.SHARD = 4
extract(Catalogue.from_folder(sys.argv[1]), {"image": Killed()}, batch_size=2, progress=False)
"""


def start(code: str, *arguments) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(Path(sys.modules["counting_encoders"].__file__).parent)}
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], env=environment)


@pytest.mark.slow
def test_after_a_kill_at_most_one_shard_is_encoded_again(pictures, cache, small_shards):
    expected = features_of(pictures, {"image": CountingColours()}, cache=False)
    assert start(KILLED, pictures.folder).wait(timeout=PATIENCE) != 0
    assert len(shards(cache)) == 3
    colours = CountingColours()
    assert_same(features_of(pictures, {"image": colours}), expected)
    assert 30 - 14 <= colours.encoded <= 30 - 14 + 4


def test_what_a_killed_run_left_half_written_goes_when_something_is_written_again(pictures, cache):
    features_of(pictures, {"image": CountingColours()})
    [folder] = {path.parent for path in shards(cache)}
    (folder / "unfinished-5f").write_bytes(b"half a shard")
    features_of(pictures, {"image": CountingColours()})
    assert (folder / "unfinished-5f").exists()  # what is only read is left as it is
    for path in shards(cache):
        path.unlink()
    features_of(pictures, {"image": CountingColours()})
    assert shards(cache) and not (folder / "unfinished-5f").exists()


class Interrupted(CountingColours):
    """The reader presses Ctrl-C when 14 pictures have been encoded."""

    def encode(self, values, **options):
        if self.encoded >= 14:
            raise KeyboardInterrupt
        return super().encode(values, **options)


def test_after_ctrl_c_nothing_is_encoded_again(pictures, small_shards):
    with pytest.raises(KeyboardInterrupt):
        features_of(pictures, {"image": Interrupted()})
    colours = CountingColours()
    features_of(pictures, {"image": colours})
    assert colours.encoded == 30 - 14


WITH_OTHERS = """
import sys
import numpy as np
from counting_encoders import CountingColours
from mmr_toolkit.catalogue import Catalogue
from mmr_toolkit.features import extract
from mmr_toolkit.features.cache import encode_parts

encode_parts.SHARD = 4
catalogue = Catalogue.from_folder(sys.argv[1])
for run in range(3):
    features = extract(catalogue, {"image": CountingColours(run)}, batch_size=2, progress=False)
    np.save(f"{sys.argv[2]}-{run}.npy", features.vectors["image"])
"""


@pytest.mark.slow
def test_two_processes_share_a_cache(pictures, tmp_path):
    both = [start(WITH_OTHERS, pictures.folder, tmp_path / name) for name in ("one", "two")]
    assert [process.wait(timeout=PATIENCE) for process in both] == [0, 0]
    for run in range(3):
        colours = CountingColours(run)
        features = features_of(pictures, {"image": colours})
        assert colours.encoded == 0
        for name in ("one", "two"):
            np.testing.assert_array_equal(np.load(tmp_path / f"{name}-{run}.npy"), features.vectors["image"])


# Damage


def cut_in_the_middle(path, cache):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def turn_one_bit(path, cache):
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)


def empty(path, cache):
    path.write_bytes(b"")


def put_in(path, data):
    path.unlink()
    path.with_name(f"shard-{sha256(data).hexdigest()}.safetensors").write_bytes(data)


def swap_for_another_encoders(path, cache):
    other = VectorCache(cache / "other", CountingColours(2.0))
    shard = next(VectorCache(cache, CountingColours()).shards())
    other.keep([shard])
    put_in(path, shards(cache / "other")[0].read_bytes())


def swap_for_something_else(path, cache):
    put_in(path, save({"numbers": np.zeros(3)}))


def swap_for_a_text(path, cache):
    put_in(path, b"a shopping list")


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (cut_in_the_middle, "is damaged"),
        (turn_one_bit, "is damaged"),
        (empty, "is damaged"),
        (swap_for_another_encoders, "vectors of another encoder"),
        (swap_for_something_else, "is no shard of vectors"),
        (swap_for_a_text, "is no shard of vectors"),
    ],
)
def test_a_damaged_shard_is_noticed_and_made_again(pictures, cache, small_shards, spoil, found):
    expected = features_of(pictures, {"image": CountingColours()})
    spoil(shards(cache / "vectors-1")[3], cache)
    colours = CountingColours()
    with pytest.warns(UserWarning, match=f"1 of the files in .* could not be used .*{found}.*computed anew") as caught:
        assert_same(extract(pictures, {"image": colours}, progress=False), expected)
    assert len(caught) == 1
    assert 2 <= colours.encoded <= 4
    features_of(pictures, {"image": colours})
    assert colours.encoded <= 4
    assert len(shards(cache / "vectors-1")) == 8


def sealed(folder: Path, head: object, vectors: np.ndarray) -> None:
    """A shard of any content, under the name that its bytes must have."""
    text = head if isinstance(head, str) else json.dumps(head)
    data = save({"vectors": vectors}, metadata={"shard": text})
    (folder / f"shard-{sha256(data).hexdigest()}.safetensors").write_bytes(data)


HEADS = {
    "list": "[]",
    "deep": "[" * 100_000,
    "null": "null",
    "keys a number": {"keys": 1, "faults": {}},
    "keys of numbers": {"keys": [1], "faults": {}},
    "keys of lists": {"keys": [["a"]], "faults": {}},
    "faults a list": {"keys": ["a"], "faults": ["a"]},
    "faults of numbers": {"keys": ["a"], "faults": {"b": 1}},
}


@pytest.mark.parametrize("head", HEADS)
def test_a_shard_of_another_shape_is_left_out_with_one_warning(pictures, cache, head):
    encoder = CountingColours()
    extract(pictures, {"image": encoder}, progress=False)
    kept = VectorCache(cache, encoder)
    content = HEADS[head]
    if isinstance(content, dict):
        content = content | {"fingerprint": kept.fingerprint}
    sealed(kept.folder, content, np.zeros((1, encoder.dim), np.float32))
    with pytest.warns(UserWarning, match="1 of the files in .* is no shard of vectors") as caught:
        assert sum(map(len, kept.shards())) == 30
    assert len(caught) == 1
    assert sum(map(len, kept.shards())) == 30  # it is gone


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_in_the_cache_is_not_waited_for(pictures, cache):
    encoder = CountingColours()
    extract(pictures, {"image": encoder}, progress=False)
    kept = VectorCache(cache, encoder)
    os.mkfifo(kept.folder / "shard-0.safetensors")
    assert cached_vectors(cache)[0].n_vectors == 30
    with pytest.warns(UserWarning, match="a pipe or a device"):
        assert sum(map(len, kept.shards())) == 30


@pytest.mark.parametrize("content", ["[]", "3", "[" * 100_000, '{"name": []}', ""])
def test_contents_of_a_cache_with_other_json(pictures, cache, content):
    encoder = CountingColours()
    extract(pictures, {"image": encoder}, progress=False)
    (VectorCache(cache, encoder).folder / "encoder.json").write_text(content, encoding="utf-8")
    assert [kept.n_vectors for kept in cached_vectors(cache)] == [30]


def test_a_cache_that_another_process_clears_meanwhile(pictures, cache, small_shards):
    features_of(pictures, {"image": CountingColours()})
    kept = VectorCache(cache, CountingColours())
    found = kept.shards()
    next(found)
    shutil.rmtree(kept.folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(found) == []


# Disks


def full_disk(monkeypatch, cache):
    def no_space(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    return cache, "No space left on device"


def no_permission(monkeypatch, cache):
    def refuse(self, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    return cache, "Permission denied"


def file_in_the_way(monkeypatch, cache):
    (cache / "file").write_bytes(b"")
    return cache / "file", ""  # every system has its own words for this


@pytest.mark.parametrize("disk", [full_disk, no_permission, file_in_the_way])
def test_when_nothing_can_be_written_one_warning_says_so_and_extraction_goes_on(
    pictures, cache, small_shards, monkeypatch, disk
):
    expected = features_of(pictures, {"image": CountingColours()}, cache=False)
    folder, why = disk(monkeypatch, cache)
    with pytest.warns(UserWarning, match=f"Vectors cannot be kept.*{why}.*MMR_CACHE names another folder") as caught:
        features = extract(pictures, {"image": CountingColours()}, batch_size=2, progress=False, cache=folder)
    assert len(caught) == 1
    assert_same(features, expected)
    assert [path for path in cache.rglob("*") if path.is_file() and path.name != "file"] == []


def test_a_cache_that_cannot_be_written_is_still_read(pictures, cache, monkeypatch):
    features_of(pictures.subset(range(20)), {"image": CountingColours()})
    full_disk(monkeypatch, cache)
    colours = CountingColours()
    with pytest.warns(UserWarning, match="No space left on device"):
        extract(pictures, {"image": colours}, progress=False)
    assert colours.encoded == 10


# Looking and clearing


def test_contents(catalogue, cache):
    assert cached_vectors(cache) == []
    features_of(catalogue, counting_encoders())
    features_of(catalogue, {"text": CountingWords(2.0)})
    oldest = next(kept for kept in cached_vectors(cache) if kept.name == "colour")
    for path in oldest.folder.iterdir():
        os.utime(path, (0, 1000))
    contents = cached_vectors(cache)
    assert (contents[-1].name, contents[-1].written) == ("colour", 1000)
    assert sorted((kept.name, kept.modality, kept.n_vectors) for kept in contents) == [
        ("colour", "image", 3),
        ("pitch", "audio", 2),
        ("words", "text", 3),
        ("words", "text", 3),
    ]
    for kept in contents:
        assert kept.megabytes == sum(path.stat().st_size for path in kept.folder.iterdir()) / 1e6
    assert len(cached_vectors(cache, "words")) == 2
    assert [kept.folder for kept in cached_vectors(cache, contents[0].folder.name)] == [contents[0].folder]
    with pytest.raises(ValueError, match="encoder .bert. is kept in .*; expected one of colour, pitch, words"):
        cached_vectors(cache, "bert")


def test_contents_of_a_damaged_cache(catalogue, cache):
    features_of(catalogue, {"text": CountingWords()})
    (shard,) = shards(cache)
    empty(shard, cache)
    (shard.parent / "encoder.json").write_text("{", encoding="utf-8")
    (kept,) = cached_vectors(cache)
    assert (kept.name, kept.modality, kept.n_vectors) == (shard.parent.name, "?", 0)


def test_clearing_removes_what_the_toolkit_wrote_and_nothing_else(catalogue, cache):
    features_of(catalogue, counting_encoders())
    words, colours = (next(kept for kept in cached_vectors(cache) if kept.name == name) for name in ("words", "colour"))
    (words.folder / "unfinished-5f").write_bytes(b"left by a killed run")
    (colours.folder / "notes.txt").write_text("mine", encoding="utf-8")
    (cache / "mine.txt").write_text("mine", encoding="utf-8")
    clear_cached(words)
    assert not words.folder.exists()
    clear_cached(colours)
    assert [path.name for path in colours.folder.iterdir()] == ["notes.txt"]
    assert (cache / "mine.txt").exists()
    assert [kept.name for kept in cached_vectors(cache)] == ["pitch"]
    encoders = counting_encoders()
    features_of(catalogue, encoders)
    assert encoded(encoders) == DIFFERENT | {"audio": 0}
