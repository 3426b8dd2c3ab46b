"""`python -m explorer lesson` writes what the functions give, whole or not at all, and says in words what it cannot."""

import errno
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.cli import main
from explorer.data.pairs import PHRASEBOOK_ORIGIN
from explorer.lessons import renderings
from explorer.lessons.example import article_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.renderings import FORMATS, render
from explorer.lessons.renderings.figures import figure
from explorer.lessons.renderings.parts import part
from explorer.lessons.steps import Shown
from explorer.transformer import checkpoint
from explorer.translation.translators import SHIPPED


@pytest.fixture
def ask(capsys):
    """Run the command; give its exit status, standard output and standard error."""

    def run(*arguments):
        status = main(["lesson", *arguments])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


@pytest.mark.parametrize("form", FORMATS)
def test_the_article_is_written_in_each_format(ask, tmp_path, form):
    out = tmp_path / f"lesson.{form}"
    assert ask("--article", "-o", str(out)) == (0, "", f"{out} is written.\n")
    assert out.read_text(encoding="utf-8") == render(lesson(article_example()), form)
    assert [file.name for file in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_a_matrix_is_drawn(ask, tmp_path, form):
    out = tmp_path / "map"
    matrix = ["--tensor", "encoder.0.self_attention.weights", "--side", "gradient", "--decimals", "2"]
    assert ask("--article", *matrix, "--format", form, "-o", str(out)) == (0, "", f"{out} is written.\n")
    tensor = Shown("encoder.0.self_attention.weights", "gradient")
    assert out.read_bytes() == figure(lesson(article_example()), tensor, form, 2)


def test_standard_output_takes_what_is_text(ask):
    expected = lesson(article_example())
    assert ask("--article") == (0, render(expected, "md"), "")
    assert ask("--article", "--chapter", "2", "--format", "tex")[1] == render(expected, "tex", part(expected, 2))
    step = ["--step", "loss", "--decimals", "6"]
    assert ask("--article", *step)[1] == render(expected, "md", part(expected, step="loss"), 6)
    assert ask("--article", "--format", "svg", "--tensor", "loss")[1].startswith("<?xml")


def test_a_terminal_shows_formulas_and_tables_without_their_marks(ask, monkeypatch):
    monkeypatch.setattr("explorer.cli.questions.is_terminal", lambda: True)
    text = ask("--article")[1]
    assert "\n    S_h = Q_h K_hᵀ\n" in text
    assert "\n- ℓ [<start>] = −ln 0.018066 = 4.0137\n" in text
    assert "\nYou       0.1000   0.2000  −0.1000   0.4000\n" in text
    assert not re.search(r"[$\\`]|\]\(#|\*\w", text)
    assert ask("--article", "--format", "md")[1] == render(lesson(article_example()), "md")


def test_what_a_terminal_shows_of_a_cell_and_a_pass_has_no_latex(capsys, monkeypatch):
    monkeypatch.setattr("explorer.cli.questions.is_terminal", lambda: True)
    for command in (
        ["exercise", "--article", "--step", "encoder.0.self_attention.scaled"],
        ["cell", "gradient:source.table[4,1]", "--article"],
        ["cell", "updated:source.table[4,1]", "--article"],
        ["cell", "encoder.0.feed_forward.norm[0,1]", "--article"],
        ["cell", "loss[]", "--article", "--csv"],
        ["pass", "--article"],
    ):
        assert main(command) == 0
        assert "\\" not in capsys.readouterr().out


def test_the_shipped_model_is_the_default(ask):
    pair = ["good", "morning"], ["buenos", "días"]
    expected = lesson(trained_example(checkpoint.load(SHIPPED), *pair, PHRASEBOOK_ORIGIN))
    assert "8,499, and so all that are held out, were generated" in expected.example.origin
    _, output, _ = ask("--source", "Good morning!", "--target", "Buenos días", "--step", "next.beam")
    assert output == render(expected, "md", part(expected, step="next.beam"))
    _, output, error = ask("--source", "good xyzzy", "--target", "buenos días", "--step", "source.tokens")
    assert "does not know xyzzy, and reads <unk> there" in error
    assert "| xyzzy | 4 |" in output


def test_the_examples_options_reach_it(ask):
    options = ["--article", "--seed", "3", "--layers", "2", "--heads", "1", "--optimiser", "sgd", "--rate", "0.5"]
    expected = lesson(replace(article_example(seed=3, layers=2, heads=1), optimiser="sgd", rate=0.5))
    assert ask(*options)[1] == render(expected, "md")
    pair = ["--source", "welcome You", "--target", "nada"]
    expected = lesson(replace(article_example(), source=("welcome", "You"), target=("nada",)))
    assert ask("--article", *pair)[1] == render(expected, "md")


def test_own_vectors_are_projected(ask):
    options = [
        "--vectors",
        "wiki-en-word2vec",
        "--d-model",
        "6",
        "--heads",
        "3",
        "--norm",
        "pre",
        "--projection",
        "random",
    ]
    answer = json.loads(ask(*options, "--seed", "1", "--format", "json")[1])
    assert "from 300 dimensions to 6 by a random matrix (seed 1)" in answer["origin"]
    assert answer["trace"]["tensors"]["encoder.0.self_attention.query"]["shape"] == [3, 3, 2]
    assert "encoder.1.self_attention.query" not in answer["trace"]["tensors"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--article", "--chapter", "0"], "chapter is 0, but must be a whole number from 1"),
        (["--article", "--step", "nowhere"], "no step “nowhere”"),
        (["--article", "--decimals", "7"], "decimals is 7, but must be a whole number from 2 to 6"),
        (["--article", "--format", "svg"], "name it with tensor"),
        (["--article", "--format", "svg", "--tensor", "nothing"], "no tensor called “nothing”"),
        (["--article", "--format", "svg", "--tensor", "loss", "--side", "updated"], "is not a parameter"),
        (["--article", "--format", "svg", "--tensor", "loss", "--step", "loss"], "do not go with it"),
        (["--article", "--format", "pdf", "--tensor", "loss"], "name a file with -o"),
        (["--article", "--tensor", "loss"], "tensor has an effect only with the document svg or pdf"),
        (["--article", "--rate", "-1"], "rate is -1, but must be a number above 0"),
        (["--article", "--heads", "3"], "3 heads do not divide"),
        (["--article", "--source", ""], "source is empty"),
        (["--article", "--source", "You " * 25], "shows 24 at most"),
        (["--article", "--target", "de todo"], "cannot say “todo”"),
        (["--article", "--d-model", "8"], "d_model has an effect only with vectors"),
        (["--heads", "2"], "heads has an effect only with vectors or article"),
        (["--source", "xyzzy"], "knows none of the words"),
        (["--article", "--format", "json", "--decimals", "4"], "decimals has no effect"),
        (["--vectors", "wiki-en-glove", "--d-model", "150", "--projection", "pca"], "projection has no effect"),
        (["--vectors", "nowhere"], "no model called “nowhere”"),
        (["--checkpoint", "nowhere.safetensors"], "nowhere.safetensors"),
        (["--article", "-o", "lesson.docx"], "no ending that names a format"),
        (["--article", "-o", "lesson"], "no ending that names a format"),
        (["--article", "-o", "no/where.md"], "There is no folder no"),
        (["--article", "-o", "README.md"], "README.md is there already"),
        (["--article", "-o", "x" * 300 + ".md"], "cannot be written: File name too long"),
    ],
)
def test_what_cannot_be_written_is_a_sentence_and_exit_status_2(ask, arguments, says):
    status, output, error = ask(*arguments)
    assert (status, output) == (2, "")
    assert says in error


@pytest.mark.parametrize("form", FORMATS)
def test_a_lesson_that_would_be_too_large_a_file_is_a_sentence(ask, monkeypatch, form):
    monkeypatch.setattr(renderings, "_MOST_NUMBERS", {True: 3000, False: 1500})
    status, output, error = ask("--article", "--format", form)
    assert (status, output) == (2, "")
    assert f"As {form} this has" in error


def test_a_folder_that_is_not_writable_is_a_sentence(ask, tmp_path):
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user, root for one, may write everywhere")
    status, _, error = ask("--article", "-o", str(tmp_path / "lesson.md"))
    assert status == 2
    assert "cannot be written: Permission denied" in error


def test_a_disk_that_is_full_leaves_nothing_half_written(ask, tmp_path, monkeypatch):
    def fill(path, content):
        with path.open("wb") as file:
            file.write(content[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", fill)
    status, _, error = ask("--article", "-o", str(tmp_path / "lesson.md"))
    assert status == 2
    assert "cannot be written: No space left on device" in error
    assert list(tmp_path.iterdir()) == []
