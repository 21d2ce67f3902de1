"""Scores in float32 with a guarantee: how far from the precise score can they be?

Every measure becomes an inner product ⟨q', x'⟩ that rises with the score, because a matrix product is what processors
do fastest:

- inner product: q' = q, x' = x;
- cosine: q' = q / ‖q‖, x' = x / ‖x‖;
- Euclidean: q' = q − c, x' = x − c, and ‖x'‖² / 2 is taken off: ⟨q', x'⟩ − ‖x'‖² / 2 = (‖q'‖² − ‖q − x‖²) / 2. The
  centre c, the mean of the items, cancels; it only makes the lengths, and with them the rounding errors, small.

**The error.** float32 rounds a number by at most the part u = 2⁻²⁴. A sum of D products, in whatever order, is off by
at most about D u ‖q'‖ ‖x'‖ (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1). A length ‖x'‖
costs as much again, and a handful of single roundings come on top, the last of them that of the precise score itself
from float64 to float32. Together they stay below (2 D + 16) u ‖q'‖ ‖x'‖, and for the Euclidean distance, where the
sizes of three terms add up, below (2 D + 16) u (‖q'‖ + ‖x'‖)². Numbers too small for float32 add at most D 2⁻¹²⁵.
"""

import torch

from mmr_toolkit.vectors import unit_rows

ROUNDING = 2.0**-24  # float32
SMALLEST = 2.0**-125  # twice the smallest float32 with all its digits
LARGEST = 1e37  # lengths whose product is above it may overflow in float32


class RoughScores:
    """Rough scores of one block of queries with the items, chunk by chunk.

    Args:
        q: (n_query, D), float32 or float64.
        x: (n_item, D), of the same dtype and on the same device.
        similarity: a name in `mmr_toolkit.similarity.SIMILARITIES`.
        chunk_size: how many items at a time.
    """

    def __init__(self, q: torch.Tensor, x: torch.Tensor, similarity: str, chunk_size: int) -> None:
        self.x, self.similarity, self.chunk_size = x, similarity, chunk_size
        self.centre = x.mean(dim=0) if similarity == "euclidean" else None
        self.q = self._to_compare(q.double()).float().T
        self.q_length = torch.linalg.vector_norm(self.q, dim=0, dtype=torch.float64)
        # One room for the scores of all chunks: to ask for new memory each time costs more than the product.
        self.scores = torch.empty(chunk_size, len(q), device=x.device)

    def of_chunk(self, start: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Rough scores of the items from position `start` on.

        Returns:
            scores: (n, n_query) float32, **one row per item**; overwritten by the next call.
            error: (n_query,) float32, how far they may be off; infinite where float32 overflows.
        """
        x = self._to_compare(self.x[start : start + self.chunk_size]).float()
        scores = torch.mm(x, self.q, out=self.scores[: len(x)])
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True)
        longest = length.max().double()
        size = self.q_length * longest
        if self.similarity == "euclidean":
            scores.sub_(length.square() / 2)
            size = (self.q_length + longest).square()
        error = (2 * x.shape[1] + 16) * _rounding() * size + x.shape[1] * SMALLEST
        return scores, error.where(size < LARGEST, torch.inf).float()

    def _to_compare(self, vectors: torch.Tensor) -> torch.Tensor:
        """q' or x' of the page above, not yet in float32."""
        if self.similarity == "cosine":
            return unit_rows(vectors)
        return vectors if self.centre is None else vectors - self.centre


def _rounding() -> float:
    """u, or more where torch is allowed to multiply float32 less precisely (TF32, bfloat16)."""
    return {"highest": ROUNDING, "high": 2.0**-10, "medium": 2.0**-8}[torch.get_float32_matmul_precision()]
