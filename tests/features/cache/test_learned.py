"""Learned encoders in the cache: learned once, found again by all that the learning depends on, and never half."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.features import (
    ColourTextureEncoder,
    Word2VecEncoder,
    default_encoders,
    defaults,
    fingerprint,
)
from mmr_toolkit.features.cache import learned
from mmr_toolkit.retrieval.cache_contents import cached_vectors, clear_cached
from mmr_toolkit.retrieval.retriever import Retriever
from other_process import held_by_another
from small_catalogue import small_catalogue

LEARNED = {"text": "word2vec", "image": "colour-texture", "audio": "mfcc"}


@pytest.fixture
def catalogue(tmp_path) -> Catalogue:
    return small_catalogue(tmp_path)


@pytest.fixture
def learning(monkeypatch) -> list[str]:
    """The modalities that were learned, one after the other."""
    done, learn = [], defaults._learn

    def counting(modality, *arguments):
        done.append(modality)
        return learn(modality, *arguments)

    monkeypatch.setattr(defaults, "_learn", counting)
    return done


def encoders_of(catalogue, **options):
    """The default encoders; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return default_encoders(catalogue, **options)


def folders(cache):
    return sorted((cache / "learned-1").iterdir())


def test_what_was_learned_once_is_found_again_with_the_same_numbers(catalogue, cache, learning):
    expected = encoders_of(catalogue, cache=False)
    assert list(cache.iterdir()) == []
    del learning[:]
    for _ in range(2):
        found = encoders_of(catalogue)
        assert learning == ["text", "image", "audio"]
        assert {name: fingerprint(one) for name, one in found.items()} == {
            name: fingerprint(one) for name, one in expected.items()
        }
    np.testing.assert_array_equal(
        found["text"].encode(["red"]), expected["text"].encode(["red"])
    )  # exact: the same computation twice
    assert [path.name.rsplit("-", 1)[0] for path in folders(cache)] == ["colour-texture", "mfcc", "word2vec"]


def test_a_retriever_is_built_twice_and_learns_once(catalogue, cache, tmp_path, learning):
    first = Retriever.build(catalogue, cache=tmp_path / "here", workers=0)
    second = Retriever.build(Catalogue.from_folder(catalogue.folder), cache=tmp_path / "here", workers=0)
    assert learning == ["text", "image", "audio"]
    assert list(cache.iterdir()) == []
    for one, other in zip(first.search("red"), second.search("red"), strict=True):
        assert (one.id, pytest.approx(one.score)) == (other.id, other.score)


@pytest.mark.parametrize(
    ("change", "anew"),
    [
        ("a text", ["text"]),
        ("the case of a letter", ["text"]),
        ("the order", ["text", "image", "audio"]),
        ("one item less", ["text", "image", "audio"]),
        ("the last byte of a picture", ["image"]),
        ("the seed", ["text"]),
        ("the split", ["image", "audio"]),
        ("a revision", ["text"]),
        ("a parameter's default", ["text"]),
        ("a library", ["text"]),
        ("another column", []),
        ("the name of a file", []),
    ],
)
def test_it_is_learned_anew_whenever_anything_changes_that_it_depends_on(
    catalogue, learning, monkeypatch, change, anew
):
    encoders_of(catalogue)
    del learning[:]
    seed, table = 0, catalogue.table
    if change == "a text":
        table.loc[table.index[0], "text"] = "blue wine"
    elif change == "the case of a letter":
        table.loc[table.index[0], "text"] = table["text"].iloc[0].replace("r", "R", 1)
    elif change == "the order":
        catalogue = catalogue.subset([3, 2, 1, 0, 4, 5])
    elif change == "one item less":
        catalogue = catalogue.subset([1, 2, 3, 4, 5])
    elif change == "the last byte of a picture":
        path = catalogue.folder / "can-red.png"
        path.write_bytes(path.read_bytes() + b"\0")
    elif change == "the seed":
        seed = 1
    elif change == "the split":
        table["split"] = ["train"] * 3 + ["test"] * 3
    elif change == "a revision":
        monkeypatch.setattr(Word2VecEncoder, "revision", 99)
    elif change == "a parameter's default":
        monkeypatch.setitem(Word2VecEncoder.train.__func__.__kwdefaults__, "window", 30)
    elif change == "a library":
        version = learned.installed_version
        monkeypatch.setattr(learned, "installed_version", lambda name: "99" if name == "gensim" else version(name))
    elif change == "another column":
        table["price"] = range(6)
    elif change == "the name of a file":
        (catalogue.folder / "can-red.png").rename(catalogue.folder / "new.png")
        table["image"] = table["image"].replace("can-red.png", "new.png")
    expected = anew if change != "the seed" else ["text", "image", "audio"]  # one seed for all of them
    encoders_of(catalogue, seed=seed)
    assert learning == expected
    encoders_of(catalogue, seed=seed)
    assert learning == expected


