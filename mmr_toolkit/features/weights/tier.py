"""Two tiers of weights behind the same encoders: small ones of this repository, or published ones."""

import os
from pathlib import Path
from typing import Literal, get_args

from mmr_toolkit.common.files import data_folder

Tier = Literal["mini", "full"]
#: What each tier is.
TIERS: dict[Tier, str] = {
    "mini": "this repository's own small weights, trained on the built-in shop: offline, seconds on a CPU",
    "full": "published checkpoints, downloaded when first used: better on anything but the shop, made for a GPU",
}
SETTING = "MMR_TIER"  # the environment variable that chooses
#: How every error about published weights ends.
OFFLINE_WAY = (
    f"To go on offline, use the mini tier: leave the source out, with {SETTING} unset or set to mini, and the weights "
    "come from data/weights/ of this repository."
)


def choose_tier(tier: str | None = None) -> Tier:
    """The tier that is asked for: the argument, else the environment variable MMR_TIER, else "mini".

    Raises:
        ValueError: neither "mini" nor "full".
    """
    given = os.environ.get(SETTING, "mini") if tier is None else tier
    for known in get_args(Tier):
        if given == known:
            return known
    where = "tier" if tier is not None else f"the environment variable {SETTING}"
    raise ValueError(f"{where} is {given!r}; expected one of {', '.join(TIERS)}.")


def mini_weights(name: str) -> Path:
    """The folder of one set of mini weights, data/weights/<name>/, with its model card.

    Raises:
        FileNotFoundError: it is not there.
    """
    folder = data_folder() / "weights" / name
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder}: no such mini weights. They belong to the repository: clone it anew, or train them with "
            "`make weights`."
        )
    return folder
