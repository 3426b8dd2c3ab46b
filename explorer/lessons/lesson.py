"""From an example to its lesson: the way forward, the way back, and one step of the optimiser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from explorer.documents import literal
from explorer.embeddings.neighbours import neighbours
from explorer.errors import UserError
from explorer.lessons.backward import backward_chapters, is_key_bias
from explorer.lessons.example import Example
from explorer.lessons.forward import forward_chapters
from explorer.lessons.numbers import in_passing
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Chapter, Shown, Step, Table
from explorer.lessons.update import Update, first_update
from explorer.transformer.decoding import Branch, Decoding, beam_search, greedy
from explorer.transformer.explanation import Explanation
from explorer.transformer.inspection import nearest_in_table
from explorer.transformer.model import PAD
from explorer.transformer.operations import LayerNorm
from explorer.transformer.optimisers import Adam
from explorer.transformer.passing import teacher_forced_pass
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import END, MARKS, START, UNKNOWN

NEAREST = 4  # neighbours of a word that a lesson names
_BEAM = 3


@dataclass(frozen=True)
class Lesson:
    """Chapters of steps about one example. Every number of it stands on `trace`, or on `update`, one step of the
    optimiser from its gradients."""

    example: Example
    trace: Trace
    chapters: tuple[Chapter, ...]
    update: Update

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for chapter in self.chapters for step in chapter.steps)

    def step(self, key: str) -> Step:
        """The step of that key. Raises UserError where there is none."""
        for step in self.steps:
            if step.key == key:
                return step
        raise UserError(
            f"This lesson has no step “{key[:60]}”: it may belong to a model with other layers. Start at the top."
        )

    def chapter(self, step: Step) -> Chapter:
        """The chapter that tells a step."""
        return next(chapter for chapter in self.chapters if any(step.key == other.key for other in chapter.steps))

    def array(self, shown: Shown) -> Array:
        """The numbers that a step shows, of the tensor's shape; 0 where rounding alone made another number of it.

        Raises UserError for what is not there.
        """
        if shown.side == UPDATED:
            if shown.name not in self.update.parameters:
                raise UserError(f"{shown.name} is no parameter, so no step of the optimiser changes it.")
            return self.update.parameters[shown.name]
        if shown.name not in self.trace:
            raise UserError(f"The trace holds no tensor called “{shown.name}”.")
        tensor = self.trace[shown.name]
        if shown.side == VALUE:
            return tensor.value
        if tensor.gradient is None:
            raise UserError(f"{shown.name} has no gradient: it lies on no way to the loss.")
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

    Raises UserError as `teacher_forced_pass` and `first_update` do.
    """
    trace = teacher_forced_pass(example.translator, example.source, example.target)
    forward = _told(example, trace, forward_chapters(trace))
    back = backward_chapters(trace, forward)
    update = first_update(example, trace)
    return Lesson(example, trace, (*forward, *back, _optimiser_chapter(example, trace, update)), update)


