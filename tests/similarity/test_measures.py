"""Similarity: values by hand, a slow oracle, two other libraries, properties, ties, errors."""

import sys
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances

from mmr_toolkit.similarity.exact_search import QUERY_BLOCK, top_k
from mmr_toolkit.similarity.measures import SIMILARITIES, cosine, euclidean, inner_product, similarity_function

SHAPES = [(1, 1, 1), (3, 17, 33), (7, 501, 64), (20, 100, 300)]  # n_query, n_item, D
TOLERANCE = {torch.float64: 1e-12, torch.float32: 2e-6, torch.bfloat16: 2e-6}  # bfloat16 is summed in float32
DTYPES = list(TOLERANCE)


def vectors(rng, n, d, dtype=torch.float32):
    """Random rows of very different length."""
    return torch.from_numpy(rng.standard_normal((n, d)) * rng.uniform(0.2, 5, (n, 1))).to(dtype)


def slow_score(q, x, similarity):
    """The definition, number by number, in double precision."""
    q, x = [float(v) for v in q], [float(v) for v in x]
    product = sum(a * b for a, b in zip(q, x, strict=True))
    if similarity == "inner_product":
        return product
    if similarity == "euclidean":
        return -(sum((a - b) ** 2 for a, b in zip(q, x, strict=True)) ** 0.5)
    lengths = sum(a * a for a in q) ** 0.5 * sum(b * b for b in x) ** 0.5
    return product / lengths if lengths > 0 else 0.0


def slow_top_k(scores, k):
    """Sort all items by falling score, then by position."""
    rows = [sorted(range(len(row)), key=lambda j: (-row[j], j))[:k] for row in scores.tolist()]
    return torch.tensor(rows)


def sklearn_scores(q, x, similarity):
    q, x = q.double().numpy(), x.double().numpy()
    return {"inner_product": q @ x.T, "cosine": cosine_similarity(q, x), "euclidean": -euclidean_distances(q, x)}[
        similarity
    ]


# Values


def test_worked_by_hand():
    queries = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    items = torch.tensor([[3.0, 4.0], [6.0, 8.0], [-4.0, 3.0], [0.0, 0.0]])
    assert inner_product(queries, items).tolist() == [[25, 50, 0, 0], [4, 8, 3, 0]]
    torch.testing.assert_close(cosine(queries, items), torch.tensor([[1, 1, 0, 0], [0.8, 0.8, 0.6, 0]]))
    roots = torch.tensor([[0, 25, 50, 25], [18, 85, 20, 1]]).sqrt()
    torch.testing.assert_close(euclidean(queries, items), -roots)


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_equals_the_definition(rng, similarity, dtype):
    queries, items = vectors(rng, 3, 5, dtype), vectors(rng, 4, 5, dtype)
    expected = torch.tensor([[slow_score(q, x, similarity) for x in items] for q in queries], dtype=torch.float64)
    result = SIMILARITIES[similarity](queries, items)
    assert result.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    torch.testing.assert_close(result.double(), expected, rtol=TOLERANCE[dtype], atol=10 * TOLERANCE[dtype])


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_equals_scikit_learn(rng, similarity, shape, dtype):
    n_query, n_item, d = shape
    queries, items = vectors(rng, n_query, d, dtype), vectors(rng, n_item, d, dtype)
    expected = torch.from_numpy(sklearn_scores(queries, items, similarity))
    result = SIMILARITIES[similarity](queries, items)
    assert result.shape == (n_query, n_item)
    # Inner products of vectors this long reach hundreds: rounding is relative to the largest of them.
    atol = TOLERANCE[dtype] * max(1.0, float(expected.abs().max()))
    torch.testing.assert_close(result.double(), expected, rtol=TOLERANCE[dtype], atol=atol)


