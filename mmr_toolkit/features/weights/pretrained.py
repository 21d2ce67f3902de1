"""Loading trained weights, published or local, so that whatever comes back is whole, safe and what was asked for.

Left to itself, the loading code of a model is lenient: weights that are missing are replaced by random numbers with a
warning, a tokenizer without a vocabulary cuts every text into unknown words, a pickle file runs the code in it. Vectors
still come out, and they are nonsense. Here each of these is an error that says how to go on.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from transformers import AutoTokenizer, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import cached_file

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.features.weights.folder import CONVERT, PICKLES, WEIGHTS, check_complete, listed
from mmr_toolkit.features.weights.load_errors import explained
from mmr_toolkit.features.weights.tier import OFFLINE_WAY

INDEX = "model.safetensors.index.json"  # in place of one file of weights: the list of its parts
VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json")
FIRST_RULE = '"added_tokens":'  # in a tokenizer as JSON, after the settings of the last call
NO_VOCABULARY = "has no vocabulary: expected tokenizer.json or vocab.txt beside the weights."
PREPROCESSORS = ("preprocessor_config.json", "processor_config.json")
#: In a name of a setting: what it names is code of someone else, such as kernels on the hub.
FOREIGN = ("attn_implementation", "experts_implementation", "use_kernels", "quantization", "auto_map")
#: Settings that say how large a model is; each is a side of a matrix, and the first its other side.
SIZES = ("hidden_size", "vocab_size", "max_position_embeddings", "type_vocab_size", "intermediate_size")
HARMLESS = 50_000_000  # numbers that may be made for nothing: what is cut off is better said to be damaged
#: Parts that no encoder here uses and that checkpoints often lack, by type: how a model is built without them.
WITHOUT_UNUSED: dict[str, dict[str, Any]] = {"bert": {"add_pooling_layer": False}}


def load_transformer(
    model_class: type[PreTrainedModel],
    source: PathLike,
    *,
    model_type: str | tuple[str, ...],
    revision: str | None = None,
) -> PreTrainedModel:
    """A trained model of the transformers library, whole, in evaluation mode and in float32.

    Args:
        model_class: BertModel, for example.
        source: a local folder with config.json and model.safetensors (or its shards), or a name on the Hugging Face
            hub, which is downloaded when first used. A folder of that name goes first.
        model_type: what config.json must say: "bert". Other architectures have other weights.
        revision: on the hub: a branch, tag or commit; None: the newest.

    Raises:
        FileNotFoundError: no such folder and no such model, or a folder without one of the files that are needed.
        ValueError: another architecture, missing weights or weights of other shapes, pickled or damaged weights.
        ConnectionError: the hub cannot be reached, and the model has not been downloaded before.
    """
    found = _check_config(source, model_type, revision)
    _check_weight_files(source)
    _check_sizes(source)
    options = WITHOUT_UNUSED.get(found, {})

    def load() -> Any:
        return model_class.from_pretrained(
            source,
            revision=revision or "main",
            use_safetensors=True,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # only to learn of all of them: none is accepted below
            output_loading_info=True,
            **options,
        )

    model, report = explained(load, source)
    random = sorted(report["missing_keys"])
    shapes = [f"{name}: {list(held)}, expected {list(expected)}" for name, held, expected in report["mismatched_keys"]]
    check_complete(source, random, sorted(shapes), model_class.__name__)
    return model.eval()


def load_tokenizer(source: PathLike, *, revision: str | None = None) -> PreTrainedTokenizerBase:
    """The tokenizer that lies beside a model's weights; source, revision and errors as in `load_transformer`."""
    if _check_source(source) and not any(Path(source, name).is_file() for name in VOCABULARIES):
        raise FileNotFoundError(f"{source} {NO_VOCABULARY} {OFFLINE_WAY}")
    options = {"revision": revision or "main", "trust_remote_code": False}
    tokenizer = explained(lambda: AutoTokenizer.from_pretrained(source, **options), source)
    if len(tokenizer) <= len(tokenizer.all_special_ids):  # an empty one was made in place of what is not there
        raise FileNotFoundError(f"{source} {NO_VOCABULARY} {OFFLINE_WAY}")
    return tokenizer


def load_preprocessor(preprocessor_class: type[Any], source: PathLike, *, revision: str | None = None) -> Any:
    """What turns pictures or sounds into a model's input; source, revision and errors as in `load_transformer`.

    Args:
        preprocessor_class: of the transformers library, for example CLIPImageProcessor.
    """
    if _check_source(source) and not any(Path(source, name).is_file() for name in PREPROCESSORS):
        raise FileNotFoundError(f"{source} has no {' or '.join(PREPROCESSORS)}. {OFFLINE_WAY}")
    return explained(lambda: preprocessor_class.from_pretrained(source, revision=revision or "main"), source)


