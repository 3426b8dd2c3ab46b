"""Labelled texts in parts: stratified, seeded, without leaks; and what a table lacks is said before anything runs."""

import os
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.data.markup import without_markup
from explorer.errors import UserError
from explorer.initialisation import labelled
from explorer.initialisation.labelled import Columns, read_texts
from explorer.initialisation.tasks import task
from explorer.initialisation.text_plans import likely_columns
from explorer.questions.jobs.comparison import Compare
from explorer.translation.sentences import words_of
from tests.initialisation.texts import reviews, write

COLUMNS, PARTED = Columns("text", "label"), Columns("text", "label", "split")
HEADER = ("text", "label", "split")


def counts(texts):
    return {part: dict(Counter(label for _, (label,) in some)) for part, some in texts.parts.items()}


def test_parts_are_stratified_and_follow_the_seed(tmp_path):
    path = write(tmp_path / "a.csv", reviews())
    texts = read_texts(path, COLUMNS)
    assert counts(texts) == {
        "train": {"good": 28, "bad": 28},
        "validation": {"good": 4, "bad": 4},
        "test": {"good": 8, "bad": 8},
    }
    assert texts.labels == ("bad", "good")
    assert not texts.notes
    assert read_texts(path, COLUMNS).parts == texts.parts != read_texts(path, COLUMNS, seed=1).parts
    again = read_texts(write(tmp_path / "b.csv", reviews()[::-1]), COLUMNS).parts
    assert {part: sorted(some) for part, some in again.items()} == {p: sorted(s) for p, s in texts.parts.items()}


