"""From a corpus to a model folder: Word2Vec by gensim, one training or several joined, evaluated, with a card."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import gensim
import numpy as np
from gensim.models import KeyedVectors, Word2Vec
from gensim.models.callbacks import CallbackAny2Vec

from explorer.embeddings.evaluation import evaluate
from explorer.embeddings.training.corpus import CorpusError, write_sentences
from explorer.embeddings.training.folder import (
    CARD,
    VECTORS,
    VOCABULARY,
    round_to_grid,
    write_card,
    write_vectors,
    write_vocabulary,
)
from explorer.embeddings.training.joining import join
from explorer.errors import UserError

ALGORITHMS = ("skip-gram", "cbow")
_NEIGHBOURS_ON_CARD = 20


class TrainingError(UserError):
    """A training that cannot be done; the message says why and what to do."""


def _at_least_one(options: object, *names: str) -> None:
    for name in names:
        if (value := getattr(options, name)) < 1:
            raise TrainingError(f"{name.replace('_', ' ').capitalize()} must be at least 1, not {value}.")


@dataclass(frozen=True)
class Training:
    """One run of Word2Vec; anything that cannot work raises TrainingError."""

    algorithm: str = "skip-gram"  # or "cbow"
    window: int = 5  # words looked at on either side
    dimensions: int = 150
    epochs: int = 5
    negative: int = 5  # noise words drawn for each word seen
    sample: float = 1e-4  # words that are a larger share of the corpus than this are thinned out

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise TrainingError(f"There is no algorithm {self.algorithm!r}; choose one of {', '.join(ALGORITHMS)}.")
        _at_least_one(self, "window", "dimensions", "epochs", "negative")
        if not 0 <= self.sample < 1:
            raise TrainingError(f"The sample is {self.sample}; it must be at least 0 and below 1.")


def trainings(**values: Sequence[Any]) -> tuple[Training, ...]:
    """Trainings from lists of values, such as window=[2, 10], epochs=[5]: one for each value of the longest list.

    A list of one value goes for all. Raises TrainingError where the lists do not go together.
    """
    count = max(len(given) for given in values.values())
    for name, given in values.items():
        if len(given) not in (1, count):
            raise TrainingError(f"There are {len(given)} values of {name} for {count} trainings; give one, or {count}.")
    columns = [given if len(given) == count else [given[0]] * count for given in values.values()]
    return tuple(Training(**dict(zip(values, row, strict=True))) for row in zip(*columns, strict=True))


@dataclass(frozen=True)
class Options:
    """How to get from a corpus to vectors; anything that cannot work raises TrainingError.

    Several trainings see the same words differently: a narrow window finds what can stand in a word's place, a wide one
    what goes along with it. Each runs in a process of its own, and `joining.join` makes one set of vectors of them.
    """

    trainings: tuple[Training, ...] = (Training(),)
    dimensions: int = 150  # of the vectors at the end: at most those of all trainings together
    whitening: float = 0.5  # 0 to 1, see `joining.join`
    minimum_count: int = 20  # rarer words get no vector
    seed: int = 1
    workers: int = 1  # threads of each training; only 1 gives the same vectors, bit for bit, every time

    def __post_init__(self) -> None:
        _at_least_one(self, "dimensions", "minimum_count", "workers")
        if not self.trainings:
            raise TrainingError("There is nothing to train: give at least one training.")
        trained = sum(training.dimensions for training in self.trainings)
        if self.dimensions > trained:
            raise TrainingError(f"{self.dimensions} dimensions cannot be made of the {trained} that are trained.")
        if not 0 <= self.whitening <= 1:
            raise TrainingError(f"The whitening is {self.whitening}; it must be between 0 and 1.")
        if not 0 <= self.seed < 2**32:
            raise TrainingError(f"The seed is {self.seed}; it must be at least 0 and below 2**32.")


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


@dataclass(frozen=True)
class _Sentences:
    """A tokenised corpus on disk and the vocabulary to train on it: word → count, the most frequent first."""

    path: Path
    tokens: int
    paragraphs: int
    vocabulary: dict[str, int]


def train(
    corpus: Path,
    out: Path,
    options: Options = Options(),
    about: About = About(),
    progress: Callable[[str, float], None] = lambda stage, share: None,
) -> dict[str, Any]:
    """Train Word2Vec on a corpus of one paragraph a line, write the model folder `out` and return its card.

    `progress` is told the stage ("reading", "training", "evaluating", "writing") and the share of it that is done.
    All files are made in a hidden folder beside `out`, and moved at the very end: whatever goes wrong, Ctrl-C included,
    there is no half-written model. Raises TrainingError where `out` is there already or cannot be written, or where a
    training fails; CorpusError where there is nothing to train on.
    """
    if out.exists():
        raise TrainingError(f"{out} is there already. Give another name, or delete it first.")
    if not out.parent.is_dir():
        raise TrainingError(f"There is no folder {out.parent} to write {out.name} into. Make it first.")
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as work:
            sentences = _read(corpus, Path(work) / "sentences.txt", options, lambda share: progress("reading", share))
            parts = _run_trainings(sentences, options, lambda share: progress("training", share))
            vectors = round_to_grid(join(parts, options.dimensions, options.whitening))
            minutes = (time.monotonic() - started) / 60

            progress("evaluating", 0.0)
            keyed = KeyedVectors(options.dimensions)
            keyed.add_vectors(list(sentences.vocabulary), vectors)
            card = _card(sentences, keyed, options, about, minutes)

            model = Path(work) / "model"
            model.mkdir()
            write_vocabulary(model / VOCABULARY, sentences.vocabulary)
            write_vectors(model / VECTORS, keyed.index_to_key, vectors, lambda share: progress("writing", share))
            card["size"] = sum(file.stat().st_size for file in model.iterdir())
            write_card(model / CARD, card)
            model.rename(out)
            progress("writing", 1.0)
    except OSError as error:
        raise TrainingError(f"{out} could not be written: {error}.") from error
    return card


def _read(corpus: Path, path: Path, options: Options, progress: Callable[[float], None]) -> _Sentences:
    counts, paragraphs = write_sentences(corpus, path, progress)
    vocabulary = {word: count for word, count in counts.most_common() if count >= options.minimum_count}
    if len(vocabulary) < 2:
        raise CorpusError(
            f"{corpus} is too small: {len(vocabulary)} of its words occur {options.minimum_count} times or more. "
            "Use more text or a lower minimum count."
        )
    return _Sentences(path, counts.total(), paragraphs, vocabulary)


def _run_trainings(sentences: _Sentences, options: Options, progress: Callable[[float], None]) -> list[np.ndarray]:
    """Each training in a process of its own; the vectors of each, (V, d), rows as in the vocabulary."""
    spawn = get_context("spawn")
    epochs, epochs_done = sum(training.epochs for training in options.trainings), 0
    vectors: dict[int, np.ndarray] = {}
    processes, pipes = [], {}
    try:
        for index, training in enumerate(options.trainings):
            here, there = spawn.Pipe(duplex=False)
            process = spawn.Process(target=_run_training, args=(sentences, training, options, there), daemon=True)
            with _interrupts_held_back():
                process.start()
            there.close()
            processes.append(process)
            pipes[here] = index
        progress(0.0)
        while pipes:
            for pipe in wait(list(pipes)):
                assert isinstance(pipe, Connection)
                try:
                    message = pipe.recv()
                except (EOFError, ConnectionError) as error:
                    raise TrainingError("A training process was ended; there may be too little memory.") from error
                if isinstance(message, TrainingError):
                    raise message
                if isinstance(message, np.ndarray):
                    vectors[pipes.pop(pipe)] = message
                else:
                    epochs_done += 1
                    progress(epochs_done / epochs)
    finally:
        for process in processes:
            process.terminate()
            process.join()
    return [vectors[index] for index in range(len(options.trainings))]


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes started in here never see Ctrl-C, which reaches all of a terminal's: their parent ends them."""
    resource_tracker.ensure_running()  # else the first start() would start it, which lets the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _EpochsToPipe(CallbackAny2Vec):  # type: ignore[misc]
    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe

    def on_epoch_end(self, model: Word2Vec) -> None:
        self.pipe.send("epoch")


