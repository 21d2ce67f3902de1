"""What every command says to the terminal, and to a program that reads it: tables, JSON, errors in one sentence."""

import errno
import json
import math
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mmr_toolkit.common.quoting import cut

#: The exit codes beside 0.
FAULTS_FOUND, IMPOSSIBLE, INTERRUPTED = 1, 2, 130

LONGEST_MESSAGE = 1000  # characters; whatever is quoted in it
#: What to do about what the system says, by its number.
MENDS = {
    errno.ENOENT: "Check the spelling, or in which folder the command runs.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ENOTDIR: "A part of this path is a file: check the spelling.",
    errno.EISDIR: "Give the name of a file, not of a folder.",
    errno.ELOOP: "It is a link that leads back to itself: give the file itself.",
    errno.ENOSPC: "Make room, or choose another disk.",
}

#: The option of every command that answers.
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


@contextmanager
def errors_in_one_sentence(*, notes: bool = True, when_interrupted: str = "nothing was changed.") -> Iterator[None]:
    """What the user can mend is said in one sentence, with exit code 2; anything else is a bug and keeps its trace.

    Args:
        notes: say warnings as notes at the end.
        when_interrupted: what Ctrl-C leaves behind, and how to go on.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            yield
    except (ValueError, TypeError, OSError, UnicodeError) as error:
        typer.echo(f"Error: {printable(cut(_in_words(error), LONGEST_MESSAGE))}", err=True)
        raise typer.Exit(IMPOSSIBLE) from None
    except KeyboardInterrupt:
        typer.echo(f"\nInterrupted: {printable(when_interrupted)}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    for warning in caught:
        if notes and warning.category is UserWarning:
            say(f"Note: {warning.message}")


def _in_words(error: Exception) -> str:
    """What an error says; one of the system's own becomes a sentence with the file and what to do."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    where = "" if error.filename is None else f"{cut(os.fsdecode(error.filename))}: "
    what = error.strerror[:1].lower() + error.strerror[1:]
    return f"{where}{what}. {MENDS.get(error.errno or 0, 'Choose another place, or ask who looks after this machine.')}"


def say(sentence: str) -> None:
    """Tell the user something that is not the answer: on the standard error."""
    typer.echo(printable(sentence), err=True)


def on_a_terminal() -> bool:
    """Whether a progress bar would be seen by a person."""
    return sys.stderr.isatty()


def print_json(answer: Mapping[str, Any]) -> None:
    """Write the answer as one JSON document; NaN and infinity, which JSON does not have, become null."""
    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    typer.echo(json.dumps(_plain(answer), ensure_ascii=not utf8, indent=2, allow_nan=False))


def print_table(columns: Mapping[str, str], rows: Iterable[Sequence[str]], *, dense: bool = False) -> None:
    """Print a table.

    Args:
        columns: name → "left" for words, which are broken into lines where the terminal is narrow; "right" for numbers
            and "id" for names, which are not.
        rows: one cell per column.
        dense: less space between columns, for many of them.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0 if dense else 1))
    for name, place in columns.items():
        table.add_column(name, justify="right" if place == "right" else "left", no_wrap=place != "left")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)


def printable(text: str) -> str:
    """Without control characters: what stands in a catalogue must not steer the terminal."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


def _plain(value: Any) -> Any:
    """As JSON has it: numbers of NumPy as Python's, paths as text."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
