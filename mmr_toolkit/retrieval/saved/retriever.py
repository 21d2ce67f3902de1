"""The parts of a retriever on disk: safetensors and JSON, no pickle and no code; the same hits in a new process.

Pictures and sounds are not copied: the folder says where they are, seen from itself if that is possible. See
`mmr_toolkit.retrieval.saved.folder` for the files, and `mmr_toolkit.retrieval.saved.parts` for what belongs to a
catalogue.
"""

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import OutsideFolder, PathLike, absolute, resolved_inside, write_whole
from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.common.quoting import cut, path_shown
from mmr_toolkit.features.encoder import Encoder
from mmr_toolkit.features.extraction import Features, check_encoders
from mmr_toolkit.fusion import Fusion
from mmr_toolkit.retrieval.saved.folder import (
    CATALOGUE,
    ENCODERS,
    FEATURES,
    FUSION,
    MANIFEST,
    MEND,
    new_folder,
    read_manifest,
    write_manifest,
)
from mmr_toolkit.retrieval.saved.own import is_own, remember
from mmr_toolkit.retrieval.saved.parts import (
    UNFIT,
    catalogue_fingerprint,
    catalogue_from_plain,
    catalogue_to_plain,
    changed_files,
    differences,
    fingerprint_of,
    kind_of,
    load_encoder,
    load_features,
    load_fusion,
    save_encoder,
    save_features,
    save_fusion,
    way_out,
)
from mmr_toolkit.similarity.measures import Similarity, similarity_function

#: How to mend it, in Python and on the command line.
SAY_WHERE = "say where they are with load(folder, media=...), or --media."


class Parts(NamedTuple):
    """What a retriever is made of: the arguments of `Retriever`."""

    catalogue: Catalogue
    encoders: Mapping[str, Encoder]
    features: Features
    fusion: Fusion
    similarity: Similarity


def save_parts(parts: Parts, folder: PathLike) -> None:
    """Write a retriever into a folder, and read it back to be sure that it can be loaded.

    An encoder that is not in `SAVED_ENCODERS` is left out, with a warning; it is given again when the retriever is
    loaded. A process that is killed meanwhile leaves an older saved retriever, or none.

    Args:
        parts: with a fusion of the toolkit.
        folder: that is not there yet, is empty, or holds an older saved retriever, which is replaced.

    Raises:
        ValueError: the folder holds something else; a fusion of your own, or a column of the catalogue that holds
            more than texts, numbers and truth values.
        OSError: the folder cannot be written.
    """
    catalogue, encoders, features, fusion, similarity = parts
    place = absolute(folder).resolve()
    plain = catalogue_to_plain(catalogue)
    left_out = []
    with new_folder(place) as new:
        about = {}
        for modality in in_order(features.vectors):
            encoder = encoders[modality]
            about[modality] = _about(encoder)
            if kind_of(encoder):
                save_encoder(encoder, new / ENCODERS[modality])
            else:
                left_out.append(f"The {modality} encoder is not saved. {way_out(modality, encoder.name)}")
        save_features(new / FEATURES, features)
        save_fusion(fusion, new / FUSION)
        write_whole(new / CATALOGUE, json.dumps(plain).encode())
        content = {
            "similarity": similarity,
            "media": _seen_from(place, catalogue.folder),
            "catalogue": catalogue_fingerprint(plain),
            "encoders": about,
        }
        write_manifest(new, content)
        manifest = read_manifest(new)
        _load(new, manifest, catalogue.folder, None, encoders)
    remember(manifest)
    for warning in left_out:
        warnings.warn(warning, stacklevel=3)


def load_parts(
    folder: PathLike,
    *,
    media: PathLike | None = None,
    catalogue: Catalogue | None = None,
    encoders: Mapping[str, Encoder] | None = None,
) -> Parts:
    """What `save_parts` wrote, on the CPU.

    Every file is compared with its checksum first, and nothing in the folder is run. The checksums find damage, not
    intent, so where pictures and sounds are is believed only of a retriever that you saved yourself (see `own.py`), or
    within its own folder. Of any other, say it with `media`; without it, the retriever answers all the same.

    Args:
        folder: of the saved retriever.
        media: the folder where the pictures and sounds are now. None: where they were, seen from `folder`, if that is
            believed; else in `folder` itself.
        catalogue: the one that it is believed to belong to; it is used in place of the saved table. See
            `mmr_toolkit.retrieval.saved.parts` for the changes that are not noticed.
        encoders: modality → encoder, for those that are not in the folder. One that is may be given as well, and is
            then used in its place.

    Raises:
        FileNotFoundError: no such folder.
        ValueError: it is damaged, incomplete, of a newer format or no saved retriever; an encoder is missing or
            another; the catalogue is another; pictures and sounds lie outside their folder; `media` is not there.

    Warns:
        UserWarning: some pictures or sounds are missing or have changed, or nobody has said where they are.
    """
    if media is not None and catalogue is not None:
        raise ValueError("give media or catalogue, not both: a catalogue has its own folder.")
    folder = absolute(folder)
    manifest = read_manifest(folder)
    try:
        parts, warning = _load(folder, manifest, media, catalogue, encoders)
    except ValueError:
        if read_manifest(folder) != manifest:  # another process has put a new one in its place meanwhile
            return load_parts(folder, media=media, catalogue=catalogue, encoders=encoders)
        raise
    if warning:
        warnings.warn(warning, stacklevel=3)
    return parts


