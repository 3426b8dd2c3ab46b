"""What the command line prints, wherever it goes: to a terminal, to an encoding that lacks letters, about odd names."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest

from explorer.cli import main
from explorer.cli.output import streams_that_take_any_word
from explorer.embeddings import catalog
from tests.embeddings.training.test_word2vec import write_corpus

HOSTILE = (
    "king 1 0\n\x1b]0;pwned\x07x 0.9 0.1\n\x1b[31mred 0.8 0.3\n"
    "tu\u202ern 0.5 0.5\nover\rwritten 0.4 0.6\n\x9bqueën 0.3 1\n"
)


@pytest.fixture
def models(own_models, tmp_path):
    """A models/ of its own, with a model whose words mean harm to a terminal, and how a process is told of it."""
    (tmp_path / "odd.txt").write_text(HOSTILE, encoding="utf-8", newline="")
    assert main(["import", str(tmp_path / "odd.txt"), "--name", "odd"]) == 0
    return os.environ | {"EXPLORER_MODELS": str(own_models), "EXPLORER_CACHE": str(catalog.CACHE)}


class Terminal(io.TextIOWrapper):
    def __init__(self):
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding="utf-8", newline="")

    def isatty(self):
        return True

    def text(self):
        self.flush()
        return self.bytes.getvalue().decode()


def on_terminal(*arguments):
    """A command's exit status, and what a terminal gets of it on standard output and error."""
    out, error = Terminal(), Terminal()
    with redirect_stdout(out), redirect_stderr(error):
        status = main(list(arguments))
    return status, out.text(), error.text()


