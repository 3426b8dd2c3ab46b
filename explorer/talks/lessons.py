"""What the stage draws of a lesson beside its equations: the next word, and a step of the optimiser."""

from __future__ import annotations

from typing import Any

from explorer.answers import written
from explorer.errors import UserError
from explorer.talks.drawings import MOST_COLUMNS, View
from explorer.texts import _


def next_word(answer: Any, position: str = "") -> View:
    """The likeliest next words after each word read so far, or after the one at this position, counted from 0. The
    right word stands out. Raises UserError for a position that is none."""
    from explorer.lessons.pictures.picture import share

    columns: list[dict[str, Any]] = [
        {
            "title": _("after {word}", word=after),
            "rows": [
                {
                    "word": f"{bar.word} ✓" if bar.right else bar.word,
                    "number": share(bar.probability),
                    "share": bar.probability,
                    "right": bar.right,
                }
                for bar in bars
            ],
        }
        for after, bars in answer.positions[:MOST_COLUMNS]
    ]
    shows = "; ".join(
        " ".join([each["title"], *(f"{row['word']} {row['number']}" for row in each["rows"])]) for each in columns
    )
    title = _("Which word comes next?")
    if not position:
        caption = _("probability of each next word; ✓ is the right one")
        return View({"kind": "columns", "columns": columns, "caption": caption, "title": title}, shows)
    if not position.isdecimal() or int(position) >= len(columns):
        raise UserError(
            _("There is no position {position}: take one from 0 to {last}.", position=position, last=len(columns) - 1)
        )
    chosen = columns[int(position)]
    caption = _("probability of the next word {place}; ✓ is the right one", place=chosen["title"])
    said = ", ".join(f"{row['word']} {row['number']}" for row in chosen["rows"])
    return View({"kind": "words", "rows": chosen["rows"], "caption": caption, "title": title}, said)


def change(answer: Any, with_weight: bool = True, with_loss: bool = True) -> View:
    """One step of the optimiser: a weight before and after it, and the loss."""
    from explorer.lessons.equations.matrices import caption as caption_of

    weight, name = answer.weight, answer.cell.shown.name
    pairs = [(caption_of(name) + answer.label.removeprefix(name), weight.before, weight.after)] if with_weight else []
    if with_loss:
        pairs.append((_("the loss"), answer.loss_before, answer.loss_after))
    rows = [{"name": what, "before": written(before), "after": written(after)} for what, before, after in pairs]
    caption = _("one step of {optimiser}, learning rate {rate:g}", optimiser=answer.optimiser.title(), rate=answer.rate)
    if with_weight:
        caption += _("; the gradient of the weight is {gradient}", gradient=written(weight.gradient))
    shows = "; ".join(f"{row['name']} {row['before']} → {row['after']}" for row in rows)
    return View({"kind": "change", "rows": rows, "caption": caption, "title": _("One step of training")}, shows)
