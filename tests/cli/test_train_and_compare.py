"""`mmr train` and `mmr compare` on a tiny folder: reports, files, Ctrl-C, and every error in one sentence."""

import numpy as np
import pandas as pd
import pytest

from cli_runner import json_of, one_sentence, run
from colour_photos import COLOURS, colour_photos
from mmr_toolkit import Retriever
from mmr_toolkit.cli.compare import same_encoders, systems_of, verdict
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.evaluation.comparison import compare
from mmr_toolkit.evaluation.systems import UNTRAINED, UNTRAINED_EQUAL, mean_average_precision
from mmr_toolkit.features import extract
from mmr_toolkit.fusion import PLAIN, ConcatFusion, ResidualFusion
from mmr_toolkit.queries.table import QueryTable
from mmr_toolkit.training import loop as training
from mmr_toolkit.training.heads import train_head
from mmr_toolkit.training.labelled import Labelled
from mmr_toolkit.training.recipe import Recipe
from other_process import held_by_another
from small_labelled import small_labelled

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    small_labelled(folder)
    return folder


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """A head that the command has trained, and what it reported."""
    to = tmp_path_factory.mktemp("heads") / "head"
    return to, json_of("train", folder, "--steps", 30, "--same", "title_en", "--to", to)


@pytest.fixture(scope="module")
def labelled(trained, folder):
    """The same folder with the vectors of the saved retriever."""
    head = Retriever.load(trained[0])
    table = QueryTable.read(folder / "queries.csv", head.catalogue)
    return Labelled(head.catalogue, head.encoders, head.features, table, ["title_en"])


# Training


def test_two_that_train_to_the_same_place_the_second_is_refused_at_once(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("mmr_toolkit.training.train_head", None)  # it does not come so far
    with held_by_another(tmp_path / "head"):
        refused = one_sentence(run("train", folder, "--steps", 1, "--to", tmp_path / "head"))
    assert "head is being written by another process (or thread) at this moment" in refused
    assert not (tmp_path / "head").exists()


def test_train_saves_a_retriever_and_reports_what_the_library_finds(trained, labelled):
    to, report = trained
    head = Retriever.load(to)
    expected = train_head(
        labelled.pairs,
        recipe=Recipe(steps=30),
        weights=labelled.weights,
        validate=lambda fusion: mean_average_precision(fusion, labelled.validation, labelled.items),
        progress=False,
    )
    for name, value in expected.fusion.state_dict().items():
        assert np.allclose(head.fusion.state_dict()[name], value)
    assert report["weights"] == labelled.weights
    assert report["training_queries"] == 6
    assert report["best_step"] == expected.training.best_step
    untrained = ConcatFusion(labelled.weights, dims=labelled.items.dims)
    for kind, asked in labelled.validation.items():
        before = mean_average_precision(untrained, {kind: asked}, labelled.items)
        after = mean_average_precision(head.fusion, {kind: asked}, labelled.items)
        assert report["validation"][kind] == {"before": pytest.approx(before), "after": pytest.approx(after)}
    assert report["mAP_after"] >= report["mAP_before"]


def test_train_prints_validation_before_and_after(folder, tmp_path):
    result = run("train", folder, "--steps", 2, "--fusion", "concat", "--plain", "--to", tmp_path / "head")
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert ["validation", "mAP", "untrained,", "tuned", "trained"] in rows
    assert {row[0] for row in rows} >= {"TI", "TA", "IA", "TIA", "mean"}
    assert f"saved: {tmp_path / 'head'}" in result.stdout
    assert not isinstance(Retriever.load(tmp_path / "head").fusion, ResidualFusion)


@pytest.mark.parametrize("kind", PLAIN)
def test_every_fusion_of_the_table_can_be_trained(labelled, kind):
    for plain in (True, False):
        head = train_head(labelled.pairs, kind, Recipe(steps=1), residual=not plain, progress=False)
        assert isinstance(head.fusion, type(PLAIN[kind](labelled.items.dims, 8, 0)) if plain else ResidualFusion)


def test_without_validation_queries_weights_are_alike_and_the_report_says_so(tmp_path):
    small_labelled(tmp_path, splits=("train",))
    result = run("train", tmp_path, "--steps", 3, "--similarity", "euclidean", "--to", tmp_path / "head")
    assert result.exit_code == 0, result.output
    assert "No validation queries: all weights began alike" in result.stdout
    assert Retriever.load(tmp_path / "head").similarity == "euclidean"
    answer = json_of("train", tmp_path, "--steps", 3, "--to", tmp_path / "other")
    assert (answer["weights"], answer["mAP_before"], answer["best_step"]) == (None, None, 3)


@pytest.mark.parametrize(("steps", "best"), [(30, 25), (1, 0)])
def test_an_interrupted_training_saves_the_best_state_so_far(folder, tmp_path, monkeypatch, steps, best):
    step, taken = training.training_step, []

    def interrupted(trainee, pairs):
        taken.append(trainee.step)
        if len(taken) == steps:
            raise KeyboardInterrupt
        return step(trainee, pairs)

    monkeypatch.setattr(training, "training_step", interrupted)
    result = run("train", folder, "--steps", 40, "--to", tmp_path / "head")
    assert result.exit_code == 130
    assert f"of {best} (interrupted)" in result.stdout
    assert Retriever.load(tmp_path / "head").search("wine", k=1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{}", "--fusion", "early"], "Error: unknown fusion 'early': choose one of concat, weighted, attention."),
        (["{}", "--similarity", "dot"], "dot"),
        (["{}", "--same", "colour"], "Error: this catalogue has no column 'colour'; expected one of id, text"),
        (["{}", "--queries", "{}/none.csv"], "none.csv: no such table of queries"),
        (["--same", "type"], "Error: the built-in shop knows its right answers: leave --same out"),
        (["{}", "--steps", "0"], "Invalid value for '--steps'"),
    ],
)
def test_trainings_that_cannot_be_done_say_why(folder, tmp_path, arguments, sentence):
    given = [argument.replace("{}", str(folder)) for argument in arguments]
    assert sentence in one_sentence(run("train", *given, "--to", tmp_path / "head"))


