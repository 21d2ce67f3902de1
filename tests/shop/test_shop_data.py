"""The built-in shop is complete and consistent, and its folder opens with pandas and with the `datasets` library."""

import csv
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest

from faulty_folder import good_folder, picture, sound, write_table
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import data_folder
from mmr_toolkit.queries.qrels import QUERY_KINDS, SPLITS
from mmr_toolkit.shop.data import JUDGED, LANGUAGES, cornershop, cornershop_qrels, cornershop_queries

PARTS = {"text": "text", "image": "image_file_name", "audio": "audio_file_name"}

# --- a small shop of the same form ----------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """data/cornershop of four products with holes, three queries and their judgements, beside each other."""
    shop = tmp_path / "data" / "cornershop"
    rows = good_folder(shop)
    rows[1] |= {"image_file_name": "", "audio_file_name": ""}
    rows[2] |= {"text": ""}
    write_table(shop, rows)
    for name, write, suffix in (("query_images", picture, ".jpg"), ("query_audio", sound, ".wav")):
        (shop / name).mkdir()
        for seed, product in enumerate("abcd"):
            write(shop / name / f"{product}{suffix}", seed=10 + seed)
    header = ["query_id", "product_id", "split", "kind", "language", *PARTS.values()]
    queries = [
        ["q1", "a", "train", "TIA", "en", "NA", "query_images/a.jpg", "query_audio/a.wav"],
        ["q2", "c", "test", "T", "zh", "红酒", "", ""],
        ["q3", "d", "test", "IA", "", "", "query_images/d.jpg", "query_audio/d.wav"],
    ]
    with (shop / "queries.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *queries])
    (shop / "qrels.txt").write_text("q2 0 d 3\nq2 0 a 1\nq3 0 c 2\n", encoding="utf-8")
    monkeypatch.setenv("MMR_DATA", str(tmp_path / "data"))
    return shop


def test_the_variable_names_the_data_folder(small):
    assert data_folder() == small.parent
    assert cornershop().ids == ["a", "b", "c", "d"]
    assert cornershop().mask.sum().to_dict() == {"text": 3, "image": 3, "audio": 3}


def test_a_data_folder_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("MMR_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="expected the data folder .* the environment variable MMR_DATA"):
        cornershop()


def test_queries_are_filtered(small):
    assert cornershop_queries()["query_id"].tolist() == ["q2", "q3"]
    assert cornershop_queries("train")["text"].tolist() == ["NA"]  # a text, not a hole
    assert cornershop_queries(kind="IA")["product_id"].tolist() == ["d"]
    assert cornershop_queries(language="zh")["text"].tolist() == ["红酒"]
    assert cornershop_queries(kind="T")["image_file_name"].isna().all()
    assert list(cornershop_queries().index) == [0, 1]


def test_qrels_are_those_of_the_split(small):
    assert cornershop_qrels("test") == {"q2": {"d": 3, "a": 1}, "q3": {"c": 2}}
    assert cornershop_qrels() == cornershop_qrels("test")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "dev"}, f"split is 'dev'; expected one of {', '.join(SPLITS)}"),
        ({"kind": "AT"}, f"kind is 'AT'; expected one of {', '.join(QUERY_KINDS)}"),
        ({"language": "de"}, f"language is 'de'; expected one of {', '.join(LANGUAGES)}"),
        ({"kind": "IA", "language": "zh"}, "no queries with {'split': 'test', 'kind': 'IA', 'language': 'zh'}"),
    ],
)
def test_queries_that_cannot_be(small, arguments, message):
    with pytest.raises(ValueError, match=message):
        cornershop_queries(**arguments)


def test_training_queries_have_no_judgements(small):
    with pytest.raises(ValueError, match="split is 'train'; expected one of validation, test"):
        cornershop_qrels("train")


# --- the `datasets` library -----------------------------------------------------------------------------------------

IMAGEFOLDER = """
import json, sys
from datasets import Audio, Image, disable_progress_bars, load_dataset
disable_progress_bars()
loaded = load_dataset("imagefolder", data_dir=sys.argv[1], cache_dir=sys.argv[2])
(split, rows), = loaded.items()
# The library takes every *_file_name column for pictures. Casting says what is a sound; decode=False because decoding
# sounds there needs FFmpeg, which this project does not.
rows = rows.cast_column("audio", Audio(decode=False)).cast_column("image", Image())
print(json.dumps([
    {"id": row["id"], "text": row["text"], "price": row["price"],
     "image": row["image"] and row["image"].size, "audio": row["audio"] and row["audio"]["path"]}
    for row in rows
]))
"""


