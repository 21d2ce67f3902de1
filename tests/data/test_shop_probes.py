"""The shop is complementary: each attribute can be read from the modalities that carry it, and from no other."""

import numpy as np
import pandas as pd
import pytest

from probes import (
    CARRIED_BY,
    CHANCE_SIGMAS,
    MODALITIES,
    READABLE_SIGMAS,
    Probe,
    all_probes,
    markdown_table,
    read_products,
    run_probe,
    values_of,
    words_and_bigrams,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def probes():
    return {(probe.modality, probe.attribute): probe for probe in all_probes()}


@pytest.mark.parametrize("attribute", CARRIED_BY)
@pytest.mark.parametrize("modality", MODALITIES)
def test_an_attribute_is_read_where_it_is_carried_and_nowhere_else(probes, modality, attribute):
    probe = probes[modality, attribute]
    if modality in CARRIED_BY[attribute]:
        assert probe.sigmas >= READABLE_SIGMAS, probe
    else:
        assert abs(probe.sigmas) <= CHANCE_SIGMAS, probe


@pytest.mark.parametrize("attribute", ["colour", "pattern", "sound", "note", "brand"])
@pytest.mark.parametrize("modality", MODALITIES)
def test_who_knows_only_the_type_is_right_in_half_of_the_cases(probes, modality, attribute):
    assert probes[modality, attribute].chance == pytest.approx(0.5, abs=0.02)  # holes upset the balance a little


def test_a_sound_tells_the_type_only_as_far_as_its_class_does(probes):
    products = read_products()
    train, held_out = products[products["split"] == "train"], products[products["split"] != "train"]
    best_guess = train.groupby("sound")["type"].agg(lambda types: types.mode()[0])
    ceiling = (held_out["sound"].map(best_guess) == held_out["type"]).mean()
    assert probes["audio", "type"].accuracy < ceiling < 0.5 < probes["image", "type"].accuracy


# --- the probe itself, on made-up products


@pytest.fixture
def rows():
    """Two types, eight families each, four members; the attribute is half a and half b in every type and split."""
    families = [(kind, number) for kind in ("cup", "hat") for number in range(8)]
    return pd.DataFrame(
        [
            {
                "id": f"{kind}-{number}-{member}",
                "family": f"{kind}-{number}",
                "type": kind,
                "split": "train" if number < 4 else "test",
                "colour": "ab"[number % 2],
                "occasion": "xy"[member % 2],
            }
            for kind, number in families
            for member in range(4)
        ]
    )


def test_a_probe_reads_what_is_there(rows, rng):
    noise = 0.1 * rng.standard_normal(len(rows))
    vectors = np.column_stack([(rows["colour"] == "a") + noise]).astype(np.float32)
    probe = run_probe(vectors, rows, "image", "colour")
    assert probe == Probe("image", "colour", accuracy=1.0, chance=0.5, units=8)
    assert probe.sigma == pytest.approx(np.sqrt(0.25 / 8))
    assert probe.sigmas == pytest.approx(np.sqrt(8))


def test_a_probe_that_sees_only_the_type_is_at_chance(rows):
    vectors = np.column_stack([rows["type"] == "cup", rows["type"] == "hat"]).astype(np.float32)
    assert run_probe(vectors, rows, "image", "colour").accuracy == 0.5
    assert run_probe(vectors, rows, "image", "type").accuracy == 1.0


def test_what_varies_within_a_family_is_counted_by_product(rows, rng):
    vectors = rng.standard_normal((len(rows), 5)).astype(np.float32)
    assert run_probe(vectors, rows, "image", "occasion").units == 32


def test_a_type_in_which_the_attribute_is_constant_is_left_out(rows, rng):
    rows.loc[rows["type"] == "hat", "colour"] = "c"
    vectors = rng.standard_normal((len(rows), 5)).astype(np.float32)
    assert run_probe(vectors, rows, "image", "colour").units == 4


def test_words_and_bigrams():
    assert words_and_bigrams("Mira T-shirt, 限量红酒 by") == ["mira", "t-shirt", "by", "限量", "量红", "红酒"]


def test_the_table_marks_what_a_modality_carries():
    found = [Probe(m, a, 0.75, 0.5, 100) for m in MODALITIES for a in CARRIED_BY]
    table = markdown_table(found).splitlines()
    assert table[0] == "| attribute | chance ± 3σ | image | audio | text |"
    assert table[3] == "| colour | 0.50 ± 0.15 | **0.75** | 0.75 | 0.75 |"


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no \.opus files in .*audio.*make data"):
        values_of(read_products(), "audio", tmp_path)
