"""Texts with labels, out of a table of one's own: as words, checked, in three parts or in folds."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from explorer.data.markup import without_markup
from explorer.data.pairs import PARTS, TEST, TRAIN, VALIDATION, shuffled
from explorer.data.tables import Table, open_table
from explorer.errors import UserError, cut, named
from explorer.texts import _, _n
from explorer.transformer.recipe_bounds import MOST_LABELS
from explorer.translation.sentences import words_of

MOST_TEXTS = 100_000  # of larger files so many rows are drawn
MOST_WORDS = 128  # of longer texts the first so many are read
FEWEST = 3  # different texts that each label needs: one for each part
_HELD_OUT = {TEST: 0.2, VALIDATION: 0.1}  # shares of each label's texts
_PARTS = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("validation", "valid", "val", "dev", "development"), VALIDATION),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), TEST),
}
_TEXTS_OF_A_LABEL = 5  # on average; with fewer, the column holds no labels
_LISTED = 5
_NO_LABEL = {"nan", "n/a", "na", "#n/a", "null", "<na>"}  # as programs write that there is none, in any case
_UNDIVIDED = 0.5  # of the texts are one long word each: words that no spaces part
_LONG = 8  # letters

Text = tuple[tuple[str, ...], tuple[str]]  # the words of a text and its label: a pair as training takes it


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are called; without `part`, parts are drawn."""

    text: str
    label: str
    part: str = ""


@dataclass
class LabelledTexts:
    """The texts of each part, or of each fold by its number; `notes` say what became of the others."""

    parts: dict[str | int, list[Text]]
    labels: tuple[str, ...]
    notes: list[str] = field(default_factory=list)


def read_texts(path: Path, columns: Columns, folds: int = 0, seed: int = 0, name: str = "") -> LabelledTexts:
    """The texts of a table. Where no column names the parts, a fifth of each label's texts is drawn for the test and a
    tenth for validation, by `seed`; with `folds`, each label's texts are dealt out to so many parts instead. A text
    that occurs twice is in one part only. Errors call the table by `name`, or as the file is called.

    Raises UserError for a column that is not there or that holds no labels, for labels with too few texts, and for
    parts that lack something.
    """
    name = name or path.name
    if columns.text == columns.label:
        raise UserError(_("“{column}” cannot be both the text and the label.", column=cut(columns.text)))
    rows, notes = _rows(open_table(path, name), columns)
    if not rows:
        raise UserError(
            " ".join((_("{name} has no row with a text and a label.", name=name), *notes, _("Name other columns.")))
            if notes
            else _("{name} has no rows. The first line names the columns; each further one is a row.", name=name)
        )
    labels = Counter(label for _words, label, _part in rows)
    _check_labels(name, columns, labels, len(rows), notes)
    notes += [*_alike(labels), *_like_none(labels)]
    if columns.part:
        parts = _named_parts(rows, name, columns.part, notes, seed)
    else:
        _check_counts(rows, folds)
        parts = _dealt(rows, folds, seed) if folds else _drawn(rows, _HELD_OUT, seed)
    texts = LabelledTexts(parts, tuple(sorted(labels)), notes)
    if not folds:
        _check_parts(texts, name)
    return texts


_Row = tuple[tuple[str, ...], str, str]  # words, label, and what the part column says


def _rows(table: Table, columns: Columns) -> tuple[list[_Row], list[str]]:
    """The rows that have words and a label, at most MOST_TEXTS of them, and sentences about the others."""
    names = [columns.text, columns.label, *([columns.part] if columns.part else [])]
    drawn, count = random.Random(0), 0
    kept: list[tuple[int, bool, _Row]] = []  # number, whether it is cut, and the row
    empty: list[int] = []
    unlabelled: list[int] = []
    marked = 0
    for number, (text, label, *part) in table.rows(*names):
        if not text:
            empty.append(number)
        elif not label:
            unlabelled.append(number)
        else:
            place = count if count < MOST_TEXTS else drawn.randrange(count + 1)  # each row as likely as the others
            if place < MOST_TEXTS:
                words, has_marks = _beginning(text)
                marked += has_marks
                read = tuple(map(sys.intern, words[:MOST_WORDS]))  # one copy of each word for all texts
                kept[place : place + 1] = [(number, len(words) > MOST_WORDS, (read, label, "".join(part)))]
            count += 1
    empty += [number for number, _is_long, (words, _label, _part) in kept if not words]
    rows = [row for _number, _is_long, row in kept if row[0]]
    notes = [*_left_out(sorted(empty), _("text with words")), *_left_out(unlabelled, _("label"))]
    if count > MOST_TEXTS:
        notes.append(_("Of {count:,} rows {most:,} were drawn; more are not read.", count=count, most=MOST_TEXTS))
    if marked:
        notes.append(
            _n(
                "{count:,} text has marks of HTML: tags, such as <br />, are left out, and entities, such as &amp;, "
                "are read as the signs that they stand for.",
                "{count:,} texts have marks of HTML: tags, such as <br />, are left out, and entities, such as &amp;, "
                "are read as the signs that they stand for.",
                marked,
            )
        )
    if sum(_is_undivided(words) for words, _label, _part in rows) > _UNDIVIDED * len(rows):
        notes.append(
            _(
                "Most texts are one word each, for spaces tell words apart. Put spaces between the words, as "
                "programs do for Chinese, Japanese or Thai."
            )
        )
    if long := sum(is_long for _number, is_long, _row in kept):
        notes.append(
            _n(
                "{count:,} text has more than {most} words: only its first {most} are read.",
                "{count:,} texts have more than {most} words: only their first {most} are read.",
                long,
                most=MOST_WORDS,
            )
        )
    return rows, notes