def test_the_seed_and_the_words_decide_what_is_learned(catalogue):
    one, other = (encoders_of(catalogue, seed=seed, modalities=["text"])["text"] for seed in (0, 1))
    assert not np.allclose(one.vectors, other.vectors)


@pytest.mark.parametrize("modality", LEARNED)
@pytest.mark.parametrize(
    "damage",
    ["cut off", "another number", "empty", "no file", "no list", "deep nesting", "a folder", "of another encoder"],
)
def test_a_damaged_one_is_learned_anew_with_one_warning(catalogue, cache, learning, modality, damage):
    expected = fingerprint(encoders_of(catalogue, modalities=[modality])[modality])
    [folder] = folders(cache)
    weights, about = folder / "model.safetensors", folder / "encoder.json"
    whole = weights.read_bytes()
    if damage == "cut off":
        weights.write_bytes(whole[:-5])
    elif damage == "another number":
        weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif damage == "empty":
        about.write_bytes(b"")
    elif damage == "no file":
        weights.unlink()
    elif damage == "no list":
        about.write_bytes(b"[]")
    elif damage == "deep nesting":
        about.write_bytes(b"[" * 100_000)
    elif damage == "a folder":
        about.unlink()
        about.mkdir()
    else:
        (folder / "config.json").write_bytes(b'{"words": ["zebra"], "n_mfcc": 3}')
    with pytest.warns(UserWarning, match=f"The kept {LEARNED[modality]} encoder in .* removed, and is learned anew"):
        found = default_encoders(catalogue, modalities=[modality])
    assert learning == [modality, modality]
    assert fingerprint(found[modality]) == expected
    if damage != "a folder":  # which the toolkit has not written, and so does not remove
        encoders_of(catalogue, modalities=[modality])
        assert learning == [modality, modality]


def test_where_nothing_can_be_written_one_warning_says_so(catalogue, cache):
    (cache / "learned-1").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.warns(UserWarning, match="word2vec encoder cannot be kept in .* MMR_CACHE names another") as caught:
        assert default_encoders(catalogue, modalities=["text"])["text"].words
    assert len(caught) == 1


def test_while_another_process_keeps_the_same_one_nothing_is_disturbed(catalogue, cache, tmp_path, learning):
    encoders_of(catalogue, modalities=["text"])
    [folder] = folders(cache)
    folder.rename(tmp_path / "away")
    with held_by_another(folder):
        encoders_of(catalogue, modalities=["text"])
        assert [path.name for path in folders(cache)] == [f".{folder.name}.lock"]
    encoders_of(catalogue, modalities=["text"])
    assert folders(cache) == [folder]
    assert learning == ["text"] * 3


KILLED_WHILE_KEEPING = """
import os, signal, sys
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.features import MfccEncoder, default_encoders
save = MfccEncoder.save
def killed(encoder, folder):
    save(encoder, folder)
    os.kill(os.getpid(), signal.SIGKILL)
MfccEncoder.save = killed
default_encoders(Catalogue.from_folder(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_process_that_is_killed_loses_no_encoder_that_was_learned_before(catalogue, cache, learning):
    done = subprocess.run([sys.executable, "-c", KILLED_WHILE_KEEPING, str(catalogue.folder)], check=False)
    assert done.returncode == -9
    assert any(path.name.startswith(".mfcc-") for path in folders(cache))
    encoders_of(Catalogue.from_folder(catalogue.folder))
    assert learning == ["audio"]
    assert [path.name.rsplit("-", 1)[0] for path in folders(cache)] == ["colour-texture", "mfcc", "word2vec"]


def test_nothing_to_learn_is_not_kept(tmp_path, cache):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "metadata.csv").write_text("id,text,image_file_name\na,!!!,a.png\n", encoding="utf-8")
    with pytest.warns(UserWarning, match="No text encoder: none of the 1 texts has a word"):
        found = default_encoders(Catalogue.from_folder(tmp_path))
    assert isinstance(found["image"], ColourTextureEncoder)
    assert len(folders(cache)) == 1


def test_it_stands_in_the_list_of_what_is_kept_and_can_be_cleared(catalogue, cache):
    encoders_of(catalogue)
    kept = cached_vectors(cache)
    assert {(one.kind, one.name, one.modality, one.n_vectors) for one in kept} == {
        ("encoder", name, modality, 0) for modality, name in LEARNED.items()
    }
    [words] = cached_vectors(cache, "word2vec")
    (words.folder / "notes.txt").write_text("mine", encoding="utf-8")
    for one in kept:
        clear_cached(one)
    assert folders(cache) == [words.folder]
    assert [path.name for path in words.folder.iterdir()] == ["notes.txt"]
