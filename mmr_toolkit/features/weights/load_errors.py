"""Running the loading code of other libraries: quietly, and with errors that say what to do next."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from huggingface_hub import errors
from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
from safetensors import SafetensorError
from transformers.utils import logging

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.features.weights.folder import DAMAGED, WEIGHTS
from mmr_toolkit.features.weights.tier import OFFLINE_WAY

UNREACHABLE = (
    "no such folder here, and not downloaded before; the hub cannot be reached (no network, or HF_HUB_OFFLINE is set)"
)
NO_SAFETENSORS = f"it has no {WEIGHTS} on the hub, and pickles are not read; another revision may have one"


def explained(load: Callable[[], Any], source: PathLike) -> Any:
    """What `load` returns; what it raises becomes an error that says what to do."""
    try:
        with quiet():
            return load()
    except Exception as error:  # noqa: BLE001 - the libraries below fail in as many ways as there are files
        unreachable = (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, ConnectionError)
        kinds: list[tuple[Any, type[Exception], str]] = [  # the first that fits: some are kinds of later ones
            (SafetensorError, ValueError, f"{DAMAGED} ({error})"),
            (
                errors.GatedRepoError,
                ValueError,
                "its owner asks for consent on the hub; then run `hf auth login`",
            ),
            (errors.RepositoryNotFoundError, FileNotFoundError, "no such folder here, and no such model on the hub"),
            (errors.RevisionNotFoundError, FileNotFoundError, "the hub has no such revision of it"),
            (unreachable, ConnectionError, UNREACHABLE),
            (errors.HfHubHTTPError, ConnectionError, f"the hub answers: {error}"),
            (Exception, ValueError, NO_SAFETENSORS if WEIGHTS in str(error) else f"cannot be loaded: {error}"),
        ]
        causes = list(_causes(error))
        for fault, kind, reason in kinds:
            if any(isinstance(cause, fault) for cause in causes):
                raise kind(f"{source}: {reason.rstrip('.')}. {OFFLINE_WAY}") from error
        raise


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars and no log lines of transformers inside; bars of downloads remain, for these take minutes."""
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    download_bars = not are_progress_bars_disabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()  # the hub's as well
    if download_bars:
        enable_progress_bars()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
        if not download_bars:
            disable_progress_bars()
