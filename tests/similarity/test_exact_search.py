"""top_k: hard cases for the short list against a slow oracle, other libraries, memory."""

import sys

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings, strategies as st
from sklearn.neighbors import NearestNeighbors
from torch.utils._python_dispatch import TorchDispatchMode

from mmr_toolkit.similarity.exact_search import ROUGH, RoughScores, ShortList, settled, top_k
from mmr_toolkit.similarity.measures import SIMILARITIES

CHUNK = 64  # of 16 k items or more, so that for k ≤ 4 the short list is used


def slow_top_k(queries, items, k, similarity):
    """All scores in float64, rounded to float32, sorted by falling score and then by position."""
    q, x = queries.double(), items.double()
    scores = SIMILARITIES[similarity](q, x)
    if similarity != "euclidean":  # sums that cancel are 0, see the test of it below
        lengths = q.norm(dim=1)[:, None] * x.norm(dim=1)
        scores = settled(scores, lengths if similarity == "inner_product" else torch.ones_like(lengths), q.shape[1])
    scores = scores.float()
    order = [sorted(range(len(row)), key=lambda j: (-row[j], j))[:k] for row in scores.tolist()]
    positions = torch.tensor(order)
    return scores.gather(1, positions), positions


def assert_exact(queries, items, k, similarity, chunk_size=CHUNK):
    scores, positions = top_k(queries, items, k, similarity, chunk_size)
    expected, where = slow_top_k(queries, items, k, similarity)
    assert positions.tolist() == where.tolist()
    torch.testing.assert_close(scores, expected, rtol=2**-23, atol=2**-149)  # one step of a float32


@pytest.fixture
def chunks_scored_as_a_whole(monkeypatch):
    """The starts of the chunks for which the short list was given up."""
    starts = []
    add = ShortList._add_best_of_chunk
    monkeypatch.setattr(ShortList, "_add_best_of_chunk", lambda self, start: (starts.append(start), add(self, start)))
    return starts


def normal(rng, n, d):
    return torch.from_numpy(rng.standard_normal((n, d))).float()


# The short list


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_short_list_is_short_and_exact_on_ordinary_vectors(rng, similarity, dtype, chunks_scored_as_a_whole):
    queries, items = normal(rng, 20, 24).to(dtype), normal(rng, 3000, 24).to(dtype)
    assert_exact(queries, items, 4, similarity, 256)
    assert chunks_scored_as_a_whole == []


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_error_of_rough_scores_is_never_above_what_they_promise(rng, similarity):
    """Checked on the number that the rough score stands for, in float64; and the promise is not idle."""
    for scale, d in ((1, 1), (1, 300), (1e-12, 40), (1e12, 40)):
        queries, items = normal(rng, 30, d) * scale, (normal(rng, 200, d) + 3) * scale
        rough, error = RoughScores(queries, items, similarity, 200).of_chunk(0)
        q, x = queries.double(), items.double()
        precise = SIMILARITIES[similarity](q, x)
        if similarity == "euclidean":
            precise = ((q - items.mean(dim=0).double()).square().sum(dim=1, keepdim=True) - precise.square()) / 2
        assert ((rough.T.double() - precise).abs() <= error[:, None]).all()
        assert float(error.max()) < 0.01 * float(precise.abs().max())


@pytest.mark.parametrize("precision, u", [("highest", 2.0**-24), ("high", 2.0**-10), ("medium", 2.0**-8)])
@pytest.mark.parametrize("similarity", ROUGH)
def test_the_promised_error_is_the_bound_of_the_book(rng, similarity, precision, u, monkeypatch):
    """(2 D + 16) u ‖q'‖ ‖x'‖ of the longest item, no less: real errors are far smaller, so only the formula tells."""
    monkeypatch.setattr(torch, "get_float32_matmul_precision", lambda: precision)
    queries, items = normal(rng, 5, 40), 3 * normal(rng, 70, 40) + 1
    _, error = RoughScores(queries, items, similarity, 50).of_chunk(0)  # the first 50 of them
    if similarity == "cosine":
        size = torch.ones(5, dtype=torch.float64)
    else:
        centre = items.double().mean(dim=0) if similarity == "euclidean" else 0
        of_query, longest = (queries.double() - centre).norm(dim=1), (items[:50].double() - centre).norm(dim=1).max()
        size = (of_query + longest) ** 2 if similarity == "euclidean" else of_query * longest
    torch.testing.assert_close(error.double(), 96 * u * size + 40 * 2.0**-125, rtol=1e-5, atol=0)


