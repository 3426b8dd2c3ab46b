"""The lesson tells the whole pass, every number of it from the trace, and the optimiser's step as PyTorch takes it."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.documents import literal
from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.lessons import glossary
from explorer.lessons.equations.sampling import sampling
from explorer.lessons.example import article_example, own_example, read_as, trained_example
from explorer.lessons.forward import forward_chapters
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import read, rounded
from explorer.lessons.prose import spans
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown
from explorer.lessons.update import silent_step
from explorer.transformer import article, checkpoint
from explorer.transformer.decoding import beam_search, greedy
from explorer.transformer.encoding import encode
from explorer.transformer.layers import sinusoidal_positions
from explorer.transformer.model import Configuration, initial_parameters
from explorer.transformer.operations import CrossEntropy
from explorer.transformer.optimisers import Adam
from explorer.translation.translators import SHIPPED
from tests.transformer.conftest import toy_translator


def small_embedding():
    words = ["you", "are", "welcome", "de", "nada", "here"]
    vectors = np.random.default_rng(0).normal(size=(6, 12)).astype(np.float32)
    inverse = (1 / np.linalg.norm(vectors, axis=1)).astype(np.float32)
    return Embedding("small", words, vectors, inverse, np.arange(6, 0, -1), np.zeros(6, np.uint8))


EXAMPLES = {
    "article": article_example,
    "two layers": lambda: article_example(seed=1, layers=2, heads=1),
    "phrase book": lambda: trained_example(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"]),
    "as in training": lambda: replace(article_example(seed=1), smoothing=0.1, dropout=0.2),
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


@pytest.mark.parametrize(
    ("key", "ways"),
    [
        ("loss", ["with respect to itself is 1."]),
        ("losses", ["The loss is a mean"]),
        ("probabilities", ["minus one over the probability"]),
        ("logits", ["is its share times a difference", "Each entry of the weight matrix gets"]),
        (
            "decoder.0.self_attention.query",
            [
                "gradient of the scores times the other factor, the keys",
                "put side by side",
                "Each entry of the weight matrix gets",
            ],
        ),
        ("encoder.0.feed_forward.hidden", ["below zero", "Each entry of the weight matrix gets"]),
        ("source.embedding", ["A sum passes", "Each row of the table"]),
    ],
)
def test_a_step_back_tells_how_its_own_gradients_arrived(key, ways):
    prose = lesson(article_example()).step(f"back.{key}").prose
    places = [prose.index(way) for way in ways]
    assert places == sorted(places)


# kind of operation that used a tensor → words that only its way back has
WAYS = {
    "Mean": "The loss is a mean",
    "CrossEntropy": "over the probability, times",
    "Softmax": "less the mean of the row",
    "Linear": "same matrix, transposed",
    "MatMul": "the other factor, the",
    "Scale": "by the same number",
    "Mask": "not allowed to look",
    "Add": "on unchanged",
    "LayerNorm": "would undo such a change",
    "ReLU": "below zero, the gradient is zero",
    "SplitHeads": "put side by side",
    "MergeHeads": "one part per head",
}


def test_a_step_back_speaks_of_what_its_tensor_went_into_and_of_nothing_else(told):
    for step in told.steps:
        if step.key.startswith("back.") and len({s.name for s in step.shown} - set(told.trace.parameters)) == 1:
            (name,) = {shown.name for shown in step.shown} - set(told.trace.parameters)
            nodes = [tensor.node for tensor in told.trace if tensor.gradient is not None]
            own = [told.trace[name].node, *(s for s in told.trace[name].node.inputs if "projected_" in s.name)]
            kinds = {type(node.operation).__name__ for node in nodes if any(n in node.inputs for n in own)}
            shared = {"MatMul", "Scale", "Linear"} if len(step.shown) > 1 else set()  # what parameters went into
            said = {kind for kind, words in WAYS.items() if words in step.prose}
            assert kinds & set(WAYS) <= said <= kinds | shared, step.key


def test_a_step_back_tells_its_own_numbers(told):
    """Where the gradient furthest from 0 stands, of what a step shows first and of its weight matrix."""
    steps = [step for step in told.steps if step.key.startswith("back.") and "loss" not in step.key]
    for step in steps:
        first = told.trace[step.shown[0].name]
        prose = "".join(span.text for span in spans(step.prose))
        if first.node.operation is None:
            assert "furthest from 0" not in prose, step.key  # positions, whose gradient nobody uses
            continue
        weights = [shown.name for shown in step.shown if shown.name.endswith(".weight")]
        for name in (*weights, *([] if first.name == "probabilities" else [first.name])):
            gradient = told.array(Shown(name, GRADIENT))
            index = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
            of_weights = "In the gradient of the weight matrix it is"
            begun = of_weights if name in weights else "The gradient furthest from 0 here is"
            written = re.search(rf"{begun} (\S+) \((.*?)\)\.", prose)
            assert written, (step.key, prose)
            assert read(written[1]) == pytest.approx(gradient[index], abs=5e-5, rel=0.06)
            labels = [names[place] for names, place in zip(told.trace.labels(name), index, strict=True)]
            assert [part.split(" ")[-1].strip("“”") for part in written[2].split(", ")] == labels


def test_the_gradient_of_the_least_probable_right_word_is_told(told):
    p, gradient = told.trace["probabilities"].value, told.trace["probabilities"].gradient
    row, word = np.unravel_index(gradient.argmin(), gradient.shape)
    prose = told.step("back.probabilities").prose
    if told.example.smoothing:
        assert "With label smoothing, every word counts" in prose
        assert f"furthest from 0 here is {rounded(gradient[row, word])}" in prose
    else:
        assert gradient[row, word] == pytest.approx(-1 / (len(p) * p[row, word]))
        said = re.search(r"its probability is p = (\S+), so the gradient is −1 / \((\d+) p\) = (\S+)\.", prose)
        assert rounded(gradient[row, word]) == said[3] == rounded(-1 / (len(p) * read(said[1])))
        assert (int(said[2]), read(said[1])) == (len(p), pytest.approx(p[row, word], abs=5e-5))
    assert f"1/{len(p)} = {1 / len(p):.4f}" in told.step("back.losses").prose


def test_how_many_gradients_are_zero_is_told(told):
    for step in told.steps:
        for kind, ending in (("hidden", "activation"), ("scaled", "masked")):
            name = step.key.removeprefix("back.")
            after = name.removesuffix(kind) + ending
            if step.key.startswith("back.") and name.endswith(f".{kind}") and after in told.trace:
                zero = int((told.trace[name].gradient == 0).sum())
                assert zero
                verb = "is" if zero == 1 else "are"
                assert f"Here {zero:,} of {told.trace[name].gradient.size:,} gradients {verb} 0." in step.prose


def test_the_row_with_the_longest_gradient_and_the_two_uses_of_a_tied_table_are_told(told):
    for side in ("source", "target"):
        prose, table = told.step(f"back.{side}.embedding").prose, told.trace[f"{side}.table"]
        lengths = np.linalg.norm(table.gradient, axis=1)
        words = told.trace.labels(f"{side}.table")[0]
        assert f"The row of “{literal(words[lengths.argmax()])}” has the longest gradient here" in prose
        assert f"of length {lengths.max():.4f}; {(lengths == 0).sum():,} of {len(lengths):,} rows" in prose
    assert ("This table is used twice" in prose) == told.example.translator.configuration.tied
    if told.example.translator.configuration.tied:
        trace = told.trace
        output = trace["similarities"].gradient.T @ trace["decoder.norm"].value
        lookup = table.gradient - output
        said = re.search(r"add up to (\S+)\) and as the weights of the output layer \((\S+)\)", prose)
        assert [read(number) for number in said.groups()] == pytest.approx(
            [np.abs(each).sum() for each in (lookup, output)], abs=1e-4
        )
        assert np.abs(output).sum() > 8 * np.abs(lookup).sum()  # of the shipped model; that is why it is said


@pytest.mark.parametrize(("smoothing", "words"), [(0.1, 1531), (0.1, 6)])
def test_label_smoothing_has_a_floor_and_the_lesson_says_which(smoothing, words):
    """The least loss is the entropy of q: no probabilities that gradient descent finds are below it."""
    told = lesson(replace(EXAMPLES["article" if words == 6 else "phrase book"](), smoothing=smoothing))
    q = np.full(words, smoothing / words)
    q[0] += 1 - smoothing
    floor, plain = -(q * np.log(q)).sum(), -math.log(q[0])
    if words == 1531:
        assert (floor, plain, q[0]) == pytest.approx((1.0578, 0.1053, 0.90007), abs=5e-5)
    prose = told.step("losses").prose
    assert f"It cannot fall below {floor:.4f}" in prose
    assert f"is {plain:.4f}." in prose
    operation = CrossEntropy(np.zeros(1, int), np.ones(1, bool), smoothing)
    assert operation.forward(q[np.newaxis])[0][0] == pytest.approx(floor)
    for seed in range(20):
        other = q * np.exp(0.1 * np.random.default_rng(seed).normal(size=words))
        assert operation.forward(other[np.newaxis] / other.sum())[0][0] > floor
    assert told.trace["losses"].value.min() >= floor
    assert told.trace["losses"].formula.startswith(r"\ell = -\textstyle\sum_i q_{t, i} \ln p")
    assert f"1 - {smoothing:g}" in told.trace.gradient_formula("probabilities")


def test_a_lesson_says_what_its_pass_has_and_what_training_had():
    plain, article_told = EXAMPLES["phrase book"](), lesson(EXAMPLES["article"]())
    shipped = replace(plain, trained_with=(0.1, 0.1))
    said = {
        plain: "trained with dropout 0.1. This pass has neither",
        shipped: "trained with label smoothing 0.1 and dropout 0.1. This pass has neither",
        replace(shipped, smoothing=0.1): "and dropout 0.1; this pass has label smoothing 0.1.",
    }
    for example, words in said.items():
        assert words in lesson(example).step("losses").prose
    assert "trained with" not in lesson(replace(shipped, smoothing=0.1, dropout=0.1)).step("losses").prose
    assert "trained with" not in article_told.step("losses").prose


def test_dropout_is_told_where_it_is_and_decoding_is_without_it():
    told, plain = lesson(EXAMPLES["as in training"]()), lesson(replace(EXAMPLES["as in training"](), dropout=0.0))
    steps = [step for step in told.steps if step.key.endswith(".dropout") and not step.key.startswith("back.")]
    assert len(steps) == 7  # both inputs and five parts of layers, as section 5.4 of the paper has it
    for step in steps:
        kept = told.trace[step.key].node.operation.kept
        assert "r = 0.2. The others are divided by 1 − r" in step.prose
        become = "becomes" if (~kept).sum() == 1 else "become"
        assert f"Here {(~kept).sum()} of {kept.size} numbers {become} 0." in step.prose
        before = told.trace[step.key].node.inputs[0].value
        np.testing.assert_allclose(told.trace[step.key].value, np.where(kept, before / 0.8, 0))
    assert not any(name.key.endswith(".dropout") for name in plain.steps)
    assert "Decoding has no dropout" in glossary.plain(told.step("next.greedy").prose)
    assert told.step("next.greedy").tables == plain.step("next.greedy").tables


def test_the_bar_and_the_gradient_of_a_logit_are_explained():
    told = lesson(article_example())
    assert "x̄ is the gradient of the loss with respect to x" in told.step("back.loss").prose
    assert "(p − q) / n" in told.step("back.logits").prose
    p, n = told.trace["probabilities"].value, len(told.trace.target)
    words = told.example.translator.target.ids([*told.example.target, "<end>"])
    np.testing.assert_allclose(told.trace["logits"].gradient, (p - np.eye(p.shape[1])[words]) / n, atol=1e-15)


def test_a_cross_attention_is_told_in_words_of_its_own():
    told = lesson(article_example())
    steps = ("query", "key", "value", "scores", "heads")
    own, cross = (
        [told.step(f"decoder.0.{kind}_attention.{step}").prose for step in steps] for kind in ("self", "cross")
    )
    assert all(first != second and "source" in second for first, second in zip(own, cross, strict=True))
    pointed = {term for step in told.steps for term in glossary.terms_of(step.prose)}
    assert {"encoder", "decoder", "cross-attention", "back-propagation", "cosine"} <= pointed


def test_each_chapter_of_the_way_forward_ends_with_what_has_been_reached(told):
    chapters = [
        chapter for chapter in told.chapters if chapter.title.split(":")[0] not in ("Back", "One step of the optimiser")
    ]
    trace = told.trace
    for chapter in chapters:
        (step,) = (step for step in chapter.steps if "So far:" in step.prose)
        assert step is [step for step in chapter.steps if not step.key.startswith("next.")][-1]
        summary = "".join(span.text for span in spans(step.prose)).split("So far: ")[1]
        scope = re.match(r"(encoder|decoder)\.\d+\.(?!feed_forward)\w+\.", step.key)
        scope = scope or re.match(r"encoder\.\d+\.", step.key)
        if scope:
            name = scope[0] + ("weights" if "attention" in scope[0] else "self_attention.weights")
            mean = trace[name].value.mean(axis=0)[-1]
            attended = trace.labels(name)[2][mean.argmax()]
            itself = "self_attention" in name and mean.argmax() == len(mean) - 1
            assert (
                f"attends most to {'itself' if itself else f'“{attended}”'} (attention weight {mean.max():.2f}"
                in summary
            )
    assert f"the loss {float(trace['loss'].value):.4f}." in told.step("loss").prose
    words = told.example.translator.target.words
    last = trace["probabilities"].value[-1]
    prose = "".join(span.text for span in spans(told.step("probabilities").prose))
    assert f"the most probable is “{words[last.argmax()]}” ({last.max():.3f})." in prose


def test_the_square_roots_are_given_as_numbers(told):
    width = told.example.translator.configuration
    d_k = width.d_model // width.heads
    for step in told.steps:
        if step.key.endswith("attention.scaled") and not step.key.startswith("back."):
            assert f"√d_k = √{d_k} = {math.sqrt(d_k):.4f}".removesuffix(".0000") in step.prose
        if step.key.endswith("scaled_embedding") and not step.key.startswith("back."):
            assert f"√d = √{width.d_model} = {math.sqrt(width.d_model):.4f}".removesuffix(".0000") in step.prose


def test_what_the_division_by_the_root_does_is_said_in_this_lessons_numbers(told):
    trace = told.trace
    names = [tensor.name for tensor in trace if tensor.name.endswith("attention.scaled")]
    assert names
    for name in names:
        prose = told.step(name).prose
        before, after = trace[name.replace("scaled", "scores")].value, trace[name].value
        assert f"a standard deviation of {before.std():.4f} before and of {after.std():.4f} after" in prose
        without, shares = (
            np.array([np.exp(row - row.max()).max() / np.exp(row - row.max()).sum() for row in each[:, -1]])
            for each in (before, after)
        )
        head = (without - shares).argmax()  # where it does most
        said = f"in head {head + 1} would be {without[head]:.2f} instead of {shares[head]:.2f}"
        assert (said in prose) == (without[head] - shares[head] >= 0.01)
        assert shares == pytest.approx(trace[name.replace("scaled", "weights")].value[:, -1].max(axis=-1))


def test_a_score_of_independent_numbers_has_variance_d_k():
    random, d_k = np.random.default_rng(0), 24
    scores = (random.normal(size=(20_000, d_k)) * random.normal(size=(20_000, d_k))).sum(axis=1)
    assert scores.var() == pytest.approx(d_k, rel=0.05)
    assert (scores / math.sqrt(d_k)).var() == pytest.approx(1, rel=0.05)


def test_a_new_table_of_variance_one_over_d_suits_a_tied_output():
    d, words = 64, 2000
    table = initial_parameters(Configuration(d, source_words=words, target_words=words), 0)["target.table"]
    assert np.linalg.norm(table, axis=1).mean() == pytest.approx(1, rel=0.02)
    rows = np.random.default_rng(0).normal(size=(50, d))  # as a layer norm leaves them
    assert (rows @ table.T).std() == pytest.approx(1, rel=0.05)
    np.testing.assert_allclose(np.linalg.norm(sinusoidal_positions(9, d), axis=1), math.sqrt(d / 2))


def test_steps_that_many_layers_have_tell_their_own_numbers(told):
    trace = told.trace
    prose = {step.key: "".join(span.text for span in spans(step.prose)) for step in told.steps}
    for tensor in trace:
        labels, value, kind = trace.labels(tensor.name), tensor.value, tensor.name.rpartition(".")[2]
        said = prose.get(tensor.name, "")
        if kind in ("query", "key", "value"):
            lengths = np.linalg.norm(value, axis=-1)
            head, row = np.unravel_index(lengths.argmax(), lengths.shape)
            assert f"The longest {kind} here is that of “{labels[1][row]}” in head {head + 1};" in said
            assert f"its length is {lengths.max():.4f}." in said
        elif kind in ("scores", "scaled"):
            is_masked = tensor.name.startswith("decoder.") and "self_attention" in tensor.name
            allowed = np.where(np.tri(*value.shape[1:]), value, -np.inf) if is_masked else value
            head, row, column = np.unravel_index(allowed.argmax(), value.shape)
            assert (
                f"The highest score here{' that the mask allows' * is_masked} is {rounded(allowed.max())}: "
                f"in head {head + 1}, “{labels[1][row]}” looks" in said
            )
            assert f"looks at “{labels[2][column]}”." in said
        elif kind == "masked":
            n = value.shape[-1]
            assert f"Here {n * (n - 1) // 2} of the {n * n} scores of each head" in said
        elif kind == "weights":
            rows = value[:, 1:] if f"{tensor.name.removesuffix('weights')}masked" in trace else value
            assert f"The largest share here is {rounded(rows.max())}: in head" in said
        elif kind == "activation" and "GELU" not in said:
            assert f"Here {(value == 0).sum():,} of {value.size:,} numbers become zero." in said
        elif kind == "residual":
            shown = prose[tensor.name] if tensor.name in prose else prose[tensor.name.replace("residual", "norm")]
            before, added = (np.linalg.norm(node.value[-1]) for node in tensor.node.inputs)
            after = np.linalg.norm(value[-1])
            lengths = f"had the length {before:.4f}, what is added to it has {added:.4f}, and the sum has {after:.4f}."
            assert lengths in shown
        elif tensor.name == "losses":
            assert f"Here the costs go from {rounded(value.min())} (“" in said
            assert f"to {rounded(value.max())} (“" in said


def test_the_unit_of_the_loss_is_explained_where_it_is_first_met(told):
    pointed = [step.key for step in told.steps if "nat" in glossary.terms_of(step.prose)]
    assert pointed == ["losses"]
    assert f"1/e = {1 / math.e:.4f}" in glossary.TERMS["nat"]


def test_how_long_words_and_positions_are_is_said(told):
    for side in ("source", "target"):
        prose, node = told.step(f"{side}.input").prose, told.trace[f"{side}.input"].node
        words, places = (np.linalg.norm(each.value, axis=1).mean() for each in node.inputs)
        assert f"the mean length {words:.4f}, the rows of the positions {places:.4f}, as always √(d/2)" in prose
        assert ("drown the order of words" in prose) == (words > 1.5 * places)
        assert ("positions outweigh the words" in prose) == (places > 1.5 * words)


def test_ones_own_vectors_are_multiplied_by_the_root_on_request():
    for scaled in (False, True):
        told = lesson(own_example(small_embedding(), ["you", "are"], ["de"], Configuration(4, scaled=scaled)))
        assert ("source.scaled_embedding" in [step.key for step in told.steps]) == scaled
    trace = told.trace
    names = ("source.embedding", "source.scaled_embedding")
    before, after = (np.linalg.norm(trace[name].value, axis=1) for name in names)
    np.testing.assert_allclose(after, 2 * before)
    said = f"grows from {before.mean():.4f} to {after.mean():.4f}"
    assert said in told.step("source.scaled_embedding").prose


def test_what_guessing_costs_and_where_the_loss_comes_from_is_said(told):
    prose, losses = told.step("loss").prose, told.trace["losses"].value
    words = len(told.example.translator.target)
    assert f"ln {words:,} = {math.log(words):.4f}" in prose
    assert f"“{literal(told.trace.target[losses.argmax()])}”: {losses.max() / losses.sum():.0%}." in prose


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
    assert "All counting starts at 1 here" in told.step("source.tokens").prose


def test_the_formula_of_the_positions_counts_from_one_and_is_true():
    trace = lesson(article_example()).trace
    assert r"\sin\frac{t-1}{10000^{(2i-2)/d}}" in trace["source.positions"].formula
    d, rows = 4, trace["source.positions"].value
    for t in (1, 2, 3):
        for i in (1, 2):
            angle = (t - 1) / 10000 ** ((2 * i - 2) / d)
            assert rows[t - 1, 2 * i - 1 - 1] == pytest.approx(math.sin(angle))
            assert rows[t - 1, 2 * i - 1] == pytest.approx(math.cos(angle))


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


@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_the_optimisers_step_is_pytorchs(rule):
    torch = pytest.importorskip("torch")
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


@pytest.mark.parametrize(
    ("rate", "said"), [(0.1, "less wrong"), (20, "more wrong now"), (1e-300, "as wrong as before")]
)
def test_what_the_step_did_to_the_loss_is_said(rate, said):
    told = lesson(replace(article_example(), rate=rate, optimiser="sgd"))
    step = told.step("update.loss")
    assert said in step.prose
    before, after = (row[1] for row in step.tables[0].rows)
    assert (before, after) == (float(told.trace["loss"].value), told.update.loss)
    assert {"less": after < before, "more": after > before, "as": after == before}[said.split()[0]]


def test_a_step_that_goes_too_far_is_said():
    with pytest.raises(UserError, match="learning rate 1000 no loss can be computed"):
        _ = lesson(replace(article_example(), rate=1000)).chapters


def test_the_rows_of_one_weight_lead_from_its_gradient_to_its_change():
    told = lesson(article_example())
    (table,) = told.step("update.weight").tables
    old, gradient, _, _, m, v, root, change, new = (number for _, number in table.rows)
    assert root == pytest.approx(abs(gradient))
    assert m == pytest.approx(gradient)
    assert v == pytest.approx(gradient**2)
    assert change == pytest.approx(-told.update.rate * m / math.sqrt(v))
    assert new == pytest.approx(old + change)


@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_the_words_about_the_step_are_true_of_its_numbers(rule):
    told = lesson(replace(article_example(), optimiser=rule))
    weight, embeddings, neighbours = (told.step(f"update.{key}") for key in ("weight", "embeddings", "neighbours"))
    gradient = told.trace["source.table"].gradient
    moved = np.abs(told.array(Shown("source.table", UPDATED)) - told.trace["source.table"].value)
    np.testing.assert_array_equal(moved == 0, gradient == 0)
    assert ("sign" in weight.prose) == ("by about 0.05;" in embeddings.prose) == (rule == "adam")
    np.testing.assert_allclose(
        moved, told.update.rate * (gradient != 0 if rule == "adam" else abs(gradient)), rtol=1e-3
    )
    before, after = (re.findall(r"[^ ,]+ (?=[0-9−])", names) for _, names in neighbours.tables[0].rows)
    assert ("the same after" in neighbours.prose) == (before == after)


def test_with_dropout_only_numbers_that_have_a_gradient_move():
    told = lesson(EXAMPLES["as in training"]())
    used = sorted({*told.example.translator.source.ids(told.example.source)})
    moved = told.array(Shown("source.table", UPDATED)) != told.trace["source.table"].value
    assert not moved[used].all()
    assert "each number that has a gradient by about 0.05" in told.step("update.embeddings").prose


def test_every_layer_norm_comes_with_mean_and_deviation(told):
    tables = {shown.name: step.tables for step in told.steps for shown in step.shown if shown.side == VALUE}
    norms = [tensor for tensor in told.trace if type(tensor.node.operation).__name__ == "LayerNorm"]
    assert norms
    for tensor in norms:
        rows = tensor.node.inputs[0].value
        (table,) = tables[tensor.name]
        (prose,) = (step.prose for step in told.steps if Shown(tensor.name) in step.shown)
        assert "multiplies each column by a weight γ and adds a weight β" in prose
        tokens, means, deviations = zip(*table.rows, strict=True)
        assert tokens == told.trace.labels(tensor.name)[0]
        np.testing.assert_allclose(means, [row.sum() / len(row) for row in rows])
        np.testing.assert_allclose(deviations, [math.sqrt(np.mean(np.square(row - row.mean()))) for row in rows])


def test_decoding_shares_out_what_is_no_word():
    told = lesson(article_example())
    shares = told.trace["probabilities"].value[0].copy()
    shares[:2] = 0  # <pad> and <start>
    shares /= shares.sum()
    words = told.example.translator.target.words
    greedy, beam = (told.step(f"next.{way}") for way in ("greedy", "beam"))
    assert "<pad> and <start> are never taken" in "".join(span.text for span in spans(greedy.prose))
    first, probability, _ = greedy.tables[0].rows[0]
    assert (first, probability) == (words[shares.argmax()], pytest.approx(shares.max()))
    tops = {word: share for word, share, _ in beam.tables[0].rows if not word.startswith("·")}
    assert tops == {words[i]: pytest.approx(shares[i]) for i in np.argsort(-shares)[:3]}
    assert "<end> at once: the empty sentence" in "".join(span.text for span in spans(beam.prose))


def test_sampling_shows_what_it_draws_from():
    told = lesson(article_example())
    probabilities = told.trace["probabilities"].value
    words = probabilities[:, 2:] / probabilities[:, 2:].sum(axis=1, keepdims=True)  # without <pad> and <start>
    drawn = sampling(told, 1.0, 0, 1.0).result
    assert drawn.columns == told.example.translator.target.words
    (shares,) = drawn.values
    assert not shares[:, :2].any()
    np.testing.assert_allclose(shares[:, 2:], words)
    first = told.step("next.greedy").tables[0].rows[0][1]
    assert shares[0].max() == pytest.approx(first)
    for key in ("probabilities", "next.words", "next.greedy"):
        assert "<pad> and <start>" in "".join(span.text for span in spans(told.step(key).prose))


def said(told):
    """All that a lesson says, as it reads."""
    return "\n".join(
        [told.example.origin, *(glossary.plain(step.prose) for step in told.steps), *glossary.TERMS.values()]
    )


def test_a_prediction_of_random_weights_is_cautioned_of_and_that_of_trained_ones_is_not(told):
    is_trained = told.example.embedding is None and not told.example.at_will
    for key in ("next.words", "next.greedy"):
        assert ("random, not trained" in told.step(key).prose) != is_trained


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


def test_shares_of_what_is_masked_are_spoken_of_where_there_are_some(told):
    for step in told.steps:
        if step.key.endswith("attention.weights") and not step.key.startswith("back."):
            zero = (told.array(step.shown[0]) == 0).any()
            assert ("Where the mask put minus infinity, the share is zero" in step.prose) == zero, step.key
            assert "above zero" not in step.prose


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_the_activation_is_told_as_this_model_has_it(activation):
    example = own_example(small_embedding(), ["you"], ["de"], Configuration(4, activation=activation))
    prose = lesson(example).step("encoder.0.feed_forward.activation").prose
    assert ("GELU" in prose) == (activation == "gelu")
    assert ("below zero becomes zero" in prose) == (activation == "relu")


def test_beam_search_is_told_as_it_is_done(told):
    prose = told.step("next.beam").prose
    assert "at every step" not in prose
    assert "a wider beam can find a worse translation" in prose
    tree, ended = told.step("next.beam").tables
    for answer, log_probability, n, norm, score in ended.rows:
        assert n == len(answer.split())
        assert norm == pytest.approx(((5 + n) / 6) ** 0.6)
        assert score == pytest.approx(log_probability / norm)
    best = max(ended.rows, key=lambda row: row[-1])[0].removesuffix("<end>").strip()
    assert (best or "the empty sentence") in "".join(span.text for span in spans(prose))
    assert len(ended.rows) == sum(row[0].split()[-1] == "<end>" for row in tree.rows)


def test_a_beam_can_find_a_less_probable_answer_than_greedy_decoding():
    """As the lesson says; of random models one in a few does."""
    worse = [
        seed
        for seed in range(30)
        if beam_search(toy_translator(seed), ["one", "two"], 3, penalty=0).log_probability
        < greedy(toy_translator(seed), ["one", "two"]).log_probability - 1e-9
    ]
    assert worse


def test_what_nobody_uses_and_what_is_zero_by_rounding_alone_are_said():
    for told in (lesson(EXAMPLES["article"]()), lesson(EXAMPLES["phrase book"]())):
        for side in ("source", "target"):
            assert "nothing uses their gradient" in told.step(f"back.{side}.positions").prose
        biases = [name for name in told.trace.parameters if name.endswith("key.bias")]
        assert biases
        for name in biases:
            noise = told.trace[name].gradient
            assert 0 < np.abs(noise).max() < 1e-9
            assert not told.array(Shown(name, GRADIENT)).any()
            assert told.explain(Shown(name, GRADIENT), 1).number == 0
            assert "changes no share of the softmax" in told.step(f"back.{name.removesuffix('.bias')}").prose


def test_cosines_among_vectors_chosen_at_will_are_not_called_neighbours():
    article_told, trained = lesson(EXAMPLES["article"]()), lesson(EXAMPLES["phrase book"]())
    for side in ("source", "target"):
        assert "arbitrary" in article_told.step(f"{side}.embedding").tables[0].title
        assert "Nearest by cosine" in trained.step(f"{side}.embedding").tables[0].title
    assert "the order says nothing about the words yet" in article_told.step("update.neighbours").prose
    assert "arbitrary" not in trained.step("update.neighbours").prose


@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_rows_without_a_gradient_stay_in_the_first_step_alone(rule):
    told = lesson(replace(article_example(), optimiser=rule))
    prose = told.step("update.embeddings").prose
    assert "the others have not: their gradient is zero" in prose
    assert ("for this first step" in prose) == (rule == "adam")
    assert ("still moves by 0.673 times the learning rate" in prose) == (rule == "adam")


def test_adam_moves_a_weight_once_more_without_a_gradient():
    for gradient in (-1.5, 1e-3):
        rule, weight = Adam(), np.zeros(1)
        rule.step(weight, np.array([gradient]), 0.1, 1)
        first = weight.copy()
        rule.step(weight, np.zeros(1), 0.1, 2)
        assert abs(weight - first)[0] / 0.1 == pytest.approx(silent_step(), rel=1e-5)
        assert np.sign(weight - first) == np.sign(first)
    assert silent_step() == pytest.approx(0.6733, abs=5e-5)


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
