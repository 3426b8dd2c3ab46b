"""Decoding: greedy, by beam search, or by sampling, each leaving the tree of its steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.bounds import LENGTH_PENALTY, WIDEST_BEAM
from explorer.transformer.model import PAD, decoder_pass, encoder_pass
from explorer.transformer.operations import Softmax
from explorer.transformer.tape import Array, Tape
from explorer.transformer.trace import Trace, unknown_words_warning
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import END, MARKS, START

_ROUNDING = 1e-12  # by which a sum of shares may miss a top-p that it should be
LISTED = 10  # of the words that a step could have gone on with, how many its branch names


@dataclass(eq=False)
class Branch:
    """A partial answer: the ids so far, and what was computed to go on from it.

    `probability` is that of its last token, `log_probability` the sum over all of them. `candidates` are the likeliest
    next words with their probabilities; `children` are the branches that were followed. `score` is what a beam search
    ranks a finished branch by, None of all others. Where the search is traced, `shares` (V,) are the probabilities of
    all next words.
    """

    ids: tuple[int, ...]
    word: str
    probability: float = 1.0
    log_probability: float = 0.0
    candidates: tuple[tuple[str, float], ...] = ()
    children: list[Branch] = field(default_factory=list)
    trace: Trace | None = None
    shares: Array | None = None
    score: float | None = None

    @property
    def finished(self) -> bool:
        return self.ids[-1] == END

    @property
    def length(self) -> int:
        """How many words it has, the end counted and the start not."""
        return len(self.ids) - 1

    def as_json(self) -> dict[str, Any]:
        return {
            "word": self.word,
            "probability": self.probability,
            "log_probability": self.log_probability,
            **({} if self.score is None else {"score": self.score}),
            "candidates": [{"word": word, "probability": share} for word, share in self.candidates],
            "children": [child.as_json() for child in self.children],
        }


@dataclass(frozen=True)
class Decoding(Answer):
    """An answer: its words, its log probability, the tree it was found in, and the encoder's trace. `source` is what
    was translated, `unknown` those of its words that the model does not know."""

    words: tuple[str, ...]
    log_probability: float
    root: Branch
    encoder: Trace
    source: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def warnings(self) -> Sequence[str]:
        return unknown_words_warning(self.unknown)

    def table(self) -> Table:
        """A row for each branch, children after their parents."""
        header = ("so far", "word", "probability", "log_probability", "score")
        return Table(header, tuple(_rows(self.root, ())))

    def as_text(self) -> str:
        """The translation alone: the tree is for those who ask for it."""
        return " ".join(self.words)

    def as_json(self) -> dict[str, Any]:
        return {
            "source": list(self.source),
            "unknown": list(self.unknown),
            "translation": " ".join(self.words),
            "log_probability": self.log_probability,
            "tree": self.root.as_json(),
        }


def _rows(branch: Branch, before: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    for child in branch.children:
        yield " ".join(before), child.word, child.probability, child.log_probability, child.score
        yield from _rows(child, (*before, child.word))


class _Decoder:
    """Encodes a sentence once, then gives the next word's probabilities for any beginning of an answer."""

    def __init__(self, translator: Translator, words: Sequence[str], tracing: bool, cached: bool):
        if not words:
            raise UserError(_("There is nothing to translate: give at least one word."))
        self._translator = translator
        self._tracing = tracing
        self._cached = cached
        self._caches: dict[tuple[int, ...], dict[str, Array]] = {(): {}}
        self._next: dict[tuple[int, ...], Array] = {}
        self._words = tuple(words)
        self._source = translator.read(words)
        tape = Tape(translator.parameters, tracing=tracing)
        self._memory = encoder_pass(tape, self._source, translator.configuration).value
        self.encoder_trace = Trace(tape, words)
        self.root = self._looked_at(Branch(ids=(START,), word=MARKS[START]))

    @property
    def longest(self) -> int:
        return self._translator.configuration.longest

    def follow(self, branch: Branch, token: int) -> Branch:
        """The branch that goes on with `token`."""
        share = float(self._next[branch.ids][token])
        child = Branch(
            ids=(*branch.ids, token),
            word=self._translator.target.words[token],
            probability=share,
            log_probability=branch.log_probability + (math.log(share) if share > 0 else -math.inf),
        )
        branch.children.append(child)
        return child if child.finished else self._looked_at(child)

    def probabilities(self, branch: Branch) -> Array:
        """The next word's probabilities (V,); `<pad>` and `<start>` are no words, so they have none."""
        return self._next[branch.ids]

    def _looked_at(self, branch: Branch) -> Branch:
        tape, logits = self._logits(branch.ids)
        scores = logits.astype(np.float64)
        if not np.isfinite(scores).all():
            raise UserError(_("The model's logits are not finite: its weights are too large to compute with."))
        scores[[PAD, START]] = -np.inf
        shares = Softmax().forward(scores)[0]
        self._next[branch.ids] = shares
        words = self._translator.target.words
        likeliest = np.argsort(-shares, kind="stable")[:LISTED]
        branch.candidates = tuple((words[token], float(shares[token])) for token in likeliest)
        if self._tracing:
            branch.shares = shares
            decoded = len(branch.ids) - 1 if self._cached else 0
            branch.trace = Trace(tape, self._words, [words[token] for token in branch.ids[decoded:]], words)
        return branch

    def _logits(self, ids: tuple[int, ...]) -> tuple[Tape, Array]:
        decoded = len(ids) - 1 if self._cached else 0
        cache = dict(self._caches[ids[:-1]]) if self._cached else None
        tape = Tape(self._translator.parameters, tracing=self._tracing, cache=cache)
        memory = tape.constant(self._memory, "encoder.memory")
        target = np.array(ids[decoded:])
        logits = decoder_pass(tape, memory, self._source, target, self._translator.configuration, decoded)
        if cache is not None:
            self._caches[ids] = cache
        return tape, logits.value[-1]


