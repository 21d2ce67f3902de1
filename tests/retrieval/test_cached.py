"""The default retriever in the cache: made once, found again, and made anew when anything has changed."""

import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.retrieval.cache_contents import cached_vectors, clear_cached
from mmr_toolkit.retrieval.cached import cached_retriever
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved.folder import FILES, files_in
from small_catalogue import small_catalogue

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> tuple[Path, Path]:
    """A shop and a cache in which its retriever is kept."""
    shop, cache = tmp_path_factory.mktemp("shop"), tmp_path_factory.mktemp("kept")
    cached_retriever(small_catalogue(shop), cache=cache)
    return shop, cache


@pytest.fixture
def shop(prepared, tmp_path) -> Path:
    return prepared[0]


@pytest.fixture
def filled(prepared, cache) -> Path:
    """The cache of this test, with the retriever of the shop in it."""
    return Path(shutil.copytree(prepared[1], cache, dirs_exist_ok=True))


@pytest.fixture
def built(monkeypatch) -> list:
    """The catalogues from which a retriever was made, one after the other."""
    made, build = [], Retriever.build

    def counting(catalogue, *arguments, **options):
        made.append(catalogue)
        return build(catalogue, *arguments, workers=0, **options)

    monkeypatch.setattr(Retriever, "build", counting)
    return made


def folders(cache: Path) -> list[Path]:
    return sorted((cache / "retrievers-2").iterdir())


def answers(retriever: Retriever) -> list:
    found = retriever.search("red wine") + retriever.search(image=retriever.catalogue.folder / "can-red.png")
    return [(hit.id, hit.rank, hit.score.hex()) for hit in found]


def test_the_second_call_makes_nothing_and_finds_the_same(shop, filled, built):
    catalogue = Catalogue.from_folder(shop)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        second = cached_retriever(catalogue)
    assert built == []
    assert second.catalogue is catalogue
    assert answers(second) == answers(Retriever.build(catalogue, cache=False))
    assert folders(filled)[0].name.startswith(f"{shop.name}-")


def test_without_a_cache_nothing_is_kept(shop, cache, built):
    for _ in range(2):
        cached_retriever(Catalogue.from_folder(shop), cache=False)
    assert len(built) == 2
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    "what", ["a subset", "a cell", "a file", "the time of a file", "the tier", "the toolkit", "revision"]
)
def test_whatever_has_changed_another_one_is_made(prepared, tmp_path, filled, built, monkeypatch, what):
    shop = prepared[0]
    catalogue = Catalogue.from_folder(shop)
    if what == "a subset":
        catalogue = catalogue.subset([0, 1, 2])
    elif what == "a cell":
        catalogue.table.loc[0, "title_en"] = "other"
    elif what in ("a file", "the time of a file"):
        before = (shop / "can-red.png").stat()
        request_back = (shop / "can-red.png").read_bytes()
        if what == "a file":
            (shop / "can-red.png").write_bytes(request_back + b"\0")
            os.utime(shop / "can-red.png", ns=(before.st_atime_ns, before.st_mtime_ns))
        else:
            os.utime(shop / "can-red.png", ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))
    elif what == "the tier":
        monkeypatch.setenv("MMR_TIER", "full")
        monkeypatch.setattr("mmr_toolkit.features.defaults.PUBLISHED", {})
    elif what == "the toolkit":
        monkeypatch.setattr("mmr_toolkit.retrieval.cached.installed_version", lambda package: "99")
    else:
        monkeypatch.setattr("mmr_toolkit.features.audio.mfcc.MfccEncoder.revision", 99)
    cached_retriever(catalogue)
    if what in ("a file", "the time of a file"):
        (shop / "can-red.png").write_bytes(request_back)
        os.utime(shop / "can-red.png", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert len(built) == 1
    assert len(folders(filled)) == 2
    cached_retriever(Catalogue.from_folder(shop) if "file" in what else catalogue)
    assert len(built) == 1


@pytest.mark.parametrize("name", [name for name in FILES if "tokenizer" not in name])
def test_a_damaged_one_is_made_anew_with_one_warning(shop, filled, built, name):
    path = folders(filled)[0] / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.warns(UserWarning, match="The kept retriever could not be used and is made anew: .*damaged") as caught:
        cached_retriever(Catalogue.from_folder(shop))
    assert len(caught) == len(built) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cached_retriever(Catalogue.from_folder(shop))
    assert len(built) == 1


def test_one_that_lost_its_list_of_files_is_made_anew(shop, filled, built):
    (folders(filled)[0] / "retriever.json").unlink()
    with pytest.warns(UserWarning, match="could not be used and is made anew: .*holds no saved retriever"):
        cached_retriever(Catalogue.from_folder(shop))
    cached_retriever(Catalogue.from_folder(shop))
    assert len(built) == 1


def test_a_table_that_cannot_be_saved_is_searched_all_the_same(shop, cache, built):
    catalogue = Catalogue.from_folder(shop)
    catalogue.table["day"] = pd.Timestamp("2024-01-01")
    with pytest.warns(UserWarning, match="The retriever is not kept, and learned anew each time: the column 'day'"):
        retriever = cached_retriever(catalogue)
    assert retriever.search("red wine")[0].id == "wine-red"
    assert not (cache / "retrievers-2").exists()


def test_where_nothing_can_be_written_one_warning_says_so(shop, tmp_path, built):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "retrievers-2").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.warns(UserWarning, match="The retriever cannot be kept in"):
        retriever = cached_retriever(Catalogue.from_folder(shop), cache=tmp_path / "cache")
    assert retriever.search("red wine")[0].id == "wine-red"


def test_when_another_process_was_faster_nothing_is_said(shop, filled, built, monkeypatch):
    """Both find none, both make one; the second to be ready finds the place taken in the last moment."""
    hidden = folders(filled)[0]
    hidden.rename(filled / "hidden")

    def taken(retriever, place):
        (filled / "hidden").rename(place)
        raise OSError(39, "Directory not empty")

    monkeypatch.setattr(Retriever, "save", taken)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cached_retriever(Catalogue.from_folder(shop))
    assert len(built) == 1
    cached_retriever(Catalogue.from_folder(shop))
    assert len(built) == 1


# In the list of what is kept


def test_it_stands_in_the_list_of_what_is_kept_and_can_be_cleared(shop, filled):
    [kept] = cached_vectors(filled, "retriever")
    files = [(kept.folder / name).stat().st_size for name in files_in(kept.folder)]
    assert (kept.modality, kept.n_vectors) == ("text, image, audio", 3 * 6)
    np.testing.assert_allclose(kept.megabytes, sum(files) / 1e6)
    assert {part.name for part in cached_vectors(filled)} == {"retriever", "word2vec", "colour-texture", "mfcc"}
    clear_cached(kept)
    assert folders(filled) == []
    assert {part.name for part in cached_vectors(filled)} == {"word2vec", "colour-texture", "mfcc"}
    with pytest.raises(ValueError, match="nothing of an encoder 'retriever' is kept"):
        cached_vectors(filled, "retriever")


def test_a_damaged_one_stands_in_the_list_too_and_files_of_others_stay(shop, filled):
    folder = folders(filled)[0]
    (folder / "retriever.json").write_text("[", encoding="utf-8")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    [kept] = cached_vectors(filled, "retriever")
    assert (kept.modality, kept.n_vectors) == ("?", 0)
    clear_cached(kept)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
