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
from explorer.lessons.repetition import repetition_of, why_it_repeats
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Chapter, Shown, Step, Table
from explorer.lessons.update import Update, first_update, silent_step
from explorer.texts import _, _n
from explorer.transformer.bounds import LENGTH_PENALTY
from explorer.transformer.decoding import Branch, Decoding, beam_search, greedy, length_penalty
from explorer.transformer.explanation import Explanation
from explorer.transformer.inspection import nearest_in_table
from explorer.transformer.model import PAD
from explorer.transformer.operations import LayerNorm
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace, unknown_words_warning
from explorer.transformer.vocabulary import END, MARKS, START, UNKNOWN

_WAY = _(
    "This lesson follows one sentence pair through a transformer: from the words to a prediction of each next word, "
    "from there to the loss, and back to better weights."
)
_WAY_OF_A_LABEL = _(
    "This lesson follows one text through a classifier: from the words to a prediction of its label, from there to the "
    "loss, and back to better weights."
)
_WAY_OF_THE_ENCODER = _("This lesson follows one sentence through the encoder of a transformer.")
_EMBEDDINGS = _(
    "A model can only compute with numbers, so each word becomes a "
    "[[vector]], its embedding. Words that are used in similar ways should get similar vectors: then what the model "
    "learns about one word also helps with the others."
)
_COUNTING = _(
    "All counting starts at 1 here: words, positions, columns, heads and layers. Only names of cells, such as "
    "source.table\\[4,0\\], and code count from 0, as programs do."
)
_WITHOUT_DROPOUT = _("Decoding has no [[dropout]], so its probabilities differ from those of the pass.")
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
            raise UserError(_("The encoder alone has no loss, so no step of an optimiser is taken."))
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
            _(
                "This lesson has no step “{key}”. It may belong to a model with other layers. Start at the first.",
                key=key[:60],
            )
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
                raise UserError(_("{name} is not a parameter, so the optimiser does not change it.", name=shown.name))
            return self.update.parameters[shown.name]
        if shown.name not in self.trace:
            raise UserError(_("The trace holds no tensor called “{name}”.", name=shown.name))
        tensor = self.trace[shown.name]
        if shown.side == VALUE:
            return tensor.value
        if tensor.gradient is None:
            raise UserError(_("{name} has no gradient: the loss does not depend on it.", name=shown.name))
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
    if example.target:
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
                yield replace(step, prose=f"{step.prose} {_beside_training(example)}".rstrip())
            else:
                yield replace(step, tables=tuple(_norm_tables(trace, step)))
            yield from after.get(step.key, ())

    return tuple(Chapter(chapter.title, tuple(steps(chapter))) for chapter in chapters)


def _beside_training(example: Example) -> str:
    """How this pass differs from those that the model was trained in."""

    here, there = (example.smoothing, example.dropout), example.trained_with
    if here == there:
        return ""
    if not any(here):
        return _(
            "This model was trained with {training}. This pass has neither, so its loss and its gradients are those of "
            "the plain cross-entropy.",
            training=_smoothing_and_dropout(*there),
        )
    if not any(there):
        return _("This pass has {here}.", here=_smoothing_and_dropout(*here))
    return _(
        "This model was trained with {training}; this pass has {here}.",
        training=_smoothing_and_dropout(*there),
        here=_smoothing_and_dropout(*here),
    )


def _smoothing_and_dropout(smoothing: float, dropout: float) -> str:
    if smoothing and dropout:
        return _("label smoothing {smoothing:g} and dropout {dropout:g}", smoothing=smoothing, dropout=dropout)
    if smoothing:
        return _("label smoothing {smoothing:g}", smoothing=smoothing)
    return _("dropout {dropout:g}", dropout=dropout)


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
                _("Mean μ and standard deviation σ of each row before the norm"), (_("token"), "μ", "σ"), tuple(numbers)
            )


def _source_tokens(example: Example) -> Step:
    vocabulary = example.translator.source
    unknown = example.translator.unknown(example.source)
    if unknown:
        known = _n(
            "{words} is not in it and is read as {unknown}.",
            "{words} are not in it and are read as {unknown}.",
            len(unknown),
            words=literal(", ".join(unknown)),
            unknown=literal(MARKS[UNKNOWN]),
        )
    elif example.embedding is not None:
        known = _(
            "It was made from this sentence: it has all its words, after the {count} [[special token|special tokens]].",
            count=len(MARKS),
        )
    else:
        known = _(
            "All words of this sentence are in it; a word that is not in it would be read as {unknown}.",
            unknown=literal(MARKS[UNKNOWN]),
        )
    ids = example.translator.read(example.source).tolist()
    words = (*[MARKS[START]] * (len(ids) - len(example.source)), *example.source)  # a classifier may read one more
    rows = tuple((word, id_ + 1) for word, id_ in zip(words, ids, strict=True))
    split = _(
        "First the source, which the [[encoder]] reads, is split into [[token|tokens]], here words. Each token gets "
        "its number in the source's vocabulary, which has {count:,} entries.",
        count=len(vocabulary),
    )
    way = _WAY_OF_A_LABEL if example.label else _WAY if example.target else _WAY_OF_THE_ENCODER
    return Step(
        "source.tokens",
        _("Tokens"),
        f"{way} {_EMBEDDINGS} {split} {known} {_COUNTING}",
        (),
        (),
        (Table(_("The source"), (_("token"), _("number")), rows),),
    )


