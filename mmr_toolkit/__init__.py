"""mmr-toolkit: multi-modal retrieval with text, pictures and sound, written to be read.

The import is light: each name below loads its module, and with it torch or pandas, when it is first used (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

#: Where each public name lives.
_HOMES = {
    "catalogue.catalogue": ("Catalogue",),
    "catalogue.media": (
        "read_audio",
        "read_image",
    ),
    "common.environment": (
        "check_torch_trio",
        "pick_device",
        "show_versions",
        "versions",
    ),
    "evaluation.comparison": ("Comparison",),
    "evaluation.evaluate": (
        "category_report",
        "evaluate_run",
    ),
    "evaluation.systems": (
        "baseline_systems",
        "fused_scores",
    ),
    "explanation.explanation": (
        "Explanation",
        "explain",
    ),
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
    "features.extraction": (
        "Features",
        "extract",
    ),
    "fusion": (
        "AttentionFusion",
        "ConcatFusion",
        "Fusion",
        "ResidualFusion",
        "WeightedFusion",
        "plain_fusion",
    ),
    "queries.pairs": ("Pairs",),
    "queries.questions": (
        "Questions",
        "shop_questions",
    ),
    "retrieval.hits": ("Hit",),
    "retrieval.retriever": ("Retriever",),
    "retrieval.saved.parts": (
        "load_fusion",
        "save_fusion",
    ),
    "shop.data": (
        "cornershop",
        "cornershop_qrels",
        "cornershop_queries",
    ),
    "show.cards": ("show_hits",),
    "show.plots": ("cjk_font",),
    "similarity.measures": (
        "SIMILARITIES",
        "cosine",
        "euclidean",
        "inner_product",
        "top_k",
    ),
    "training.loop": (
        "Training",
        "fit",
    ),
    "training.recipe": ("Recipe",),
}
#: The rooms, reached as attributes: `mmr.maps`.
ROOMS = frozenset(home.split(".")[0] for home in _HOMES)
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *_MODULE_OF]

if TYPE_CHECKING:  # the same names once more, for type checkers and editors
    from mmr_toolkit.catalogue.catalogue import Catalogue as Catalogue
    from mmr_toolkit.catalogue.media import read_audio as read_audio, read_image as read_image
    from mmr_toolkit.common.environment import (
        check_torch_trio as check_torch_trio,
        pick_device as pick_device,
        show_versions as show_versions,
        versions as versions,
    )
    from mmr_toolkit.evaluation.comparison import Comparison as Comparison
    from mmr_toolkit.evaluation.evaluate import category_report as category_report, evaluate_run as evaluate_run
    from mmr_toolkit.evaluation.systems import baseline_systems as baseline_systems, fused_scores as fused_scores
    from mmr_toolkit.explanation.explanation import Explanation as Explanation, explain as explain
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
    from mmr_toolkit.features.extraction import Features as Features, extract as extract
    from mmr_toolkit.fusion import (
        AttentionFusion as AttentionFusion,
        ConcatFusion as ConcatFusion,
        Fusion as Fusion,
        ResidualFusion as ResidualFusion,
        WeightedFusion as WeightedFusion,
        plain_fusion as plain_fusion,
    )
    from mmr_toolkit.queries.pairs import Pairs as Pairs
    from mmr_toolkit.queries.questions import Questions as Questions, shop_questions as shop_questions
    from mmr_toolkit.retrieval.hits import Hit as Hit
    from mmr_toolkit.retrieval.retriever import Retriever as Retriever
    from mmr_toolkit.retrieval.saved.parts import load_fusion as load_fusion, save_fusion as save_fusion
    from mmr_toolkit.shop.data import (
        cornershop as cornershop,
        cornershop_qrels as cornershop_qrels,
        cornershop_queries as cornershop_queries,
    )
    from mmr_toolkit.show.cards import show_hits as show_hits
    from mmr_toolkit.show.plots import cjk_font as cjk_font
    from mmr_toolkit.similarity.measures import (
        SIMILARITIES as SIMILARITIES,
        cosine as cosine,
        euclidean as euclidean,
        inner_product as inner_product,
        top_k as top_k,
    )
    from mmr_toolkit.training.loop import Training as Training, fit as fit
    from mmr_toolkit.training.recipe import Recipe as Recipe


def __getattr__(name: str) -> object:
    """Load a public name, or a module of the package, when it is first used."""
    if name in ROOMS:
        return import_module(f"mmr_toolkit.{name}")
    if name not in _MODULE_OF:
        raise AttributeError(f"mmr_toolkit has no {name!r}; it has: {', '.join(__all__)}")
    value = getattr(import_module(f"mmr_toolkit.{_MODULE_OF[name]}"), name)
    globals()[name] = value  # from now on found without coming here
    return value


def __dir__() -> list[str]:
    """Let editors complete names that are not loaded yet."""
    return sorted(__all__)
