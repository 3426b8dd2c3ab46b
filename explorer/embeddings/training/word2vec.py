"""From a corpus to a model folder: Word2Vec by gensim, one training or several joined, evaluated, with a card."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import gensim
import numpy as np
from gensim.models import Word2Vec

from explorer.embeddings.training import by_gensim
from explorer.embeddings.training.defaults import WORD2VEC
from explorer.embeddings.training.joining import join
from explorer.embeddings.training.making import (
    UNTITLED,
    About,
    Sentences,
    StageProgress,
    Trained,
    TrainingError,
    at_least_one,
    check_seed,
    make_model,
)
from explorer.embeddings.training.processes import Tick, run_in_processes
from explorer.texts import _


@dataclass(frozen=True)
class Training:
    """One run of Word2Vec; anything that cannot work raises TrainingError."""

    algorithm: str = WORD2VEC["algorithm"]  # or "cbow"
    window: int = WORD2VEC["window"]  # words looked at on either side
    dimensions: int = WORD2VEC["vector_size"]
    epochs: int = WORD2VEC["epochs"]
    negative: int = WORD2VEC["negative"]  # noise words drawn for each word seen
    sample: float = WORD2VEC["sample"]  # words that are a larger share of the corpus than this are thinned out

    def __post_init__(self) -> None:
        by_gensim.check(self)


def trainings(**values: Sequence[Any]) -> tuple[Training, ...]:
    """Trainings from lists of values, such as window=[2, 10], epochs=[5]: one for each value of the longest list.

    A list of one value goes for all. Raises TrainingError where the lists do not go together.
    """
    count = max(len(several) for several in values.values())
    for name, several in values.items():
        if len(several) not in (1, count):
            raise TrainingError(
                _(
                    "There are {values} values of {name} for {count} trainings; give one, or {count}.",
                    values=len(several),
                    name=name,
                    count=count,
                )
            )
    columns = [several if len(several) == count else [several[0]] * count for several in values.values()]
    return tuple(Training(**dict(zip(values, row, strict=True))) for row in zip(*columns, strict=True))


@dataclass(frozen=True)
class Options:
    """How to get from a corpus to vectors; anything that cannot work raises TrainingError.

    Several trainings see the same words differently: a narrow window finds what can stand in a word's place, a wide one
    what goes along with it. Each runs in a process of its own, and `joining.join` makes one set of vectors of them.
    """

    trainings: tuple[Training, ...] = (Training(),)
    dimensions: int = WORD2VEC["dimensions"]  # of the vectors at the end: at most those of all trainings together
    whitening: float = WORD2VEC["whitening"]  # 0 to 1, see `joining.join`
    minimum_count: int = WORD2VEC["minimum_count"]  # rarer words get no vector
    seed: int = WORD2VEC["seed"]
    workers: int = WORD2VEC["workers"]  # threads of each training; only 1 gives the same vectors, bit for bit

    def __post_init__(self) -> None:
        at_least_one(self, "dimensions", "minimum_count", "workers")
        if not self.trainings:
            raise TrainingError(_("There is nothing to train: give at least one training."))
        trained = sum(training.dimensions for training in self.trainings)
        if self.dimensions > trained:
            raise TrainingError(
                _(
                    "{dimensions} dimensions cannot be made of the {trained} that are trained.",
                    dimensions=self.dimensions,
                    trained=trained,
                )
            )
        if not 0 <= self.whitening <= 1:
            raise TrainingError(
                _("The whitening is {whitening}; it must be between 0 and 1.", whitening=self.whitening)
            )
        check_seed(self.seed)


def train(
    corpus: Path,
    out: Path,
    options: Options = Options(),
    about: About = UNTITLED,
    progress: StageProgress = lambda stage, share: None,
) -> dict[str, Any]:
    """Train Word2Vec on a corpus of one paragraph a line, write the model folder `out` and return its card.

    The stages and errors are those of `making.make_model`; the one of its own is "training".
    """
    recipe = {"library": f"gensim {gensim.__version__}", "method": "word2vec", **asdict(options)}
    fit = partial(_fit, options)
    return make_model(corpus, out, fit, options.minimum_count, recipe, about, progress)


def _fit(options: Options, sentences: Sentences, progress: StageProgress) -> Trained:
    [parts] = run_trainings(sentences, [options], lambda share: progress("training", share))
    return Trained(join(parts, options.dimensions, options.whitening))


def run_trainings(
    sentences: Sentences, recipes: Sequence[Options], progress: Callable[[float], None]
) -> list[list[np.ndarray]]:
    """For each recipe the vectors of its trainings, (V, d), rows as in the vocabulary; all run side by side.

    Each is in a process of its own. Raises TrainingError where one fails.
    """
    runs = [(recipe, training) for recipe in recipes for training in recipe.trainings]
    tasks = [(str(training), partial(_vectors, sentences, training, recipe)) for recipe, training in runs]
    vectors = iter(run_in_processes(tasks, sum(training.epochs for _, training in runs), progress))
    return [list(islice(vectors, len(recipe.trainings))) for recipe in recipes]


def _vectors(sentences: Sentences, training: Training, options: Options, tick: Tick) -> np.ndarray:
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
    by_gensim.fit(model, sentences, training.epochs, tick)
    vectors: np.ndarray = model.wv[list(sentences.vocabulary)]
    return vectors
