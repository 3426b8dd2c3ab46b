"""Decoding word by word: what each step could say, what it says, and where it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.answers import Table
from explorer.lessons.pictures.next_word import LISTED, Bar, bar_mark, ranked
from explorer.lessons.pictures.picture import (
    TALK,
    TALK_TYPE,
    Link,
    Picture,
    document,
    fitting,
    heat,
    number,
    share,
    text,
)
from explorer.palette import Scale
from explorer.texts import _
from explorer.transformer.decoding import Branch, Decoding, greedy, reshaped, sample
from explorer.transformer.tape import Array
from explorer.transformer.translator import Translator


@dataclass(frozen=True)
class WordChosen:
    """One step: the words so far, the distribution before and after temperature, top-k and top-p, the word that was
    taken, and the cross-attention of the last layer from the place where it was said, (head, source token)."""

    so_far: tuple[str, ...]
    before: tuple[Bar, ...]
    after: tuple[Bar, ...]
    kept: int
    chosen: str
    probability: float
    source: tuple[str, ...]
    attention: Array

    def as_json(self) -> dict[str, Any]:
        def bars(side: tuple[Bar, ...]) -> list[dict[str, Any]]:
            return [{"word": bar.word, "probability": bar.probability, "rank": bar.rank} for bar in side]

        return {
            "so_far": list(self.so_far),
            "before": bars(self.before),
            "after": bars(self.after),
            "kept": self.kept,
            "chosen": self.chosen,
            "probability": self.probability,
            "attention": {"source": list(self.source), "weights": self.attention.tolist()},
        }


@dataclass(frozen=True)
class WordByWord(Picture):
    """An answer, a step a word. `reshaping` says in words what was done to the distributions, where something was."""

    decoding: Decoding
    steps: tuple[WordChosen, ...]
    reshaping: str

    @property
    def headline(self) -> str:
        return f"{' '.join(self.decoding.source)} → {' '.join(self.decoding.words)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "source": list(self.decoding.source),
            "translation": " ".join(self.decoding.words),
            "log_probability": self.decoding.log_probability,
            "reshaping": self.reshaping,
            "steps": [step.as_json() for step in self.steps],
        }

    def table(self) -> Table:
        rows = ((" ".join(each.so_far), each.chosen, each.probability, each.kept) for each in self.steps)
        return Table(("so far", "chosen", "probability", "kept"), tuple(rows))

    def as_svg(self, link: Link | None = None) -> str:
        """Every step, one below the other."""
        parts, y = [], 0.0
        for place in range(len(self.steps)):
            inside, height = self._step(place, _WIDTH, 1.0)
            parts.append(f'<g transform="translate(0 {y:g})">{inside}</g>')
            y += height + 26
        said = "; ".join(f"{each.chosen} {number(each.probability)}" for each in self.steps)
        return document(_WIDTH, y, self.headline, _("Word by word: {words}.", words=said), parts, "decoding")

    def step_svg(self, place: int, in_talk: bool = False) -> str:
        """One step alone, counted from 0."""
        width, large = (TALK[0], TALK_TYPE / _SMALL) if in_talk else (_WIDTH, 1.0)
        inside, height = self._step(place, width, large)
        each = self.steps[place]
        said = _(
            "After {words} comes {word}, with probability {share}.",
            words=" ".join(each.so_far),
            word=each.chosen,
            share=number(each.probability),
        )
        return document(
            width, height, _("Step {number}: {word}", number=place + 1, word=each.chosen), said, [inside], "decoding"
        )

    def _step(self, place: int, width: float, large: float) -> tuple[str, float]:
        """The marks of a step and their height; type and distances are so many times as `large` as in a file."""
        each = self.steps[place]
        parts: list[str] = []

        def say(x: float, y: float, words: str, size: float, looks: str, **more: Any) -> None:
            parts.append(text(x, y * large, words, size * large, looks, **more))

        say(0, 20, f"{place + 1}.", 17, "quiet")
        say(26 * large, 20, " ".join(each.so_far), 17, "ink", longest=70)
        column = width / 2 - 16
        sides = [(_("The model's distribution"), each.before)]
        if self.reshaping:
            sides.append((_("{reshaping}: {kept:,} left", reshaping=self.reshaping, kept=each.kept), each.after))
        for side, (title, bars) in enumerate(sides):
            x = side * (column + 32)
            say(x, 50, title, _SMALL, "quiet", longest=70)
            parts += [
                bar_mark(bar, x, (66 + n * 25) * large, column, 25 * large, 16 * large, min(170 * large, 0.45 * column))
                for n, bar in enumerate(bars)
            ]
        low = 66 + 25.0 * max(len(bars) for _, bars in sides)
        # where the last layer looks
        x = 0.0 if self.reshaping else column + 32
        y = low + 42 if self.reshaping else 66.0
        say(x, y - 16, _("Where the last layer looks"), _SMALL, "quiet", longest=40)
        left = x + 66 * large
        cell = min(64.0 * large, (column - 80 * large) / len(each.source))
        for head, row in enumerate(each.attention):
            say(x, y + 26 + head * 26, _("head {head}", head=head + 1), _SMALL, "quiet")
            top, scale = (y + 8 + head * 26) * large, Scale(1.0, shares=True)
            parts.append(heat(left, top, cell * len(row), 22 * large, row[None], scale))
        below = y + 8 + 26 * len(each.attention) + 18
        for n, word in enumerate(each.source):
            say(left + (n + 0.5) * cell, below, fitting(word, cell, _SMALL * large), _SMALL, "ink", anchor="middle")
        low = max(low, below) + 32
        say(0, low, _("It says"), 17, "quiet")
        say(66 * large, low, f"{each.chosen}  ({share(each.probability)})", 19, "ink bold", longest=60)
        return "".join(parts), (low + 12) * large


_SMALL = 14  # the size of the smallest words
_WIDTH = 860.0


def word_by_word(
    translator: Translator,
    words: tuple[str, ...],
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int | None = None,
) -> WordByWord:
    """The greedy answer; with a `seed`, words that are drawn from the reshaped distributions. Raises UserError as
    `greedy` and `sample` do."""
    if seed is None:
        decoding = greedy(translator, words, tracing=True)
    else:
        decoding = sample(translator, words, seed, temperature, top_k, top_p, tracing=True)
    reshaping = ", ".join(
        said
        for said, is_on in (
            (_("temperature {temperature:g}", temperature=temperature), temperature != 1),
            (_("top-k {top_k:,}", top_k=top_k), top_k > 0),
            (_("top-p {top_p:g}", top_p=top_p), top_p < 1),
        )
        if is_on and seed is not None
    )
    steps, branch = [], decoding.root
    while branch.children:
        (child,) = branch.children
        steps.append(_chosen(translator, branch, child, (temperature, top_k, top_p) if reshaping else None))
        branch = child
    return WordByWord(decoding, tuple(steps), reshaping[:1].upper() + reshaping[1:])


def _chosen(translator: Translator, branch: Branch, child: Branch, how: tuple[float, int, float] | None) -> WordChosen:
    vocabulary = translator.target.words
    shares = np.asarray(branch.shares)
    after = reshaped(shares, *how) if how else shares
    trace = branch.trace
    assert trace is not None
    last = [tensor.name for tensor in trace if tensor.name.endswith("cross_attention.weights")][-1]
    kept = int(np.count_nonzero(after))
    return WordChosen(
        tuple(vocabulary[token] for token in branch.ids),
        ranked(shares, vocabulary, child.word),
        ranked(after, vocabulary, child.word, min(LISTED, kept)),
        kept,
        child.word,
        child.probability,
        trace.token_names,
        trace[last].value[:, -1],
    )
