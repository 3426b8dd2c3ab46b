"""The last chapter, one step of the optimiser in numbers: a weight, the embeddings, a word's neighbours, the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.lessons.example import Example
from explorer.lessons.numbers import exact, in_passing
from explorer.lessons.reading import NEAREST
from explorer.lessons.steps import GRADIENT, UPDATED, Chapter, Shown, Step, Table
from explorer.lessons.update import silent_step
from explorer.texts import _
from explorer.transformer.inspection import nearest_in_table
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import MARKS
from explorer.writing.documents import literal

if TYPE_CHECKING:
    from explorer.lessons.lesson import Lesson


def moved_word(example: Example) -> str:
    """The word whose neighbours are shown before and after the optimiser's step: the first one that is read and stands
    in the vocabulary."""
    words = example.translator.source.words
    return next((word for word in example.words if word in words[len(MARKS) :]), words[-1])


def steepest(example: Example, trace: Trace) -> tuple[int, int]:
    """Where in the embedding table that is read the steepest gradient stands."""
    gradient = trace[example.translator.table].gradient
    assert gradient is not None
    row, column = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    return int(row), int(column)


def optimiser_chapter(lesson: Lesson) -> Chapter:
    """One step of the optimiser, in numbers: a weight, the embeddings, a word's neighbours, the loss."""
    example, trace, update = lesson.example, lesson.trace, lesson.update
    name = example.translator.table
    row, column = steepest(example, trace)
    words = example.translator.source.words
    if update.optimiser == "adam":
        rule = _(
            "[[Adam]] moves every weight against its [[gradient]], after it has divided the gradient by its usual"
            " size. At the first step Adam has seen only one gradient and divides it by its own size; only its "
            "sign is left. So each weight moves by about the [[learning rate]] {rate}, whether its gradient is "
            "large or small.",
            rate=exact(update.rate),
        )
        moves = (
            _(
                "The rows of the words in this sentence have moved, each number that has a gradient by about {rate:g}; "
                "the others have not: their gradient is zero.",
                rate=update.rate,
            )
            if example.dropout
            else _(
                "The rows of the words in this sentence have moved, each number by about {rate:g}; the others have "
                "not: their gradient is zero.",
                rate=update.rate,
            )
        )
        later = _(
            "This is true for this first step, in which Adam's means contain no earlier gradients. Later, a row "
            "that had a gradient before goes on moving for some time without a new one: if the gradient of a "
            "weight is 0 in the second step, the weight still moves by {share:.3f} times the learning rate.",
            share=silent_step(),
        )
    else:
        rule = _(
            "Gradient descent moves every weight against its [[gradient]], by the gradient times the [[learning rate]] "
            "{rate}.",
            rate=exact(update.rate),
        )
        moves = _("The rows of the words in this sentence have moved; the others have not: their gradient is zero.")
        later = ""
    moved, side = moved_word(example), example.translator.side
    sides = [(example.translator.vectors(side), _("before")), (update.translator.vectors(side), _("after"))]
    found = [nearest_in_table(table, words, moved, NEAREST) for table, _when in sides]
    order, order_after = ([word for word, _cosine in near] for near in found)
    between = _("When the vectors move, the [[cosine|cosines]] between them change.")
    if order == order_after:
        neighbours_after = _(
            "The nearest neighbours of “{word}” are the same after this one step.", word=literal(moved)
        )
    else:
        neighbours_after = _(
            "The nearest neighbours of “{word}” are in another order after this one step.", word=literal(moved)
        )
    meaning = _(
        "Training takes thousands of steps over many sentences. After it, words that are used in similar ways have "
        "similar vectors."
    )
    if example.at_will:
        arbitrary = _("These vectors are arbitrary, so the order says nothing about the words yet.")
        meaning = f"{arbitrary} {meaning}"
    nearest = [
        (when, ", ".join(f"{word} {in_passing(cosine, 4)}" for word, cosine in near))
        for near, (_table, when) in zip(found, sides, strict=True)
    ]
    before = float(trace["loss"].value)
    if update.loss == before:
        verdict = _("The step was too small: the model is as wrong as before.")
    else:
        verdict = (
            _("The loss is smaller: the model is less wrong.")
            if update.loss < before
            else _("The step was too large: the model is more wrong now.")
        )
    largest = _(
        "The example is the entry of {table} with the largest gradient: column {column} of “{word}”.",
        table=_("the [[embedding table]]") if example.is_of_language else _("the source's [[embedding table]]"),
        column=column + 1,
        word=literal(words[row]),
    )
    again = (
        _("The same text goes through the model again, with the new weights.")
        if example.label
        else _("The same sentence goes through the model again, with the new weights.")
        if example.is_of_language
        else _("The same sentence pair goes through the model again, with the new weights.")
    )
    weight = update.weight(name, row, column)
    return Chapter(
        _("One step of the optimiser"),
        (
            Step(
                "update.weight",
                _("One weight"),
                f"{rule} {largest}",
                (update.formula,),
                (),
                (
                    Table(
                        _("{word}, column {column}", word=words[row], column=column + 1),
                        ("", _("number")),
                        weight.rows,
                        weight.digits,
                    ),
                ),
            ),
            Step(
                "update.embeddings",
                _("The embeddings after the step"),
                f"{moves} {later}".rstrip(),
                (update.formula,),
                (Shown(name), Shown(name, GRADIENT), Shown(name, UPDATED)),
            ),
            Step(
                "update.neighbours",
                _("The neighbours of “{word}” after the step", word=moved),
                f"{between} {neighbours_after} {meaning}",
                (),
                (),
                (Table(_("Nearest to {word} by cosine", word=moved), ("", _("neighbours")), tuple(nearest)),),
            ),
            Step(
                "update.loss",
                _("The loss after the step"),
                f"{again} {verdict}",
                (),
                (),
                (Table(_("Loss"), ("", _("loss")), ((_("before"), before), (_("after"), update.loss))),),
            ),
        ),
    )
