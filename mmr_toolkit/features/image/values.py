"""What all encoders of pictures take: PIL images and paths, seen alike."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from mmr_toolkit.catalogue.media import UnreadableMedia, read_image
from mmr_toolkit.features.encoder import UnencodableValue, check_values

KINDS = (Image.Image, str, os.PathLike)
EXPECTED = "pictures (PIL images or paths)"


def check_pictures(values: Sequence[Any]) -> list[Any]:
    """The values as a list; PIL images as `read_image` gives them, so that they mean what their file means.

    Raises:
        TypeError, ValueError: not a list of PIL images or paths.
        UnencodableValue: PIL images that `read_image` refuses. Paths are looked at when they are read.
    """
    pictures, reasons = check_values(values, KINDS, EXPECTED), {}
    for i, value in enumerate(pictures):
        if isinstance(value, Image.Image):
            try:
                pictures[i] = read_image(value)
            except UnreadableMedia as error:
                reasons[i] = error.found
    if reasons:
        raise UnencodableValue(reasons)
    return pictures


def opened(value: Image.Image | str | os.PathLike[str]) -> Image.Image:
    """One of the values that `check_pictures` gives, as RGB; raises as `read_image`."""
    return value if isinstance(value, Image.Image) else read_image(Path(value))
