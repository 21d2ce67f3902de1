"""The command line `mmr`, one file per command; conditions, hits, output and sources are what they share.

Exit codes: 0 all went well, 1 the doctor found faults, 2 something was asked that cannot be done, 130 interrupted.
With --json the answer is one JSON document on the standard output and nothing else is there; notes, progress bars and
errors go to the standard error.
"""

from mmr_toolkit.cli import cache, compare, doctor, extract, search, serve, train  # noqa: F401 - each adds its command to the app
from mmr_toolkit.cli.main import app

__all__ = ["app"]