def obeyed(text):
    return [c for c in text if c != "\n" and not c.isprintable()]


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    "command",
    [
        ["neighbours", "king", "--model", "odd"],
        ["neighbours", "\x1b]0;me\x07", "--model", "odd"],
        ["complete", "", "--model", "odd"],
        ["search", ".", "--model", "odd"],
        ["matrix", "king", "\x1b[31mred", "--model", "odd"],
        ["analogy", "king - tu\u202ern", "--model", "odd"],
        ["side-by-side", "king", "--models", "odd"],
        ["import", "\x1b[2J.txt"],
        ["lesson", "--article", "--source", "You \x1b[31mare"],
        ["no\x1b[31mcommand"],
    ],
)
def test_a_terminal_is_shown_what_it_would_obey(command, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")  # without which headings are bold
    try:
        _, out, error = on_terminal(*command)
    except SystemExit:
        return
    assert obeyed(out) == []
    assert obeyed(error.replace("\r", "")) == []


@pytest.mark.usefixtures("models")
def test_control_characters_are_shown_as_escapes():
    _, out, _ = on_terminal("neighbours", "king", "--model", "odd")
    for escape in (r"\x1b]0;pwned\x07x", r"\x1b[31mred", r"tu\u202ern", r"over\x0dwritten", r"\x9bqueën"):
        assert escape in out


@pytest.mark.usefixtures("models")
def test_what_is_piped_stays_as_it_is(capsys):
    assert main(["neighbours", "king", "--model", "odd", "--json"]) == 0
    words = [row["word"] for row in json.loads(capsys.readouterr().out)["neighbours"]]
    assert words[0] == "\x1b]0;pwned\x07x"


def test_a_bar_may_still_return(capsys):
    terminal = Terminal()
    with redirect_stderr(terminal), streams_that_take_any_word():
        sys.stderr.write("\r 50%|▌")
        sys.stderr.write("one\rtwo\n")
    assert terminal.text() == "\r 50%|▌one\\x0dtwo\n"


def run(environment, *arguments):
    command = [sys.executable, "-m", "explorer", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize(
    "encoding",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=["ascii", "C"],
)
def test_an_encoding_that_lacks_letters_is_borne(models, encoding):
    finished = run(models | encoding, "neighbours", "king", "--model", "odd")
    assert finished.returncode == 0
    assert finished.stderr.startswith(b"The cosine is ")
    assert b"que\\xebn" in finished.stdout
    finished = run(models | encoding, "neighbours", "king", "--model", "odd", "--json")
    assert json.loads(finished.stdout)["neighbours"][-1]["word"] == "\x9bqueën"
    assert run(models | encoding, "--help").returncode == 0


def test_a_document_is_utf_8_in_any_encoding(models):
    finished = run(models | {"PYTHONIOENCODING": "ascii"}, "lesson", "--article", "--format", "json")
    assert finished.returncode == 0
    json.loads(finished.stdout.decode())


@pytest.mark.parametrize(
    ("redirection", "status", "says"),
    [
        (">&-", 0, "The cosine is"),
        ("2>&- >&- <&-", 0, ""),
        (">/dev/full", 2, "explorer: no more can be written: No space left on device. Make room, "),
        ("--json >/dev/full", 2, "explorer: no more can be written: No space left on device. Make room, "),
    ],
)
def test_what_is_closed_or_full_is_borne(models, redirection, status, says):
    line = f"exec {sys.executable} -m explorer neighbours king --model odd {redirection}"
    finished = subprocess.run(["sh", "-c", line], env=models, capture_output=True, text=True, check=False)
    assert finished.returncode == status
    assert finished.stderr.startswith(says)
    assert "Traceback" not in finished.stderr


def test_pairs_may_come_from_windows(ask, monkeypatch, tmp_path):
    content = b"\xef\xbb\xbfking,queen\r\n\r\nman\twoman\r\n"
    (tmp_path / "pairs.txt").write_bytes(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
    _, output, _ = from_file = ask("similarity", "--pairs", tmp_path / "pairs.txt", "--json")
    assert [pair["first"] for pair in json.loads(output)["pairs"]] == ["king", "man"]
    assert ask("similarity", "--pairs", "-", "--json") == from_file


@pytest.fixture
def ask(capsys):
    def ask(*arguments):
        status = main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        return status, output.out, output.err

    return ask


def test_a_file_whose_name_is_not_utf_8_is_imported(ask, own_models, tmp_path):
    file = tmp_path / os.fsdecode(b"n\xff.txt")
    file.write_text("king 1 0\nqueen 0 1\n")
    status, output, _ = ask("import", file, "--name", "mine", "--json")
    assert status == 0
    assert json.loads(output)["source"]["file"] == "n\\udcff.txt"
    assert ask("models")[0] == 0


def test_a_corpus_whose_name_is_not_utf_8_is_trained_on(ask, tmp_path):
    corpus = write_corpus(tmp_path / "corpus.txt").rename(tmp_path / os.fsdecode(b"c\xff.txt"))
    flags = "--vector-size 4 --epochs 1 --minimum-count 5".split()
    assert ask("train", corpus, "--out", tmp_path / "model", *flags)[0] == 0
    status, _, error = ask("train", corpus, "--out", tmp_path / os.fsdecode(b"m\xff"), *flags)  # gensim's threads hang
    assert status == 2
    assert "is not UTF-8" in error


def test_a_translator_whose_name_is_not_utf_8_is_kept(ask, tmp_path):
    (tmp_path / "pairs.tsv").write_text("train\tone two\tuno dos\n" * 8)
    out = tmp_path / os.fsdecode(b"t\xff.safetensors")
    assert ask("fit", tmp_path / "pairs.tsv", "--out", out, "--d-model", "8", "--epochs", "1")[0] == 0
    assert ask("translate", "one two", "--checkpoint", out)[0] in (0, 2)


@pytest.mark.parametrize(
    "command",
    [
        ["neighbours", "k\udcffng", "--model", "wiki-en-fasttext"],
        ["neighbours", "king", "--among", "k\udcffng"],
        ["search", "\udcff"],
        ["complete", "\udcff"],
        ["similarity", "k\udcff", "king"],
        ["analogy", "k\udcff - king"],
        ["axes", "king", "--axis", "k\udcff", "queen"],
        ["map", "king", "k\udcff", "queen"],
        ["translate", "k\udcff"],
        ["lesson", "--source", "k\udcff"],
        ["encode", "k\udcff"],
        ["import", "README.md", "--name", "k\udcff"],
        ["card", "k\udcff"],
    ],
)
def test_words_that_are_not_utf_8_get_a_sentence(ask, command):
    status, output, error = ask(*command)
    assert (status, output) == (2, "")
    assert "is not UTF-8" in error
    assert "\\udcff" in error


def test_headings_are_bold_on_a_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    _, out, _ = on_terminal("complete", "airp", "-n", "1")
    assert out.startswith("\x1b[1mword")
    assert out.count("\x1b") == 2


def test_a_models_folder_that_is_a_file_gets_a_sentence(ask, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(catalog, "MODELS", tmp_path / "file")
    assert ask("neighbours", "king")[0] == 0  # the shipped models have a folder of their own
    status, _, error = ask("side-by-side", "king", "--models", "mine")
    assert (status, "no model called “mine”" in error) == (2, True)
    assert ask("models")[0] == 0
    (tmp_path / "vectors.txt").write_text("king 1 0\nqueen 0 1\n")
    status, _, error = ask("import", tmp_path / "vectors.txt")
    assert status == 2
    assert "EXPLORER_MODELS" in error


@pytest.mark.usefixtures("hangup")
def test_a_closed_terminal_ends_a_command_in_order(own_models, tmp_path, monkeypatch):
    class Gone(Terminal):
        def write(self, _):
            raise OSError(errno.EIO, "Input/output error")

    (tmp_path / "vectors.txt").write_text("king 1 0\nqueen 0 1\n")
    monkeypatch.setattr(np, "save", lambda *_: os.kill(os.getpid(), signal.SIGHUP))
    with redirect_stdout(Gone()), redirect_stderr(Gone()):
        assert main(["import", str(tmp_path / "vectors.txt")]) == 129
    assert [path.name for path in own_models.iterdir()] == ["lexicon.tsv.gz"]
