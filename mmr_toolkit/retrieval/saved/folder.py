"""The folder of a saved retriever: which files it has, that they are whole, and how one takes another's place.

    retriever.json               format, version of the toolkit, similarity, and the SHA-256 of every other file
    catalogue.json               the table, and the sizes of the pictures and sounds
    features.safetensors         the vectors of all items, before fusion
    fusion.safetensors
    text-encoder/                one for each modality: config.json, model.safetensors, and the tokenizer of a BERT

A folder is written beside its place and renamed when it is whole. So a process that is killed leaves the old folder or
none, and at worst one beside it whose name begins with a dot; the next save at this place sweeps it. While one process
saves, it holds the place, and another one is refused, so whatever is found beside a place that can be held is nobody's.
Only in the moment between two renamings is there no folder, when one takes the place of another; a process that is
killed in it leaves the old one under its hidden name, and whoever looks next puts it back.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from mmr_toolkit.common.files import UNFINISHED_FILES, write_whole
from mmr_toolkit.common.folders import REPLACED, hidden, hidden_name, written_beside
from mmr_toolkit.common.installed import installed_version
from mmr_toolkit.common.locks import Busy, claimed
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.common.quoting import listed
from mmr_toolkit.features.weights.folder import CONFIG, WEIGHTS

FORMAT = 2  # raised when a folder is written otherwise; older ones must then still be read, or refused with a sentence
RETRIEVERS = f"retrievers-{FORMAT}"  # the folder of the cache with those that are kept, see `cached_retriever`
MANIFEST, CATALOGUE, FEATURES, FUSION = (
    "retriever.json",
    "catalogue.json",
    "features.safetensors",
    "fusion.safetensors",
)
ENCODERS: dict[str, str] = {modality: f"{modality}-encoder" for modality in MODALITIES}
ENCODER_FILES = (CONFIG, WEIGHTS, "tokenizer.json", "tokenizer_config.json")
FILES = (
    *(CATALOGUE, FEATURES, FUSION),
    *(f"{folder}/{name}" for folder in ENCODERS.values() for name in ENCODER_FILES),
    MANIFEST,
)
MEND = "Copy the whole folder again, or build the retriever anew and save it."


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write retriever.json, as the last file: with the SHA-256 of all others, and with one of its own."""
    files = {name: _sha256(folder / name) for name in FILES if name != MANIFEST and (folder / name).is_file()}
    manifest = {"format": FORMAT, "mmr_toolkit": installed_version("mmr-toolkit"), **content, "files": files}
    manifest["checksum"] = checksum_of(manifest)
    write_whole(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2).encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """What retriever.json says, after every file has been found whole.

    Raises:
        FileNotFoundError: no such folder.
        ValueError: no saved retriever, one of a newer format, or one that is damaged or incomplete.
    """
    put_back(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder. Check the spelling, or where the program runs.")
    _check_kinds(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        version = manifest["format"]
        files = manifest["files"]
        known = isinstance(version, int) and version == FORMAT
        whole = manifest.pop("checksum") == checksum_of(manifest) and files.keys() < set(FILES)
    except FileNotFoundError as error:
        raise ValueError(f"{folder} holds no saved retriever: there is no {MANIFEST} in it.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{folder}: {MANIFEST} is damaged, or of something else. {MEND}") from error
    if not known:
        raise ValueError(
            f"{folder} was saved in format {str(version)[:20]}, and this toolkit "
            f"({installed_version('mmr-toolkit')}) reads format "
            f"{FORMAT}: install the newest mmr-toolkit, or build the retriever anew and save it."
        )
    if not whole:
        raise ValueError(f"{folder}: {MANIFEST} is damaged: its checksum is another. {MEND}")
    for name, expected in files.items():
        try:
            found = _sha256(folder / name)
        except OSError as error:
            raise ValueError(f"{folder} is incomplete: {name} cannot be read ({error.strerror}). {MEND}") from error
        if found != expected:
            raise ValueError(f"{folder}: {name} is damaged: its checksum is another. {MEND}")
    return manifest


@contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """A folder to be filled, which is at `place` afterwards; after an error, all is as it was.

    Raises:
        ValueError: at `place` is something else than a saved retriever, or another process saves there.
    """
    check_place(place)
    with claimed(place):
        put_back(place)
        for left in hidden(place, REPLACED):
            remove_folder(left)
        with written_beside(place) as unfinished:
            yield unfinished
            _put(unfinished, place)


def put_back(place: Path) -> None:
    """Where a process was killed between two renamings, give the old folder its name again."""
    if place.exists() or not hidden(place, REPLACED):
        return
    with suppress(OSError, Busy), claimed(place):  # busy: another one is between the two at this moment
        for old in hidden(place, REPLACED)[:1]:
            if not place.exists():
                old.rename(place)


def is_saved_retriever(folder: Path) -> bool:
    """Whether the folder holds what `Retriever.save` writes."""
    put_back(folder)
    return (folder / MANIFEST).is_file()


def check_place(place: Path) -> None:
    """Raise a ValueError unless a retriever may be saved there: nothing is lost but an older saved retriever."""
    choose = "choose a folder that is not there yet."
    above = next((path for path in place.absolute().parents if path.exists()), None)
    if above is not None and not above.is_dir():
        raise ValueError(f"{place}: {above} is a file, in which no folder can be: {choose}")
    if not place.exists():
        if place.is_symlink():
            raise ValueError(f"{place} is a link that leads nowhere: {choose}")
        return
    if not place.is_dir():
        raise ValueError(f"{place} is a file, expected a folder to save the retriever in: {choose}")
    if place.resolve() in (here := Path.cwd(), *here.parents):
        raise ValueError(f"{place} is the folder in which the program runs, or around it: {choose}")
    there = list(islice(files_in(place), len(FILES) + 1))  # a whole disk may lie there
    others = [name for name in there if name not in FILES]
    if others or (there and not is_saved_retriever(place)):
        raise ValueError(
            f"{place} holds something else than a saved retriever ({listed(sorted(others or there), 3)}), which would "
            f"be lost: {choose}"
        )


def files_in(folder: Path) -> Iterator[str]:
    """The files of a folder and of the folders in it, as they are named in `FILES`."""
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def remove_folder(folder: Path) -> None:
    """Remove a saved retriever; files that the toolkit has not written stay, and the folder with them."""
    for name in FILES:
        with suppress(OSError):
            (folder / name).unlink()
    for path in folder.glob(UNFINISHED_FILES):
        with suppress(OSError):
            path.unlink()
    for place in (*(folder / name for name in ENCODERS.values()), folder):
        with suppress(OSError):
            place.rmdir()


def _put(new: Path, place: Path) -> None:
    if not place.exists():
        new.rename(place)
        return
    old = hidden_name(place, REPLACED)
    place.rename(old)
    try:
        new.rename(place)
    except BaseException:
        old.rename(place)
        raise
    remove_folder(old)


def _check_kinds(folder: Path) -> None:
    """Raise a ValueError if anything is neither file nor folder: a pipe or a device can be read for ever."""
    for place in (folder, *(folder / name for name in ENCODERS.values())):
        for path in place.iterdir() if place.is_dir() else ():
            if path.exists() and not (path.is_file() or path.is_dir()):
                name = path.relative_to(folder).as_posix()
                raise ValueError(f"{folder}: {name} is a pipe or a device, expected a file. {MEND}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksum_of(manifest: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of a manifest as `read_manifest` returns it."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
