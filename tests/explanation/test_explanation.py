"""Why a hit: shares that add up, ranks without each part, weights, and what counted within a part."""

from itertools import combinations, permutations

import numpy as np
import pytest
import torch
from PIL import Image

from mmr_toolkit.catalogue.media import read_audio
from mmr_toolkit.explanation.explanation import explain
from mmr_toolkit.features import default_encoders, extract
from mmr_toolkit.fusion import ConcatFusion
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.shop.data import cornershop
from mmr_toolkit.similarity.measures import SIMILARITIES
from small_catalogue import PitchEncoder, colour_file, small_catalogue, small_encoders, tone
from some_parts import FUSIONS, shaken

PARTS = {"text": "red wine 红酒", "image": Image.new("RGB", (40, 40), (200, 60, 30)), "audio": tone(420)}
QUERIES = [names for n in (1, 2, 3) for names in combinations(PARTS, n)]
SHAPLEY = [name for name in FUSIONS if "attention" in name]  # its weights depend on what else is there


class EnergyEncoder(PitchEncoder):
    """The energy in four bands; other than in the means of amplitudes, a tone that breaks off has less of it."""

    name = "energy"

    def encode(self, values, **options):
        spectra = [
            np.abs(np.fft.rfft(sound if isinstance(sound, np.ndarray) else read_audio(sound))) for sound in values
        ]
        energies = [[np.square(band).sum() for band in np.array_split(spectrum, 4)] for spectrum in spectra]
        return np.array(energies, dtype=np.float32)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    catalogue = small_catalogue(tmp_path_factory.mktemp("small"))
    return Retriever(catalogue, small_encoders(), extract(catalogue, small_encoders(), progress=False))


@pytest.fixture(params=FUSIONS)
def fused(request, plain):
    """A retriever with one of all sorts of fusion, as if it had been trained."""
    dims = {name: matrix.shape[1] for name, matrix in plain.features.vectors.items()}
    return plain.with_fusion(shaken(FUSIONS[request.param](dims)))


def scores_of(retriever, names, weights=None):
    """All scores, for those parts of the query; minus infinity where there is nothing to compare."""
    return retriever.score_all({name: [PARTS[name]] for name in names}, weights=weights)[0].tolist()


def ranks_by_counting(scores, position):
    """The oracle: the ranks that this score may have; scores that agree up to rounding may stand in any order."""
    if scores[position] == -np.inf:
        return [None]
    better = sum(score > scores[position] + 1e-6 for score in scores)
    equal = sum(abs(score - scores[position]) <= 1e-6 for score in scores)
    return range(better + 1, better + equal + 1)


# Shares


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_shares_of_every_hit_add_up_to_its_score(fused, similarity):
    retriever = fused.with_fusion(fused.fusion, similarity)
    for names in QUERIES:
        scores = scores_of(retriever, names)
        hits = retriever.search(**{name: PARTS[name] for name in names}, k=1000)
        assert len(hits) == sum(score > -np.inf for score in scores)
        for hit in hits:
            assert sum(hit.shares.values()) == pytest.approx(scores[hit.position], abs=2e-5)
            assert set(names) <= set(hit.shares)


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("fusion", SHAPLEY)
def test_shapley_shares_are_what_a_part_adds_averaged_over_all_orders(plain, fusion, similarity):
    dims = {name: matrix.shape[1] for name, matrix in plain.features.vectors.items()}
    retriever = plain.with_fusion(shaken(FUSIONS[fusion](dims)), similarity)
    value = {names: np.where(np.isinf(scores := scores_of(retriever, names)), 0, scores) for names in QUERIES}
    value[()] = np.zeros(len(plain.catalogue))
    added = {name: np.zeros(len(plain.catalogue)) for name in PARTS}
    orders = list(permutations(PARTS))
    for order in orders:
        for i, name in enumerate(order):
            before, after = (tuple(part for part in PARTS if part in order[:end]) for end in (i, i + 1))
            added[name] += (value[after] - value[before]) / len(orders)
    for hit in retriever.search(**PARTS, k=1000):
        assert hit.shares == pytest.approx({name: added[name][hit.position] for name in PARTS}, abs=2e-5)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_an_explanation_says_how_its_shares_come_about(plain, fusion):
    dims = {name: matrix.shape[1] for name, matrix in plain.features.vectors.items()}
    found = explain(plain.with_fusion(FUSIONS[fusion](dims).eval()), "wine-red", **PARTS, details=False)
    assert found.method == ("Shapley" if fusion in SHAPLEY else "exact")


