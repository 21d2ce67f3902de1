"""A folder of photos without any text, and queries that ask for them in words."""

from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (30, 50, 200)}
EACH = 6


def colour_photos(folder: Path) -> None:
    """Six photos of each colour; half of them ask in training, the others in validation and test."""
    draw = np.random.default_rng(0)
    items, queries, judged = ["id,image_file_name"], ["query_id,product_id,split,text"], []
    for colour, rgb in COLOURS.items():
        for i in range(EACH):
            grain = np.clip(np.array(rgb) + draw.normal(0, 12, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(grain).save(folder / f"{colour}{i}.png")
            items.append(f"{colour}{i},{colour}{i}.png")
            split = ("train", "train", "train", "validation", "test", "test")[i]
            for words in ("a {} thing", "something {}"):
                query = f"q{len(queries)}"
                queries.append(f"{query},{colour}{i},{split},{words.format(colour)}")
                judged += [f"{query} 0 {colour}{other} 1" for other in range(EACH)]
    for name, lines in (("metadata.csv", items), ("queries.csv", queries), ("qrels.txt", judged)):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
