"""Retrievers that are built for certain questions: only what these are compared with is read; the ranking stays."""

from itertools import combinations

import pytest
import torch

from counting_encoders import counting_encoders, encoded
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.features import defaults
from mmr_toolkit.features.cache import read_ahead
from mmr_toolkit.fusion import AttentionFusion, ConcatFusion, ResidualFusion, WeightedFusion
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.similarity.measures import SIMILARITIES
from small_catalogue import small_catalogue
from some_fusions import bent

DIMS = {modality: encoder.dim for modality, encoder in counting_encoders().items()}
SUBSETS = [some for size in (1, 2, 3) for some in combinations(MODALITIES, size)]
#: Fusions that compare block by block, and those that compare everything with everything.
BY_BLOCK = {
    "concat": ConcatFusion,
    "concat with dims": lambda: ConcatFusion({"text": 1, "image": 2, "audio": 3}, DIMS),
    "residual concat": lambda: bent(ResidualFusion(DIMS, "concat", width=4)),
    "residual weighted": lambda: bent(ResidualFusion(DIMS, "weighted", width=4)),
    "residual attention": lambda: bent(ResidualFusion(DIMS, "attention", width=4, dim=8)),
}
IN_COMMON = {
    "linear": lambda: bent(ConcatFusion(dims=DIMS, dim=8)),
    "weighted": lambda: bent(WeightedFusion(DIMS, dim=8)),
    "attention": lambda: bent(AttentionFusion(DIMS, dim=8)),
    "joint": lambda: bent(ResidualFusion(DIMS, width=4, joint=0.3, dim=8)),
    "untaught": lambda: ConcatFusion({"text": 1, "image": 2, "audio": 3}),
}


@pytest.fixture
def catalogue(tmp_path):
    return small_catalogue(tmp_path)


def question(catalogue, parts):
    values = {"text": "red wine", "image": catalogue.folder / "can-red.png", "audio": catalogue.folder / "can-red.wav"}
    return {part: values[part] for part in parts}


def found(retriever, query):
    return [(hit.id, hit.rank, hit.score, hit.shares) for hit in retriever.search(**query, k=6)]


def about(hits):
    """The same hits; scores and shares up to rounding."""
    return [(id, rank, pytest.approx(score, abs=1e-6), pytest.approx(s, abs=1e-6)) for id, rank, score, s in hits]


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("parts", [("text",), ("text", "audio")], ids="+".join)
@pytest.mark.parametrize("fusion", [*BY_BLOCK, *IN_COMMON])
def test_the_ranking_is_that_of_the_full_computation(catalogue, fusion, parts, similarity):
    make = (BY_BLOCK | IN_COMMON)[fusion]
    whole = Retriever.build(catalogue, counting_encoders(), make(), similarity, workers=0)
    some = Retriever.build(catalogue, counting_encoders(), make(), similarity, workers=0, asked=parts)
    query = question(catalogue, parts)
    assert found(some, query) == about(found(whole, query))
    scores = [one.score_all({part: [value] for part, value in query.items()}) for one in (some, whole)]
    torch.testing.assert_close(*scores)


@pytest.mark.parametrize("parts", SUBSETS, ids="+".join)
@pytest.mark.parametrize("fusion", [*BY_BLOCK, *IN_COMMON])
def test_only_parts_are_encoded_that_count(catalogue, fusion, parts):
    encoders = counting_encoders()
    Retriever.build(catalogue, encoders, (BY_BLOCK | IN_COMMON)[fusion](), cache=False, workers=0, asked=parts)
    expected = set(parts) if fusion in BY_BLOCK else set(MODALITIES)
    assert {name for name, count in encoded(encoders).items() if count} == expected
    assert set((BY_BLOCK | IN_COMMON)[fusion]().compared_with(parts)) == expected


def test_to_be_asked_in_words_no_picture_and_no_sound_is_read_or_learned_from(catalogue, monkeypatch):
    whole = found(Retriever.build(catalogue, workers=0, cache=False), {"text": "red wine"})
    read, learned = [], []
    for modality in ("image", "audio"):
        monkeypatch.setitem(read_ahead.READERS, modality, read.append)
    learn = defaults._learn
    monkeypatch.setattr(defaults, "_learn", lambda modality, *rest: learned.append(modality) or learn(modality, *rest))
    for path in catalogue.folder.glob("*.*"):  # nor opened to be counted
        path.unlink()
    some = Retriever.build(catalogue, asked=["text"])
    assert (read, learned) == ([], ["text"])
    assert found(some, {"text": "red wine"}) == about(whole)
    with pytest.raises(ValueError, match="this catalogue cannot be searched by image, only by text"):
        some.search(image="can.png")


def test_what_the_catalogue_lacks_is_an_error_only_if_it_is_asked_for(catalogue):
    silent = catalogue.subset(catalogue.table["audio"].isna().to_numpy())
    fusion = ConcatFusion(dims={"text": 64, "image": 959, "audio": 100}, dim=8)  # compares all with all
    assert Retriever.build(silent, fusion=fusion, asked=["text"]).modalities == ("text", "image")
    with pytest.raises(ValueError, match="this catalogue has no audio, only text, image"):
        Retriever.build(silent, asked=["audio"])
