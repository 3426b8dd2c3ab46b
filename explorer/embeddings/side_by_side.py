"""Models side by side: one word in each of them, and the words about which two of them disagree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations
from typing import Any

import numpy as np

from explorer import answers
from explorer.embeddings.bounds import BESIDE, MOST_COMPARED, MOST_NEAREST
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.engine.connection import Unreachable
from explorer.embeddings.lookup import WordNotFound
from explorer.embeddings.neighbour_list import Answer, Neighbour
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.percentiles import RARE, rare_cosine
from explorer.embeddings.search import exact
from explorer.errors import UserError, named
from explorer.texts import _, _n

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Column:
    """What one model answers, or the sentence that says why it does not. `rare_cosine` is that of `percentiles`."""

    model: str
    answer: Answer | None
    problem: str = ""
    lack: WordNotFound | None = None  # the problem, where it is that the model lacks the word
    rare_cosine: float | None = None

    @property
    def how(self) -> list[str]:
        """How the model found the word, in sentences; also where it is simply one of its words. Without the words that
        may be meant instead."""
        answer = self.answer
        if answer is None:
            return [self.lack.problem if self.lack else self.problem]
        if answer.found != "word":
            return self.sentences
        known = _n(
            "“{word}” is its only word.", "“{word}” is one of its {count:,} words.", answer.size, word=answer.word
        )
        return [known, *self.sentences]

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Words that may be meant instead."""
        if self.answer:
            return self.answer.suggestions
        return tuple(self.lack.suggestions) if self.lack else ()

    @property
    def is_known(self) -> bool:
        """Whether the model has the word, and need not guess."""
        return self.answer is not None and not self.answer.is_guess

    @property
    def sentences(self) -> list[str]:
        """What a reader should know of this model's answer: why there is none, or how the word was understood."""
        if self.answer is None:
            return [self.problem]
        return [*self.answer.sentences, *([self.scale] if self.rare_cosine is not None else [])]

    @property
    def scale(self) -> str:
        """How high cosines are in this model, in a sentence."""
        return _(
            "Here 1 of {pairs:,} random pairs of words has a cosine above {cosine:.2f}.",
            pairs=RARE,
            cosine=self.rare_cosine,
        )


@dataclass(frozen=True)
class SideBySide(answers.Answer):
    """The neighbours of one word in several models, a column each."""

    asked: str
    columns: tuple[Column, ...]
    lacking: tuple[str, ...] = ()  # models that nobody named, and that lack the word
    left: tuple[str, ...] = ()  # models that are not asked, for nobody named them and enough others have the word

    @property
    def headline(self) -> str:
        return self.asked

    @property
    def sentences(self) -> tuple[str, ...]:
        columns = [(column.model, " ".join(column.sentences)) for column in self.columns]
        return (
            *of_the_others(self.asked, self.lacking, self.left),
            *self.comparable,
            *(f"{model}: {sentence}" for model, sentence in columns if sentence),
        )

    @property
    def comparable(self) -> tuple[str, ...]:
        """What of several columns may be compared, in a sentence."""
        if sum(column.answer is not None for column in self.columns) < 2:
            return ()
        return (_("Each model has its own scale of cosines: compare ranks between models, not cosines."),)

    @property
    def ranks(self) -> dict[str, tuple[int | None, ...]]:
        """Each neighbour that two models or more have → its rank in each model, None where it has none."""
        ranks: dict[str, list[int | None]] = {}
        for place, column in enumerate(self.columns):
            for row in column.answer.rows if column.answer else ():
                ranks.setdefault(row.word, [None] * len(self.columns))[place] = row.rank
        return {word: tuple(places) for word, places in ranks.items() if sum(rank is not None for rank in places) > 1}

    @property
    def shared(self) -> str:
        """How many neighbours the models share, in a sentence; empty for a single model."""
        count = len(self.ranks)
        if len(self.columns) < 2:
            return ""
        if not count:
            return _("The models share no neighbour.")
        shared = _n(
            "{count} word appears in more than one model (bold, joined by lines).",
            "{count:,} words appear in more than one model (bold, joined by lines).",
            count,
        )
        if not any(map(_skips, self.ranks.values())):
            return shared
        return shared + " " + _("A dashed line passes a model that does not list the word.")

    @property
    def agreement(self) -> tuple[tuple[str, str, int], ...]:
        """Each two models that answer, and how many neighbours both of them have."""
        listed = {each.model: {row.word for row in each.answer.rows} for each in self.columns if each.answer}
        return tuple((one, other, len(listed[one] & listed[other])) for one, other in combinations(listed, 2))

    def as_json(self) -> dict[str, Any]:
        columns = [
            {"model": column.model, "problem": column.problem}
            if column.answer is None
            else column.answer.as_json() | {"rare_cosine": column.rare_cosine}
            for column in self.columns
        ]
        shared = {word: list(ranks) for word, ranks in self.ranks.items()}
        agreement = [{"first": one, "second": other, "shared": count} for one, other, count in self.agreement]
        return {
            "asked": self.asked,
            "models": columns,
            "shared": shared,
            "agreement": agreement,
            "lacking": list(self.lacking),
            "left": list(self.left),
        }

    def table(self) -> answers.Table:
        """A row a neighbour: model, rank, word, part of speech, similarity, count, and how many models share it."""
        ranks = self.ranks
        rows = [
            (column.model, row.rank, row.word, row.parts_of_speech, row.similarity, row.count, shared)
            for column in self.columns
            for row in (column.answer.rows if column.answer else ())
            for shared in [sum(rank is not None for rank in ranks.get(row.word, (row.rank,)))]
        ]
        return answers.Table(("model", "rank", "word", "pos", "similarity", "count", "models"), tuple(rows))

    def as_html(self) -> str:
        """A column a model and a row a rank; words of several models are marked, with their ranks in each."""
        ranks = self.ranks

        def neighbour(rows: Sequence[Neighbour], place: int) -> str:
            if place >= len(rows):
                return "<td></td>"
            row = rows[place]
            shared = ""
            if row.word in ranks:
                where = zip(self.columns, ranks[row.word], strict=True)
                others = ", ".join(f"{column.model} {rank}" for column, rank in where if rank)
                shared = f' class="shared" title="{escape(others)}"'
            return f'<td{shared} dir="auto">{escape(row.word)}<small>{answers.written(row.similarity)}</small></td>'

        answered = [column.answer.rows if column.answer else () for column in self.columns]
        head = "".join(f'<th scope="col">{escape(column.model)}</th>' for column in self.columns)
        body = "".join(
            f'<tr><td class="number"><small>{place + 1}</small></td>'
            f"{''.join(neighbour(rows, place) for rows in answered)}</tr>\n"
            for place in range(max(map(len, answered)))
        )
        marked, meaning = escape(_("marked")), escape(_("a neighbour in more than one of these models"))
        legend = f'<p class="quiet"><span class="shared">{marked}</span>: {meaning}</p>'
        return (
            f'<div class="scroll"><table><thead><tr><td></td>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>'
            + legend * bool(ranks)
        )


