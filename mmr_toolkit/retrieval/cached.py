"""The retriever of a catalogue with the default encoders, kept in the cache so that it is learned only once.

    <cache>/retrievers-2/<name of the catalogue's folder>-<key>/     a saved retriever, see `saved/folder.py`

The key is a SHA-256 of all that the retriever depends on: the catalogue's table, sizes and times of its files, the
version of the toolkit, the tier, and names and revisions of the encoders. Whatever changes, the next call has another
key and makes another one. The times of files are in it, though not in the fingerprint of a saved retriever: here
nothing is copied to another machine, and so a sound of the same length that was recorded anew is noticed as well.
"""

import hashlib
import json
import re
import warnings
from contextlib import suppress
from pathlib import Path

from mmr_toolkit import features
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.folders import sweep_hidden
from mmr_toolkit.common.installed import installed_version
from mmr_toolkit.common.locks import Busy
from mmr_toolkit.features.cache.shards import cache_folder
from mmr_toolkit.features.weights.tier import choose_tier
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved.folder import RETRIEVERS, remove_folder
from mmr_toolkit.retrieval.saved.parts import MEDIA, SAVED_ENCODERS, catalogue_to_plain, file_stats

#: What `default_encoders` makes in the mini tier.
DEFAULT_KINDS = ("word2vec", "colour-texture", "mfcc")


def cached_retriever(catalogue: Catalogue, *, progress: bool = False, cache: PathLike | bool = True) -> Retriever:
    """As `Retriever.build(catalogue)`; the second time it is loaded from the cache, with the same hits.

    Parts of the catalogue that could not be used give a warning only when the retriever is made;
    `retriever.features.faults` lists them always.

    Args:
        catalogue: the items.
        progress: show progress bars while it is made.
        cache: the folder where it is kept. True: `cache_folder()`. False: it is not kept, and made anew each time.

    Warns:
        UserWarning: the kept one is damaged and was made anew, or it cannot be kept.
    """
    if cache is False:
        return Retriever.build(catalogue, progress=progress, cache=False)
    place = None
    try:
        place = _place(cache_folder() if cache is True else Path(cache), catalogue)
        sweep_hidden(place.parent)
        if place.exists():
            return Retriever.load(place, catalogue=catalogue)
    except (ValueError, OSError) as error:
        if place is None:  # the table holds more than can be saved
            warnings.warn(f"The retriever is not kept, and learned anew each time: {error}", stacklevel=2)
        else:
            warnings.warn(f"The kept retriever could not be used and is made anew: {error}", stacklevel=2)
            remove_folder(place)
    retriever = Retriever.build(catalogue, progress=progress, cache=cache)
    if place is not None:
        try:
            with suppress(Busy):  # another process keeps the very same one
                retriever.save(place)
        except (OSError, ValueError) as error:
            if not place.exists():  # else another process was faster
                warnings.warn(f"The retriever cannot be kept in {place} ({error}).", stacklevel=2)
    return retriever


def _place(cache: Path, catalogue: Catalogue) -> Path:
    """Where the retriever of this catalogue is kept.

    Raises:
        ValueError: a column of the catalogue cannot be saved.
    """
    kinds = DEFAULT_KINDS if choose_tier() == "mini" else tuple(SAVED_ENCODERS)
    depends_on = {
        "catalogue": catalogue_to_plain(catalogue),
        "folder": str(catalogue.folder.resolve()),
        "times": {part: [time for _, time in file_stats(catalogue, part)] for part in MEDIA},
        "toolkit": installed_version("mmr-toolkit"),
        "tier": choose_tier(),
        "revisions": {kind: getattr(features, SAVED_ENCODERS[kind]).revision for kind in kinds},
    }
    key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()[:16]
    name = re.sub(r"[^\w.-]+", "-", catalogue.folder.resolve().name)
    return cache / RETRIEVERS / f"{name}-{key}"
