"""Items that come, change and go while others search; weights and filters of one query; many queries at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pandas as pd
import pytest
import torch

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.features import extract
from mmr_toolkit.fusion import ConcatFusion, ResidualFusion, plain_fusion
from mmr_toolkit.retrieval.retriever import KEPT, Gallery, Retriever
from mmr_toolkit.similarity.measures import SIMILARITIES
from same_hits import assert_same_hits
from small_catalogue import colour_file, small_catalogue, small_encoders, tone

RED = (200, 20, 30)


@pytest.fixture
def catalogue(tmp_path):
    return small_catalogue(tmp_path)


@pytest.fixture
def retriever(catalogue):
    return Retriever(catalogue, small_encoders(), extract(catalogue, small_encoders(), progress=False))


def ids(hits):
    return [hit.id for hit in hits]


def one_item(catalogue, id, text, colour=None):
    """An item of its own, with its file in the folder of the catalogue."""
    image = None if colour is None else colour_file(catalogue.folder / f"{id}.png", colour).name
    row = {"id": [id], "text": [text], "image_file_name": [image], "audio_file_name": [None]}
    return Catalogue.from_table(pd.DataFrame(row), catalogue.folder)


def rebuilt(retriever):
    """The oracle: a retriever of the same items, made from nothing."""
    catalogue = retriever.catalogue
    return Retriever(catalogue, small_encoders(), extract(catalogue, small_encoders(), progress=False))


# Items that come, change and go


def test_items_that_were_added_are_found_and_the_rest_stays(retriever):
    before = retriever.search("red wine", k=100)
    retriever.add(one_item(retriever.catalogue, "wine-new", "red wine", RED), progress=False)
    found = retriever.search("red wine", k=100)
    assert found[0].id == "wine-new" and found[0].score == pytest.approx(1)
    assert [hit.score for hit in found[1:]] == pytest.approx([hit.score for hit in before])
    assert_same_hits(found, rebuilt(retriever).search("red wine", k=100))
    assert found[0].image == retriever.catalogue.folder / "wine-new.png" and found[0].audio is None


def test_an_item_that_was_replaced_keeps_its_place(retriever):
    place = retriever.catalogue.position("can-red")
    retriever.replace(one_item(retriever.catalogue, "can-red", "red wine", RED), progress=False)
    assert retriever.catalogue.position("can-red") == place
    assert retriever.search("red wine")[0].id == "can-red"
    assert "can-red" not in ids(retriever.search(audio=tone(3000)))  # its new self has no sound
    assert_same_hits(retriever.search("wine"), rebuilt(retriever).search("wine"))


def test_items_that_were_removed_are_not_found(retriever):
    retriever.remove("wine-red")
    assert ids(retriever.search("red wine"))[0] == "wine-silent"
    retriever.remove(["wine-silent", "wine-white"])
    assert set(ids(retriever.search("wine soda", k=100))) == {"can-red", "can-unseen"}
    assert_same_hits(retriever.search("soda"), rebuilt(retriever).search("soda"))
    with pytest.raises(ValueError, match="no item has the id 'wine-red'"):
        retriever.remove("wine-red")
    with pytest.raises(ValueError, match="a retriever needs at least one item"):
        retriever.remove(retriever.catalogue.ids)


def test_come_and_go_leads_back_to_the_same_answers(retriever):
    before = retriever.search("wine", image=colour_file(retriever.catalogue.folder / "asked.png", RED), k=100)
    retriever.add(one_item(retriever.catalogue, "passing", "wine", RED), progress=False)
    retriever.remove("passing")
    assert_same_hits(retriever.search("wine", image=retriever.catalogue.folder / "asked.png", k=100), before)


def test_faults_of_added_items_are_kept_and_those_of_removed_ones_go(retriever):
    (retriever.catalogue.folder / "broken.png").write_bytes(b"no picture")
    row = {"id": ["broken"], "text": ["wine"], "image_file_name": ["broken.png"]}
    with pytest.warns(UserWarning, match="1 part could not be used"):
        retriever.add(Catalogue.from_table(pd.DataFrame(row), retriever.catalogue.folder), progress=False)
    assert [fault.id for fault in retriever.features.faults if fault.id == "broken"] == ["broken"]
    report = retriever.catalogue.doctor()
    assert "broken" in report["id"].tolist() and report["row"].notna().all()
    retriever.remove("broken")
    assert not [fault for fault in retriever.features.faults if fault.id == "broken"]
    assert "broken" not in retriever.catalogue.doctor()["id"].tolist()


def test_ids_must_be_new_to_be_added_and_known_to_be_replaced(retriever, tmp_path):
    catalogue = retriever.catalogue
    with pytest.raises(ValueError, match="the id 'wine-red' is there already: use replace"):
        retriever.add(one_item(catalogue, "wine-red", "wine"))
    with pytest.raises(ValueError, match="the id 'wine-new' is not there: use add"):
        retriever.replace(one_item(catalogue, "wine-new", "wine"))
    elsewhere = Catalogue(
        catalogue.table.assign(id=[f"new-{i}" for i in range(len(catalogue))]), tmp_path / "elsewhere"
    )
    with pytest.raises(ValueError, match="put their files there"):
        retriever.add(elsewhere)
    assert retriever.catalogue is catalogue  # nothing was changed


def test_features_must_belong_to_the_items(catalogue):
    features = extract(catalogue, small_encoders(), progress=False)
    with pytest.raises(ValueError, match="the features belong to 5 other items than the 6 of this catalogue"):
        Gallery(catalogue, features.subset(np.arange(5)), ConcatFusion())


# Many readers


def test_many_threads_get_the_answers_that_one_gets(retriever):
    queries = [{"text": "red wine"}, {"text": "soda"}, {"audio": tone(400)}, {"text": "wine", "audio": tone(3000)}]
    wanted = [retriever.search(**query) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: retriever.search(**queries[i % 4]), range(80)))
    assert all(found[i] == wanted[i % 4] for i in range(80))


def test_a_search_sees_all_of_a_change_or_nothing(retriever):
    """While one thread adds and removes two items again and again, no search finds only one of them."""
    pair = Catalogue.from_table(pd.DataFrame({"id": ["a", "b"], "text": ["red wine"] * 2}), retriever.catalogue.folder)
    done, seen = Event(), set()

    def read():
        while not done.is_set():
            seen.add(frozenset(ids(retriever.search("red wine", k=100))) & {"a", "b"})

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for _ in range(20):
                retriever.add(pair, progress=False, cache=False)
                retriever.remove(["a", "b"])
        finally:
            done.set()
        for reader in readers:
            reader.result()
    assert seen <= {frozenset(), frozenset({"a", "b"})}


# One query's weights and filters


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_weights_of_a_query_are_those_of_a_fusion_that_has_them(catalogue, retriever, similarity):
    features = retriever.features
    fusion = ConcatFusion({"text": 2, "image": 1, "audio": 0.5})
    wanted = Retriever(catalogue, small_encoders(), features, fusion, similarity)
    asked = {"text": "wine", "image": catalogue.folder / "can-red.png", "audio": tone(400)}
    mine = retriever.with_fusion(ConcatFusion(), similarity)
    assert_same_hits(mine.search(**asked, weights={"text": 2, "audio": 0.5}), wanted.search(**asked))
    assert_same_hits(mine.search(**asked, weights={"text": 1}), mine.search(**asked))
    scores = mine.score_all({name: [value] for name, value in asked.items()}, weights={"text": 2, "audio": 0.5})
    torch.testing.assert_close(scores, wanted.score_all({name: [value] for name, value in asked.items()}))


def test_a_weight_of_zero_asks_without_the_part(retriever):
    without = retriever.search("red wine")
    found = retriever.search("red wine", audio=tone(3000), weights={"audio": 0})
    assert [hit.id for hit in found] == [hit.id for hit in without]
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in without])
    with pytest.raises(ValueError, match=r"only parts with weight 0 or an empty vector \(audio\)"):
        retriever.search(audio=tone(3000), weights={"audio": 0})


def test_weights_for_what_is_not_there(retriever):
    with pytest.raises(ValueError, match="weights: unknown smell. The modalities here are text, image, audio"):
        retriever.search("wine", weights={"smell": 1})
    with pytest.raises(ValueError, match="weights must be finite, not negative and not all zero"):
        retriever.search("wine", weights={"text": -1})


def test_filters_leave_the_scores_of_what_remains(retriever):
    retriever.catalogue.table["price"] = ["5", "7", None, "12", "1", "3"]
    every = {hit.id: hit.score for hit in retriever.search("wine soda", k=100)}
    some = retriever.search("wine soda", k=100, where={"price": (None, 6)})
    assert {hit.id for hit in some} == {
        id
        for id, price in zip(retriever.catalogue.ids, [5, 7, 99, 12, 1, 3], strict=True)
        if price <= 6 and id in every
    }
    assert {hit.id: hit.score for hit in some} == pytest.approx({hit.id: every[hit.id] for hit in some})
    assert [hit.rank for hit in some] == list(range(1, len(some) + 1))
    assert retriever.search("wine", where={"price": (100, None)}) == []
    with pytest.raises(ValueError, match="no column 'prize' to filter by"):
        retriever.search("wine", where={"prize": 3})


# Many queries at once


def test_many_queries_of_any_parts_are_answered_in_order(retriever):
    queries = [{"text": "soda"}, {"audio": tone(400)}, {"text": "wine", "audio": tone(3000)}, {"text": "red wine"}]
    options = {"k": 3, "weights": {"audio": 2}, "exclude": "wine-red"}
    for found, query in zip(retriever.search_many(queries, **options), queries, strict=True):
        assert_same_hits(found, retriever.search(**query, **options))
    assert retriever.search_many([]) == []
    with pytest.raises(ValueError, match="the query has no part"):
        retriever.search_many([{"text": "wine"}, {}])


# Shares


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_hits_carry_shares_that_add_up(catalogue, retriever, similarity):
    dims = retriever.features.dims
    for fusion in (ConcatFusion(), ResidualFusion(dims), plain_fusion("attention", dims, 8)):
        asked = retriever.with_fusion(fusion, similarity)
        for hit in asked.search("red wine", image=catalogue.folder / "wine-red.png", k=100):
            assert sum(hit.shares.values()) == pytest.approx(hit.score, abs=1e-5)
            assert {"text", "image"} <= set(hit.shares)


def test_hits_carry_the_parts_of_the_item(retriever, catalogue):
    hit = retriever.search("red wine")[0]
    assert hit.text == catalogue.row("wine-red")["text"]
    assert hit.image == catalogue.folder / "wine-red.png" and hit.audio == catalogue.folder / "wine-red.wav"
    unseen = next(hit for hit in retriever.search("soda") if hit.id == "can-unseen")
    assert unseen.image is None
    assert {unseen: 1}[unseen] == 1  # a hit can be a key


# The vectors that are kept


def test_only_the_last_few_ways_of_seeing_are_kept(retriever):
    gallery = retriever.gallery
    first = gallery.as_seen(["text"])
    assert gallery.as_seen(["text"]) is first
    for weight in range(1, KEPT + 3):
        gallery.as_seen(["text"], {"text": float(weight)})
    assert len(gallery._seen) == KEPT
    again = gallery.as_seen(["text"])
    assert again is not first and torch.equal(again[0], first[0])


# On disk


def test_save_and_load_lead_to_the_same_hits(retriever, catalogue, tmp_path):
    retriever.remove("wine-white")
    kept = Retriever(
        retriever.catalogue, small_encoders(), retriever.features, ConcatFusion({"text": 2, "image": 1, "audio": 1})
    )
    with pytest.warns(UserWarning, match="encoder is not saved"):
        kept.save(tmp_path / "kept")
    again = Retriever.load(tmp_path / "kept", encoders=small_encoders())
    assert again.search("red wine", audio=tone(400)) == kept.search(
        "red wine", audio=tone(400)
    )  # exact: the same vectors, saved and loaded
