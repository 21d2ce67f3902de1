"""What remains of a sound when its frames are summed up: how loud each band is, how much it varies, and how fast."""

import torch
from torchaudio.functional import compute_deltas

DELTA_FRAMES = 5  # the slope of a coefficient is fitted over so many frames
STATISTICS = ("mean", "deviation", "deviation of the slope", "maximum", "minimum")


def frame_statistics(coefficients: torch.Tensor, n_frames: torch.Tensor) -> torch.Tensor:
    """Mean, deviation, deviation of the slope, maximum and minimum over time of each coefficient.

    Args:
        coefficients: (n, c, T), each row padded at its end to T frames.
        n_frames: (n,), how many frames of each row are real; padding does not count.

    Returns:
        (n, 5 * c), the five statistics one after the other.
    """
    time = torch.arange(coefficients.shape[-1], device=coefficients.device)
    # The last real frame goes on to the end, as compute_deltas itself goes on beyond the end of an unpadded sound.
    last = torch.minimum(time, n_frames[:, None] - 1)[:, None].expand_as(coefficients)
    slopes = compute_deltas(coefficients.gather(-1, last), win_length=DELTA_FRAMES, mode="replicate")
    real = (time < n_frames[:, None])[:, None]

    def over_time(values: torch.Tensor) -> torch.Tensor:
        return values.where(real, 0).sum(-1) / n_frames[:, None]

    def deviation(values: torch.Tensor) -> torch.Tensor:
        return over_time((values - over_time(values)[..., None]) ** 2).sqrt()

    largest = coefficients.where(real, -torch.inf).amax(-1)
    smallest = coefficients.where(real, torch.inf).amin(-1)
    return torch.cat([over_time(coefficients), deviation(coefficients), deviation(slopes), largest, smallest], dim=1)
