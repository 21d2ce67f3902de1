"""Queries of any folder: pairs and questions as the shop has them, known items, and every error by line."""

import numpy as np
import pytest

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import data_folder
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.queries.table import QueryTable
from mmr_toolkit.shop.data import cornershop, cornershop_queries, shop_features, shop_pairs, shop_questions
from small_catalogue import small_catalogue, small_encoders

HEADER = "query_id,product_id,split,text,image_file_name,audio_file_name\n"
ROWS = (
    "q1,wine-red,train,red wine,,\n"
    "q2,can-red,train,soda,wine-red.png,can-red.wav\n"
    "q3,wine-white,validation,white wine,,\n"
    "q4,can-unseen,test,cherry,,can-red.wav\n"
    "q5,wine-silent,test,wine,wine-red.png,\n"
    "q6,wine-red,test,red,wine-white.png,\n"
)


@pytest.fixture
def catalogue(tmp_path):
    return small_catalogue(tmp_path)


def table_of(catalogue, rows=ROWS, header=HEADER, qrels=None):
    path = catalogue.folder / "queries.csv"
    path.write_text(header + rows, encoding="utf-8")
    if qrels is not None:
        path.with_name("qrels.txt").write_text(qrels, encoding="utf-8")
    return QueryTable.read(path, catalogue)


# Like the shop


def features_of(table):
    """Vectors that name their row; holes where the table has them."""
    columns = {"text": "text", "image": "image_file_name", "audio": "audio_file_name"}
    mask = {name: table[columns[name]].notna().to_numpy() for name in MODALITIES}
    row = np.arange(1, len(table) + 1, dtype=np.float32)[:, None]
    return Features({name: row * has[:, None] for name, has in mask.items()}, mask, [], table["query_id"].tolist())


@pytest.fixture(scope="module")
def shop():
    catalogue = cornershop()
    return QueryTable.read(data_folder() / "cornershop" / "queries.csv", catalogue)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_the_questions_of_the_shop_are_those_of_the_shop(shop, split):
    features = features_of(cornershop_queries(split))
    expected = shop_questions(features, split)
    found = shop.questions(features)
    assert list(found) == list(expected)
    for kind, asked in expected.items():
        same = found[kind]
        assert (list(same.ids), list(same.own), list(same.families)) == (asked.ids, asked.own, asked.families)
        assert all(same.qrels[query] == asked.qrels.get(query, {}) for query in asked.ids)
        assert {part: matrix.tolist() for part, matrix in same.vectors.items()} == {
            part: matrix.tolist() for part, matrix in asked.vectors.items()
        }


def test_the_pairs_of_the_shop_are_those_of_the_shop(shop):
    items = Features({"text": np.ones((1216, 2), np.float32)}, {"text": np.ones(1216, bool)}, [], cornershop().ids)
    train = features_of(cornershop_queries("train"))
    queries = Features({"text": np.ones((len(train), 2), np.float32)}, {"text": train.mask["text"]}, [], train.ids)
    expected = shop_pairs(items, queries)
    found = shop.pairs(items, queries, same=["type", "note", "brand"])
    assert found.item_of.tolist() == expected.item_of.tolist()
    rows = np.arange(200)
    assert (found.positives(rows, ["text"]) == expected.positives(rows, ["text"])).all()


def test_queries_are_extracted_as_the_shop_extracts_them(shop):
    class Length:
        modality, name, dim = "text", "length", 1

        def encode(self, values, **_):
            return np.array([[len(value)] for value in values], np.float32)

    found = shop.features({"text": Length()}, "validation", cache=False)
    expected = shop_features({"text": Length()}, "validation", cache=False)
    assert found.ids == expected.ids
    assert found.vectors["text"].tolist() == expected.vectors["text"].tolist()  # exact: lengths of texts


# A folder of one's own


def test_without_judgements_the_own_item_is_the_one_right_answer(catalogue):
    table = table_of(catalogue)
    questions = table.questions(table.features(small_encoders(), "test"))
    assert {kind: list(asked.ids) for kind, asked in questions.items()} == {"TI": ["q5", "q6"], "TA": ["q4"]}
    asked = questions["TI"]
    assert list(asked.own) == [None, None]
    truth = asked.truth(catalogue.ids)
    assert truth.tolist() == [[0, 0, 0, 3, 0, 0], [3, 0, 0, 0, 0, 0]]
    assert set(asked.vectors) == {"text", "image"}
    assert asked.families is None


def test_pairs_lead_to_the_own_item_and_to_those_that_agree_in_the_named_columns(catalogue):
    table = table_of(catalogue)
    words = {"text": small_encoders()["text"]}
    ones = np.ones((6, words["text"].dim), np.float32)
    items = Features({"text": ones}, {"text": np.ones(6, bool)}, [], catalogue.ids)
    queries = table.features(words, "train")
    alone = table.pairs(items, queries)
    assert alone.item_of.tolist() == [0, 2]
    assert alone.codes is None
    both = table.pairs(items, queries, same=["title_en"])
    assert (both.codes["text"][0] == both.codes["text"][3]).all()  # two red wines
    assert (both.codes["text"][0] != both.codes["text"][2]).any()