def load_json(source: PathLike, name: str, *, revision: str | None = None) -> dict[str, Any]:
    """The settings in a file that may lie beside a model's weights; source and revision as in `load_transformer`.

    Returns:
        Empty where there is no such file, or where the hub cannot be asked whether there is one.

    Raises:
        ValueError: it is damaged, or holds no settings by name.
    """
    lenient = {
        "_raise_exceptions_for_missing_entries": False,
        "_raise_exceptions_for_connection_errors": False,
    }
    found = explained(lambda: cached_file(source, name, revision=revision or "main", **lenient), source)
    if found is None:
        return {}
    try:
        settings = json.loads(Path(found).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} of {source} is damaged ({error}). {OFFLINE_WAY}") from error
    if not isinstance(settings, dict):
        raise ValueError(
            f"{name} of {source} holds {type(settings).__name__}; expected settings by name. {OFFLINE_WAY}"
        )
    return settings


def rules_of(reader: Any) -> str:
    """SHA-256 of all settings of a tokenizer or preprocessor: two with the same read every value alike."""
    if hasattr(reader, "backend_tokenizer"):
        # As JSON, in an order that never changes. Truncation and padding, of the last call, come first and are cut off:
        # to parse it all, a vocabulary of 30,000 words, takes ten times as long.
        rules = reader.backend_tokenizer.to_str()
        rules = rules[max(0, rules.find(FIRST_RULE)) :]
    else:
        rules = json.dumps(json.loads(reader.to_json_string()), sort_keys=True)
    return hashlib.sha256(rules.encode()).hexdigest()


def _check_source(source: PathLike) -> bool:
    """Whether this is a local folder; if not, it must be a possible name on the hub.

    Raises:
        FileNotFoundError: it is neither.
    """
    if Path(source).is_dir():
        return True
    try:
        validate_repo_id(str(source))
        possible = isinstance(source, str) and not Path(source).exists()
    except HFValidationError:
        possible = False
    if not possible:
        raise FileNotFoundError(
            f'{source}: no such folder, and no possible name of a model on the hub, as "bert-base-chinese" or '
            f'"owner/model" is. {OFFLINE_WAY}'
        )
    return False


def _check_config(source: PathLike, model_type: str | tuple[str, ...], revision: str | None) -> str:
    """The architecture that config.json names; it must be one of these."""
    if _check_source(source) and not Path(source, "config.json").is_file():
        raise FileNotFoundError(f"{source} has no config.json, so it holds no model. {OFFLINE_WAY}")
    config, _ = explained(lambda: PreTrainedConfig.get_config_dict(source, revision=revision or "main"), source)
    known = (model_type,) if isinstance(model_type, str) else model_type
    found = config.get("model_type")
    if found not in known:
        raise ValueError(
            f"{source} is a model of type {found!r} by its config.json; expected {' or '.join(map(repr, known))}. "
            f"{OFFLINE_WAY}"
        )
    if foreign := sorted(key for key in config if any(part in key for part in FOREIGN)):
        raise ValueError(f"{source} asks for other code than that of the library: {listed(foreign)}. {OFFLINE_WAY}")
    return found


def _check_sizes(source: PathLike) -> None:
    """Raise a ValueError if config.json announces more weights than a local folder has: they would be made first."""
    folder = Path(source)
    if not folder.is_dir():
        return
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    sizes = {name: config[name] for name in SIZES if isinstance(config.get(name), int)}
    held = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    for name, size in sizes.items():  # times hidden_size: the numbers of one matrix, each of a byte or more
        if size * sizes.get(SIZES[0], 1) > max(held, HARMLESS):
            raise ValueError(
                f"{source} says in its config.json that {name} is {size:,}, which its weights, {held:,} bytes, cannot "
                f"hold. {OFFLINE_WAY}"
            )


def _check_weight_files(source: PathLike) -> None:
    """Raise a FileNotFoundError or ValueError unless a local folder has all its weights, as safetensors."""
    folder = Path(source)
    if not folder.is_dir() or (folder / WEIGHTS).is_file():
        return
    if (folder / INDEX).is_file():
        shards = set(json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values())
        if missing := sorted(name for name in shards if not (folder / name).is_file()):
            raise FileNotFoundError(f"{folder} lacks a part of its weights: {listed(missing)}. {OFFLINE_WAY}")
    elif pickles := sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES):
        raise ValueError(f"{folder} has its weights in {listed(pickles)}, which is not read. {CONVERT} {OFFLINE_WAY}")
    else:
        raise FileNotFoundError(f"{folder} has no {WEIGHTS}, so it holds no weights. {OFFLINE_WAY}")
