import pytest

from explorer.transformer import article
from explorer.transformer.encoding import encode
from explorer.ui.steps import chapters


@pytest.fixture
def trace():
    return encode(article.TOKENS, article.VECTORS, layers=3, d_model=2)


def test_every_tensor_of_the_pass_has_its_step(trace):
    derived = [tensor.name for chapter in chapters(trace) for step in chapter.steps for tensor in step.derived]
    assert sorted(derived) == sorted(tensor.name for tensor in trace)
    assert len(derived) == len(set(derived))


def test_a_chapter_for_the_input_and_one_a_layer(trace):
    titles = [chapter.title for chapter in chapters(trace)]
    assert titles == ["From words to the input", "Layer 1", "Layer 2", "Layer 3"]


def test_a_step_that_was_not_taken_is_left_out(trace):
    whole = encode(article.TOKENS, article.VECTORS)
    first, *_ = chapters(whole)
    assert [step.title for step in first.steps] == ["Embedding", "Positional encoding", "Sum"]
    first, *_ = chapters(trace)
    assert "Projection" in [step.title for step in first.steps]
