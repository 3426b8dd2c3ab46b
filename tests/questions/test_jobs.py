"""All jobs at the core, in Python and on the command line: the same bounds, the same sentences, and what they make."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.cli import declared_jobs as commands
from explorer.embeddings import bounds
from explorer.embeddings.training import defaults, fasttext, glove, tagging, word2vec
from explorer.errors import Cancelled, UserError
from explorer.initialisation import library
from explorer.lessons.learning import Learning
from explorer.python import FUNCTIONS, Model
from explorer.questions import JOBS, QUESTIONS
from explorer.questions.copies import option, python
from explorer.questions.jobs import Fit, Job, Watch
from explorer.questions.parameter import File, Flag, Parameter, Several, Texts, Whole
from explorer.service.agents import server
from explorer.service.questions import document
from explorer.transformer.decoding import greedy
from tests.embeddings.conftest import own_models  # noqa: F401  a fixture
from tests.embeddings.training.test_word2vec import write_corpus
from tests.initialisation import tiny
from tests.questions import test_contract as contract
from tests.questions.doors import Refused, run

PARAMETERS = [
    pytest.param(job, parameter, id=f"{job.name}-{parameter.name}")
    for job in JOBS.values()
    for parameter in job.parameters.values()
]


class Echo(contract.Echo):
    def as_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, Path) else value for name, value in self.asked.items()}


def words(job: type[Job], values: dict[str, Any]) -> list[str]:
    """The command line that these values need."""
    named, positional = [], []
    for name, value in values.items():
        texts = [str(each) for each in (value if isinstance(value, list) else [value])]
        if job.parameters[name].positional:
            positional += texts
        else:
            flag = isinstance(job.parameters[name], Flag)
            named += [option(name)] if flag else [f"{option(name)}={text}" for text in texts]
    return [job.name, *named, *(["--", *positional] if positional else [])]


def answers(job: type[Job], values: dict[str, Any]) -> dict[str, Any]:
    """What every door says to these values."""

    def outcome(ask: Any) -> Any:
        try:
            return json.loads(json.dumps(ask().as_json(), allow_nan=False))
        except UserError as error:
            return Refused(str(error))

    return {
        "core": outcome(lambda: job(**values).answer()),
        "Python": outcome(lambda: FUNCTIONS[job.python_name](**values)),
        "command line": run(words(job, values)),
    }


def inside(parameter: Parameter) -> list[Any]:
    match parameter:
        case File():
            return ["a folder/odd “name”.tsv.gz"]
        case Several():
            each = inside(parameter.each)
            return [each[:1], each[:1] * parameter.most]
        case Texts():
            return [["plain", 'odd, "quoted"'], ["-dash"]]
    return contract.inside(parameter)


def outside(parameter: Parameter) -> list[Any]:
    if isinstance(parameter, Several):
        return [[value] for value in outside(parameter.each)] + [inside(parameter.each)[:1] * (parameter.most + 1)]
    return contract.outside(parameter)


@pytest.mark.parametrize(("job", "parameter"), PARAMETERS)
def test_bounds_hold_at_every_door(job, parameter, monkeypatch):
    monkeypatch.setattr(job, "answer", lambda self, *_, **__: Echo(self.values))
    monkeypatch.setattr(job, "check", lambda self: None)
    monkeypatch.setattr(job, "refuse_idle", lambda self: None)
    monkeypatch.setattr(commands, "_fit", partial(commands._do, Fit))
    required = {
        p.name: p.example for p in job.parameters.values() if p.is_required or (p.positional and p is not parameter)
    }
    for value in inside(parameter):
        sentences = answers(job, required | {parameter.name: value})
        assert not isinstance(sentences["core"], Refused), sentences["core"]
        assert len(set(map(repr, sentences.values()))) == 1, sentences
    for value in outside(parameter):
        sentences = answers(job, required | {parameter.name: value})
        assert isinstance(sentences["core"], Refused), value
        assert len(set(sentences.values())) == 1, sentences


@pytest.mark.parametrize(("job", "parameter"), PARAMETERS)
def test_every_parameter_is_explained(job, parameter):
    assert parameter.help
    assert "\n" not in parameter.help
    assert not parameter.help.endswith(".")
    assert parameter.help in parameter.schema()["description"]
    assert parameter.default is None or parameter.is_required or parameter.check(parameter.default) is not None
    if parameter.example is not None:
        assert job.example().values[parameter.name] is not None


@pytest.mark.parametrize("name", JOBS)
def test_what_is_missing_gets_a_sentence_and_the_example_can_be_copied(name):
    job = JOBS[name]
    if required := [parameter.name for parameter in job.parameters.values() if parameter.is_required]:
        sentences = answers(job, {})
        assert sentences["core"].sentence.startswith(f"{required[0]} is missing")
        assert len(set(sentences.values())) == 1, sentences
    with pytest.raises(UserError, match="no parameter “nonsense”"):
        FUNCTIONS[job.python_name](nonsense=1)
    compile(python(job.example()), "example", "exec")
    assert job.summary()
    assert name not in QUESTIONS


def test_http_and_agents_serve_no_job():
    addresses = {vars(route)["path"] for route in document().routes}
    assert not any(f"/{name}" in addresses for name in JOBS)
    assert server() is not None


def test_the_recipes_have_the_defaults_that_are_declared():
    assert vars(glove.Options()) == defaults.GLOVE
    assert vars(fasttext.Options()) == defaults.FASTTEXT
    of_one = {name: defaults.WORD2VEC[name] for name in defaults.OF_EACH_TRAINING if name != "vector_size"}
    assert vars(word2vec.Training()) == of_one | {"dimensions": defaults.WORD2VEC["vector_size"]}
    others = {name: value for name, value in vars(word2vec.Options()).items() if name != "trainings"}
    assert others == {name: value for name, value in defaults.WORD2VEC.items() if name not in defaults.OF_EACH_TRAINING}


class Heard(list[tuple[str, float]]):
    """What a job reports of its progress."""

    def __call__(self, doing: str, share: float) -> None:
        assert 0 <= share <= 1
        self.append((doing, share))


@pytest.mark.usefixtures("own_models")
def test_import_export_and_index(tmp_path):
    lines = "".join(f"{word} {i} {i % 2} 1\n" for i, word in enumerate(("king", "queen", "car", "truck", "null")))
    (tmp_path / "five.txt").write_text(lines, encoding="utf-8")
    heard = Heard()
    answer = explorer.import_vectors(tmp_path / "five.txt", model_name="five", progress=heard)
    assert answer.as_json()["words"] == 5
    assert heard[-1] == ("importing", 1.0)
    assert "neighbours WORD --model five" in str(answer)
    model = explorer.open("five")
    assert isinstance(model, Model)
    written = model.export(tmp_path / "out.txt")
    assert list(written.as_frame()["file"]) == [str(tmp_path / "out.txt")]
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").startswith("5 3\nking ")
    for ending, form in (("npy", "npy"), ("csv.gz", "csv"), ("vec", "word2vec-text")):
        assert explorer.export("five", tmp_path / f"out.{ending}").as_json()["format"] == form
    with pytest.raises(Cancelled, match="The job export was cancelled"):
        explorer.export("five", tmp_path / "none.txt", cancelled=lambda: True)
    assert not [path for path in tmp_path.iterdir() if "none" in path.name]
    pytest.importorskip("faiss")
    assert 0 <= model.index().as_json()["recall"] <= 1


def test_download_is_refused_for_what_the_catalogue_lacks():
    (sentence,) = set(answers(JOBS["download"], {"model_name": "nonsense"}).values())
    assert "is not in the catalogue" in sentence.sentence


def test_train_and_sisters_make_a_model_or_nothing(tmp_path):
    corpus, out = write_corpus(tmp_path / "corpus.txt"), tmp_path / "model"
    small = {"vector_size": 4, "epochs": 1, "minimum_count": 5}
    with pytest.raises(Cancelled):
        explorer.train(corpus, out=out, **small, cancelled=lambda: True)
    assert sorted(tmp_path.iterdir()) == [corpus]
    heard = Heard()
    answer = explorer.train(corpus, out=out, **small, title="Small", progress=heard)
    assert (answer.as_json()["title"], answer.as_json()["dimensions"]) == ("Small", 4)
    assert list(dict.fromkeys(doing for doing, _ in heard)) == ["reading", "training", "evaluating", "writing"]
    answer = explorer.sisters(corpus, of=out, seeds=[2, 3], words=9, **small)
    assert answer.as_json()["seeds"] == [2, 3]
    assert "made from 2 more seeds" in answer.headline


def test_lexicon_counts_a_text(tmp_path, monkeypatch):
    monkeypatch.setattr(tagging, "perceptron_tagger", lambda rule: lambda texts: [["NN"] * len(text) for text in texts])
    (tmp_path / "text.txt").write_text("The old king of the small land sleeps in a castle today.\n" * 9)
    answer = explorer.lexicon(tmp_path / "text.txt", out=tmp_path / "lexicon.tsv.gz", every=1)
    assert answer.as_json()["tagged_words"] == 9 * 11  # without the first word, whose capital says nothing
    assert (tmp_path / "lexicon.tsv.gz").exists()


def test_fit_trains_keeps_and_scores(tmp_path):
    pairs = [("one", "uno"), ("two", "dos"), ("three", "tres"), ("one two", "uno dos"), ("two three", "dos tres")]
    lines = "".join(f"train\t{source}\t{target}\n" for source, target in pairs) + "test\ttwo one\tdos uno\n"
    (tmp_path / "pairs.tsv").write_text(lines, encoding="utf-8")
    small = {"d_model": 8, "heads": 2, "layers": 1, "batch": 2}
    heard = Heard()
    answer = explorer.fit(tmp_path / "pairs.tsv", out=tmp_path / "a.safetensors", epochs=1, **small, progress=heard)
    assert heard == [("training", share) for share in (1 / 3, 2 / 3, 1.0)]
    assert (answer.as_json()["steps"], answer.as_json()["test"]["pairs"]) == (3, 1)
    assert "would be a loss of ln" in " ".join(answer.sentences)
    stopped = explorer.fit(tmp_path / "pairs.tsv", out=tmp_path / "b.safetensors", **small, cancelled=lambda: True)
    assert stopped.as_json()["steps"] == 0
    assert (tmp_path / "b.safetensors").exists()
    values = {"pairs": "pairs.tsv", "out": "c.safetensors", "frozen": True, "thaw": 3}
    (sentence,) = set(answers(Fit, values).values())
    assert "give only one" in sentence.sentence


def test_a_training_to_watch_learns_the_phrase_that_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    announced = []
    made = Watch(out="learning").answer(announce=announced.append)
    assert announced[0].startswith("935 pairs of")
    learning = Learning(Path("learning"))
    last = learning.moments[-1]
    assert made.table().rows[-1] == (200, last.measure.loss, last.measure.accuracy)
    assert made.sentences == (f"To ask it: explorer translate SENTENCE --checkpoint {last.path}",)
    source, target = learning.pair
    assert greedy(last.translator, source).words == tuple(target) == ("de", "nada")
    assert explorer.translate(" ".join(source), checkpoint=last.path).as_json()["translation"] == "de nada"
    for values, why in (
        ({"pairs": "pairs.tsv"}, "None of the pairs is for training"),
        ({"pairs": "pairs.tsv", "data": "phrase book"}, "Give data or pairs alone"),
        ({"data": "pasted pairs"}, "Name the file of the pasted pairs"),
        ({"arm": "random"}, "arm has an effect only with comparison"),
        ({"comparison": "phrase-book"}, "Name the arm of the run"),
        ({"comparison": "phrase-book", "arm": "random", "d_model": 16}, "d_model follows from the run"),
        ({"comparison": "nowhere", "arm": "random"}, "There is no comparison “nowhere”"),
    ):
        Path("pairs.tsv").write_text("test\tone\tuno\n")
        (sentence,) = set(answers(Watch, {"out": "learning"} | values).values())
        assert why in sentence.sentence
    for out, why in (("learning", "has a training already"), ("no/folder", "cannot be made: No such file")):
        with pytest.raises(UserError, match=f"The folder {out} {why}"):
            Watch(out=out).answer()


def test_compare_carries_out_a_plan(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "RESULTS", tmp_path / "results")
    plan = tmp_path / "tiny.toml"
    plan.write_text(tiny.plan(tmp_path, rates=(0.01,)).as_toml(), encoding="utf-8")
    with pytest.raises(Cancelled):
        explorer.compare(str(plan), workers=1, cancelled=lambda: True)
    heard = Heard()
    compared = explorer.compare(str(plan), workers=1, report=tmp_path / "report.csv", progress=heard)
    assert heard[-1] == ("4 runs", 1.0)
    assert compared.as_json()["missing"] == 0
    assert sorted(compared.as_frame()["arm"]) == ["random", "vectors"]  # the best first
    assert (tmp_path / "report.csv").exists()
    for values in ({}, {"plan": "quick", "quick": True}):
        (sentence,) = set(answers(JOBS["compare"], values).values())
        assert sentence.sentence == "Give the path or the name of one plan, or quick or data without a plan."


def test_a_seed_is_whatever_a_generator_takes():
    seeds = [JOBS[name].parameters["seed"] for name in ("train", "fit")]
    assert all(isinstance(seed, Whole) and seed.most == bounds.HIGHEST_SEED for seed in seeds)
