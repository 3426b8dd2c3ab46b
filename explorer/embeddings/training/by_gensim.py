"""What gensim's Word2Vec and fastText share: the settings that both have, and the training itself."""

from typing import Protocol

from gensim.models import Word2Vec

from explorer.embeddings.training.defaults import ALGORITHMS
from explorer.embeddings.training.making import Sentences, TrainingError, at_least_one
from explorer.embeddings.training.processes import EpochTicks, Tick
from explorer.texts import _


class Settings(Protocol):
    """The settings of a training with negative sampling (Mikolov et al. 2013, arXiv:1310.4546)."""

    @property
    def algorithm(self) -> str: ...
    @property
    def sample(self) -> float: ...


def check(settings: Settings) -> None:
    """Raises TrainingError for settings that cannot work."""
    if settings.algorithm not in ALGORITHMS:
        raise TrainingError(
            _(
                "There is no algorithm {algorithm!r}; choose one of {algorithms}.",
                algorithm=settings.algorithm,
                algorithms=", ".join(ALGORITHMS),
            )
        )
    at_least_one(settings, "window", "dimensions", "epochs", "negative")
    if not 0 <= settings.sample < 1:
        raise TrainingError(_("The sample is {sample}; it must be at least 0 and below 1.", sample=settings.sample))


def fit(model: Word2Vec, sentences: Sentences, epochs: int, tick: Tick) -> None:
    """Train a new model on the sentences; its vocabulary is theirs."""
    model.build_vocab_from_freq(sentences.vocabulary, corpus_count=sentences.paragraphs)
    model.train(
        corpus_file=str(sentences.path),
        total_examples=sentences.paragraphs,
        total_words=sentences.tokens,
        epochs=epochs,
        callbacks=[EpochTicks(tick)],
    )