@pytest.mark.skipif(sys.platform == "darwin", reason="two OpenMP runtimes, torch's and FAISS's, can crash on macOS")
@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("shape", SHAPES)
def test_top_k_equals_faiss(rng, similarity, shape):
    import faiss

    n_query, n_item, d = shape
    queries, items = vectors(rng, n_query, d).numpy(), vectors(rng, n_item, d).numpy()
    k = min(10, n_item)
    scores, positions = top_k(queries, items, k, similarity, chunk_size=64)
    if similarity == "cosine":  # FAISS has no cosine: it is the inner product of vectors that one normalises first
        queries, items = queries.copy(), items.copy()
        faiss.normalize_L2(queries)
        faiss.normalize_L2(items)
    index = faiss.IndexFlatL2(d) if similarity == "euclidean" else faiss.IndexFlatIP(d)
    index.add(items)
    found, where = index.search(queries, k)
    found = -np.sqrt(np.maximum(found, 0)) if similarity == "euclidean" else found  # FAISS gives squared distances
    np.testing.assert_allclose(scores.numpy(), found, rtol=1e-4, atol=1e-4)
    everything = SIMILARITIES[similarity](queries, items)
    for places in (positions, torch.from_numpy(where)):
        torch.testing.assert_close(everything.gather(1, places), scores, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", DTYPES)
def test_on_unit_vectors_the_three_rank_alike(rng, dtype):
    queries, items = (torch.nn.functional.normalize(vectors(rng, n, 16)).to(dtype) for n in (20, 400))
    # Rounded to bfloat16 the lengths are only nearly one, and so the three rankings only nearly equal.
    if dtype == torch.bfloat16:
        queries, items = (torch.nn.functional.normalize(v.float()) for v in (queries, items))
    rankings = [top_k(queries, items, 10, similarity)[1].tolist() for similarity in SIMILARITIES]
    assert rankings[0] == rankings[1] == rankings[2]
    c = cosine(queries, items).double()
    torch.testing.assert_close(euclidean(queries, items).double() ** 2, 2 - 2 * c, rtol=1e-4, atol=1e-5)


def test_on_raw_vectors_the_three_part(rng):
    queries, items = vectors(rng, 50, 16), vectors(rng, 400, 16)
    tops = {name: top_k(queries, items, 10, name)[1].tolist() for name in SIMILARITIES}

    def overlap(a, b):
        return np.mean([len(set(r) & set(s)) / 10 for r, s in zip(tops[a], tops[b], strict=True)])

    assert overlap("inner_product", "cosine") < 0.8
    assert overlap("cosine", "euclidean") < 0.8
    assert overlap("inner_product", "euclidean") < 0.5


# Accuracy


@pytest.mark.parametrize("offset", [0.0, 1e2, 1e4])
def test_euclidean_is_accurate_for_near_vectors_far_from_the_origin(rng, offset):
    items = torch.from_numpy(rng.standard_normal((50, 64)) * 1e-2 + offset).float()
    queries = items[:5] + torch.from_numpy(rng.standard_normal((5, 64)) * 1e-2).float()
    expected = -torch.linalg.vector_norm(queries.double()[:, None] - items.double()[None], dim=2)
    torch.testing.assert_close(euclidean(queries, items).double(), expected, rtol=1e-5, atol=0)
    assert top_k(queries, items, 5, "euclidean")[1].tolist() == slow_top_k(expected, 5).tolist()


def test_the_expanded_square_would_fail_there(rng):
    """Shows that the test above can tell the difference."""
    items = torch.from_numpy(rng.standard_normal((50, 64)) * 1e-2 + 1e4).float()
    exact = torch.linalg.vector_norm(items.double()[:, None] - items.double()[None], dim=2)
    squares = (items**2).sum(dim=1)
    expanded = (squares[:, None] - 2 * items @ items.T + squares[None]).clamp(min=0).sqrt()
    assert float((expanded.double() - exact).abs().max()) > 1


def test_a_vector_is_at_distance_zero_and_cosine_one_from_itself(rng):
    x = vectors(rng, 200, 33)
    assert torch.diagonal(euclidean(x, x)).tolist() == [0.0] * 200
    assert not torch.signbit(torch.diagonal(euclidean(x, x))).any()  # 0, not -0
    c = cosine(x, x)
    assert float(c.max()) <= 1
    torch.testing.assert_close(torch.diagonal(c), torch.ones(200), rtol=0, atol=1e-6)
    assert top_k(x, x, 1, "cosine")[0].max() <= 1


@pytest.mark.parametrize("scale", [1e-30, 1e-10, 1e10, 1e30])
def test_cosine_of_very_small_and_very_large_vectors(rng, scale):
    x, y = vectors(rng, 5, 8), vectors(rng, 6, 8)
    torch.testing.assert_close(cosine(x * scale, y), cosine(x, y))


def test_zero_vectors():
    zero, one = torch.zeros(1, 3), torch.ones(1, 3)
    assert cosine(zero, zero).item() == cosine(zero, one).item() == cosine(one, zero).item() == 0
    assert inner_product(zero, one).item() == 0
    assert euclidean(zero, one).item() == pytest.approx(-(3**0.5))


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_gradients_are_finite_even_at_zero_and_at_equal_vectors(similarity):
    q = torch.tensor([[1.0, 2.0], [0.0, 0.0]], requires_grad=True)
    x = torch.tensor([[1.0, 2.0], [0.5, 0.0], [0.0, 0.0]])
    SIMILARITIES[similarity](q, x).sum().backward()
    assert torch.isfinite(q.grad).all()
    assert q.grad[0].abs().sum() > 0


def test_the_gradient_of_cosine_is_the_true_one(rng):
    q = vectors(rng, 2, 4, torch.float64).requires_grad_()
    x = vectors(rng, 3, 4, torch.float64)
    assert torch.autograd.gradcheck(lambda q: cosine(q, x), q)


# Properties

numbers = st.floats(-100, 100, width=32)
rows = st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=4)


