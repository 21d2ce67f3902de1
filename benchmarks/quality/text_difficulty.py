"""How well does text alone find, by how hard the query is? mAP, nDCG@10 and recall@10 of three ways to read.

    python benchmarks/quality/text_difficulty.py              the test split
    python benchmarks/quality/text_difficulty.py validation

The gallery is the whole shop, a query's own product is left out, and a query of which nothing is known finds nothing.
Bag-of-words (TF-IDF of the same tokens) and Word2Vec know the gallery's texts and nothing else; the mini BERT has also
read the shop's training queries and thousands of generated products.
"""

import sys

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from mmr_toolkit import cornershop, cornershop_qrels, cornershop_queries
from mmr_toolkit.evaluation.evaluate import chance, evaluate_run, ranked_run
from mmr_toolkit.features import BertEncoder, UnencodableValue, Word2VecEncoder
from mmr_toolkit.features.text.tokenise import tokens
from mmr_toolkit.similarity.measures import cosine

MEASURES = {"AP": "mAP", "nDCG@10": "nDCG@10", "recall@10": "recall@10"}


def bag_of_words(asked: list[str], texts: list[str]) -> np.ndarray:
    """Cosine of TF-IDF vectors, (n_asked, n_texts); NaN where no word of a query stands in any text."""
    model = TfidfVectorizer(analyzer=tokens).fit(texts)
    queries = model.transform(asked)
    scores = (queries @ model.transform(texts).T).toarray()
    scores[queries.getnnz(axis=1) == 0] = np.nan
    return scores


def by_encoder(encoder: Word2VecEncoder | BertEncoder, asked: list[str], texts: list[str]) -> np.ndarray:
    """Cosine of an encoder's vectors, (n_asked, n_texts); NaN where it cannot read the query."""
    unreadable: list[int] = []
    try:
        encoder.encode(asked)
    except UnencodableValue as error:
        unreadable = sorted(error.reasons)
    readable = [i for i in range(len(asked)) if i not in unreadable]
    scores = np.full((len(asked), len(texts)), np.nan, dtype=np.float32)
    scores[readable] = cosine(encoder.encode([asked[i] for i in readable]), encoder.encode(texts)).numpy()
    return scores


def main() -> None:
    """Print a table for each way to read."""
    split = sys.argv[1] if len(sys.argv) > 1 else "test"
    shop, queries, qrels = cornershop(), cornershop_queries(split, kind="T"), cornershop_qrels(split)
    has_text = [i for i, text in enumerate(shop.values("text")) if text is not None]
    texts, asked = [str(shop.values("text")[i]) for i in has_text], queries["text"].tolist()
    ids, own = queries["query_id"].tolist(), [shop.position(product) for product in queries["product_id"]]
    judged = {query: qrels[query] for query in ids}
    found = {
        "chance": chance(judged, len(shop) - 1).per_query,
        "bag-of-words": bag_of_words(asked, texts),
        "Word2Vec": by_encoder(Word2VecEncoder.train(texts), asked, texts),
        "mini BERT": by_encoder(BertEncoder.load(), asked, texts),
    }
    for name, scores in found.items():
        if isinstance(scores, np.ndarray):
            known = ~np.isnan(scores).any(axis=1)
            ranked = np.full((len(ids), len(shop)), -np.inf)
            ranked[:, has_text] = np.nan_to_num(scores)
            run = ranked_run(ids, shop.ids, ranked, own)
            run |= {query: [] for query, readable in zip(ids, known, strict=True) if not readable}
            found[name] = evaluate_run(run, judged).per_query
    grade = queries["difficulty"].to_numpy()
    seen = set(shop.table.loc[shop.table["split"] == "train", "type"])
    of_seen = shop.table["type"].iloc[own].isin(seen).to_numpy()
    for measure, title in MEASURES.items():
        table = pd.DataFrame({name: per_query.groupby(grade)[measure].mean() for name, per_query in found.items()})
        for label, rows in (("all", of_seen | True), ("seen types", of_seen), ("unseen types", ~of_seen)):
            if rows.any():
                table.loc[label] = {name: per_query[measure][rows].mean() for name, per_query in found.items()}
        table.insert(0, "queries", [int((grade == label).sum()) or "" for label in table.index])
        print(f"\n{title}, {split}\n\n{table.round(3).to_string()}")


if __name__ == "__main__":
    main()
