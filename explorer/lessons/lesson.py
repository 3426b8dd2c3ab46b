"""From an example to its lesson: the way forward, the way back, and one step of the optimiser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from explorer.answers import Answer
from explorer.answers import Table as Rows
from explorer.documents import literal
from explorer.embeddings.neighbours import neighbours
from explorer.errors import UserError
from explorer.lessons.backward import backward_chapters, is_key_bias
from explorer.lessons.example import Example
from explorer.lessons.forward import forward_chapters
from explorer.lessons.numbers import in_passing
from explorer.lessons.padding import padded, padding_step
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Chapter, Shown, Step, Table
from explorer.lessons.update import Update, first_update, silent_step
from explorer.transformer.bounds import LENGTH_PENALTY
from explorer.transformer.decoding import Branch, Decoding, beam_search, greedy, length_penalty
from explorer.transformer.explanation import Explanation
from explorer.transformer.inspection import nearest_in_table
from explorer.transformer.model import PAD
from explorer.transformer.operations import LayerNorm
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace, unknown_words_warning
from explorer.transformer.vocabulary import END, MARKS, START, UNKNOWN

_WAY = (
    "This lesson follows one sentence pair through a transformer: from the words to a prediction of each next word, "
    "from there to the loss, and back to better weights."
)
_WAY_OF_THE_ENCODER = "This lesson follows one sentence through the encoder of a transformer."
_EMBEDDINGS = (
    "A model can only compute with numbers, so each word becomes a "
    "[[vector]], its embedding. Words that are used in similar ways should get similar vectors: then what the model "
    "learns about one word also helps with the others."
)
_COUNTING = (
    "All counting starts at 1 here: words, positions, columns, heads and layers. Only names of cells, such as "
    "source.table\\[4,0\\], and code count from 0, as programs do."
)
_WITHOUT_DROPOUT = "Decoding has no [[dropout]], so its probabilities differ from those of the pass. "
NEAREST = 4  # neighbours of a word that a lesson names
_BEAM = 3


@dataclass(frozen=True, eq=False)
class Lesson(Answer):
    """Chapters of steps about one example. Every number of it stands on `trace`, or on `update`, one step of the
    optimiser from its gradients. Chapters and update are computed when they are first asked for."""

    example: Example
    trace: Trace

    @cached_property
    def update(self) -> Update:
        """Raises UserError as `first_update` does, and where there is no loss to make smaller."""
        if self.example.encoder_only:
            raise UserError("The encoder alone has no loss, so no step of an optimiser is taken.")
        return first_update(self.example, self.trace)

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """Raises UserError as `update` does."""
        forward = _told(self.example, self.trace, forward_chapters(self.trace, self.example.origin))
        if self.example.encoder_only:
            return forward
        back = backward_chapters(self.trace, forward)
        return (*forward, *back, _optimiser_chapter(self))

    @property
    def headline(self) -> str:
        return f"{self.example.title}: {' → '.join(self.example.sides)}"

    @property
    def warnings(self) -> Sequence[str]:
        return unknown_words_warning(self.trace.unknown)

    @property
    def sentences(self) -> Sequence[str]:
        return (*self.warnings, self.example.origin)

    def table(self) -> Rows:
        """A row for each step."""
        return table_of(self, self.chapters)

    def as_json(self) -> dict[str, Any]:
        """Its text and tables, and every digit of its tensors. Raises UserError for what would become too large."""
        from explorer.lessons.renderings import check_size
        from explorer.lessons.renderings.json import as_json

        check_size(self, "json")
        return as_json(self)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for chapter in self.chapters for step in chapter.steps)

    def step(self, key: str) -> Step:
        """The step of that key. Raises UserError where there is none."""
        for step in self.steps:
            if step.key == key:
                return replace(step, lesson=self)
        raise UserError(
            f"This lesson has no step “{key[:60]}”. It may belong to a model with other layers. Start at the first."
        )

    def _repr_html_(self) -> str:
        """Step by step, as a notebook shows it."""
        from explorer.lessons.renderings.html import in_notebook

        return in_notebook(self)

    def chapter(self, step: Step) -> Chapter:
        """The chapter that tells a step."""
        return next(chapter for chapter in self.chapters if any(step.key == other.key for other in chapter.steps))

    def array(self, shown: Shown) -> Array:
        """The numbers that a step shows, of the tensor's shape; 0 where rounding alone made another number of it.

        Raises UserError for what is not there.
        """
        if shown.side == UPDATED:
            if shown.name not in self.update.parameters:
                raise UserError(f"{shown.name} is not a parameter, so the optimiser does not change it.")
            return self.update.parameters[shown.name]
        if shown.name not in self.trace:
            raise UserError(f"The trace holds no tensor called “{shown.name}”.")
        tensor = self.trace[shown.name]
        if shown.side == VALUE:
            return tensor.value
        if tensor.gradient is None:
            raise UserError(f"{shown.name} has no gradient: the loss does not depend on it.")
        return np.zeros_like(tensor.gradient) if is_key_bias(shown.name) else tensor.gradient

    def explain(self, shown: Shown, *index: int) -> Explanation:
        """How one number came about. Raises UserError for no such cell."""
        if shown.side == UPDATED:
            self.array(shown)
            return self.update.explain(shown.name, *index)
        if shown.side == GRADIENT:
            explanation = self.trace.explain_gradient(shown.name, *index)
            return replace(explanation, number=0.0) if is_key_bias(shown.name) else explanation
        return self.trace.explain(shown.name, *index)


def lesson(example: Example) -> Lesson:
    """Run the example forward, back and one optimiser step, and tell it from its words to its new weights.

    Raises UserError as `teacher_forced_pass` does.
    """
    return Lesson(example, example.trace)


def table_of(lesson: Lesson, chapters: Sequence[Chapter]) -> Rows:
    """The steps of some of its chapters, whose numbers count from 1."""
    numbers = {chapter.title: number for number, chapter in enumerate(lesson.chapters, start=1)}
    rows = ((numbers[each.title], each.title, step.key, step.title) for each in chapters for step in each.steps)
    return Rows(("number", "chapter", "key", "title"), tuple(rows))


def _told(example: Example, trace: Trace, chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """The way forward with what is no tensor: the tokens, their neighbours, the words that are likely next."""
    before: dict[str, Step] = {"source.embedding": _source_tokens(example)}
    after: dict[str, tuple[Step, ...]] = {}
    if not example.encoder_only:
        before["target.embedding"] = _target_tokens(example, trace)
        if batch := padded(example):
            after["losses"] = (padding_step(batch),)
        after["probabilities"] = (*_next_words(example, trace), _greedy_step(example), _beam_step(example))

    def steps(chapter: Chapter) -> Iterator[Step]:
        for step in chapter.steps:
            if step.key in before:
                yield before[step.key]
            if step.key == "source.embedding":
                yield replace(step, tables=(_neighbour_table(example, dict.fromkeys(example.source)),))
            elif step.key == "target.embedding":
                yield replace(step, tables=(_neighbour_table(example, dict.fromkeys(example.target), "target"),))
            elif step.key == "losses":
                yield replace(step, prose=f"{step.prose}{_beside_training(example)}")
            else:
                yield replace(step, tables=tuple(_norm_tables(trace, step)))
            yield from after.get(step.key, ())

    return tuple(Chapter(chapter.title, tuple(steps(chapter))) for chapter in chapters)


def _beside_training(example: Example) -> str:
    """How this pass differs from those that the model was trained in."""

    def named(shares: tuple[float, float]) -> list[str]:
        names = zip(("label smoothing", "dropout"), shares, strict=True)
        return [f"{name} {share:g}" for name, share in names if share]

    here, there = named((example.smoothing, example.dropout)), named(example.trained_with)
    if here == there:
        return ""
    trained = f"This model was trained with {' and '.join(there)}" if there else ""
    if not here:
        return f" {trained}. This pass has neither, so its loss and its gradients are those of the plain cross-entropy."
    return f" {trained + '; this' if trained else 'This'} pass has {' and '.join(here)}."


def _norm_tables(trace: Trace, step: Step) -> Iterator[Table]:
    """What a layer norm takes off each row, where a step has one."""
    for shown in step.shown:
        node = trace[shown.name].node
        if isinstance(node.operation, LayerNorm):
            rows = node.inputs[0].value  # (T, d)
            numbers = zip(
                trace.labels(shown.name)[0], rows.mean(axis=-1).tolist(), rows.std(axis=-1).tolist(), strict=True
            )
            yield Table(
                "Mean μ and standard deviation σ of each row before the norm", ("token", "μ", "σ"), tuple(numbers)
            )


def _source_tokens(example: Example) -> Step:
    vocabulary = example.translator.source
    unknown = example.translator.unknown(example.source)
    if unknown:
        are = "is" if len(unknown) == 1 else "are"
        known = f"{literal(', '.join(unknown))} {are} not in it and {are} read as {literal(MARKS[UNKNOWN])}."
    elif example.embedding is not None:
        known = (
            f"It was made from this sentence: it has all its words, after the {len(MARKS)} "
            "[[special token|special tokens]]."
        )
    else:
        known = f"It has all words of this sentence; any other word would be read as {literal(MARKS[UNKNOWN])}."
    rows = tuple((word, id_ + 1) for word, id_ in zip(example.source, vocabulary.ids(example.source), strict=True))
    return Step(
        "source.tokens",
        "Tokens",
        f"{_WAY_OF_THE_ENCODER if example.encoder_only else _WAY} {_EMBEDDINGS} First the source, which the "
        "[[encoder]] reads, is split into [[token|tokens]], here words. Each token gets its "
        f"number in the source's vocabulary, which has {len(vocabulary):,} entries. {known} {_COUNTING}",
        (),
        (),
        (Table("The source", ("token", "number"), rows),),
    )


def _target_tokens(example: Example, trace: Trace) -> Step:
    rows = tuple(zip(trace.target, (*example.target, MARKS[END]), strict=True))
    return Step(
        "target.tokens",
        "Shifted by one",
        "The [[decoder]] reads the right words so far and predicts the next one: this is [[teacher forcing]]. So its "
        f"input is shifted by one: it begins with the [[special token]] {literal(MARKS[START])}, and the last token "
        f"that it should predict is {literal(MARKS[END])}.",
        (),
        (),
        (Table("The target", ("input", "should predict"), rows),),
    )


def _neighbour_table(example: Example, words: Iterable[str], side: str = "source") -> Table:
    """The nearest neighbours of each word by [[cosine]]: in the embedding, or in the model's own table."""
    rows = []
    for word in words:
        if example.embedding is None:
            near = nearest_in_table(example.translator.vectors(side), _words(example, side), word, NEAREST)
        elif word in example.embedding:
            near = [(row.word, row.similarity) for row in neighbours(example.embedding, word, NEAREST).rows]
        else:  # its vector is random
            near = []
        rows.append((word, ", ".join(f"{other} {in_passing(cosine, 2)}" for other, cosine in near)))
    if example.at_will:
        return Table("Cosines to the other vectors, which are arbitrary too", ("token", "cosines"), tuple(rows))
    where = example.embedding.name if example.embedding else "the model's own vocabulary"
    return Table(f"Nearest by cosine in {where}", ("token", "neighbours"), tuple(rows))


