from .audio.log_mel import TOP_DB as TOP_DB, LogMel as LogMel
from .audio.mel import MelSpectrogramEncoder as MelSpectrogramEncoder
from .audio.mel_cnn import MelCnnEncoder as MelCnnEncoder
from .audio.mfcc import MfccEncoder as MfccEncoder
from .cache.fingerprint import Identified as Identified, fingerprint as fingerprint, megabytes as megabytes
from .cache.shards import VectorCache as VectorCache, cache_folder as cache_folder
from .defaults import default_encoders as default_encoders
from .encoder import Encoder as Encoder, UnencodableValue as UnencodableValue
from .extraction import Features as Features, LostPart as LostPart, extract as extract
from .image.cnn import CHANNELS as CHANNELS, CnnEncoder as CnnEncoder, convolutional_network as convolutional_network
from .image.colour_texture import ColourTextureEncoder as ColourTextureEncoder
from .image.resnet import ResNetEncoder as ResNetEncoder
from .text.bert import BertEncoder as BertEncoder
from .text.tokenise import tokens as tokens
from .text.word2vec import Word2VecEncoder as Word2VecEncoder
from .train_on_labels import draw_weights as draw_weights
from .two_towers import ClapEncoder as ClapEncoder, ClipEncoder as ClipEncoder
from .weights.tier import choose_tier as choose_tier
