"""What ends a chapter: one or two sentences, with numbers of the trace, on what a word has just become."""

from __future__ import annotations

import math
import re

import numpy as np

from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import in_passing, in_powers
from explorer.lessons.steps import GRADIENT, Chapter, Shown
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import END, MARKS

_STREAM = re.compile(
    r"(source|target)\.(embedding|projected|scaled_embedding|input|dropout)"
    r"|(encoder|decoder)\.(norm|\d+\.\w+\.(norm|residual))"
)
_NEAREST = 2
_THE_SAME = 0.9999  # a cosine from which on a row is the word's own vector, perhaps longer
_LITTLE = 0.001  # by which a number grows, to say what the loss would do


def summary(lesson: Lesson, chapter: Chapter) -> str:
    """Plain text; empty for a chapter with nothing to sum up."""
    keys = [step.key for step in chapter.steps]
    if keys[0].startswith("update."):
        return _of_the_update(lesson)
    if keys[0].startswith("back."):
        return _on_the_way_back(lesson, chapter)
    if "probabilities" in keys:
        return f"{_of_the_prediction(lesson.trace)} {lesson.example.caution}".rstrip()
    if "loss" in keys:
        return _of_the_loss(lesson)
    last = next((step.shown[-1].name for step in reversed(chapter.steps) if step.shown), "")
    return _of_a_word(lesson, last, keys) if _STREAM.fullmatch(last) else ""


def stream(trace: Trace) -> list[str]:
    """The tensors that hold a row for each word, in the order in which each is made of the one before it: one after
    each part of the model."""
    names = [tensor.name for tensor in trace if _STREAM.fullmatch(tensor.name)]
    normed = {name.rpartition(".")[0] for name in names if name.endswith(".norm")}
    return [name for name in names if not (name.endswith(".residual") and name.rpartition(".")[0] in normed)]


def _of_a_word(lesson: Lesson, name: str, keys: list[str]) -> str:
    trace = lesson.trace
    side = "target" if name.startswith(("target.", "decoder.")) else "source"
    tokens, names = (trace.target, trace.target_names) if side == "target" else (trace.tokens, trace.token_names)
    row, place = trace[name].value[-1], len(tokens) - 1
    word = names[place]
    sums = [other for other in stream(trace) if other.startswith((f"{side}.", _STACKS[side]))]
    own = next((at for at, other in enumerate(sums) if any(key == other for key in keys)), 0)
    if own == 0:
        now = _(
            "“{word}” is now a row of {count} numbers, {length} long.", word=word, count=len(row), length=_long(row)
        )
    else:
        before = trace[sums[own - 1]].value[place]
        now = _(
            "“{word}” was a row of length {before} and is now one of length {after}; it turned by {angle}.",
            word=word,
            before=_long(before),
            after=_long(row),
            angle=_angle(before, row),
        )
    return f"{now} {_neighbours(lesson, side, tokens[place], row)}".rstrip()


def _neighbours(lesson: Lesson, side: str, word: str, row: Array) -> str:
    """Of the words' own vectors the nearest to a row; of vectors chosen at will, what is left of the word's own."""
    translator = lesson.example.translator
    table, words = translator.vectors(side), translator.vocabulary(side).words
    if table.shape[1] != len(row):  # a projection lies between
        return _("No word's own vector can be compared with it: they have another size.")
    lengths = np.linalg.norm(table, axis=1) * np.linalg.norm(row)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosines = np.where(lengths > 0, table @ row / lengths, -1.0)
    if lesson.example.at_will:
        if word not in words or cosines[words.index(word)] > _THE_SAME:
            return ""
        return _("Its cosine to the word's own vector is {cosine}.", cosine=in_passing(cosines[words.index(word)]))
    near = [
        place
        for place in np.argsort(-cosines, kind="stable").tolist()
        if words[place] not in MARKS and 0 < cosines[place] <= _THE_SAME
    ]
    named = [f"“{words[place]}” ({in_passing(cosines[place])})" for place in near[:_NEAREST]]
    if len(named) == 2:
        return _(
            "By cosine, the nearest words' own vectors are those of {first} and {second}.",
            first=named[0],
            second=named[1],
        )
    if named:
        return _("By cosine, the nearest word's own vector is that of {word}.", word=named[0])
    if cosines.max() > _THE_SAME:
        return _("No other word's vector points in a similar direction: no other cosine is above 0.")
    return _("No word's own vector points in a similar direction: no cosine is above 0.")


_STACKS = {"source": "encoder.", "target": "decoder."}


def _of_the_prediction(trace: Trace) -> str:
    probabilities, words = trace["probabilities"].value, trace.labels("probabilities")[1]
    right = (*trace.target[1:], MARKS[END])
    hits = sum(words[best] == word for best, word in zip(probabilities.argmax(axis=1), right, strict=True))
    place = len(right) - 1 if len(right) < 2 else len(right) - 2
    share = float(probabilities[place, words.index(right[place])])
    best = int(probabilities[place].argmax())
    if words[best] == right[place]:
        return _(
            "After “{token}” the most probable word is “{best}” ({share}), which is right. The right word is the most "
            "probable one at {hits} of {count} positions.",
            token=trace.target_names[place],
            best=words[best],
            share=in_passing(share, 3),
            hits=hits,
            count=len(right),
        )
    return _(
        "After “{token}” the most probable word is “{best}” ({share}); the right one, “{right}”, has "
        "{right_share}. The right word is the most probable one at {hits} of {count} positions.",
        token=trace.target_names[place],
        best=words[best],
        share=in_passing(probabilities[place, best], 3),
        right=right[place],
        right_share=in_passing(share, 3),
        hits=hits,
        count=len(right),
    )