def _load(
    folder: Path,
    manifest: Mapping[str, Any],
    media: PathLike | None,
    catalogue: Catalogue | None,
    encoders: Mapping[str, Encoder] | None,
) -> tuple[Parts, str]:
    """The parts, and a warning or ""."""
    try:
        plain = _read_plain(folder)
        warning = ""
        if catalogue_fingerprint(plain) != manifest["catalogue"]:
            raise ValueError(f"{folder}: {CATALOGUE} and {MANIFEST} do not belong together. {MEND}")
        if catalogue is not None:
            _check_same(folder, manifest, plain, catalogue)
        else:
            catalogue, warning = _load_catalogue(folder, manifest, plain, media)
        given = _load_encoders(folder, manifest["encoders"], encoders)
        features = load_features(folder / FEATURES, given, catalogue.ids)
        similarity_function(manifest["similarity"])  # it is known
        return Parts(catalogue, given, features, load_fusion(folder / FUSION), manifest["similarity"]), warning
    except FileNotFoundError as error:
        raise ValueError(f"{folder} is incomplete ({error}). {MEND}") from error
    except ValueError:
        raise
    except UNFIT as error:
        raise ValueError(f"{folder} is no saved retriever of this toolkit: {error!r}. {MEND}") from error


def _read_plain(folder: Path) -> Any:
    content = (folder / CATALOGUE).read_bytes()
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{folder}: {CATALOGUE} is damaged ({error}). {MEND}") from error


def _about(encoder: Encoder) -> dict[str, Any]:
    named = {"name": encoder.name, "dim": encoder.dim, "fingerprint": fingerprint_of(encoder)}
    return {"encoder": kind_of(encoder), **named}


def _load_encoders(folder: Path, about: Mapping[str, Any], given: Mapping[str, Encoder] | None) -> dict[str, Encoder]:
    """One encoder for each modality: the given one where there is one, else the one in the folder."""
    if given:
        check_encoders(given)
    encoders: dict[str, Encoder] = {}
    for modality, expected in about.items():
        encoder = (given or {}).get(modality)
        if encoder is None and expected["encoder"] is None:
            raise ValueError(f"{folder}: its {modality} encoder was not saved. {way_out(modality, expected['name'])}")
        if encoder is None:
            encoder = load_encoder(folder / ENCODERS[modality], expected["encoder"])
        if encoder.modality != modality or _about(encoder) != expected:
            raise ValueError(
                f"{folder}: its {modality} vectors were made by {expected['name']} ({expected['dim']} numbers), and "
                f"this is another encoder, {encoder.name} ({encoder.dim} numbers): with other settings, otherwise "
                "trained, or built by another version of torch, torchvision or transformers."
            )
        encoders[modality] = encoder
    return encoders


def _seen_from(place: Path, media: Path) -> str:
    """The way from the saved folder to the pictures and sounds, written with /; an absolute one to another drive."""
    try:
        return Path(os.path.relpath(media.resolve(), place)).as_posix()
    except ValueError:
        return media.resolve().as_posix()


def _load_catalogue(
    folder: Path, manifest: Mapping[str, Any], plain: Mapping[str, Any], media: PathLike | None
) -> tuple[Catalogue, str]:
    """The saved catalogue, and a warning or ""."""
    if media is not None and not Path(media).is_dir():
        raise ValueError(f"media is {media}, where no folder is: expected the one with the pictures and sounds.")
    try:
        place, believed = (absolute(media), True) if media is not None else _saved_place(folder, manifest)
        catalogue = catalogue_from_plain(plain, place)
        changed, total = changed_files(plain, catalogue)
    except UNFIT as error:
        raise ValueError(f"{folder}: its catalogue cannot be used: {error}. {MEND}") from error
    if not changed:
        return catalogue, ""
    if not believed:
        return catalogue, (
            f"{folder} was not saved by you here, so its {total} pictures and sounds are looked for in no other place: "
            f"{SAY_WHERE}"
        )
    return catalogue, (
        f"{len(changed)} of {total} pictures and sounds are missing in {path_shown(place)} or have changed since the "
        f"retriever was saved, first {cut(changed[0])}: its vectors are those of then. "
        f"If they are elsewhere, {SAY_WHERE}"
    )


def _saved_place(folder: Path, manifest: Mapping[str, Any]) -> tuple[Path, bool]:
    """Where the pictures and sounds were, seen from the folder, if that is believed; else the folder itself."""
    root = os.path.realpath(folder)
    if is_own(manifest):
        return Path(root, manifest["media"]).resolve(), True
    try:
        return Path(resolved_inside(root, manifest["media"])), True
    except OutsideFolder:
        return Path(root), False


def _check_same(folder: Path, manifest: Mapping[str, Any], plain: Mapping[str, Any], catalogue: Catalogue) -> None:
    now = catalogue_to_plain(catalogue)
    if catalogue_fingerprint(now) != manifest["catalogue"]:
        raise ValueError(
            f"{folder} was saved for another catalogue: {differences(plain, now)}. Build the retriever anew from this "
            "one, or load it without the catalogue and add, replace or remove those items."
        )
