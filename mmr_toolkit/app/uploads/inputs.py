"""Gradio's picture and sound inputs without their own reading: the page gets the path, and `uploads` reads the file.

Gradio opens a picture before the function of the page is called. What it cannot open becomes an error in the words of
Pillow, with a path of the server; and what it can is decoded twice. These inputs look the same and pass the path on.
"""

from abc import ABCMeta
from functools import cache
from typing import Any

import gradio
from gradio import Audio, Image

__all__ = ["picture_upload", "sound_upload"]


def picture_upload(**settings: Any) -> Image:
    """A `gradio.Image` whose value is the path of the upload, unread, or None.

    Args:
        settings: as for `gradio.Image`, without `type`.
    """
    return _unread("Image")(type="filepath", **settings)


def sound_upload(**settings: Any) -> Audio:
    """A `gradio.Audio` whose value is the path of the upload, unread, or None.

    Args:
        settings: as for `gradio.Audio`, without `type`.
    """
    return _unread("Audio")(type="filepath", **settings)


@cache
def _unread(name: str) -> Any:
    """The component of this name as a class that does not read; the page draws it as the component itself."""

    def preprocess(self: Any, payload: Any) -> str | None:
        """The path; a file that is written into the request itself (a data: address) has none."""
        return None if payload is None else payload.path

    base = getattr(gradio, name)
    attributes = {"__module__": __name__, "is_template": True, "preprocess": preprocess}
    # A class statement would let Gradio write a .pyi file into our package: this leaves that step out.
    return ABCMeta.__new__(type(base), f"Unread{name}", (base,), attributes)
