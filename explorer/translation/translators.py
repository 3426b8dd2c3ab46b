"""A translator for a list of sentence pairs, its source table started from pre-trained vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer import places
from explorer.data.pairs import TEST, TRAIN, VALIDATION
from explorer.data.pairs import Pair as Phrase
from explorer.embeddings.embedding import Embedding
from explorer.transformer.configuration import Configuration
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary
from explorer.translation.sentences import word_pairs
from explorer.translation.table import Projection, table

SHIPPED = places.SHIPPED_MODELS / "translators" / "phrasebook-en-es.safetensors"
"""The translator that comes along, trained on the phrase book from the shipped vectors."""


def new_translator(
    phrases: Sequence[Phrase],
    configuration: Configuration,
    embedding: Embedding | None,
    seed: int,
    projection: str = "pca",
    target_embedding: Embedding | None = None,
) -> tuple[Translator, int]:
    """A float32 translator for the words of the training part, and how many of its source words `embedding` covers.

    `configuration` gives everything but the sizes of the vocabularies, which follow from the pairs. Without an
    embedding the source table is drawn like the target's. With one, source words of the other parts that it holds have
    a row, too: training never sees them, but their vectors say what they are like. All other weights are those without
    embedding. `projection` is how vectors come to d_model: by "pca", or "learned" with all else. The target's table is
    drawn, or starts from `target_embedding`, by PCA. Raises UserError for vectors that cannot be projected, or hold
    none of the words.
    """
    train = word_pairs(phrases, TRAIN)
    source, target = Vocabulary.of(words for words, _ in train), Vocabulary.of(words for _, words in train)
    way = None if embedding is None else Projection(embedding, configuration.d_model, projection)
    configuration = replace(configuration, source_width=way.source_width if way else 0)
    fresh = Translator.fresh(configuration, source, target, seed, dtype=np.float32)
    tables = {}
    if way:
        words = _held_out_words(phrases, 0).difference(source.words)
        source = Vocabulary([*source.words, *sorted(word for word in words if word in way.embedding)])
        tables["source.table"] = table(way, source, seed).table.astype(np.float32)
    if target_embedding is not None:
        way_of_target = Projection(target_embedding, configuration.d_model)
        tables["target.table"] = table(way_of_target, target, seed, side="target").table.astype(np.float32)
    configuration = replace(fresh.configuration, source_words=len(source))
    return Translator(configuration, fresh.parameters | tables, source, target), covered_words(source, embedding)


def covered_words(vocabulary: Vocabulary, embedding: Embedding | None) -> int:
    """How many of a vocabulary's words, special tokens aside, an embedding has."""
    return 0 if embedding is None else sum(word in embedding for word in vocabulary.words[len(MARKS) :])


def unknown_held_out_words(translator: Translator, phrases: Sequence[Phrase]) -> tuple[list[str], list[str]]:
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
