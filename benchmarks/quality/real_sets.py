"""Retrieval on real data that is not part of the repository: photos of groceries, captions, spoken digits.

The folder is looked for as `shared/real` beside the repository; the environment variable MMR_REAL_DATA names another.
It holds, made by others, each with a metadata.csv:

    grocery_store        photos of groceries in shops, 81 classes (Klasson, Zhang & Kjellström 2019)
    flickr8k_speech      photos with five captions each (Hodosh, Young & Hockenmaier 2013)
    spoken_digits_fsdd   ten digits by six speakers (free-spoken-digit-dataset)
    weights              networks of torchvision as safetensors, GloVe word vectors
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mmr_toolkit.evaluation.evaluate import Evaluation, chance, evaluate_run, ranked_run
from mmr_toolkit.features import Encoder
from mmr_toolkit.similarity.measures import cosine

SETTING = "MMR_REAL_DATA"
NEW_SPEAKER = "yweweler"  # asks; the five others are searched


@dataclass(frozen=True)
class RealSet:
    """Values that ask, values that are searched, and who matches whom.

    Attributes:
        asked, searched: texts or paths of files.
        qrels: query id -> item id -> 3 for a full match, 2 for a near one; the ids are the positions.
    """

    asked: list[Any]
    searched: list[Any]
    qrels: dict[str, dict[str, int]]

    def evaluate(self, encoder: Encoder) -> Evaluation:
        """Rank by the cosine of an encoder's vectors."""
        scores = cosine(encoder.encode(self.asked), encoder.encode(self.searched))
        items = [str(i) for i in range(len(self.searched))]
        return evaluate_run(ranked_run(list(self.qrels), items, scores), self.qrels)

    def by_chance(self) -> Evaluation:
        """What a random order reaches."""
        return chance(self.qrels, len(self.searched))


def real_folder() -> Path:
    """The folder of the real data; it may not be there."""
    return Path(os.environ.get(SETTING, Path(__file__).resolve().parents[2] / "shared" / "real"))


def grocery(real: Path, *, asked: int, searched: int, step: int = 1) -> RealSet:
    """Find photos of the same class (another class of the same kind is a near match).

    Args:
        real: as `real_folder`.
        asked, searched: photos of each class, from the official test and training photos.
        step: 2 takes every second class.
    """
    folder = real / "grocery_store"
    table = pd.read_csv(folder / "metadata.csv")
    table = table[table["class_id"] % step == 0]
    asking = table[table["split"] == "test"].groupby("class_id").head(asked)
    items = table[table["split"] == "train"].groupby("class_id").head(searched)
    return _same_class(folder, "image_file_name", asking, items, fine="class_id", coarse="coarse_id")


def spoken_digits(real: Path, *, each: int) -> RealSet:
    """Find recordings of the same digit, asked by a speaker who is not among those that are searched.

    Args:
        real: as `real_folder`.
        each: recordings of each digit by each speaker.
    """
    folder = real / "spoken_digits_fsdd"
    table = pd.read_csv(folder / "metadata.csv").groupby(["speaker", "digit"]).head(each)
    new = table["speaker"] == NEW_SPEAKER
    return _same_class(folder, "audio_file_name", table[new], table[~new], fine="digit", coarse="digit")


def captions(real: Path, *, asked: int) -> RealSet:
    """Find the one caption, by another person, that describes the same photo.

    Args:
        real: as `real_folder`.
        asked: how many photos' second captions ask; the first captions of all 800 photos are searched.
    """
    table = pd.read_csv(real / "flickr8k_speech" / "metadata.csv")
    qrels = {str(i): {str(i): 3} for i in range(asked)}
    return RealSet(table["caption_1"].tolist()[:asked], table["caption_0"].tolist(), qrels)


def _same_class(
    folder: Path, column: str, asking: pd.DataFrame, items: pd.DataFrame, *, fine: str, coarse: str
) -> RealSet:
    """Grade 3 for the same `fine` class, 2 for the same `coarse` one."""
    qrels: dict[str, dict[str, int]] = {}
    for i, (query_fine, query_coarse) in enumerate(zip(asking[fine], asking[coarse], strict=True)):
        grades = 2 * (items[coarse] == query_coarse) + (items[fine] == query_fine)
        qrels[str(i)] = {str(j): int(grade) for j, grade in enumerate(grades) if grade > 0}
    asked, searched = ([folder / name for name in table[column]] for table in (asking, items))
    return RealSet(asked, searched, qrels)
