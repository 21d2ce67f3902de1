"""The built-in shop as the benchmarks of fusion need it: items, training pairs, questions, tuned weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mmr_toolkit.features import Encoder
from mmr_toolkit.features.audio.mel_cnn import MelCnnEncoder
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.features.image.resnet import ResNetEncoder
from mmr_toolkit.features.text.bert import BertEncoder
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.shop.data import shop_features, shop_pairs, shop_questions
from mmr_toolkit.shop.encoders import shop_encoders
from mmr_toolkit.training.recipe import Recipe
from mmr_toolkit.training.weights import tune_weights

#: Its defaults were chosen on validation queries and on types left out of the training, never on test queries.
RECIPE = Recipe()
ENCODERS = ("default", "networks")


def encoders_named(name: str) -> dict[str, Encoder]:
    """ "default": BERT, colours and textures, MFCC, as `shop_encoders`; "networks": small trained networks for all."""
    if name == "default":
        return shop_encoders()
    return {"text": BertEncoder.load(), "image": ResNetEncoder.load(), "audio": MelCnnEncoder.load()}


@dataclass(frozen=True)
class ShopSets:
    """All that a benchmark of fusion reads, extracted once with the same encoders."""

    encoders: Mapping[str, Encoder]

    @cached_property
    def items(self) -> Features:
        """Of all products."""
        return shop_features(self.encoders)

    @cached_property
    def pairs(self) -> Pairs:
        """The training queries with their products."""
        return shop_pairs(self.items, shop_features(self.encoders, "train"))

    @cached_property
    def test_features(self) -> Features:
        """Of the test queries."""
        return shop_features(self.encoders, "test")

    @cached_property
    def test(self) -> dict[str, Questions]:
        """The test questions by kind."""
        return shop_questions(self.test_features, "test")

    @cached_property
    def validation(self) -> dict[str, Questions]:
        """The validation questions by kind."""
        return shop_questions(shop_features(self.encoders, "validation"), "validation")

    @cached_property
    def weights(self) -> dict[str, float]:
        """Tuned on validation."""
        return tune_weights(self.items, self.validation)
