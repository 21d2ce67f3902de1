"""The retriever of a catalogue with its first encoders, kept in the cache so that it is learned only once.

    <cache>/retrievers-2/<name of the catalogue's folder>-<key>/     a saved retriever, see `saved/folder.py`

The key is a SHA-256 of all that the retriever depends on: the catalogue's table, sizes and times of its files, the
version of the toolkit, the tier, the mini weights, and names and revisions of the encoders. Whatever changes, the next
call has another key and makes another one. The times of files are in it, though not in the fingerprint of a saved
retriever: here nothing is copied to another machine, and so a sound of the same length that was recorded anew is
noticed as well.
"""

import hashlib
import json
import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from mmr_toolkit import features
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import PathLike, data_folder
from mmr_toolkit.common.folders import sweep_hidden
from mmr_toolkit.common.installed import installed_version
from mmr_toolkit.common.locks import Busy
from mmr_toolkit.features import Encoder
from mmr_toolkit.features.cache.shards import cache_folder
from mmr_toolkit.features.weights.tier import SUMS, choose_tier
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved.folder import RETRIEVERS, remove_folder
from mmr_toolkit.retrieval.saved.parts import MEDIA, SAVED_ENCODERS, catalogue_to_plain, file_stats

#: What `default_encoders` makes in the mini tier.
DEFAULT_KINDS = ("word2vec", "colour-texture", "mfcc")

EncoderMaker = Callable[..., Mapping[str, Encoder]]


def cached_retriever(
    catalogue: Catalogue,
    *,
    encoders: EncoderMaker | None = None,
    progress: bool = False,
    cache: PathLike | bool = True,
) -> Retriever:
    """As `Retriever.build(catalogue)`; the second time it is loaded from the cache, with the same hits.

    Parts of the catalogue that could not be used give a warning only when the retriever is made;
    `retriever.features.faults` lists them always.

    Args:
        catalogue: the items.
        encoders: what makes them, a function like `default_encoders`; it is called with the catalogue, `progress` and
            `cache`. None: `default_encoders` itself.
        progress: show progress bars while it is made.
        cache: the folder where it is kept. True: `cache_folder()`. False: it is not kept, and made anew each time.

    Warns:
        UserWarning: the kept one is damaged and was made anew, or it cannot be kept.
    """
    if cache is False:
        return _build(catalogue, encoders, progress, False)
    place = None
    try:
        place = _place(cache_folder() if cache is True else Path(cache), catalogue, encoders)
        sweep_hidden(place.parent)
        if place.exists():
            return Retriever.load(place, catalogue=catalogue)
    except (ValueError, OSError) as error:
        if place is None:  # the table holds more than can be saved
            warnings.warn(f"The retriever is not kept, and learned anew each time: {error}", stacklevel=2)
        else:
            warnings.warn(f"The kept retriever could not be used and is made anew: {error}", stacklevel=2)
            remove_folder(place)
    retriever = _build(catalogue, encoders, progress, cache)
    if place is not None:
        try:
            with suppress(Busy):  # another process keeps the very same one
                retriever.save(place)
        except (OSError, ValueError) as error:
            if not place.exists():  # else another process was faster
                warnings.warn(f"The retriever cannot be kept in {place} ({error}).", stacklevel=2)
    return retriever


def _build(catalogue: Catalogue, encoders: EncoderMaker | None, progress: bool, cache: PathLike | bool) -> Retriever:
    made = encoders and encoders(catalogue, progress=progress, cache=cache)
    return Retriever.build(catalogue, made, progress=progress, cache=cache)


def _place(cache: Path, catalogue: Catalogue, encoders: EncoderMaker | None) -> Path:
    """Where the retriever of this catalogue is kept.

    Raises:
        ValueError: a column of the catalogue cannot be saved.
    """
    light = encoders is None and choose_tier() == "mini"  # others load torchvision or transformers
    kinds = DEFAULT_KINDS if light else tuple(SAVED_ENCODERS)
    weights = data_folder() / SUMS  # nothing that is light reads them
    depends_on = {
        "catalogue": catalogue_to_plain(catalogue),
        "folder": str(catalogue.folder.resolve()),
        "times": {part: [time for _, time in file_stats(catalogue, part)] for part in MEDIA},
        "toolkit": installed_version("mmr-toolkit"),
        "tier": choose_tier(),
        "encoders": encoders and encoders.__name__,
        "weights": "" if light or not weights.exists() else weights.read_text(encoding="utf-8"),
        "revisions": {kind: getattr(features, SAVED_ENCODERS[kind]).revision for kind in kinds},
    }
    key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()[:16]
    name = re.sub(r"[^\w.-]+", "-", catalogue.folder.resolve().name)
    return cache / RETRIEVERS / f"{name}-{key}"