def _skips(ranks: Sequence[int | None]) -> bool:
    """Whether a model without the word stands between two that list it."""
    places = [place for place, rank in enumerate(ranks) if rank is not None]
    return places[-1] - places[0] >= len(places)


def of_the_others(word: str, lacking: Sequence[str], left: Sequence[str]) -> tuple[str, ...]:
    """Why other models do not answer, a sentence each: they lack the word, or enough models have it."""
    no_word = _("“{word}” is not in {models}.", word=word, models=named(lacking)) if lacking else ""
    enough = ""
    if left:
        enough = _(
            "The first {most} models that have “{word}” are asked, and not {models}. Name models to ask others.",
            most=BESIDE,
            word=word,
            models=named(left),
        )
    return tuple(filter(None, (no_word, enough)))


def side_by_side(
    embeddings: Sequence[Embedding], text: str, n: int = 10, pos: str | Sequence[str] | None = None
) -> SideBySide:
    """Ask each model, once however often it is named, for the `n` nearest neighbours of the same word, with the same
    filters.

    A model that lacks the word, or whose engine is gone, has a column that says so. Raises WordNotFound where all of
    them lack it, UserError for no model, or numbers and tags that make no sense.
    """
    if not embeddings:
        raise UserError(_("There is no model to ask: choose at least one."))
    columns, missing = [], []
    for embedding in dict.fromkeys(embeddings):
        try:
            answer = neighbours(embedding, text, n, pos)
            columns.append(Column(embedding.name, answer, rare_cosine=rare_cosine(embedding, answer.word)))
        except WordNotFound as error:
            columns.append(Column(embedding.name, None, str(error), error))
            missing.append(error)
        except Unreachable as error:
            columns.append(Column(embedding.name, None, str(error)))
    if len(missing) == len(columns):
        raise missing[0]
    return SideBySide(text, tuple(columns))


