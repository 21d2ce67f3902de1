"""The catalogue: items with a text, an image and a sound, any of which may be missing.

Read metadata.py (one CSV file; encodings.py knows how it was saved), catalogue.py (the items), media.py (one reader for
images and sounds; sound_files.py notices sounds that broke off), filters.py; then doctor.py and faults.py, which say
what is wrong with a folder, row by row. Nothing here loads torch.
"""

from mmr_toolkit.catalogue.catalogue import Catalogue, titles
from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_audio, read_image

__all__ = ["Catalogue", "SAMPLE_RATE", "read_audio", "read_image", "titles"]
