"""Loading large libraries without Python's garbage collector looking through them again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """No garbage collection inside; afterwards as before.

    torch, pandas and Gradio make a million objects while they load, all of which stay. Searching them for garbage takes
    a seventh of the time and finds nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
