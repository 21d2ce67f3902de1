"""The k closest items, exactly: `top_k`, as fast as one matrix product in float32 and as precise as float64.

To score all items precisely would waste most of the time, for nearly all of them are far from the best. So each item
first gets a rough score, from one matrix product in float32. It is wrong by no more than a known `error` (see
`RoughScores`): the precise score lies between low = rough − error and high = rough + error. As soon as k items are
known whose low is at least `floor`, an item with high < floor cannot be among the k best. The few others make the
short list; they are scored again in float64, and that alone decides the ranking.

Where rough scores cannot tell the items apart (many copies of one item, clusters far from each other) the list does
not get short. Then a chunk of items is scored in float64 as a whole: slower, never wrong.
"""

import operator

import torch

from mmr_toolkit.common.vectors import Array, as_pair, unit_rows
from mmr_toolkit.similarity.measures import Similarity, similarity_function

# Queries are searched in blocks of this many rows, so that memory is bounded however many come at once.
QUERY_BLOCK = 1024

#: The measures that have rough scores; any other in `SIMILARITIES` is computed in float64 throughout, pair by pair.
ROUGH = ("inner_product", "cosine", "euclidean")
ROUNDING = 2.0**-24  # float32
SMALLEST = 2.0**-125  # twice the smallest float32 with all its digits
LARGEST = 1e37  # lengths whose product is above it may overflow in float32