@pytest.mark.parametrize("similarity", ["inner_product", "euclidean"])
def test_where_float32_may_overflow_nothing_is_promised(similarity):
    """The sizes are known before anything is added up; tiny numbers cost at most D 2⁻¹²⁵."""
    x = torch.eye(2, dtype=torch.float64)
    for length, finite in ((1e15, True), (1e17, True), (3e18, similarity == "inner_product"), (1e19, False)):
        _, error = RoughScores(x * length, torch.cat([x, -x]) * length, similarity, 4).of_chunk(0)
        assert torch.isfinite(error).all() == finite, length
    _, error = RoughScores(x * 1e-30, x * 0, similarity, 2).of_chunk(0)
    assert (error >= 2 * 2.0**-125).all()


@pytest.mark.parametrize("precision", ["high", "medium"])
def test_exact_also_where_torch_may_multiply_less_precisely(rng, precision):
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        queries, items = normal(rng, 40, 64), normal(rng, 3000, 64)
        for similarity in SIMILARITIES:
            assert_exact(queries, items, 4, similarity, 512)
    finally:
        torch.set_float32_matmul_precision(before)


def test_exact_under_autocast(rng):
    queries, items = normal(rng, 10, 64), normal(rng, 1000, 64)
    expected = top_k(queries, items, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores, positions = top_k(queries, items, 4)
    assert positions.tolist() == expected[1].tolist()
    assert scores.tolist() == expected[0].tolist()


# Hard cases


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_many_copies_of_one_item_come_in_order(rng, similarity, chunks_scored_as_a_whole):
    queries, item = normal(rng, 5, 7), normal(rng, 1, 7)
    assert top_k(queries, item.repeat(1500, 1), 3, similarity, CHUNK)[1].tolist() == [[0, 1, 2]] * 5
    few = normal(rng, 6, 7)[torch.from_numpy(rng.integers(0, 6, 1500))]
    assert_exact(queries, few, 4, similarity)


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_a_long_list_is_shortened_by_precise_scores(rng, similarity, monkeypatch):
    """Items that come better and better fill the list; copies keep it full."""
    calls = []
    keep = ShortList._keep_k_best
    monkeypatch.setattr(ShortList, "_keep_k_best", lambda self: (calls.append(len(self.rows)), keep(self))[1])
    items = torch.cat([normal(rng, 500, 5) * 1e-3, torch.ones(1000, 5)])
    queries = torch.cat([torch.ones(1, 5), normal(rng, 50, 5)])
    queries[1:] -= queries[1:].mean(dim=1, keepdim=True) + 1
    assert_exact(torch.ones(3, 5), items, 2, similarity)
    assert_exact(queries, items, 2, similarity)
    assert max(calls) <= 51 * (16 * 2 + CHUNK)


@pytest.mark.parametrize("similarity", ROUGH)
def test_what_a_better_chunk_rules_out_leaves_the_list_without_a_precise_score(rng, similarity, monkeypatch):
    """Each chunk holds closer items than all before it: the list is emptied again and again by the floor alone."""
    lengths = []
    keep = ShortList._keep_k_best
    monkeypatch.setattr(ShortList, "_keep_k_best", lambda self: (lengths.append(len(self.rows)), keep(self))[1])
    query, items = normal(rng, 1, 8), normal(rng, 3000, 8)
    rising = items[top_k(query, items, 3000, similarity)[1][0]].flip(0)
    lengths.clear()
    assert_exact(query, rising, 4, similarity)
    assert len(lengths) == 1 and lengths[0] <= 16 * 4  # once, at the end


@pytest.mark.parametrize("similarity", ROUGH)
def test_a_chunk_of_16_k_items_is_long_enough_for_a_short_list_and_one_less_is_not(
    rng, similarity, chunks_scored_as_a_whole
):
    queries, items = normal(rng, 5, 24), normal(rng, 1000, 24)
    assert_exact(queries, items, 4, similarity, 64)
    assert chunks_scored_as_a_whole == []
    assert_exact(queries, items, 4, similarity, 63)
    assert chunks_scored_as_a_whole == list(range(0, 1000, 63))


@pytest.mark.parametrize(
    "similarity, what",  # no vector is a giant for the cosine
    [*((similarity, "a crowd") for similarity in ROUGH), ("inner_product", "a giant"), ("euclidean", "a giant")],
)
def test_after_a_chunk_that_was_scored_as_a_whole_the_others_are_still_searched(
    rng, similarity, what, chunks_scored_as_a_whole
):
    """The best items stand behind a chunk of copies, or one with a vector whose scores may overflow."""
    query, items = normal(rng, 1, 8), 0.1 * normal(rng, 4096, 8)
    if what == "a crowd":
        items[:2048] = 0.5 * query + 0.1 * normal(rng, 1, 8)
    else:
        items[7] *= -1e19 * torch.sign(items[7] @ query[0])
    items[2100] = items[4000] = query[0]
    positions = top_k(query, items, 2, similarity, 2048)[1]
    assert positions.tolist() == [[2100, 4000]]
    assert chunks_scored_as_a_whole[0] == 0


@pytest.mark.parametrize("similarity", ROUGH)
def test_a_few_copies_of_the_best_items_keep_the_list_short(rng, similarity, chunks_scored_as_a_whole):
    """12 copies in places far apart are more than k = 4, and far less than the 16 k that are one too many."""
    queries, items = normal(rng, 2, 24), 0.1 * normal(rng, 1024, 24)
    items[::80] = queries[0]
    assert_exact(queries[:1], items, 4, similarity, 1024)
    assert chunks_scored_as_a_whole == []


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_items_in_rising_and_in_falling_order(rng, similarity):
    queries, items = normal(rng, 6, 8), normal(rng, 1000, 8)
    best_first = items[top_k(queries[:1], items, 1000, similarity)[1][0]]
    assert_exact(queries, best_first, 4, similarity)
    assert_exact(queries, best_first.flip(0), 4, similarity)


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("scale", [1e-44, 1e-30, 1e-15, 1e15, 1e25])
def test_very_short_and_very_long_vectors(rng, similarity, scale):
    if similarity == "inner_product" and scale == 1e25:
        scale = 1e18  # the scores themselves must fit into float32
    assert_exact(normal(rng, 5, 6) * scale, normal(rng, 500, 6) * scale, 3, similarity)


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_one_huge_item_among_small_ones(rng, similarity):
    items = normal(rng, 700, 6)
    items[300] *= 1e18
    assert_exact(normal(rng, 5, 6), items, 4, similarity)


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("offset", [1e2, 1e5])
def test_near_vectors_far_from_the_origin(rng, similarity, dtype, offset):
    items = (torch.from_numpy(rng.standard_normal((900, 16))) * 1e-2 + offset).to(dtype)
    items[450:] *= -1  # two clusters: no centre suits both
    assert_exact(items[::100] + 1e-3, items, 4, similarity)


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_zero_queries_and_zero_items(rng, similarity):
    queries, items = normal(rng, 4, 5), normal(rng, 800, 5)
    queries[1], items[100:700] = 0, 0
    assert_exact(queries, items, 4, similarity)


small = st.integers(-2, 2).map(float)
few_rows = st.lists(st.lists(small, min_size=2, max_size=2), min_size=1, max_size=5)


@given(few_rows, few_rows, st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-3, 1e4]))
@example([[-1.0, 1.0]], [[0.0, 0.0]], 1, 0, 0.0)  # (−1, 1) with (ε, ε): a sum that cancels was once 0, once 2e-17
@example([[1.0, -1.0]], [[1.0, 1.0]], 1, 0, 0.0)
@settings(deadline=None, max_examples=20, derandomize=True)
def test_exact_with_heavy_ties_whatever_the_chunk(queries, kinds, k, seed, offset):
    """A few kinds of item, each many times over, some a hair's breadth from the others."""
    draw = np.random.default_rng(seed)
    items = torch.tensor(kinds)[torch.from_numpy(draw.integers(0, len(kinds), 150))] + offset
    items[::3] = torch.nextafter(items[::3], torch.tensor(torch.inf))
    for similarity in SIMILARITIES:
        for chunk_size in (7, 64, 150):
            assert_exact(torch.tensor(queries) + offset, items, k, similarity, chunk_size)