def _told(example: Example, trace: Trace, chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """The way forward with what is no tensor: the tokens, their neighbours, the words that are likely next."""
    before = {"source.embedding": _source_tokens(example), "target.embedding": _target_tokens(example, trace)}
    after = {"probabilities": (*_next_words(example, trace), _greedy_step(example), _beam_step(example))}

    def steps(chapter: Chapter) -> Iterator[Step]:
        for step in chapter.steps:
            if step.key in before:
                yield before[step.key]
            if step.key == "source.embedding":
                yield replace(step, tables=(_neighbour_table(example, dict.fromkeys(example.source)),))
            elif step.key == "target.embedding":
                yield replace(step, tables=(_neighbour_table(example, dict.fromkeys(example.target), "target"),))
            else:
                yield replace(step, tables=tuple(_norm_tables(trace, step)))
            yield from after.get(step.key, ())

    return tuple(Chapter(chapter.title, tuple(steps(chapter))) for chapter in chapters)


def _norm_tables(trace: Trace, step: Step) -> Iterator[Table]:
    """What a layer norm takes off each row, where a step has one."""
    for shown in step.shown:
        node = trace[shown.name].node
        if isinstance(node.operation, LayerNorm):
            rows = node.inputs[0].value  # (T, d)
            numbers = zip(
                trace.labels(shown.name)[0], rows.mean(axis=-1).tolist(), rows.std(axis=-1).tolist(), strict=True
            )
            yield Table("Mean and standard deviation of each row before the norm", ("token", "μ", "σ"), tuple(numbers))


def _source_tokens(example: Example) -> Step:
    vocabulary = example.translator.source
    unknown = example.translator.unknown(example.source)
    if unknown:
        are = "is" if len(unknown) == 1 else "are"
        known = f"{literal(', '.join(unknown))} {are} not there, and {are} read as {literal(MARKS[UNKNOWN])}."
    elif example.embedding is not None:
        known = f"It was made of this sentence, so all its words are there, after the {len(MARKS)} marks."
    else:
        known = f"All its words are there; another one would be read as {literal(MARKS[UNKNOWN])}."
    rows = tuple((word, number) for word, number in zip(example.source, vocabulary.ids(example.source), strict=True))
    return Step(
        "source.tokens",
        "Tokens",
        "What the [[encoder]] is to read is cut into [[token|tokens]], here words, and each is replaced by its number "
        f"in the model's vocabulary of {len(vocabulary):,} entries. {known} {literal(example.origin)}",
        (),
        (),
        (Table("The source", ("token", "number"), rows),),
    )


def _target_tokens(example: Example, trace: Trace) -> Step:
    rows = tuple(zip(trace.target, (*example.target, MARKS[END]), strict=True))
    return Step(
        "target.tokens",
        "Shifted by one",
        "The [[decoder]] is shown the right words so far and should say the next one: that is [[teacher forcing]]. So "
        "the target is shown one place late, behind a start token, and the last word to be said is the end token.",
        (),
        (),
        (Table("The target", ("is shown", "should say"), rows),),
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
        return Table("Cosines to the others, which were chosen at will too", ("token", "cosines"), tuple(rows))
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
        "At each position the likeliest words, and beside them the word that should come, with the probability that "
        f"the model gave it, before what {literal(MARKS[PAD])} and {literal(MARKS[START])} have goes to the others.",
        (),
        (),
        (Table("After each token", ("after", "likeliest", "should come", "its probability"), tuple(rows)),),
    )


def _greedy_step(example: Example) -> Step:
    found = greedy(example.translator, example.source)
    rows = tuple(_branch_rows(found.root))
    return Step(
        "next.greedy",
        "Greedy decoding",
        "Without the right words to look at, the model goes by its own: [[greedy decoding]] takes the likeliest word, "
        f"reads it, and goes on until {literal(MARKS[END])}, or until it has written the "
        f"{example.translator.configuration.longest} tokens that it can read. {literal(MARKS[PAD])} and "
        f"{literal(MARKS[START])} are never taken: the others share what they had. Here that gives {_said(found)}.",
        (),
        (),
        (Table("Step by step", ("so far", "probability", "of the whole"), rows),),
    )


def _beam_step(example: Example) -> Step:
    found = beam_search(example.translator, example.source, _BEAM)
    return Step(
        "next.beam",
        "Beam search",
        f"[[beam search|Beam search]] follows the {_BEAM} likeliest beginnings at once, so that a weak start can be "
        f"made good later. One that ends is laid aside, and one fewer is followed from then on, until {_BEAM} have "
        "ended. Each further word makes an answer less likely, so of those that it finishes the one counts that is "
        f"likeliest for its length (Wu et al. 2016). Here that is {_said(found)}. It looks at a few beginnings only: "
        "the likeliest answer of all may not be among them, and a wider beam can find a worse translation.",
        (),
        (),
        (Table("The tree it searched", ("branch", "probability", "of the whole"), tuple(_branch_rows(found.root))),),
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


def moved_word(example: Example) -> str:
    """The word whose neighbours are shown before and after the optimiser's step: the source's first one in the
    vocabulary."""
    words = example.translator.source.words
    return next((word for word in example.source if word in words[len(MARKS) :]), words[-1])


def _optimiser_chapter(example: Example, trace: Trace, update: Update) -> Chapter:
    """One step of the optimiser, in numbers: a weight, the embeddings, a word's neighbours, the loss."""
    name = "source.table"
    gradient = trace[name].gradient
    assert gradient is not None
    row, column = (int(i) for i in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    words = example.translator.source.words
    old, slope, new = trace[name].value[row, column], gradient[row, column], update.parameters[name][row, column]
    weight: list[tuple[str | int | float, ...]] = [("the weight", float(old)), ("its gradient", float(slope))]
    if update.m:
        m, v = float(update.m[name][row, column]), float(update.v[name][row, column])
        adam = Adam()
        weight += [
            (f"m, {1 - adam.beta1:.2g} of its gradient: the running mean began at zero", m),
            (f"v, {1 - adam.beta2:.2g} of its gradient squared: that mean began at zero too", v),
            (f"m̂ = m / (1 − {adam.beta1:g}), without the pull of that zero", m / (1 - adam.beta1)),
            (f"v̂ = v / (1 − {adam.beta2:g}), without it too", v / (1 - adam.beta2)),
            ("√v̂, by which m̂ is divided", float(np.sqrt(v / (1 - adam.beta2)))),
        ]
    weight += [("the change", float(new - old)), ("the weight after", float(new))]
    rate = f"the [[learning rate]] {update.rate:g}"
    if update.optimiser == "adam":
        rule = (
            "[[Adam]] moves every weight against its [[gradient]], divided by how large its gradients usually are. Of "
            "a first step there is only this one to go by, so it is divided by its own size, and what is left is its "
            f"sign: a weight moves by about {rate}, be its gradient steep or flat."
        )
        by = f", each of their numbers by about {update.rate:g}"
        later = (
            " That goes for this first step, in which Adam's means hold nothing else: a row that had a gradient before "
            "moves on for some time without one."
        )
    else:
        rule = f"Gradient descent moves every weight against its [[gradient]], by the gradient times {rate}."
        by = later = ""
    moved = moved_word(example)
    sides = [(example.translator.vectors("source"), "before"), (update.translator.vectors("source"), "after")]
    found = [nearest_in_table(table, words, moved, NEAREST) for table, _ in sides]
    order, order_after = ([word for word, _ in near] for near in found)
    same = "the same" if order == order_after else "not the same any more"
    meaning = (
        "Training takes thousands of steps over many sentences; in the end words that are used alike stand near to one "
        "another."
    )
    if example.at_will:
        meaning = f"These vectors were chosen at will, so the order says nothing of the words yet. {meaning}"
    nearest = [
        (when, ", ".join(f"{word} {in_passing(cosine, 4)}" for word, cosine in near))
        for near, (_, when) in zip(found, sides, strict=True)
    ]
    before = float(trace["loss"].value)
    if update.loss == before:
        verdict = "The step was too short to tell: it is as wrong as before."
    else:
        verdict = "It is less wrong." if update.loss < before else "The step was too long: it is more wrong now."
    return Chapter(
        "One step of the optimiser",
        (
            Step(
                "update.weight",
                "One weight",
                f"{rule} Here is the entry of the source's [[embedding table]] with the steepest gradient: column "
                f"{column} of “{literal(words[row])}”.",
                (update.formula,),
                (),
                (Table(f"{words[row]}, column {column}", ("", "number"), tuple(weight)),),
            ),
            Step(
                "update.embeddings",
                "The embeddings after it",
                f"The rows of the words that came in this sentence have moved{by}; the others have not: their gradient "
                f"is zero.{later}",
                (update.formula,),
                (Shown(name), Shown(name, GRADIENT), Shown(name, UPDATED)),
            ),
            Step(
                "update.neighbours",
                f"The neighbours of “{moved}” after it",
                f"The [[cosine|cosines]] to a word move with it: its nearest neighbours are {same} after this one "
                f"step. {meaning}",
                (),
                (),
                (Table(f"Nearest to {moved} by cosine", ("", "neighbours"), tuple(nearest)),),
            ),
            Step(
                "update.loss",
                "The loss after it",
                f"The same pair once more, with the new weights. {verdict}",
                (),
                (),
                (Table("Loss", ("", "loss"), (("before", before), ("after", update.loss))),),
            ),
        ),
    )
