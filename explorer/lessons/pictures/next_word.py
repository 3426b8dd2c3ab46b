"""The next word as bars: at each position the likeliest words with their probabilities, and the right one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.answers import Table
from explorer.errors import UserError
from explorer.lessons.pictures.picture import Link, Picture, document, fitting, number, share, text
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import END, MARKS

LISTED = 5


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
        said = "; ".join(
            _(
                "after {after}: {words}",
                after=after,
                words=", ".join(f"{bar.word} {number(bar.probability)}" for bar in bars),
            )
            for after, bars in self.positions
        )
        about = _("{positions}. The right word has a tick.", positions=said)
        return document(width, y, self.headline, about, body, "bars")


def bar_mark(bar: Bar, x: float, y: float, width: float, height: float) -> str:
    """A bar with its word before it and its number behind it; the right word has a tick and the strong colour."""
    words, digits = 170.0, 64.0
    room = width - words - digits
    looks = "ink bold" if bar.right else "ink"
    tick = f"{bar.rank}. " if bar.rank > LISTED else ""
    return (
        text(
            x + words - 12,
            y + height / 2 + 6,
            fitting(f"{tick}{bar.word}", words - 34, 16) + (" ✓" if bar.right else ""),
            16,
            looks,
            "end",
            60,
        )
        + f'<rect class="{"strong" if bar.right else "soft"}" x="{x + words:g}" y="{y + 4:g}" '
        f'width="{max(1.0, room * bar.probability):.2f}" height="{height - 8:g}" rx="2"/>'
        + text(x + words + room * bar.probability + 8, y + height / 2 + 6, share(bar.probability), 16, looks)
    )


def next_words(trace: Trace) -> NextWords:
    """The bars of a pass to the loss. Raises UserError for a pass without a decoder."""
    if "probabilities" not in trace:
        raise UserError(_("The encoder alone predicts no next word. Ask with a target."))
    probabilities = trace["probabilities"].value  # (T, V)
    words = trace.labels("probabilities")[1]
    right = (*trace.target[1:], MARKS[END])
    positions = tuple(
        (after, ranked(probabilities[place], words, right[place])) for place, after in enumerate(trace.target)
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