def test_a_sum_that_cancels_is_zero_and_a_small_one_is_not():
    scores = torch.tensor([2e-17, -2e-17, 1e-15, 0.5, 0.0], dtype=torch.float64)
    assert settled(scores, torch.ones(5).double(), 2).tolist() == [0.0, 0.0, 1e-15, 0.5, 0.0]
    assert settled(scores, torch.full((5,), 10.0).double(), 2).tolist() == [0.0, 0.0, 0.0, 0.5, 0.0]


# Other libraries


def of_dtype(rng, n, dtype):
    values = rng.standard_normal((n, 12)) * 4
    return torch.from_numpy(values).bfloat16() if dtype == "bfloat16" else values.astype(dtype)


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "int64", "int8"])
def test_equals_scikit_learn(rng, similarity, dtype):
    queries, items = of_dtype(rng, 15, dtype), of_dtype(rng, 900, dtype)
    scores, positions = top_k(queries, items, 4, similarity, CHUNK)
    q, x = (v.double().numpy() if dtype == "bfloat16" else v.astype(np.float64) for v in (queries, items))
    if similarity == "inner_product":
        expected = np.sort(-(q @ x.T), axis=1)[:, :4]
    else:
        metric = {"cosine": "cosine", "euclidean": "euclidean"}[similarity]
        expected, _ = NearestNeighbors(n_neighbors=4, metric=metric, algorithm="brute").fit(x).kneighbors(q)
        expected = expected - 1 if similarity == "cosine" else expected
    np.testing.assert_allclose(scores.numpy(), -expected, rtol=1e-6, atol=1e-6)
    found = SIMILARITIES[similarity](q, x).gather(1, positions)
    np.testing.assert_allclose(found.numpy(), -expected, rtol=1e-6, atol=1e-6)


