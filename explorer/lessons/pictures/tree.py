"""A beam search as a tree: the branches that it followed, and the score of each answer that ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.answers import Table
from explorer.lessons.pictures.picture import (
    LETTER,
    TALK_TYPE,
    Link,
    Picture,
    both,
    document,
    fitting,
    number,
    share,
    text,
)
from explorer.texts import _
from explorer.transformer.decoding import Branch, Decoding, beam_search, length_penalty
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import START

_LONGEST_WORD = 14  # letters of a word in a tree that are shown
_LONGEST_TREE = 12  # depths of a tree that are drawn


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
        return self._drawing(header, across=196, gap=20, columns=103, small=TALK_TYPE)

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
