"""Ids that are numbers, judgements of yes and no, grades that are none, and files of judgements in any form."""

import warnings

import numpy as np
import pytest

from mmr_toolkit import Catalogue
from mmr_toolkit.evaluation import compare, evaluate_run
from mmr_toolkit.queries import QueryTable, Questions
from mmr_toolkit.queries.qrels import read_qrels


@pytest.mark.parametrize("run", [{"1": ["10", "20"]}, {1: [10, 20]}, {1: ["10", 20]}])
@pytest.mark.parametrize("qrels", [{"1": {"20": 3}}, {1: {20: 3}}, {1: {"20": 3}}])
def test_ids_that_are_numbers_are_the_same_ids(run, qrels):
    assert evaluate_run(run, qrels).per_query["AP"].to_dict() == {"1": 0.5}  # exact: one half


def test_judgements_of_yes_and_no_say_what_to_pass():
    run, qrels = {"q": ["a", "b"]}, {"q": {"b": 1}}
    with pytest.warns(UserWarning, match="the highest grade is 1.*pass full_match=1") as said:
        assert evaluate_run(run, qrels).per_query["AP"].isna().all()
    assert said[0].filename == __file__  # it points at the call
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert evaluate_run(run, qrels, full_match=1).mean["AP"] == pytest.approx(0.5)


@pytest.mark.parametrize("highest", [1, 2])
def test_a_comparison_by_yes_and_no_says_what_to_pass(highest):
    qrels = {"p": {"a": highest}, "q": {"b": highest}}
    asked = {"T": Questions(["p", "q"], {"text": np.eye(2)}, qrels)}
    options = {"measures": ["AP"], "n_resamples": 10, "rng": np.random.default_rng(0)}
    system = {"right": lambda queries: queries["text"]}
    with pytest.warns(UserWarning, match=f"the highest grade is {highest}.*pass full_match={highest}") as said:
        assert np.isnan(compare(system, asked, ["a", "b"], **options).wide().loc["right", "T"])
    assert said[0].filename == __file__  # it points at the call
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        right = compare(system, asked, ["a", "b"], full_match=highest, **options).wide().loc["right", "T"]
        assert right == pytest.approx(1)
        mixed = {"p": {"a": 3}, "q": {"b": 1}}  # one full match is enough: the judgements are graded
        compare(system, {"T": Questions(["p", "q"], {"text": np.eye(2)}, mixed)}, ["a", "b"], **options)


@pytest.mark.parametrize("grade", [-1, 10**30, 0.5, float("nan")])
def test_grades_that_are_none(grade):
    with pytest.raises(ValueError, match="give 'a' the grade"):
        evaluate_run({"q": ["a"]}, {"q": {"a": grade}})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_judgements_may_have_a_byte_order_mark(tmp_path, encoding):
    (tmp_path / "qrels.txt").write_bytes("问题一 0 A 3\nq2 0 B 1\n".encode(encoding))
    assert read_qrels(tmp_path / "qrels.txt") == {"问题一": {"A": 3}, "q2": {"B": 1}}


@pytest.mark.parametrize(("content", "message"), [
    ("问 0 A 3\n".encode("gb18030"), "qrels.txt is not in utf-8.*Save it as UTF-8"),
    (b"q 0 A " + b"9" * 31, "line 1: .*grade"),
    (b"q 0 A 1000001", "line 1: .*grade"),
])  # fmt: skip
def test_a_file_of_judgements_that_cannot_be_read_is_named(tmp_path, content, message):
    (tmp_path / "qrels.txt").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_qrels(tmp_path / "qrels.txt")


def test_judgements_of_other_queries_are_named(tmp_path):
    (tmp_path / "metadata.csv").write_text("id,text\nA,red wine\nB,tea\n")
    (tmp_path / "queries.csv").write_text("query_id,product_id,split,text\nq1,A,test,red\nq2,B,test,tea\n")
    (tmp_path / "qrels.txt").write_text("Q1 0 A 1\nQ2 0 B 1\n")
    with pytest.raises(ValueError, match="qrels.txt judges 'Q1' and 1 more.*whose first is 'q1'"):
        QueryTable.read(tmp_path / "queries.csv", Catalogue.from_folder(tmp_path))
