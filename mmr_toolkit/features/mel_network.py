"""A small convolutional network that reads log-Mel spectrograms of any length."""

import torch
from torch import nn

CHANNELS = (16, 32, 64, 96)  # of the four blocks
STRIDES = ((2, 2), (2, 2), (2, 2), (2, 1))  # bands, frames; in the end frames are 80 ms apart and hear 310 ms each


class MelNetwork(nn.Module):
    """Four convolutions over bands and frames, mean and maximum over the frames, one linear layer.

    A spectrogram is not a picture: moved to the right it is the same sound a little later, moved up it is another
    sound. So what is pooled away in the end is time alone, and the bands stay apart.

    The frames after the end of a sound are put to silence before every convolution and left out of the pooling, so
    that a sound has the same vector alone and among longer ones.
    """

    def __init__(self, n_mels: int, dim: int) -> None:
        """A network with random weights.

        Args:
            n_mels: bands of the spectrograms.
            dim: length of the vectors.
        """
        super().__init__()
        self.n_mels, self.dim = n_mels, dim
        pairs = zip((1, *CHANNELS), CHANNELS, STRIDES, strict=False)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU(inplace=True)
            )
            for n_in, n_out, stride in pairs
        )
        n_bands = n_mels
        for stride, _ in STRIDES:
            n_bands = -(-n_bands // stride)
        self.project = nn.Linear(2 * CHANNELS[-1] * n_bands, dim)
        self.centre = nn.BatchNorm1d(dim, affine=False)  # cosines need vectors around the origin

    def forward(self, levels: torch.Tensor) -> torch.Tensor:
        """One vector per sound.

        Args:
            levels: (b, n_mels, T), 0 for the floor to 1 for the loudest point; NaN in the frames after a sound's end.

        Returns:
            (b, dim).
        """
        real = levels[:, None, :1].isfinite()  # (b, 1, 1, T)
        maps = levels[:, None].where(real, 0)
        for block, (_, stride) in zip(self.blocks, STRIDES, strict=True):
            real = real[..., ::stride]  # a frame of the result is centred on every stride-th one before
            maps = block(maps).where(real, 0)
        mean = maps.sum(dim=-1) / real.sum(dim=-1)
        largest = maps.amax(dim=-1)  # of numbers that are not negative, so the zeros never win
        return self.centre(self.project(torch.cat([mean, largest], dim=1).flatten(1)))
