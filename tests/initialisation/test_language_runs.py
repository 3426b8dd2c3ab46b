"""A comparison on a language model of a plain text: what is read of it, and from the plan to the sentence."""

import gzip
import math
from dataclasses import replace

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.initialisation import plain_text
from explorer.initialisation.cost import cost
from explorer.initialisation.experiment import about, prepare
from explorer.initialisation.measures import OF_LANGUAGE
from explorer.initialisation.plan import PlanError, parse, read
from explorer.initialisation.report import report
from explorer.initialisation.runner import run
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from explorer.initialisation.tasks import PHRASE_BOOK, task
from explorer.initialisation.text_plans import language_plan, quick
from explorer.places import CHECKOUT
from explorer.transformer.configuration import Configuration
from tests.initialisation.texts import reviews


def story(lines=100):
    """A text of so many lines, each with the line's number in it."""
    return "".join(
        f"The {words} of line {number}!\n" for number, (words, _) in enumerate(reviews() * 2) if number < lines
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("language")
    (folder / "story.txt").write_text(story(), encoding="utf-8")
    return folder


def small(path, **changes):
    options = {
        "model": Configuration(16, heads=2, layers=1, scaled=True, tied=True),
        "seeds": (0, 1),
        "rates": (0.003,),
        "updates": 12,
        "batch_size": 8,
        "measured_every": 4,
    }
    return replace(language_plan(path, "wiki-en-glove"), **options | changes)


@pytest.fixture(scope="module")
def outcome(folder):
    return run(small(folder / "story.txt"), folder / "results", workers=1)


def test_the_parts_follow_each_other_and_words_that_occur_once_are_unknown(folder):
    data = task(str(folder / "story.txt"), language=True)
    numbers = [int(line[-1]) for part in (data.train, data.validation, data.test) for line, _ in part]
    assert numbers == list(range(100))
    assert [len(part) for part in (data.train, data.validation, data.test)] == [80, 10, 10]
    assert all(line == again for line, again in data.train)
    assert "film" in data.source
    assert "17" not in data.source
    assert data.longest == 8  # the, a, good, film, of, line, 17 and <end>
    assert "80 lines for training, 10 for validation and 10 for the test, in the order of the text" in data.description


def test_arms_are_compared_by_perplexity(outcome):
    summary = Summary(outcome)
    assert [measure.key for measure in summary.measures] == list(OF_LANGUAGE)
    for row in outcome.compared.values():
        assert not row.error
        assert summary.primary.of(row, outcome.plan) == pytest.approx(math.exp(row.loss))
        assert row.validation_losses[-1] < row.validation_losses[0]
        assert row.vector_lengths[0] > 0
    said = summary.verdict("perplexity")
    assert "At 100% of the lines, there is no significant difference in perplexity between “random”" in said
    assert not summary.chance
    assert any("tested on the same 10 lines: the intervals are over seeds" in caution for caution in summary.cautions)
    text = report(summary, "md").decode()
    assert "a decoder alone, of d\\_model 16, 2 heads, 1 layer and one table of words, which the output layer" in text
    assert cost(outcome.plan, 1).runs == outcome.plan.jobs


def test_a_plan_of_a_language_model_survives_its_file_and_frozen_tables_stay(outcome):
    assert parse(outcome.plan.as_toml()) == outcome.plan
    assert "language = true" in outcome.plan.as_toml()
    frozen = [row for row in outcome.compared.values() if row.arm.endswith("frozen")]
    assert {drift for row in frozen for drift in row.drifts} == {0.0}
    assert min(row.drifts[-1] for row in outcome.compared.values() if row not in frozen) > 0
    jobs = list(outcome.plan.compared({(arm, 1.0): 0.003 for arm in outcome.plan.arms}))
    random, _, tuned = (prepare(outcome.plan, job) for job in jobs[:3])
    for name, array in random.translator.parameters.items():
        assert np.array_equal(array, tuned.translator.parameters[name]) == (name != "target.table")
    translations = replace(outcome.plan, language=False, task=PHRASE_BOOK)
    digests = {about(replace(translations, language=language), jobs[0])["digest"] for language in (False, True)}
    assert len(digests) == 2


def test_a_learned_projection_reads_and_says_with_the_same_table(folder):
    arms = {"random": Strategy("unit"), "wide": Strategy("pretrained", "wiki-en-glove", "fresh", projection="learned")}
    plan = small(folder / "story.txt", arms=arms, rates=(0.003,), updates=4)
    for row in run(plan, folder / "projected", workers=1).compared.values():
        assert not row.error


def test_a_first_look_has_two_arms_and_can_show_a_difference(folder):
    plan = quick(language_plan(folder / "story.txt"))
    assert (len(plan.arms), plan.jobs) == (2, 12)
    assert not plan.too_few_seeds
    assert plan.name == "story quick"


def test_the_phrase_book_is_a_text_too():
    data = task(PHRASE_BOOK, language=True)
    assert len(data.train) == len(task(PHRASE_BOOK).train)
    assert "generated by a small grammar" in data.description
    plan = read(CHECKOUT / "examples" / "language-model.toml")
    assert plan.data is data
    assert not plan.too_few_seeds


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "text.txt has 0 lines with words, but a language model is compared on 50 at least"),
        (b"one line\n", "text.txt has 1 line with words"),
        (b"***\n" * 80, "text.txt has 0 lines with words"),
        (b"a line\n" * 60 + b"caf\xe9\n", "text.txt, line 61 is not UTF-8: the byte 0xe9 stands after “caf”"),
        ("café\n".encode() + b"caf\xe9\n", "line 2 is not UTF-8.*so the file mixes encodings"),
        (b"\x7fELF\x02\x00\x01" * 100, "text.txt is no plain text"),
        (b"PK\x03\x04 a document", "text.txt is an archive. Unpack it"),
        (gzip.compress(story().encode())[:-9], "text.txt is damaged"),
    ],
)
def test_what_is_no_text_is_said(content, message, tmp_path):
    (tmp_path / "text.txt").write_bytes(content)
    with pytest.raises(UserError, match=message):
        language_plan(tmp_path / "text.txt")


def test_long_lines_are_cut_and_of_a_long_text_the_beginning_is_read(tmp_path, monkeypatch):
    path = tmp_path / "text.txt.gz"
    path.write_bytes(gzip.compress(("﻿" + story() + "word " * 130 + "\n***\n").encode("utf-16")))
    data = task(str(path), language=True)
    assert [len(line) for line, _ in data.test][-3:] == [64, 64, 2]
    assert "1 line has no words and is left out." in data.notes
    assert any("1 line has more than 64 words: it is cut into pieces" in note for note in data.notes)
    monkeypatch.setattr(plain_text, "MOST_LINES", 60)
    assert plain_text.read_plain_text(path).notes[0] == "text.txt.gz has more than 60 lines: its first 60 are read."


def test_columns_and_a_language_model_do_not_go_together(outcome):
    with pytest.raises(PlanError, match="of a plain text, which has no columns"):
        replace(outcome.plan, text="text", label="label")
    with pytest.raises(UserError, match="no file at parts of speech"):
        _ = replace(outcome.plan, task="parts of speech").data
