"""Pairs: who is a right answer to whom, against a loop over labels; holes; and everything that does not fit."""

import numpy as np
import pytest
import torch

from mmr_toolkit.queries.pairs import Pairs
from some_parts import DIMS, features, holes

TYPES = ["can", "can", "cup", "cup", "can", "pear"]
COLOURS = ["red", "blue", "red", "red", "red", "green"]
SOUNDS = ["fizz", "fizz", "clink", "clink", "clink", "silence"]
LABELS = {"text": [TYPES], "image": [TYPES, COLOURS], "audio": [SOUNDS]}
ITEM_OF = [5, 0, 0, 4, 1, 2, 3, 2]


def some_pairs(rng, **options):
    return Pairs(features(rng, len(ITEM_OF)), features(rng, 6), ITEM_OF, **options)


@pytest.mark.parametrize("parts", [["text"], ["image"], ["audio"], ["text", "audio"], ["audio", "image", "text"]])
def test_a_loop_over_labels_finds_the_same_right_answers(rng, parts):
    pairs = some_pairs(rng, labels=LABELS)
    rows = torch.tensor([7, 0, 3, 2, 5, 1])
    columns = [column for part in parts for column in LABELS[part]]
    own = [ITEM_OF[row] for row in rows]
    expected = [[all(column[a] == column[b] for column in columns) for b in own] for a in own]
    assert pairs.positives(rows, parts).tolist() == expected


def test_without_labels_only_the_same_item_is_right(rng):
    expected = [[a == b for b in ITEM_OF] for a in ITEM_OF]
    assert some_pairs(rng).positives(torch.arange(8), ["text"]).tolist() == expected
    assert sum(map(sum, expected)) == 8 + 4  # items 0 and 2 were asked for twice


def test_the_more_is_asked_the_fewer_are_right(rng):
    pairs, everybody = some_pairs(rng, labels=LABELS), torch.arange(8)
    by_text, by_all = pairs.positives(everybody, ["text"]), pairs.positives(everybody, list(DIMS))
    assert by_all.sum() < by_text.sum()
    assert not (by_all & ~by_text).any()
    assert by_all.diagonal().all()


def test_labels_may_be_anything_that_can_be_compared(rng):
    labels = {name: [[None, "", 0, "0", 1.5, None]] for name in DIMS}
    positives = some_pairs(rng, labels=labels).positives(torch.tensor([0, 1, 3, 4]), ["text"])  # items 5, 0, 4, 1
    assert positives.nonzero().tolist() == [[0, 0], [1, 1], [2, 2], [3, 3]]  # a hole is like no other


def test_it_knows_its_modalities_in_order_and_their_dimensions(rng):
    pairs = some_pairs(rng)
    shuffled = Pairs(
        {m: pairs.queries[m] for m in ("audio", "text", "image")}, {m: pairs.items[m] for m in reversed(DIMS)}, ITEM_OF
    )
    for some in (pairs, shuffled):
        assert (len(some), some.modalities, some.dims) == (8, ("text", "image", "audio"), DIMS)


def test_holes_are_read_as_zeros_and_rows_of_zeros_are_holes(rng):
    queries, items, mask = features(rng, 8), features(rng, 6), holes(rng, 6)
    items["text"][~mask["text"]] = torch.nan  # whatever stands in a hole is not looked at
    queries["image"][3] = 0
    pairs = Pairs(queries, items, ITEM_OF, item_mask=mask)
    for name in DIMS:
        assert pairs.item_mask[name].tolist() == mask[name].tolist()
        assert not pairs.items[name][~mask[name]].any()
        assert pairs.query_mask[name].tolist() == [not (name == "image" and row == 3) for row in range(8)]


def test_arrays_and_tensors_are_the_same_and_stay_as_they_were(rng):
    queries, items = features(rng, 8), features(rng, 6)
    arrays = [{name: matrix.numpy().copy() for name, matrix in side.items()} for side in (queries, items)]
    pairs = Pairs(*arrays, np.array(ITEM_OF))
    for side, read in ((queries, pairs.queries), (items, pairs.items)):
        assert all(torch.equal(side[name], read[name]) for name in DIMS)
    assert pairs.item_of.tolist() == ITEM_OF