def _of_the_loss(lesson: Lesson) -> str:
    loss = float(lesson.trace["loss"].value)
    if labels := lesson.example.labels:
        return _(
            "A loss of {loss} means that the right label has the probability {share}. Guessing among {count} labels "
            "with equal shares would give a loss of ln {count} = {guessing}.",
            loss=in_passing(loss, 4),
            share=in_passing(math.exp(-loss), 4),
            count=len(labels),
            guessing=in_passing(math.log(len(labels)), 4),
        )
    count = len(lesson.trace.labels("probabilities")[1])
    if smoothing := lesson.example.smoothing:
        said = _(
            "The loss is {loss}. With label smoothing {smoothing:g}, all words have a part in it.",
            loss=in_passing(loss, 4),
            smoothing=smoothing,
        )
    else:
        said = _(
            "A loss of {loss} is as if the model gave every right word the probability {share}.",
            loss=in_passing(loss, 4),
            share=in_passing(math.exp(-loss), 4),
        )
    guessing = _(
        "Guessing among all {count:,} words with equal shares would give a loss of ln {count:,} = {loss}.",
        count=count,
        loss=in_passing(math.log(count), 4),
    )
    return f"{said} {guessing}"


def _on_the_way_back(lesson: Lesson, chapter: Chapter) -> str:
    gradients = [shown for step in chapter.steps for shown in step.shown if shown.side == GRADIENT]
    gradients = [shown for shown in gradients if shown.name != "loss"]  # whose gradient is 1 by itself
    steepest = max(gradients, key=lambda shown: float(np.abs(lesson.array(shown)).max()), default=None)
    if steepest is None:
        return ""
    gradient = np.abs(lesson.array(steepest))
    named, change = steepest_cell(lesson, steepest)
    if change and gradient.size > 1 and np.ptp(gradient) <= 1e-12 * gradient.max():  # such as 1/n at each position
        return _(
            "In this chapter the loss reacts equally to each of the {count} numbers of {name}: {change}",
            count=gradient.size,
            name=steepest.name,
            change=change,
        )
    if not change:
        return _(
            "In this chapter the loss reacts most to none of the numbers of {name}: their gradient is 0.", name=named
        )
    return _("In this chapter the loss reacts most to {number}: {change}", number=named, change=change)


def steepest_cell(lesson: Lesson, shown: Shown) -> tuple[str, str]:
    """What the number of the largest gradient of a tensor is called, and a sentence on what it would do to the loss;
    the tensor's name and an empty one where all its gradients are 0."""
    gradient = lesson.array(shown)
    index = np.unravel_index(int(np.abs(gradient).argmax()), gradient.shape)
    slope = float(gradient[index])
    if slope == 0:
        return shown.name, ""
    labels = lesson.trace.labels(shown.name)
    axes = lesson.trace[shown.name].axes
    last = len(axes) - 1
    places = []
    for axis_number, (axis, names, place) in enumerate(zip(axes, labels, index, strict=True)):
        name = names[place]
        if axis == "head":
            places.append(_("head {name}", name=name))
        elif axis == "feature":
            places.append(_("row {name}", name=name) if axis_number < last else _("column {name}", name=name))
        else:
            places.append(name)
    named = f"{shown.name} [{', '.join(places)}]" if places else shown.name
    loss = _about(abs(slope) * _LITTLE)
    if slope > 0:
        return named, _("{little:g} more there makes the loss larger by about {loss}.", little=_LITTLE, loss=loss)
    return named, _("{little:g} more there makes the loss smaller by about {loss}.", little=_LITTLE, loss=loss)


def _about(number: float) -> str:
    """Two digits of it."""
    text = f"{number:.2g}"
    return in_powers(number) if "e" in text else text


def _of_the_update(lesson: Lesson) -> str:
    before, after = float(lesson.trace["loss"].value), lesson.update.loss
    return _(
        "One step of the optimiser took the loss from {before} to {after}. Training is this step, repeated "
        "for many sentences.",
        before=in_passing(before, 4),
        after=in_passing(after, 4),
    )


def turned(before: Array, after: Array) -> float:
    """The angle between two rows, in degrees."""
    lengths = float(np.linalg.norm(before) * np.linalg.norm(after))
    return math.degrees(math.acos(max(-1.0, min(1.0, float(before @ after) / lengths)))) if lengths else 0.0


def _angle(before: Array, after: Array) -> str:
    return f"{turned(before, after):.0f}°"


def _long(row: Array) -> str:
    return in_passing(float(np.linalg.norm(row)))
