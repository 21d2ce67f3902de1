"""Proves that the modalities of the built-in shop complement one another, and prints the table of the datasheet.

    python data/make/probes.py

A linear probe (Alain & Bengio 2016) asks whether an attribute can be read from the simple descriptors of one
modality: a logistic regression, trained on the training split, tested on the validation and test splits of the same
types. No family is on both sides.

Within a type a designed attribute takes only one or two values, so whoever knows the type guesses well. Therefore the
type is given: each type has a probe of its own, and the chance level is the most frequent value of the type. The
members of a family share these attributes, so families, not products, are independent draws: a probe that knows
nothing is right in a share of them that spreads by sigma = sqrt(chance (1 - chance) / families) at most.

Validation and test together hold the other half of a factorial design (see shop.py), in which any two attributes are
balanced; in either split alone the two values of an attribute can go with those of another.
"""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmr_toolkit.features import ColourTextureEncoder, MfccEncoder

SHOP_FOLDER = Path(__file__).resolve().parents[1] / "cornershop"
#: Which modality carries which attribute. A sound tells the type only as far as its class does: who crunches is food.
CARRIED_BY = {
    "type": ("image", "audio", "text"),
    "colour": ("image",),
    "pattern": ("image",),
    "sound": ("audio",),
    "note": ("text",),
    "brand": ("text",),
    "occasion": ("text",),
    "origin": ("text",),
}
#: The attributes of the factorial design. Occasion and origin are drawn for each product, whatever its type.
DESIGNED = ("colour", "pattern", "sound", "note", "brand")
MODALITIES = ("image", "audio", "text")
FILES = {"image": ("images", "query_images", ".jpg"), "audio": ("audio", "query_audio", ".opus")}
READABLE_SIGMAS = 5  # readable: at least so far above chance
CHANCE_SIGMAS = 3  # not readable: at most so far from chance


@dataclass(frozen=True)
class Probe:
    """How well one attribute is read from one modality."""

    modality: str
    attribute: str
    accuracy: float  # mean over the families (over the products, where an attribute varies within a family)
    chance: float  # of guessing the most frequent value (of the type, for designed attributes)
    units: int  # independent draws: families, or products

    @property
    def sigma(self) -> float:
        """Largest standard deviation of the accuracy of a probe that knows the type and nothing else."""
        return float(np.sqrt(self.chance * (1 - self.chance) / self.units))

    @property
    def sigmas(self) -> float:
        """How far the accuracy is above chance."""
        return (self.accuracy - self.chance) / self.sigma


def read_products(folder: Path = SHOP_FOLDER) -> pd.DataFrame:
    """One row per product of a type that occurs in training, with all its words (item and queries) in `words`."""
    products = pd.read_csv(folder / "metadata.csv", keep_default_na=False, encoding="utf-8")
    queries = pd.read_csv(folder / "queries.csv", keep_default_na=False, encoding="utf-8")
    asked = queries.groupby("product_id")["text"].agg(" ".join)
    products["words"] = products["text"].str.cat(products["id"].map(asked).fillna(""), sep=" ").str.strip()
    trained = products.loc[products["split"] == "train", "type"].unique()
    return products[products["type"].isin(trained)].reset_index(drop=True)


def values_of(products: pd.DataFrame, modality: str, folder: Path = SHOP_FOLDER) -> pd.DataFrame:
    """Everything the shop shows of the products in one modality: their rows, repeated per view, with a `value` each.

    Two pictures and two recordings per product (paths), one text with all its words; holes are left out.
    """
    if modality == "text":
        return products.assign(value=products["words"])[products["words"] != ""].reset_index(drop=True)
    gallery, query, suffix = FILES[modality]
    paths = {name: {path.stem: path for path in (folder / name).glob(f"*{suffix}")} for name in (gallery, query)}
    views = [products.assign(value=products["id"].map(paths[name])) for name in (gallery, query)]
    rows = pd.concat(views).dropna(subset="value").reset_index(drop=True)
    if rows.empty:
        raise FileNotFoundError(f"no {suffix} files in {folder / gallery} and {folder / query}; `make data` makes them")
    return rows


