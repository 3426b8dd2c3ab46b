"""Collect the numbers that stand in the three doors of Home, from the models and the comparison that come along.

python -m tools.doors            writes explorer/ui/doors/numbers.json
python -m tools.doors --check    writes nothing, and ends with 1 where it is out of date

So a visit of Home computes none of them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from explorer.initialisation import library
from explorer.lessons.pictures.next_word import next_words
from explorer.questions.lessons import Picture
from explorer.questions.vectors import Analogy
from explorer.ui.doors import ARMS, FORMULA, NUMBERS

_COMPARISON, _SMALLEST = "phrase-book", 0
_BARS, _COLUMNS = 4, 10  # words of a formula, and numbers of a word, that have room
_DECIMALS = 3


def similarity() -> list[tuple[str, float]]:
    """The words nearest to a formula, with their cosines."""
    rows = Analogy(formula=FORMULA).answer().table().rows[:_BARS]
    return [(str(word), round(float(cosine), _DECIMALS)) for _rank, word, *_, cosine in rows]


def initialisation() -> dict[str, Any]:
    """Mean differences of some arms in the deciding measure, a loss, from a random start, at the smallest size."""
    summary = library.summary(_COMPARISON)
    measure, size = library.measures(_COMPARISON)[0], summary.plan.sizes[_SMALLEST]
    compared = {each.arm: each for each in summary.comparisons(measure, size)}
    arms = [
        {
            "arm": arm,
            "interval": [round(number, _DECIMALS) for number in (each.low, each.difference, each.high)],
            "significant": bool(each.is_significant),
        }
        for arm in ARMS
        for each in [compared[arm]]
    ]
    return {"share": size, "arms": arms}


def transformer() -> list[dict[str, Any]]:
    """The words of a sentence with their vectors, and the next word that the trained model expects at each place."""
    lesson = Picture(kind="next-word").lesson
    rows, positions = lesson.trace["source.embedding"].value, next_words(lesson.trace).positions
    return [
        {
            "word": word,
            "vector": [round(float(number), _DECIMALS) for number in row[:_COLUMNS]],
            "next": [bars[0].word, round(bars[0].probability, _DECIMALS)],
        }
        for word, row, (_after, bars) in zip(lesson.example.source, rows, positions, strict=True)
    ]


def main(arguments: list[str]) -> int:
    numbers = {"similarity": similarity(), "initialisation": initialisation(), "transformer": transformer()}
    content = json.dumps(numbers, ensure_ascii=False, indent=1) + "\n"
    is_late = not NUMBERS.is_file() or NUMBERS.read_text(encoding="utf-8") != content
    if is_late and "--check" not in arguments:
        NUMBERS.write_text(content, encoding="utf-8")
    return int(is_late and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
