"""The commands about models, as a user types them."""

import json
import os
import signal

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from explorer.cli import main
from explorer.embeddings import catalog, importing
from explorer.embeddings.formats import writing
from tests.embeddings.conftest import write_model


@pytest.fixture
def ask(capsys, own_models):
    """Run a command in a models/ of its own; give its exit status, standard output and standard error."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


def test_from_a_file_to_its_neighbours_and_out_again(ask, tmp_path):
    status, output, _ = ask("import", datapath("lee_fasttext_new.bin"), "--name", "lee")
    assert status == 0
    assert output.startswith("lee: 1,763 words × 10 dimensions, fastText")
    answer = json.loads(ask("neighbours", "the", "--model", "lee", "-n", "3", "--json")[1])
    assert len(answer["neighbours"]) == 3

    _, output, _ = ask("export", "lee", tmp_path / "lee.txt", "--json")
    assert json.loads(output)["files"] == [str(tmp_path / "lee.txt")]
    assert KeyedVectors.load_word2vec_format(str(tmp_path / "lee.txt")).index_to_key == list(catalog.load("lee").words)
    assert "lee-metadata.tsv" in ask("export", "lee", tmp_path / "lee.tsv", "--format", "projector")[1]
    card = json.loads(ask("import", tmp_path / "lee.tsv", "--name", "lee-2", "--json")[1])
    assert card["source"]["format"] == "projector TSV"


def test_numbers_get_their_words_from_a_list_and_what_was_taken_is_said(ask, tmp_path):
    (file := tmp_path / "embeddings.txt").write_text("0.5 1.5\n0 0\n")
    (words := tmp_path / "words.lst").write_text("fruit\napple\npear\n")
    assert "a list of its words" in ask("import", file)[2]
    _, output, _ = ask("import", file, "--metadata", words)
    assert "embeddings: 2 words × 2 dimensions, numbers with a list of words" in output
    assert "its first line, with “fruit”, was taken for a header" in output
    assert "1 of 2 vectors is all zeros, and nothing is near to it: “pear”" in output


def test_models_lists_what_is_at_hand_and_what_can_be_downloaded(ask):
    ask("import", datapath("toy-model.vec"))
    answer = json.loads(ask("models", "--json")[1])
    assert [card["name"] for card in answer["models"]] == ["toy-model"]
    (news,) = (model for model in answer["downloadable"] if model["name"] == "word2vec-google-news-300")
    assert (news["words"], news["dimensions"], news["size"]) == (3_000_000, 300, 1_743_563_840)
    output = ask("models")[1]
    assert "toy-model" in output
    assert "69 MB" in output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import", "nowhere.txt"], "There is no file nowhere.txt"),
        (["import", "models"], "is a folder"),
        (["import", datapath("old_keyedvectors_320.dat")], "is a pickle"),
        (["import", datapath("toy-model.vec"), "--name", "../outside"], "cannot be the name of a model"),
        (["import", datapath("similarities0-1.txt")], "Give the metadata file"),
        (["download", "nonsense"], "is not in the catalogue"),
        (["export", "nonsense", "x"], "no model called “nonsense”"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_exit_status_2(ask, arguments, says):
    status, output, error = ask(*arguments)
    assert (status, output) == (2, "")
    assert says in error


def test_ctrl_c_leaves_nothing(ask, own_models, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "write_arrays", interrupt)
    status, output, error = ask("import", datapath("toy-model.vec"))
    assert (status, output, error) == (130, "", "explorer: stopped.\n")
    assert [path.name for path in own_models.iterdir()] == ["lexicon.tsv.gz"]


@pytest.fixture(params=[(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["SIGTERM", "SIGHUP"])
def ended(request, monkeypatch, hangup):
    """Sends this process a signal when the next array is written; gives the exit status that says so."""
    number, status = request.param
    monkeypatch.setattr(np, "save", lambda *_: os.kill(os.getpid(), number))
    return status


def test_a_signal_ends_an_import_as_ctrl_c_does(ask, own_models, ended):
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    assert ask("import", datapath("toy-model.vec")) == (ended, "", "explorer: stopped.\n")
    assert [path.name for path in own_models.iterdir()] == ["lexicon.tsv.gz"]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == handlers


def test_a_signal_ends_an_export_as_ctrl_c_does(ask, tmp_path, monkeypatch):
    ask("import", datapath("toy-model.vec"))
    monkeypatch.setattr(writing, "_as_text", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert ask("export", "toy-model", tmp_path / "out.txt")[0] == 143
    assert not [path.name for path in tmp_path.iterdir() if "out.txt" in path.name]


def test_a_signal_ends_a_conversion_as_ctrl_c_does(ask, own_models, tmp_path, ended):
    write_model(own_models / "tiny")
    (own_models / "tiny" / "card.toml").touch()
    assert ask("neighbours", "plane", "--model", "tiny")[0] == ended
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_signal_that_nohup_has_set_aside_stays_so(ask, monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        monkeypatch.setattr(importing.secrets, "token_hex", lambda _: os.kill(os.getpid(), signal.SIGHUP) or "draft")
        assert ask("import", datapath("toy-model.vec"))[0] == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_engine_that_is_no_file_is_not_made(tmp_path, capsys):
    file = tmp_path / "nofile.db"
    assert main(["remove", "spaces", "--from", str(file), "--yes"]) == 2
    assert f"There is no file {file}" in capsys.readouterr().err
    assert not file.exists()