def words_and_bigrams(text: str) -> list[str]:
    """English words, and pairs of neighbouring Chinese characters: no dictionary could hide a leak."""
    words = re.findall(r"[a-z'-]+", text.lower())
    runs = re.findall(r"[\u4e00-\u9fff]+", text)
    return words + [run[i : i + 2] for run in runs for i in range(len(run) - 1)]


def descriptors(values: pd.DataFrame, modality: str) -> NDArray[np.float32]:
    """A simple vector (n, dim) per value: TF-IDF of the words, or the statistics of the package's first encoders."""
    if modality == "text":
        vectors = TfidfVectorizer(analyzer=words_and_bigrams, min_df=5).fit_transform(values["value"])
        return vectors.toarray().astype(np.float32)
    if modality == "image":
        return ColourTextureEncoder().describe(list(values["value"]))
    return MfccEncoder().describe(list(values["value"]))


def groups_of(rows: pd.DataFrame, attribute: str) -> Iterator[NDArray[np.bool_]]:
    """The rows that get a probe of their own: those of each type in which a designed attribute varies, else all."""
    if attribute not in DESIGNED:
        yield np.ones(len(rows), dtype=bool)
        return
    for name in rows["type"].unique():
        group = (rows["type"] == name).to_numpy()
        if rows.loc[group & (rows["split"] == "train"), attribute].nunique() > 1:
            yield group


def run_probe(vectors: NDArray[np.float32], rows: pd.DataFrame, modality: str, attribute: str) -> Probe:
    """Train and test the probes of one attribute.

    Args:
        vectors: (n, dim) descriptors of one modality.
        rows: n rows with the columns split, type, family, id and the attribute.
        modality, attribute: what is asked.
    """
    train = (rows["split"] == "train").to_numpy()
    answers = []
    for group in groups_of(rows, attribute):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
        truth = rows.loc[group & train, attribute]
        model.fit(vectors[group & train], truth)
        tested = rows[group & ~train]
        right = tested[attribute] == model.predict(vectors[group & ~train])
        guessed = tested[attribute] == truth.mode()[0]
        answers.append(pd.DataFrame({"family": tested["family"], "id": tested["id"], "right": right, "guess": guessed}))
    varies_in_family = attribute not in (*DESIGNED, "type")
    means = pd.concat(answers).groupby("id" if varies_in_family else "family")[["right", "guess"]].mean()
    return Probe(modality, attribute, float(means["right"].mean()), float(means["guess"].mean()), len(means))


def all_probes(folder: Path = SHOP_FOLDER, modalities: tuple[str, ...] = MODALITIES) -> list[Probe]:
    """A probe for each modality and attribute."""
    products, probes = read_products(folder), []
    for modality in modalities:
        rows = values_of(products, modality, folder)
        vectors = descriptors(rows, modality)
        probes += [run_probe(vectors, rows, modality, attribute) for attribute in CARRIED_BY]
    return probes


def markdown_table(probes: list[Probe]) -> str:
    """Accuracies as a Markdown table, an attribute per line; bold where the modality carries it."""
    modalities = list(dict.fromkeys(probe.modality for probe in probes))
    lines = [f"| attribute | chance ± 3σ | {' | '.join(modalities)} |", f"|---|---|{'---|' * len(modalities)}"]
    for attribute, carriers in CARRIED_BY.items():
        found = [probe for probe in probes if probe.attribute == attribute]
        cells = [f"**{p.accuracy:.2f}**" if p.modality in carriers else f"{p.accuracy:.2f}" for p in found]
        lines.append(f"| {attribute} | {found[0].chance:.2f} ± {3 * found[0].sigma:.2f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=SHOP_FOLDER, help="the shop's folder")
    parser.add_argument("--modalities", nargs="+", default=MODALITIES, choices=MODALITIES)
    options = parser.parse_args()
    print(markdown_table(all_probes(options.folder, tuple(options.modalities))))


if __name__ == "__main__":
    main()
