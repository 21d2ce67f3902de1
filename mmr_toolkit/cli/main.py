"""What all commands belong to.

pandas, torch and the rest of the package load inside the commands, so that `mmr --help` answers at once.
"""

import sys

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main() -> None:
    """Search catalogues by text, picture and sound; check them, train on them and compare what was trained."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows "?" instead of stopping
