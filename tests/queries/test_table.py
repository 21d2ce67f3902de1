"""Queries of any folder: pairs, questions, known items, what labels, groups and kinds say, every error by line."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.queries.qrels import read_qrels
from mmr_toolkit.queries.table import QueryTable
from mmr_toolkit.training.labelled import Labelled
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


def ones(ids, *modalities):
    """Vectors that say nothing; only names, labels and groups count."""
    return Features(
        {name: np.ones((len(ids), 2), np.float32) for name in modalities},
        {name: np.ones(len(ids), bool) for name in modalities},
        [],
        list(ids),
    )


def test_labels_say_by_modality_who_else_is_right(catalogue):
    """Two wines are red and in one of two bottles; the text tells the colour only, the picture the bottle too."""
    table = table_of(catalogue)
    colours = ["red", "white", "red", "red", None, None]
    bottles = [1.0, 1.0, 2.0, 1.0, np.nan, np.nan]
    catalogue.table["colour"], catalogue.table["bottle"] = colours, bottles
    table = replace(table, labels={"image": ("colour", "bottle"), "text": ("colour",), "audio": ("sound",)})
    pairs = table.pairs(ones(catalogue.ids, "text", "image"), ones(["q2", "q1"], "text", "image"))
    assert pairs.item_of.tolist() == [2, 0]
    assert pairs.codes["text"].tolist() == [[0], [1], [0], [0], [-1], [-1]]
    assert pairs.codes["image"].tolist() == [[0, 0], [1, 0], [0, 1], [0, 0], [-1, -1], [-1, -1]]
    rows = torch.tensor([0, 1])
    assert pairs.positives(rows, ["text"]).tolist() == [[True, True], [True, True]]
    assert pairs.positives(rows, ["text", "image"]).tolist() == [[True, False], [False, True]]
    named = table.pairs(ones(catalogue.ids, "text"), ones(["q1"], "text"), same=["bottle"])
    assert named.codes["text"].tolist() == [[0], [0], [1], [0], [-1], [-1]]  # what is named goes before the labels


def test_items_without_any_label_are_no_right_answers_to_each_other(catalogue):
    """No brand is no brand in common; but two shirts without a flavour agree in having none."""
    table = table_of(catalogue)
    catalogue.table["brand"] = [None, "Alba", "Alba", None, None, np.nan]
    catalogue.table["shape"] = ["tall", "tall", "tall", "tall", "flat", None]
    queries = ones(["q2", "q1"], "text")  # made from items 2 and 0
    for same, agree in ((["brand"], False), (["brand", "shape"], False), (["shape"], True)):
        pairs = table.pairs(ones(catalogue.ids, "text"), queries, same=same)
        assert bool(pairs.positives(torch.tensor([0, 1]), ["text"])[0, 1]) == agree
        pairs.item_of = torch.tensor([0, 3])
        assert bool(pairs.positives(torch.tensor([0, 1]), ["text"])[0, 1]) == ("shape" in same)


def test_groups_are_those_of_the_item_that_a_query_was_made_from(catalogue):
    wines = np.array([name.startswith("wine") for name in catalogue.ids])
    table = replace(table_of(catalogue), groups={"wine": wines, "can": ~wines})
    found = table.questions(table.features(small_encoders(), "test"))
    groups = {kind: {name: is_in.tolist() for name, is_in in asked.groups.items()} for kind, asked in found.items()}
    assert groups == {"TI": {"wine": [True, True]}, "TA": {"can": [True]}}  # groups without a question are not there


def test_a_column_says_the_kinds_whatever_has_a_vector(catalogue):
    header = HEADER.replace("split", "split,kind")
    rows = "q1,wine-red,test,TI,xyzzy,wine-red.png,\nq2,wine-red,test,T,red,wine-red.png,\n"
    table = table_of(catalogue, rows, header)
    found = table.questions(ones(["q2", "q1"], "text", "image"))
    assert {kind: (asked.ids, list(asked.vectors)) for kind, asked in found.items()} == {
        "T": (["q2"], ["text"]),
        "TI": (["q1"], ["text", "image"]),
    }
    assert list(table.questions(ones(["q1", "q2"], "text"))) == ["T"]  # the others ask for a part that nobody encoded
    only = table.questions(ones(["q1", "q2"], "text", "image"), {"TI": ("image",)})
    assert {kind: list(asked.vectors) for kind, asked in only.items()} == {"TI": ["image"]}


def test_questions_know_their_split(catalogue):
    table = table_of(catalogue)
    assert table.questions(ones(["q4", "q5"], "text"))["T"].split == "test"
    assert table.questions(ones(["q3", "q5"], "text"))["T"].split is None


def test_a_query_that_has_no_part_at_all_is_not_there(catalogue):
    with pytest.warns(UserWarning, match="1 faults"):
        table = table_of(catalogue, "q0,can-red,test,,,\n" + ROWS)
    assert table.count("test") == 3
    assert table._own(["q4", "q1"]) == [catalogue.position("can-unseen"), 0]


def test_judgements_without_a_catalogue_may_name_anything(tmp_path):
    path = tmp_path / "qrels.txt"
    path.write_text("q 0 ghost 3\nq Q0 a 1\n", encoding="utf-8")
    assert read_qrels(path) == {"q": {"ghost": 3, "a": 1}}


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


def test_a_kind_that_there_is_not_is_named_by_its_line(catalogue):
    header = HEADER.replace("split", "split,kind")
    for kind, shown in (("photo", "'photo'"), ("", "nan")):
        with pytest.raises(
            ValueError, match=rf"line 3: the kind is {shown}; expected one of T, I, A.* Leave the column"
        ):
            table_of(catalogue, f"q1,wine-red,test,T,red,,\nq2,wine-red,test,{kind},red,,\n", header)


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
    with pytest.raises(ValueError, match="split is 'dev'; expected one of train, validation, test"):
        Labelled(catalogue, small_encoders(), ones(catalogue.ids, "text"), table).questions("dev")


def test_queries_of_elsewhere(catalogue):
    table = table_of(catalogue)
    for make in (table.questions, lambda queries: table.pairs(ones(catalogue.ids, "text"), queries)):
        with pytest.raises(ValueError, match="the table has no query 'q77': take the features that it makes"):
            make(ones(["q1", "q77"], "text"))


def test_features_of_elsewhere_and_columns_that_are_not_there(catalogue):
    table = table_of(catalogue)
    features = table.features(small_encoders(), "train")
    with pytest.raises(ValueError, match="the features are not those of this catalogue"):
        table.pairs(features, features)
    items = ones(catalogue.ids, "text")
    with pytest.raises(ValueError, match="this catalogue has no column 'colour'; expected one of id, text"):
        table.pairs(items, features, same=["colour"])


def test_queries_without_any_part_are_an_error(catalogue):
    table = table_of(catalogue, "q7,wine-red,test,xyzzy,,\n")
    with pytest.warns(UserWarning, match="could not be used"):
        features = table.features(small_encoders(), "test")
    with pytest.raises(ValueError, match="none of the 1 queries has a part that could be used"):
        table.questions(features)
