"""The steps after the probabilities: the words that a model would say, and those that it says by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from explorer.lessons.example import Example
from explorer.lessons.numbers import in_passing
from explorer.lessons.repetition import repetition_of, why_it_repeats
from explorer.lessons.steps import Step, Table
from explorer.texts import _
from explorer.transformer.bounds import LENGTH_PENALTY
from explorer.transformer.decoding import Branch, Decoding, beam_search, length_penalty
from explorer.transformer.model import PAD
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import END, MARKS, START
from explorer.writing.documents import literal

_WITHOUT_DROPOUT = _("Decoding has no [[dropout]], so its probabilities differ from those of the pass.")
_BEAM = 3


def next_words_step(example: Example, trace: Trace) -> Step:
    probabilities = trace["probabilities"].value
    words = example.translator.vocabulary("target").words
    rows = []
    for position, (shown, expected) in enumerate(zip(trace.target_names, (*example.target, MARKS[END]), strict=True)):
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
    return Step(
        "next.words",
        _("What it would say"),
        " ".join(filter(None, (listed, example.caution, literal(why)))),
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


def greedy_step(example: Example, decoding: Decoding) -> Step:
    """What greedy decoding wrote."""
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
        " ".join(filter(None, (rule, _WITHOUT_DROPOUT * bool(example.dropout), _result(decoding), example.caution))),
        (),
        (),
        (Table(_("Step by step"), (_("so far"), _("probability"), _("of the whole")), rows),),
    )


def beam_step(example: Example, plain: Decoding) -> Step:
    """What beam search writes, beside what greedy decoding wrote."""
    decoding = beam_search(example.translator, example.source, _BEAM)
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
