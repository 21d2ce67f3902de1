"""Exact search at the speed of float32: a short list first, then the precise scores of the few items on it.

To score all items precisely would waste most of the time, for nearly all of them are far from the best. So each item
first gets a rough score, from one matrix product in float32. It is wrong by no more than a known `error` (see
`rough_scores`): the precise score lies between low = rough − error and high = rough + error. As soon as k items are
known whose low is at least `floor`, an item with high < floor cannot be among the k best. The few others make the
short list; they are scored again in float64, and that alone decides the ranking.

Where rough scores cannot tell the items apart (many copies of one item, clusters far from each other) the list does
not get short. Then a chunk of items is scored in float64 as a whole: slower, never wrong.
"""

from collections.abc import Callable

import torch

from mmr_toolkit.rough_scores import RoughScores
from mmr_toolkit.vectors import unit_rows

GROUP = 32  # rough scores are looked through in groups of up to this many items, by the highest of each
LONG = 16  # with more than LONG · k items per query, a list is not short
PAIRS = 8192  # so many pairs of a query and an item are scored precisely at a time


class ShortList:
    """The items that may be among the k closest, for one block of queries.

    Args:
        q: (n_query, D), float32 or float64.
        x: (n_item, D), of the same dtype and on the same device.
        k: how many items per query, at most n_item.
        similarity: the name of the measure.
        compare: the measure itself.
        chunk_size: how many items are compared at a time.
    """

    def __init__(
        self,
        q: torch.Tensor,
        x: torch.Tensor,
        k: int,
        similarity: str,
        compare: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        chunk_size: int,
    ) -> None:
        self.q, self.x, self.k, self.similarity, self.compare = q, x, k, similarity, compare
        self.chunk_size = min(chunk_size, len(x))
        # Apple's GPUs have no float64, and so nothing to be precise with.
        self.precise = torch.float32 if x.device.type == "mps" else torch.float64
        # The list: the row of the query, the position of the item, and `high` of that pair.
        self.rows = self.positions = torch.empty(0, dtype=torch.int64, device=x.device)
        self.highs = torch.empty(0, device=x.device)

    def search(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (n_query, k) float32 and positions (n_query, k) int64, best first, ties by position."""
        # Of a chunk that is not much longer than the list, the list would take nearly all.
        if self.precise == torch.float64 and self.chunk_size >= LONG * self.k:
            self._look_through_roughly()
        else:
            for start in range(0, len(self.x), self.chunk_size):
                self._add_best_of_chunk(start)
        scores = self._keep_k_best()
        return scores.view(len(self.q), self.k), self.positions.view(len(self.q), self.k)

    def _look_through_roughly(self) -> None:
        """Put on the list what may be among the k best, as far as rough scores tell."""
        rough = RoughScores(self.q, self.x, self.similarity, self.chunk_size)
        width = min(GROUP, self.chunk_size // (4 * self.k))
        # The k highest lows so far: of k different items, since each is the highest of another group.
        lows = torch.full((self.k, len(self.q)), -torch.inf, device=self.x.device)
        for start in range(0, len(self.x), self.chunk_size):
            scores, error = rough.of_chunk(start)
            if not torch.isfinite(error).all():
                self._add_best_of_chunk(start)
                continue
            if len(scores) % width:
                scores = torch.nn.functional.pad(scores, (0, 0, 0, -len(scores) % width), value=-torch.inf)
            groups = scores.unflatten(0, (-1, width))  # (n_group, width, n_query)
            highest = groups.amax(dim=1)
            lows = torch.cat([lows, highest - error]).topk(self.k, dim=0).values
            floor = lows[-1]
            group, row = (highest >= floor - error).nonzero(as_tuple=True)
            if len(row) > LONG * self.k * len(self.q):
                self._add_best_of_chunk(start)
                continue
            highs = groups[group, :, row] + error[row, None]
            hit, place = (highs >= floor[row, None]).nonzero(as_tuple=True)
            self._add(row[hit], start + group[hit] * width + place, highs[hit, place], floor)
        may_be_best = self.highs >= lows[-1][self.rows]
        self._keep(may_be_best)

    def _add_best_of_chunk(self, start: int) -> None:
        """Score a chunk precisely and put its k best on the list; their `high` is infinite, so that they stay."""
        chunk = self.x[start : start + self.chunk_size].to(self.precise)
        q = self.q.to(self.precise)
        scores = self.compare(q, chunk)
        if self.similarity == "inner_product":
            scores = settled(scores, q.norm(dim=1)[:, None] * chunk.norm(dim=1), q.shape[1])
        elif self.similarity == "cosine":
            scores = settled(scores, torch.ones_like(scores), q.shape[1])
        _, columns = stable_top_k(scores.float(), self.k)
        rows = torch.arange(len(columns), device=columns.device).repeat_interleave(columns.shape[1])
        self._add(rows, start + columns.flatten(), torch.full(rows.shape, torch.inf, device=rows.device))

    def _add(
        self, rows: torch.Tensor, positions: torch.Tensor, highs: torch.Tensor, floor: torch.Tensor | None = None
    ) -> None:
        self.rows = torch.cat([self.rows, rows])
        self.positions = torch.cat([self.positions, positions])
        self.highs = torch.cat([self.highs, highs])
        too_many = LONG * self.k * len(self.q)
        if len(self.rows) > too_many and floor is not None:
            self._keep(self.highs >= floor[self.rows])
        if len(self.rows) > too_many:
            self._keep_k_best()

    def _keep(self, which: torch.Tensor) -> None:
        """Keep a part of the list: a mask, or places in a new order."""
        self.rows, self.positions, self.highs = self.rows[which], self.positions[which], self.highs[which]

    def _keep_k_best(self) -> torch.Tensor:
        """Score the list precisely; keep the k best of each query, in order, and return their scores."""
        pairs = zip(self.rows.split(PAIRS), self.positions.split(PAIRS), strict=True)
        scores = torch.cat([self._score_pairs(rows, positions) for rows, positions in pairs])
        order = self.positions.argsort()
        order = order[scores[order].argsort(descending=True, stable=True)]
        order = order[self.rows[order].argsort(stable=True)]  # by query, then falling score, then position
        rows = self.rows[order]
        rank = torch.arange(len(rows), device=rows.device) - torch.searchsorted(rows, rows)
        order = order[rank < self.k]
        self._keep(order)
        return scores[order]

    def _score_pairs(self, rows: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """The measure, one query with one item: float32 (n,), summed in float64."""
        q, x = self.q[rows].to(self.precise), self.x[positions].to(self.precise)
        if self.similarity == "euclidean":
            return (0 - torch.linalg.vector_norm(q - x, dim=1)).float()
        if self.similarity == "cosine":
            cosines = (unit_rows(q) * unit_rows(x)).sum(dim=1).clamp(-1, 1)
            return settled(cosines, torch.ones_like(cosines), q.shape[1]).float()
        return settled((q * x).sum(dim=1), q.norm(dim=1) * x.norm(dim=1), q.shape[1]).float()


def settled(scores: torch.Tensor, size: torch.Tensor, dim: int) -> torch.Tensor:
    """Scores with 0 where a sum has cancelled: what is left there is rounding, and differs between processors.

    Args:
        scores: sums of `dim` products.
        size: ‖q‖ ‖x‖ of each, of the same shape; the rounding errors of a sum stay below dim · ε · ‖q‖ ‖x‖.
        dim: D.
    """
    cancelled = scores.abs() <= dim * torch.finfo(scores.dtype).eps * size  # never true of nan, which is an error
    return scores.where(~cancelled, 0)


def stable_top_k(scores: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The k largest of each row and their columns, best first, equal scores by lower column.

    `torch.topk` finds the right values but, among equal ones, any columns. So it only tells the k-th largest value;
    every column above it is in, and of those equal to it the leftmost fill the places that remain.

    Raises:
        ValueError: a score that is no number.
    """
    k = min(k, scores.shape[1])
    largest = scores.topk(k, dim=1).values
    if largest[:, 0].isnan().any():  # topk counts nan as largest
        raise ValueError("the scores overflow: bring the vectors to a smaller scale.")
    kth = largest[:, -1:]
    above, equal = scores > kth, scores == kth
    places_left = k - above.sum(dim=1, keepdim=True)
    chosen = above | (equal & (equal.cumsum(dim=1) <= places_left))
    columns = chosen.nonzero()[:, 1].view(len(scores), k)  # row by row, from left to right
    values, order = scores.gather(1, columns).sort(dim=1, descending=True, stable=True)
    return values, columns.gather(1, order)