Choice = Callable[[Array], int]


def greedy(translator: Translator, words: Sequence[str], tracing: bool = False, cached: bool = True) -> Decoding:
    """The likeliest word at every step."""
    return _one_by_one(translator, words, lambda shares: int(shares.argmax()), tracing, cached)


def own_translation(translator: Translator, words: Sequence[str]) -> tuple[str, ...]:
    """What a trained model says to a sentence, to be its target. Raises UserError where that is nothing."""
    if said := greedy(translator, words).words:
        return said
    raise UserError(_("The model's own translation of “{words}” is empty. Give a target.", words=" ".join(words)))


def sample(
    translator: Translator,
    words: Sequence[str],
    seed: int = 0,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    tracing: bool = False,
    cached: bool = True,
) -> Decoding:
    """A word drawn at every step from the probabilities that `reshaped` leaves. Raises UserError as that does."""
    if seed < 0:
        raise UserError(_("The seed is {seed}, but must be 0 or more.", seed=seed))
    random = np.random.default_rng(seed)
    reshaped(np.ones(1), temperature, top_k, top_p)  # says what is wrong before the first step

    def draw(shares: Array) -> int:
        return int(random.choice(len(shares), p=reshaped(shares, temperature, top_k, top_p)))

    return _one_by_one(translator, words, draw, tracing, cached)


