"""Two tiers of weights behind the same encoders: small ones of this repository, or published ones."""

import hashlib
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
SUMS = "SHA256SUMS"  # written by tools/checksums.py
READ = (".safetensors", ".json")
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

    Its files are compared with `SHA256SUMS` of the data folder, where that lists them: a damaged network still has
    vectors, only wrong ones. What you have trained and saved yourself is loaded by its folder, without a list.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: a file is damaged, or has been replaced.
    """
    data = data_folder()
    folder = data / "weights" / name
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder}: no such mini weights. They belong to the repository: clone it anew, or train them with "
            "`make weights`."
        )
    for path, expected in _listed_checksums(data, folder).items():
        if not path.is_file() or _sha256(path) != expected:
            what = "is damaged: its checksum is another than" if path.is_file() else "is missing, but listed"
            raise ValueError(
                f"{path} {what} in {data / SUMS}. Bring it back with `git checkout {path.name}` in its folder, or "
                "clone the repository anew; of your own training, list it: `python tools/checksums.py --write data`."
            )
    return folder


def _listed_checksums(data: Path, folder: Path) -> dict[Path, str]:
    """File → SHA-256 of those that an encoder reads; empty where the data folder has no list."""
    if not (data / SUMS).is_file():
        return {}
    lines = (data / SUMS).read_text(encoding="utf-8").splitlines()
    listed = {data / name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    return {path: digest for path, digest in listed.items() if path.parent == folder and path.suffix in READ}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
