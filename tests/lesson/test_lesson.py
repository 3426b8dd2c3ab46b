"""The lesson tells the whole pass, every number of it from the trace, and the optimiser's step as PyTorch takes it."""

import json
import math

import numpy as np
import pytest

from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.initialisation.fitting import SHIPPED
from explorer.lesson import glossary
from explorer.lesson.example import article_example, own_example, trained_example
from explorer.lesson.forward import forward_chapters
from explorer.lesson.lesson import lesson
from explorer.lesson.steps import GRADIENT, UPDATED, VALUE, Shown
from explorer.transformer import article, checkpoint
from explorer.transformer.encoding import encode
from explorer.transformer.model import Configuration


def small_embedding():
    words = ["you", "are", "welcome", "de", "nada", "here"]
    vectors = np.random.default_rng(0).normal(size=(6, 12)).astype(np.float32)
    inverse = (1 / np.linalg.norm(vectors, axis=1)).astype(np.float32)
    return Embedding("small", words, vectors, inverse, np.arange(6, 0, -1), np.zeros(6, np.uint8))


EXAMPLES = {
    "article": article_example,
    "two layers": lambda: article_example(seed=1, layers=2, heads=1),
    "phrase book": lambda: trained_example(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"]),
    "own": lambda: own_example(small_embedding(), ["you", "are", "you"], ["de", "nada"], Configuration(4)),
}


@pytest.fixture(scope="module", params=EXAMPLES)
def told(request):
    return lesson(EXAMPLES[request.param]())


def test_the_way_forward_shows_every_tensor_in_the_order_it_was_computed(told):
    names = [s.name for step in told.steps for s in step.shown if s.side == VALUE and s.name in told.trace]
    forward = [name for name in names if name not in told.trace.parameters]
    hidden = {tensor.name for tensor in told.trace if ".projected_" in tensor.name}
    assert forward == [tensor.name for tensor in told.trace if tensor.name not in hidden]


def test_the_way_back_shows_the_gradient_of_every_tensor_and_parameter(told):
    shown = {s.name for step in told.steps for s in step.shown if s.side == GRADIENT}
    everything = {
        tensor.name for tensor in told.trace if tensor.gradient is not None and "projected_" not in tensor.name
    }
    assert everything <= shown
    assert set(told.trace.parameters) <= shown


def test_every_number_shown_comes_about_by_its_terms(told):
    random = np.random.default_rng(0)
    for step in told.steps:
        for shown in step.shown:
            array = told.array(shown)
            index = tuple(int(random.integers(size)) for size in array.shape)
            explanation = told.explain(shown, *index)
            assert explanation.number == array[index]
            if math.isfinite(explanation.number):
                assert explanation.total == pytest.approx(explanation.number, rel=1e-9, abs=1e-12), (shown, index)


def test_keys_are_unique_and_lead_to_their_steps(told):
    keys = [step.key for step in told.steps]
    assert len(keys) == len(set(keys))
    assert told.step(keys[7]).key == keys[7]
    with pytest.raises(UserError, match="no step “nowhere”"):
        told.step("nowhere")


def test_prose_points_at_terms_that_the_glossary_has(told):
    pointed = {term for step in told.steps for term in glossary.terms_of(step.prose)}
    assert pointed
    assert pointed <= set(glossary.TERMS)
    assert all("[[" not in glossary.plain(step.prose) for step in told.steps)


def test_json_holds_the_whole_lesson(told):
    answer = json.loads(json.dumps(told.as_json(), allow_nan=False))
    assert [s["key"] for c in answer["chapters"] for s in c["steps"]] == [step.key for step in told.steps]
    assert answer["trace"]["loss"] == float(told.trace["loss"].value)
    assert set(answer["updated"]) == set(told.trace.parameters)


@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_the_optimisers_step_is_pytorchs(rule):
    torch = pytest.importorskip("torch")
    from dataclasses import replace

    told = lesson(replace(article_example(), optimiser=rule, rate=0.05))
    for name, tensor in told.trace.parameters.items():
        weight = torch.tensor(tensor.value, requires_grad=True)
        weight.grad = torch.tensor(tensor.gradient)
        if rule == "adam":
            torch.optim.Adam([weight], lr=0.05, betas=(0.9, 0.98), eps=1e-9).step()
        else:
            torch.optim.SGD([weight], lr=0.05).step()
        np.testing.assert_allclose(told.array(Shown(name, UPDATED)), weight.detach().numpy(), atol=1e-12)
    assert told.update.loss < float(told.trace["loss"].value)


def test_the_pass_of_an_encoder_alone_has_its_chapters_too():
    trace = encode(article.TOKENS, article.VECTORS, layers=3, d_model=2)
    chapters = forward_chapters(trace)
    titles = ["Words become vectors", "Where each word stands", *(f"Encoder, layer {n}" for n in (1, 2, 3))]
    assert [chapter.title for chapter in chapters] == titles
    assert [step.title for step in chapters[0].steps] == ["Embedding", "Projection"]


def test_own_words_keep_their_directions_and_say_where_they_come_from():
    embedding = small_embedding()
    told = own_example(embedding, ["you", "are", "nowhere"], ["de", "nada"], Configuration(12, heads=3))
    rows = told.translator.parameters["source.table"]
    for word in ("you", "are"):
        row = rows[told.translator.source.ids([word])[0]]
        vector = embedding.vector(word)
        assert row @ vector / np.linalg.norm(row) / np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    assert "those of small" in told.origin
    assert "It lacks nowhere" in told.origin
    assert "by PCA" in own_example(embedding, ["you"], ["de"], Configuration(4)).origin
    assert "random matrix" in own_example(embedding, ["you"], ["de"], Configuration(4), "random").origin


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: own_example(small_embedding(), [], ["de"], Configuration(4)), "source is empty"),
        (lambda: own_example(small_embedding(), ["you"], [], Configuration(4)), "target is empty"),
        (
            lambda: own_example(small_embedding(), ["you"] * 25, ["de"], Configuration(4)),
            "25 words, but a lesson shows 24",
        ),
        (lambda: own_example(small_embedding(), ["x", "y"], ["de"], Configuration(4)), "none of the words “x y”"),
        (lambda: own_example(small_embedding(), ["you"], ["de"], Configuration(16)), "fewer than d_model = 16"),
        (lambda: own_example(small_embedding(), ["you"], ["de"], Configuration(4), "magic"), "“magic” is not"),
        (lambda: trained_example(checkpoint.load(SHIPPED), ["xyzzy"], ["de"]), "none of the words “xyzzy”"),
    ],
)
def test_what_cannot_be_told_is_said(make, sentence):
    with pytest.raises(UserError, match=sentence):
        make()