def _words(example: Example, side: str) -> tuple[str, ...]:
    return (example.translator.source if side == "source" else example.translator.target).words


def _next_words(example: Example, trace: Trace) -> Iterator[Step]:
    probabilities = trace["probabilities"].value
    words = example.translator.target.words
    rows = []
    for position, (shown, expected) in enumerate(zip(trace.target, (*example.target, MARKS[END]), strict=True)):
        order = np.argsort(-probabilities[position], kind="stable")[:3]
        likely = ", ".join(f"{words[i]} {in_passing(probabilities[position, i], 3)}" for i in order)
        share = float(probabilities[position, words.index(expected)])
        rows.append((shown, likely, expected, share))
    yield Step(
        "next.words",
        "What it would say",
        "At each position: the most probable words, then the right word and its probability. These are the "
        f"probabilities of the step before, those of {literal(MARKS[PAD])} and {literal(MARKS[START])} included.",
        (),
        (),
        (Table("After each token", ("after", "most probable", "right word", "its probability"), tuple(rows)),),
    )


def _greedy_step(example: Example) -> Step:
    decoding = greedy(example.translator, example.source)
    rows = tuple(_branch_rows(decoding.root))
    return Step(
        "next.greedy",
        "Greedy decoding",
        "Now the model writes by itself, without the right words. [[greedy decoding|Greedy decoding]] takes the most "
        f"probable word, adds it to the decoder's input, and repeats this until {literal(MARKS[END])} comes, or until "
        f"the input has {example.translator.configuration.longest} tokens, the most that the model can read. "
        f"{literal(MARKS[PAD])} and {literal(MARKS[START])} are never taken: the other words share their probability. "
        f"{_WITHOUT_DROPOUT if example.dropout else ''}Here the result is {_said(decoding)}.",
        (),
        (),
        (Table("Step by step", ("so far", "probability", "of the whole"), rows),),
    )