def _beginning(text: str) -> tuple[list[str], bool]:
    """The words of a text, at least MOST_WORDS + 1 of them where it has more, and whether marks of HTML are between
    them: the rest of a long text is not looked at."""
    pieces = text.split(maxsplit=2 * MOST_WORDS)
    if len(pieces) > 2 * MOST_WORDS:
        beginning = " ".join(pieces[:-1])
        plain = without_markup(beginning)
        words = words_of(plain)
        if len(words) > MOST_WORDS and "<" not in plain:  # no tag is cut in two
            return words, plain != beginning
    plain = without_markup(text)
    return words_of(plain), plain != text


def _left_out(rows: Sequence[int], what: str) -> Iterator[str]:
    if rows:
        yield _n(
            "{count:,} row has no {what} and is left out: row {first:,}.",
            "{count:,} rows have no {what} and are left out, the first is row {first:,}.",
            len(rows),
            what=what,
            first=rows[0],
        )


def _check_labels(name: str, columns: Columns, labels: Counter[str], rows: int, notes: Sequence[str]) -> None:
    if len(labels) == 1:
        only = _n(
            "The only text of {name} has the label “{label}”: there is nothing to tell apart.",
            "All {count:,} texts of {name} have the label “{label}”: there is nothing to tell apart.",
            rows,
            name=name,
            label=cut(next(iter(labels))),
        )
        raise UserError(" ".join((only, *notes)))
    if len(labels) * _TEXTS_OF_A_LABEL > rows:
        raise UserError(
            _(
                "The column “{column}” of {name} has {labels:,} different values in {rows:,} rows, such as “{some}”. A "
                "label needs {least} texts on average. Name another column, or give more texts of each label.",
                least=_TEXTS_OF_A_LABEL,
                column=cut(columns.label),
                name=name,
                labels=len(labels),
                rows=rows,
                some=cut(next(iter(labels)), 40),
            )
        )
    if len(labels) > MOST_LABELS:
        raise UserError(
            _(
                "The column “{column}” of {name} has {labels:,} labels, but at most {most:,} are told "
                "apart. Join some.",
                column=cut(columns.label),
                name=name,
                labels=len(labels),
                most=MOST_LABELS,
            )
        )


def _alike(labels: Collection[str]) -> Iterator[str]:
    """A sentence where labels differ in capital letters alone."""
    by_letters: dict[str, list[str]] = {}
    for label in sorted(labels):
        by_letters.setdefault(label.casefold(), []).append(label)
    if same := next((each for each in by_letters.values() if len(each) > 1), None):
        yield _(
            "The labels “{one}” and “{other}” differ in capital letters alone, and count as two labels.",
            one=cut(same[0], 40),
            other=cut(same[1], 40),
        )


def _like_none(labels: Counter[str]) -> Iterator[str]:
    """A sentence where a label may say that there is none."""
    missing = [label for label in labels if label.casefold() in _NO_LABEL]
    if len(missing) > 1:
        yield _(
            "{count:,} texts have the labels {labels}, which count as any other. If they say that there is no label, "
            "leave these rows out.",
            count=sum(labels[label] for label in missing),
            labels=named(missing),
        )
    elif missing:
        yield _n(
            "{count:,} text has the label “{label}”, which counts as any other. If it says that there is no label, "
            "leave that row out.",
            "{count:,} texts have the label “{label}”, which counts as any other. If it says that there is no label, "
            "leave these rows out.",
            labels[missing[0]],
            label=missing[0],
        )


def _is_undivided(words: Sequence[str]) -> bool:
    return len(words) == 1 and len(words[0]) >= _LONG and not words[0].isascii()


def _check_counts(rows: Sequence[_Row], folds: int = 0) -> None:
    """Every label needs a text in each part, and every fold needs a text."""
    different = Counter(label for _words, label in {words: label for words, label, _part in rows}.items())
    labels = dict.fromkeys(label for _words, label, _part in rows)
    if few := [label for label in labels if different[label] < FEWEST]:
        listed = ", ".join(f"“{cut(label, 40)}” ({different[label]})" for label in few[:_LISTED])
        disputed = len({(words, label) for words, label, _part in rows}) > different.total()
        sentences = [_("A text that stands with several labels counts for the last one alone.")] * disputed
        too_few = _(
            "Each label needs {fewest} different texts, one each for training, validation and test. Too few have: "
            "{listed}{more}. Leave these rows out, or join their labels with others.",
            fewest=FEWEST,
            listed=listed,
            more=" …" * (len(few) > _LISTED),
        )
        raise UserError(" ".join((too_few, *sentences)))
    if (texts := different.total()) < folds:
        raise UserError(
            _(
                "There are {texts} different texts, but {folds} folds need one each. Take fewer folds, or more texts.",
                texts=texts,
                folds=folds,
            )
        )


