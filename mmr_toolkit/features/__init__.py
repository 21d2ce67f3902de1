"""Encoders of text, pictures and sound, and `extract`, which runs them over a catalogue.

Anything with the attributes and the method of `Encoder` can stand in for the encoders here.
"""

from mmr_toolkit.features.audio.mel import MelSpectrogramEncoder
from mmr_toolkit.features.audio.mel_cnn import MelCnnEncoder
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.cache.fingerprint import fingerprint, megabytes
from mmr_toolkit.features.defaults import default_encoders
from mmr_toolkit.features.encoder import Encoder, UnencodableValue
from mmr_toolkit.features.extraction import Features, LostPart, extract
from mmr_toolkit.features.image.cnn import CnnEncoder
from mmr_toolkit.features.image.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.image.resnet import ResNetEncoder
from mmr_toolkit.features.text.bert import BertEncoder
from mmr_toolkit.features.text.tokenise import tokens
from mmr_toolkit.features.text.word2vec import Word2VecEncoder
from mmr_toolkit.features.two_towers import ClapEncoder, ClipEncoder

__all__ = [
    "BertEncoder",
    "ClapEncoder",
    "ClipEncoder",
    "CnnEncoder",
    "ColourTextureEncoder",
    "Encoder",
    "Features",
    "LostPart",
    "MelCnnEncoder",
    "MelSpectrogramEncoder",
    "MfccEncoder",
    "ResNetEncoder",
    "UnencodableValue",
    "Word2VecEncoder",
    "default_encoders",
    "extract",
    "fingerprint",
    "megabytes",
    "tokens",
]