def _target_tokens(example: Example, trace: Trace) -> Step:
    rows = tuple(zip(trace.target, (*example.target, MARKS[END]), strict=True))
    return Step(
        "target.tokens",
        _("Shifted by one"),
        _(
            "The [[decoder]] reads the right words so far and predicts the next one: this is [[teacher forcing]]."
            " So its input is shifted by one: it begins with the [[special token]] {start}, and the last token "
            "that it should predict is {end}.",
            start=literal(MARKS[START]),
            end=literal(MARKS[END]),
        ),
        (),
        (),
        (Table(_("The target"), (_("input"), _("should predict")), rows),),
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
        return Table(
            _("Cosines to the other vectors, which are arbitrary too"), (_("token"), _("cosines")), tuple(rows)
        )
    if example.embedding:
        title = _("Nearest by cosine in {name}", name=example.embedding.name)
    else:
        title = _("Nearest by cosine in the model's own vocabulary")
    return Table(title, (_("token"), _("neighbours")), tuple(rows))


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
    why = why_it_repeats(example.translator.configuration, repetition_of(example.translator, trace))
    listed = _(
        "At each position: the most probable words, then the right word and its probability. These are the "
        "probabilities of the step before, those of {pad} and {start} included.",
        pad=literal(MARKS[PAD]),
        start=literal(MARKS[START]),
    )
    yield Step(
        "next.words",
        _("What it would say"),
        f"{listed} {literal(why)}".rstrip(),
        (),
        (),
        (
            Table(
                _("After each token"),
                (_("after"), _("most probable"), _("right word"), _("its probability")),
                tuple(rows),
            ),
        ),
    )


def _greedy_step(example: Example) -> Step:
    decoding = greedy(example.translator, example.source)
    rows = tuple(_branch_rows(decoding.root))
    rule = _(
        "Now the model writes by itself, without the right words. [[greedy decoding|Greedy decoding]] takes the most "
        "probable word, adds it to the decoder's input, and repeats this until {end} comes, or until the input has "
        "{longest} tokens, the most that the model can read. {pad} and {start} are never taken: the other words share "
        "their probability.",
        end=literal(MARKS[END]),
        longest=example.translator.configuration.longest,
        pad=literal(MARKS[PAD]),
        start=literal(MARKS[START]),
    )
    return Step(
        "next.greedy",
        _("Greedy decoding"),
        " ".join((rule, *[_WITHOUT_DROPOUT] * bool(example.dropout), _result(decoding))),
        (),
        (),
        (Table(_("Step by step"), (_("so far"), _("probability"), _("of the whole")), rows),),
    )


def _beam_step(example: Example) -> Step:
    decoding, plain = beam_search(example.translator, example.source, _BEAM), greedy(example.translator, example.source)
    rows = tuple(_branch_rows(decoding.root))
    if decoding.words == plain.words:
        beside = _("Greedy decoding finds the same answer here.")
    else:
        ours, theirs = in_passing(decoding.log_probability, 4), in_passing(plain.log_probability, 4)
        beside = _(
            "Its log-probability is {score}; that of the answer of greedy decoding is {greedy}.",
            score=ours,
            greedy=theirs,
        )
    ended = tuple(_ended_rows(decoding.root, ()))
    rule = _(
        "[[beam search|Beam search]] follows the {beam} most probable beginnings at once, so an answer whose first "
        "word is less probable can still win. A beginning that ends is put aside, and the search follows one fewer "
        "from then on, until {beam} have ended. Each further word makes an answer less probable, so finished answers "
        "are compared by a score: the log-probability divided by the length penalty ((5 + n) / 6) to the power of "
        "{penalty:g}, where n is the number of words, {end} included (Wu et al. 2016). The highest score wins.",
        beam=_BEAM,
        penalty=LENGTH_PENALTY,
        end=literal(MARKS[END]),
    )
    limits = _(
        "Beam search looks at few answers: it may miss the most probable one, even one that greedy decoding finds, and "
        "a wider beam can find a worse translation."
    )
    return Step(
        "next.beam",
        _("Beam search"),
        f"{rule} {_result(decoding)} {beside} {limits}",
        (),
        (),
        (
            Table(_("The tree of the search"), (_("branch"), _("probability"), _("of the whole")), rows),
            *(
                [
                    Table(
                        _("The finished answers"),
                        (_("answer"), _("log-probability"), "n", _("length penalty"), _("score")),
                        ended,
                    )
                ]
                * bool(ended)
            ),
        ),
    )


def _result(decoding: Decoding) -> str:
    """An answer as a sentence."""
    if decoding.words:
        return _("Here the result is “{words}”.", words=literal(" ".join(decoding.words)))
    return _("Here the result is {end} at once: the empty sentence.", end=literal(MARKS[END]))


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
    if update.optimiser == "adam":
        rule = _(
            "[[Adam]] moves every weight against its [[gradient]], after it has divided the gradient by its usual"
            " size. At the first step Adam has seen only one gradient and divides it by its own size; only its "
            "sign is left. So each weight moves by about the [[learning rate]] {rate:g}, whether its gradient is "
            "large or small.",
            rate=update.rate,
        )
        moves = (
            _(
                "The rows of the words in this sentence have moved, each number that has a gradient by about {rate:g}; "
                "the others have not: their gradient is zero.",
                rate=update.rate,
            )
            if example.dropout
            else _(
                "The rows of the words in this sentence have moved, each number by about {rate:g}; the others have "
                "not: their gradient is zero.",
                rate=update.rate,
            )
        )
        later = _(
            "This is true for this first step, in which Adam's means contain no earlier gradients. Later, a row "
            "that had a gradient before goes on moving for some time without a new one: if the gradient of a "
            "weight is 0 in the second step, the weight still moves by {share:.3f} times the learning rate.",
            share=silent_step(),
        )
    else:
        rule = _(
            "Gradient descent moves every weight against its [[gradient]], by the gradient times the [[learning rate]] "
            "{rate:g}.",
            rate=update.rate,
        )
        moves = _("The rows of the words in this sentence have moved; the others have not: their gradient is zero.")
        later = ""
    moved = moved_word(example)
    sides = [(example.translator.vectors("source"), _("before")), (update.translator.vectors("source"), _("after"))]
    found = [nearest_in_table(table, words, moved, NEAREST) for table, _when in sides]
    order, order_after = ([word for word, _cosine in near] for near in found)
    between = _("When the vectors move, the [[cosine|cosines]] between them change.")
    if order == order_after:
        neighbours_after = _(
            "The nearest neighbours of “{word}” are the same after this one step.", word=literal(moved)
        )
    else:
        neighbours_after = _(
            "The nearest neighbours of “{word}” are in another order after this one step.", word=literal(moved)
        )
    meaning = _(
        "Training takes thousands of steps over many sentences. After it, words that are used in similar ways have "
        "similar vectors."
    )
    if example.at_will:
        arbitrary = _("These vectors are arbitrary, so the order says nothing about the words yet.")
        meaning = f"{arbitrary} {meaning}"
    nearest = [
        (when, ", ".join(f"{word} {in_passing(cosine, 4)}" for word, cosine in near))
        for near, (_table, when) in zip(found, sides, strict=True)
    ]
    before = float(trace["loss"].value)
    if update.loss == before:
        verdict = _("The step was too small: the model is as wrong as before.")
    else:
        verdict = (
            _("The loss is smaller: the model is less wrong.")
            if update.loss < before
            else _("The step was too large: the model is more wrong now.")
        )
    largest = _(
        "The example is the entry of the source's [[embedding table]] with the largest gradient: column {column} of "
        "“{word}”.",
        column=column + 1,
        word=literal(words[row]),
    )
    again = (
        _("The same text goes through the model again, with the new weights.")
        if example.label
        else _("The same sentence pair goes through the model again, with the new weights.")
    )
    return Chapter(
        _("One step of the optimiser"),
        (
            Step(
                "update.weight",
                _("One weight"),
                f"{rule} {largest}",
                (update.formula,),
                (),
                (
                    Table(
                        _("{word}, column {column}", word=words[row], column=column + 1),
                        ("", _("number")),
                        update.weight(name, row, column).rows,
                    ),
                ),
            ),
            Step(
                "update.embeddings",
                _("The embeddings after it"),
                f"{moves} {later}".rstrip(),
                (update.formula,),
                (Shown(name), Shown(name, GRADIENT), Shown(name, UPDATED)),
            ),
            Step(
                "update.neighbours",
                _("The neighbours of “{word}” after it", word=moved),
                f"{between} {neighbours_after} {meaning}",
                (),
                (),
                (Table(_("Nearest to {word} by cosine", word=moved), ("", _("neighbours")), tuple(nearest)),),
            ),
            Step(
                "update.loss",
                _("The loss after it"),
                f"{again} {verdict}",
                (),
                (),
                (Table(_("Loss"), ("", _("loss")), ((_("before"), before), (_("after"), update.loss))),),
            ),
        ),
    )
