"""The built-in shop for training: its vectors, its queries' vectors, and who is a right answer to whom."""

from collections.abc import Mapping

from mmr_toolkit.catalogue import Catalogue
from mmr_toolkit.datasets import cornershop, cornershop_queries
from mmr_toolkit.features import Encoder
from mmr_toolkit.features.cache import PathLike
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.extract import Features, extract
from mmr_toolkit.pairs import Pairs

#: What each modality tells of a product of the shop.
TOLD_BY = {"text": ("type", "note", "brand"), "image": ("type", "colour", "pattern"), "audio": ("sound",)}


def shop_features(
    encoders: Mapping[str, Encoder],
    split: str | None = None,
    *,
    device: Device = "cpu",
    progress: bool = False,
    cache: PathLike | bool = True,
) -> Features:
    """Vectors of all products, or of the queries of one split.

    Args:
        encoders: modality → encoder.
        split: whose queries, "train", "validation" or "test"; None: the products themselves.
        device, progress, cache: as for `extract`.
    """
    catalogue = cornershop()
    if split is not None:
        table = cornershop_queries(split).rename(columns={"query_id": "id"})
        catalogue = Catalogue.from_table(table, catalogue.folder)
    return extract(catalogue, encoders, device=device, progress=progress, cache=cache)


def shop_pairs(items: Features, queries: Features) -> Pairs:
    """The training queries of the shop with their products; products that share what is asked for are right answers.

    Args:
        items: of all products, as from `shop_features(encoders)`.
        queries: of the training queries, as from `shop_features(encoders, "train")`.

    Returns:
        Pairs with `TOLD_BY` as labels.

    Raises:
        ValueError: features of other products, or of other queries than the training ones.
    """
    shop, table = cornershop(), cornershop_queries("train").set_index("query_id")
    if items.ids != shop.ids:
        raise ValueError("the items are not the products of the shop: take shop_features(encoders).")
    strangers = [query for query in queries.ids if query not in table.index]
    if strangers:
        raise ValueError(f"{strangers[0]!r} is no training query: take shop_features(encoders, 'train').")
    own = [shop.position(product) for product in table.loc[queries.ids, "product_id"]]
    labels = {name: [shop.table[column].fillna("").tolist() for column in TOLD_BY[name]] for name in items.vectors}
    return Pairs(queries.vectors, items.vectors, own, queries.mask, items.mask, labels)
