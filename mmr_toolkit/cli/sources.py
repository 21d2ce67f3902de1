"""Where a command gets its items from, and the encoders that it describes them with."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mmr_toolkit.catalogue import Catalogue
    from mmr_toolkit.features import Encoder

#: The argument that says which items; None is the built-in shop.
Folder = Annotated[
    Path | None,
    typer.Argument(help="Folder with a metadata.csv; without it, the built-in shop.", show_default=False),
]

#: The option that says what describes them.
EncoderNames = Annotated[
    list[str] | None,
    typer.Option(
        "--encoder",
        help="Which encoder for a modality, such as text=bert; give it once for each. Without it, the default ones.",
        show_default=False,
    ),
]


def open_catalogue(folder: Path | None) -> "Catalogue":
    """The items in a folder, or the built-in shop."""
    from mmr_toolkit.catalogue import Catalogue
    from mmr_toolkit.datasets import cornershop

    return cornershop() if folder is None else Catalogue.from_folder(folder)


def named_encoders() -> Mapping[str, Mapping[str, Callable[[], "Encoder"]]]:
    """The encoders that need not learn from the catalogue first: modality → name → how to load it."""
    from mmr_toolkit import features

    return {
        "text": {"bert": features.BertEncoder.load},
        "image": {"cnn": features.CnnEncoder.load, "resnet": features.ResNetEncoder.load},
        "audio": {"mel-cnn": features.MelCnnEncoder.load},
    }


def choose_encoders(catalogue: "Catalogue", wanted: Sequence[str] | None = None) -> "dict[str, Encoder]":
    """The encoders of a catalogue: those that are named, and the default ones for the other modalities.

    Args:
        catalogue: default encoders learn from it.
        wanted: such as ["text=bert", "image=cnn"].

    Raises:
        ValueError: not of this form, an unknown modality or encoder, or a modality twice or without any item.
    """
    from mmr_toolkit import features

    table = named_encoders()
    chosen = {}
    for assignment in wanted or ():
        modality, _, name = assignment.partition("=")
        if modality not in table or name not in table[modality]:
            known = ", ".join(f"{modality}={name}" for modality, names in table.items() for name in names)
            raise ValueError(f"--encoder {assignment}: expected one of {known}; leave it out for the default encoder.")
        if modality in chosen:
            raise ValueError(f"--encoder {assignment}: {modality} has an encoder already; each modality has one.")
        if modality not in catalogue.modalities:
            have = ", ".join(catalogue.modalities)
            raise ValueError(f"--encoder {assignment}: this catalogue has no {modality}, only {have}.")
        chosen[modality] = table[modality][name]
    others = [modality for modality in catalogue.modalities if modality not in chosen]
    encoders = {modality: load() for modality, load in chosen.items()}
    return encoders | (features.default_encoders(catalogue, modalities=others) if others else {})