def _by_label(rows: Sequence[_Row], seed: int) -> dict[str, list[tuple[str, ...]]]:
    """The different texts of each label, in a drawn order; a text with two labels stands with its last."""
    texts = {" ".join(words): (words, label) for words, label, _part in rows}
    by_label: dict[str, list[tuple[str, ...]]] = {label: [] for label in sorted({label for _w, label, _p in rows})}
    for text in shuffled(texts, seed):
        words, label = texts[text]
        by_label[label].append(words)
    return by_label


def _drawn(rows: Sequence[_Row], shares: dict[str, float], seed: int) -> dict[str | int, list[Text]]:
    """The rows in training and the parts of `shares`, stratified."""
    places: dict[tuple[str, ...], str] = {}
    for texts in _by_label(rows, seed).values():
        start = 0
        for part, share in shares.items():
            end = start + max(1, round(share * len(texts)))
            places |= dict.fromkeys(texts[start:end], part)
            start = end
    parts: dict[str | int, list[Text]] = {part: [] for part in PARTS}
    for words, label, _part in rows:
        parts[places.get(words, TRAIN)].append((words, (label,)))
    return parts


def _dealt(rows: Sequence[_Row], folds: int, seed: int) -> dict[str | int, list[Text]]:
    """The rows in folds, stratified."""
    order = chain.from_iterable(_by_label(rows, seed).values())
    places = {words: number % folds for number, words in enumerate(order)}
    parts: dict[str | int, list[Text]] = {fold: [] for fold in range(folds)}
    for words, label, _part in rows:
        parts[places[words]].append((words, (label,)))
    return parts


def _named_parts(
    rows: Sequence[_Row], name: str, column: str, notes: list[str], seed: int
) -> dict[str | int, list[Text]]:
    """The rows in the parts that a column names; a validation part that it does not name is drawn from training."""
    parts: dict[str | int, list[Text]] = {part: [] for part in PARTS}
    for words, label, part in rows:
        if part.lower() not in _PARTS:
            raise UserError(
                _(
                    "The column “{column}” of {name} says “{part}”, but must name a part: train, validation or test. "
                    "Leave this column out, and parts are drawn.",
                    column=cut(column),
                    name=name,
                    part=cut(part, 40),
                )
            )
        parts[_PARTS[part.lower()]].append((words, (label,)))
    if parts[TRAIN] and not parts[VALIDATION]:
        train = [(words, label, "") for words, (label,) in parts[TRAIN]]
        _check_counts(train)
        parts |= {part: texts for part, texts in _drawn(train, {VALIDATION: 0.1}, seed).items() if part != TEST}
        notes.append(_("No row is for validation: a tenth of the training texts was drawn for it."))
    held_out = {words for part in (VALIDATION, TEST) for words, _label in parts[part]}
    if leaks := sum(words in held_out for words, _label in parts[TRAIN]):
        notes.append(
            _n(
                "{count:,} training text occurs in validation or test as well: what is measured there is partly known.",
                "{count:,} training texts occur in validation or test as well: what is measured there is partly known.",
                leaks,
            )
        )
    return parts


def _check_parts(texts: LabelledTexts, name: str) -> None:
    """Every part has texts, and each held-out label is one that training has."""
    labels = {part: {label for _words, (label,) in some} for part, some in texts.parts.items()}
    for part, own in labels.items():
        if not own:
            raise UserError(
                _(
                    "{name} has no {part} texts, but a comparison needs some. Say “{part}” in some rows, or leave the "
                    "column of parts out, and parts are drawn.",
                    name=name,
                    part=part,
                )
            )
        if unseen := sorted(own - labels[TRAIN]):
            raise UserError(
                _(
                    "The label “{label}” occurs in the {part} part of {name}, but never in training, so no model can "
                    "learn it. Move some of its texts to training, or leave them out.",
                    label=cut(unseen[0], 40),
                    part=part,
                    name=name,
                )
            )
        if lacking := sorted(labels[TRAIN] - own):
            texts.notes.append(
                _(
                    "The {part} part has no text with the label “{label}”: how well it is told apart is not known.",
                    part=part,
                    label=cut(lacking[0], 40),
                )
                if len(lacking) == 1
                else _(
                    "The {part} part has no texts with {count} of the labels, such as “{label}”: how well they are "
                    "told apart is not known.",
                    part=part,
                    count=len(lacking),
                    label=cut(lacking[0], 40),
                )
            )