class RoughScores:
    """Scores in float32 of one block of queries with the items, chunk by chunk, and how far they may be off.

    Every measure becomes an inner product ⟨q', x'⟩ that rises with the score, because a matrix product is what
    processors do fastest:

    - inner product: q' = q, x' = x;
    - cosine: q' = q / ‖q‖, x' = x / ‖x‖;
    - Euclidean: q' = q − c, x' = x − c, and ‖x'‖² / 2 is taken off: ⟨q', x'⟩ − ‖x'‖² / 2 = (‖q'‖² − ‖q − x‖²) / 2. The
      centre c, the mean of the items, cancels; it only makes the lengths, and with them the rounding errors, small.

    **The error.** float32 rounds a number by at most the part u = 2⁻²⁴. A sum of D products, in whatever order, is off
    by at most about D u ‖q'‖ ‖x'‖ (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1). A
    length ‖x'‖ costs as much again, and a handful of single roundings come on top, the last of them that of the
    precise score itself from float64 to float32. Together they stay below (2 D + 16) u ‖q'‖ ‖x'‖, and for the
    Euclidean distance, where the sizes of three terms add up, below (2 D + 16) u (‖q'‖ + ‖x'‖)². Numbers too small
    for float32 add at most D 2⁻¹²⁵.

    Args:
        q: (n_query, D), float32 or float64.
        x: (n_item, D), of the same dtype and on the same device.
        similarity: a name in `mmr_toolkit.similarity.measures.SIMILARITIES`.
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
        """q' or x' of the text above, not yet in float32."""
        if self.similarity == "cosine":
            return unit_rows(vectors)
        return vectors if self.centre is None else vectors - self.centre


def _rounding() -> float:
    """u, or more where torch is allowed to multiply float32 less precisely (TF32, bfloat16)."""
    return {"highest": ROUNDING, "high": 2.0**-10, "medium": 2.0**-8}[torch.get_float32_matmul_precision()]


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
        chunk_size: how many items are compared at a time.
    """

    def __init__(
        self,
        q: torch.Tensor,
        x: torch.Tensor,
        k: int,
        similarity: Similarity,
        chunk_size: int,
    ) -> None:
        self.q, self.x, self.k, self.similarity = q, x, k, similarity
        self.chunk_size = min(chunk_size, len(x))
        # Apple's GPUs have no float64, and so nothing to be precise with.
        self.precise = torch.float32 if x.device.type == "mps" else torch.float64
        # The list: the row of the query, the position of the item, and `high` of that pair.
        self.rows = self.positions = torch.empty(0, dtype=torch.int64, device=x.device)
        self.highs = torch.empty(0, device=x.device)

    def search(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (n_query, k) float32 and positions (n_query, k) int64, best first, ties by position."""
        # Of a chunk that is not much longer than the list, the list would take nearly all.
        worth_it = self.chunk_size >= LONG * self.k and self.precise == torch.float64
        if worth_it and self.similarity in ROUGH:
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
        _, columns = stable_top_k(precise_scores(q, chunk, self.similarity), self.k)
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
        if self.similarity not in ROUGH:
            compare = similarity_function(self.similarity)
            return torch.cat([compare(one[None], other[None])[0] for one, other in zip(q, x, strict=True)]).float()
        if self.similarity == "euclidean":
            return (0 - torch.linalg.vector_norm(q - x, dim=1)).float()
        if self.similarity == "cosine":
            cosines = (unit_rows(q) * unit_rows(x)).sum(dim=1).clamp(-1, 1)
            return settled(cosines, torch.ones_like(cosines), q.shape[1]).float()
        return settled((q * x).sum(dim=1), q.norm(dim=1) * x.norm(dim=1), q.shape[1]).float()


def precise_scores(q: torch.Tensor, x: torch.Tensor, similarity: Similarity) -> torch.Tensor:
    """The measure as `top_k` compares it: (n_query, n_item) float32, of q and x in float64."""
    scores = similarity_function(similarity)(q, x)
    if similarity == "inner_product":
        scores = settled(scores, q.norm(dim=1)[:, None] * x.norm(dim=1), q.shape[1])
    elif similarity == "cosine":
        scores = settled(scores, torch.ones_like(scores), q.shape[1])
    return scores.float()


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


def top_k(
    queries: Array, items: Array, k: int, similarity: Similarity = "cosine", chunk_size: int = 4096
) -> tuple[torch.Tensor, torch.Tensor]:
    """The k closest items of every query: exact, best first, without ever holding all scores at once.

    The items are read in chunks. After each chunk only those are kept that may still be among the k best, so the
    memory is that of `chunk_size` columns, not of the whole (n_query, n_item) matrix. Rough scores in float32 with a
    known error make a short list (see `mmr_toolkit.similarity.exact_search`); precise ones decide.

    **Ties** go to the item with the lower position. The precise scores are summed in float64 and rounded to float32
    before they are compared, because a float32 sum may differ in its last digit between chunks and between
    processors: this way two equal items do get equal scores, and the ranking does not depend on `chunk_size`.

    Args:
        queries: (n_query, D), array or tensor.
        items: (n_item, D), array or tensor, at least one row.
        k: how many items per query, at least 1; more than n_item gives all n_item.
        similarity: a name in `SIMILARITIES`.
        chunk_size: how many items are compared at a time.

    Returns:
        scores (n_query, min(k, n_item)) float32, falling from left to right, and
        positions (n_query, min(k, n_item)) int64: row numbers in `items`. Both on the device of the input.

    Raises:
        TypeError: k or chunk_size is not a whole number, or the vectors are no array or tensor.
        ValueError: k or chunk_size below 1, no items, an unknown similarity, or vectors that do not fit.

    Example:
        >>> scores, positions = top_k(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0], [2.0, 0.0]]), k=1)
        >>> scores, positions
        (tensor([[1.]]), tensor([[1]]))
    """
    similarity_function(similarity)  # an unknown one is an error, whatever else is wrong
    k, chunk_size = _at_least_one(k, "k"), _at_least_one(chunk_size, "chunk_size")
    q, x = (vectors.detach() for vectors in as_pair(queries, items))
    if len(x) == 0:
        raise ValueError("items has no rows: there is nothing to search.")
    k = min(k, len(x))
    blocks = [ShortList(block, x, k, similarity, chunk_size).search() for block in q.split(QUERY_BLOCK)]
    scores, positions = zip(*blocks, strict=True)
    return torch.cat(scores), torch.cat(positions)


def _at_least_one(value: int, name: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {value!r}.") from None
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {number}.")
    return number
