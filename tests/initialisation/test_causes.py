"""Finding the why: what tables are like, by loops of our own, and what a small training makes of them."""

import json
from dataclasses import replace

import numpy as np
import pytest

import explorer
from explorer.errors import Cancelled, UserError
from explorer.initialisation import experiment, rescaling, tables
from explorer.initialisation.causes import Causes, causes
from explorer.initialisation.plan import Job
from explorer.initialisation.sharpness import sharpness, sublayers
from explorer.initialisation.strategies import Strategy
from explorer.transformer.batches import Batches
from explorer.transformer.configuration import Configuration
from explorer.transformer.convolution import ConvolutionalClassifier
from explorer.transformer.tape import Tape
from explorer.transformer.vocabulary import Vocabulary
from tests.initialisation import tiny


@pytest.fixture
def random():
    return np.random.default_rng(3)


def test_the_effective_rank_counts_the_directions_that_are_used(random):
    axes = np.linalg.qr(random.normal(size=(40, 8)))[0]
    assert tables.effective_rank(axes[:, :5]) == pytest.approx(5)
    assert tables.effective_rank(np.outer(np.arange(1, 9), [1.0, 2.0])) == pytest.approx(1)
    table = random.normal(size=(30, 4)) * [9, 3, 1, 0.1]
    values = np.sqrt(np.linalg.eigvalsh(table.T @ table))
    shares = [value / values.sum() for value in values]
    assert tables.effective_rank(table) == pytest.approx(np.prod([share**-share for share in shares]))
    assert tables.effective_rank(np.zeros((3, 2))) == 0


def test_isotropy_does_not_depend_on_the_scale(random):
    table = random.normal(size=(200, 4))
    assert tables.isotropy(table) == pytest.approx(tables.isotropy(50 * table))
    assert tables.isotropy(table) > tables.isotropy(table + 3)


def test_a_probe_reads_what_a_line_can_say_and_nothing_else(random):
    table, tags = random.normal(size=(200, 4)), ["NOUN" if n % 2 else "VERB" for n in range(200)]
    told = table + np.array([[4.0 * (tag == "NOUN"), 0, 0, 0] for tag in tags])
    assert tables.tags_read(told, tags) > 0.9
    assert tables.tags_read(table, tags) < 0.65
    assert tables.tags_read(told, ["NOUN"] * 190 + ["VERB"] * 5 + [""] * 5) is None
    assert tables.commonest(["NOUN"] * 30 + ["VERB"] * 10 + ["X"]) == 0.75
    counts = np.exp(2 * told[:, 0] + 5)
    assert tables.frequency_read(told, counts) > 0.95
    assert tables.frequency_read(table[:, 1:], counts) == 0
    assert tables.frequency_read(told, [3] * 200) is None


def test_signal_to_noise_is_that_of_a_loop(random):
    gradients = random.normal(1, 1, (6, 4, 3)) * (random.random((6, 4, 1)) < 0.7)
    gradients[2:, 3] = 0
    for row, number in enumerate(tables.signal_to_noise(gradients)):
        own = [batch[row] for batch in gradients if batch[row].any()]
        mean = sum(own) / len(own)
        noise = np.sqrt(sum(sum((each - mean) ** 2) for each in own) / len(own))
        assert np.isnan(number) if len(own) < 3 else number == pytest.approx(np.sqrt(mean @ mean) / noise)


@pytest.fixture(scope="module")
def small_plan(tmp_path_factory):
    arms = {name: tiny.ARMS[name] for name in ("random", "vectors", "frozen")} | {"zeros": Strategy("zeros")}
    return tiny.plan(tmp_path_factory.mktemp("causes"), arms=arms)


def as_read_back(answer):
    """The answer as a page reads it from the file that a job wrote."""
    again = type(answer).of_json(answer.plan, json.loads(json.dumps(answer.as_json())))
    assert (again.headline, again.sentences, again.table()) == (answer.headline, answer.sentences, answer.table())
    assert again.as_json() == answer.as_json()
    return again


