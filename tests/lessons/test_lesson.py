"""The lesson tells the whole pass, every number of it from the trace, and the optimiser's step as PyTorch takes it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.lessons import glossary
from explorer.lessons.example import article_example, own_example, read_as, trained_example
from explorer.lessons.forward import forward_chapters
from explorer.lessons.lesson import lesson
from explorer.lessons.prose import spans
from explorer.lessons.steps import GRADIENT, VALUE
from explorer.transformer import article, checkpoint
from explorer.transformer.configuration import Configuration
from explorer.transformer.encoding import encode
from explorer.translation.translators import SHIPPED
from tests.lessons.examples import EXAMPLES, example_lesson, small_embedding


@pytest.fixture(scope="module", params=EXAMPLES)
def told(request):
    return example_lesson(request.param)


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


def test_the_lesson_says_what_it_is_about_before_its_first_table(told):
    first = told.steps[0]
    assert first.tables
    assert first.prose.startswith("This lesson follows one sentence pair through a transformer")
    assert sum(told.example.origin in "".join(span.text for span in spans(step.prose)) for step in told.steps) == 1


def test_counting_starts_at_one(told):
    for tensor in (*told.trace, *told.trace.parameters.values()):
        for axis, labels in zip(tensor.axes, told.trace.labels(tensor.name), strict=True):
            if axis in ("feature", "head", "position"):
                assert labels == tuple(map(str, range(1, len(labels) + 1))), tensor.name
    numbers = dict(told.step("source.tokens").tables[0].rows)
    words = told.example.translator.source.words
    assert all(words[number - 1] == word.rstrip("₁₂") for word, number in numbers.items())
    assert "All counting starts at 1" in told.step("source.tokens").prose


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


def said(told):
    """All that a lesson says, as it reads."""
    return "\n".join(
        [told.example.origin, *(glossary.plain(step.prose) for step in told.steps), *glossary.TERMS.values()]
    )


def test_nothing_is_called_learned_or_random_that_is_not(told):
    text = said(told)
    assert "learned matrix" not in text
    assert "every other weight is random" not in text.lower()
    parameters = told.trace.parameters
    if "every bias and every β is 0, every γ is 1" in text:
        for name, tensor in parameters.items():
            if name.endswith(("bias", "gain")):
                assert set(tensor.value.ravel()) == {1.0 if name.endswith("gain") else 0.0}, name
    else:
        assert "come from training" in text


def test_cosines_among_vectors_chosen_at_will_are_not_called_neighbours():
    article_told, trained = lesson(EXAMPLES["article"]()), lesson(EXAMPLES["phrase book"]())
    for side in ("source", "target"):
        assert "arbitrary" in article_told.step(f"{side}.embedding").tables[0].title
        assert "Nearest by cosine" in trained.step(f"{side}.embedding").tables[0].title
    assert "the order says nothing about the words yet" in article_told.step("update.neighbours").prose
    assert "arbitrary" not in trained.step("update.neighbours").prose


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
    (table,) = lesson(told).step("source.embedding").tables
    assert [bool(near) for _, near in table.rows] == [True, True, False]  # it cannot know what is near to nowhere
    assert "by PCA" in own_example(embedding, ["you"], ["de"], Configuration(4)).origin
    assert "random matrix" in own_example(embedding, ["you"], ["de"], Configuration(4), "random").origin


@pytest.mark.parametrize("projection", ["pca", "random"])
def test_a_words_vector_is_the_same_in_every_sentence_and_on_both_sides(projection):
    embedding = small_embedding()

    def row(word, side, source, target):
        told = own_example(embedding, source, target, Configuration(4), projection)
        vocabulary = told.translator.source if side == "source" else told.translator.target
        return told.translator.parameters[f"{side}.table"][vocabulary.ids([word])[0]]

    alone = row("you", "source", ["you"], ["de"])
    for other in (
        row("you", "source", ["are", "you", "here", "nowhere"], ["de"]),
        row("you", "target", ["are"], ["nada", "you", "nowhere"]),
    ):
        np.testing.assert_allclose(other, alone, rtol=1e-12)
    everything = own_example(embedding, embedding.words, ["de"], Configuration(4), projection)
    assert everything.translator.parameters["source.table"][4:].std() == pytest.approx(0.5, rel=1e-6)  # 1/√4
    assert "all multiplied by" in everything.origin


def test_what_becomes_of_a_text_on_its_way_to_tokens_is_said():
    assert read_as("you  are", ["you", "are"]) == ""
    assert read_as("You are 🙂 !", ["you", "are"]).startswith("“You are 🙂 !” is read as “you are”")
    prose = [
        "".join(span.text for span in spans(lesson(example).step("source.tokens").prose))
        for example in (
            article_example(),
            trained_example(checkpoint.load(SHIPPED), ["you", "xyzzy"], ["de"]),
            own_example(small_embedding(), ["you", "nowhere"], ["de"], Configuration(4)),
        )
    ]
    assert "All words of this sentence are in it; a word that is not in it would be read as <unk>." in prose[0]
    assert "xyzzy is not in it and is read as <unk>" in prose[1]
    assert "<unk>" not in prose[2]
    assert "it has all its words, after the 4 special tokens" in prose[2]


def test_a_single_number_keeps_its_size():
    told = own_example(small_embedding(), ["you"], ["nowhere"], Configuration(1, heads=1))
    assert np.isfinite(told.translator.parameters["source.table"]).all()


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
        (
            lambda: own_example(small_embedding(), ["x"] * 100_000, ["de"], Configuration(4)),
            "100,000 words, but a lesson shows 24",
        ),
        (
            lambda: trained_example(checkpoint.load(SHIPPED), ["you", "x" * 1000], ["de"]),
            "“x{20}…” in the source has 1,000 letters",
        ),
        (lambda: own_example(small_embedding(), ["you"], ["de"], Configuration(16)), "fewer than d_model = 16"),
        (lambda: own_example(small_embedding(), ["you"], ["de"], Configuration(8)), "6 words, too few for a PCA to 8"),
        (lambda: replace(article_example(), source=("<pad>", "You")), "“<pad>” in the source is a special token"),
        (lambda: replace(article_example(), target=("de", "<end>")), "“<end>” in the target is a special token"),
        (lambda: own_example(small_embedding(), ["you"], ["de"], Configuration(4), "magic"), "“magic” is not"),
        (lambda: trained_example(checkpoint.load(SHIPPED), ["xyzzy"], ["de"]), "none of the words “xyzzy”"),
    ],
)
def test_what_cannot_be_told_is_said(make, sentence):
    with pytest.raises(UserError, match=sentence):
        make()
