"""The next word as bars: at each position the likeliest words with their probabilities, and the right one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.answers import Table
from explorer.errors import UserError
from explorer.lessons.pictures.picture import TALK, Link, Picture, document, fitting, number, share, text
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import END, MARKS

LISTED = 5
_ACROSS, _MOST_IN_TALK = 3, 6  # positions that a talk shows


@dataclass(frozen=True)
class Bar:
    word: str
    probability: float
    right: bool = False
    rank: int = 1


@dataclass(frozen=True)
class NextWords(Picture):
    """Of each position what was read last, and the bars of the likeliest words; the right one comes after them where it
    is not among them."""

    positions: tuple[tuple[str, tuple[Bar, ...]], ...]
    vocabulary: int

    @property
    def headline(self) -> str:
        return _("The next word, after each word")

    def as_json(self) -> dict[str, Any]:
        return {
            "vocabulary": self.vocabulary,
            "positions": [
                {
                    "after": after,
                    "words": [
                        {"word": bar.word, "probability": bar.probability, "rank": bar.rank, "right": bar.right}
                        for bar in bars
                    ],
                }
                for after, bars in self.positions
            ],
        }

    def table(self) -> Table:
        rows = (
            (after, bar.rank, bar.word, bar.probability, bar.right) for after, bars in self.positions for bar in bars
        )
        return Table(("after", "rank", "word", "probability", "right"), tuple(rows))

    def as_svg(self, link: Link | None = None) -> str:
        width, row = 720.0, 26.0
        body: list[str] = []
        y = 4.0
        for after, bars in self.positions:
            body.append(text(0, y + 18, _("after {after}", after=after), 17, "ink bold", longest=50))
            y += 30
            body += [bar_mark(bar, 0, y + place * row, width, row) for place, bar in enumerate(bars)]
            y += len(bars) * row + 16
        return self._document(width, y, body)

    def for_talk(self) -> str:
        """The first positions side by side, as a talk shows them."""
        positions = self.positions[:_MOST_IN_TALK]
        across = min(_ACROSS, len(positions))
        down = -(-len(positions) // across)
        (width, height), listed = TALK, LISTED if down == 1 else 3
        column, line = width / across, height / down
        row = min(58.0, (line - 60) / (listed + 1))
        body: list[str] = []
        for place, (after, bars) in enumerate(positions):
            x, y = place % across * column, place // across * line
            body.append(text(x, y + 30, _("after {after}", after=after), 28, "ink bold", longest=20))
            for number_, bar in enumerate(bar for bar in bars if bar.right or bar.rank <= listed):
                body.append(bar_mark(bar, x, y + 48 + number_ * row, column - 30, row, 26, 160))
        return self._document(width, height, body)

    def _document(self, width: float, height: float, body: list[str]) -> str:
        said = "; ".join(
            _(
                "after {after}: {words}",
                after=after,
                words=", ".join(f"{bar.word} {number(bar.probability)}" for bar in bars),
            )
            for after, bars in self.positions
        )
        about = _("{positions}. The right word has a tick.", positions=said)
        return document(width, height, self.headline, about, body, "bars")


def bar_mark(bar: Bar, x: float, y: float, width: float, height: float, size: float = 16, words: float = 170) -> str:
    """A bar with its word before it, which has so many pixels, and its number behind it; the right word has a tick and
    the strong colour."""
    room = width - words - 4 * size
    looks = "ink bold" if bar.right else "ink"
    rank = f"{bar.rank}. " if bar.rank > LISTED else ""
    word = fitting(f"{rank}{bar.word}", words - 2.1 * size, size) + (" ✓" if bar.right else "")
    low = y + height / 2 + 0.37 * size
    return (
        text(x + words - 0.75 * size, low, word, size, looks, "end", 60)
        + f'<rect class="{"strong" if bar.right else "soft"}" x="{x + words:g}" y="{y + 0.15 * height:g}" '
        f'width="{max(1.0, room * bar.probability):.2f}" height="{0.7 * height:g}" rx="2"/>'
        + text(x + words + room * bar.probability + 0.5 * size, low, share(bar.probability), size, looks)
    )


def next_words(trace: Trace) -> NextWords:
    """The bars of a pass to the loss. Raises UserError for a pass without a decoder."""
    if "probabilities" not in trace:
        raise UserError(_("The encoder alone predicts no next word. Ask with a target."))
    probabilities = trace["probabilities"].value  # (T, V)
    words = trace.labels("probabilities")[1]
    right = (*trace.target[1:], MARKS[END])
    positions = tuple(
        (after, ranked(probabilities[place], words, right[place])) for place, after in enumerate(trace.target_names)
    )
    return NextWords(positions, len(words))


def ranked(shares: Array, words: tuple[str, ...], right: str | None = None, most: int = LISTED) -> tuple[Bar, ...]:
    """The bars of the likeliest words, and of the right one."""
    order = np.argsort(-shares, kind="stable")
    bars = [
        Bar(words[token], float(shares[token]), words[token] == right, rank)
        for rank, token in enumerate(order[:most].tolist(), start=1)
    ]
    if right in words and not any(bar.right for bar in bars):
        token = words.index(right)
        bars.append(Bar(right, float(shares[token]), True, order.tolist().index(token) + 1))
    return tuple(bars)
