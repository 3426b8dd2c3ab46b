"""fastText by gensim: a word's vector is made of its character n-grams too, so that unknown words have vectors.

Bojanowski, Grave, Joulin & Mikolov 2017, arXiv:1607.04606. The n-grams are hashed into few buckets, which keeps a model
small enough to ship; words that are in the vocabulary have a vector of their own beside them, which makes up for it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gensim
import numpy as np
from gensim.models import FastText

from explorer.embeddings.training import by_gensim
from explorer.embeddings.training.defaults import FASTTEXT
from explorer.embeddings.training.folder import grid_step
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
class Options:
    """How to get from a corpus to vectors; anything that cannot work raises TrainingError."""

    algorithm: str = FASTTEXT["algorithm"]  # or "cbow"
    window: int = FASTTEXT["window"]  # words looked at on either side
    dimensions: int = FASTTEXT["dimensions"]
    epochs: int = FASTTEXT["epochs"]
    negative: int = FASTTEXT["negative"]  # noise words drawn for each word seen
    sample: float = FASTTEXT["sample"]  # words that are a larger share of the corpus than this are thinned out
    shortest: int = FASTTEXT["shortest"]  # characters of an n-gram, counting the marks < and > around a word
    longest: int = FASTTEXT["longest"]
    buckets: int = FASTTEXT["buckets"]  # that the n-grams are hashed into
    minimum_count: int = FASTTEXT["minimum_count"]  # rarer words get no vector of their own
    seed: int = FASTTEXT["seed"]
    workers: int = FASTTEXT["workers"]  # threads; only 1 gives the same vectors, bit for bit, every time

    def __post_init__(self) -> None:
        by_gensim.check(self)
        at_least_one(self, "shortest", "buckets", "minimum_count", "workers")
        if self.longest < self.shortest:
            raise TrainingError(
                _(
                    "The longest n-grams, {longest} characters, are shorter than the shortest, {shortest}.",
                    longest=self.longest,
                    shortest=self.shortest,
                )
            )
        check_seed(self.seed)


def train(
    corpus: Path,
    out: Path,
    options: Options = Options(),
    about: About = UNTITLED,
    progress: StageProgress = lambda stage, share: None,
) -> dict[str, Any]:
    """Train fastText on a corpus of one paragraph a line, write the model folder `out` and return its card.

    The folder has the buckets' vectors in a file of their own, and the card says how to use them. The stages and errors
    are those of `making.make_model`; the one of its own is "training".
    """
    recipe = {"library": f"gensim {gensim.__version__}", "method": "fasttext", **asdict(options)}
    return make_model(corpus, out, partial(_fit, options), options.minimum_count, recipe, about, progress)


def _fit(options: Options, sentences: Sentences, progress: StageProgress) -> Trained:
    task = partial(_train, sentences, options)
    [(vectors, buckets)] = run_in_processes(
        [(str(options), task)], options.epochs, lambda share: progress("training", share)
    )
    subwords = {"minimum": options.shortest, "maximum": options.longest, "buckets": options.buckets}
    return Trained(vectors, round_buckets(buckets), {"subwords": subwords})


def round_buckets(buckets: np.ndarray) -> np.ndarray:
    """Vectors (B, d) as float32 multiples of one step, as fine beside their length as that of vectors of length 1."""
    lengths = np.linalg.norm(buckets, axis=1)
    step = grid_step(buckets.shape[1]) * 2.0 ** np.floor(np.log2(np.median(lengths)))
    rounded: np.ndarray = (np.rint(buckets / step) * step + 0.0).astype(np.float32)  # + 0.0: no negative zeros
    return rounded


def _train(sentences: Sentences, options: Options, tick: Tick) -> Sequence[np.ndarray]:
    """The vectors of words (V, d), which are means over their n-grams and themselves, and of buckets (B, d)."""
    model = FastText(
        sg=int(options.algorithm == "skip-gram"),
        window=options.window,
        vector_size=options.dimensions,
        negative=options.negative,
        sample=options.sample,
        min_n=options.shortest,
        max_n=options.longest,
        bucket=options.buckets,
        min_count=options.minimum_count,
        seed=options.seed,
        workers=options.workers,
        epochs=options.epochs,
    )
    by_gensim.fit(model, sentences, options.epochs, tick)
    return model.wv[list(sentences.vocabulary)], model.wv.vectors_ngrams