def test_shares_of_concatenation_by_hand(plain):
    """Two parts that the item has too: half of each cosine. A missing part brings nothing but its weight."""
    found = explain(plain, "wine-silent", "red wine", audio=tone(400))
    assert found.method == "exact"
    assert found.shares == pytest.approx({"text": 2 / 6**0.5 / 2**0.5, "audio": 0})
    assert found.query_weights == pytest.approx({"text": 0.5, "audio": 0.5})
    assert found.item_weights == pytest.approx({"text": 1, "audio": 0})


# Ranks


@pytest.mark.slow
@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_ranks_agree_with_counting_better_scores(fused, similarity):
    retriever = fused.with_fusion(fused.fusion, similarity)
    for names in QUERIES[::2]:  # by text, by sound, by both, and by all
        query = {name: PARTS[name] for name in names}
        full = scores_of(retriever, names)
        without = {name: tuple(other for other in names if other != name) for name in names}
        fewer = {name: scores_of(retriever, rest) if rest else [-np.inf] * len(full) for name, rest in without.items()}
        for position, id in enumerate(retriever.catalogue.ids):
            if full[position] == -np.inf:
                continue
            found = explain(retriever, id, **query, details=False)
            assert found.rank in ranks_by_counting(full, position)
            assert found.score == pytest.approx(full[position], abs=1e-6)
            assert found.ranks_without.keys() == fewer.keys()
            for name, scores in fewer.items():
                assert found.ranks_without[name] in ranks_by_counting(scores, position)


def test_ranks_are_those_of_the_search_with_its_conditions(plain):
    conditions = {"where": {"title_en": ["red wine", "cherry soda"]}, "exclude": "wine-red", "weights": {"text": 3}}
    query = {"text": "red wine", "image": PARTS["image"]}
    hits = plain.search(**query, **conditions)
    assert [hit.id for hit in hits] == ["wine-silent", "can-red", "can-unseen"]
    by_text = [hit.id for hit in plain.search("red wine", **conditions)]
    by_image = [hit.id for hit in plain.search(image=PARTS["image"], **conditions)]
    for hit in hits:
        found = explain(plain, hit.id, **query, **conditions, details=False)
        assert (found.rank, found.score) == (hit.rank, pytest.approx(hit.score))
        assert found.shares == pytest.approx(hit.shares, abs=1e-6)  # sums of one row, of several in the search
        without_text = by_image.index(hit.id) + 1 if hit.id in by_image else None
        assert found.ranks_without == {"text": without_text, "image": by_text.index(hit.id) + 1}
        assert found.query_weights == pytest.approx({"text": 0.75, "image": 0.25})


def test_equal_items_stand_in_the_order_of_the_catalogue(plain):
    twins = [explain(plain, id, "cherry soda") for id in ("can-red", "can-unseen")]
    assert [found.rank for found in twins] == [1, 2]
    assert twins[0].score == pytest.approx(twins[1].score)


def test_the_last_item_has_a_rank(plain):
    assert [explain(plain, hit.id, "wine", details=False).rank for hit in plain.search("wine")] == [1, 2, 3, 4, 5]


def test_a_part_without_weight_makes_no_difference(plain):
    found = explain(plain, "wine-red", "red wine", audio=tone(3000), weights={"audio": 0})
    alone = explain(plain, "wine-red", "red wine")
    assert found.score == pytest.approx(alone.score)
    assert found.ranks_without == {"text": None, "audio": alone.rank}
    assert found.query_weights == pytest.approx({"text": 1, "audio": 0})
    assert not found.sound.importance.any()


