"""One sentence and its translation through the whole model, every number on the trace, gradients included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.classification import label_loss
from explorer.transformer.classifier import Classifier
from explorer.transformer.language import LanguageModel
from explorer.transformer.model import cross_entropy, encoder_pass, transformer
from explorer.transformer.operations import TooUnlikely
from explorer.transformer.tape import Tape
from explorer.transformer.trace import Trace
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, START


def teacher_forced_pass(
    translator: Translator, source: Sequence[str], target: Sequence[str], smoothing: float = 0.0, dropout: float = 0.0
) -> Trace:
    """Forward from the words to the loss, and back: the decoder is shown `<start>` and the target, and should say the
    target and `<end>`. In float64, whatever the parameters are kept in. `dropout` is drawn from the seed 0.

    Raises UserError for a source or target that is empty, too long, or, on the target's side, unknown: there is no
    loss for a word that the model cannot say.
    """
    if not target:
        raise UserError(_("The target is empty: give at least one word."))
    unknown = [word for word in target if word not in translator.target]
    if unknown:
        words = ", ".join(f"“{word}”" for word in unknown)
        raise UserError(
            _("The model cannot say {words}: not in its vocabulary. Take a target of words that it knows.", words=words)
        )
    inputs, expected = translator.shifted(target)
    random = np.random.default_rng(0) if dropout else None
    tape = Tape({name: array.astype(np.float64) for name, array in translator.parameters.items()}, random=random)
    logits = transformer(tape, translator.read(source), inputs, replace(translator.configuration, dropout=dropout))
    try:
        loss = cross_entropy(logits, expected, smoothing)
    except TooUnlikely as error:
        before = (MARKS[START], *target)[error.position]
        named = _("“{words}” after {before}", words=translator.target.words[error.word], before=before)
        raise TooUnlikely(error.position, error.word, named) from error
    tape.backward(loss)
    known = _known_words(translator, source)
    vocabularies = translator.target.words, translator.source.words
    return Trace(tape, known, [MARKS[START], *target], *vocabularies, translator.unknown(source))


def labelled_pass(classifier: Classifier, words: Sequence[str], label: str) -> Trace:
    """Forward from the words of a text to the loss of its label, and back, in float64.

    Raises UserError for a text that is empty or too long, and for a label that the classifier does not give.
    """
    if label not in classifier.labels:
        raise UserError(
            _(
                "There is no label “{label}”. The classifier gives {labels}.",
                label=label,
                labels=", ".join(classifier.labels),
            )
        )
    tape = Tape({name: array.astype(np.float64) for name, array in classifier.parameters.items()})
    ids = classifier.ids((words, (label,)))
    tape.backward(label_loss(classifier.logits(tape, ids), ids.expected))
    tokens = [classifier.source.words[number] for number in ids.source]
    return Trace(
        tape,
        tokens,
        source_words=classifier.source.words,
        unknown=classifier.unknown(words),
        classes=classifier.labels,
    )


def language_pass(model: LanguageModel, words: Sequence[str]) -> Trace:
    """Forward from the words of a text to the mean loss of each next word, and back, in float64: the model is shown
    `<start>` and the text, and should say the text and `<end>`. Words that it does not know are `<unk>`.

    Raises UserError for a text that is empty or too long.
    """
    if not words:
        raise UserError(_("The text is empty: give at least one word."))
    tape = Tape({name: array.astype(np.float64) for name, array in model.parameters.items()})
    batch = model.ids(((), words))
    tape.backward(cross_entropy(model.logits(tape, batch), batch.expected))
    known = model.source.words
    shown = [known[number] for number in batch.target]
    return Trace(tape, (), shown, known, unknown=model.unknown(words))


def encoder_trace(translator: Translator, source: Sequence[str]) -> Trace:
    """The source alone through the encoder, in float64. Raises UserError for one that is empty or too long."""
    tape = Tape({name: array.astype(np.float64) for name, array in translator.parameters.items()})
    encoder_pass(tape, translator.read(source), translator.configuration)
    return Trace(
        tape, _known_words(translator, source), source_words=translator.source.words, unknown=translator.unknown(source)
    )


def _known_words(translator: Translator, source: Sequence[str]) -> list[str]:
    """The words as the model reads them."""
    return [word if word in translator.source else MARKS[-1] for word in source]