def _beam_step(example: Example) -> Step:
    decoding, plain = beam_search(example.translator, example.source, _BEAM), greedy(example.translator, example.source)
    rows = tuple(_branch_rows(decoding.root))
    if decoding.words == plain.words:
        beside = "Greedy decoding finds the same answer here."
    else:
        ours, theirs = in_passing(decoding.log_probability, 4), in_passing(plain.log_probability, 4)
        beside = f"Its log-probability is {ours}; that of the answer of greedy decoding is {theirs}."
    ended = tuple(_ended_rows(decoding.root, ()))
    return Step(
        "next.beam",
        "Beam search",
        f"[[beam search|Beam search]] follows the {_BEAM} most probable beginnings at once, so an answer whose first "
        "word is less probable can still win. A beginning that ends is put aside, and the search follows one fewer "
        f"from then on, until {_BEAM} have ended. Each further word makes an answer less probable, so finished answers "
        "are compared by a score: the log-probability divided by the length penalty ((5 + n) / 6) to the power of "
        f"{LENGTH_PENALTY:g}, where n is the number of words, {literal(MARKS[END])} included (Wu et al. 2016). The "
        f"highest score wins. Here the result is {_said(decoding)}. {beside} Beam search looks at few answers: it may "
        "miss the most probable one, even one that greedy decoding finds, and a wider beam can find a worse "
        "translation.",
        (),
        (),
        (
            Table("The tree of the search", ("branch", "probability", "of the whole"), rows),
            *(
                [Table("The finished answers", ("answer", "log-probability", "n", "length penalty", "score"), ended)]
                * bool(ended)
            ),
        ),
    )


