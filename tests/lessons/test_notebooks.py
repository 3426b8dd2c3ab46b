"""The notebook of a lesson computes it once more, and fails where a number is another."""

import json
import re

import nbformat
import numpy as np
import pytest

from explorer.lessons.example import trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.renderings import render
from explorer.lessons.renderings.parts import part
from explorer.lessons.steps import GRADIENT
from explorer.transformer.configuration import Configuration
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import Vocabulary
from tests.lessons.examples import example_lesson
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
def article():
    return example_lesson("article")


def code_of(notebook):
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("change", [False, True])
def test_the_notebook_computes_the_lesson_and_fails_on_a_changed_number(article, change, capsys):
    notebook = json.loads(render(article, "ipynb"))
    nbformat.validate(notebook)
    code = "\n".join(code_of(notebook))
    checked = {s.name for step in article.steps for s in step.shown if s.side == GRADIENT}
    assert all(f'check(g["{name}"]' in code for name in checked)
    assert f'check(t["loss"], {article.update.loss!r}' in code
    if change:
        changed = code.replace(
            't["source.positions"] = positions(3, 4)', 't["source.positions"] = positions(3, 4) + 1e-6'
        )
        assert changed != code
        with pytest.raises(AssertionError, match="Mismatched"):
            exec(changed, {})
    else:
        exec(code, {})
        checks = len(re.findall(r"^ *check\(", code, flags=re.M))
        assert f"{checks} results agree with the lesson" in capsys.readouterr().out


def test_the_notebook_computes_positions_neighbours_and_the_first_words_itself(article):
    def code(step):
        return code_of(json.loads(render(article, "ipynb", part(article, step=step))))[-2]

    assert "np.array" not in code("source.positions").splitlines()[0]
    assert code("source.embedding").count("check(nearest(") == 3
    before, after = code("update.neighbours").splitlines()[1::2]
    assert 'nearest(t["source.table"]' in before
    assert 'nearest(after["source.table"]' in after
    shares = article.trace["probabilities"].value[0, 2:]
    for key, first in (("next.greedy", 1), ("next.beam", 3)):
        likeliest = (np.sort(shares)[::-1] / shares.sum())[:first].tolist()
        assert str(likeliest[0])[:9] in code(key)
        assert f"[:{first}]" in code(key)


@pytest.mark.parametrize(
    "switches",
    [
        {"norm": "pre", "scaled": True, "tied": True, "layers": 2},
        {"activation": "gelu", "positions": "learned", "heads": 1},
        {"source_width": 5, "scaled": True, "layers": 1},
    ],
)
def test_the_notebook_of_any_model_computes_it(switches):
    words = "one two three four five six seven eight nine ten".split()
    vocabulary = Vocabulary.of([words])
    configuration = Configuration(12, source_words=len(vocabulary), target_words=len(vocabulary), **switches)
    translator = Translator.fresh(configuration, vocabulary, vocabulary, 0)
    told = lesson(trained_example(translator, ["two", "one", "two"], ["ten"]))
    exec("\n".join(code_of(json.loads(render(told, "ipynb")))), {})


def test_the_notebook_runs_in_jupyter(article):
    from nbclient import NotebookClient

    notebook = nbformat.reads(render(article, "ipynb", part(article, step="back.decoder.0.feed_forward.hidden")), 4)
    NotebookClient(notebook, timeout=PATIENCE).execute()
    assert [cell.source.splitlines()[0] for cell in notebook.cells if cell.cell_type == "markdown"] == [
        "# You are welcome → de nada",
        "## The parameters",
        "## What comes before",
        "## 12. Back: decoder, layer 1: feed\\-forward",
        "### 12.4 Feed\\-forward, first matrix",
    ]
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