@given(rows, rows, st.floats(0.01, 100))
@settings(deadline=None)
def test_cosine_does_not_change_with_scale(q, x, scale):
    q, x = torch.tensor(q, dtype=torch.float64), torch.tensor(x, dtype=torch.float64)
    torch.testing.assert_close(cosine(q * scale, x), cosine(q, x), rtol=1e-9, atol=1e-9)


@given(rows, rows, st.lists(numbers, min_size=3, max_size=3))
@settings(deadline=None)
def test_euclidean_does_not_change_with_a_shift(q, x, shift):
    q, x, shift = (torch.tensor(v, dtype=torch.float64) for v in (q, x, shift))
    torch.testing.assert_close(euclidean(q + shift, x + shift), euclidean(q, x), rtol=1e-9, atol=1e-9)


@given(rows, rows)
@settings(deadline=None)
def test_symmetric_bounded_and_higher_is_closer(q, x):
    q, x = torch.tensor(q), torch.tensor(x)
    for similarity in SIMILARITIES.values():
        torch.testing.assert_close(similarity(q, x), similarity(x, q).T, rtol=1e-5, atol=1e-2)
    assert cosine(q, x).abs().max() <= 1
    assert euclidean(q, x).max() <= 0


@given(
    st.lists(st.lists(st.integers(-2, 2), min_size=12, max_size=12), min_size=1, max_size=3),
    st.integers(1, 15),
    st.integers(1, 13),
)
@settings(deadline=None)
def test_top_k_orders_ties_by_position_whatever_the_chunk(scores, k, chunk_size):
    """Whole-number scores with many ties: items are unit vectors, so the inner product picks the number itself."""
    queries, items = torch.tensor(scores, dtype=torch.float32), torch.eye(12)
    expected = slow_top_k(queries, k)
    found, positions = top_k(queries, items, k, "inner_product", chunk_size)
    assert positions.tolist() == expected.tolist()
    assert found.tolist() == queries.gather(1, expected).tolist()