def _said(found: Decoding) -> str:
    """An answer as prose."""
    return (
        f"“{literal(' '.join(found.words))}”" if found.words else f"{literal(MARKS[END])} at once: the empty sentence"
    )


def _branch_rows(root: Branch, depth: int = 0) -> Iterator[tuple[str, float, float]]:
    """A tree as rows, children indented under their parents."""
    for child in root.children:
        yield "· " * depth + child.word, child.probability, float(np.exp(child.log_probability))
        yield from _branch_rows(child, depth + 1)


def _ended_rows(branch: Branch, before: tuple[str, ...]) -> Iterator[tuple[str, float, int, float, float]]:
    """The finished answers of a beam search, with what their score comes from."""
    for child in branch.children:
        words = (*before, child.word)
        if child.score is not None:
            penalty = length_penalty(child.length, LENGTH_PENALTY)
            yield " ".join(words), child.log_probability, child.length, penalty, child.score
        yield from _ended_rows(child, words)


def moved_word(example: Example) -> str:
    """The word whose neighbours are shown before and after the optimiser's step: the source's first one in the
    vocabulary."""
    words = example.translator.source.words
    return next((word for word in example.source if word in words[len(MARKS) :]), words[-1])


def steepest(trace: Trace) -> tuple[int, int]:
    """Where in the source's embedding table the steepest gradient stands."""
    gradient = trace["source.table"].gradient
    assert gradient is not None
    row, column = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    return int(row), int(column)


