"""Where a command gets its items from, and the encoders that it describes them with."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

import mmr_toolkit as mmr
from mmr_toolkit.cli.output import on_a_terminal, say
from mmr_toolkit.common.files import data_folder
from mmr_toolkit.common.quoting import cut

#: The argument that says which items; None is the built-in shop.
Folder = Annotated[
    Path | None,
    typer.Argument(
        help="Folder with a metadata.csv, or a saved retriever; without it, the built-in shop.", show_default=False
    ),
]

LARGEST_SEED = 2**63 - 1  # that torch takes

#: The option that says how the tables were saved.
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        help="In which the tables were saved, such as gb18030, if not in UTF-8; mmr doctor names a likely one.",
        show_default=False,
    ),
]

#: The option that names a trained retriever.
SavedRetriever = Annotated[
    Path | None,
    typer.Option("--retriever", help="Folder of a saved retriever: search as it was trained to.", show_default=False),
]

#: The option that says where the pictures of a saved retriever are.
Media = Annotated[
    Path | None,
    typer.Option(
        "--media",
        help="Where the pictures and sounds of a saved retriever are, if it was saved elsewhere.",
        show_default=False,
    ),
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

#: The option that says which labelled queries.
QueriesFile = Annotated[
    Path | None,
    typer.Option(
        "--queries", help="Table of labelled queries; without it, queries.csv in the folder.", show_default=False
    ),
]


#: Why the encoding of a table is refused.
SHOP_HAS_NO_ENCODING = "the built-in shop needs none"
RETRIEVER_HAS_NO_ENCODING = "the saved retriever brings its table with it"


def without_table(encoding: str | None, why: str = RETRIEVER_HAS_NO_ENCODING) -> None:
    """Refuse an encoding where no table is read that could be in it.

    Raises:
        ValueError: one is given.
    """
    if encoding is not None:
        raise ValueError(f"--encoding {cut(encoding)}: {why}; leave this option out.")


def open_catalogue(folder: Path | None, encoding: str | None = None) -> "mmr.Catalogue":
    """The items in a folder, or the built-in shop.

    Args:
        folder: None for the shop.
        encoding: of the table in the folder, if it is not UTF-8.

    Raises:
        FileNotFoundError, ValueError: no such folder, no table that can be read, or one of which nothing can be used;
            an encoding for the shop.
    """
    if folder is None:
        without_table(encoding, SHOP_HAS_NO_ENCODING)
        return mmr.cornershop()
    catalogue = mmr.Catalogue.from_folder(folder, encoding=encoding)
    if not len(catalogue):
        report = catalogue.doctor()
        first = report.loc[report["fault"] != "nothing_left", "detail"].iloc[0]
        raise ValueError(f"{folder}: no item can be used, for {first}. `mmr doctor {folder}` lists all faults.")
    return catalogue


def is_shop(catalogue: "mmr.Catalogue") -> bool:
    """Whether these are the items of the built-in shop, all of them."""
    in_its_folder = catalogue.folder.resolve() == (data_folder() / "cornershop").resolve()
    return in_its_folder and catalogue.ids == mmr.cornershop().ids  # other folders need not wait for its table


def named_encoders() -> Mapping[str, Mapping[str, Callable[[], "mmr.Encoder"]]]:
    """The encoders that need not learn from the catalogue first: modality → name → how to load it.

    Only calling one of them loads its library: transformers takes seconds.
    """
    return {
        "text": {"bert": lambda: mmr.features.BertEncoder.load()},
        "image": {
            "cnn": lambda: mmr.features.CnnEncoder.load(),
            "resnet": lambda: mmr.features.ResNetEncoder.load(),
        },
        "audio": {"mel-cnn": lambda: mmr.features.MelCnnEncoder.load()},
    }


def choose_encoders(
    catalogue: "mmr.Catalogue", wanted: Sequence[str] | None = None, asked: Sequence[str] = ()
) -> "dict[str, mmr.Encoder]":
    """The encoders of a catalogue: those that are named, and the first ones for the other modalities.

    Args:
        catalogue: the default encoders learn from it; the shop has its own.
        wanted: such as ["text=bert", "image=cnn"].
        asked: modalities of queries, which may have an encoder too.

    Raises:
        ValueError: not of this form, an unknown modality or encoder, or a modality twice or without any item.
    """
    table = named_encoders()
    chosen = {}
    for assignment in wanted or ():
        modality, _, name = assignment.partition("=")
        if modality not in table or name not in table[modality]:
            known = ", ".join(f"{modality}={name}" for modality, names in table.items() for name in names)
            raise ValueError(f"--encoder {cut(assignment)}: expected one of {known}; leave it out for the default one.")
        if modality in chosen:
            raise ValueError(f"--encoder {cut(assignment)}: {modality} has an encoder already; each modality has one.")
        if modality not in (*catalogue.modalities, *asked):
            have = ", ".join(catalogue.modalities)
            raise ValueError(f"--encoder {cut(assignment)}: this catalogue has no {modality}, only {have}.")
        chosen[modality] = table[modality][name]
    others = [modality for modality in catalogue.modalities if modality not in chosen]
    encoders: dict[str, mmr.Encoder] = {modality: load() for modality, load in chosen.items()}
    if others:
        first = mmr.shop.shop_encoders if is_shop(catalogue) else mmr.features.default_encoders
        encoders |= first(catalogue, modalities=others, progress=on_a_terminal())
    return encoders


def load_cached(catalogue: "mmr.Catalogue") -> "mmr.Retriever":
    """The retriever with the first encoders, learned the first time and kept in the cache."""
    say(f"Loading {len(catalogue)} items; the first time, learning how to compare them takes a while …")
    encoders = mmr.shop.shop_encoders if is_shop(catalogue) else None
    return mmr.retrieval.cached_retriever(catalogue, encoders=encoders, progress=on_a_terminal())


def load_saved(folder: Path | None, media: Path | None = None, encoding: str | None = None) -> "mmr.Retriever | None":
    """The retriever that was saved in a folder, by `mmr train` or `Retriever.save`; None if it is no such folder.

    Raises:
        ValueError: it cannot be loaded, or an encoding is given: there is no table to be read.
    """
    if folder is None or not mmr.retrieval.is_saved_retriever(folder):
        return None
    without_table(encoding)
    return mmr.Retriever.load(folder, media=media)


def load_heads(
    paths: Sequence[Path], folder: Path | None, media: Path | None, taken: Sequence[str] = ()
) -> "dict[str, mmr.Retriever]":
    """Saved retrievers by the name of their folder.

    Args:
        paths: of the folders.
        folder: of the items, whose pictures and sounds are theirs too, unless it is a saved retriever.
        media: where these are instead.
        taken: names that are in use.

    Raises:
        ValueError, FileNotFoundError: one that cannot be loaded, or two of the same name.
    """
    if media is None and folder is not None and not mmr.retrieval.is_saved_retriever(folder):
        media = folder
    heads: dict[str, mmr.Retriever] = {}
    for path in paths:
        name = path.resolve().name
        if name in heads or name in taken:
            raise ValueError(f"two retrievers are called {name!r}: rename the folder of one of them.")
        heads[name] = mmr.Retriever.load(path, media=media)
    return heads


def open_labelled(
    folder: Path | None,
    queries: Path | None,
    encoder: Sequence[str] | None,
    same: Sequence[str] = (),
    retrievers: Sequence[Path] = (),
    media: Path | None = None,
    encoding: str | None = None,
    *,
    across: bool = False,
) -> "tuple[mmr.training.Labelled, dict[str, mmr.Retriever]]":
    """Items with their labelled queries, and saved retrievers by the name of their folder.

    Args:
        folder: of the items; a saved retriever brings its encoders with it. None: those of the first retriever, or the
            built-in shop.
        queries: the table of queries; None for queries.csv in the folder of the items, or the shop's own.
        encoder: as for `choose_encoders`.
        same: columns that say who else is a right answer.
        retrievers: folders of saved retrievers.
        media: where the pictures and sounds of saved retrievers are, if they are not where they were.
        encoding: of the tables of items and queries, if it is not UTF-8.
        across: describe also what only queries have, to learn how it finds what the items have.

    Raises:
        ValueError, FileNotFoundError: no such folder or table, or one that cannot be used.
    """
    saved = load_heads(retrievers, folder, media)
    own = load_saved(folder, media)
    base = own or next(iter(saved.values()), None)
    if base is not None and encoder:
        raise ValueError("--encoder: the saved retriever brings its encoders with it; leave this option out.")
    other_items = folder is not None and own is None
    items_encoding = None if folder is None and queries is not None else encoding  # then it is that of the queries
    catalogue = open_catalogue(folder, items_encoding) if base is None or other_items else base.catalogue
    table = _query_table(catalogue, queries, same, encoding)
    if base is not None and base.catalogue.ids == catalogue.ids:
        encoders, items = base.encoders, base.features
    elif encoder:
        encoders = choose_encoders(catalogue, encoder, table.queries.modalities if across else ())
        items = mmr.extract(catalogue, encoders, progress=on_a_terminal())
    else:
        kept = load_cached(catalogue)
        encoders, items = kept.encoders, kept.features
    if across and (learned := mmr.training.asked_encoders(table, encoders)):
        encoders = {**encoders, **learned}
        items = mmr.extract(catalogue, encoders, progress=on_a_terminal())
    return mmr.training.Labelled(catalogue, encoders, items, table, same, progress=on_a_terminal()), saved


def _query_table(
    catalogue: "mmr.Catalogue", queries: Path | None, same: Sequence[str], encoding: str | None
) -> "mmr.queries.QueryTable":
    """The labelled queries, of a folder or of the built-in shop."""
    if queries is not None:
        return mmr.queries.QueryTable.read(queries, catalogue, encoding=encoding)
    if not is_shop(catalogue):
        return mmr.queries.QueryTable.read(catalogue.folder / mmr.queries.QUERIES, catalogue, encoding=encoding)
    if same:
        raise ValueError("the built-in shop knows its right answers: leave --same out, or give --queries too.")
    return mmr.shop.shop_query_table()
