"""The built-in shop keeps what its design promises: balance, independence, matches, near misses, splits, holes."""

import itertools
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "data" / "cornershop"
sys.path.insert(0, str(ROOT / "data" / "make"))

from attributes import BRANDS, COLOURS, NOTES, PATTERNS, TYPES  # noqa: E402
from relevance import FULL, KINDS, NEAR, asked_attributes, grades  # noqa: E402
from shop import AXES, MEMBERS, Product, build_shop  # noqa: E402
from vocabulary import WORDS  # noqa: E402


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return build_shop()


@pytest.fixture(scope="module")
def queries() -> pd.DataFrame:
    return pd.read_csv(SHOP / "queries.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def qrels() -> pd.DataFrame:
    return pd.read_csv(SHOP / "qrels.txt", sep=" ", names=["query_id", "zero", "product_id", "grade"])


def test_the_committed_tables_are_what_the_scripts_write(products: list[Product], queries: pd.DataFrame) -> None:
    import tables

    committed = pd.read_csv(SHOP / "metadata.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(committed, tables.metadata(products))
    pd.testing.assert_frame_equal(queries, tables.queries(products))


def test_size_and_types(products: list[Product]) -> None:
    assert len(products) == 1216 and len(TYPES) == 25
    assert {"red_wine", "white_wine"} <= set(TYPES)
    assert {kind.department for kind in TYPES.values()} == {"clothing", "food", "drinks"}
    assert set(Counter(p.family for p in products).values()) == {MEMBERS}
    assert {p.colour for p in products} == set(COLOURS) and {p.pattern for p in products} == set(PATTERNS)
    assert {p.note for p in products} == set(NOTES) and {p.brand for p in products} == set(BRANDS)


def test_families_share_all_attributes_and_no_two_families_are_the_same(products: list[Product]) -> None:
    families: dict[str, set[tuple[str, ...]]] = {}
    for p in products:
        families.setdefault(p.family, set()).add((p.type, *(getattr(p, axis) for axis in AXES)))
    assert all(len(attributes) == 1 for attributes in families.values())
    assert len({next(iter(a)) for a in families.values()}) == len(families) == 304


def test_within_a_type_every_pair_of_attributes_is_exactly_balanced(products: list[Product]) -> None:
    """Also within the training split: so no modality can learn there what another one carries."""
    for split, name in itertools.product((None, "train"), TYPES):
        rows = [p for p in products if p.type == name and split in (None, p.split)]
        for first, second in itertools.combinations(AXES, 2):
            counts = Counter((getattr(p, first), getattr(p, second)) for p in rows)
            assert len(set(counts.values())) <= 1, (split, name, first, second, counts)


def test_every_family_has_a_near_miss_in_each_attribute_of_its_type(products: list[Product]) -> None:
    keys = {(p.type, *(getattr(p, axis) for axis in AXES)) for p in products}
    for key in keys:
        distances = [[a != b for a, b in zip(key, other, strict=True)] for other in keys if other[0] == key[0]]
        near = {index for row in distances if sum(row) == 1 for index, differs in enumerate(row) if differs}
        assert len(near) == (4 if sum(p.type == key[0] for p in products) == 64 else 3)


def test_splits_keep_families_together_and_five_types_are_in_test_only(products: list[Product]) -> None:
    splits: dict[str, set[str]] = {}
    for p in products:
        splits.setdefault(p.family, set()).add(p.split)
    assert all(len(of_family) == 1 for of_family in splits.values())
    in_training = {p.type for p in products if p.split != "test"}
    assert set(TYPES) - in_training == {"shorts", "beanie", "pear", "lemonade", "milk"}
    assert Counter(p.split for p in products) == {"train": 528, "validation": 264, "test": 424}


def test_every_type_is_heard_with_both_its_sounds_in_every_split(products: list[Product]) -> None:
    for name, kind in TYPES.items():
        for split in {p.split for p in products if p.type == name}:
            counts = Counter(p.sound for p in products if p.type == name and p.split == split)
            assert set(counts) == set(kind.sounds), (name, split)


def test_holes_are_6_to_8_percent_and_at_most_one_in_a_family(products: list[Product]) -> None:
    missing = [p for p in products if p.missing]
    assert 0.06 <= len(missing) / len(products) <= 0.08
    assert len({p.family for p in missing}) == len(missing)
    assert {p.missing for p in missing} == {"text", "image", "audio"}


def test_a_full_query_has_three_full_matches_and_near_misses(queries: pd.DataFrame, qrels: pd.DataFrame) -> None:
    full = queries[(queries["kind"] == "TIA") & (queries["split"] != "train")]
    counts = qrels[qrels["query_id"].isin(full["query_id"])].groupby(["query_id", "grade"]).size().unstack(fill_value=0)
    assert len(counts) == len(full) == 344
    assert set(counts[FULL]) == {3}
    assert counts[NEAR].between(12, 16).all()  # three or four neighbouring families of four


def test_the_own_product_is_never_in_the_qrels(queries: pd.DataFrame, qrels: pd.DataFrame) -> None:
    merged = qrels.merge(queries, on="query_id", suffixes=("", "_asking"))
    assert len(merged) == len(qrels) and (merged["product_id"] != merged["product_id_asking"]).all()


def test_grades_equal_a_slow_loop(products: list[Product]) -> None:
    rng = np.random.default_rng(0)
    asking = [products[i] for i in rng.choice(len(products), 12, replace=False)]
    for kind in KINDS:
        fast = grades(asking, products, kind)
        for i, query in enumerate(asking):
            for j, item in enumerate(products):
                wrong = [name for name in asked_attributes(kind) if getattr(query, name) != getattr(item, name)]
                if item.id == query.id:
                    expected = -1
                elif not wrong:
                    expected = 3
                elif kind == "A" or "type" in wrong:
                    expected = 0
                else:
                    expected = 2 if len(wrong) == 1 else 1
                assert fast[i, j] == expected, (kind, query.id, item.id)


def test_queries_exist_in_every_kind_and_language(queries: pd.DataFrame) -> None:
    counts = queries[queries["split"] == "test"].groupby(["kind", "language"]).size()
    assert all(counts[kind, ""] == 212 for kind in ("I", "A", "IA"))
    assert all(counts[kind, language] == 106 for kind in ("T", "TI", "TA", "TIA") for language in ("en", "zh"))
    training = queries[queries["split"] == "train"]
    assert set(training["kind"]) == {"TIA"} and len(training) == 2 * 528


#: Words that would tell what must be seen or heard. "red" and 红, "white" and 白 belong to the names of the wines, and
#: 拿铁 is a latte, 地铁 the underground, 黄油 butter.
FORBIDDEN = {
    "en": re.compile(
        rf"\b({'|'.join((*COLOURS, *PATTERNS))}|golden|stripes?|checks?|dots?|silk\w*|denim|wool\w*|cotton|linen"
        r"|leather|rubber|zip\w*|ceramic|porcelain|wood\w*|metal\w*|tin|plastic|glass\w*|cardboard|carton|crunch\w*|crisp|crispy"
        r"|soft\w*|sparkling|still|fizz\w*|bubbl\w*)\b"
    ),
    "zh": re.compile(
        "[绿蓝紫粉黑白红橙棕]|黄(?!油)|条纹|格子|圆点|丝|羊毛|牛仔|皮|胶|瓷|木头|木质|金属|(?<![拿地])铁|塑料|玻璃|气泡|脆|软|棉|麻布|纸盒|拉链"
    ),
}

NAMING = {"red_wine": ("red", "红"), "white_wine": ("white", "白")}


def test_no_text_names_what_is_only_seen_or_only_heard(products: list[Product]) -> None:
    for p in products:
        texts = {(name[-2:], text) for name, text in p.texts.items()} | set(p.queries.items())
        for language, text in texts:
            bare = text.lower()
            for name in WORDS[p.type][language].nouns:
                bare = bare.replace(name.lower(), "")
            for word in NAMING.get(p.type, ()):  # also in a mistyped name: whitte table wine
                bare = bare.replace(word, "")
            assert not FORBIDDEN[language].search(bare), (p.id, text)


def test_a_family_is_worded_in_more_than_one_way(products: list[Product]) -> None:
    families: dict[str, set[str]] = {}
    for p in products:
        families.setdefault(p.family, set()).add(" ".join(p.texts.values()))
    assert sum(len(texts) == MEMBERS for texts in families.values()) > 0.99 * len(families)


def test_every_file_named_by_the_tables_is_there_and_no_other() -> None:
    metadata = pd.read_csv(SHOP / "metadata.csv", keep_default_na=False)
    asked = pd.read_csv(SHOP / "queries.csv", keep_default_na=False)
    for column, gallery, second in (("image_file_name", "images", "query_images"),
                                    ("audio_file_name", "audio", "query_audio")):  # fmt: skip
        named = set(metadata[column]) - {""}
        on_disk = {f"{gallery}/{path.name}" for path in (SHOP / gallery).iterdir()}
        assert named == on_disk
        assert set(asked[column]) - {""} <= {f"{second}/{path.name}" for path in (SHOP / second).iterdir()}
        assert len(list((SHOP / second).iterdir())) == len(metadata)


@pytest.mark.parametrize(("folder", "megabytes"), [("cornershop", 30), ("weights", 25)])
def test_data_stays_small(folder: str, megabytes: int) -> None:
    total = sum(path.stat().st_size for path in (ROOT / "data" / folder).rglob("*") if path.is_file())
    assert 0 < total < megabytes * 1e6, f"{total / 1e6:.1f} MB"
