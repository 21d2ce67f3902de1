"""Write the shop's tables: metadata.csv, queries.csv and qrels.txt.

There is one qrels file (TREC form), not one per split: the `datasets` library takes a file with "test" in its name for
a split of data.

    python data/make/tables.py
"""

from pathlib import Path

import pandas as pd

from relevance import KINDS, grades
from shop import Product, build_shop

SHOP = Path(__file__).parents[1] / "cornershop"
#: Which member of a family asks in which language; the query's photo and recording are the member's second views.
ASKING_MEMBERS = {1: "en", 2: "zh"}

_COLUMNS = (
    "department",
    "type",
    "colour",
    "pattern",
    "sound",
    "note",
    "brand",
    "occasion",
    "origin",
    "price",
    "family",
)


def metadata(products: list[Product]) -> pd.DataFrame:
    """One row per product; the cells of a missing part, and of a language that it is not listed in, are empty."""
    rows = []
    for product in products:
        listed = () if product.missing == "text" else product.languages
        texts = {name: text if name.endswith(listed) else "" for name, text in product.texts.items()}
        text = " ".join(part for part in texts.values() if part)
        rows.append(
            {
                "id": product.id,
                "text": text,
                "image_file_name": "" if product.missing == "image" else f"images/{product.id}.jpg",
                "audio_file_name": "" if product.missing == "audio" else f"audio/{product.id}.opus",
                **texts,
            }
            | {name: getattr(product, name) for name in (*_COLUMNS, "split")}
        )
    return pd.DataFrame(rows)


def queries(products: list[Product]) -> pd.DataFrame:
    """One row per query. Validation and test ask in every kind; training holds full queries in both languages."""
    rows = []
    for product in products:
        if product.split == "train":
            asked = [("TIA", language) for language in product.queries]
        elif product.member in ASKING_MEMBERS:
            language = ASKING_MEMBERS[product.member]
            asked = [(kind, language if "T" in kind else "") for kind in KINDS]
        else:
            asked = []
        for kind, language in asked:
            rows.append(
                {
                    "query_id": f"q{len(rows) + 1:04d}",
                    "product_id": product.id,
                    "split": product.split,
                    "kind": kind,
                    "language": language,
                    "difficulty": product.difficulties[language] if "T" in kind else "",
                    "text": product.queries[language] if "T" in kind else "",
                    "image_file_name": f"query_images/{product.id}.jpg" if "I" in kind else "",
                    "audio_file_name": f"query_audio/{product.id}.opus" if "A" in kind else "",
                }
            )
    return pd.DataFrame(rows)


def qrels(table: pd.DataFrame, products: list[Product]) -> list[str]:
    """Lines of a TREC qrels file, `query_id 0 product_id grade`, grade 0 left out."""
    by_id = {product.id: product for product in products}
    lines: dict[str, list[str]] = {}
    for kind, group in table.groupby("kind"):
        matrix = grades([by_id[i] for i in group["product_id"]], products, str(kind))
        for query_id, row in zip(group["query_id"], matrix, strict=True):
            lines[query_id] = [f"{query_id} 0 {products[j].id} {row[j]}" for j in (row > 0).nonzero()[0]]
    return [line for query_id in table["query_id"] for line in lines[query_id]]


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """UTF-8 with Unix line ends, the same bytes on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def main() -> None:
    products = build_shop()
    table = queries(products)
    write_csv(metadata(products), SHOP / "metadata.csv")
    write_csv(table, SHOP / "queries.csv")
    lines = qrels(table[table["split"] != "train"], products)
    (SHOP / "qrels.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
