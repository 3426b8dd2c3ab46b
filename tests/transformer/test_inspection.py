"""Looks into a pass, against plain loops."""

import math

import numpy as np
import pytest

from explorer.transformer import article, checkpoint
from explorer.transformer.inspection import heads, through_the_layers, widths
from explorer.transformer.passing import teacher_forced_pass
from explorer.translation.translators import SHIPPED
from tests.transformer.conftest import toy_translator


@pytest.fixture(scope="module")
def trained():
    translator = checkpoint.load(SHIPPED)
    return translator, teacher_forced_pass(translator, ["you", "are", "welcome"], ["de", "nada"])


def test_each_token_is_nearest_to_itself_before_the_first_layer(trained):
    translator, trace = trained
    layers = through_the_layers(translator, trace, "source", n=3)
    assert [layer.name for layer in layers] == ["source input", "encoder layer 1", "encoder layer 2"]
    assert [nearest[0].word for nearest in layers[0].nearest] == ["you", "are", "welcome"]
    assert all(near.risen is None for token in layers[0].nearest for near in token)


def test_nearest_words_and_how_they_rose_by_a_plain_loop(trained):
    translator, trace = trained
    table = translator.parameters["target.table"].astype(float)
    layers = through_the_layers(translator, trace, "target", n=4)
    names = ["target.input", "decoder.0.feed_forward.residual", "decoder.1.feed_forward.residual"]
    orders = []
    for layer, name in zip(layers, names, strict=True):
        state = trace[name].value[1]
        cosines = {
            word: state @ row / np.linalg.norm(state) / np.linalg.norm(row)
            for word, row in zip(translator.target.words[4:], table[4:], strict=True)
        }
        order = sorted(cosines, key=cosines.get, reverse=True)
        assert [near.word for near in layer.nearest[1]] == order[:4]
        assert [near.similarity for near in layer.nearest[1]] == pytest.approx([cosines[w] for w in order[:4]])
        if orders:
            for rank, near in enumerate(layer.nearest[1]):
                assert near.risen in (None, orders[-1].index(near.word) - rank)
        orders.append(order)


def test_a_projected_table_is_looked_at_as_the_model_reads_it():
    translator = toy_translator(source_width=5, dtype=float)
    trace = teacher_forced_pass(translator, ["two", "one"], ["dos"])
    rows = trace["source.embedding"].value @ translator.parameters["source.projection"]
    np.testing.assert_array_equal(translator.vectors("source")[translator.source.ids(["two", "one"])], rows)
    vectors = widths(trace, "source").vectors
    assert vectors == pytest.approx(4 * np.linalg.norm(rows, axis=1).mean())  # √16
    for layer in through_the_layers(translator, trace, "source"):
        assert len(layer.nearest) == 2


def test_entropy_is_between_one_token_and_all_alike(trained):
    _, trace = trained
    for head in heads(trace):
        weights = trace[f"{head.attention}.weights"].value[head.head - 1]
        rows = [-sum(share * math.log2(share) for share in row if share > 0) for row in weights.tolist()]
        assert head.entropy == pytest.approx(sum(rows) / len(rows))
        assert 0 <= head.entropy <= math.log2(weights.shape[1]) + 1e-12
        mixed = trace[f"{head.attention}.heads"].value[head.head - 1]
        assert head.norm == pytest.approx(np.mean([np.linalg.norm(row) for row in mixed]))
    assert len(heads(trace)) == 6 * 4


def test_widths_of_the_article_are_those_of_its_digits():
    trace = teacher_forced_pass(article.translator(), article.TOKENS, article.TARGET)
    measured = widths(trace, "source")
    assert measured.vectors == pytest.approx(np.linalg.norm(article.VECTORS, axis=1).mean())
    assert measured.positions == pytest.approx(math.sqrt(2))
    assert measured.factor == pytest.approx(measured.positions / measured.vectors)