def _run_training(sentences: _Sentences, training: Training, options: Options, pipe: Connection) -> None:
    """The body of a training process: sends "epoch" after each epoch and the vectors at the end, or a TrainingError."""
    try:
        pipe.send(_vectors(sentences, training, options, [_EpochsToPipe(pipe)]))
    except Exception as error:
        pipe.send(TrainingError(f"The training of {training} failed: {error!r}."))


def _vectors(
    sentences: _Sentences, training: Training, options: Options, callbacks: Sequence[CallbackAny2Vec]
) -> np.ndarray:
    model = Word2Vec(
        sg=int(training.algorithm == "skip-gram"),
        window=training.window,
        vector_size=training.dimensions,
        negative=training.negative,
        sample=training.sample,
        min_count=options.minimum_count,
        seed=options.seed,
        workers=options.workers,
        epochs=training.epochs,
    )
    model.build_vocab_from_freq(sentences.vocabulary, corpus_count=sentences.paragraphs)
    model.train(
        corpus_file=str(sentences.path),
        total_examples=sentences.paragraphs,
        total_words=sentences.tokens,
        epochs=training.epochs,
        callbacks=callbacks,
    )
    vectors: np.ndarray = model.wv[list(sentences.vocabulary)]
    return vectors


def _card(sentences: _Sentences, keyed: KeyedVectors, options: Options, about: About, minutes: float) -> dict[str, Any]:
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
        "training": {"library": f"gensim {gensim.__version__}", **asdict(options)},
        "machine": {"cores": os.cpu_count() or 0, "minutes": round(minutes, 1)},
        "scores": scores,
        "neighbours": {
            word: {near: round(cosine, 4) for near, cosine in keyed.most_similar(word, topn=_NEIGHBOURS_ON_CARD)}
            for word in about.probes
            if word in keyed
        },
    }