def reshaped(shares: Array, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Array:
    """Probabilities (V,) after temperature, then top-k (Fan et al. 2018), then top-p (Holtzman et al. 2020).

    A temperature below 1 favours likely words, and 0 leaves the likeliest alone, as greedy decoding does; top-k keeps
    the k likeliest (0: all); top-p keeps the likeliest ones that together have at least that share. What is kept adds
    up to 1. Raises UserError for what makes no sense.
    """
    if not (math.isfinite(temperature) and temperature >= 0):
        raise UserError(
            _(
                "The temperature is {temperature}, but must be 0 (the likeliest word) or a number above.",
                temperature=temperature,
            )
        )
    if top_k < 0:
        raise UserError(_("top-k is {top_k}, but must be 0 (all words) or more.", top_k=top_k))
    if not 0 < top_p <= 1:
        raise UserError(_("top-p is {top_p}, but must be above 0 and at most 1.", top_p=top_p))
    if temperature == 0:
        return np.where(np.arange(len(shares)) == shares.argmax(), 1.0, 0.0)
    with np.errstate(divide="ignore", over="ignore"):
        scores = np.log(shares)
        shares = Softmax().forward((scores - scores.max()) / temperature)[0]
    order = np.argsort(-shares, kind="stable")
    words = order[:top_k] if top_k else order
    if top_p < 1:
        before = np.cumsum(shares[words] / shares[words].sum())[:-1]  # the share of the words above each but the first
        words = words[: 1 + np.count_nonzero(before < top_p - _ROUNDING)]
    result = np.zeros_like(shares)
    result[words] = shares[words] / shares[words].sum()
    return result


def beam_search(
    translator: Translator,
    words: Sequence[str],
    width: int = 4,
    penalty: float = LENGTH_PENALTY,
    cached: bool = True,
) -> Decoding:
    """The best answer found by following the `width` likeliest beginnings, one fewer for each that has ended.

    Finished answers are compared by log probability / `length_penalty`.
    """
    if not 1 <= width <= WIDEST_BEAM:
        raise UserError(
            _(
                "The beam is {width:,} wide, but must be from 1 to {widest_beam:,}.",
                width=width,
                widest_beam=WIDEST_BEAM,
            )
        )
    decoder_ = _Decoder(translator, words, tracing=False, cached=cached)
    alive: list[Branch] = [decoder_.root]
    finished: list[Branch] = []

    def score(branch: Branch) -> float:
        return branch.log_probability / length_penalty(branch.length, penalty)

    while alive and len(finished) < width and len(alive[0].ids) < decoder_.longest:
        followed = sorted(_continuations(alive, decoder_, width), key=lambda item: (-item[0], item[1], item[2]))
        branches = [decoder_.follow(alive[place], token) for _, place, token in followed[: width - len(finished)]]
        alive = [branch for branch in branches if not branch.finished]
        for branch in branches:
            if branch.finished:
                branch.score = score(branch)
                finished.append(branch)
    return _decoding(translator, decoder_, max(finished or alive, key=score))


def length_penalty(length: int, penalty: float) -> float:
    """((5 + length) / 6)^penalty (Wu et al. 2016, equation 14): what the log probability of an answer is divided by."""
    return float(((5 + length) / 6) ** penalty)


def _continuations(alive: list[Branch], decoder_: _Decoder, width: int) -> Iterator[tuple[float, int, int]]:
    """For each living branch its likeliest next words: (log probability, place of the branch, token)."""
    for place, branch in enumerate(alive):
        shares = decoder_.probabilities(branch)
        for token in np.argsort(-shares, kind="stable")[:width]:
            if shares[token] > 0:
                yield branch.log_probability + math.log(shares[token]), place, int(token)


def _one_by_one(translator: Translator, words: Sequence[str], choose: Choice, tracing: bool, cached: bool) -> Decoding:
    decoder_ = _Decoder(translator, words, tracing, cached)
    branch = decoder_.root
    while not branch.finished and len(branch.ids) < decoder_.longest:
        branch = decoder_.follow(branch, choose(decoder_.probabilities(branch)))
    return _decoding(translator, decoder_, branch)


def _decoding(translator: Translator, decoder_: _Decoder, best: Branch) -> Decoding:
    words = tuple(translator.target.sentence(best.ids))
    source = decoder_.encoder_trace.tokens
    unknown = tuple(translator.unknown(source))
    return Decoding(words, best.log_probability, decoder_.root, decoder_.encoder_trace, source, unknown)
