"""mmr-toolkit: multi-modal retrieval with text, images and sound, written to be read.

Each name below is loaded, and with it torch or pandas, when it is first used (PEP 562); `__init__.pyi` says where it
lives. The rooms of the house are in docs/architecture.md.
"""

from lazy_loader import attach_stub

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
