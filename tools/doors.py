"""Draw what stands in the three doors of Home: a formula of words, a comparison, and a transformer's next words.

python -m tools.doors            writes the pictures into explorer/ui/doors
python -m tools.doors --check    writes nothing, and ends with 1 where one of them is out of date

The numbers are those of the models and the comparison that come along, so the pictures are made once, not on a visit.
"""

from __future__ import annotations

import sys

import numpy as np

from explorer.initialisation import library
from explorer.initialisation.measures import MEASURES
from explorer.lessons.pictures.next_word import Bar, bar_mark, next_words
from explorer.lessons.pictures.picture import both, document, heat, number, text
from explorer.palette import INK, NEGATIVE, PAPER, POSITIVE, Scale
from explorer.questions.lessons import Picture
from explorer.questions.vectors import Analogy
from explorer.ui.doors import FOLDER

_WIDTH, _HEIGHT = 320.0, 150.0
_FORMULA = "king - man + woman"
_COMPARISON, _SMALLEST = "phrase-book", 0
_COLUMNS = 10  # numbers of a word that have room
_STYLE = "&{font-family:var(--st-font,sans-serif)}"
_ARMS = {
    "word2vec, Xavier": "Word2Vec, tuned",
    "GloVe, Xavier": "GloVe, tuned",
    "word2vec, Xavier, frozen": "Word2Vec, frozen",
    "word2vec, wide": "Word2Vec, too wide",
}
"""The arms that are drawn, by what they are for somebody who knows nothing of the comparison."""


def similarity() -> str:
    """The words nearest to king − man + woman."""
    rows = Analogy(formula=_FORMULA).answer().table().rows
    bars = [Bar(str(word), float(cosine), rank == 1) for rank, word, *_, cosine in rows[:4]]
    body = [text(0, 20, f"{_FORMULA.replace('-', '−')} =", 17, "ink bold", longest=40)]
    body += [bar_mark(bar, 0, 32 + 29 * row, _WIDTH, 26, 15, 120) for row, bar in enumerate(bars)]
    said = ", ".join(f"{bar.word} {number(bar.probability)}" for bar in bars)
    return document(_WIDTH, _HEIGHT, "king − man + woman", f"Cosines: {said}.", body, "door", _STYLE)


def initialisation() -> str:
    """Mean differences of some arms from a random start, with their intervals, at the smallest size."""
    summary = library.summary(_COMPARISON)
    measure, size = library.measures(_COMPARISON)[0], summary.plan.sizes[_SMALLEST]
    compared = {each.arm: each for each in summary.comparisons(measure, size)}
    left, right = 150.0, _WIDTH - 8
    ends = [end for arm in _ARMS for end in (compared[arm].low, compared[arm].high)]
    low, high = min(0.0, *ends), max(0.0, *ends)

    def place(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    body = [f'<path class="line" style="{both("stroke", INK)}" d="M{place(0):.1f} 24V122"/>']
    for row, (arm, name) in enumerate(_ARMS.items()):
        each, y = compared[arm], 38 + 25 * row
        better = (each.difference < 0) == MEASURES[measure].lower_is_better
        stops = POSITIVE if better else NEGATIVE
        colours = (stops[0][2], stops[1][2])
        body += [
            text(left - 12, y + 5, name, 14, anchor="end", longest=30),
            f'<path style="{both("stroke", colours)}" stroke-width="3" d="M{place(each.low):.1f} {y}'
            f'H{place(each.high):.1f}"/>',
            f'<circle style="{both("fill", colours if each.is_significant else PAPER)}" r="6" '
            f'cx="{place(each.difference):.1f}" cy="{y}"/>',
        ]
    body += [
        text(place(0), 16, "random start", 14, "quiet", "middle"),
        text(place(0) - 10, 144, "← better", 14, "quiet", "end"),
        text(place(0) + 10, 144, "worse →", 14, "quiet"),
    ]
    said = "; ".join(f"{name}: {compared[arm].difference:+.2f}" for arm, name in _ARMS.items())
    title = "Loss after training, compared with a random start"
    return document(_WIDTH, _HEIGHT, title, f"{said}.", body, "door", _STYLE)


def transformer() -> str:
    """The rows of a sentence's words, and the next words that the trained model expects after each word."""
    lesson = Picture(kind="next-word").lesson
    trace, positions = lesson.trace, next_words(lesson.trace).positions
    words, rows = lesson.example.source, trace["source.embedding"].value[:, :_COLUMNS]
    scale = Scale(float(np.abs(rows).max()))
    body = ['<path class="way" stroke-width="2" d="M174 74h26m-7 -5l7 5l-7 5"/>']
    for row, (word, (_after, bars)) in enumerate(zip(words, positions, strict=True)):
        y, likeliest = 20 + 36 * row, bars[0]
        body += [
            text(0, y + 19, word, 15),
            heat(74, y + 4, 84, 20, rows[row : row + 1], scale),
            text(216, y + 19, likeliest.word, 15, "ink bold"),
            text(_WIDTH, y + 19, number(likeliest.probability), 15, "ink", "end"),
        ]
    said = "; ".join(f"after {after}: {bars[0].word} {number(bars[0].probability)}" for after, bars in positions)
    return document(_WIDTH, _HEIGHT, " ".join(words), f"The next word {said}.", body, "door", _STYLE)


PICTURES = {"similarity": similarity, "initialisation": initialisation, "transformer": transformer}


def main(arguments: list[str]) -> int:
    late = 0
    for name, draw in PICTURES.items():
        path, drawing = FOLDER / f"{name}.svg", draw()
        if not path.is_file() or path.read_text(encoding="utf-8") != drawing:
            late += 1
            if "--check" not in arguments:
                path.write_text(drawing, encoding="utf-8")
    return int("--check" in arguments and late > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
