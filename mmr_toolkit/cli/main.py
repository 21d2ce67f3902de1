"""What all commands belong to.

pandas, torch and the rest of the package load inside the commands, so that `mmr --help` answers at once.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

STANDARD_ERROR = 2  # the number that the system knows it by

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main(context: typer.Context) -> None:
    """Search catalogues by text, picture and sound; check them, train on them and compare what was trained."""
    context.with_resource(quiet_libraries())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows "?" instead of stopping


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """While a command runs, what C libraries write past Python to the standard error goes nowhere.

    Decoders of sounds and pictures report there what they find odd in a file; what matters of it is an exception, too.
    Python's own standard error goes on to where it went. Where it is no file of the system, in a test, nothing is done.
    """
    before = sys.stderr
    try:
        is_own = before.fileno() == STANDARD_ERROR
    except (AttributeError, OSError, ValueError):  # none at all (pythonw), one in memory, or a closed one
        is_own = False
    if not is_own:
        yield
        return
    before.flush()
    kept = os.dup(STANDARD_ERROR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STANDARD_ERROR)
    os.close(nowhere)
    sys.stderr = io.TextIOWrapper(
        os.fdopen(kept, "wb", closefd=False), encoding=before.encoding, errors="replace", line_buffering=True
    )
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = before
        os.dup2(kept, STANDARD_ERROR)
        os.close(kept)
