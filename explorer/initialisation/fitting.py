"""A translator for a list of sentence pairs, its source table started from pre-trained vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer import places
from explorer.data.pairs import TEST, TRAIN, VALIDATION
from explorer.data.pairs import Pair as Phrase
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.training.corpus import straighten, tokenise
from explorer.errors import UserError
from explorer.initialisation.tables import table_from_vectors
from explorer.texts import _
from explorer.transformer.batches import Pair
from explorer.transformer.model import Configuration
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary

SHIPPED = places.SHIPPED_MODELS / "translators" / "phrasebook-en-es.safetensors"
"""The translator that comes along, trained on the phrase book from the shipped vectors."""


_IS = re.compile(r"\b(what|where|who|when|how|it|he|she|that|there|here)'s\b")
_LET_US = re.compile(r"\blet's\b")


def words_of(sentence: str) -> list[str]:
    """A sentence's tokens as the vectors have them; an *'s* that stands for *is* or *us* is written out.

    The vectors' tokeniser drops every *'s*, which is right for a possessive and would lose the verb of *what's this*.
    """
    text = _LET_US.sub("let us", straighten(sentence.lower()))
    return tokenise(_IS.sub(r"\1 is", text))


def word_pairs(phrases: Sequence[Phrase], part: str) -> list[Pair]:
    """The pairs of one part as lists of words, tokenised as the vectors are.

    Raises UserError for a pair of which nothing is left then.
    """
    pairs: list[Pair] = []
    for phrase in phrases:
        if phrase.part != part:
            continue
        source, target = words_of(phrase.source), words_of(phrase.target)
        if not (source and target):
            raise UserError(
                _(
                    "The pair “{source}” → “{target}” has a side without words. Leave it out.",
                    source=phrase.source,
                    target=phrase.target,
                )
            )
        pairs.append((source, target))
    return pairs


def new_translator(
    phrases: Sequence[Phrase],
    configuration: Configuration,
    embedding: Embedding | None,
    seed: int,
    projection: str = "pca",
) -> tuple[Translator, int]:
    """A float32 translator for the words of the training part, and how many of its source words `embedding` covers.

    `configuration` gives everything but the sizes of the vocabularies, which follow from the pairs. Without an
    embedding the source table is drawn like the target's. With one, source words of the other parts that it holds have
    a row, too: training never sees them, but their vectors say what they are like. All other weights are those without
    an embedding. `projection` is how vectors come to d_model: by "pca", or "learned" with all else. Raises UserError
    for vectors that cannot be projected, or hold none of the words.
    """
    train = word_pairs(phrases, TRAIN)
    source, target = Vocabulary.of(words for words, _ in train), Vocabulary.of(words for _, words in train)
    configuration = replace(
        configuration,
        source_words=len(source),
        target_words=len(target),
        source_width=embedding.dimensions if embedding is not None and projection == "learned" else 0,
    )
    parameters, covered = dict(Translator.fresh(configuration, source, target, seed).parameters), 0
    if embedding is not None:
        unseen = sorted(word for word in _held_out_words(phrases, 0) if word not in source and word in embedding)
        source = Vocabulary([*source.words, *unseen])
        configuration = replace(configuration, source_words=len(source))
        vectors = {word: embedding.vector(word) for word in source.words if word in embedding and word not in MARKS}
        parameters["source.table"], covered = table_from_vectors(source, vectors, parameters["source.table"])
    parameters = {name: array.astype(np.float32) for name, array in parameters.items()}
    return Translator(configuration, parameters, source, target), covered


def unknown_words(translator: Translator, phrases: Sequence[Phrase]) -> tuple[list[str], list[str]]:
    """The words of validation and test that a translator reads as `<unk>` on the source's side, and those that it
    cannot say on the target's."""
    sides = (translator.source, translator.target)
    source, target = (
        sorted(word for word in _held_out_words(phrases, number) if word not in side)
        for number, side in enumerate(sides)
    )
    return source, target


def _held_out_words(phrases: Sequence[Phrase], side: int) -> set[str]:
    return {word for part in (VALIDATION, TEST) for pair in word_pairs(phrases, part) for word in pair[side]}