@pytest.mark.skipif(sys.platform == "darwin", reason="two OpenMP runtimes, torch's and FAISS's, can crash on macOS")
@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_equals_faiss_on_many_items(rng, similarity):
    import faiss

    queries, items = normal(rng, 40, 32), normal(rng, 6000, 32)
    scores = top_k(queries, items, 10, similarity, 1000)[0]
    if similarity == "cosine":
        queries, items = (torch.nn.functional.normalize(v) for v in (queries, items))
    index = faiss.IndexFlatL2(32) if similarity == "euclidean" else faiss.IndexFlatIP(32)
    index.add(items.numpy())
    where = torch.from_numpy(index.search(queries.numpy(), 10)[1])
    torch.testing.assert_close(SIMILARITIES[similarity](queries, items).gather(1, where), scores, rtol=1e-4, atol=1e-4)


# Memory, device, gradients


class Largest(TorchDispatchMode):
    """Remembers how many numbers the largest tensor held that any operation returned."""

    numel = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, tuple | list) else [out]:
            if isinstance(tensor, torch.Tensor):
                self.numel = max(self.numel, tensor.numel())
        return out


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("copies", [False, True])
def test_no_tensor_is_larger_than_the_chunk_of_scores_or_the_items(rng, similarity, copies):
    queries, items = normal(rng, 100, 4), normal(rng, 20_000, 4)
    if copies:
        items[:] = items[:1].clone()
    with Largest() as largest:
        top_k(queries, items, 4, similarity, chunk_size=512)
    bound = max(items.numel(), 2 * 100 * 512)  # twice: where a score stands takes two numbers, row and column
    assert 100 * 512 <= largest.numel <= bound
    assert bound < 100 * 20_000 / 10


def test_vectors_that_are_learned_can_be_searched(rng):
    queries, items = normal(rng, 3, 4).requires_grad_(), normal(rng, 300, 4).requires_grad_()
    scores, positions = top_k(queries, items, 2, chunk_size=CHUNK)
    assert not scores.requires_grad
    assert positions.tolist() == top_k(queries.detach(), items.detach(), 2)[1].tolist()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_processor_does_not_change_the_ranking(rng, similarity):
    queries, items = normal(rng, 200, 64), normal(rng, 20_000, 64)
    items[5000:] = items[torch.from_numpy(rng.integers(0, 5000, 15_000))]
    scores, positions = top_k(queries, items, 10, similarity)
    on_gpu = top_k(queries.cuda(), items.cuda(), 10, similarity)
    assert on_gpu[1].tolist() == positions.tolist()
    assert on_gpu[0].tolist() == scores.tolist()


@pytest.mark.parametrize("chunk_size", [64, 4096])
def test_a_measure_that_only_the_table_knows_is_searched_by_its_own_formula(monkeypatch, rng, chunk_size):
    def manhattan(q, x):
        return 0 - torch.cdist(q, x, p=1)

    monkeypatch.setitem(SIMILARITIES, "manhattan", manhattan)
    q, x = torch.from_numpy(rng.normal(size=(5, 7))), torch.from_numpy(rng.normal(size=(3000, 7)))
    scores, positions = top_k(q, x, 3, "manhattan", chunk_size=chunk_size)
    wanted = manhattan(q, x).sort(dim=1, descending=True, stable=True)
    assert torch.equal(positions, wanted.indices[:, :3])
    torch.testing.assert_close(scores.double(), wanted.values[:, :3], atol=1e-6, rtol=1e-6)


def test_an_unknown_measure_is_an_error_whatever_else_is_wrong():
    one, none = torch.ones(1, 3), torch.ones(0, 3)
    for queries, items, k in (
        (one, one, 1),
        (one, none, 1),
        (one, torch.ones(1, 2), 1),
        (one, one, 0),
        (one, one, "1"),
    ):
        with pytest.raises(ValueError, match="unknown similarity 'dot'"):
            top_k(queries, items, k, "dot")
