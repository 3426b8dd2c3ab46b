"""Lesson, Watch it learn, fit and compare start from one table."""

import numpy as np
import pytest

from explorer.initialisation.experiment import prepare
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.strategies import Strategy
from explorer.lessons.learning import Learning
from explorer.questions.jobs import Fit, Watch
from explorer.questions.lessons import Lesson
from explorer.transformer.configuration import Configuration
from explorer.translation.table import SCALE

MODEL, SOURCE, TARGET = "wiki-en-glove", "you are welcome xyzzyq", "de nada"  # a word that the model lacks


def lesson(path, sizes):
    return Lesson(source=SOURCE, target=TARGET, vectors=MODEL, **sizes).subject.translator


def watched(path, sizes):
    watch = Watch(pairs=path, vectors=MODEL, updates=1, out=path.with_suffix(""), **sizes)
    watch.answer()
    return Learning(watch.out).moment(0).translator


def fitted(path, sizes):
    job = Fit(pairs=path, out=path.with_suffix(".safetensors"), vectors=MODEL, **sizes)
    return job.prepare().training.translator


def compared(path, sizes):
    strategy = Strategy("pretrained", MODEL, SCALE)
    seed = sizes["seed"]
    plan = Plan(
        "one table",
        {"vectors": strategy, "random": Strategy("unit")},
        "random",
        task=str(path),
        seeds=(seed, seed + 1),
        model=Configuration(sizes["d_model"], sizes["heads"], 1, scaled=True, tied=True),
        batch_size=1,
    )
    return prepare(plan, Job("vectors", strategy, 1.0, seed, 0.003)).translator


@pytest.mark.parametrize("sizes", [{"d_model": 8, "seed": 0}, {"d_model": 16, "seed": 3}], ids=str)
def test_lesson_watched_fit_and_comparison_start_from_the_same_table(tmp_path, sizes):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{part}\t{SOURCE}\t{TARGET}\n" for part in ("train", "validation", "test")))
    sizes["heads"] = 2
    truth = compared(path, sizes)
    table = truth.parameters["source.table"]
    for start in (lesson, watched, fitted):
        translator = start(path, sizes)
        assert translator.source.words == truth.source.words
        np.testing.assert_array_equal(translator.parameters["source.table"].astype(np.float32), table)
