"""What the stage draws, made from answers: a few kinds of drawings, each one idea that is read from the last row.

A drawing is JSON with its `kind`, and with a `title` for scenes that have none of their own:
- `words`: `rows` of `word`, `number` and `share` (of the bar, −1 to 1); `caption`.
- `map`: `points` of `word`, `x`, `y` (0 to 1) and `role`; `caption`.
- `number`: one `number`, and the `sentence` that says of what.
- `equation`: an `equation` as `explorer.tensors` describes it; `title`.
- `intervals`: `rows` of `name`, `mean`, `low`, `high` and whether it `counts`; `axis`, `better`.
- `columns`: several of `words` beside each other, each with its `title`.
- `svg`: a picture of this project's own, safe as HTML.
- `table`: `header` and `rows` of texts; `numeric` says of each column whether it has numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.answers import Answer, Table, is_number, written
from explorer.texts import _

MOST_ROWS = 8  # that the last row can read
MOST_COLUMNS = 6
MOST_POINTS = 40
_LONGEST_CELL = 28


@dataclass(frozen=True)
class View:
    """A `drawing`, and the numbers that it `shows` as one line of text, by which a talk knows that they changed."""

    drawing: dict[str, Any]
    shows: str


def drawn(answer: Answer) -> View:
    """The drawing of an answer; a table, where it has no other."""
    from explorer.embeddings import analogy, neighbours, percentiles, pictures, side_by_side, similarity
    from explorer.initialisation.summary import Summary
    from explorer.lessons.pictures.picture import Picture

    match answer:
        case neighbours.Answer():
            return _neighbours(answer)
        case analogy.Analogy():
            rows = [(row.word, row.score) for row in answer.rows]
            caption = _("{measure}, in {model}", measure=answer.measure, model=_title(answer.model))
            return words(rows, caption, str(answer.formula))
        case pictures.WordMap():
            return _map(answer)
        case similarity.Pair() if answer.similarity is not None:
            sentence = _("the cosine of {first} and {second}", first=answer.first, second=answer.second)
            return _number(answer.similarity, sentence)
        case percentiles.Percentile():
            return _number(
                answer.similarity,
                _(
                    "{first} and {second}: {sentence}",
                    first=answer.first,
                    second=answer.second,
                    sentence=answer.sentence,
                ),
            )
        case side_by_side.SideBySide():
            return _columns(answer)
        case Summary():
            return _intervals(answer)
        case Picture():
            shows = "; ".join(" ".join(map(written, row)) for row in answer.table().rows[:3])
            drawing = {"kind": "svg", "svg": answer.as_svg(), "alternative": answer.headline, "title": answer.headline}
            return View(drawing, shows)
        case _:
            return table(answer.table())


def words(rows: Sequence[tuple[str, float]], caption: str, title: str) -> View:
    """Words with a number each, from −1 to 1 or less wide."""
    widest = max((abs(number) for _word, number in rows), default=0) or 1
    top = [
        {"word": word, "number": written(float(number)), "share": number / max(1, widest)}
        for word, number in rows[:MOST_ROWS]
    ]
    shows = ", ".join(f"{row['word']} {row['number']}" for row in top)
    return View({"kind": "words", "rows": top, "caption": caption, "title": title}, shows)


def table(table: Table) -> View:
    """The first rows and columns of a table."""
    rows = [[_cell(cell) for cell in row[:MOST_COLUMNS]] for row in table.rows[:MOST_ROWS]]
    numeric = [all(is_number(row[i]) for row in table.rows) for i in range(len(table.header[:MOST_COLUMNS]))]
    folded = {"rows": len(table.rows) - len(rows), "columns": max(0, len(table.header) - MOST_COLUMNS)}
    drawing = {"kind": "table", "header": list(table.header[:MOST_COLUMNS]), "rows": rows, "numeric": numeric}
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
    return words([(row.word, row.score) for row in answer.rows], caption, answer.word)


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
    return View({"kind": "columns", "columns": columns, "title": answer.asked}, shows)


def _map(answer: Any) -> View:
    """The first two axes; of many words those that are nearest to the centre, or the most frequent."""
    places = answer.projection.coordinates[:, :2]
    low, high = places.min(axis=0), places.max(axis=0)
    reach = float((high - low).max()) or 1.0
    middle = (low + high) / 2
    rows = {row.word: row for row in answer.drawn.rows}
    points = [
        {
            "word": word,
            "x": round(0.5 + float(x - middle[0]) / reach, 4),
            "y": round(0.5 - float(y - middle[1]) / reach, 4),
            "role": "centre" if word == answer.drawn.centre else rows[word].pos,
        }
        for word, (x, y) in zip(answer.projection.words, places.tolist(), strict=True)
    ][:MOST_POINTS]
    trust = _("trustworthiness {number:.2f}", number=answer.projection.trustworthiness)
    caption = _(
        "{count} words of {model}, by {method}; {trust}",
        count=len(points),
        model=_title(answer.projection.model),
        method=answer.projection.method.upper() if answer.projection.method != "t-sne" else "t-SNE",
        trust=trust,
    )
    shows = ", ".join(f"{each['word']} {each['x']:.2f} {each['y']:.2f}" for each in points[:MOST_ROWS])
    drawing = {"kind": "map", "points": points, "caption": caption, "title": answer.drawn.centre or _("Map")}
    return View(drawing, shows)


def _number(number: float, sentence: str) -> View:
    return View(
        {"kind": "number", "number": written(float(number)), "sentence": sentence},
        f"{written(float(number))} {sentence}",
    )


def _intervals(answer: Any) -> View:
    """What the arms differ by from the baseline, at the last size asked for."""
    share = max(answer.shares)
    measure = answer.measure
    rows = [
        {
            "name": each.arm,
            "mean": each.difference,
            "low": each.low,
            "high": each.high,
            "counts": each.is_significant,
            "text": f"{written(float(each.difference))} ({written(float(each.low))} … {written(float(each.high))})",
        }
        for each in answer.comparisons(measure.key, share)
    ]
    drawing = {
        "kind": "intervals",
        "title": answer.plan.name,
        "rows": rows,
        "axis": _("{measure}: difference from {baseline}", measure=measure.title, baseline=answer.plan.baseline),
        "caption": _(
            "95% intervals over {count} seeds, {share:.0%} of the pairs", count=len(answer.plan.seeds), share=share
        ),
        "better": _("lower is better") if measure.lower_is_better else _("higher is better"),
    }
    return View(drawing, "; ".join(f"{row['name']} {row['text']}" for row in rows))


def _cell(value: Any) -> str:
    text = written(value)
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def _title(model: str) -> str:
    from explorer.embeddings import catalog

    return catalog.title(model)
