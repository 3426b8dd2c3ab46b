"""The plan for labelled texts, or a plain text, that somebody brought: what is compared where nothing else is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from explorer.embeddings import catalog
from explorer.errors import UserError, cut, named
from explorer.initialisation.plan import NAMES, Plan
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.text_bounds import BATCH, FOLDS, SEEDS
from explorer.texts import _
from explorer.transformer.bounds import POOLINGS
from explorer.transformer.configuration import Configuration

FEW = 2_000  # texts: of fewer, a fifth is too small a test, and all are tested in folds
_EPOCHS, _LEAST, _MOST = 10, 200, 1_000  # how often all texts are seen, and bounds of the updates that this makes
_MEASURED = 20  # times along a run
_PATIENCE = 5  # measurements without a lower validation loss, a quarter of the longest run
_MODEL = Configuration(64, heads=4, layers=1, norm="pre", scaled=True, dropout=0.3)
_RATES = (0.001, 0.003, 0.01, 0.03)
_LANGUAGE = replace(_MODEL, tied=True, dropout=0.1)
_QUICK_SEEDS, _QUICK_UPDATES, _QUICK_BATCH, _QUICK_RATE = 6, 100, 16, 0.003
BASELINE = "random"
_CALLED = {
    "text": ("text", "sentence", "review", "content", "comment", "message", "question", "body"),
    "label": ("label", "class", "category", "sentiment", "target", "topic", "stars", "rating"),
    "part": ("part", "split", "subset"),
}


def plan_for(
    path: Path | str,
    text: str,
    label: str,
    part: str = "",
    vectors: str | None = None,
    seeds: int = SEEDS,
    pooling: str = POOLINGS[0],
    name: str = "",
) -> Plan:
    """Random vectors against a model's, frozen and tuned, at one scale: all three tables spread alike at the start.

    The number of updates follows from that of the texts; of fewer than 2,000 each seed tests another of ten folds.
    Raises UserError for a table that cannot be compared on, for more seeds than folds, or vectors that are not there.
    """
    begun = Plan(
        name or name_for(str(path)),
        _arms(vectors),
        BASELINE,
        task=str(path),
        text=text,
        label=label,
        part=part,
        seeds=tuple(range(seeds)),
        rates=_RATES,
        patience=_PATIENCE,
        model=replace(_MODEL, pooling=pooling),
        batch_size=BATCH,
    )
    data = begun.data
    texts = len(data.train) + len(data.validation) + len(data.test)
    if not part and texts < FEW:
        begun = replace(begun, folds=FOLDS)
        data = begun.data
    return _long_enough(begun)


def language_plan(path: Path | str, vectors: str | None = None, seeds: int = SEEDS, name: str = "") -> Plan:
    """The same three arms for a language model of a plain text, whose table is that of its output as well. Raises
    UserError for a text that cannot be compared on, or vectors that are not there."""
    return _long_enough(
        Plan(
            name or name_for(str(path)),
            _arms(vectors),
            BASELINE,
            task=str(path),
            language=True,
            seeds=tuple(range(seeds)),
            rates=_RATES,
            model=_LANGUAGE,
            batch_size=BATCH,
        )
    )


def quick(plan: Plan) -> Plan:
    """A first look: the last arm against the baseline, with as many seeds as can show a difference, few and small
    updates, and one learning rate."""
    last = list(plan.arms)[-1]
    return replace(
        plan,
        name=f"{plan.name[:54]} quick",
        arms={name: plan.arms[name] for name in (plan.baseline, last)},
        seeds=tuple(range(_QUICK_SEEDS)),
        rates=(_QUICK_RATE,),
        updates=_QUICK_UPDATES,
        batch_size=_QUICK_BATCH,
        measured_every=_QUICK_UPDATES // 5,
    )


def _arms(vectors: str | None) -> dict[str, Strategy]:
    model = catalog.load(vectors).name
    return {
        BASELINE: Strategy("unit"),
        f"{model}, frozen": Strategy("pretrained", model, "fresh", "frozen"),
        f"{model}, tuned": Strategy("pretrained", model, "fresh"),
    }


def _long_enough(plan: Plan) -> Plan:
    """The plan with as many updates as its texts need."""
    updates = min(max(_EPOCHS * -(-len(plan.data.train) // BATCH), _LEAST), _MOST)
    return replace(plan, updates=updates, measured_every=updates // _MEASURED)


def name_for(file: str) -> str:
    """The name of a comparison on a file, "reviews" of reviews.csv.gz."""
    stem = re.sub(r"[^\w .-]", " ", Path(file).name.split(".")[0]).strip(" .-")[:50] or "texts"
    return f"{stem} texts" if stem in NAMES else stem


def called(role: str, columns: Sequence[str]) -> str:
    """The column that is called as texts, labels or parts are, empty where none is."""
    return next((column for name in _CALLED[role] for column in columns if column.lower() == name), "")


def columns_of(columns: Sequence[str], text: str | None = None, label: str | None = None) -> tuple[str, str]:
    """The columns of texts and of labels: those named, otherwise those that are called as such columns are."""
    return text or called("text", columns) or "text", label or called("label", columns) or "label"


def is_header(cells: Sequence[str], text: str | None = None, label: str | None = None) -> bool:
    """Whether the cells of a first line name the columns of texts and of labels."""
    return {*columns_of(cells, text, label)} <= {*cells}


def likely_columns(columns: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> tuple[str, str, str]:
    """Which columns are likely to hold texts, labels and parts, by their names, and otherwise by some `rows`: the
    longest cells are texts, the fewest different ones labels. No part where none is called so.
    Raises UserError for fewer than two columns."""
    if len(set(columns)) < 2:
        raise UserError(
            _(
                "The table needs two columns, a text and a label. It has {columns}.",
                columns=named([cut(column, 40) for column in columns]) or _("none"),
            )
        )

    part = called("part", columns) if len(columns) > 2 else ""
    text, label = called("text", columns), called("label", columns)
    cells = dict(zip(columns, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(columns, ())

    def length(column: str) -> int:
        return sum(map(len, cells[column]))

    def different(column: str) -> int:
        return len(set(cells[column]))

    text = text or max((column for column in columns if column not in (label, part)), key=length)
    return text, label or min((column for column in columns if column not in (text, part)), key=different), part
