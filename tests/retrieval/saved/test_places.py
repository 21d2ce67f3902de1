"""One place, several processes: who saves there, what a killed one left beside it, and what is put back."""

import pytest

from mmr_toolkit.common.locks import Busy, claimed
from mmr_toolkit.fusion import ConcatFusion
from mmr_toolkit.retrieval.cached import cached_retriever
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved import folder as saved_folder
from mmr_toolkit.retrieval.saved.folder import is_saved_retriever
from other_process import held_by_another
from small_catalogue import features_of, small_catalogue, small_encoders


@pytest.fixture
def retriever(tmp_path) -> Retriever:
    """Three encoders of a few lines, which are given again when it is loaded."""
    (tmp_path / "shop").mkdir()
    catalogue = small_catalogue(tmp_path / "shop")
    encoders = small_encoders()
    return Retriever(catalogue, encoders, features_of(catalogue, encoders))


@pytest.fixture
def place(tmp_path):
    (tmp_path / "heads").mkdir()
    return tmp_path / "heads" / "head"


def save(retriever, place):
    with pytest.warns(UserWarning, match="encoder is not saved"):
        retriever.save(place)


def ids(place):
    return [hit.id for hit in Retriever.load(place, encoders=small_encoders()).search("red wine")]


def names(place):
    return sorted(path.name for path in place.parent.iterdir())


def test_a_save_where_another_process_saves_is_refused_and_the_other_one_s_stays(retriever, place):
    save(retriever, place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    with held_by_another(place), pytest.raises(Busy, match="head is being written by another process"):
        retriever.with_fusion(ConcatFusion({"text": 1, "image": 2, "audio": 3})).save(place)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    save(retriever, place)  # the other one was killed
    assert names(place) == ["head"]


def test_what_killed_saves_left_beside_a_place_is_swept_by_the_next_save(retriever, place):
    for left in (".head.unfinished-0a1b2c3d", ".head.replaced-0a1b2c3d", ".head-2.unfinished-0a1b2c3d", ".mine"):
        (place.parent / left / "text-encoder").mkdir(parents=True)
        (place.parent / left / "text-encoder" / "config.json").write_text("{}", encoding="utf-8")
    (place.parent / ".head.lock").touch()
    place.mkdir()  # else the replaced one is put back
    save(retriever, place)
    assert names(place) == [".head-2.unfinished-0a1b2c3d", ".mine", "head"]
    assert "wine-red" in ids(place)


def test_what_is_being_saved_is_not_swept_by_a_save_that_is_refused(retriever, place):
    (place.parent / ".head.unfinished-0a1b2c3d").mkdir()
    with held_by_another(place), pytest.raises(Busy):
        retriever.save(place)
    assert (place.parent / ".head.unfinished-0a1b2c3d").is_dir()


@pytest.mark.parametrize("look", ["load", "is_saved_retriever", "save"])
def test_one_that_was_killed_between_two_renamings_has_its_old_folder_back(retriever, place, look, monkeypatch):
    save(retriever, place)
    expected = ids(place)
    place.rename(place.with_name(".head.replaced-0a1b2c3d"))
    if look == "load":
        assert ids(place) == expected
    elif look == "is_saved_retriever":
        assert is_saved_retriever(place)
    else:  # a save that fails has lost nothing

        def fail(*arguments):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("mmr_toolkit.retrieval.saved.retriever.save_features", fail)
        with pytest.raises(OSError, match="No space left"):
            retriever.save(place)
    assert names(place) == ["head"]
    assert ids(place) == expected


def test_looking_for_what_was_never_there_makes_nothing(tmp_path):
    assert not is_saved_retriever(tmp_path / "a" / "head")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        Retriever.load(tmp_path / "a" / "head")
    assert list(tmp_path.iterdir()) == []


def test_between_two_renamings_of_a_running_save_nothing_is_put_back(retriever, place):
    (place.parent / ".head.replaced-0a1b2c3d").mkdir()
    with held_by_another(place):
        saved_folder.put_back(place)
        assert not place.exists()


@pytest.mark.slow
def test_two_processes_that_keep_the_same_retriever_do_not_disturb_each_other(tmp_path, cache, recwarn):
    catalogue = small_catalogue(tmp_path)
    cached_retriever(catalogue, cache=cache)
    [kept] = (cache / "retrievers-2").iterdir()
    kept.rename(tmp_path / "away")
    with held_by_another(kept):
        assert cached_retriever(catalogue, cache=cache).search("red wine")[0].id == "wine-red"
    assert not [warning for warning in recwarn if "kept" in str(warning.message)]
    with claimed(kept):
        pass