@dataclass(frozen=True, eq=False)
class Disagreement(answers.Answer):
    """How far two models agree on each of the words they share."""

    most_listed = 30

    first: str
    second: str
    k: int
    words: tuple[str, ...]  # by falling frequency in the first model
    shared: Array  # (W,) int64: how many of a word's k neighbours are the same in both, 0 to k

    @property
    def overlaps(self) -> Array:
        """The Jaccard index of each word's two neighbourhoods (W,), 0 to 1: shared / (2 k - shared)."""
        overlaps: Array = self.shared / (2 * self.k - self.shared)
        return overlaps

    @property
    def mean(self) -> float:
        """The mean overlap."""
        return float(self.overlaps.mean())

    @property
    def mean_shared(self) -> float:
        """How many of its k neighbours a word shares on average."""
        return float(self.shared.mean())

    def between(self, least: int, most: int) -> tuple[tuple[str, float], ...]:
        """The words that share `least` to `most` neighbours, the most disputed first, then the more frequent, with
        their overlaps."""
        order, overlaps = np.argsort(self.shared, kind="stable"), self.overlaps
        return tuple((self.words[i], float(overlaps[i])) for i in order if least <= self.shared[i] <= most)

    def sharing(self, least: int, most: int) -> str:
        """How many words share `least` to `most` neighbours, in a sentence."""
        words = len(self.between(least, most))
        if least == most:
            return _n(
                "{count:,} word shares {most} of {k} neighbours.",
                "{count:,} words share {most} of {k} neighbours.",
                words,
                most=most,
                k=self.k,
            )
        return _n(
            "{count:,} word shares {least} to {most} of {k} neighbours.",
            "{count:,} words share {least} to {most} of {k} neighbours.",
            words,
            least=least,
            most=most,
            k=self.k,
        )

    def histogram(self) -> Array:
        """How many words share 0, 1, … k neighbours: (k + 1,)."""
        return np.bincount(self.shared, minlength=self.k + 1)

    @property
    def headline(self) -> str:
        return _(
            "{first} · {second} · {words:,} words · {shared:.1f} of {k} neighbours shared on average (mean overlap "
            "{mean:.3f})",
            first=self.first,
            second=self.second,
            words=len(self.words),
            shared=self.mean_shared,
            k=self.k,
            mean=self.mean,
        )

    def as_json(self) -> dict[str, Any]:
        words = [{"word": word, "overlap": overlap} for word, overlap in self.between(0, self.k)]
        histogram = self.histogram().tolist()
        models = [self.first, self.second]
        return {
            "models": models,
            "k": self.k,
            "mean_shared": self.mean_shared,
            "mean": self.mean,
            "histogram": histogram,
            "words": words,
        }

    def table(self) -> answers.Table:
        """A row a word, the most disputed first."""
        return answers.Table(("word", "overlap"), self.between(0, self.k))


def disagreement(
    first: Embedding, second: Embedding, k: int = 10, most: int = 5000, progress: Progress = lambda share: None
) -> Disagreement:
    """Compare the `k` nearest neighbours that the words shared by two models have in each (Jaccard index).

    Only the `most` most frequent shared words take part, as words and as neighbours, so that no model is blamed for a
    word that the other one lacks (Boggust et al. 2022, "Embedding Comparator"). Raises UserError for models that share
    too few words, or numbers out of bounds.
    """
    if not 1 <= k <= MOST_NEAREST:
        raise UserError(
            _("k is {k:,}, but must be from 1 to {most_nearest} neighbours.", k=k, most_nearest=MOST_NEAREST)
        )
    if not k < most <= MOST_COMPARED:
        raise UserError(
            _(
                "The number of words is {most:,}, but must be more than k = {k} and at most {most_compared:,}.",
                most=most,
                k=k,
                most_compared=MOST_COMPARED,
            )
        )
    words = shared_words(first, second, most)
    if len(words) <= k:
        raise UserError(
            _n(
                "{name} and {second_name} share {count} word, too few to compare {k} neighbours of each. "
                "Take models of the same language, or fewer neighbours.",
                "{name} and {second_name} share {count} words, too few to compare {k} neighbours of each. "
                "Take models of the same language, or fewer neighbours.",
                len(words),
                name=first.name,
                second_name=second.name,
                k=k,
            )
        )
    ours = _neighbourhoods(first, words, k, lambda share: progress(share / 2))
    theirs = _neighbourhoods(second, words, k, lambda share: progress((1 + share) / 2))
    shared = [len(np.intersect1d(*pair, assume_unique=True)) for pair in zip(ours, theirs, strict=True)]
    return Disagreement(first.name, second.name, k, words, np.array(shared))


def shared_words(first: Embedding, second: Embedding, most: int) -> tuple[str, ...]:
    """The `most` most frequent words of the first model that the second one has too, without those whose vector is all
    zeros in either. Raises UserError for none."""
    empty = {each.words[row] for each in (first, second) for row in np.flatnonzero(each.inverse_norms == 0).tolist()}
    words = tuple(word for word in first.words if word in second and word not in empty)[:most]
    if not words:
        raise UserError(
            _(
                "{name} and {second_name} have no word in common, so nothing can be compared. "
                "Take models of the same language whose words are written alike.",
                name=first.name,
                second_name=second.name,
            )
        )
    return words


def _neighbourhoods(embedding: Embedding, words: Sequence[str], k: int, progress: Progress) -> Array:
    """For each of the words the k others of them nearest to it by cosine: (W, k) places in `words`."""
    rows = embedding.rows_of(words)
    return exact.nearest_of_each(embedding.vectors[rows], embedding.inverse_norms[rows], k, progress)
