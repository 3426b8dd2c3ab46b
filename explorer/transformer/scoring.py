"""How good a translator is on pairs it has not seen: whole sentences, chrF and BLEU, as well as tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from explorer.transformer.batches import Batches, Pair
from explorer.transformer.model import decoder_pass, encoder_pass
from explorer.transformer.tape import Array, Tape
from explorer.transformer.training import measure
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import END, START, pad


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1, but chrF and BLEU from 0 to 100 as sacrebleu gives them."""

    pairs: int
    loss: float
    token_accuracy: float
    exact: float  # translations that equal the reference word for word
    chrf: float  # Popović 2015
    bleu: float  # Papineni et al. 2002

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def score(
    translator: Translator,
    pairs: Sequence[Pair],
    batch_size: int = 64,
    progress: Callable[[float], None] = lambda share: None,
) -> Scores:
    """Translate every source greedily and compare with its reference; token accuracy is teacher-forced."""
    measured = measure(translator, Batches(translator, pairs, batch_size))
    answers: list[list[str]] = []
    for start in range(0, len(pairs), batch_size):
        answers += translate_all(translator, [source for source, _ in pairs[start : start + batch_size]])
        progress(len(answers) / len(pairs))
    texts = [" ".join(words) for words in answers]
    expected = [" ".join(target) for _, target in pairs]
    return Scores(
        pairs=len(pairs),
        loss=measured.loss,
        token_accuracy=measured.accuracy,
        exact=float(np.mean([ours == theirs for ours, theirs in zip(texts, expected, strict=True)])),
        chrf=CHRF().corpus_score(texts, [expected]).score,
        bleu=BLEU(tokenize="none", force=True).corpus_score(texts, [expected]).score,
    )


def translate_all(translator: Translator, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """Greedy translations of a batch of sentences at once; the same words as `decoding.greedy` gives each alone."""
    configuration = translator.configuration
    source = pad([translator.read(sentence) for sentence in sentences])
    memory = encoder_pass(Tape(translator.parameters, tracing=False), source, configuration).value
    target = np.full((len(sentences), 1), START)
    cache: dict[str, Array] = {}  # keys and values of the words so far
    while target.shape[1] < configuration.longest and not (target == END).any(axis=1).all():
        tape = Tape(translator.parameters, tracing=False, cache=cache)
        decoded = target.shape[1] - 1
        logits = decoder_pass(
            tape, tape.constant(memory, "encoder.memory"), source, target[:, -1:], configuration, decoded
        )
        target = np.hstack([target, _likeliest(logits.value[:, -1])[:, None]])
    return [translator.target.sentence(ids) for ids in target]


def _likeliest(logits: Array) -> Array:
    """The likeliest word of each row; `<pad>` and `<start>`, the first two ids, are none."""
    chosen: Array = logits[:, START + 1 :].argmax(axis=1) + START + 1
    return chosen
