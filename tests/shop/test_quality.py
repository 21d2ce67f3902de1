"""What one encoder reaches on the shop, against a loop over queries and items."""

import math

import numpy as np
import pandas as pd
import pytest

from mmr_toolkit import cornershop, cornershop_qrels, cornershop_queries
from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.features.text.tokenise import tokens
from mmr_toolkit.shop.quality import ALONE, encoder_quality
from small_catalogue import ColourEncoder, PitchEncoder

pytestmark = pytest.mark.slow

UNSEEN = {"shorts", "beanie", "pear", "lemonade", "milk"}


class HashEncoder:
    """Each word counts in one of 64 columns; texts with a word of `refused` have no vector."""

    modality, name, dim = "text", "hash", 64

    def __init__(self, refused: frozenset[str] = frozenset()) -> None:
        self.refused = refused

    def encode(self, values, *, batch_size=64, device="cpu"):
        if bad := {i: "refused" for i, text in enumerate(values) if self.refused & set(tokens(text))}:
            raise UnencodableValue(bad)
        vectors = np.zeros((len(values), self.dim), np.float32)
        for row, text in enumerate(values):
            for word in tokens(text):
                vectors[row, sum(map(ord, word)) % self.dim] += 1
        return vectors


def slow_measures(ranking: list[str], grades: dict[str, int]) -> list[float]:
    """AP, nDCG@10, recall@10 of one query."""
    full = {item for item, grade in grades.items() if grade == 3}
    places = [place for place, item in enumerate(ranking, 1) if item in full]
    precision = sum(found / place for found, place in enumerate(places, 1)) / len(full)

    def dcg(gains):
        return sum((2**gain - 1) / math.log2(place + 1) for place, gain in enumerate(gains, 1))

    best = dcg(sorted(grades.values(), reverse=True)[:10])
    ndcg = dcg([grades.get(item, 0) for item in ranking[:10]]) / best
    return [precision, ndcg, sum(place <= 10 for place in places) / len(full)]


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def slow_quality(encoder: HashEncoder, split: str) -> pd.DataFrame:
    """As `encoder_quality(...).reached`: one query after the other, one item after the other."""
    shop, queries, qrels = cornershop(), cornershop_queries(split, kind="T"), cornershop_qrels(split)
    texts = shop.values("text")
    can = [text is not None and not encoder.refused & set(tokens(text)) for text in texts]
    items = np.array(
        [unit(encoder.encode([text])[0]) if ok else np.zeros(encoder.dim) for text, ok in zip(texts, can, strict=True)]
    )
    rows, unseen, ids = [], [], shop.ids
    for query in queries.itertuples():
        own = shop.position(query.product_id)
        unseen.append(query.product_id.rsplit("-", 2)[0] in UNSEEN)
        if encoder.refused & set(tokens(query.text)):
            rows.append([0.0, 0.0, 0.0])
            continue
        asked = unit(encoder.encode([query.text])[0])
        scores = np.where(can, (items @ asked).round(5), -math.inf).tolist()
        others = [i for i in range(len(items)) if i != own]
        order = sorted(others, key=lambda i, scores=scores: (-scores[i], i))
        rows.append(slow_measures([ids[i] for i in order], qrels[query.query_id]))
    table, unseen = pd.DataFrame(rows, columns=["AP", "nDCG@10", "recall@10"]), np.array(unseen)
    groups = {"all": unseen | True, "seen": ~unseen, "unseen": unseen}
    return pd.DataFrame({name: table[chosen].mean() for name, chosen in groups.items() if chosen.any()}).T


@pytest.mark.filterwarnings("ignore:.* parts could not be used")
@pytest.mark.parametrize(("split", "refused"), [("validation", frozenset()), ("test", frozenset({"red", "milk"}))])
def test_reached_by_loops(split, refused):
    """Of nearly equal scores the two may put another first, so a little may differ."""
    encoder = HashEncoder(refused)
    quality = encoder_quality(encoder, split)
    expected = slow_quality(encoder, split)
    assert list(quality.reached.index) == (["all", "seen", "unseen"] if split == "test" else ["all", "seen"])
    pd.testing.assert_frame_equal(quality.reached, expected, atol=3e-3, check_names=False)
    assert 0.1 < expected.loc["all", "AP"] < 0.95  # neither nothing nor everything is found


@pytest.mark.filterwarnings("ignore:.* parts could not be used")
def test_queries_that_cannot_be_read_find_nothing():
    asked = cornershop_queries("test", kind="T")["text"]
    encoder = HashEncoder(frozenset(word for text in asked for word in tokens(text)))
    with pytest.warns(UserWarning, match="212 parts could not be used"):
        quality = encoder_quality(encoder, "test")
    assert (quality.reached == 0).all(axis=None)


def test_chance_is_that_of_the_queries_and_a_random_encoder_reaches_it():
    class RandomEncoder(HashEncoder):
        name = "random"

        def encode(self, values, *, batch_size=64, device="cpu"):
            seeds = [sum(map(ord, text)) for text in values]
            return np.stack([np.random.default_rng(seed).standard_normal(self.dim) for seed in seeds]).astype("f4")

    quality = encoder_quality(RandomEncoder(), "test")
    shop, qrels = cornershop(), cornershop_qrels("test")
    judged = [qrels[query] for query in cornershop_queries("test", kind="T")["query_id"]]
    assert quality.chance.loc["all", "recall@10"] == pytest.approx(10 / (len(shop) - 1))
    shares = [sum(grade == 3 for grade in grades.values()) / (len(shop) - 1) for grades in judged]
    assert quality.chance.loc["all", "AP"] > np.mean(shares)  # AP by chance lies a little above the share of matches
    np.testing.assert_allclose(quality.reached, quality.chance, atol=0.02)
    assert quality.n_items == shop.mask["text"].sum() < len(shop)
    assert quality.seconds > 0


@pytest.mark.parametrize("encoder", [ColourEncoder(), PitchEncoder()])
def test_pictures_and_sounds(encoder):
    """A mean colour and four bands of energy already say something; the queries are those of this part alone."""
    quality = encoder_quality(encoder, "validation")
    n_parts = cornershop().mask[encoder.modality].sum()
    assert quality.n_items == n_parts
    assert (quality.reached.loc["all"] > 1.3 * quality.chance.loc["all"]).all()
    qrels = cornershop_qrels("validation")
    judged = cornershop_queries("validation", kind=ALONE[encoder.modality])["query_id"]
    full = [sum(grade == 3 for grade in qrels[query].values()) for query in judged]
    assert quality.chance.loc["all", "AP"] == pytest.approx(np.mean(full) / 1215, rel=0.5)


def test_a_split_that_is_not_there():
    with pytest.raises(ValueError, match="split is 'training'"):
        encoder_quality(HashEncoder(), "training")
