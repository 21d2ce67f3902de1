"""What describes the built-in shop: BERT its texts, the default encoders its pictures and sounds."""

from collections.abc import Iterable

from mmr_toolkit import features
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.features.encoder import Device, Encoder
from mmr_toolkit.shop.data import cornershop


def shop_encoders(
    shop: Catalogue | None = None,
    *,
    modalities: Iterable[str] | None = None,
    device: Device = "cpu",
    tier: str | None = None,
    progress: bool = False,
    cache: PathLike | bool = True,
) -> dict[str, Encoder]:
    """One encoder for each modality of the shop: BERT, colours and textures, MFCC.

    Word vectors that know the texts of 1,191 products and nothing else fail where people use other words than the
    shop, or another language (lesson 03); the mini BERT has read generated texts of such products, of the types of the
    training split only. In the full tier texts and pictures go through a published BERT and ResNet-50.

    Args:
        shop: whose encoders; None: the built-in shop, whole. Pictures and sounds are learned from it.
        modalities, device, tier, progress, cache: as for `default_encoders`.

    Returns:
        Encoders by modality: "text", "image", "audio", those that are wanted.

    Raises:
        ValueError: a modality that the shop does not have, or an unknown tier.
        OSError: weights cannot be had; the message says what to do.

    Example:
        >>> retriever = Retriever.build(cornershop(), shop_encoders())  # doctest: +SKIP
    """
    shop = cornershop() if shop is None else shop
    wanted = set(shop.modalities if modalities is None else modalities)
    learned = features.default_encoders(
        shop, modalities=wanted - {"text"}, device=device, tier=tier, progress=progress, cache=cache
    )
    return {"text": features.BertEncoder.load(tier=tier), **learned} if "text" in wanted else learned
