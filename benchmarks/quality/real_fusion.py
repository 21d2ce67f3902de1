"""Trained fusion on real photos, captions, speech and digits: questions across modalities, beside chance and CCA.

    python benchmarks/quality/real_fusion.py                   all three sets, from the folder of real_sets.py
    python benchmarks/quality/real_fusion.py --real /data/real
    python benchmarks/quality/real_fusion.py --sets digits groceries

Photos go through MobileNetV2 of ImageNet, texts through the published BERT where it is installed, else through word
vectors of the training texts, sounds through MFCC. What is learned is the plain weighted fusion in one common space:
a question has other parts than its answers. Nothing is chosen on the test rows. CCA is canonical correlation analysis
(Hotelling 1936), linear, of the same photos with TF-IDF of the texts, trained and tested on the same rows; a second one
has the texts' vectors of the fusion.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from encoders import published_bert
from mmr_toolkit.evaluation.measures import measure_grades, measures_named
from mmr_toolkit.evaluation.systems import fused_scores
from mmr_toolkit.features import Encoder
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.image.resnet import ResNetEncoder
from mmr_toolkit.features.text.bert import BertEncoder
from mmr_toolkit.features.text.word2vec import Word2VecEncoder
from mmr_toolkit.fusion import Fusion, WeightedFusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.training.loop import fit
from mmr_toolkit.training.recipe import Recipe
from real_sets import real_folder

MEASURES = measures_named(["recall@1", "recall@10", "AP"])
#: Chosen, as all settings here, on a seventh of the training rows that was left out for it.
RECIPE = Recipe(sharpness=3, noise=0.6, learning_rate=2e-3, weight_decay=0.02, cross_modal=1.0)
DIGITS = replace(RECIPE, sharpness=1, noise=0.1, learning_rate=2e-2, weight_decay=0.5, steps=1000)
GROCERIES = replace(RECIPE, sharpness=10, steps=500, cross_modal=0.0, modality_dropout=False)
#: MFCC hear how somebody speaks, hardly what is said: a sound counts little beside a text.
WEIGHTS = {"text": 1.0, "image": 1.0, "audio": 0.05}


def row(scores: torch.Tensor, truth: np.ndarray) -> dict[str, float]:
    """The measures of one system: scores and truth (bool) are (n_query, n_item)."""
    order = (-scores).argsort(dim=1, stable=True).numpy()
    grades = 3 * truth.astype(int)
    values = measure_grades(np.take_along_axis(grades, order, axis=1), -np.sort(-grades, axis=1), MEASURES)
    return {measure.name: float(np.nanmean(column)) for measure, column in zip(MEASURES, values.T, strict=True)}


def chance_row(truth: np.ndarray) -> dict[str, float]:
    """What a random order reaches, by formula."""
    best = -np.sort(-3 * truth.astype(int), axis=1)
    return {measure.name: float(np.nanmean(measure.by_chance(best, truth.shape[1]))) for measure in MEASURES}


def cca_scores(
    train: tuple[np.ndarray, np.ndarray], asked: np.ndarray, items: np.ndarray, dim: int = 32, ridge: float = 0.1
) -> torch.Tensor:
    """Scores by canonical correlation analysis: cosine of the `dim` most correlated directions of both sides.

    Both sides are centred and whitened, C^(-1/2) with C + ridge · mean variance; the singular vectors of what is left
    of the covariance between them are the directions.
    """
    whitened = []
    for side in train:
        mean = side.mean(axis=0)
        covariance = np.cov(side.T)
        values, vectors = np.linalg.eigh(
            covariance + ridge * np.trace(covariance) / len(covariance) * np.eye(len(mean))
        )
        whitened.append((mean, vectors / np.sqrt(values) @ vectors.T))
    left, right = ((side - mean) @ white for side, (mean, white) in zip(train, whitened, strict=True))
    u, correlation, vt = np.linalg.svd(left.T @ right / len(left), full_matrices=False)
    placed = []
    for side, (mean, white), turn in zip((asked, items), whitened, (u, vt.T), strict=True):
        z = (side - mean) @ white @ turn[:, :dim] * correlation[:dim]
        placed.append(z / np.linalg.norm(z, axis=1, keepdims=True))
    return torch.from_numpy(placed[0] @ placed[1].T)


def tf_idf(train: Sequence[str], *others: Sequence[str]) -> list[np.ndarray]:
    """TF-IDF of the training texts and of others, reduced to 200 numbers where there are more."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(stop_words="english", min_df=2, sublinear_tf=True)
    matrices = [counter.fit_transform(train), *(counter.transform(texts) for texts in others)]
    if matrices[0].shape[1] <= 200:
        return [matrix.toarray() for matrix in matrices]
    reduce = TruncatedSVD(200, random_state=0).fit(matrices[0])
    return [reduce.transform(matrix) for matrix in matrices]


def text_encoder(train: Sequence[str]) -> Encoder:
    """The published BERT, or word vectors of the training texts."""
    found = published_bert()
    return BertEncoder.load(str(found)) if found else Word2VecEncoder.train(train)


