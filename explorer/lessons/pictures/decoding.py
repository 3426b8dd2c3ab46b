"""Decoding word by word: what each step could say, what it says, where it looks; and a beam search as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.answers import Table
from explorer.lessons.pictures.next_word import LISTED, Bar, bar_mark, ranked
from explorer.lessons.pictures.picture import (
    LETTER,
    TALK,
    TALK_TYPE,
    Link,
    Picture,
    both,
    document,
    fitting,
    heat,
    number,
    share,
    text,
)
from explorer.palette import Scale
from explorer.texts import _
from explorer.transformer.decoding import Branch, Decoding, beam_search, greedy, length_penalty, reshaped, sample
from explorer.transformer.tape import Array
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import START

_LONGEST_WORD = 14  # letters of a word in a tree that are shown
_LONGEST_TREE = 12  # depths of a tree that are drawn


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
        trace.tokens,
        trace[last].value[:, -1],
    )


@dataclass(frozen=True)
class BeamTree(Picture):
    """The branches that a beam search followed. `penalty` is the exponent of its length penalty."""

    decoding: Decoding
    width: int
    penalty: float

    @property
    def headline(self) -> str:
        return _("Beam search, {width} wide: {words}", width=self.width, words=" ".join(self.decoding.words))

    @property
    def best(self) -> Branch:
        """The branch that won."""
        leaves = [leaf for leaf in _branches(self.decoding.root) if not leaf.children]
        ended = [leaf for leaf in leaves if leaf.score is not None]
        # Where no answer ended in time the search compares unfinished ones in the same way.
        deepest = max(len(leaf.ids) for leaf in leaves)
        return max(
            ended or [leaf for leaf in leaves if len(leaf.ids) == deepest],
            key=lambda leaf: leaf.log_probability / length_penalty(leaf.length, self.penalty),
        )

    def as_json(self) -> dict[str, Any]:
        return {"width": self.width, "penalty": self.penalty, **self.decoding.as_json()} | {
            "branches": [
                {
                    "words": list(_words(self.decoding.root, branch)),
                    "probability": branch.probability,
                    "log_probability": branch.log_probability,
                    "length": branch.length,
                    "length_penalty": length_penalty(branch.length, self.penalty),
                    "score": branch.score,
                }
                for branch in _branches(self.decoding.root)
            ]
        }

    def table(self) -> Table:
        header = ("words", "probability", "log_probability", "length", "length penalty", "score")
        rows = (
            (
                " ".join(_words(self.decoding.root, each)),
                each.probability,
                each.log_probability,
                each.length,
                length_penalty(each.length, self.penalty),
                each.score,
            )
            for each in _branches(self.decoding.root)
        )
        return Table(header, tuple(rows))

    def as_svg(self, link: Link | None = None) -> str:
        """A column a word, a row a branch; the branch that won is drawn in the strong colour."""
        header = (_("log-probability"), _("length"), _("penalty"), _("score"))
        return self._drawing(header, across=158, gap=34, columns=92, small=13)

    def for_talk(self) -> str:
        """The same in a talk's type."""
        header = (_("ln p"), _("length"), _("penalty"), _("score"))
        return self._drawing(header, across=196, gap=30, columns=105, small=TALK_TYPE)

    def _drawing(self, header: Sequence[str], across: float, gap: float, columns: float, small: float) -> str:
        """With words in columns `across` and the numbers of an answer in `columns`; `small` is its smallest type."""
        best = self.best.ids
        large = small / 13
        size, high, down, top = max(15.0, small), 30 * large, 44 * large, 76 * large
        marks: list[str] = []
        lines: list[str] = []
        bottom = 0
        longest = max((len(each.word) for each in _branches(self.decoding.root)), default=1)
        across = max(across, gap + 23 + 4 * small + LETTER * size * min(longest, _LONGEST_WORD))
        depth = min(_LONGEST_TREE, max((len(each.ids) for each in _branches(self.decoding.root)), default=1) - 1)
        end = (depth + 1) * across + 20

        def place(branch: Branch, row: int) -> int:
            """Draws a branch and what follows from it; answers with the first free row."""
            nonlocal bottom
            level = len(branch.ids) - 1
            x, y = level * across, top + row * down
            middle, base = y + high / 2, y + high / 2 + 0.36 * size
            on_way = branch.ids == best[: len(branch.ids)]
            looks = "ink bold" if on_way else "ink"
            written = "" if branch.ids == (START,) else share(branch.probability, 2)
            card = "node best" if on_way else "node"
            room = across - gap - 15 - 0.64 * small * len(written)
            step = f"step{level - 1}" if level else ""  # a talk may show one step of the search after the other
            marks.append(f'<g class="{step}">')
            marks.append(
                f'<rect class="{card}" x="{x:g}" y="{y:g}" width="{across - gap:g}" height="{high:g}" rx="4"/>'
                + text(x + 8, base, fitting(branch.word, room, size), size, looks)
                + text(x + across - gap - 7, base, written, small, "quiet", "end")
            )
            bottom = max(bottom, row)
            if branch.score is not None:
                penalty = length_penalty(branch.length, self.penalty)
                numbers = (
                    number(branch.log_probability, 2),
                    str(branch.length),
                    number(penalty, 2),
                    number(branch.score, 3),
                )
                if x + across < end:
                    lines.append(f'<path class="dots {step}" d="M{x + across - gap + 4:g} {middle:g}H{end:g}"/>')
                marks.extend(
                    text(end + 70 + n * columns, base, digits, size, looks if n == 3 else "ink", "end")
                    for n, digits in enumerate(numbers)
                )
            marks.append("</g>")
            free = row
            followed = branch.children if level < _LONGEST_TREE else []
            for child in sorted(followed, key=lambda child: -child.log_probability):
                below = top + free * down + high / 2
                start, half, stop = x + across - gap, x + across - gap / 2, x + across
                way = "way best" if child.ids == best[: len(child.ids)] else "way"
                bend = f"C{half:g} {middle:g} {half:g} {below:g} {stop:g} {below:g}"
                lines.append(f'<path class="{way} step{level}" d="M{start:g} {middle:g}{bend}"/>')
                free = place(child, free)
            return max(free, row + 1)

        place(self.decoding.root, 0)
        head = [
            text(end + 70 + n * columns, top - 20 * large, word, small, "quiet", "end") for n, word in enumerate(header)
        ]
        title = text(0, 20 * large, self.headline, max(17.0, 1.1 * small), "ink bold", longest=90)
        formula = text(
            0,
            42 * large,
            _(
                "score = log-probability / penalty,  penalty = ((5 + length) / 6)^{penalty:g}",
                penalty=self.penalty,
            ),
            max(14.0, small),
            "quiet",
            longest=100,
        )
        about = _(
            "The best answer is “{words}”, log-probability {log_probability}.",
            words=" ".join(self.decoding.words),
            log_probability=number(self.decoding.log_probability),
        )
        if self.best.score is not None:
            score = _("Its score is {score}.", score=number(self.best.score))
            about = f"{about} {score}"
        style = (
            f".node{{{both('fill', ('#f5f7f9', '#1f242a'))}{both('stroke', ('#d5d8dc', '#3a4048'))}}}"
            f".node.best{{{both('fill', ('#dcebf8', '#20405e'))}{both('stroke', ('#1f5f99', '#8fc0ee'))}}}"
            f".way.best{{{both('stroke', ('#1f5f99', '#8fc0ee'))}stroke-width:2.5}}"
            f".dots{{fill:none;{both('stroke', ('#b5bac1', '#4a515a'))}stroke-dasharray:2 4}}"
        )
        return document(
            end + 3.9 * columns,
            top + (bottom + 1) * down,
            self.headline,
            about,
            [title, formula, *head, *lines, *marks],
            "tree",
            style,
        )


def beam_tree(translator: Translator, words: tuple[str, ...], width: int, penalty: float) -> BeamTree:
    """Raises UserError as `beam_search` does."""
    return BeamTree(beam_search(translator, words, width, penalty), width, penalty)


def _branches(branch: Branch) -> Iterator[Branch]:
    for child in branch.children:
        yield child
        yield from _branches(child)


def _words(root: Branch, branch: Branch) -> Iterator[str]:
    """The words that lead from the root to a branch."""
    at = root
    for depth in range(1, len(branch.ids)):
        at = next(child for child in at.children if child.ids == branch.ids[: depth + 1])
        yield at.word