# top_k


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("k", [1, 9, 10, 40, 101, 1000])
def test_top_k_equals_sorting_everything(rng, similarity, k):
    queries, items = vectors(rng, 6, 8), vectors(rng, 101, 8)
    everything = SIMILARITIES[similarity](queries.double(), items.double()).float()
    scores, positions = top_k(queries, items, k, similarity, chunk_size=10)
    assert scores.shape == positions.shape == (6, min(k, 101))
    assert scores.dtype == torch.float32
    assert positions.dtype == torch.int64
    assert positions.tolist() == slow_top_k(everything, k).tolist()
    torch.testing.assert_close(scores, everything.gather(1, positions), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_equal_items_tie_in_every_chunking_and_batch(rng, similarity):
    """In float32 the same item can get another last digit elsewhere in the matrix; the ranking must not show it."""
    items = vectors(rng, 40, 33)[torch.from_numpy(rng.integers(0, 40, 300))]
    queries = vectors(rng, 17, 33)
    scores, positions = top_k(queries, items, 300, similarity)
    for row_scores, row in zip(scores.tolist(), positions.tolist(), strict=True):
        assert all(
            s > t or (s == t and i < j) for s, t, i, j in zip(row_scores, row_scores[1:], row, row[1:], strict=False)
        )
    for chunk_size in (1, 7, 64, 299, 300):
        again = top_k(queries, items, 300, similarity, chunk_size)
        assert again[1].tolist() == positions.tolist()
        assert again[0].tolist() == scores.tolist()
    one_by_one = [top_k(q[None], items, 300, similarity)[1][0].tolist() for q in queries]
    assert one_by_one == positions.tolist()


def test_more_queries_than_a_block(rng):
    queries, items = vectors(rng, QUERY_BLOCK + 3, 4), vectors(rng, 20, 4)
    scores, positions = top_k(queries, items, 3)
    assert scores.shape == (QUERY_BLOCK + 3, 3)
    assert positions[-1].tolist() == top_k(queries[-1:], items, 3)[1][0].tolist()


def test_no_queries_give_no_rows():
    scores, positions = top_k(torch.zeros(0, 4), torch.ones(5, 4), 3)
    assert scores.shape == positions.shape == (0, 3)
    assert inner_product(torch.zeros(0, 4), torch.ones(5, 4)).shape == (0, 5)


def test_numpy_and_torch_give_the_same_and_inputs_stay_as_they_were(rng):
    q, x = rng.standard_normal((3, 4)).astype(np.float32), rng.standard_normal((5, 4)).astype(np.float32)
    before = x.copy()
    x.flags.writeable = False  # as read from a file; torch would warn about it
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for similarity in SIMILARITIES.values():
            torch.testing.assert_close(similarity(q, x), similarity(torch.tensor(q), torch.tensor(before)))
    top_k(q, x[::-1], 2)
    assert (x == before).all()


def test_whole_numbers_and_mixed_dtypes():
    assert inner_product(np.array([[1, 2]]), np.array([[3, 4]], dtype=np.int8)).tolist() == [[11.0]]
    assert inner_product(np.ones((1, 2)), torch.ones(1, 2)).dtype == torch.float64
    assert inner_product(np.ones((1, 2), dtype=">f4"), torch.ones(1, 2, dtype=torch.float16)).dtype == torch.float32


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_result_is_where_the_tensors_are(rng, similarity):
    queries, items = vectors(rng, 5, 16), vectors(rng, 300, 16)
    scores, positions = top_k(queries.numpy(), items.cuda(), 10, similarity)
    assert scores.is_cuda
    assert positions.is_cuda
    assert positions.tolist() == top_k(queries, items, 10, similarity)[1].tolist()
    with pytest.raises(ValueError, match=r"queries are on cpu and items on cuda:0: move one"):
        inner_product(queries, items.cuda())


# Errors


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_vectors_that_do_not_fit(similarity):
    compare = SIMILARITIES[similarity]
    with pytest.raises(ValueError, match=r"queries have 3 dimensions and items have 4"):
        compare(torch.ones(1, 3), torch.ones(2, 4))
    with pytest.raises(ValueError, match=r"queries: expected shape \(n, d\).*got \(3,\).*queries\[None, :\]"):
        compare(torch.ones(3), torch.ones(2, 3))
    with pytest.raises(ValueError, match=r"items: expected shape \(n, d\).*got \(1, 2, 3\)"):
        compare(torch.ones(1, 3), np.ones((1, 2, 3)))
    for bad in (float("nan"), float("inf"), float("-inf")):
        items = torch.ones(4, 3)
        items[2, 1] = bad
        with pytest.raises(ValueError, match=r"items: row 2 holds nan or infinity"):
            compare(torch.ones(1, 3), items)
    with pytest.raises(TypeError, match=r"queries: expected a NumPy array or a torch tensor .* got list"):
        compare([[1.0]], torch.ones(1, 1))
    with pytest.raises(TypeError, match=r"items: expected real numbers, got an array of dtype complex128"):
        compare(torch.ones(1, 1), np.ones((1, 1)) * 1j)
    with pytest.raises(TypeError, match=r"items: expected real numbers, got a tensor of dtype torch.complex64"):
        compare(torch.ones(1, 1), torch.ones(1, 1) * 1j)


def test_unknown_similarity_lists_the_table():
    for call in (
        lambda: similarity_function("manhattan"),
        lambda: top_k(torch.ones(1, 2), torch.ones(1, 2), 1, "manhattan"),
    ):
        with pytest.raises(ValueError, match=r"unknown similarity 'manhattan'.*" + ", ".join(SIMILARITIES)):
            call()


@pytest.mark.parametrize("name", ["k", "chunk_size"])
def test_k_and_chunk_size_must_be_at_least_one(name):
    q = torch.ones(1, 2)
    for bad in (0, -3):
        with pytest.raises(ValueError, match=rf"{name} must be at least 1, got {bad}"):
            top_k(q, q, **({"k": 1} | {name: bad}))
    with pytest.raises(TypeError, match=rf"{name} must be a whole number, got 2.5"):
        top_k(q, q, **({"k": 1} | {name: 2.5}))
    assert top_k(q, q, k=np.int64(1))[1].tolist() == [[0]]


def test_no_items():
    with pytest.raises(ValueError, match="items has no rows"):
        top_k(torch.ones(1, 2), torch.ones(0, 2), 1)


def test_scores_that_overflow():
    huge = torch.tensor([[1e300, -1e300]], dtype=torch.float64)
    with pytest.raises(ValueError, match="the scores overflow"):
        top_k(huge, huge.flip(1).abs(), 1, "inner_product")
