"""Encoders of text, pictures and sound, and `extract`, which runs them over a catalogue.

Anything with the attributes and the method of `Encoder` can stand in for the encoders here.
"""

from mmr_toolkit.features.bert import BertEncoder
from mmr_toolkit.features.clap import ClapEncoder
from mmr_toolkit.features.clip import ClipEncoder
from mmr_toolkit.features.cnn import CnnEncoder
from mmr_toolkit.features.colour_texture import ColourTextureEncoder
from mmr_toolkit.features.defaults import default_encoders
from mmr_toolkit.features.encoder import Encoder, UnencodableValue
from mmr_toolkit.features.extract import Features, LostPart, extract
from mmr_toolkit.features.fingerprint import fingerprint, megabytes
from mmr_toolkit.features.mel import MelSpectrogramEncoder
from mmr_toolkit.features.mel_cnn import MelCnnEncoder
from mmr_toolkit.features.mfcc import MfccEncoder
from mmr_toolkit.features.resnet import ResNetEncoder
from mmr_toolkit.features.tokenise import tokens
from mmr_toolkit.features.word2vec import Word2VecEncoder

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
