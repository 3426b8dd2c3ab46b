"""What the stage draws of a lesson: the equation of a step, the whole pass, the next word, a step of the optimiser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from explorer.answers import Table, written
from explorer.embeddings import catalog
from explorer.errors import UserError, cut
from explorer.questions import QUESTIONS
from explorer.questions.question import Question
from explorer.talks.drawings import MOST_COLUMNS, View, drawing_of, table, words
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.lessons.equations import Equation

Texts = Mapping[str, list[str]]
_MOST_MATRICES = 4  # whole ones that a scene has room for; of more the worked row stands there
_MOST_CELLS = 50  # of all of them together, in type for the last row
_LONGEST_NUMBER = 4  # digits of a number in an address
_LONGEST_SHOWN = 300
_SETTINGS = (
    "encoder_only", "decoder_only", "pooling", "d_model", "norm", "projection", "scaled", "layers", "heads", "d_ff",
    "seed", "smoothing", "dropout",
)  # fmt: skip
"""What the page of a lesson says of each; the question has the same names for it."""
_DECIMALS = 2  # of a lesson's numbers: four do not fit beside each other in type for the last row


def view(texts: Texts) -> View:
    """An equation of a step of the lesson, with one cell worked out; the step's table where it has no equation; without
    a step the whole pass."""
    from explorer.lessons.cells import Cell, home
    from explorer.lessons.derivation import weight_update
    from explorer.lessons.edits import edited, read_edits, read_sides, with_rescaled
    from explorer.lessons.equations import equations
    from explorer.lessons.numbers import check_decimals
    from explorer.lessons.pictures.next_word import next_words
    from explorer.lessons.pictures.whole import Whole

    one = {name: values[0] for name, values in texts.items()}
    example = question(texts).subject  # type: ignore[attr-defined]
    sides = [side for side in read_sides(one.get("rescaled", "")) if side == "source" or example.target]
    lesson = with_rescaled(example, sides)
    if one.get("edits"):
        lesson = edited(lesson, read_edits(one["edits"]))
    opened = Cell.parse(one["cell"]) if one.get("cell") else None
    key = one.get("step", "")
    if not key and not opened:
        return drawing_of(Whole(lesson))
    step = lesson.step(key) if key else (opened and home(lesson, opened.shown)) or lesson.steps[0]
    if step.key == "next.words":
        return next_word(next_words(lesson.trace), one.get("position", ""))
    if step.key in ("update.weight", "update.loss"):
        return change(weight_update(lesson), with_weight=step.key == "update.weight")
    text = one.get("decimals", "")
    decimals = int(text) if text.isdecimal() and len(text) < _LONGEST_NUMBER else _DECIMALS
    check_decimals(decimals)
    drawn_here = equations(lesson, step, decimals, opened) if step.shown else ()
    if not drawn_here:
        if not step.tables:
            raise UserError(_("The step “{step}” has nothing that a scene could show.", step=cut(step.key)))
        return table(Table(step.tables[0].columns, step.tables[0].rows))
    number = one.get("equation", "0")
    place = int(number) if number.isdecimal() and int(number) < len(drawn_here) else 0
    if opened:
        place = next((n for n, each in enumerate(drawn_here) if each.result.tensor == opened.shown), place)
    equation = drawn_here[place]
    if one.get("draw") == "bars":
        head, row, _column = equation.worked
        result = equation.result
        numbers = [
            (name, round(float(number), 4))
            for name, number in zip(result.columns, result.values[head, row], strict=True)
        ]
        row_name = result.rows[row]
        return words(
            numbers,
            _("{matrix}: the row of {word}", matrix=result.caption, word=row_name) if row_name else result.caption,
        )
    cells = sum(each.values.size for each in equation.matrices)
    if one.get("draw") == "row" or len(equation.matrices) > _MOST_MATRICES or cells > _MOST_CELLS:
        equation = equation.of_row()
    title = step.title if len(drawn_here) == 1 else f"{step.title}: {equation.title}"
    drawing = {"kind": "equation", "equation": equation.as_json() | {"title": ""}, "title": title}
    return View(drawing, _worked_lines(equation, decimals))


def _worked_lines(equation: Equation, decimals: int) -> str:
    """The worked cell as one line of text."""
    from explorer.lessons.equations.worked import worked

    return cut("; ".join(str(worked(equation, line, decimals)) for line in equation.lines), _LONGEST_SHOWN)


def question(texts: Texts) -> Question:
    """The lesson that an address of its page is about."""
    kind = texts.get("lesson", ["article"])[0]
    if kind not in ("article", "trained", "own"):
        raise UserError(_("A scene can show the lessons article, trained and own, not “{kind}”.", kind=cut(kind)))
    asked = {name: texts[name] for name in _SETTINGS if name in texts}
    if kind == "article":
        asked["article"] = ["true"]
    else:
        sides = {side: texts[side][0] for side in ("source", "target") if side in texts}
        asked |= {side: [" ".join(text.split(","))] for side, text in sides.items()}
    if kind == "own":
        asked["vectors"] = [texts.get("model", [""])[0] or catalog.DEFAULT]
        if labels := texts.get("labels", [""])[0]:
            asked["labels"], asked["target"] = labels.split(","), texts.get("right", [""])
    return QUESTIONS["lesson"].of_page(asked)


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