def photo_encoder(real: Path) -> Encoder:
    """MobileNetV2 of ImageNet."""
    return ResNetEncoder.load("mobilenet_v2", real / "weights" / "mobilenet_v2_imagenet.safetensors")


def trained(pairs: Pairs, recipe: Recipe, weights: Mapping[str, float] | None = None) -> Fusion:
    """The plain weighted fusion after training, from these weights on."""
    fusion = WeightedFusion(pairs.dims, weights=weights)
    fit(fusion, pairs, recipe, progress=False)
    return fusion


def flickr_features(real: Path) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """The table of 800 photos, and vectors: "image" (800, d), "audio" (800, d), "text" (800, 5, d)."""
    folder = real / "flickr8k_speech"
    table = pd.read_csv(folder / "metadata.csv")
    captions = table[[f"caption_{i}" for i in range(5)]].to_numpy()
    sounds = [folder / name for name in table["audio_file_name"]]
    train = (table["split"] == "train").to_numpy()
    audio = MfccEncoder().fit([sound for sound, used in zip(sounds, train, strict=True) if used])
    texts = text_encoder(captions[train].ravel().tolist()).encode(captions.ravel().tolist())
    return table, {
        "text": texts.reshape(*captions.shape, -1),
        "image": photo_encoder(real).encode([folder / name for name in table["image_file_name"]]),
        "audio": audio.encode(sounds),
    }


def flickr_pairs(vectors: Mapping[str, np.ndarray], rows: np.ndarray) -> Pairs:
    """Each caption with the speech asks for its photo and another caption; never the spoken one, which it could spell.

    Args:
        vectors: as from `flickr_features`.
        rows: which photos.
    """
    photo, caption = np.repeat(rows, 5), np.tile(np.arange(5), len(rows))
    other = caption % 4 + 1  # of 0, 1, 2, 3, 4 the others are 1, 2, 3, 4, 1
    n, all_there, none = len(photo), np.ones(len(photo), bool), np.zeros(len(photo), bool)
    queries = {
        "text": vectors["text"][photo, caption],
        "image": vectors["image"][photo],
        "audio": vectors["audio"][photo],
    }
    items = {"text": vectors["text"][photo, other], "image": vectors["image"][photo], "audio": vectors["audio"][photo]}
    return Pairs(
        queries,
        items,
        np.arange(n),
        {"text": all_there, "image": none, "audio": all_there},
        {"text": all_there, "image": all_there, "audio": none},
        {name: [photo.tolist()] for name in queries},
    )


def flickr_rows(
    vectors: Mapping[str, np.ndarray], captions: np.ndarray, train: np.ndarray, test: np.ndarray, recipe: Recipe
) -> pd.DataFrame:
    """Captions and speech ask for photos, speech asks for captions 1 to 4; each beside its baselines."""
    fusion = trained(flickr_pairs(vectors, train), recipe, WEIGHTS)
    dim = vectors["text"].shape[2]
    photos, speech = vectors["image"][test], vectors["audio"][test]
    asked = vectors["text"][test].reshape(-1, dim)
    own, each = np.repeat(np.eye(len(test), dtype=bool), 5, axis=0), np.eye(len(test), dtype=bool)
    others, of_photo = vectors["text"][test][:, 1:].reshape(-1, dim), np.repeat(each, 4, axis=1)
    paired = {"text": vectors["text"][train].reshape(-1, dim), "image": np.repeat(vectors["image"][train], 5, axis=0)}
    words, asked_words = tf_idf(captions[train].ravel().tolist(), captions[test].ravel().tolist())
    linear = cca_scores((paired["text"], paired["image"]), asked, photos)
    image = {"image": photos}
    by_speech = fused_scores(fusion, {"audio": speech}, {"text": others})
    with_speech = {"text": asked, "audio": np.repeat(speech, 5, axis=0)}
    return pd.DataFrame({
        ("caption → photo", "chance"): chance_row(own),
        ("caption → photo", "CCA, TF-IDF"): row(cca_scores((words, paired["image"]), asked_words, photos), own),
        ("caption → photo", "CCA, the same vectors"): row(linear, own),
        ("caption → photo", "fusion"): row(fused_scores(fusion, {"text": asked}, image), own),
        ("caption + speech → photo", "fusion"): row(fused_scores(fusion, with_speech, image), own),
        ("speech → photo", "chance"): chance_row(each),
        ("speech → photo", "fusion"): row(fused_scores(fusion, {"audio": speech}, image), each),
        ("speech → captions 1 to 4", "chance"): chance_row(of_photo),
        ("speech → captions 1 to 4", "fusion"): row(by_speech, of_photo),
    }).T  # fmt: skip


def flickr(real: Path) -> pd.DataFrame:
    """Photos with captions and speech: trained on 700, asked on 100."""
    table, vectors = flickr_features(real)
    captions = table[[f"caption_{i}" for i in range(5)]].to_numpy()
    train = np.flatnonzero(table["split"] == "train")
    return flickr_rows(vectors, captions, train, np.flatnonzero(table["split"] != "train"), RECIPE)