# Weights


def test_weights_are_those_of_the_fusion(fused):
    found = explain(fused, "can-unseen", **PARTS, details=False)
    encoded = {name: fused.encoders[name].encode([PARTS[name]]) for name in PARTS}
    expected = dict(zip(PARTS, fused.fusion(encoded)[1][0].tolist(), strict=True))
    assert found.query_weights == pytest.approx(expected)
    assert sum(found.query_weights.values()) == pytest.approx(1)
    assert sum(found.item_weights.values()) == pytest.approx(1)
    assert found.item_weights["image"] == 0  # it has none


# What counted within a part


def cosine_of_words(asked, item=("red", "wine", "红酒")):
    return len(set(asked) & set(item)) / (len(asked) * len(item)) ** 0.5


def test_words_by_hand(plain):
    found = explain(plain, "wine-red", "red cherry wine")
    total = cosine_of_words(["red", "cherry", "wine"])
    assert found.score == pytest.approx(total)
    assert [(word.word, word.start, word.end) for word in found.words] == [
        ("red", 0, 3),
        ("cherry", 4, 10),
        ("wine", 11, 15),
    ]
    left = [cosine_of_words(words) for words in (["cherry", "wine"], ["red", "wine"], ["red", "cherry"])]
    assert [word.importance for word in found.words] == pytest.approx([total - rest for rest in left], abs=1e-6)
    assert found.text == "red cherry wine"
    assert found.picture is found.sound is None


@pytest.mark.parametrize(
    ("similarity", "expected"),
    [("cosine", 1 / 3**0.5), ("inner_product", 1 / 3**0.5), ("euclidean", 1 - (2 - 2 / 3**0.5) ** 0.5)],
)
def test_a_query_of_which_nothing_is_left_is_a_vector_of_zeros(plain, similarity, expected):
    found = explain(plain.with_fusion(ConcatFusion(), similarity), "wine-red", "wine")
    assert found.words[0].importance == pytest.approx(expected, abs=1e-5)


def test_without_its_only_known_word_the_query_has_its_other_parts(plain):
    found = explain(plain, "wine-red", "wine", PARTS["image"])
    without = plain.search(image=PARTS["image"])
    assert found.words[0].importance == pytest.approx(found.score - without[found.ranks_without["text"] - 1].score)


def test_picture_and_sound_are_looked_into_while_the_other_parts_stay(plain):
    """The picture is half red, as the item's, and half blue; the sound is a low tone, as the item's, and a high one."""
    image = Image.new("RGB", (40, 40), (120, 40, 120))
    image.paste((200, 20, 30), (5, 5, 20, 35))
    image.paste((20, 20, 250), (20, 5, 35, 35))
    sound = tone(400) + tone(3000)
    encoders = small_encoders() | {"audio": EnergyEncoder()}
    retriever = Retriever(plain.catalogue, encoders, extract(plain.catalogue, encoders, progress=False))
    found = explain(retriever, "wine-red", "wine", image, sound)
    assert [found.picture.score, found.sound.score] == pytest.approx([found.score] * 2, abs=1e-6)
    assert found.picture.importance[:, 0].mean() > 0 > found.picture.importance[:, -1].mean()
    covered = image.copy()
    left, top, right, bottom = found.picture.boxes[0, 0].tolist()
    covered.paste((120, 40, 120), (left, top, right, bottom))
    again = explain(retriever, "wine-red", "wine", covered, sound, details=False)
    assert found.picture.importance[0, 0] == pytest.approx(found.score - again.score, abs=1e-6)
    low, high = np.searchsorted(found.sound.hertz, [400, 3000]) - 1
    by_band = found.sound.importance.sum(axis=1)
    assert by_band.argmax() == low
    assert by_band.argmin() == high
    assert by_band[low] > 0.01
    assert by_band[high] < -0.01


