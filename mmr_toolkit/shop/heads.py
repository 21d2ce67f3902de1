"""Which retrievers the search page of the built-in shop offers: the untrained fusion, and a trained head of each kind.

The heads are trained when they are first needed, and kept in the cache:

    <cache>/heads-1/shop-<kind>-<key>.safetensors      a saved fusion

The key is a SHA-256 of what a training depends on: products, queries, encoders, the recipe, the version of the toolkit.
"""

import hashlib
import json
import warnings
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from mmr_toolkit.common.files import PathLike, data_folder, sweep_unfinished
from mmr_toolkit.common.installed import installed_version
from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint
from mmr_toolkit.features.cache.shards import cache_folder
from mmr_toolkit.fusion import Fusion, FusionKind
from mmr_toolkit.retrieval.cached import cached_retriever
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved.parts import load_fusion, save_fusion
from mmr_toolkit.shop.data import cornershop, shop_query_table
from mmr_toolkit.shop.encoders import shop_encoders
from mmr_toolkit.training.heads import KINDS, train_head
from mmr_toolkit.training.labelled import Labelled
from mmr_toolkit.training.recipe import Recipe

#: How the page calls the kinds of fusion.
SHOWN: dict[FusionKind, str] = {"concat": "concatenation", "weighted": "weighted", "attention": "attention"}
HEADS = "heads-1"  # the folder of the cache


def shop_retrievers(
    *, recipe: Recipe | None = None, progress: bool = False, cache: PathLike | bool = True
) -> dict[str, Retriever]:
    """The retrievers of the built-in shop by the name that the page shows; they share encoders and vectors.

    Args:
        recipe: of the trained heads; None for the defaults.
        progress: show bars while something is made.
        cache: the folder where retriever and heads are kept. True: `cache_folder()`. False: all is made anew.

    Returns:
        "concatenation, untrained", then "concatenation, trained", "weighted, trained" and "attention, trained".

    Warns:
        UserWarning: a kept head is damaged and was trained anew, or it cannot be kept.

    Example:
        >>> retrievers = shop_retrievers()  # doctest: +SKIP
        >>> retrievers["weighted, trained"].search("红酒", k=5)  # doctest: +SKIP
    """
    recipe = Recipe() if recipe is None else recipe
    base = cached_retriever(cornershop(), encoders=shop_encoders, progress=progress, cache=cache)
    folder = cache_folder() if cache is True else None if cache is False else Path(cache)
    places = {kind: None if folder is None else folder / HEADS / _file_name(base, kind, recipe) for kind in KINDS}
    heads = {kind: head for kind, place in places.items() if (head := _kept(place)) is not None}
    missing = [kind for kind in KINDS if kind not in heads]
    if missing:
        heads |= _train(base, missing, recipe, progress)
        for kind in missing:
            _keep(heads[kind], places[kind])
    trained = {f"{SHOWN[kind]}, trained": base.with_fusion(heads[kind], recipe.similarity) for kind in KINDS}
    return {f"{SHOWN['concat']}, untrained": base, **trained}


def _file_name(base: Retriever, kind: str, recipe: Recipe) -> str:
    """The name of the file of a head of this kind, with the key of all that it depends on."""
    digest = hashlib.sha256(json.dumps([installed_version("mmr-toolkit"), kind, asdict(recipe)]).encode())
    for name in ("metadata.csv", "queries.csv", "qrels.txt"):
        digest.update((data_folder() / "cornershop" / name).read_bytes())
    for name, encoder in base.encoders.items():
        if isinstance(encoder, Identified):  # the default ones are
            digest.update(f"{name} {fingerprint(encoder)}".encode())
    return f"shop-{kind}-{digest.hexdigest()[:16]}.safetensors"


def _kept(place: Path | None) -> Fusion | None:
    if place is None or not place.exists():
        return None
    try:
        return load_fusion(place)
    except (OSError, ValueError) as error:
        warnings.warn(f"A kept head could not be used and is trained anew: {error}", stacklevel=3)
        return None


def _keep(head: Fusion, place: Path | None) -> None:
    if place is None:
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        sweep_unfinished(place.parent)
        save_fusion(head, place)
    except OSError as error:
        warnings.warn(f"The trained head cannot be kept in {place} ({error}).", stacklevel=3)


def _train(base: Retriever, kinds: list[FusionKind], recipe: Recipe, progress: bool) -> dict[FusionKind, Fusion]:
    """Train residual heads on the shop's training queries, from the weights that are best on validation."""
    labelled = Labelled(base.catalogue, base.encoders, base.features, shop_query_table(), progress=progress)
    return {
        kind: train_head(labelled.pairs, kind, recipe, weights=labelled.weights, progress=progress).fusion
        for kind in tqdm(kinds, desc="training heads", unit="head", disable=not progress)
    }
