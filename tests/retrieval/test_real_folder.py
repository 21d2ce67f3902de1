"""The same road on real data: 800 photographs, each with five captions, one of them spoken.

The data are made by others and may not be handed on, so they are not part of the repository. The tests look for them
in `shared/real/flickr8k_speech` beside the repository, or where the environment variable MMR_REAL_DATA names the folder
`real`; without them they are skipped and say so.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_audio, read_image
from mmr_toolkit.evaluation.evaluate import chance, evaluate_run, ranked_run
from mmr_toolkit.retrieval.retriever import Retriever

pytestmark = pytest.mark.slow

N_QUERIES = 200


@pytest.fixture(scope="module")
def folder() -> Path:
    beside = Path(__file__).resolve().parents[3] / "shared" / "real"
    real = Path(os.environ.get("MMR_REAL_DATA", beside))
    folder = real / "flickr8k_speech"
    if not (folder / "metadata.csv").is_file():
        pytest.skip(
            "the real data set flickr8k_speech is not there: it may not be handed on with the repository. "
            "MMR_REAL_DATA can name the folder that holds it."
        )
    return folder


@pytest.fixture(scope="module")
def catalogue(folder: Path) -> Catalogue:
    """Photos, speech, and the captions that were *not* spoken: the sound must not contain the text word by word."""
    table = pd.read_csv(folder / "metadata.csv", dtype={"id": str})
    table["text"] = table[[f"caption_{i}" for i in (1, 2, 3, 4)]].agg(" ".join, axis="columns")
    table["split"] = np.where(np.arange(len(table)) % 4 == 0, "train", "test")  # fewer to learn from: it saves time
    return Catalogue.from_table(table, folder)


@pytest.fixture(scope="module")
def retriever(catalogue: Catalogue) -> Retriever:
    return Retriever.build(catalogue)


def other_view(path: Path) -> Image.Image:
    """A photo as somebody else might send it: mirrored, cropped to its middle, a little darker."""
    image = read_image(path)
    width, height = image.size
    middle = image.crop((width // 10, height // 10, width - width // 10, height - height // 10))
    return ImageOps.mirror(middle).point(lambda value: int(value * 0.9))


def other_take(path: Path, rng: np.random.Generator) -> np.ndarray:
    """A recording as another microphone might take it: it starts late, is quieter and has some noise."""
    samples = read_audio(path)[SAMPLE_RATE // 4 :]
    return (0.7 * samples + rng.normal(0, 0.01, samples.shape)).astype(np.float32)


def test_the_folder_as_it_is(folder):
    catalogue = Catalogue.from_folder(folder)
    assert len(catalogue) == 800
    assert catalogue.modalities == ("image", "audio")
    assert catalogue.mask[["image", "audio"]].all(axis=None)
    assert set(catalogue.table["split"]) == {"train", "val"}
    report = catalogue.doctor()
    assert report.empty, report.to_string()


def test_every_modality_can_be_asked(catalogue, retriever, rng, capsys, record_property):
    """The own item must be found among 800 far more often than by chance, by each modality and by all three."""
    assert catalogue.modalities == ("text", "image", "audio")
    assert all(mask.all() for mask in retriever.features.mask.values())
    chosen = catalogue.subset(np.arange(N_QUERIES))
    parts = {
        "text": chosen.table["caption_0"].tolist(),
        "image": [other_view(path) for path in chosen.values("image")],
        "audio": [other_take(path, rng) for path in chosen.values("audio")],
    }
    qrels = {name: {name: 3} for name in chosen.ids}
    by_chance = chance(qrels, len(catalogue)).mean["recall@10"]
    assert by_chance == pytest.approx(10 / 800)

    reached = {}
    for asked in ({"text"}, {"image"}, {"audio"}, {"text", "image", "audio"}):
        scores = retriever.score_all({name: values for name, values in parts.items() if name in asked})
        evaluation = evaluate_run(ranked_run(chosen.ids, catalogue.ids, scores), qrels, item_ids=catalogue.ids)
        reached["+".join(name for name in parts if name in asked)] = evaluation.mean["recall@10"]
    with capsys.disabled():
        print(f"\n  recall@10 of {N_QUERIES} queries among 800 (chance {by_chance:.4f}):", end=" ")
        print(", ".join(f"{name} {value:.3f}" for name, value in reached.items()), end=" ")
    record_property("recall@10", {name: float(value) for name, value in {**reached, "chance": by_chance}.items()})
    assert min(reached.values()) >= 10 * by_chance, reached