def test_files_are_explained_as_what_they_hold(plain, tmp_path):
    path = colour_file(tmp_path / "asked.png", (200, 20, 30))
    sound = plain.catalogue.folder / "wine-red.wav"
    by_path = explain(plain, "wine-red", image=path, audio=str(sound))
    by_value = explain(plain, "wine-red", image=Image.open(path), audio=tone(400))
    assert by_path.score == pytest.approx(by_value.score, abs=1e-4)
    assert by_path.picture.importance.shape == by_value.picture.importance.shape


def test_without_details_nothing_is_left_out(plain):
    found = explain(plain, "wine-red", **PARTS, details=False)
    assert found.words is found.picture is found.sound is None
    assert sum(found.shares.values()) == pytest.approx(found.score)


@pytest.fixture(scope="module")
def drinks():
    shop = cornershop()
    catalogue = shop.subset((shop.table["department"] == "drinks").to_numpy())
    return Retriever.build(catalogue, default_encoders(catalogue, modalities=["text", "image"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "telling"),
    [("red wine for a picnic", {"red", "wine"}), ("适合野餐的红酒", {"红酒"}), ("红酒 for the picnic", {"红酒"})],
)
def test_in_the_shop_the_words_for_red_wine_count_most(drinks, text, telling):
    for hit in drinks.search(text, k=3):
        words = explain(drinks, hit.id, text).words
        best = sorted(words, key=lambda word: -word.importance)[: len(telling)]
        assert {word.word for word in best} == telling
        assert min(word.importance for word in best) > 0.1


@pytest.mark.slow
def test_in_the_shop_the_product_counts_more_than_the_corners_of_its_photo(drinks):
    for id in drinks.catalogue.ids[::60]:
        path = drinks.catalogue.folder / str(drinks.catalogue.row(id)["image"])
        if not path.is_file():
            continue
        found = explain(drinks, id, image=path)
        assert (found.rank, found.picture.score) == (1, pytest.approx(1, abs=1e-5))
        corners = found.picture.importance[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert found.picture.importance[2:5, 2:5].mean() > corners.max()


# Errors


def test_what_is_no_hit_cannot_be_explained(plain):
    with pytest.raises(ValueError, match="no item has the id 'wine-rde'"):
        explain(plain, "wine-rde", "wine")
    with pytest.raises(ValueError, match="the query has no part: give at least one of text, image, audio"):
        explain(plain, "wine-red")
    with pytest.raises(ValueError, match=r"'can-unread' has no part that can be compared with this query \(text\)"):
        explain(plain, "can-unread", "wine")
    with pytest.raises(ValueError, match=r"compared with this query \(text\), so it is no hit"):
        explain(plain, "can-unread", "wine", PARTS["image"], weights={"image": 0})
    with pytest.raises(ValueError, match="'wine-red' is among the items that where or exclude leave out"):
        explain(plain, "wine-red", "wine", where={"title_en": "cherry soda"})
    with pytest.raises(ValueError, match="'wine-red' is among the items that where or exclude leave out"):
        explain(plain, "wine-red", "wine", exclude=["can-red", "wine-red"])
    with pytest.raises(ValueError, match="the text of the query says nothing: none of its words is known"):
        explain(plain, "wine-red", "xyzzy")
    with pytest.raises(ValueError, match="only parts with weight 0"):
        explain(plain, "wine-red", "wine", weights={"text": 0})
    with pytest.raises(ValueError, match="weights: unknown colour"):
        explain(plain, "wine-red", "wine", weights={"colour": 1})


def test_files_that_cannot_be_read(plain, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.png"):
        explain(plain, "wine-red", image=tmp_path / "nothing.png")
    (tmp_path / "broken.wav").write_bytes(b"not a sound")
    with pytest.raises(ValueError, match="not a sound"):
        explain(plain, "wine-red", audio=tmp_path / "broken.wav")


def test_nothing_is_kept_for_gradients(fused):
    found = explain(fused, "wine-red", **PARTS)
    assert all(
        isinstance(value, float) for value in [found.score, *found.shares.values(), *found.item_weights.values()]
    )
    assert not any(isinstance(value, torch.Tensor) for value in vars(found).values())
