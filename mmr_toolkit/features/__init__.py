"""Encoders of text, pictures and sound, and `extract`, which runs them over a catalogue.

Anything with the attributes and the method of `Encoder` can stand in for the encoders here.
"""

from mmr_toolkit.features.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.defaults import default_encoders
from mmr_toolkit.features.encoder import Encoder, UnencodableValue
from mmr_toolkit.features.extract import Features, LostPart, extract
from mmr_toolkit.features.mfcc import MfccEncoder
from mmr_toolkit.features.tokenise import tokens
from mmr_toolkit.features.word2vec import Word2VecEncoder

__all__ = [
    "ColourTextureEncoder",
    "Encoder",
    "Features",
    "LostPart",
    "MfccEncoder",
    "UnencodableValue",
    "Word2VecEncoder",
    "default_encoders",
    "extract",
    "tokens",
]
