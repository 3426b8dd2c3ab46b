"""A lesson as a Jupyter notebook that computes everything once more in plain NumPy and asserts that it is the same."""

from __future__ import annotations

import base64
import json
import textwrap
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from explorer.lessons import glossary
from explorer.lessons.code import FUNCTIONS, after_the_step, back, forward
from explorer.lessons.lesson import Lesson
from explorer.lessons.optimising import moved_word
from explorer.lessons.reading import NEAREST
from explorer.lessons.renderings.displays import LIKE, displays, how_to_read, twins
from explorer.lessons.renderings.markdown import equations_of, tables_of
from explorer.lessons.renderings.parts import number_of, numbers_of_steps
from explorer.lessons.steps import Chapter, Step, is_given, unshown
from explorer.texts import _
from explorer.transformer.inspection import nearest_in_table
from explorer.transformer.tape import Array, Node
from explorer.writing.documents import literal

_SINGLE = 1e-5  # what may differ where the lesson itself computed in single precision, as the model's weights are kept
_INLINE = 120  # numbers that still read well as a list

_HELPERS = """
import base64
import zlib
from math import erf, pi, sqrt

import numpy as np

t, g = {}, {}  # every tensor by name, and its gradient
agreed = []  # how many numbers each check compared


def packed(text, shape, kind):
    \"\"\"Numbers that would be too long to read as a list.\"\"\"
    return np.frombuffer(zlib.decompress(base64.b85decode(text)), kind).astype(float).reshape(shape)


def check(found, shown, rounding=1e-12):
    np.testing.assert_allclose(found, shown, rtol=1e-9, atol=rounding)
    agreed.append(np.size(shown))


def collect(name, gradient):
    \"\"\"A tensor that is used several times adds up what comes back from each use.\"\"\"
    g[name] = g[name] + gradient if name in g else gradient


def nearest(table, row, n):
    \"\"\"The n highest cosines of a table's row to its others; the first four are special tokens, not words.\"\"\"
    lengths = np.linalg.norm(table, axis=1)
    cosines = table @ table[row] / np.where(lengths > 0, lengths, 1) / lengths[row]
    cosines[lengths == 0] = cosines[[row, 0, 1, 2, 3]] = -np.inf
    return np.sort(cosines)[::-1][:n]


def without_marks(p):
    \"\"\"Probabilities as decoding takes them: none for <pad> and <start>, and what they had for the others.\"\"\"
    return p[..., 2:] / p[..., 2:].sum(axis=-1, keepdims=True)
"""


