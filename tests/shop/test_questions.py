"""The shop's questions: kinds, families and groups; what lacks is named; and the test split is refused for tuning."""

import os

import numpy as np
import pytest

from mmr_toolkit.features.extraction import Features
from mmr_toolkit.queries.qrels import QUERY_KINDS
from mmr_toolkit.shop.data import cornershop, cornershop_qrels, cornershop_queries, shop_query_table, shop_questions
from mmr_toolkit.training.recipe_search import search_recipe
from small_labelled import small_labelled

pytestmark = pytest.mark.slow


def features_of(split, rng):
    """Vectors of all parts of all queries, from the last to the first."""
    ids = cornershop_queries(split)["query_id"].tolist()[::-1]
    parts = ("text", "image", "audio")
    vectors = {part: rng.normal(size=(len(ids), 2)).astype("float32") for part in parts}
    return Features(vectors, {part: np.ones(len(ids), bool) for part in parts}, [], ids)


def test_the_questions_of_the_shop(rng):
    features = features_of("test", rng)
    by_kind = shop_questions(features, "test")
    assert {kind: tuple(asked.vectors) for kind, asked in by_kind.items()} == QUERY_KINDS
    shop, qrels = cornershop(), cornershop_qrels("test")
    products = shop.table.set_index("id")
    trained = set(products.loc[products["split"] == "train", "type"])
    for kind, asked in by_kind.items():
        table = cornershop_queries("test", kind=kind)
        assert asked.ids == table["query_id"].tolist()  # the order of the table, not that of the features
        assert asked.qrels == {query: qrels[query] for query in asked.ids}
        assert asked.split == "test"
        for i in rng.choice(len(asked), 10):
            query, product = asked.ids[i], products.loc[table["product_id"][i]]
            assert shop.ids[asked.own[i]] == product.name
            assert asked.families[i] == product["family"]
            assert asked.groups["seen"][i] == (product["type"] in trained) != asked.groups["unseen"][i]
            for part, matrix in asked.vectors.items():
                np.testing.assert_array_equal(matrix[i], features.vectors[part][features.ids.index(query)])
        assert asked.truth(shop.ids).max(axis=1).min() == 3  # every question has a full match


def test_the_kind_is_that_of_the_table_although_all_parts_have_vectors(rng):
    asked = shop_questions(features_of("validation", rng), "validation", kinds={"A": ("audio",), "TI": ("image",)})
    assert {kind: list(questions.vectors) for kind, questions in asked.items()} == {"A": ["audio"], "TI": ["image"]}
    assert asked["A"].ids == cornershop_queries("validation", kind="A")["query_id"].tolist()


def test_the_validation_split_has_seen_types_only(rng):
    asked = shop_questions(features_of("validation", rng), "validation", kinds={"T": ("text",)})
    assert list(asked) == ["T"]
    assert list(asked["T"].groups) == ["seen"]
    assert set(asked["T"].ids) < set(cornershop_qrels("validation"))


def test_features_that_lack_something(rng):
    features = features_of("validation", rng)
    with pytest.raises(
        ValueError, match=r"the features lack 'q.*' and .* more: take shop_features\(encoders, 'test'\)"
    ):
        shop_questions(features, "test")
    del features.vectors["audio"]
    with pytest.raises(ValueError, match="the features lack 'audio' and 0 more: .* with an encoder for each part"):
        shop_questions(features, "validation")


def test_a_split_or_a_kind_that_is_not_there(rng):
    features = features_of("validation", rng)
    with pytest.raises(ValueError, match="split is 'train'; expected one of validation, test"):
        shop_questions(features, "train")
    with pytest.raises(ValueError, match="kind is 'AT'; expected one of T, I, A"):
        shop_questions(features, "validation", kinds={"AT": ("audio", "text")})


def test_a_recipe_is_never_searched_on_test_questions(rng):
    asked = shop_questions(features_of("test", rng), "test", kinds={"T": ("text",)})
    with pytest.raises(ValueError, match="212 questions of kind T belong to the test split, first 'q"):
        search_recipe(None, None, asked, None, progress=False)


def test_who_changes_judgements_changes_none_but_their_own(rng):
    features = features_of("validation", rng)
    asked = shop_questions(features, "validation")["T"]
    asked.qrels[asked.ids[0]].clear()
    assert (
        shop_questions(features, "validation")["T"].qrels[asked.ids[0]] == cornershop_qrels("validation")[asked.ids[0]]
    )


def test_the_table_is_read_once_and_again_when_a_file_was_written(tmp_path, monkeypatch):
    folder = tmp_path / "cornershop"
    folder.mkdir()
    catalogue = small_labelled(folder)
    monkeypatch.setenv("MMR_DATA", str(tmp_path))
    table = catalogue.table.assign(type=catalogue.ids, note="", brand="", colour="", pattern="", sound="", split="test")
    names = {"image": "image_file_name", "audio": "audio_file_name"}
    table.rename(columns=names).to_csv(folder / "metadata.csv", index=False)
    qrels = folder / "qrels.txt"
    qrels.write_text(f"test-{catalogue.ids[0]} 0 {catalogue.ids[1]} 3\n", encoding="utf-8")
    first = shop_query_table()
    assert shop_query_table() is first
    assert first.qrels == {f"test-{catalogue.ids[0]}": {catalogue.ids[1]: 3}}
    qrels.write_text(f"test-{catalogue.ids[0]} 0 {catalogue.ids[2]} 3\n", encoding="utf-8")
    os.utime(qrels, ns=(0, 0))
    assert shop_query_table().qrels == {f"test-{catalogue.ids[0]}": {catalogue.ids[2]: 3}}
