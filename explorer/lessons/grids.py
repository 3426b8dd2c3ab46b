"""A tensor as tables that can be read: a table a head, rows and columns by name, no more of them than have room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import FEW_WORDS, Shown
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import END, MARKS, START

_WORDS_A_POSITION = 4


@dataclass(frozen=True, eq=False)
class Grid:
    """Two axes of a tensor. `left_out` says in words what has no room, and is empty where everything stands here;
    `places` are the tensor's own numbers of the rows and of the columns that do."""

    head: str  # its name, or "" where there are no heads
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array  # (R, C)
    left_out: str = ""
    places: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())


def grids(lesson: Lesson, shown: Shown, most_columns: int = 16) -> tuple[Grid, ...]:
    """The tables of what a step shows. Of a vocabulary the sentence's own and the likeliest words stand there."""
    return grids_of(lesson, shown.name, lesson.array(shown), most_columns)


def grids_of(lesson: Lesson, name: str, array: Array, most_columns: int = 16) -> tuple[Grid, ...]:
    """The tables of other numbers of a tensor's shape, with its rows and columns, such as a change."""
    trace = lesson.trace
    axes, labels = trace[name].axes, list(trace.labels(name))
    while array.ndim < 2:  # one number a position, or a single one, stand as a row
        array, axes, labels = array[np.newaxis], ("", *axes), [("",), *labels]
    places = [
        places_of(lesson, axis, names, most_columns) if axis in ("word", "source word") else range(len(names))
        for axis, names in zip(axes, labels, strict=True)
    ]
    if axes[-1] not in ("word", "source word"):
        places[-1] = places[-1][:most_columns]
    left_out = ", ".join(
        more(axis, len(names) - len(kept))
        for axis, names, kept in zip(axes, labels, places, strict=True)
        if len(kept) < len(names)
    )
    rows, columns = (tuple(labels[axis][place] for place in places[axis]) for axis in (-2, -1))
    numbers = array[..., list(places[-2]), :][..., list(places[-1])]
    kept = tuple(places[-2]), tuple(places[-1])
    if array.ndim == 2:
        return (Grid("", rows, columns, numbers, left_out, kept),)
    return tuple(Grid(head, rows, columns, numbers[at], left_out, kept) for at, head in enumerate(labels[0]))


def places_of(lesson: Lesson, axis: str, words: Sequence[str], most: int = 16) -> Sequence[int]:
    """Which words of a vocabulary are worth a row or a column: the sentence's own, and the likeliest while there are
    not yet `most`."""
    if len(words) <= FEW_WORDS:
        return range(len(words))
    if axis == "source word":
        return sorted({words.index(word) for word in lesson.trace.tokens})
    own = {words.index(word) for word in (*lesson.example.target, MARKS[START], MARKS[END])}
    highest = lesson.trace["probabilities"].value.max(axis=0)  # (V,)
    likely = sorted(set(lesson.trace.likeliest_words(_WORDS_A_POSITION)) - own, key=lambda word: -highest[word])
    return sorted(own.union(likely[: max(0, most - len(own))]))


_MORE = {  # of an axis, what has no room
    "word": _("{count:,} more words"),
    "source word": _("{count:,} more words"),
    "feature": _("{count:,} more columns"),
    "head": _("{count:,} more heads"),
    "position": _("{count:,} more positions"),
    "source": _("{count:,} more sources"),
    "target": _("{count:,} more targets"),
}


def more(axis: str, count: int) -> str:
    """What is left out of an axis, in words."""
    return _MORE[axis].format(count=count)
