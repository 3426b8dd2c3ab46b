"""What the stage draws, made from answers: a few kinds of drawings, each one idea that is read from the last row.

A drawing is JSON with its `kind`, and with a `title` for scenes that have none of their own:
- `words`: `rows` of `word`, `number` and `share` (of the bar, −1 to 1); `caption`.
- `map`: `points` of `word`, `x`, `y` (0 to 1) and `role`; `caption`.
- `change`: `rows` of what has a `name` and was a number `before` and is another `after`; `caption`.
- `vector`: a `word`, its first `numbers` written, and the colours of all of them as `levels`; `caption`.
- `number`: one `number`, and the `sentence` that says of what.
- `equation`: an `equation` as `explorer.tensors` describes it; `title`.
- `intervals`: `rows` of `name`, `mean`, `low`, `high` and whether it `counts`; `axis`, `better`,
  the `baseline` at 0 and what lies to the `sides` of it.
- `columns`: several of `words` beside each other, each with its `title`; a row may be `right`, and so stand out.
- `curve`: `lines` of `name`, `looks` and `points`, along the axes that `across` and `up` name; `caption`.
- `svg`: a picture of this project's own, safe as HTML.
- `table`: `header` and `rows` of texts; `numeric` says of each column whether it has numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.answers import MINUS, Answer, Table, is_number, written
from explorer.palette import Scale
from explorer.texts import _

MOST_ROWS = 8  # that the last row can read
MOST_COLUMNS = 6
MOST_NUMBERS = 8  # of a vector that are written
_LONGEST_CELL = 28


@dataclass(frozen=True)
class View:
    """A `drawing`, and the numbers that it `shows` as one line of text, by which a talk knows that they changed."""

    drawing: dict[str, Any]
    shows: str


def drawing_of(answer: Answer) -> View:
    """The drawing of an answer; a table, where it has no other."""
    from explorer.embeddings import (
        analogy,
        atlas_part,
        axes,
        downloads,
        health,
        matrix,
        neighbour_list,
        odd_one_out,
        percentiles,
        pictures,
        queries,
        side_by_side,
        similarity,
        verdict,
    )
    from explorer.initialisation.summary import Summary
    from explorer.lessons.derivation import WeightUpdate
    from explorer.lessons.pictures.next_word import NextWords
    from explorer.lessons.pictures.picture import Picture
    from explorer.talks import comparisons, lessons, models, places

    match answer:
        case neighbour_list.Answer():
            return _neighbours(answer)
        case analogy.Analogy():
            rows = [(row.word, row.score) for row in answer.rows]
            caption = _("{measure}, in {model}", measure=answer.measure, model=_title(answer.model))
            return words(rows, caption, str(answer.formula))
        case pictures.WordMap():
            return places.word_map(answer)
        case pictures.WordGraph():
            return places.word_graph(answer)
        case atlas_part.AtlasPart():
            return places.atlas(answer, {})
        case similarity.Pair() if answer.similarity is not None:
            sentence = _("the cosine of {first} and {second}", first=answer.first, second=answer.second)
            return _number(answer.similarity, sentence, _how_near(answer))
        case similarity.Batch():
            return _pairs(answer)
        case matrix.Matrix():
            return _matrix(answer)
        case health.ModelHealth():
            return models.health(answer)
        case verdict.Verdict():
            return models.verdict(answer)
        case downloads.Models():
            return models.installed(answer)
        case percentiles.Percentile():
            return _number(
                answer.similarity,
                _(
                    "{first} and {second}: {sentence}",
                    first=answer.first,
                    second=answer.second,
                    sentence=answer.sentence,
                ),
                _how_near(answer),
            )
        case side_by_side.SideBySide():
            return _columns(answer)
        case axes.Placement():
            return _axis(answer) if len(answer.axes) == 1 else places.two_axes(answer)
        case odd_one_out.OddOneOut():
            rows = [(row.word, row.similarity) for row in answer.rows]
            caption = _("cosine with the mean of these words, in {model}", model=_title(answer.model))
            return words(rows, caption, _("Which word does not fit?"))
        case queries.Vector():
            return _vector(answer)
        case Summary():
            return comparisons.intervals(answer)
        case WeightUpdate():
            return lessons.change(answer)
        case NextWords():
            return lessons.next_word(answer)
        case Picture():
            shows = "; ".join(" ".join(map(written, row)) for row in answer.table().rows[:3])
            drawing = {
                "kind": "svg",
                "svg": answer.for_talk(),
                "alternative": answer.headline,
                "title": answer.headline,
            }
            return View(drawing, shows)
        case _:
            return table(answer.table(), answer.headline)


def words(rows: Sequence[tuple[str, float]], caption: str, title: str = "") -> View:
    """Words with a number each, from −1 to 1 or less wide."""
    widest = max((abs(number) for _word, number in rows), default=0) or 1
    top = [
        {"word": word, "number": written(float(number)), "share": number / max(1, widest)}
        for word, number in rows[:MOST_ROWS]
    ]
    shows = ", ".join(f"{row['word']} {row['number']}" for row in top)
    return View({"kind": "words", "rows": top, "caption": caption, "title": title}, shows)


def table(table: Table, title: str = "") -> View:
    """The first rows and columns of a table."""
    rows = [[_cell(cell) for cell in row[:MOST_COLUMNS]] for row in table.rows[:MOST_ROWS]]
    numeric = [all(is_number(row[i]) for row in table.rows) for i in range(len(table.header[:MOST_COLUMNS]))]
    folded = {"rows": len(table.rows) - len(rows), "columns": max(0, len(table.header) - MOST_COLUMNS)}
    drawing = {"kind": "table", "header": list(table.header[:MOST_COLUMNS]), "rows": rows, "numeric": numeric}
    drawing["title"] = title
    return View(drawing | {"folded": folded}, "; ".join(" ".join(row) for row in rows))


def _neighbours(answer: Any) -> View:
    from explorer.embeddings import catalog

    size = f"{catalog.load(answer.model).size:,}"
    caption = _(
        "{measure} with {word}, among {size} words of {model}",
        measure=_("cosine") if answer.metric == "cosine" else answer.metric,
        word=answer.word,
        size=size,
        model=_title(answer.model),
    )
    return words([(row.word, row.score) for row in answer.rows], caption, _("Nearest to {word}", word=answer.word))


def _columns(answer: Any) -> View:
    columns: list[dict[str, Any]] = [
        {
            "title": _title(column.model),
            "rows": [{"word": row.word, "number": written(row.score)} for row in column.answer.rows[:MOST_ROWS]],
        }
        for column in answer.columns[:MOST_COLUMNS]
        if column.answer
    ]
    shows = "; ".join(", ".join(f"{row['word']} {row['number']}" for row in each["rows"]) for each in columns)
    caption = _("the nearest words to {word} in each model, with their cosines", word=answer.asked)
    return View(
        {
            "kind": "columns",
            "columns": columns,
            "caption": caption,
            "title": _("Nearest to {word}, model by model", word=answer.asked),
        },
        shows,
    )


def _number(number: float, sentence: str, title: str) -> View:
    drawing = {"kind": "number", "number": written(float(number)), "sentence": sentence, "title": title}
    return View(drawing, f"{written(float(number))} {sentence}")


def _how_near(answer: Any) -> str:
    return _("How near are “{first}” and “{second}”?", first=answer.first, second=answer.second)


def _pairs(answer: Any) -> View:
    """The cosine of each pair; one that has none is left out."""
    rows = [(f"{row.first}, {row.second}", row.similarity) for row in answer.rows if row.similarity is not None]
    return words(rows, _("cosine of each pair, in {model}", model=_title(answer.model)), _("How near are these pairs?"))


def _matrix(answer: Any) -> View:
    """The cosines of the first words with each other, each in its colour."""
    names, scale = list(answer.words[:MOST_ROWS]), Scale(1.0)
    cosines = answer.cosines[:MOST_ROWS, :MOST_ROWS].tolist()
    drawing = {
        "kind": "table",
        "header": ["", *names],
        "rows": [
            [name, *(f"{round(cosine, 2) + 0:.2f}".replace("-", MINUS) for cosine in row)]
            for name, row in zip(names, cosines, strict=True)
        ],
        "levels": [["", *(scale.level(cosine) for cosine in row)] for row in cosines],
        "numeric": [False, *(True for _name in names)],
        "folded": {"rows": len(answer.words) - len(names), "columns": 0},
        "caption": _("cosine of each word with each other, in {model}", model=_title(answer.model)),
        "title": _("How near is each word to every other?"),
    }
    return View(drawing, "; ".join(" ".join(row) for row in drawing["rows"]))


def _axis(answer: Any) -> View:
    """Where words lie between the two ends of an axis, whose start is at the left."""
    axis = answer.axes[0]
    rows = [(word, float(position)) for word, (position,) in zip(answer.words, answer.positions, strict=True)]
    caption = _(
        "below 0 nearer to {start}, above 0 nearer to {end}, in {model}",
        start=", ".join(axis.start),
        end=", ".join(axis.end),
        model=_title(answer.model),
    )
    return words(rows, caption, axis.name)


def _vector(answer: Any) -> View:
    """The first numbers, and the colour of every one."""
    vector = [float(number) for number in answer.query.vector]
    scale = Scale(max(map(abs, vector)))
    numbers = [written(number) for number in vector[:MOST_NUMBERS]]
    drawing = {
        "kind": "vector",
        "word": answer.query.label,
        "numbers": numbers,
        "levels": [scale.level(number) for number in vector],
        "caption": _(
            "all {count} numbers of {word} in {model}: blue above 0, brown below",
            count=len(vector),
            word=answer.query.label,
            model=_title(answer.model),
        ),
    }
    return View(drawing, f"{len(vector)}: {' '.join(numbers)}")


def _cell(value: Any) -> str:
    text = written(value)
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def _title(model: str) -> str:
    from explorer.embeddings import catalog

    return catalog.title(model)
