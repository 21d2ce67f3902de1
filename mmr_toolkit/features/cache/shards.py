"""Vectors that were computed once are kept on disk and found again by what they describe.

A part is known by its content (SHA-256 of the text, or of the bytes of the file): renamed files, other orders and new
items cost nothing. Vectors of one encoder lie in one folder, named after the encoder and its fingerprint:

    <cache>/vectors-1/resnet-5ac0b0e2c56e3c27/
        encoder.json                  what made these vectors: name, modality, settings, ...
        shard-<SHA-256>.safetensors   content keys, their vectors (n, dim) float32, and why some parts have none

A shard is written under another name first and then renamed, which no process ever sees half done. Its name is the
SHA-256 of its bytes, so damage shows, and processes that share a cache cannot overwrite each other's shards.
"""

import hashlib
import json
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import platformdirs
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from mmr_toolkit.common.files import PathLike, absolute, sweep_unfinished, write_whole
from mmr_toolkit.common.installed import installed_version
from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint

#: Raised when shards are written otherwise, or when the same file is read as another picture or sound than before.
FORMAT = "vectors-1"
SHARD_FILES = "shard-*.safetensors"
HASHED_BYTES = 65536  # of a file at once; `hashlib.file_digest` takes 262,144, and twice the time for a small file
SETTING = "MMR_CACHE"  # the environment variable that names the folder


def cache_folder() -> Path:
    """Where vectors are kept: the folder that the environment variable MMR_CACHE names, or the system's own place."""
    given = os.environ.get(SETTING)
    return absolute(given) if given else Path(platformdirs.user_cache_dir("mmr-toolkit", appauthor=False))


def content_key(value: PathLike, modality: str) -> str:
    """SHA-256, in hexadecimal, of a text or of the bytes of a file.

    Raises:
        OSError: the file cannot be opened.
    """
    if modality == "text":
        return hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).hexdigest()
    digest = hashlib.sha256()
    with open(value, "rb", buffering=0) as file:  # noqa: PTH123 - of a small file, making a Path takes a third of the time
        while block := file.read(HASHED_BYTES):
            digest.update(block)
    return digest.hexdigest()


@dataclass
class Shard:
    """Some parts that have been encoded.

    keys: content keys of the rows of `vectors`.
    vectors: (n, dim), float32.
    faults: content key → why this part has no vector.
    passing_faults: the same, for reasons that may be gone next time; these are not kept.
    """

    keys: list[str]
    vectors: np.ndarray
    faults: dict[str, str]
    passing_faults: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys) + len(self.faults)


class VectorCache:
    """The kept vectors of one encoder.

    Attributes:
        folder: where they lie; it is made when the first shard is kept.
    """

    def __init__(self, folder: PathLike, encoder: Identified) -> None:
        """Nothing is read or written yet.

        Args:
            folder: of the whole cache.
            encoder: whose vectors; see `fingerprint` for what it must tell.
        """
        self.encoder = encoder
        self.fingerprint = fingerprint(encoder)
        self.folder = Path(folder) / FORMAT / f"{_plain_name(encoder.name)}-{self.fingerprint[:16]}"
        self._writable, self._swept = True, False

    def shards(self) -> Iterator[Shard]:
        """Every shard that is whole. One warning says how many were not; these are removed."""
        damaged = 0
        for path in sorted(self.folder.glob(SHARD_FILES)):
            try:
                yield self._read(path)
            except FileNotFoundError:  # another process has cleared the cache
                continue
            except (OSError, ValueError) as error:
                damaged += 1
                last = error
                with suppress(OSError):
                    path.unlink()
        if damaged:
            warnings.warn(
                f"{damaged} of the files in {self.folder} could not be used ({last}); they were removed, and their "
                "vectors are computed anew.",
                stacklevel=2,
            )

    def keep(self, shards: Sequence[Shard]) -> None:
        """Write shards as one. If this fails (disk full, no permission), one warning says so; no more are written."""
        if not self._writable or not sum(map(len, shards)):
            return
        keys = [key for shard in shards for key in shard.keys]
        faults = {key: reason for shard in shards for key, reason in shard.faults.items()}
        try:
            self._write(Shard(keys, np.concatenate([shard.vectors for shard in shards]), faults))
        except OSError as error:
            self._writable = False
            warnings.warn(
                f"Vectors cannot be kept in {self.folder} ({error.strerror}); extraction goes on without keeping them. "
                f"The environment variable {SETTING} names another folder.",
                stacklevel=2,
            )

    def _read(self, path: Path) -> Shard:
        if not path.is_file() and path.exists():
            raise ValueError(f"{path.name} is a folder, a pipe or a device")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != path.stem.removeprefix("shard-"):
                raise ValueError(f"{path.name} is damaged: its checksum is another")
        try:
            with safe_open(path, framework="numpy") as file:
                head, vectors = json.loads(file.metadata()["shard"]), file.get_tensor("vectors")
            shard = Shard(head["keys"], vectors, head["faults"])
            _check_types(shard)
            ours = head["fingerprint"] == self.fingerprint
        except (SafetensorError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise ValueError(f"{path.name} is no shard of vectors") from error
        if not ours or vectors.shape != (len(shard.keys), self.encoder.dim) or vectors.dtype != np.float32:
            raise ValueError(f"{path.name} holds vectors of another encoder")
        return shard

    def _write(self, shard: Shard) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        description = self.folder / "encoder.json"
        if not self._swept:
            sweep_unfinished(self.folder)
            self._swept = True
        if not description.exists():
            what = {name: getattr(self.encoder, name) for name in ("name", "modality", "dim", "revision")}
            what |= {
                "settings": dict(self.encoder.settings),
                "fingerprint": self.fingerprint,
                "toolkit": installed_version("mmr-toolkit"),
            }
            write_whole(description, json.dumps(what, ensure_ascii=False, indent=2).encode())
        head = {"keys": shard.keys, "faults": shard.faults, "fingerprint": self.fingerprint}
        data = save({"vectors": shard.vectors}, metadata={"shard": json.dumps(head, ensure_ascii=False)})
        path = self.folder / f"shard-{hashlib.sha256(data).hexdigest()}.safetensors"
        if not path.exists():
            write_whole(path, data)


def _check_types(shard: Shard) -> None:
    """Raise a TypeError unless its keys and faults are what they should be: a file may hold anything."""
    if not isinstance(shard.keys, list) or not isinstance(shard.faults, dict):
        raise TypeError("expected a list of keys, and faults by key")
    if not all(isinstance(text, str) for text in (*shard.keys, *shard.faults, *shard.faults.values())):
        raise TypeError("expected texts")


def _plain_name(name: str) -> str:
    """An encoder's name as part of a folder's."""
    return re.sub(r"[^\w.-]+", "-", name)