def test_judgements_of_yes_and_no_become_full_matches(catalogue):
    table = table_of(catalogue, qrels="q5 0 wine-red 1\nq5 0 can-red 0\n\nq6 0 wine-red 1\n")
    asked = table.questions(table.features(small_encoders(), "test"))["TI"]
    assert asked.qrels == {"q5": {"wine-red": 3, "can-red": 0}, "q6": {"wine-red": 3}}
    # The own item of q5 is not named and left out; q6's own item is its right answer.
    assert list(asked.own) == [3, None]


def test_graded_judgements_stay_as_they_are(catalogue):
    table = table_of(catalogue, qrels="q5 0 wine-red 3\nq5 0 wine-white 1\n")
    questions = table.questions(table.features(small_encoders(), "test"))
    assert questions["TI"].qrels == {"q5": {"wine-red": 3, "wine-white": 1}, "q6": {}}


def test_ids_that_look_like_numbers_stay_what_they_are(tmp_path):
    (tmp_path / "metadata.csv").write_text("id,text\n7,red wine\n1.50,white wine\n", encoding="utf-8")
    table = table_of(Catalogue.from_folder(tmp_path), "10,7,train,red,,\n2,1.50,train,white,,\n")
    features = table.features({"text": small_encoders()["text"]}, "train")
    assert features.ids == ["10", "2"]
    assert table._own(features.ids) == [0, 1]


def test_a_query_without_a_usable_part_is_left_out_with_a_warning(catalogue):
    table = table_of(catalogue, ROWS + "q7,wine-red,test,xyzzy,,\n")
    with pytest.warns(UserWarning, match="1 part could not be used"):
        features = table.features(small_encoders(), "test")
    with pytest.warns(UserWarning, match="1 of 4 queries have no part that could be used; left out"):
        questions = table.questions(features)
    assert "T" not in questions


# Errors


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("q1,wine-rde,train,red,,\n", r"queries\.csv, line 2: no item has the id 'wine-rde' .*Did you mean 'wine-red'"),
        ("q1,wine-red,dev,red,,\n", r"line 2: the split is 'dev'; expected one of train, validation, test"),
        ("q1,wine-red,train,red,,\nq1,can-red,test,red,,\n", r"line 3: the query id 'q1' is there already"),
        ("q1,,train,red,,\n", r"line 2: a query needs a query_id and a product_id, this row lacks one"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(catalogue, rows, message):
    with pytest.raises(ValueError, match=message):
        table_of(catalogue, rows)


@pytest.mark.parametrize("column", ["query_id", "product_id", "split"])
def test_a_column_that_is_missing_is_named(catalogue, column):
    with pytest.raises(ValueError, match=rf"queries\.csv: no column '{column}'"):
        table_of(catalogue, header=HEADER.replace(column, f"{column}s"))


def test_a_table_that_is_not_there(catalogue):
    with pytest.raises(FileNotFoundError, match="no such table of queries; expected the columns query_id, product_id"):
        QueryTable.read(catalogue.folder / "questions.csv", catalogue)


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("q5 0 wine-red\n", r"qrels\.txt, line 1: 'q5 0 wine-red'; expected four words"),
        ("q5 0 wine-red yes\n", r"line 1: .* expected four words: query, 0, item, grade"),
        ("q5 0 wine-red 3\nq5 0 wine-rde 3\n", r"qrels\.txt, line 2: no item has the id 'wine-rde'"),
        ("q5 0 wine-red 2\n", r"the highest grade is 2; expected 3 for a full match, or 1"),
        ("", r"the highest grade is 0; expected 3"),
    ],
)
def test_judgements_that_cannot_be_used_are_named_by_their_line(catalogue, qrels, message):
    with pytest.raises(ValueError, match=message):
        table_of(catalogue, qrels=qrels)


def test_a_split_without_queries_and_an_unknown_one(catalogue):
    table = table_of(catalogue, "q1,wine-red,train,red,,\n")
    with pytest.raises(ValueError, match="no query has test in its column split, there are: train 1, validation 0"):
        table.features(small_encoders(), "test")
    with pytest.raises(ValueError, match="split is 'dev'; expected one of train, validation, test"):
        table.count("dev")


def test_features_of_elsewhere_and_columns_that_are_not_there(catalogue):
    table = table_of(catalogue)
    features = table.features(small_encoders(), "train")
    with pytest.raises(ValueError, match="the features are not those of this catalogue"):
        table.pairs(features, features)
    items = Features(features.vectors, features.mask, [], catalogue.ids)
    with pytest.raises(ValueError, match="this catalogue has no column 'colour', only id, text"):
        table.pairs(items, features, same=["colour"])


def test_queries_without_any_part_are_an_error(catalogue):
    table = table_of(catalogue, "q7,wine-red,test,xyzzy,,\n")
    with pytest.warns(UserWarning, match="could not be used"):
        features = table.features(small_encoders(), "test")
    with pytest.raises(ValueError, match="none of the 1 queries has a part that could be used"):
        table.questions(features)