def groceries(real: Path, *, step: int = 5) -> pd.DataFrame:
    """Photo → product text: all 81 classes; then with every fifth left out of the training, and only those searched."""
    folder = real / "grocery_store"
    table, classes = pd.read_csv(folder / "metadata.csv"), pd.read_csv(folder / "classes.csv").sort_values("class_id")
    words = (classes["title"] + ". " + classes["coarse_name"] + ". " + classes["description"].fillna("")).tolist()
    texts = text_encoder(words).encode(words)
    photos = photo_encoder(real).encode([folder / name for name in table["image_file_name"]])
    of_class, testing = table["class_id"].to_numpy(), (table["split"] == "test").to_numpy()
    (counted,) = tf_idf(words)
    rows = {}
    for title, left_out in {"all classes": np.zeros(len(table), bool), "new classes": of_class % step == 0}.items():
        train = ~testing & ~left_out
        asked = testing & left_out if left_out.any() else testing
        searched = np.unique(of_class[asked])
        truth = of_class[asked][:, None] == searched
        pairs = Pairs(
            {"image": photos[train], "text": np.zeros((train.sum(), texts.shape[1]))},
            {"image": np.zeros((len(texts), photos.shape[1])), "text": texts},
            of_class[train],
            {"image": np.ones(train.sum(), bool), "text": np.zeros(train.sum(), bool)},
            {"image": np.zeros(len(texts), bool), "text": np.ones(len(texts), bool)},
        )
        fusion = trained(pairs, GROCERIES)
        scores = fused_scores(fusion, {"image": photos[asked]}, {"text": texts[searched]})
        for name, side in {"CCA, TF-IDF": counted, "CCA, the same vectors": texts}.items():
            both = (photos[train], side[of_class[train]])
            rows[f"photo → text, {title}", name] = row(cca_scores(both, photos[asked], side[searched], 80), truth)
        rows[f"photo → text, {title}", "fusion"] = row(scores, truth)
        rows[f"photo → text, {title}", "chance"] = chance_row(truth)
    return pd.DataFrame(rows).T


def digits(real: Path) -> pd.DataFrame:
    """Written digit → spoken digit, and the other way: a test with a known answer."""
    from sklearn.datasets import load_digits
    from sklearn.kernel_approximation import Nystroem

    folder = real / "digits_trimodal"
    table = pd.read_csv(folder / "items.csv")
    sounds = [(folder / name).resolve() for name in table["audio"]]
    train = (table["split"] == "train").to_numpy()
    vectors = {
        "text": np.eye(10)[table["digit"]],
        "image": load_digits().data[table["load_digits_index"]] / 16,
        "audio": MfccEncoder().fit([sounds[i] for i in np.flatnonzero(train)]).encode(sounds),
    }
    # Near points of the 64 pixels become alike, all others not: a linear map alone does not tell ten digits apart.
    kernel = Nystroem(gamma=0.06, n_components=400, random_state=0).fit(vectors["image"][train])
    vectors["image"] = kernel.transform(vectors["image"])
    vectors["image"] -= vectors["image"][train].mean(axis=0)
    known = {name: matrix[train] for name, matrix in vectors.items()}
    labels = {name: [table.loc[train, "digit"].tolist()] for name in vectors}
    fusion = trained(Pairs(known, known, np.arange(train.sum()), labels=labels), DIGITS)
    asked = {name: matrix[~train] for name, matrix in vectors.items()}
    digit = table.loc[~train, "digit"].to_numpy()
    truth, rows = digit[:, None] == digit, {}
    for one, other in (("image", "audio"), ("audio", "image"), ("text", "audio")):
        scores = fused_scores(fusion, {one: asked[one]}, {other: asked[other]})
        both = (known[one], known[other])
        rows[f"{one} → {other}", "chance"] = chance_row(truth)
        rows[f"{one} → {other}", "CCA, the same vectors"] = row(cca_scores(both, asked[one], asked[other]), truth)
        rows[f"{one} → {other}", "fusion"] = row(scores, truth)
    return pd.DataFrame(rows).T


SETS = {"flickr": flickr, "groceries": groceries, "digits": digits}


def main() -> None:
    """Measure the sets that the command line names."""
    parser = argparse.ArgumentParser(description="Trained fusion on real photos, captions, speech and digits.")
    parser.add_argument("--real", type=Path, default=real_folder())
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    arguments = parser.parse_args()
    if not arguments.real.is_dir():
        print("The folder of real data is not there: see real_sets.py. Nothing was measured.")
        return
    print(f"texts by {'the published BERT' if published_bert() else 'word vectors'}; {RECIPE}")
    for name in arguments.sets:
        print(f"\n{name}\n\n{SETS[name](arguments.real).to_string(float_format='{:.3f}'.format)}", flush=True)


if __name__ == "__main__":
    main()
