"""Features: one vector for each part of an item.

Read encoder.py (what an encoder is), then one of text/, image/, audio/; extraction.py runs encoders over a catalogue
and defaults.py chooses the first ones. Two cellars: cache/ (vectors on disk) and weights/ (weights of networks). Each
name is loaded when it is first used: importing the room loads no network library.
"""

import warnings

from lazy_loader import attach_stub

from mmr_toolkit.common.installed import check_torch_trio

with warnings.catch_warnings():  # libraries below load it too, and it warns in notebooks without widgets
    warnings.simplefilter("ignore")
    import tqdm.auto  # noqa: F401

check_torch_trio()  # before any encoder imports them: what they say themselves names no cause

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
