"""Teaching a network to make vectors by letting it name things: one linear layer per label, thrown away afterwards.

Nobody can say what the numbers of a good vector should be. But if type, colour and pattern can each be read off it by a
single linear layer, they lie plainly in it. So a network is trained to that end, and what is kept is what stands
*before* the linear layers:

    input x ──► network ──► vector h ──► type:    softmax(W₁ h + b₁)
                                    ├──► colour:  softmax(W₂ h + b₂)
                                    └──► pattern: softmax(W₃ h + b₃)

The loss is the mean of the cross-entropies of all labels (multi-task learning, Caruana 1997).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd
import torch
from torch import nn
from torch.nn.utils import skip_init
from tqdm import tqdm

from mmr_toolkit.features.encoder import Device, NothingToLearn

Augment = Callable[[torch.Tensor, torch.Generator], torch.Tensor]

UNKNOWN = -1  # stands where a label is None


def train_on_labels(
    network: torch.nn.Module,
    inputs: torch.Tensor,
    labels: Mapping[str, Sequence[str | None]],
    *,
    epochs: int,
    seed: int = 0,
    batch_size: int = 64,
    learning_rate: float = 4e-3,
    augment: Augment | None = None,
    device: Device = "cpu",
    progress: bool = True,
) -> pd.DataFrame:
    """Train a network in place, from newly drawn weights, so that the labels can be read off its vectors.

    Args:
        network: (b, ...) float32 -> vectors (b, dim).
        inputs: (n, ...) float32, what the network reads, on the CPU; batches go to the device.
        labels: n values for each name; None where a label is not known.
        epochs: how often every input is seen.
        seed: of the first weights, the order of the inputs and the augmentation.
        batch_size: inputs per step, at least 2; fewer that remain at the end of an epoch are left out.
        learning_rate: the highest. It rises to it and falls to zero along one cycle (Smith & Topin 2019).
        augment: (batch, generator) -> a changed batch of the same shape, in every step another. None: unchanged.
        device: where the network computes.
        progress: show a progress bar.

    Returns:
        One row per epoch 1 … epochs: "loss", and by the name of each label the share of right answers, both on
        the augmented inputs of the training: they tell whether it goes on, not how good the vectors are.

    Raises:
        NothingToLearn: no label has two different values (a ValueError).
        ValueError: another number of labels than of inputs; epochs below 1 or a batch_size below 2.
    """
    if min(epochs, batch_size - 1) < 1:
        raise ValueError(f"epochs is {epochs} and batch_size {batch_size}; expected at least 1 and 2.")
    targets, classes = number_labels(labels, len(inputs))
    generator = torch.Generator().manual_seed(seed)
    heads = linear_heads(network.cpu(), inputs[:1], [len(values) for values in classes.values()])
    model = torch.nn.ModuleList([network, heads])
    draw_weights(model, generator)
    model.to(device).train()

    batch_size = min(batch_size, len(inputs))
    optimiser = torch.optim.AdamW(model.parameters())  # Loshchilov & Hutter 2019
    steps = epochs * (len(inputs) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=learning_rate, total_steps=steps)
    history = []
    for _ in tqdm(range(epochs), unit="epoch", disable=not progress):
        measured = []
        for rows in shuffled_batches(len(inputs), batch_size, generator):
            batch = inputs[rows] if augment is None else augment(inputs[rows], generator)
            measured.append(training_step(network, heads, batch.to(device), targets[rows].to(device), optimiser))
            schedule.step()
        history.append(torch.tensor(measured).nanmean(dim=0).tolist())
    network.eval()
    return pd.DataFrame(history, columns=["loss", *classes], index=pd.RangeIndex(1, epochs + 1, name="epoch"))


def training_step(
    network: torch.nn.Module,
    heads: torch.nn.ModuleList,
    batch: torch.Tensor,
    truth: torch.Tensor,
    optimiser: torch.optim.Optimizer,
) -> list[torch.Tensor]:
    """Name one batch, and change the weights a little so that next time more of it is right; loss and accuracies."""
    vectors = network(batch)
    logits = [head(vectors) for head in heads]
    loss = label_loss(logits, truth)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return [loss.detach(), *accuracies(logits, truth)]


def number_labels(labels: Mapping[str, Sequence[str | None]], n: int) -> tuple[torch.Tensor, dict[str, list[str]]]:
    """Labels as numbers.

    Args:
        labels: n values for each name; None where a label is not known.
        n: how many values are expected.

    Returns:
        Whole numbers (n, number of names), `UNKNOWN` for None, and for each name its values in the order of the
        numbers, sorted.

    Raises:
        NothingToLearn, ValueError: as `train_on_labels`.
    """
    for name, values in labels.items():
        if len(values) != n:
            raise ValueError(f"{len(values)} values of the label {name!r} for {n} inputs; expected one each.")
    classes = {name: sorted({value for value in values if value is not None}) for name, values in labels.items()}
    if max(map(len, classes.values()), default=0) < 2:
        raise NothingToLearn(
            f"no label has two different values among {n} inputs: {classes}. Nothing can be told apart."
        )
    numbers: dict[str, dict[str | None, int]]
    numbers = {name: {value: i for i, value in enumerate(values)} for name, values in classes.items()}
    columns = [[numbers[name].get(value, UNKNOWN) for value in values] for name, values in labels.items()]
    return torch.tensor(columns).T, classes


def linear_heads(network: torch.nn.Module, example: torch.Tensor, sizes: Sequence[int]) -> torch.nn.ModuleList:
    """A linear layer for each label, from the network's vectors to one number per value; weights not yet drawn."""
    with torch.no_grad():
        dim = network.eval()(example).shape[1]
    return torch.nn.ModuleList(skip_init(torch.nn.Linear, dim, size) for size in sizes)


def draw_weights(network: torch.nn.Module, generator: torch.Generator) -> None:
    """Begin anew: linear and convolutional layers with random weights (He et al. 2015), batch norms as when made.

    torch draws the weights when a layer is made, but from a generator that all of a program shares. Biases become zero.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.reset_parameters()


def shuffled_batches(n: int, batch_size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """The numbers 0 … n-1 in a random order, in batches of one size; the remainder is left out."""
    order = torch.randperm(n, generator=generator)
    yield from order[: n - n % batch_size].split(batch_size)


def label_loss(logits: Sequence[torch.Tensor], truth: torch.Tensor) -> torch.Tensor:
    """Mean over the labels of the cross-entropy, - log softmax(z)[truth], each averaged over the known ones.

    Args:
        logits: for each label (b, number of its values).
        truth: (b, number of labels), whole numbers, `UNKNOWN` where a label is not known.
    """
    total = torch.zeros((), device=truth.device)
    for scores, right in zip(logits, truth.T, strict=True):
        entropies = torch.nn.functional.cross_entropy(scores, right, ignore_index=UNKNOWN, reduction="sum")
        total = total + entropies / (right != UNKNOWN).sum().clamp(min=1)  # a batch may hold no known label at all
    return total / len(logits)


def accuracies(logits: Sequence[torch.Tensor], truth: torch.Tensor) -> list[torch.Tensor]:
    """For each label the share of right answers among the known ones; NaN where none is known. As `label_loss`."""
    pairs = list(zip(logits, truth.T, strict=True))
    return [(scores.argmax(dim=1) == right)[right != UNKNOWN].float().mean() for scores, right in pairs]