def test_a_text_that_occurs_twice_is_in_one_part_only(tmp_path):
    texts = read_texts(write(tmp_path / "a.csv", reviews() * 3), COLUMNS)
    parts = [{words for words, _ in some} for some in texts.parts.values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 80
    assert sum(map(len, texts.parts.values())) == 240


def test_folds_are_dealt_alike_and_each_seed_tests_another(tmp_path):
    path = write(tmp_path / "a.csv", reviews())
    texts = read_texts(path, COLUMNS, folds=4)
    assert counts(texts) == {fold: {"good": 10, "bad": 10} for fold in range(4)}
    data = task(str(path), COLUMNS, 4)
    tests = [data.fold(seed).test for seed in range(4)]
    assert len({words for test in tests for words, _ in test}) == 80
    for seed in range(5):
        fold = data.fold(seed)
        assert not {*fold.train} & {*fold.test} | {*fold.train} & {*fold.validation} | {*fold.test} & {*fold.validation}
        assert (len(fold.train), len(fold.validation), len(fold.test)) == (40, 20, 20)
    assert data.fold(4).test == tests[0]
    assert "divides them differently" in data.description


def test_chance_is_the_mean_over_the_folds(tmp_path):
    rows = [row for row in reviews() if row[1] == "good" or "weak" in row[0]]  # forty against ten
    data = task(str(write(tmp_path / "a.csv", rows)), COLUMNS, 4)
    shares = [sum(label == ("good",) for _, label in fold) / len(fold) for fold in data.folds]
    assert len(set(shares)) > 1
    assert data.chance == data.fold(1).chance == sum(shares) / 4


def test_every_fold_has_a_text(tmp_path):
    path = write(tmp_path / "a.csv", reviews()[30:50] * 2)
    with pytest.raises(UserError, match="20 different texts, but 21 folds need one each"):
        read_texts(path, COLUMNS, folds=21)
    assert all(read_texts(path, COLUMNS, folds=20).parts.values())


def test_a_column_names_the_parts_and_validation_is_drawn_where_it_does_not(tmp_path):
    rows = [(*row, "TEST" if n % 4 == 0 else "train") for n, row in enumerate(reviews())]
    texts = read_texts(write(tmp_path / "a.csv", rows, HEADER), PARTED)
    assert {part: len(some) for part, some in texts.parts.items()} == {"train": 54, "validation": 6, "test": 20}
    assert texts.notes == ["No row is for validation: a tenth of the training texts was drawn for it."]
    leaking = [(*row, part) for row in reviews() for part in ("train", "dev", "test")]
    notes = read_texts(write(tmp_path / "b.csv", leaking, HEADER), PARTED).notes
    assert notes[0].startswith("80 training texts occur in validation or test as well")


def test_a_task_says_what_decides(tmp_path):
    even = task(str(write(tmp_path / "a.csv", reviews())), COLUMNS)
    assert (even.deciding, even.measures[0], even.classes) == ("accuracy", "accuracy", ("bad", "good"))
    assert even.description.startswith(
        "Texts of a.csv with 2 labels: 56 for training, 8 for validation, 16 for the test."
    )
    assert "compared by accuracy" in even.description
    uneven = [row for row in reviews() if row[1] == "good" or "film" in row[0] or "plot" in row[0]]
    data = task(str(write(tmp_path / "b.csv", uneven)), COLUMNS)
    assert data.deciding == "macro_f1"
    assert "compared by macro-F1, the mean" in data.description
    assert even.digest != data.digest


def test_rows_that_say_nothing_are_left_out_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(labelled, "MOST_WORDS", 3)
    rows = [*reviews(), ("", "good"), ("…!", "good"), ("a fine film", ""), ("a very good film indeed", "good")]
    notes = read_texts(write(tmp_path / "a.csv", rows), COLUMNS).notes
    assert notes == [
        "2 rows have no text with words and are left out, the first is row 81.",
        "1 row has no label and is left out: row 83.",
        "1 text has more than 3 words: only its first 3 are read.",
    ]


def test_labels_that_differ_in_capital_letters_alone_are_said(tmp_path):
    rows = [(text, label.title() if text.endswith("film") else label) for text, label in reviews()]
    texts = read_texts(write(tmp_path / "a.csv", rows), COLUMNS)
    assert texts.labels == ("Bad", "Good", "bad", "good")
    assert texts.notes == ["The labels “Bad” and “bad” differ in capital letters alone, and count as two labels."]


def test_no_more_of_a_text_is_kept_than_is_read(tmp_path):
    path = write(tmp_path / "a.csv", [(f"{text} " + "word " * 2_000, label) for text, label in reviews()])  # 0.8 MB
    tracemalloc.start()
    texts = read_texts(path, COLUMNS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20, peak
    assert texts.notes == ["80 texts have more than 128 words: only their first 128 are read."]
    assert {len(words) for some in texts.parts.values() for words, _ in some} == {128}


_PIECES = "word it's . a,b dogs' \u2028 … x's <br /> <a x='y z'> <!-- --> < &lt; a&lt;b".split(" ")


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map(" ".join))
def test_the_beginning_of_a_text_has_the_words_that_the_whole_has(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labelled, "MOST_WORDS", 5)
        assert labelled._beginning(text)[0][:6] == words_of(without_markup(text))[:6]


def test_of_more_rows_than_it_reads_some_are_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(labelled, "MOST_TEXTS", 60)
    texts = read_texts(write(tmp_path / "a.csv", reviews() * 20), COLUMNS)
    assert sum(map(len, texts.parts.values())) == 60
    assert texts.notes == ["Of 1,600 rows 60 were drawn; more are not read."]
    assert len({words for some in texts.parts.values() for words, _ in some}) > 30  # from all of the file


def train_only(label):
    return [(*row, "train" if row[1] != label else "test") for row in reviews()]


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([(text, "x") for text, _ in reviews()], COLUMNS, "All 80 texts of a.csv have the label “x”"),
        ([*[("a film", "")] * 2, ("a", "x")], COLUMNS, "only text of a.csv has the label “x”.* 2 rows have no label"),
        ([(text, text) for text, _ in reviews()], COLUMNS, "80 different values in 80 rows, such as “a good film”"),
        ([("a film", "good"), ("a film", "bad")] * 9, COLUMNS, r"“good” \(0\), “bad” \(1\).* counts for the last one"),
        ([*reviews(), ("odd", "once")], COLUMNS, r"Too few have: “once” \(1\)\. Leave these rows out"),
        ([(f"a {n}", f"label {n // 5}") for n in range(1005)], COLUMNS, "201 labels, but at most 200 are told apart"),
        ([], COLUMNS, "has no rows"),
        ([("!!!", "good")], COLUMNS, "no row with a text and a label.*1 row has no text with words"),
        (reviews(), Columns("text", "text"), "cannot be both the text and the label"),
        (reviews(), Columns("Text", "label"), "no column “Text”. It has “text”, “label”"),
        (train_only("bad"), PARTED, "label “bad” occurs in the test part of a.csv, but never in training"),
        ([(*row, "first") for row in reviews()], PARTED, "says “first”, but must name a part"),
        ([(*row, "train") for row in reviews()], PARTED, "no test texts"),
    ],
)
def test_what_a_table_lacks_is_said(rows, columns, message, tmp_path):
    path = write(tmp_path / "a.csv", rows, HEADER[: 3 if rows and len(rows[0]) == 3 else 2])
    with pytest.raises(UserError, match=message):
        read_texts(path, columns)