def test_each_arm_is_looked_at_before_and_after(small_plan):
    heard = []
    answer = causes(small_plan, 4, tell=lambda stage, done: heard.append(done))
    rows = {(row.arm, row.moment): row for row in answer.rows}
    assert heard == sorted(heard)
    assert heard[-1] == 1
    assert all(rows[arm, "end"].loss < rows[arm, "start"].loss for arm in small_plan.arms)
    before, after = rows["frozen", "start"], rows["frozen", "end"]
    assert (before.effective_rank, before.isotropy, before.ratio) == (after.effective_rank, after.isotropy, after.ratio)
    assert rows["random", "start"].effective_rank != rows["random", "end"].effective_rank
    assert rows["zeros", "start"].ratio == 0
    assert rows["random", "start"].sharpness > rows["frozen", "start"].sharpness > 0  # of fewer parameters
    places = [(each.arm, each.moment, each.layer, each.sublayer) for each in answer.sublayers]
    assert places[:2] == [("random", "start", 1, "self_attention"), ("random", "start", 1, "feed_forward")]
    assert len(places) == len(set(places)) == 2 * 2 * len(small_plan.arms)
    assert "After 4 updates with 100% of the pairs (one seed)" in answer.headline
    assert as_read_back(answer).sublayers == answer.sublayers
    untagged = Causes(small_plan, 1.0, 4, [replace(row, tags_read=None) for row in answer.rows], 1.0)
    assert not any("most frequent part of speech" in sentence for sentence in untagged.sentences)
    assert not any("rank correlation" in sentence for sentence in answer.sentences)  # of four arms
    with pytest.raises(Cancelled):
        causes(small_plan, 4, cancelled=lambda: True)
    with pytest.raises(UserError, match=r"no size 0\.3"):
        causes(small_plan, 4, 0.3)


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian():
    """Against the whole matrix, which PyTorch differentiates twice."""
    torch = pytest.importorskip("torch", reason="the live comparison needs PyTorch: pip install torch==2.13.0")
    words = Vocabulary.of([("a", "b", "c")])
    table = np.random.default_rng(0).normal(size=(len(words), 3))
    model = ConvolutionalClassifier.fresh(Configuration(3, heads=1), words, ("x", "y"), 0, table)
    (batch,) = Batches(model, [(("a", "b"), ("x",)), (("c", "a"), ("y",))], 2).in_order()
    tape = Tape(model.parameters)
    model.logits(tape, batch)
    (features,) = [torch.tensor(node.value[:, 0]) for node in tape.nodes if node.name == "convolution.features"]
    first = torch.tensor(model.parameters["labels.output.weight"])

    def loss(weight):
        return torch.nn.functional.cross_entropy(features @ weight, torch.tensor(batch.expected[:, 0]))

    hessian = torch.func.hessian(loss)(first).reshape(first.numel(), -1)
    kept = [name for name in model.parameters if name != "labels.output.weight"]
    expected = float(torch.linalg.eigvalsh(hessian)[-1])
    assert sharpness(model, batch, kept) == pytest.approx(expected, rel=1e-4)


def test_what_a_sublayer_adds_is_that_of_the_pass(small_plan):
    prepared = experiment.prepare(small_plan, Job("random", small_plan.arms["random"], 1.0, 0, 0.003))
    attention, _feed_forward = sublayers("random", "start", prepared.translator, prepared.task)
    traces = list(experiment.probed(prepared.translator, prepared.task))
    entering = [np.linalg.norm(trace["source.input"].value, axis=-1).mean() for trace in traces]
    assert attention.stream == pytest.approx(np.mean(entering))
    whole = [trace["encoder.0.self_attention.residual"].value - trace["source.input"].value for trace in traces]
    assert attention.added == pytest.approx(np.mean([np.linalg.norm(each, axis=-1).mean() for each in whole]), rel=1e-5)
    assert attention.share == attention.added / attention.stream


def test_vectors_are_as_long_beside_the_positions_as_they_are_asked_to_be(small_plan, tmp_path):
    answer = rescaling.rescaling(small_plan, 3, ratios=(0.5, 2.0))
    assert list(answer.kinds) == ["random", "vectors"]  # zeros stay zeros, and frozen tables show no tuning
    assert [(row.ratio, row.factor) for row in answer.rows if row.kind == "vectors"] == [
        (ratio, ratio / answer.kinds["vectors"][0].own_ratio) for ratio in (0.5, 2.0)
    ]
    job = Job("vectors", small_plan.arms["vectors"], 1.0, 0, 0.003)
    scaled = rescaling._scaled(experiment.prepare(small_plan, job), answer.kinds["vectors"][1].factor)
    lengths = experiment.probe(scaled.translator, scaled.task)
    assert lengths.vectors / lengths.positions == pytest.approx(2.0, rel=1e-5)
    as_read_back(answer)
    assert answer.by_kind >= 0
    assert "the scale of a table moves the validation loss by" in answer.headline
    zeros = tiny.plan(tmp_path, arms={name: Strategy("zeros") for name in ("random", "b")})
    with pytest.raises(UserError, match="all are zeros"):
        rescaling.rescaling(zeros, 3, ratios=(1.0,))


def test_the_jobs_name_what_is_not_there():
    with pytest.raises(UserError, match="There is no comparison “nonsense”"):
        explorer.causes("nonsense")
    with pytest.raises(UserError, match="updates"):
        explorer.rescaling("phrase-book", updates=0)


def test_the_texts_of_a_comparison_that_came_along_are_not_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"The texts of “kim-trec” are not here.*columns “text”, “label”, “part”.*TREC"):
        explorer.causes("kim-trec")