def to_notebook(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The notebook as JSON. It needs NumPy alone; a cell whose numbers differ from the lesson's fails.

    Of some chapters, what comes before them is computed too, in a cell that tells nothing.
    """
    chapters = lesson.chapters if chapters is None else chapters
    return json.dumps(_notebook(lesson, chapters, decimals), ensure_ascii=False, allow_nan=False, indent=1)


def _notebook(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> dict[str, Any]:
    pair = literal(" → ".join(lesson.example.sides))
    numbers, printed = numbers_of_steps(lesson), displays(lesson, chapters, decimals)
    like = twins(lesson, chapters, decimals)
    cells = [
        _markdown(f"# {pair}\n\n{_INTRODUCTION} {literal(how_to_read(printed, like))}"),
        _code("\n\n\n".join([_HELPERS.strip(), *FUNCTIONS.values()])),
        *_given(lesson),
    ]
    chosen = {step.key: chapter for chapter in chapters for step in chapter.steps}
    computed: set[str] = set()
    before: list[str] = []
    chapter = None
    for step in lesson.steps:
        lines = list(_lines(lesson, step, computed))
        if step.key not in chosen:
            before += lines
            continue
        if before and lines:
            title = _("What comes before")
            cells += [_markdown(f"## {title}"), _code("\n".join(before))]
            before = []
        if chosen[step.key] is not chapter:
            chapter = chosen[step.key]
            cells.append(_markdown(f"## {number_of(lesson, chapter)}. {literal(chapter.title)}"))
        told = [
            f"### {numbers[step.key]} {literal(step.title)}",
            glossary.plain(step.prose),
            *([LIKE.format(number=like[step.key][0])] if step.key in like else []),
            *(f"$$\n{formula}\n$$" for formula in (() if step.key in like else step.formulas)),
            *tables_of(step, decimals),
            *equations_of(step, printed[step.key], decimals),
        ]
        cells.append(_markdown("\n\n".join(told)))
        if lines:
            cells.append(_code("\n".join(lines)))
    cells.append(_code('print(f"{len(agreed)} results agree with the lesson, {sum(agreed):,} numbers in all.")'))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": python}, "cells": cells}


_INTRODUCTION = _(
    "Each cell computes one step in plain NumPy. Then it checks to nine digits that the numbers are those of the "
    "lesson from which this notebook was exported. Change a number and run the cells: the checks that fail are "
    "those of the numbers that depend on it."
)


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": text, "execution_count": None, "outputs": []}


def _given(lesson: Lesson) -> Iterator[dict[str, Any]]:
    """The parameters, as they are before the step."""
    given = [*lesson.trace.parameters.values(), *(each for each in lesson.trace if is_given(lesson.trace, each.node))]
    lines = [f't["{tensor.name}"] = {_literal(tensor.value)}' for tensor in given]
    title, about = _("The parameters"), _("Every weight of the model before the optimiser's step.")
    yield _markdown(f"## {title}\n\n{about}")
    yield _code("\n".join(lines))


def _lines(lesson: Lesson, step: Step, computed: set[str]) -> Iterator[str]:
    """The code of a step: forward, back, or the optimiser's."""
    trace = lesson.trace
    if step.key.startswith("update."):
        if step.key == "update.embeddings":
            yield from _update(lesson)
        elif step.key == "update.neighbours":
            yield from _neighbours_of(lesson, lesson.example.translator.side, moved_word(lesson.example), updated=True)
        elif step.key == "update.loss":
            yield from _loss_after(lesson)
        return
    if step.key in ("next.greedy", "next.beam"):
        yield from _first_words(lesson, step)
    is_back = step.key.startswith("back.")
    nodes = [trace[shown.name].node for shown in step.shown if shown.name not in trace.parameters]
    for node in _in_order(nodes, computed):
        yield f't["{node.name}"] = {forward(node)}'
        yield f'check(t["{node.name}"], {_literal(node.value)})'
    if step.key in ("source.embedding", "target.embedding") and lesson.example.embedding is None:
        side, _ = step.key.split(".")
        words = lesson.example.source if side == "source" else lesson.example.target
        for word in dict.fromkeys(words):
            yield from _neighbours_of(lesson, side, word)
    if not is_back:
        return
    for node in _backwards(nodes):
        if node.gradient is None:
            continue
        if node.name == "loss":
            yield 'g["loss"] = np.ones(())'
        yield f'check(g["{node.name}"], {_literal(node.gradient)})'
        yield from back(node)
    for shown in step.shown:
        parameter = trace[shown.name]
        if shown.name in trace.parameters and parameter.gradient is not None and _complete(lesson, step, shown.name):
            yield f'check(g["{shown.name}"], {_literal(parameter.gradient)})'


def _in_order(nodes: list[Node], computed: set[str]) -> Iterator[Node]:
    """Nodes and what they need that no step shows, each once, inputs first."""
    for node in nodes:
        if node.name in computed:
            continue
        yield from _in_order(unshown(node), computed)
        computed.add(node.name)
        yield node


def _backwards(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from unshown(node)


def _complete(lesson: Lesson, step: Step, name: str) -> bool:
    """Whether all ways of a parameter to the loss have been walked when a step back is done; tied weights have two."""
    last = [other.key for other in lesson.steps if any(shown.name == name for shown in other.shown)]
    return step.key == [key for key in last if key.startswith("back.")][-1]


def _update(lesson: Lesson) -> Iterator[str]:
    """The optimiser's step for every parameter."""
    update = lesson.update
    yield "after = {}"
    names = [name for name, tensor in lesson.trace.parameters.items() if tensor.gradient is not None]
    yield f"for name in {names}:"
    yield textwrap.indent("\n".join(after_the_step(update, "name")), "    ")
    yield "# A gradient that is zero but for rounding is divided by its own size: only so many digits can agree."
    yield f"rounding = {1e-6 * max(1.0, update.rate)!r}"
    for name in names:
        gradient = lesson.trace[name].gradient
        if name.endswith("table") and gradient is not None:  # of a vocabulary, the rows that moved
            rows = np.flatnonzero(gradient.any(axis=1)).tolist()
            yield f'check(after["{name}"][{rows}], {_literal(update.parameters[name][rows])}, rounding)'
        else:
            yield f'check(after["{name}"], {_literal(update.parameters[name])}, rounding)'


def _neighbours_of(lesson: Lesson, side: str, word: str, updated: bool = False) -> Iterator[str]:
    """The cosines of a word to its nearest in the model's own table, on request after the step too."""
    translator = lesson.example.translator
    words = translator.vocabulary(side).words
    sides = [(translator, "t")] + ([(lesson.update.translator, "after")] if updated else [])
    for weights, source in sides:
        near = nearest_in_table(weights.vectors(side), words, word, NEAREST)
        table = f'{source}["{side}.table"]'
        if f"{side}.projection" in translator.parameters:
            table += f' @ {source}["{side}.projection"]'
        if near:
            cosines = [cosine for _, cosine in near]
            yield f"# the neighbours of {word!r}: {', '.join(repr(other) for other, _ in near)}"
            yield f"check(nearest({table}, {words.index(word)}, {len(near)}), {cosines}, {_SINGLE})"


def _first_words(lesson: Lesson, step: Step) -> Iterator[str]:
    """What decoding takes first; each word more would need the way forward once more."""
    if lesson.example.dropout:  # which the way forward had and decoding has not
        return
    first = [row[1] for row in step.tables[0].rows if not str(row[0]).startswith("· ")]
    if step.key == "next.greedy":
        first = first[:1]
    yield f'check(np.sort(without_marks(t["probabilities"][0]))[::-1][:{len(first)}], {first}, {_SINGLE})'


def _loss_after(lesson: Lesson) -> Iterator[str]:
    """The way forward once more, with the weights after the step."""
    yield "t.update(after)"
    for tensor in lesson.trace:
        if tensor.node.operation is not None:
            yield f't["{tensor.name}"] = {forward(tensor.node)}'
    yield f'check(t["loss"], {lesson.update.loss!r}, rounding)'


def _literal(array: Array) -> str:
    """An array as Python: a list where it is short, packed bytes where it is not; minus infinity for masked cells."""
    if array.size <= _INLINE:
        return f"np.array({array.tolist()})".replace("-inf", "-np.inf")
    kind = "f4" if (array.astype("f4") == array).all() else "f8"
    data = base64.b85encode(zlib.compress(np.ascontiguousarray(array, dtype=kind).tobytes(), 1)).decode()
    return f'packed("{data}", {array.shape}, "{kind}")'