def _optimiser_chapter(lesson: Lesson) -> Chapter:
    """One step of the optimiser, in numbers: a weight, the embeddings, a word's neighbours, the loss."""
    example, trace, update, name = lesson.example, lesson.trace, lesson.update, "source.table"
    row, column = steepest(trace)
    words = example.translator.source.words
    rate = f"the [[learning rate]] {update.rate:g}"
    if update.optimiser == "adam":
        rule = (
            "[[Adam]] moves every weight against its [[gradient]], after it has divided the gradient by its usual "
            "size. At the first step Adam has seen only one gradient and divides it by its own size; only its sign is "
            f"left. So each weight moves by about {rate}, whether its gradient is large or small."
        )
        each = "each number that has a gradient" if example.dropout else "each number"
        by = f", {each} by about {update.rate:g}"
        later = (
            " This is true for this first step, in which Adam's means contain no earlier gradients. Later, a row that "
            "had a gradient before goes on moving for some time without a new one: if the gradient of a weight is 0 in "
            f"the second step, the weight still moves by {silent_step():.3f} times the learning rate."
        )
    else:
        rule = f"Gradient descent moves every weight against its [[gradient]], by the gradient times {rate}."
        by = later = ""
    moved = moved_word(example)
    sides = [(example.translator.vectors("source"), "before"), (update.translator.vectors("source"), "after")]
    found = [nearest_in_table(table, words, moved, NEAREST) for table, _ in sides]
    order, order_after = ([word for word, _ in near] for near in found)
    same = "the same" if order == order_after else "in another order"
    meaning = (
        "Training takes thousands of steps over many sentences. After it, words that are used in similar ways have "
        "similar vectors."
    )
    if example.at_will:
        meaning = f"These vectors are arbitrary, so the order says nothing about the words yet. {meaning}"
    nearest = [
        (when, ", ".join(f"{word} {in_passing(cosine, 4)}" for word, cosine in near))
        for near, (_, when) in zip(found, sides, strict=True)
    ]
    before = float(trace["loss"].value)
    if update.loss == before:
        verdict = "The step was too small: the model is as wrong as before."
    else:
        verdict = (
            "The loss is smaller: the model is less wrong."
            if update.loss < before
            else "The step was too large: the model is more wrong now."
        )
    return Chapter(
        "One step of the optimiser",
        (
            Step(
                "update.weight",
                "One weight",
                f"{rule} The example is the entry of the source's [[embedding table]] with the largest gradient: "
                f"column {column + 1} of “{literal(words[row])}”.",
                (update.formula,),
                (),
                (Table(f"{words[row]}, column {column + 1}", ("", "number"), update.weight(name, row, column).rows),),
            ),
            Step(
                "update.embeddings",
                "The embeddings after it",
                f"The rows of the words in this sentence have moved{by}; the others have not: their gradient is "
                f"zero.{later}",
                (update.formula,),
                (Shown(name), Shown(name, GRADIENT), Shown(name, UPDATED)),
            ),
            Step(
                "update.neighbours",
                f"The neighbours of “{moved}” after it",
                f"When the vectors move, the [[cosine|cosines]] between them change. The nearest neighbours of "
                f"“{literal(moved)}” are {same} after this one step. {meaning}",
                (),
                (),
                (Table(f"Nearest to {moved} by cosine", ("", "neighbours"), tuple(nearest)),),
            ),
            Step(
                "update.loss",
                "The loss after it",
                f"The same sentence pair goes through the model again, with the new weights. {verdict}",
                (),
                (),
                (Table("Loss", ("", "loss"), (("before", before), ("after", update.loss))),),
            ),
        ),
    )
