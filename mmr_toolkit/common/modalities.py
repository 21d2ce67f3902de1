"""The modalities by name, in the order in which they are joined, listed and drawn everywhere."""

from collections.abc import Iterable, Mapping, Sized
from typing import Literal, get_args

from mmr_toolkit.common.quoting import listed

Modality = Literal["text", "image", "audio"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)

#: The way out where a query has only modalities that the items lack.
ASK_ACROSS = (
    "To find one modality by another, learn a joint part from labelled queries (`mmr train --joint 0.3`), or take "
    "encoders with one space for both, such as ClipEncoder."
)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names into the one order of blocks: text, image, audio, then any others by alphabet."""
    names = set(names)
    return tuple(name for name in MODALITIES if name in names) + tuple(sorted(names - set(MODALITIES)))


def check_names(what: str, names: Iterable[str], known: Iterable[str], needed: Iterable[str]) -> None:
    """Raise a ValueError unless all `needed` names are there and no other than the `known` ones."""
    unknown, missing = in_order(set(names) - set(known)), in_order(set(needed) - set(names))
    if unknown or missing:
        faults = [f"unknown {listed(unknown)}"] * bool(unknown) + [f"missing {listed(missing)}"] * bool(missing)
        raise ValueError(f"{what}: {'; '.join(faults)}. The modalities here are {listed(in_order(known))}.")


def common_rows(blocks: Mapping[str, Sized]) -> int:
    """How many items the blocks have; a ValueError if they do not agree."""
    counts = {name: len(block) for name, block in blocks.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"every modality must have one row per item, got {counts} rows.")
    return next(iter(counts.values()))