def test_a_subset_is_the_pairs_of_these_queries_alone(rng):
    pairs = some_pairs(rng, labels=LABELS)
    pairs.query_mask["image"][2] = False
    for rows in (torch.tensor([2, 5, 6]), np.isin(np.arange(8), [2, 5, 6])):
        some = pairs.subset(rows)
        assert (len(some), len(pairs)) == (3, 8)
        assert some.item_of.tolist() == [ITEM_OF[i] for i in (2, 5, 6)]
        assert torch.equal(some.queries["text"], pairs.queries["text"][[2, 5, 6]])
        assert some.query_mask["image"].tolist() == [False, True, True]
        assert some.items is pairs.items
        whole = pairs.positives(torch.tensor([2, 5, 6]), ["image"])
        assert torch.equal(some.positives(torch.arange(3), ["image"]), whole)
    with pytest.raises(ValueError, match=r"rows has shape \(7,\), expected one True or False for 8 queries\."):
        pairs.subset(torch.ones(7, dtype=torch.bool))
    with pytest.raises(ValueError, match=r"no query is left: expected at least one\."):
        pairs.subset(torch.zeros(8, dtype=torch.bool))


@pytest.mark.parametrize("item_of", [ITEM_OF[:-1], [*ITEM_OF[:-1], 6], [-1, *ITEM_OF[1:]], [ITEM_OF]])
def test_positions_that_do_not_fit(rng, item_of):
    with pytest.raises(ValueError, match=r"item_of must give each of 8 queries \(1 or more\) a row from 0 to 5\."):
        Pairs(features(rng, 8), features(rng, 6), item_of)


def test_no_pair_at_all_is_an_error(rng):
    with pytest.raises(ValueError, match=r"each of 0 queries \(1 or more\)"):
        Pairs(features(rng, 0), features(rng, 6), [])


def test_positions_must_be_whole_numbers(rng):
    with pytest.raises(TypeError, match=r"item_of holds torch\.float32; expected whole numbers"):
        Pairs(features(rng, 8), features(rng, 6), torch.tensor(ITEM_OF) + 0.5)


def test_names_and_dimensions_of_both_sides_must_agree(rng):
    items = features(rng, 6)
    with pytest.raises(ValueError, match=r"queries: missing audio\. The modalities here are text, image, audio\."):
        Pairs({m: v for m, v in features(rng, 8).items() if m != "audio"}, items, ITEM_OF)
    with pytest.raises(ValueError, match=r"queries: unknown depth"):
        Pairs(features(rng, 8, DIMS | {"depth": 2}), items, ITEM_OF)
    with pytest.raises(ValueError, match=r"image: queries have 9 dimensions, items have 7\."):
        Pairs(features(rng, 8, DIMS | {"image": 9}), items, ITEM_OF)
    with pytest.raises(ValueError, match=r"one row per item, got \{'text': 6, 'image': 6, 'audio': 5\} rows"):
        Pairs(features(rng, 8), items | {"audio": items["audio"][:5]}, ITEM_OF)
    with pytest.raises(ValueError, match=r"there is no modality: .*"):
        Pairs({}, {}, [0])


def test_masks_and_numbers_that_do_not_fit(rng):
    queries, items, mask = features(rng, 8), features(rng, 6), holes(rng, 6)
    with pytest.raises(ValueError, match=r"mask of the items: missing audio"):
        Pairs(queries, items, ITEM_OF, item_mask={m: mask[m] for m in ("text", "image")})
    with pytest.raises(ValueError, match=r"queries, text: the mask has shape \(6,\) for 8 rows"):
        Pairs(queries, items, ITEM_OF, query_mask=mask)
    with pytest.raises(TypeError, match=r"items, image: the mask must be .* bool"):
        Pairs(queries, items, ITEM_OF, item_mask=mask | {"image": torch.ones(6)})
    queries["audio"][4, 1] = torch.inf
    with pytest.raises(ValueError, match=r"queries, audio: row 4 holds nan or infinity"):
        Pairs(queries, items, ITEM_OF)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"text": [TYPES]}, r"labels: missing image, audio\. The modalities here are text, image, audio\."),
        (LABELS | {"depth": [TYPES]}, r"labels: unknown depth"),
        (LABELS | {"image": [TYPES, COLOURS[:5]]}, r"labels of image: 5 values for 6 items, expected one each\."),
        (LABELS | {"audio": []}, r"labels of audio: no column; name at least one thing that audio tells\."),
    ],
)
def test_labels_that_do_not_fit(rng, labels, message):
    with pytest.raises(ValueError, match=message):
        some_pairs(rng, labels=labels)