def test_a_place_that_holds_something_else_is_refused_before_the_training(folder):
    assert "holds something else than a saved retriever" in one_sentence(run("train", folder, "--to", folder))


def test_a_table_without_training_queries(tmp_path):
    small_labelled(tmp_path, splits=("test",))
    sentence = one_sentence(run("train", tmp_path, "--to", tmp_path / "head"))
    assert "Error: no query has train in its column split, there are: train 0, validation 0, test 6." in sentence


# Across modalities


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Photos without texts, and a head that was trained to find them by words."""
    folder, to = tmp_path_factory.mktemp("colours"), tmp_path_factory.mktemp("heads") / "joint"
    colour_photos(folder)
    return folder, to, json_of("train", folder, "--joint", 0.3, "--steps", 50, "--to", to)


def test_photos_without_texts_are_found_by_words_with_a_joint_part(photos):
    folder, to, report = photos
    assert (report["weights"], report["mAP_before"]) == (None, None)  # untrained, nothing can be compared
    assert report["validation"] == {"T": {"before": None, "after": report["mAP_after"]}}
    assert report["mAP_after"] > 0.8  # by chance 0.45
    for colour in COLOURS:
        hits = json_of("search", to, "--text", f"something {colour}", "--k", 3, "--why")["hits"]
        assert {hit["id"].rstrip("0123456789") for hit in hits} == {colour}
    again = json_of("search", folder, "--retriever", to, "--text", "red")["hits"]
    assert again[0]["id"].startswith("red")


def test_photos_without_texts_are_compared_by_what_can_answer(photos):
    answer = json_of("compare", photos[0], "--retriever", photos[1], "--measures", "AP")
    value = {row["system"]: row["value"] for row in answer["table"]}
    assert (answer["against"], answer["questions"]) == ("joint", {"T": 12})
    assert value["joint"] > 0.8 > 0.5 > value["chance"]
    assert value["text alone"] is value["image alone"] is value[UNTRAINED_EQUAL] is None


def test_a_table_without_weights_or_a_value_before_is_printed(photos, tmp_path):
    result = run("train", photos[0], "--joint", 0.3, "--steps", 2, "--to", tmp_path / "head")
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert ["validation", "mAP", "untrained", "trained"] in rows
    assert [row[:2] for row in rows if row[0] in ("T", "mean")] == [["T", "-"], ["mean", "-"]]
    assert "weights tuned" not in result.stdout


@pytest.mark.parametrize("options", [["--plain"], ["--plain", "--encoder", "text=bert"]])
def test_a_plain_fusion_finds_photos_by_words_too(photos, tmp_path, options):
    report = json_of("train", photos[0], *options, "--steps", 40, "--to", tmp_path / "head")
    assert report["mAP_after"] > 0.6
    assert json_of("search", tmp_path / "head", "--text", "something blue")["hits"]


ACROSS = r"To find one modality by another, learn a joint part from labelled queries (`mmr train --joint 0.3`), or take"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["train", "{}", "--to", "{}/head"], "the 6 validation queries have only text, and the items are described by"),
        (["compare", "{}"], "the 12 test queries have only text, and the items are described by image."),
        (["search", "{}", "--text", "red"], "cannot be searched by text, its items have only image."),
    ],
)
def test_without_a_joint_part_it_is_said_what_it_takes(photos, command, sentence):
    said = one_sentence(run(*(word.replace("{}", str(photos[0])) for word in command)))
    assert sentence in said
    assert ACROSS in said


@pytest.mark.parametrize("joint", ["-0.1", "1", "1.5", "nan", "inf"])
def test_a_share_that_is_none_is_refused_before_anything_is_read(monkeypatch, tmp_path, joint):
    monkeypatch.setattr(
        "mmr_toolkit.cli.train.open_labelled", lambda *_, **__: pytest.fail("read before it was checked")
    )
    said = one_sentence(run("train", "--joint", joint, "--to", tmp_path / "head"))
    assert f"--joint is {float(joint)}; expected a share from 0 to below 1." in said
    assert not (tmp_path / "head").exists()


def test_joint_trains_across_modalities_and_is_judged_across_too(folder, tmp_path):
    report = json_of("train", folder, "--joint", 0.3, "--steps", 30, "--to", tmp_path / "head")
    assert {kind for kind in report["validation"] if "→" in kind} == {
        f"{one} → {other}" for one in MODALITIES for other in MODALITIES if one != other
    }
    for kind, mAP in report["validation"].items():
        assert (mAP["before"] is None) == ("→" in kind)
        assert 0 < mAP["after"] <= 1
    assert Retriever.load(tmp_path / "head").fusion.settings["joint"] == 0.3


def test_a_plain_fusion_with_a_joint_part_is_refused_before_anything_is_read(tmp_path):
    sentence = one_sentence(run("train", tmp_path / "none", "--plain", "--joint", 0.3, "--to", tmp_path / "head"))
    assert "--plain is one common space and has no joint part: leave --plain or --joint out." in sentence


# Comparing


def test_compare_as_json_is_what_the_library_finds(trained, labelled, folder, tmp_path):
    to, _ = trained
    files = {name: tmp_path / f"table.{end}" for name, end in (("csv", "csv"), ("latex", "tex"), ("heat-map", "png"))}
    options = [part for name, path in files.items() for part in (f"--{name}", path)]
    answer = json_of("compare", "--retriever", to, "--media", folder, "--measures", "AP,RR", *options)
    systems, against = systems_of(labelled, {"head": Retriever.load(to)}, "test")
    rng = np.random.default_rng(0)
    expected = compare(
        systems, labelled.questions("test"), labelled.items.ids, against=against, measures=["AP", "RR"], rng=rng
    )
    assert answer["against"] == against == UNTRAINED
    found = pd.DataFrame(answer["table"]).astype(expected.table.dtypes)
    pd.testing.assert_frame_equal(found, expected.table)
    assert answer["sentences"] == verdict(expected).sentences()
    assert answer["questions"] == {"TI": 1, "TA": 1, "IA": 1, "TIA": 3}
    pd.testing.assert_frame_equal(pd.read_csv(files["csv"]), expected.table, check_dtype=False)
    assert files["latex"].read_text(encoding="utf-8") == expected.to_latex()
    assert files["heat-map"].read_bytes().startswith(b"\x89PNG")


def test_compare_prints_a_row_per_system_and_what_it_means(trained, folder):
    result = run("compare", folder, "--retriever", trained[0])
    assert result.exit_code == 0, result.output
    names = ["text alone", "late fusion", UNTRAINED_EQUAL, UNTRAINED, "head", "chance", "shuffled pairs"]
    lines = result.stdout.splitlines()
    assert all(any(line.strip().startswith(name) for line in lines) for name in names)
    assert "Best over all kinds by AP: " in result.stdout
    assert "n=3" in result.stdout
    assert "Note" not in result.stderr
    note = run("compare", folder, "--retriever", trained[0], "--split", "validation", "--measures", "AP").stderr
    assert "Note: what was learned or tuned on the validation queries looks better on them than it is." in note


def test_without_validation_queries_the_reference_has_equal_weights(tmp_path):
    small_labelled(tmp_path, splits=("test",))
    assert json_of("compare", tmp_path, "--measures", "AP")["against"] == UNTRAINED_EQUAL


def test_a_retriever_with_other_encoders_answers_with_its_own_vectors(trained, labelled, tmp_path):
    head = Retriever.load(trained[0])
    words = {"text": head.encoders["text"], "image": head.encoders["image"]}
    other = Retriever(head.catalogue, words, extract(head.catalogue, words, progress=False))
    other.save(tmp_path / "other")
    systems, _ = systems_of(labelled, {"other": Retriever.load(tmp_path / "other")}, "test")
    questions = labelled.questions("test")
    table = labelled.table.queries.table.set_index("id")
    folder = labelled.catalogue.folder
    for kind, asked in questions.items():
        scores = systems["other"](asked.vectors)
        if "A" in kind:
            assert scores is None
            continue
        values = {"text": table.loc[asked.ids, "text"].tolist()}
        values["image"] = [folder / path for path in table.loc[asked.ids, "image"]]
        assert np.allclose(scores, other.score_all(values), atol=1e-6)


def test_encoders_are_the_same_if_their_vectors_are(trained, labelled):
    again = Retriever.load(trained[0]).encoders
    assert same_encoders(again, labelled.encoders)
    assert not same_encoders({"text": again["text"]}, labelled.encoders)
    words = [{"text": Words()}, {"text": Words()}]
    assert same_encoders(words[0], words[0])
    assert not same_encoders(*words)


class Words:
    """Says nothing of what its vectors depend on."""

    modality, name, dim = "text", "words", 1

    def encode(self, values, **_):
        return np.ones((len(values), 1), np.float32)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{}", "--split", "dev"], "Error: split is 'dev'; expected one of train, validation, test."),
        (["{}", "--measures", "AP,F1"], "F1"),
        (["{}", "--retriever", "{}"], "holds no saved retriever"),
        (
            ["{}", "--retriever", "{head}", "--retriever", "{head}"],
            "two retrievers are called 'head': rename",
        ),
        (["{}", "--retriever", "{head}", "--encoder", "text=bert"], "the saved retriever brings its encoders with it"),
        (["--queries", "{}/queries.csv"], "no item has the id 'wine-red'"),
    ],
)
def test_comparisons_that_cannot_be_done_say_why(folder, trained, arguments, sentence):
    given = [argument.replace("{}", str(folder)).replace("{head}", str(trained[0])) for argument in arguments]
    assert sentence in one_sentence(run("compare", *given))


def test_a_retriever_of_other_items_is_refused(trained, tmp_path):
    small_labelled(tmp_path)
    table = (tmp_path / "metadata.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "metadata.csv").write_text("\n".join(table[:-1]) + "\n", encoding="utf-8")
    queries = (tmp_path / "queries.csv").read_text(encoding="utf-8").splitlines()
    kept = "\n".join(line for line in queries if "can-unread" not in line) + "\n"
    (tmp_path / "queries.csv").write_text(kept, encoding="utf-8")
    sentence = one_sentence(run("compare", tmp_path, "--retriever", trained[0]))
    assert "head was saved for 6 other items than these 5: train it on them." in sentence


def test_a_system_with_the_name_of_another_is_refused(trained, labelled):
    head = Retriever.load(trained[0])
    with pytest.raises(ValueError, match="two systems are called 'late fusion': rename the folder"):
        systems_of(labelled, {"late fusion": head}, "test")


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_queries_and_judgements_in_another_encoding(tmp_path, encoding):
    """All three tables of the folder were saved by the same spreadsheet."""
    small_labelled(tmp_path)
    for name in ("metadata.csv", "queries.csv"):
        text = (tmp_path / name).read_text(encoding="utf-8").replace("红酒", "紅酒").replace("汽水", "冷水")
        (tmp_path / name).write_bytes(text.encode(encoding, errors="replace"))
    ids = pd.read_csv(tmp_path / "queries.csv", encoding=encoding).query("split == 'test'")["product_id"]
    judged = "".join(f"test-{id} 0 {id} 3\n" for id in ids)
    (tmp_path / "qrels.txt").write_bytes((judged + "红酒 0 wine-red 1\n").replace("红", "紅").encode(encoding))
    answer = json_of("compare", tmp_path, "--encoding", encoding)
    assert sum(answer["questions"].values()) == 6
    for command in (("compare", tmp_path), ("train", tmp_path, "--to", tmp_path / "head")):
        assert "none that Python knows" in one_sentence(run(*command, "--encoding", "klingon"))
