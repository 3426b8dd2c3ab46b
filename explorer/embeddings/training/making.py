"""From a corpus to a model folder, whatever trains the vectors: read, train, round, evaluate, write, with a card."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from explorer.arrays import unit
from explorer.embeddings.drafts import sweep_models
from explorer.embeddings.evaluation import evaluate
from explorer.embeddings.model_files import CARD, SUBWORDS, VECTORS, VOCABULARY
from explorer.embeddings.training.corpus import CorpusError, write_sentences
from explorer.embeddings.training.folder import (
    round_to_grid,
    write_card,
    write_subwords,
    write_vectors,
    write_vocabulary,
)
from explorer.errors import UserError
from explorer.files import check_place, parents, whole_folder
from explorer.texts import _

_NEIGHBOURS_ON_CARD = 20

StageProgress = Callable[[str, float], None]


class TrainingError(UserError):
    """A training that cannot be done; the message says why and what to do."""


def at_least_one(options: object, *names: str) -> None:
    """Raises TrainingError where one of these fields of the options is below 1."""
    for name in names:
        if (value := getattr(options, name)) < 1:
            raise TrainingError(
                _("{name} must be at least 1, not {value}.", name=name.replace("_", " ").capitalize(), value=value)
            )


def check_seed(seed: int) -> None:
    """Raises TrainingError for a seed that no generator takes."""
    if not 0 <= seed < 2**32:
        raise TrainingError(_("The seed is {seed}; it must be at least 0 and below 2**32.", seed=seed))


@dataclass(frozen=True)
class About:
    """What only a person can tell for the card of a model."""

    title: str = ""
    description: str = ""
    language: str = ""
    corpus: str = ""
    licence: str = ""
    attribution: str = ""
    probes: tuple[str, ...] = ()  # words whose neighbours the card lists, if they are in the vocabulary


UNTITLED = About()


@dataclass(frozen=True)
class Sentences:
    """A tokenised corpus on disk and the vocabulary to train on it: word → count, the most frequent first."""

    path: Path
    tokens: int
    paragraphs: int
    vocabulary: dict[str, int]


@dataclass(frozen=True)
class Trained:
    """What a training gives: vectors (V, d), rows as in the vocabulary; fastText adds its buckets (B, d)."""

    vectors: np.ndarray
    subwords: np.ndarray | None = None
    card: Mapping[str, Any] | None = None  # entries of its own for the card


def make_model(
    corpus: Path,
    out: Path,
    fit: Callable[[Sentences, StageProgress], Trained],
    minimum_count: int,
    training: Mapping[str, Any],
    about: About,
    progress: StageProgress,
) -> dict[str, Any]:
    """Read a corpus of one paragraph a line, `fit` vectors to it, write the model folder `out` and return its card.

    `training` is the recipe that the card repeats. `progress` is told the stage ("reading", those of `fit`,
    "evaluating", "writing") and the share of it that is done. All files are made in a hidden folder beside `out`, and
    moved at the very end: whatever goes wrong, Ctrl-C included, there is no half-written model. Raises TrainingError
    where `out` is there already or cannot be written, or where a training fails; CorpusError where there is nothing to
    train on.
    """
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            stack.enter_context(parents(out))
            check_place(out, TrainingError)
            sweep_models(out.parent, out.name)
            work = stack.enter_context(whole_folder(out))
            path = work / "sentences.txt"
            sentences = read_sentences(corpus, path, minimum_count, lambda share: progress("reading", share))
            trained = fit(sentences, progress)
            vectors = round_to_grid(unit(trained.vectors))
            minutes = (time.monotonic() - started) / 60

            progress("evaluating", 0.0)
            keyed = KeyedVectors(vectors.shape[1])
            keyed.add_vectors(list(sentences.vocabulary), vectors)
            card = _card(sentences, keyed, training, about, minutes) | dict(trained.card or {})

            model = work / "model"
            model.mkdir()
            write_vocabulary(model / VOCABULARY, sentences.vocabulary)
            if trained.subwords is not None:
                write_subwords(model / SUBWORDS, trained.subwords)
            write_vectors(model / VECTORS, keyed.index_to_key, vectors, lambda share: progress("writing", share))
            card["size"] = sum(file.stat().st_size for file in model.iterdir())
            write_card(model / CARD, card)
            model.rename(out)
            progress("writing", 1.0)
    except OSError as error:
        raise TrainingError(_("{out} could not be written: {error}.", out=out, error=error)) from error
    return card


def read_sentences(corpus: Path, path: Path, minimum_count: int, progress: Callable[[float], None]) -> Sentences:
    """Write the corpus's tokens to `path`; its vocabulary is the words that occur `minimum_count` times or more.

    Raises CorpusError for a corpus that cannot be read, or in which fewer than two words are so frequent;
    TrainingError for a path whose name gensim cannot take, which would let its threads wait for ever.
    """
    if not _is_utf_8(str(path.absolute())):
        raise TrainingError(
            _("{path} is not UTF-8, so gensim cannot read it. Give --out another name.", path=path.absolute())
        )
    counts, paragraphs = write_sentences(corpus, path, progress)
    vocabulary = {word: count for word, count in counts.most_common() if count >= minimum_count}
    if len(vocabulary) < 2:
        raise CorpusError(
            _(
                "{corpus} is too small: {words} of its words occur {minimum_count} times or more. "
                "Use more text or a lower minimum count.",
                corpus=corpus,
                words=len(vocabulary),
                minimum_count=minimum_count,
            )
        )
    return Sentences(path, counts.total(), paragraphs, vocabulary)


def _is_utf_8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _card(
    sentences: Sentences, keyed: KeyedVectors, training: Mapping[str, Any], about: About, minutes: float
) -> dict[str, Any]:
    scores: dict[str, float] = {}
    for name, score in evaluate(keyed).items():
        if score.value is not None:
            scores |= {name: round(score.value, 4), f"{name}_coverage": round(score.coverage, 4)}
    return {
        "title": about.title,
        "description": about.description,
        "language": about.language,
        "words": len(keyed),
        "dimensions": keyed.vector_size,
        "date": date.today(),
        "size": 0,
        "corpus": {
            "name": about.corpus,
            "licence": about.licence,
            "attribution": about.attribution,
            "tokens": sentences.tokens,
            "paragraphs": sentences.paragraphs,
        },
        "training": dict(training),
        "machine": {"cores": os.cpu_count() or 0, "minutes": round(minutes, 1)},
        "scores": scores,
        "neighbours": {
            word: {near: round(cosine, 4) for near, cosine in keyed.most_similar(word, topn=_NEIGHBOURS_ON_CARD)}
            for word in about.probes
            if word in keyed
        },
    }
