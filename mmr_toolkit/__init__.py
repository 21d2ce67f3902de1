"""mmr-toolkit: multi-modal retrieval with text, pictures and sound, written to be read.

The import is light: each name below loads its module, and with it torch or pandas, when it is first used (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

#: Where each public name lives.
_HOMES = {
    "baselines": ("baseline_systems",),
    "catalogue": ("Catalogue",),
    "classification_report": ("category_report",),
    "comparison": ("Comparison",),
    "datasets": ("cornershop", "cornershop_qrels", "cornershop_queries"),
    "environment": ("check_torch_trio", "pick_device", "show_versions"),
    "evaluation": ("evaluate_run",),
    "explanation": ("Explanation", "explain"),
    "features": (
        "BertEncoder",
        "ClapEncoder",
        "ClipEncoder",
        "CnnEncoder",
        "ColourTextureEncoder",
        "Encoder",
        "MelCnnEncoder",
        "MelSpectrogramEncoder",
        "MfccEncoder",
        "ResNetEncoder",
        "Word2VecEncoder",
        "default_encoders",
    ),
    "features.extract": ("Features", "extract"),
    "fusion": ("AttentionFusion", "ConcatFusion", "Fusion", "ResidualFusion", "WeightedFusion", "plain_fusion"),
    "hit": ("Hit",),
    "media": ("read_audio", "read_image"),
    "page": ("show_hits",),
    "pairs": ("Pairs",),
    "plots": ("cjk_font",),
    "questions": ("Questions", "shop_questions"),
    "recipe": ("Recipe",),
    "retriever": ("Retriever",),
    "saved_fusion": ("load_fusion", "save_fusion"),
    "scoring": ("fused_scores",),
    "similarity": ("SIMILARITIES", "cosine", "euclidean", "inner_product", "top_k"),
    "training": ("Training", "fit"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *_MODULE_OF]

if TYPE_CHECKING:  # the same names once more, for type checkers and editors
    from mmr_toolkit.baselines import baseline_systems as baseline_systems
    from mmr_toolkit.catalogue import Catalogue as Catalogue
    from mmr_toolkit.classification_report import category_report as category_report
    from mmr_toolkit.comparison import Comparison as Comparison
    from mmr_toolkit.datasets import (
        cornershop as cornershop,
        cornershop_qrels as cornershop_qrels,
        cornershop_queries as cornershop_queries,
    )
    from mmr_toolkit.environment import (
        check_torch_trio as check_torch_trio,
        pick_device as pick_device,
        show_versions as show_versions,
    )
    from mmr_toolkit.evaluation import evaluate_run as evaluate_run
    from mmr_toolkit.explanation import Explanation as Explanation, explain as explain
    from mmr_toolkit.features import (
        BertEncoder as BertEncoder,
        ClapEncoder as ClapEncoder,
        ClipEncoder as ClipEncoder,
        CnnEncoder as CnnEncoder,
        ColourTextureEncoder as ColourTextureEncoder,
        Encoder as Encoder,
        MelCnnEncoder as MelCnnEncoder,
        MelSpectrogramEncoder as MelSpectrogramEncoder,
        MfccEncoder as MfccEncoder,
        ResNetEncoder as ResNetEncoder,
        Word2VecEncoder as Word2VecEncoder,
        default_encoders as default_encoders,
    )
    from mmr_toolkit.features.extract import Features as Features, extract as extract
    from mmr_toolkit.fusion import (
        AttentionFusion as AttentionFusion,
        ConcatFusion as ConcatFusion,
        Fusion as Fusion,
        ResidualFusion as ResidualFusion,
        WeightedFusion as WeightedFusion,
        plain_fusion as plain_fusion,
    )
    from mmr_toolkit.hit import Hit as Hit
    from mmr_toolkit.media import read_audio as read_audio, read_image as read_image
    from mmr_toolkit.page import show_hits as show_hits
    from mmr_toolkit.pairs import Pairs as Pairs
    from mmr_toolkit.plots import cjk_font as cjk_font
    from mmr_toolkit.questions import Questions as Questions, shop_questions as shop_questions
    from mmr_toolkit.recipe import Recipe as Recipe
    from mmr_toolkit.retriever import Retriever as Retriever
    from mmr_toolkit.saved_fusion import load_fusion as load_fusion, save_fusion as save_fusion
    from mmr_toolkit.scoring import fused_scores as fused_scores
    from mmr_toolkit.similarity import (
        SIMILARITIES as SIMILARITIES,
        cosine as cosine,
        euclidean as euclidean,
        inner_product as inner_product,
        top_k as top_k,
    )
    from mmr_toolkit.training import Training as Training, fit as fit


def __getattr__(name: str) -> object:
    """Load a public name, or a module of the package, when it is first used."""
    if name in _HOMES:
        return import_module(f"mmr_toolkit.{name}")
    if name not in _MODULE_OF:
        raise AttributeError(f"mmr_toolkit has no {name!r}; it has: {', '.join(__all__)}")
    value = getattr(import_module(f"mmr_toolkit.{_MODULE_OF[name]}"), name)
    globals()[name] = value  # from now on found without coming here
    return value


def __dir__() -> list[str]:
    """Let editors complete names that are not loaded yet."""
    return sorted(__all__)
