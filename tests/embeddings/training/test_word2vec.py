"""From a small corpus to a model folder: what is in it, that it repeats, and that failure leaves nothing behind."""

import os
import random
import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings.model_files import VECTORS, VOCABULARY
from explorer.embeddings.training.corpus import CorpusError
from explorer.embeddings.training.folder import grid_step
from explorer.embeddings.training.making import About, TrainingError
from explorer.embeddings.training.word2vec import Options, Training, train, trainings

SUBJECTS = ("plane", "aircraft", "pilot", "king", "queen")
VERBS = ("flies", "lands", "rules", "sleeps")
PLACES = ("london", "paris", "dc-3", "u.s")
OPTIONS = Options(
    trainings=(Training("skip-gram", 2, dimensions=8, epochs=2), Training("cbow", 5, dimensions=6, epochs=1)),
    dimensions=10,
    minimum_count=5,
    seed=7,
)
ONCE = replace(OPTIONS, trainings=(Training("cbow", 5, dimensions=10, epochs=1),))  # each takes a process of its own
ABOUT = About(title="A “title”", licence="CC0", corpus="made up", probes=("plane", "zeppelin"))


def write_corpus(path):
    draw = random.Random(0)
    lines = [f"The {draw.choice(SUBJECTS)} {draw.choice(VERBS)} in {draw.choice(PLACES)}.\n" for _ in range(400)]
    path.write_text("".join(lines) + "Once: a hapax.\n")
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus") / "corpus.txt")


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    """The same training twice: the two folders, the card, and the progress reported."""
    models = tmp_path_factory.mktemp("models")
    reported = []
    card = train(corpus, models / "first", OPTIONS, ABOUT, lambda stage, share: reported.append((stage, share)))
    train(corpus, models / "second", OPTIONS, ABOUT)
    assert sorted(os.listdir(models)) == ["first", "second"]
    return models / "first", models / "second", card, reported


def test_gensim_reads_vectors_and_counts(trained, corpus):
    folder, *_ = trained
    vectors = KeyedVectors.load_word2vec_format(folder / VECTORS, fvocab=folder / VOCABULARY, binary=True)
    assert set(vectors.index_to_key) == {"the", "in", *SUBJECTS, *VERBS, *PLACES}
    counts = [vectors.get_vecattr(word, "count") for word in vectors.index_to_key]
    assert counts == sorted(counts, reverse=True)
    assert vectors.get_vecattr("plane", "count") == corpus.read_text().count(" plane ")
    assert vectors.vectors.shape == (15, 10)


def test_vectors_have_length_one_but_for_the_rounding(trained):
    folder, *_ = trained
    vectors = KeyedVectors.load_word2vec_format(folder / VECTORS, binary=True).vectors
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=grid_step(10) * np.sqrt(10) / 2)
    steps = vectors / grid_step(10)
    np.testing.assert_array_equal(steps, np.rint(steps))


def test_one_worker_and_the_same_seed_give_the_same_bits(trained):
    first, second, *_ = trained
    assert (first / VECTORS).read_bytes() == (second / VECTORS).read_bytes()
    assert (first / VOCABULARY).read_bytes() == (second / VOCABULARY).read_bytes()


def test_the_card_says_how_the_model_was_made(trained):
    folder, _, card, _ = trained
    written = tomllib.loads((folder / "card.toml").read_text())
    assert written["title"] == ABOUT.title
    assert (written["words"], written["dimensions"], written["date"]) == (15, 10, date.today())
    assert written["size"] == sum((folder / name).stat().st_size for name in (VECTORS, VOCABULARY))
    assert written["corpus"] == {
        "name": "made up",
        "licence": "CC0",
        "attribution": "",
        "tokens": 2003,
        "paragraphs": 401,
    }
    assert [training["window"] for training in written["training"]["trainings"]] == [2, 5]
    assert written["training"]["seed"] == 7
    assert list(written["neighbours"]) == ["plane"]
    assert card["scores"] == written["scores"]


def test_progress_goes_through_the_stages_and_never_back(trained):
    *_, reported = trained
    assert list(dict(reported)) == ["reading", "training", "evaluating", "writing"]
    assert [share for stage, share in reported if stage == "training"] == [0, 1 / 3, 2 / 3, 1]


def test_trainings_are_made_of_lists_a_single_value_going_for_all():
    assert trainings(window=[2, 10], epochs=[3]) == (Training(window=2, epochs=3), Training(window=10, epochs=3))
    with pytest.raises(TrainingError, match="2 values of epochs for 3 trainings"):
        trainings(window=[2, 5, 10], epochs=[3, 4])


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (Training, {"algorithm": "glove"}),
        (Training, {"window": 0}),
        (Training, {"epochs": -1}),
        (Training, {"sample": 1.5}),
        (Options, {"trainings": ()}),
        (Options, {"dimensions": 0}),
        (Options, {"dimensions": 151}),
        (Options, {"whitening": 2.0}),
        (Options, {"minimum_count": 0}),
        (Options, {"seed": -1}),
    ],
)
def test_options_that_cannot_work_are_refused_with_a_sentence(kind, wrong):
    with pytest.raises(TrainingError, match=r"\.$"):
        kind(**wrong)


def test_an_existing_folder_is_left_alone(corpus, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(TrainingError, match="there already"):
        train(corpus, tmp_path / "out", OPTIONS)
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match="could not be written"):
        train(corpus, tmp_path / "file" / "out", OPTIONS)


def test_a_corpus_too_small_leaves_nothing_behind(corpus, tmp_path):
    with pytest.raises(CorpusError, match="too small"):
        train(corpus, tmp_path / "trained" / "out", replace(OPTIONS, minimum_count=10_000))
    assert not (tmp_path / "trained").exists()


@pytest.mark.parametrize("stage", ["reading", "training", "evaluating", "writing"])
def test_an_interrupt_at_any_stage_leaves_nothing_behind(corpus, tmp_path, stage):
    def interrupt(now, share):
        if now == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(corpus, tmp_path / "out", ONCE, ABOUT, interrupt)
    assert os.listdir(tmp_path) == []


def test_a_training_that_fails_says_so_and_leaves_nothing_behind(corpus, tmp_path):
    too_large = replace(OPTIONS, trainings=(Training(dimensions=2**40),))
    with pytest.raises(TrainingError, match="failed"):
        train(corpus, tmp_path / "out", too_large)
    assert os.listdir(tmp_path) == []
