"""Encoders that were learned once are kept on disk and found again by what they were learned from.

    <cache>/learned-1/word2vec-5ac0b0e2c56e3c27/
        config.json, model.safetensors    what the encoder's own `save` writes
        encoder.json                      its name, modality and kind, and the fingerprint of all that it has learned

The number in the folder's name is a SHA-256 of all that the learning depends on: the class and its revision, every
parameter, the values in their order, and the versions of the libraries that compute. What is loaded is compared with
the fingerprint: damage shows, and then it is learned anew.
"""

import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from mmr_toolkit.common.files import PathLike, write_whole
from mmr_toolkit.common.folders import sweep_hidden, written_beside
from mmr_toolkit.common.installed import installed_version
from mmr_toolkit.common.locks import Busy, claimed
from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint
from mmr_toolkit.features.cache.shards import SETTING
from mmr_toolkit.features.weights.folder import CONFIG, WEIGHTS

FORMAT = "learned-1"  # raised when such a folder is written otherwise
DESCRIPTION = "encoder.json"
FILES = (DESCRIPTION, CONFIG, WEIGHTS)


class Learned(Identified, Protocol):
    """An encoder that learns, and can be written into a folder."""

    def save(self, folder: PathLike) -> None: ...  # noqa: D102

    @classmethod
    def load(cls, folder: PathLike) -> Self: ...  # noqa: D102


E = TypeVar("E", bound=Learned)


def kept_or_learned(
    kind: type[E],
    learn: Callable[[], E],
    *,
    parameters: Mapping[str, Any],
    values: Iterable[str],
    libraries: Iterable[str],
    cache: Path | None,
) -> E:
    """The encoder that was learned from the same before, or else `learn()`, which is kept for the next time.

    Args:
        kind: its class.
        learn: learns it.
        parameters: of the learning, as plain values, the seed among them.
        values: the `content_key` of each value that it learns from, in order.
        libraries: the packages that compute.
        cache: the folder of the whole cache; None: nothing is looked up or kept.

    Warns:
        UserWarning: a kept one is damaged and is learned anew, or none can be kept.
    """
    if cache is None:
        return learn()
    depends_on = {
        "encoder": [kind.modality, kind.name, kind.revision, kind.__qualname__],
        "parameters": dict(parameters),
        "libraries": {name: installed_version(name) for name in libraries},
        "values": list(values),
    }
    key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()
    folder = cache / FORMAT / f"{kind.name}-{key[:16]}"
    sweep_hidden(folder.parent)
    if folder.is_dir():
        try:
            return _load(kind, folder)
        except Exception as error:  # noqa: BLE001 - the libraries below fail in as many ways as files can be damaged
            warnings.warn(
                f"The kept {kind.name} encoder in {folder} could not be used ({error}); it was removed, and is learned "
                "anew.",
                stacklevel=2,
            )
            remove_learned(folder)
    encoder = learn()
    try:
        _keep(encoder, folder)
    except OSError as error:
        warnings.warn(
            f"The learned {kind.name} encoder cannot be kept in {folder} ({error.strerror}), and is learned anew the "
            f"next time. The environment variable {SETTING} names another folder.",
            stacklevel=2,
        )
    return encoder


def remove_learned(folder: Path) -> None:
    """Remove a kept encoder; files that the toolkit has not written stay, and the folder with them."""
    for name in FILES:
        with suppress(OSError):
            (folder / name).unlink()
    with suppress(OSError):  # not empty
        folder.rmdir()


def _load(kind: type[E], folder: Path) -> E:
    for path in folder.iterdir():
        if not path.is_file():
            raise ValueError(f"{path.name} is a folder, a pipe or a device")
    expected = json.loads((folder / DESCRIPTION).read_bytes())["fingerprint"]
    encoder = kind.load(folder)
    if fingerprint(encoder) != expected:
        raise ValueError("its numbers are not those that were kept")
    return encoder


def _keep(encoder: Learned, folder: Path) -> None:
    """Write the folder beside its place and rename it; where another process is at it, leave it to that one."""
    with suppress(Busy), claimed(folder):
        if folder.exists():
            return
        with written_beside(folder) as unfinished:
            encoder.save(unfinished)
            about = {name: getattr(encoder, name) for name in ("name", "modality", "dim", "revision")}
            about |= {"fingerprint": fingerprint(encoder), "toolkit": installed_version("mmr-toolkit")}
            write_whole(unfinished / DESCRIPTION, json.dumps(about, ensure_ascii=False, indent=2).encode())
            unfinished.rename(folder)
