"""The command line: `mmr search`, `mmr doctor` and `mmr cache`.

Exit codes: 0 all went well, 1 the doctor found faults, 2 something was asked that cannot be done.
"""

import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

# pandas, torch and the rest of the package load inside the commands, so that `mmr --help` answers at once.
if TYPE_CHECKING:
    from mmr_toolkit.catalogue import Catalogue
    from mmr_toolkit.features.cache_contents import KeptVectors
    from mmr_toolkit.retriever import Hit

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main() -> None:
    """Search catalogues by text, picture and sound, and check them."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows "?" instead of stopping


@app.command(
    epilog="Examples:\n\n"
    "mmr search --text 红酒 --k 5\n\n"
    "mmr search --text cherry --image can.jpg --audio pouring.wav\n\n"
    'mmr search my_photos/ --text "a dog on the beach"'
)
def search(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder with a metadata.csv; without it, the built-in shop.", show_default=False),
    ] = None,
    text: Annotated[str | None, typer.Option(help="What to look for, in words.")] = None,
    image: Annotated[Path | None, typer.Option(help="A picture of it.")] = None,
    audio: Annotated[Path | None, typer.Option(help="A sound of it.")] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="How many hits.")] = 10,
) -> None:
    """Find the items that are closest to a text, a picture, a sound, or all of them together."""
    with _errors_in_one_sentence():
        asked = [name for name, part in (("text", text), ("image", image), ("audio", audio)) if part is not None]
        if not asked:
            raise ValueError("nothing to search for: give --text, --image, --audio or several of them.")
        from mmr_toolkit.features import default_encoders
        from mmr_toolkit.retriever import Retriever

        catalogue = _open(folder)
        typer.echo(f"Learning from {len(catalogue)} items how to compare them …", err=True)
        encoders = default_encoders(catalogue, modalities=asked)
        retriever = Retriever.build(catalogue, encoders, progress=sys.stderr.isatty())
        hits = retriever.search(text=text, image=image, audio=audio, k=k)
        _print_hits(catalogue, hits)


@app.command(epilog="Example:\n\nmmr doctor my_photos/")
def doctor(folder: Annotated[Path, typer.Argument(help="Folder with a metadata.csv.")]) -> None:
    """List what is wrong in a catalogue: the row, the file, what was found and how to mend it."""
    with _errors_in_one_sentence(notes=False):  # the report says it all
        catalogue = _open(folder)
        report = catalogue.doctor()
    for fault in report.itertuples():
        what = (
            f"{fault.severity}: row {fault.row}, {fault.id}, {fault.column}, {fault.file}: {fault.detail}. {fault.mend}"
        )
        typer.echo(_printable(what))
    faults = int((report["severity"] == "fault").sum())
    typer.echo(f"{catalogue!r}\nfaults: {faults}, notes: {len(report) - faults}")
    if faults > 0:
        raise typer.Exit(1)


@app.command(epilog="Examples:\n\nmmr cache\n\nmmr cache --clear resnet")
def cache(
    name: Annotated[
        str | None, typer.Argument(help="Only the vectors of this encoder; without it, all.", show_default=False)
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them without asking.")] = False,
) -> None:
    """List the vectors that were kept, so that they need not be computed again; or remove them."""
    with _errors_in_one_sentence():
        from mmr_toolkit.features import cache as place, cache_contents

        folder = place.cache_folder()
        kept = cache_contents.kept_vectors(folder, name)
        megabytes = sum(part.megabytes for part in kept)
        typer.echo(f"{len(kept)} folders of vectors, {megabytes:.1f} MB, in {_printable(str(folder))}")
        if clear and kept and (yes or typer.confirm(f"Remove {'all of them' if name is None else 'them'}?")):
            for part in kept:
                cache_contents.clear(part)
            typer.echo(f"removed {megabytes:.1f} MB")
        elif not clear:
            _print_kept(kept)


@contextmanager
def _errors_in_one_sentence(notes: bool = True) -> Iterator[None]:
    """What the user can mend is said in one sentence, with exit code 2; anything else is a bug and keeps its trace."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            yield
    except (ValueError, TypeError, OSError) as error:
        typer.echo(f"Error: {_printable(str(error))}", err=True)
        raise typer.Exit(2) from None
    for warning in caught:
        if notes and warning.category is UserWarning:
            typer.echo(f"Note: {_printable(str(warning.message))}", err=True)


def _open(folder: Path | None) -> "Catalogue":
    from mmr_toolkit.catalogue import Catalogue
    from mmr_toolkit.datasets import cornershop

    return cornershop() if folder is None else Catalogue.from_folder(folder)


def _print_hits(catalogue: "Catalogue", hits: "Sequence[Hit]") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from mmr_toolkit.page import titles

    if not hits:
        typer.echo("nothing found")
        return
    rows = [(hit, *titles(catalogue.table.iloc[hit.position])) for hit in hits]
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("rank", justify="right")
    table.add_column("score", justify="right")
    table.add_column("id", no_wrap=True)
    table.add_column("title")
    in_two_languages = any(chinese for _, _, chinese in rows)
    if in_two_languages:
        table.add_column("中文")
    for hit, english, chinese in rows:
        words = [english or "(no text)", chinese] if in_two_languages else [_shortened(english) or "(no text)"]
        table.add_row(str(hit.rank), f"{hit.score:.3f}", *(Text(_printable(cell)) for cell in (hit.id, *words)))
    Console().print(table)


def _print_kept(kept: "Sequence[KeptVectors]") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for column in ("encoder", "modality"):
        table.add_column(column)
    for column in ("vectors", "MB", "age"):
        table.add_column(column, justify="right")
    for part in kept:
        cells = (part.name, part.modality, f"{part.n_vectors:,}", f"{part.megabytes:.1f}", _age(part.written))
        table.add_row(*(Text(_printable(cell)) for cell in cells))
    if kept:
        Console().print(table)


def _age(written: float) -> str:
    """Time since then, in the largest unit of which there is at least one."""
    seconds = max(0, time.time() - written)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "now"


def _shortened(text: str, length: int = 120) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _printable(text: str) -> str:
    """Without control characters: what stands in a catalogue must not steer the terminal."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)
