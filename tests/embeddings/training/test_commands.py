"""The commands train and sisters: options reach the right recipe, and what does not go together is refused."""

import json
import os
import signal
import tomllib

import pytest

from explorer.cli import main
from explorer.embeddings.training import making
from tests.embeddings.training.test_word2vec import write_corpus


@pytest.fixture
def ask(capsys):
    """Run a command; give its exit status, standard output and standard error."""

    def run(*arguments):
        status = main(list(map(str, arguments)))
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


@pytest.fixture
def corpus(tmp_path):
    return write_corpus(tmp_path / "corpus.txt")


def test_glove_takes_its_own_options_and_defaults(ask, corpus, tmp_path):
    flags = ["--method", "glove", "--window", 3, "--dimensions", 4, "--sweeps", 2, "--minimum-count", 5]
    status, output, _ = ask("train", corpus, "--out", tmp_path / "model", *flags, "--title", "Small", "--json")
    assert status == 0
    card = json.loads(output)
    assert card["title"] == "Small"
    recipe = {key: value for key, value in card["training"].items() if key != "library"}
    assert recipe == {
        "method": "glove",
        "window": 3,
        "dimensions": 4,
        "sweeps": 2,
        "maximum": 10.0,
        "exponent": 0.75,
        "ridge": 3.0,
        "minimum_count": 5,
        "seed": 1,
    }


def test_fasttext_takes_its_own_options(ask, corpus, tmp_path):
    flags = "--method fasttext --algorithm cbow --epochs 1 --dimensions 4 --shortest 2 --longest 3 --buckets 30"
    status, output, _ = ask("train", corpus, "--out", tmp_path / "model", *flags.split(), "--minimum-count", 5)
    assert status == 0
    assert "15 words × 4 dimensions" in output
    card = tomllib.loads((tmp_path / "model" / "card.toml").read_text())
    assert card["subwords"] == {"minimum": 2, "maximum": 3, "buckets": 30}
    assert (card["training"]["algorithm"], card["training"]["epochs"]) == ("cbow", 1)


def test_sisters_are_made_of_a_trained_model(ask, corpus, tmp_path):
    flags = ["--vector-size", 4, 4, "--window", 2, 5, "--epochs", 1, "--dimensions", 6, "--minimum-count", 5]
    assert ask("train", corpus, "--out", tmp_path / "model", *flags)[0] == 0
    status, output, _ = ask("sisters", corpus, "--of", tmp_path / "model", "--seeds", 2, 3, "--words", 9, *flags)
    assert status == 0
    assert "made from 2 more seeds" in output
    card = tomllib.loads((tmp_path / "model" / "card.toml").read_text())
    assert [training["window"] for training in card["sisters"]["trainings"]] == [2, 5]
    assert card["training"]["method"] == "word2vec"


@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_training_as_ctrl_c_does(ask, corpus, tmp_path, monkeypatch, number, status):
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(making, "write_vocabulary", lambda *_: os.kill(os.getpid(), number))
    flags = "--vector-size 4 --epochs 1 --minimum-count 5".split()
    assert ask("train", corpus, "--out", tmp_path / "model", *flags)[0] == status
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--method glove --epochs 3", "epochs is no option of glove, which has window, dimensions, sweeps"),
        ("--method glove --whitening 0.5", "whitening is no option of glove"),
        ("--method fasttext --vector-size 50", "vector_size is no option of fasttext"),
        ("--method fasttext --window 2 5", "window has 2 values, but fasttext trains once"),
        ("--sweeps 3", "sweeps is no option of word2vec"),
        ("--algorithm glove", "algorithm is “glove”, but must be one of skip-gram or cbow"),
        ("--window 2 5 --epochs 1 2 3", "2 values of window for 3 trainings"),
        ("--method glove --ridge -1", "ridge is -1, but must be a number from 0 to 1e+09"),
    ],
)
def test_options_that_do_not_go_together_are_refused_with_a_sentence(ask, corpus, tmp_path, flags, said):
    status, _, error = ask("train", corpus, "--out", tmp_path / "model", *flags.split())
    assert status == 2
    assert said in error
    assert not (tmp_path / "model").exists()
