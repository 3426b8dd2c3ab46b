"""Sister models: the same training from other seeds, of which only the neighbours of frequent words are kept.

What is near a word under every seed owes nothing to chance (Wendlandt, Kummerfeld & Mihalcea 2018, arXiv:1804.09692).
"""

import lzma
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import gensim
import numpy as np

from explorer.arrays import unit
from explorer.embeddings.drafts import sweep_models
from explorer.embeddings.model_files import CARD, SISTERS, VOCABULARY
from explorer.embeddings.training.defaults import SISTER_WORDS
from explorer.embeddings.training.folder import write_card
from explorer.embeddings.training.joining import join
from explorer.embeddings.training.making import StageProgress, TrainingError, check_seed, read_sentences
from explorer.embeddings.training.word2vec import Options, run_trainings
from explorer.files import whole_folder
from explorer.texts import _
from explorer.toml_text import read_toml

NEIGHBOURS = 20
_BLOCK = 500  # words at a time


def make_sisters(
    corpus: Path,
    model: Path,
    options: Options,
    seeds: Sequence[int],
    words: int = SISTER_WORDS,
    progress: StageProgress = lambda stage, share: None,
) -> Path:
    """Train Word2Vec on a model's corpus once for each of S seeds; write `sisters.npz` into the model's folder.

    It has `seeds` (S,) and `rows` (S, W, 20) uint32: the 20 nearest words by cosine, as rows of the model, of its
    W ≤ `words` most frequent words. The card is told the recipe, which need not be the model's own. `progress` is
    called with the stages "reading", "training" (all sisters side by side), and "comparing" once for each.

    Raises TrainingError where there are sisters already, the folder has no model, or the model is of other words than
    this corpus and minimum count give; CorpusError for a corpus that cannot be read.
    """
    if not seeds or len(set(seeds)) < len(seeds):
        raise TrainingError(_("Sisters need a seed each, and each another one."))
    for seed in seeds:
        check_seed(seed)
    if words < 1:
        raise TrainingError(_("Words must be at least 1, not {words}.", words=words))
    path = model / SISTERS
    if path.exists():
        raise TrainingError(_("{path} is there already. Delete it first.", path=path))
    started = time.monotonic()
    try:
        vocabulary = _vocabulary(model)
        card = read_toml(model / CARD, _("The card {model}", model=model / CARD))
        sweep_models(model, "sisters")
        with whole_folder(model / "sisters") as work:
            text = work / "sentences.txt"
            sentences = read_sentences(corpus, text, options.minimum_count, lambda share: progress("reading", share))
            if list(sentences.vocabulary) != vocabulary:
                raise TrainingError(
                    _(
                        "{corpus} has other words than {name}. Give the corpus and the minimum count it was made of.",
                        corpus=corpus,
                        name=model.name,
                    )
                )
            recipes = [replace(options, seed=seed) for seed in seeds]
            sisters = run_trainings(sentences, recipes, lambda share: progress("training", share))
            rows = np.stack([_nearest(parts, options, words, progress) for parts in sisters])  # (S, W, 20)
            arrays = work / SISTERS
            np.savez_compressed(arrays, seeds=np.array(seeds, dtype=np.int64), rows=rows)
            recipe = {name: value for name, value in asdict(options).items() if name != "seed"}
            card["sisters"] = {
                "library": f"gensim {gensim.__version__}",
                "seeds": list(seeds),
                "words": rows.shape[1],
                "neighbours": rows.shape[2],
                "date": date.today(),
                "minutes": round((time.monotonic() - started) / 60, 1),
                **recipe,
            }
            card["size"] += arrays.stat().st_size
            write_card(work / CARD, card)
            os.replace(work / CARD, model / CARD)
            os.replace(arrays, path)
    except FileNotFoundError as error:
        raise TrainingError(
            _("There is no model in {model}: {file} is missing.", model=model, file=error.filename)
        ) from error
    except OSError as error:
        raise TrainingError(_("{path} could not be written: {error}.", path=path, error=error)) from error
    return path


def _nearest(parts: list[np.ndarray], options: Options, words: int, progress: StageProgress) -> np.ndarray:
    vectors = join(parts, options.dimensions, options.whitening)
    return nearest_rows(vectors, words, lambda share: progress("comparing", share))


def _vocabulary(model: Path) -> list[str]:
    with lzma.open(model / VOCABULARY, "rt", encoding="utf-8") as lines:
        return [line.rsplit(" ", 1)[0] for line in lines]


def nearest_rows(vectors: np.ndarray, words: int, progress: Callable[[float], None] = lambda share: None) -> np.ndarray:
    """The nearest rows by cosine, the word itself left out, (W, 20) uint32, for the first `words` of vectors (V, d).

    There are fewer than 20 columns where there are fewer other words.
    """
    vectors = unit(vectors).astype(np.float32)
    words, columns = min(words, len(vectors)), min(NEIGHBOURS, len(vectors) - 1)
    nearest = np.empty((words, columns), dtype=np.uint32)
    for start in range(0, words, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, words))
        cosines = vectors[block] @ vectors.T  # (block, V)
        cosines[np.arange(len(block)), block] = -np.inf
        top = np.argpartition(-cosines, columns - 1, axis=1)[:, :columns]
        order = np.argsort(-np.take_along_axis(cosines, top, axis=1), axis=1, kind="stable")
        nearest[block] = np.take_along_axis(top, order, axis=1)
        progress((start + len(block)) / words)
    return nearest
