"""The retriever on a catalogue that can be followed by hand: every combination of parts, holes, errors."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.evaluation.evaluate import chance, evaluate_run, ranked_run
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import PLAIN, ConcatFusion, ResidualFusion, plain_fusion
from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.shop.data import cornershop, cornershop_qrels, cornershop_queries
from mmr_toolkit.similarity.measures import SIMILARITIES, cosine
from same_hits import assert_same_hits
from small_catalogue import colour_file, features_of, small_catalogue, small_encoders, tone

PARTS = {"text": "red wine 红酒", "image": Image.new("RGB", (40, 40), (200, 20, 30)), "audio": tone(400)}
ALL_KINDS = [names for n in (1, 2, 3) for names in combinations(PARTS, n)]


@pytest.fixture
def catalogue(tmp_path):
    return small_catalogue(tmp_path)


@pytest.fixture
def retriever(catalogue):
    return Retriever(catalogue, small_encoders(), features_of(catalogue, small_encoders()))


def ids(hits):
    return [hit.id for hit in hits]


# Searching


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"text": "红酒"}, ["wine-red", "wine-silent"]),
        ({"text": "red wine"}, ["wine-red", "wine-silent", "wine-white"]),
        ({"text": "soda"}, ["can-red", "can-unseen"]),
        ({"image": PARTS["image"]}, ["wine-red", "can-red", "wine-silent"]),
        ({"audio": tone(3000)}, ["can-red", "can-unseen", "can-unread"]),
        ({"image": PARTS["image"], "audio": tone(3000)}, ["can-red"]),
        ({"text": "wine", "image": PARTS["image"], "audio": tone(400)}, ["wine-red"]),
    ],
)
def test_finds_what_was_asked_for(retriever, query, expected):
    assert ids(retriever.search(**query))[: len(expected)] == expected


def test_hits_are_ranked_and_lead_back_to_the_catalogue(retriever, catalogue):
    hits = retriever.search("red wine", k=3)
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert all(catalogue.ids[hit.position] == hit.id for hit in hits)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)  # exact: the same numbers
    assert isinstance(hits[0], Hit)
    # "red wine" has 2 of the item's 3 words: cosine 2 / √(2 · 3)
    assert hits[0].score == pytest.approx(2 / 6**0.5)
    with pytest.raises(AttributeError):
        hits[0].score = 1.0


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("names", ALL_KINDS)
def test_every_combination_of_parts_with_every_similarity(catalogue, names, similarity):
    """The oracle: the mean cosine over the parts that both have, times the root of their share of the question."""
    encoders = small_encoders()
    features = features_of(catalogue, encoders)
    retriever = Retriever(catalogue, encoders, features, similarity=similarity)
    query = {name: PARTS[name] for name in names}
    both = np.stack([features.mask[name] for name in names])
    cosines = torch.stack(
        [cosine(encoders[name].encode([query[name]]), features.vectors[name])[0] for name in names]
    ).numpy()
    score = (cosines * both).sum(axis=0) / np.maximum(both.sum(axis=0), 1) * np.sqrt(both.mean(axis=0))
    comparable = np.flatnonzero(both.any(axis=0))
    if similarity == "euclidean":
        score = -np.sqrt(np.maximum(2 - 2 * score, 0))
    hits = retriever.search(**query)
    assert sorted(hit.position for hit in hits) == comparable.tolist()
    assert [hit.score for hit in hits] == pytest.approx(sorted(score[comparable], reverse=True), abs=1e-3)


def test_pictures_and_sounds_may_be_paths(retriever, catalogue, tmp_path):
    path = colour_file(tmp_path / "asked.png", (200, 20, 30))
    assert (
        retriever.search(image=path) == retriever.search(image=str(path)) == retriever.search(image=PARTS["image"])
    )  # exact: the same computation
    assert retriever.search(audio=catalogue.folder / "wine-red.wav")[0].id == "wine-red"


def test_equal_items_come_in_the_order_of_the_catalogue(retriever):
    hits = retriever.search("cherry soda")
    assert ids(hits)[:2] == ["can-red", "can-unseen"]
    assert hits[0].score == pytest.approx(hits[1].score)


def test_the_product_that_asks_is_left_out(retriever):
    assert "wine-red" not in ids(retriever.search("red wine", exclude="wine-red"))
    assert ids(retriever.search("red wine", exclude=["wine-red", "wine-silent"]))[0] == "wine-white"
    assert ids(retriever.search("red wine"))[0] == "wine-red"  # the next search has all items again
    assert retriever.search("wine", exclude=retriever.catalogue.ids) == []


@pytest.mark.parametrize("texts", [["red wine"], ["red wine"] * 2, ["红酒"], ["tea", "tea", "tea"]])
def test_one_item_or_alike_texts_are_found_by_their_words(tmp_path, texts):
    table = pd.DataFrame({"id": [f"i{n}" for n in range(len(texts))], "text": texts})
    alike = Retriever.build(Catalogue.from_table(table, tmp_path), progress=False, cache=False)
    for query in (texts[0], texts[0].split()[0]):
        assert len(alike.search(query)) == len(texts)
    assert not alike.features.faults


def test_another_modality_than_the_items_have_is_asked_by_a_joint_part(catalogue):
    encoders = small_encoders()
    photos = features_of(catalogue, encoders)
    photos = Features({"image": photos.vectors["image"]}, {"image": photos.mask["image"]}, [], photos.ids)
    with pytest.raises(
        ValueError, match=r"cannot be searched by text, only by image\. To find one modality by another"
    ):
        Retriever(catalogue, encoders, photos).search("wine")


def test_k(retriever):
    assert len(retriever.search("wine", k=2)) == 2
    assert len(retriever.search("wine", k=1000)) == 5  # six items, one of them without text
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        retriever.search("wine", k=0)


# Holes


def test_items_without_any_part_that_is_asked_for_are_left_out(retriever):
    assert "can-unread" not in ids(retriever.search("wine", k=1000))
    assert "can-unseen" not in ids(retriever.search(image=PARTS["image"], k=1000))
    assert "can-unseen" in ids(retriever.search("wine", image=PARTS["image"], k=1000))


def test_a_hole_beside_the_question_makes_no_difference(retriever):
    scores = {hit.id: hit.score for hit in retriever.search("red wine")}
    assert scores["wine-red"] == pytest.approx(scores["wine-silent"])


def test_a_hole_that_is_asked_for_costs(retriever):
    scores = {hit.id: hit.score for hit in retriever.search("red wine", audio=tone(400))}
    assert scores["wine-silent"] < scores["wine-red"]
    assert scores["wine-silent"] > scores["can-red"]


def test_a_catalogue_without_one_modality(catalogue):
    encoders = {name: encoder for name, encoder in small_encoders().items() if name != "audio"}
    retriever = Retriever(catalogue, encoders, features_of(catalogue, encoders))
    assert retriever.search("wine", image=PARTS["image"])[0].id == "wine-red"
    with pytest.raises(ValueError, match="this catalogue cannot be searched by audio, only by text, image"):
        retriever.search(audio=tone(400))


# Many queries at once


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_score_all_agrees_with_search(catalogue, similarity):
    retriever = Retriever(catalogue, small_encoders(), features_of(catalogue, small_encoders()), similarity=similarity)
    queries = {"text": ["wine", "cherry soda"], "audio": [tone(400), tone(3000)]}
    scores = retriever.score_all(queries)
    assert scores.shape == (2, len(catalogue))
    for row, text, audio in zip(scores, *queries.values(), strict=True):
        hits = retriever.search(text, audio=audio, k=1000)
        assert [hit.score for hit in hits] == pytest.approx([float(row[hit.position]) for hit in hits])
    by_text = retriever.score_all({"text": ["wine"]})
    assert by_text[0].isneginf().tolist() == [id == "can-unread" for id in catalogue.ids]


# With the encoders that are learned from the catalogue


def test_build_learns_encoders_where_none_are_given(catalogue, tmp_path):
    retriever = Retriever.build(catalogue)
    assert list(retriever.encoders) == list(retriever.features.vectors) == ["text", "image", "audio"]
    for query in ({"text": "红酒"}, {"image": tmp_path / "wine-red.png"}, {"audio": tmp_path / "wine-red.wav"}):
        first = retriever.search(**query)[0]
        assert first.id == "wine-red"
        assert 0 < first.score <= 1
    with pytest.raises(ValueError, match=r"the text of the query says nothing: none of its words is known \(xyzzy\)"):
        retriever.search("xyzzy")


@pytest.fixture(scope="module")
def shop():
    return Retriever.build(cornershop())


@pytest.mark.slow
@pytest.mark.parametrize("text", ["红酒", "red wine", "a bottle of red wine please"])
def test_red_wine_in_the_built_in_shop(shop, text):
    found = shop.catalogue.table["type"].iloc[[hit.position for hit in shop.search(text, k=5)]]
    assert found.tolist() == ["red_wine"] * 5


@pytest.mark.slow
def test_in_the_built_in_shop_three_parts_together_find_more_than_each_alone(shop):
    """Asked for everything (validation queries), fusion is ahead of its best part, and every part ahead of chance."""
    queries = cornershop_queries("validation", kind="TIA")
    qrels = cornershop_qrels("validation")
    own = [shop.catalogue.position(product) for product in queries["product_id"]]
    values = {
        "text": queries["text"].tolist(),
        "image": [shop.catalogue.folder / path for path in queries["image_file_name"]],
        "audio": [shop.catalogue.folder / path for path in queries["audio_file_name"]],
    }

    def mean_ap(names):
        scores = shop.score_all({name: values[name] for name in names})
        run = ranked_run(queries["query_id"].tolist(), shop.catalogue.ids, scores, exclude=own)
        return evaluate_run(run, qrels, item_ids=shop.catalogue.ids).mean["AP"]

    by_chance = chance({query: qrels[query] for query in queries["query_id"]}, len(shop.catalogue) - 1).mean["AP"]
    alone = [mean_ap([name]) for name in values]
    assert min(alone) > 2 * by_chance
    assert mean_ap(values) > max(alone) + 0.05


@pytest.mark.slow
def test_items_with_holes_are_not_favoured_in_the_built_in_shop(shop):
    """Seven in a hundred items have a hole. Asked by text, they should not fill more than their share of the top."""
    texts = cornershop_queries("validation", kind="T")["text"].tolist()
    has_hole = torch.as_tensor(~shop.catalogue.mask.to_numpy().all(axis=1))
    top = shop.score_all({"text": texts}).topk(10).indices
    share, of_all = float(has_hole[top].float().mean()), float(has_hole.float().mean())
    assert share < 1.5 * of_all
    z_items, _ = shop.fusion(shop.features.vectors, shop.features.mask)  # joined with all their parts
    z_queries, _ = shop.fusion({"text": shop.encoders["text"].encode(texts)})
    naive = (z_queries @ z_items.T).topk(10).indices
    assert float(has_hole[naive].float().mean()) > 2 * of_all


# Errors


def test_a_query_without_a_part(retriever):
    with pytest.raises(ValueError, match="the query has no part: give at least one of text, image, audio"):
        retriever.search()
    with pytest.raises(ValueError, match="the query has no part"):
        retriever.score_all({})


def test_a_text_of_unknown_words_names_them(retriever):
    with pytest.raises(ValueError, match=r"the text of the query says nothing: none of its words is known \(xyzzy\)"):
        retriever.search("xyzzy")


def test_a_file_that_is_not_there(retriever, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.png"):
        retriever.search(image=tmp_path / "nothing.png")
    (tmp_path / "broken.wav").write_bytes(b"not a sound")
    with pytest.raises(ValueError, match="not a sound"):
        retriever.search(audio=tmp_path / "broken.wav")


def test_an_unknown_id_to_exclude(retriever):
    with pytest.raises(ValueError, match="wine-rde"):
        retriever.search("wine", exclude="wine-rde")


def test_a_weight_of_zero_leaves_nothing_to_ask_with(catalogue):
    fusion = ConcatFusion({"text": 1, "image": 1, "audio": 0})
    retriever = Retriever(catalogue, small_encoders(), features_of(catalogue, small_encoders()), fusion)
    with pytest.raises(ValueError, match=r"only parts with weight 0 .*\(audio\)"):
        retriever.search(audio=tone(400))
    assert_same_hits(retriever.search("wine", audio=tone(400)), retriever.search("wine", audio=tone(3000)))


def test_a_residual_fusion_that_has_learned_nothing_finds_what_the_default_finds(catalogue, retriever):
    features = features_of(catalogue, small_encoders())
    residual = ResidualFusion({m: v.shape[1] for m, v in features.vectors.items()})
    learned = Retriever(catalogue, small_encoders(), features, residual)
    for names in ALL_KINDS:
        query = {name: PARTS[name] for name in names}
        expected = retriever.search(**query)
        hits = learned.search(**query)
        assert ids(hits) == ids(expected)
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in expected], abs=1e-5)


@pytest.mark.parametrize("kind", PLAIN)
def test_while_searching_nothing_is_dropped_and_nothing_is_kept_for_gradients(catalogue, kind):
    features = features_of(catalogue, small_encoders())
    fusion = plain_fusion(kind, {m: v.shape[1] for m, v in features.vectors.items()}, 8).train()
    retriever = Retriever(catalogue, small_encoders(), features, fusion)
    scores = retriever.score_all({"text": ["red wine"]})
    assert not scores.requires_grad
    assert torch.equal(  # exact: the same computation twice
        scores, Retriever(catalogue, small_encoders(), features, fusion).score_all({"text": ["red wine"]})
    )
    assert torch.isfinite(scores).all()  # all parts live in one space: an item without a text is compared as well


def test_parts_that_do_not_belong_together(catalogue):
    encoders = small_encoders()
    features = features_of(catalogue, encoders)
    with pytest.raises(ValueError, match="the features belong to 6 other items than the 4 of this catalogue"):
        Retriever(catalogue.subset([0, 1, 2, 3]), encoders, features)
    with pytest.raises(ValueError, match="no encoder for audio"):
        Retriever(catalogue, {name: encoders[name] for name in ("text", "image")}, features)
    with pytest.raises(ValueError, match="unknown similarity 'nearness'"):
        Retriever(catalogue, encoders, features, similarity="nearness")
