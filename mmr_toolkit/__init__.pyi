__version__: str

from . import (
    app as app,
    catalogue as catalogue,
    evaluation as evaluation,
    explanation as explanation,
    features as features,
    fusion as fusion,
    maps as maps,
    queries as queries,
    retrieval as retrieval,
    shop as shop,
    show as show,
    similarity as similarity,
    training as training,
)
from .catalogue import Catalogue as Catalogue, read_audio as read_audio, read_image as read_image
from .common.environment import (
    cjk_font as cjk_font,
    pick_device as pick_device,
    show_versions as show_versions,
    versions as versions,
)
from .common.installed import check_torch_trio as check_torch_trio
from .common.seeds import seeded as seeded
from .evaluation import (
    Comparison as Comparison,
    baseline_systems as baseline_systems,
    category_report as category_report,
    compare as compare,
    evaluate_run as evaluate_run,
    fused_scores as fused_scores,
    fused_system as fused_system,
)
from .explanation import Explanation as Explanation, explain as explain
from .features import (
    BertEncoder as BertEncoder,
    ClapEncoder as ClapEncoder,
    ClipEncoder as ClipEncoder,
    CnnEncoder as CnnEncoder,
    ColourTextureEncoder as ColourTextureEncoder,
    Encoder as Encoder,
    Features as Features,
    MelCnnEncoder as MelCnnEncoder,
    MelSpectrogramEncoder as MelSpectrogramEncoder,
    MfccEncoder as MfccEncoder,
    ResNetEncoder as ResNetEncoder,
    Word2VecEncoder as Word2VecEncoder,
    default_encoders as default_encoders,
    extract as extract,
)
from .fusion import (
    AttentionFusion as AttentionFusion,
    ConcatFusion as ConcatFusion,
    Fusion as Fusion,
    ResidualFusion as ResidualFusion,
    WeightedFusion as WeightedFusion,
    plain_fusion as plain_fusion,
)
from .queries import Pairs as Pairs, QueryTable as QueryTable, Questions as Questions
from .retrieval import Hit as Hit, Retriever as Retriever
from .retrieval.saved.parts import load_fusion as load_fusion, save_fusion as save_fusion
from .shop import (
    cornershop as cornershop,
    cornershop_qrels as cornershop_qrels,
    cornershop_queries as cornershop_queries,
    shop_questions as shop_questions,
)
from .show import show_hits as show_hits
from .similarity import (
    SIMILARITIES as SIMILARITIES,
    cosine as cosine,
    euclidean as euclidean,
    inner_product as inner_product,
    top_k as top_k,
)
from .training import (
    Recipe as Recipe,
    Training as Training,
    fit as fit,
    train_head as train_head,
    tune_weights as tune_weights,
)
