import pytest

from explorer.initialisation.fitting import SHIPPED
from explorer.transformer import article, checkpoint
from explorer.transformer.encoding import encode
from explorer.transformer.passing import teacher_forced_pass
from explorer.ui.steps import chapters


@pytest.fixture
def trace():
    return encode(article.TOKENS, article.VECTORS, layers=3, d_model=2)


def test_every_tensor_of_the_pass_has_its_step(trace):
    derived = [tensor.name for chapter in chapters(trace) for step in chapter.steps for tensor in step.derived]
    assert sorted(derived) == sorted(tensor.name for tensor in trace)
    assert len(derived) == len(set(derived))


@pytest.mark.parametrize("translator", [article.translator(layers=2), checkpoint.load(SHIPPED)])
def test_a_whole_pass_goes_from_the_source_to_the_loss(translator):
    """Post-norm and untied, pre-norm and tied: every tensor has its step, in the order it was computed."""
    source, target = translator.source.words[4:7], translator.target.words[4:6]
    whole = teacher_forced_pass(translator, source, target)
    found = list(chapters(whole))
    derived = [tensor.name for chapter in found for step in chapter.steps for tensor in step.derived]
    assert derived == [tensor.name for tensor in whole]
    titles = [chapter.title for chapter in found]
    assert "Decoder layer 2: cross-attention to the source" in titles
    assert titles[-1] == "The next word, and the loss"


def test_a_chapter_for_the_input_and_one_a_layer(trace):
    titles = [chapter.title for chapter in chapters(trace)]
    assert titles == ["From words to the input", "Layer 1", "Layer 2", "Layer 3"]


def test_a_step_that_was_not_taken_is_left_out(trace):
    whole = encode(article.TOKENS, article.VECTORS)
    first, *_ = chapters(whole)
    assert [step.title for step in first.steps] == ["Embedding", "Positional encoding", "Sum"]
    first, *_ = chapters(trace)
    assert "Projection" in [step.title for step in first.steps]