def test_likely_columns_go_by_names_and_a_table_needs_two():
    assert likely_columns(["id", "Review", "stars", "split"]) == ("Review", "stars", "split")
    assert likely_columns(["label", "x"]) == ("x", "label", "")
    assert likely_columns(["split", "x"]) == ("split", "x", "")
    rows = [("1", "a good film", "yes"), ("2", "a bad film", "no"), ("3", "a good plot", "yes")]
    assert likely_columns(["id", "remark", "opinion"], rows) == ("remark", "opinion", "")
    for columns, has in ((["text"], "“text”"), ([], "none")):
        with pytest.raises(UserError, match=f"needs two columns, a text and a label. It has {has}"):
            likely_columns(columns)


def test_a_class_that_a_part_lacks_is_noted(tmp_path):
    rows = [(*row, "train" if n % 2 else "validation") for n, row in enumerate(reviews())]
    rows += [(f"{text} again", label, "test") for text, label in reviews() if label == "good"]
    (note,) = read_texts(write(tmp_path / "a.csv", rows, HEADER), PARTED).notes
    assert note.startswith("The test part has no text with the label “bad”")


def test_a_table_is_read_again_when_it_changes(tmp_path):
    path = write(tmp_path / "a.csv", reviews())
    data, state = task(str(path), COLUMNS), os.stat(path)
    assert task(str(path), COLUMNS) is data
    write(path, reviews()[:-1])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert task(str(path), COLUMNS).digest != data.digest


def test_columns_that_nobody_named_are_looked_for_by_their_names(tmp_path):
    path = write(tmp_path / "a.csv", reviews(), header=("Review", "Stars"))
    plan = Compare(data=path, quick=True, vectors="wiki-en-glove").plan_to_run()
    assert (plan.text, plan.label) == ("Review", "Stars")
    asked = Compare(data=path.rename(tmp_path / "a.txt"), quick=True, label="Stars", vectors="wiki-en-glove")
    plan = asked.plan_to_run()
    assert (plan.text, plan.label) == ("Review", "Stars")
    two = write(tmp_path / "b.csv", [(*row, row[0]) for row in reviews()], header=("text", "label", "review"))
    plan = Compare(data=two, quick=True, text="review", vectors="wiki-en-glove").plan_to_run()
    assert (plan.text, plan.label) == ("review", "label")


def test_marks_of_html_are_no_words_and_other_signs_stay(tmp_path):
    rows = [(f"<b>{text}</b><br /><br />1 &lt; 2 &amp; a < b", label) for text, label in reviews()]
    texts = read_texts(write(tmp_path / "a.csv", rows), COLUMNS)
    words = {word for some in texts.parts.values() for text, _ in some for word in text}
    assert {"film", "1", "2", "a", "b"} <= words
    assert not {"br", "amp", "lt"} & words
    assert texts.notes == [
        "80 texts have marks of HTML: tags, such as <br />, are left out, and entities, such as &amp;, are read as the "
        "signs that they stand for."
    ]


def test_texts_without_spaces_and_labels_that_say_none_are_said(tmp_path):
    rows = [(f"这部电影很好看第{number:05}", ("pos", "NaN")[number % 2]) for number in range(40)]
    more = [(f"{text}0", "n/a") for text, _ in rows[:5]]
    note = read_texts(write(tmp_path / "b.csv", rows + more), COLUMNS).notes[1]
    assert note.startswith("25 texts have the labels “NaN”, “n/a”, which count as any other.")
    notes = read_texts(write(tmp_path / "a.csv", rows), COLUMNS).notes
    assert "Put spaces between the words" in notes[0]
    assert notes[1].startswith("20 texts have the label “NaN”, which counts as any other.")
