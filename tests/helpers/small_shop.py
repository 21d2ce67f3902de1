"""The small catalogue with a department and a price for each item, for the search page."""

from pathlib import Path

import pandas as pd

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.features import extract
from mmr_toolkit.retrieval.retriever import Retriever
from small_catalogue import small_catalogue, small_encoders

DEPARTMENTS = ["wine", "wine", "soda", "wine", "soda", "soda"]
PRICES = [12.0, 9.5, 2.0, 30.0, 1.5, None]


def small_shop(folder: Path) -> Retriever:
    small_catalogue(folder)
    table = pd.read_csv(folder / "metadata.csv").assign(department=DEPARTMENTS, price=PRICES)
    table.to_csv(folder / "metadata.csv", index=False, encoding="utf-8")
    return retriever_of(Catalogue.from_folder(folder))


def retriever_of(catalogue: Catalogue, encoders: dict | None = None) -> Retriever:
    encoders = small_encoders() if encoders is None else encoders
    return Retriever(catalogue, encoders, extract(catalogue, encoders, progress=False, cache=False))
