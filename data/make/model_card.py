"""Writes the model card of one set of mini weights: README.md for people, card.json with the same figures for tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd

from mmr_toolkit.features.cache.fingerprint import Identified, megabytes
from mmr_toolkit.features.encoder import Encoder
from mmr_toolkit.shop.data import JUDGED
from mmr_toolkit.shop.quality import encoder_quality

#: The catalogue that all mini weights were trained on, the only one that they know.
CATALOGUE = "cornershop"
WEIGHTS_FOLDER = Path(__file__).resolve().parents[1] / "weights"
LICENCE = "Apache-2.0, like the code of the project. The shop that the weights were trained on is under CC BY 4.0."


def write_card(
    folder: Path,
    encoder: Encoder,
    *,
    title: str,
    about: str,
    data: str,
    limits: str,
    script: str,
    seconds: float,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Measure an encoder on the shop and write README.md and card.json into its folder.

    Args:
        folder: data/weights/<name>, with the weights in it.
        encoder: what a user gets from this folder, loaded anew: the card describes the file, not the training.
        title: one line, "Mini ResNet".
        about: what the network is and what its vectors are good for.
        data: what it was trained on, and what it has never seen.
        limits: when not to use it.
        script: what makes the weights again, from the root of the repository.
        seconds: processor time of the training (time.process_time), which a busy machine does not change.
        settings: of the training, plain values: epochs, seed, threads, ...

    Returns:
        What stands in card.json.
    """
    card = {
        "name": encoder.name,
        "modality": encoder.modality,
        "dim": encoder.dim,
        "settings": dict(settings),
        "seconds": round(seconds, 1),
        "licence": "Apache-2.0",
        **measure(encoder),
    }
    if isinstance(encoder, Identified):
        card["megabytes"] = round(megabytes(encoder), 2)
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    again = f"Training took {seconds:.0f} s of processor time. To make the weights again: `{script}`."
    parts = {
        title: _wrapped(about),
        "Trained on": _wrapped(data),
        "Settings": f"{_listed(settings)}\n\n{again}",
        "Quality": _quality_table(card),
        "Limits": _wrapped(limits),
        "Licence": LICENCE,
    }
    text = "\n".join(f"## {head}\n\n{body}\n" for head, body in parts.items())
    (folder / "README.md").write_text(text.removeprefix("#"), encoding="utf-8")  # the title is a heading of its own
    return card


def measure(encoder: Encoder) -> dict[str, Any]:
    """What `encoder_quality` finds on both judged splits, and chance, rounded to four digits.

    Returns:
        {"quality": {split: {"all" | "seen" | "unseen": {"AP": ..., "nDCG@10": ..., "recall@10": ...}}}, "chance": same}
    """
    measured = {split: encoder_quality(encoder, split) for split in JUDGED}
    return {
        "quality": {split: _rows(quality.reached) for split, quality in measured.items()},
        "chance": {split: _rows(quality.chance) for split, quality in measured.items()},
    }


def _rows(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    return {str(name): {str(k): round(float(v), 4) for k, v in row.items()} for name, row in table.iterrows()}


def _listed(settings: Mapping[str, Any]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in settings.items())


def _wrapped(text: str) -> str:
    """Lines of at most 120 characters; paragraphs stay apart."""
    return "\n\n".join(fill(paragraph, 120) for paragraph in text.split("\n\n"))


def _quality_table(card: Mapping[str, Any]) -> str:
    measures = list(card["quality"]["test"]["all"])
    lines = [
        _wrapped(
            f"Queries of the shop that consist of the {card['modality']} alone, ranked by cosine against the whole "
            "shop, their own product left out (`mmr_toolkit.shop.quality`). Beside each figure: what a random order "
            "reaches."
        ),
        "",
        "| split | types | " + " | ".join(f"{'mAP' if name == 'AP' else name} | chance" for name in measures) + " |",
        "|---|---|" + "---|---|" * len(measures),
    ]
    for split, groups in card["quality"].items():
        for group, reached in groups.items():
            chance = card["chance"][split][group]
            cells = " | ".join(f"**{reached[name]:.3f}** | {chance[name]:.3f}" for name in measures)
            lines.append(f"| {split} | {group} | {cells} |")
    return "\n".join(lines)
