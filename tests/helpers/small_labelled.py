"""A tiny folder with labelled queries, for the commands that train and compare: seconds, and right answers by hand."""

from pathlib import Path

from mmr_toolkit.catalogue.catalogue import Catalogue
from small_catalogue import ITEMS, small_catalogue

HEADER = "query_id,product_id,split,text,image_file_name,audio_file_name\n"


def small_labelled(folder: Path, splits=("train", "validation", "test")) -> Catalogue:
    """The catalogue of six items, and for every split one query for each item with all the parts that it has.

    Texts are shortened to the first word, so that a text alone leaves some in doubt.
    """
    catalogue = small_catalogue(folder)
    lines = []
    for split in splits:
        for id, english, _, colour, frequency in ITEMS:
            parts = (
                "" if english is None else english.split()[0],
                "" if colour is None else f"{id}.png",
                "" if frequency is None else f"{id}.wav",
            )
            lines.append(",".join((f"{split}-{id}", id, split, *parts)))
    (folder / "queries.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return catalogue
