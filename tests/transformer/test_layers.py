"""The layers against the paper's equations in plain loops."""

import math

import numpy as np
import pytest
from scipy.special import ndtr, softmax

from explorer.transformer import layers
from explorer.transformer.configuration import Configuration
from explorer.transformer.layers import (
    causal_mask,
    dropout,
    feed_forward,
    multi_head_attention,
    sinusoidal_positions,
    sublayer,
)
from explorer.transformer.operations import Scale
from explorer.transformer.tape import Tape

D, HEADS = 6, 3


def random_array(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def tape_with(*names, sizes=None, **options):
    """A tape with a weight and a bias under each name, and those of a norm."""
    parameters = {"norm.gain": random_array(D, seed=1), "norm.bias": random_array(D, seed=2)}
    for number, name in enumerate(names):
        d_in, d_out = (sizes or {}).get(name, (D, D))
        parameters[f"{name}.weight"] = random_array(d_in, d_out, seed=10 + number)
        parameters[f"{name}.bias"] = random_array(d_out, seed=20 + number)
    return Tape(parameters, **options), parameters


def attention_in_loops(x, memory, p, allowed):
    """Section 3.2 for one sentence: each head, each query, each key in turn. Nothing to look at gives no weight."""
    width = D // HEADS
    query, key, value = (
        rows @ p[f"{role}.weight"] + p[f"{role}.bias"]
        for rows, role in ((x, "query"), (memory, "key"), (memory, "value"))
    )
    joined = np.zeros((len(x), D))
    for head in range(HEADS):
        columns = slice(head * width, (head + 1) * width)
        for t in range(len(x)):
            seen = [s for s in range(len(memory)) if allowed[t, s]]
            scores = [query[t, columns] @ key[s, columns] / math.sqrt(width) for s in seen]
            for s, weight in zip(seen, softmax(scores) if seen else [], strict=True):
                joined[t, columns] += weight * value[s, columns]
    return joined @ p["output.weight"] + p["output.bias"]


@pytest.mark.parametrize("length", [1, 2, 5, 40])
@pytest.mark.parametrize("d_model", [1, 2, 5, 6])
def test_positions_are_the_papers(length, d_model):
    table = sinusoidal_positions(length, d_model)
    assert (table.shape, table.dtype) == ((length, d_model), np.float64)
    for t in range(length):
        for column in range(d_model):
            angle = t / 10000 ** (2 * (column // 2) / d_model)
            expected = math.sin(angle) if column % 2 == 0 else math.cos(angle)
            assert table[t, column] == pytest.approx(expected, abs=1e-14)


def test_a_causal_mask_allows_itself_and_what_came_before():
    for length in (1, 2, 5):
        mask = causal_mask(length)
        assert mask.dtype == bool
        assert mask.tolist() == [[key <= query for key in range(length)] for query in range(length)]


@pytest.mark.parametrize("mask", ["none", "causal", "padding", "nothing"])
def test_attention_is_the_papers_in_loops(mask):
    tape, parameters = tape_with("query", "key", "value", "output")
    x, memory = random_array(2, 4, D), random_array(2, 5, D)
    if mask == "causal":
        memory = x
    allowed = {
        "none": None,
        "causal": causal_mask(4),
        "padding": (np.arange(5) < np.array([5, 3])[:, None])[:, None, None, :],
        "nothing": np.zeros((4, 5), dtype=bool),
    }[mask]
    nodes = tape.constant(x, "x"), tape.constant(memory, "memory")
    output = multi_head_attention(*nodes, HEADS, allowed)
    everywhere = np.broadcast_to(True if allowed is None else allowed, (2, HEADS, 4, memory.shape[1]))
    for sentence in range(2):
        expected = attention_in_loops(x[sentence], memory[sentence], parameters, everywhere[sentence, 0])
        np.testing.assert_allclose(output.value[sentence], expected, atol=1e-12, rtol=0)
    weights = next(node.value for node in tape.nodes if node.name == "weights")
    np.testing.assert_allclose(weights.sum(axis=-1), everywhere.any(axis=-1), atol=1e-12)
    assert not weights[~everywhere].any()


def test_attention_token_by_token_with_a_cache_is_attention_to_all_so_far():
    _, parameters = tape_with("query", "key", "value", "output")
    x, memory = random_array(4, D), random_array(3, D)

    def attended(rows, looked_at, cache=None, allowed=None):
        tape = Tape(parameters, cache=cache)
        node = tape.constant(rows, "x")
        return multi_head_attention(
            node, node if looked_at is rows else tape.constant(looked_at, "memory"), HEADS, allowed
        ).value

    own, cross = {}, {}
    for t in range(len(x)):
        row = x[t : t + 1]
        np.testing.assert_allclose(
            attended(row, row, own)[0], attended(x, x, allowed=causal_mask(4))[t], atol=1e-12, rtol=0
        )
        np.testing.assert_allclose(attended(row, memory, cross)[0], attended(x, memory)[t], atol=1e-12, rtol=0)
    assert own["key"].shape == (HEADS, 4, D // HEADS)
    assert cross["value"].shape == (HEADS, 3, D // HEADS)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_feed_forward_is_two_products_and_the_activation_between(activation):
    tape, p = tape_with("hidden", "output", sizes={"hidden": (D, 9), "output": (9, D)})
    x = random_array(2, 3, D)
    hidden = x @ p["hidden.weight"] + p["hidden.bias"]
    active = np.maximum(hidden, 0) if activation == "relu" else hidden * ndtr(hidden)
    value = feed_forward(tape.constant(x, "x"), activation).value
    np.testing.assert_allclose(value, active @ p["output.weight"] + p["output.bias"], atol=1e-12, rtol=0)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_a_sublayer_adds_what_it_computes_and_norms_before_or_after(norm):
    tape, p = tape_with()
    x = random_array(3, D)

    def normed(rows):
        centred = rows - rows.mean(axis=-1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) * p["norm.gain"] + p["norm.bias"]

    def triple(node):
        return layers.apply(Scale(3, ""), node, name="function")

    value = sublayer(tape.constant(x, "x"), triple, Configuration(d_model=D, heads=1, norm=norm)).value
    np.testing.assert_allclose(value, normed(x + 3 * x) if norm == "post" else x + 3 * normed(x), atol=1e-12, rtol=0)


def test_dropout_is_for_training_alone():
    for random, rate in [(None, 0.5), (np.random.default_rng(0), 0.0)]:
        tape = Tape({}, random=random)
        x = tape.constant(random_array(3, D), "x")
        assert dropout(x, rate) is x
    tape = Tape({}, random=np.random.default_rng(0))
    x = tape.constant(np.ones((30, D)), "x")
    assert set(np.unique(dropout(x, 0.5).value)) == {0.0, 2.0}