def open_as_imagefolder(folder: Path, cache: Path) -> list[dict]:
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(cache), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", IMAGEFOLDER, str(folder), str(cache / "arrow")],
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def compare_with_catalogue(rows: list[dict], catalogue: Catalogue) -> None:
    """Every item, with the same text and files, and holes where the catalogue has holes."""
    assert [row["id"] for row in rows] == catalogue.ids
    assert [row["text"] for row in rows] == catalogue.values("text")
    assert [row["price"] for row in rows] == catalogue.table["price"].tolist()
    assert [row["image"] is not None for row in rows] == catalogue.mask["image"].tolist()
    sounds = [None if path is None else path.resolve() for path in catalogue.values("audio")]
    assert [row["audio"] and Path(row["audio"]).resolve() for row in rows] == sounds


@pytest.mark.slow
def test_a_small_folder_opens_as_an_imagefolder(small, tmp_path):
    compare_with_catalogue(open_as_imagefolder(small, tmp_path / "cache"), Catalogue.from_folder(small))


# --- the shop itself ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop() -> Catalogue:
    return cornershop()


@pytest.fixture(scope="module")
def queries() -> pd.DataFrame:
    return pd.concat([cornershop_queries(split) for split in SPLITS], ignore_index=True)


def test_the_shop_is_read_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(cornershop()) >= 1200


def test_the_shop_is_what_it_says(shop):
    table = shop.table
    assert table["type"].nunique() >= 24 and {"red_wine", "white_wine"} <= set(table["type"])
    assert set(table["department"]) == {"clothing", "food", "drinks"}
    assert set(table["split"]) == set(SPLITS)
    assert (table.groupby("family")["split"].nunique() == 1).all()
    assert table["price"].dtype == float and (table["price"] > 0).all()
    holes = 1 - shop.mask.all(axis="columns").mean()
    assert 0.06 <= holes <= 0.08


@pytest.mark.slow
def test_the_doctor_finds_no_fault_in_the_shop():
    """Every picture and sound opens; all that is noted are the texts that are left out on purpose."""
    shop = cornershop()
    texts = shop.mask["text"].sum()
    report = shop.doctor()
    assert set(report["fault"]) <= {"empty_text"}, report.head().to_string()
    assert len(report) == len(shop) - texts


def test_the_shop_opens_with_pandas(shop):
    table = pd.read_csv(data_folder() / "cornershop" / "metadata.csv")
    assert table["id"].tolist() == shop.ids
    for part, column in PARTS.items():
        assert table[column].notna().tolist() == shop.mask[part].tolist()


@pytest.mark.slow
def test_the_shop_opens_as_an_imagefolder(shop, tmp_path):
    compare_with_catalogue(open_as_imagefolder(data_folder() / "cornershop", tmp_path), shop)


def test_every_query_has_the_parts_of_its_kind(queries):
    for kind, parts in QUERY_KINDS.items():
        of_kind = queries[queries["kind"] == kind]
        assert len(of_kind) > 0
        for part, column in PARTS.items():
            assert (of_kind[column].notna() == (part in parts)).all(), (kind, part)
        assert (of_kind["language"].notna() == ("text" in parts)).all()
    assert queries["query_id"].is_unique


def test_queries_are_made_of_products_of_their_split(shop, queries):
    splits = dict(zip(shop.ids, shop.table["split"], strict=True))
    assert (queries["product_id"].map(splits) == queries["split"]).all()


def test_queries_never_use_the_gallerys_files(shop, queries):
    for part in ("image", "audio"):
        files = set(queries[PARTS[part]].dropna())
        assert not files & set(shop.table[part].dropna())
        assert all((shop.folder / file).is_file() for file in files)


def test_queries_can_be_read_as_a_catalogue(queries):
    """A query is an item with holes."""
    made = Catalogue.from_folder(data_folder() / "cornershop", metadata="queries.csv", id_column="query_id")
    assert sorted(made.ids) == sorted(queries["query_id"])


@pytest.mark.slow
@pytest.mark.parametrize("split", JUDGED)
def test_judgements_are_complete_and_leave_the_own_product_out(shop, split):
    qrels = cornershop_qrels(split)
    own = cornershop_queries(split).set_index("query_id")["product_id"].to_dict()
    assert set(qrels) == set(own)
    for query, grades in qrels.items():
        assert own[query] not in grades
        assert set(grades) <= set(shop.ids)
        assert set(grades.values()) <= {1, 2, 3}
        assert 3 in grades.values()


@pytest.mark.parametrize("split", JUDGED)
def test_full_queries_have_three_to_six_full_matches(split):
    qrels = cornershop_qrels(split)
    for query in cornershop_queries(split, kind="TIA")["query_id"]:
        assert 3 <= sum(grade == 3 for grade in qrels[query].values()) <= 6
