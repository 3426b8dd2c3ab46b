"""Maps of words: vectors brought down to two or three dimensions, and how far each picture can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from explorer.answers import Answer, Table
from explorer.embeddings.bounds import HIGHEST_PERPLEXITY, MOST_POINTS
from explorer.embeddings.bounds import MAP_METHODS as METHODS
from explorer.embeddings.embedding import Array, Embedding
from explorer.errors import UserError
from explorer.texts import _, _n

TRUSTED = 0.5  # the share of true neighbours from which the place of a word can be trusted
_COMPARED = 10  # neighbours of a point by which a map is judged
_BLOCK = 500  # points judged at a time, so that 5,000 need no table of 5,000 × 5,000
_EVERY = 25  # iterations of t-SNE between two reports
_FEWEST = 4  # different points that t-SNE and UMAP can tell apart
_ALIKE = 6  # decimals to which unit vectors of float32 are the same
_ITERATIONS = 750  # openTSNE's own: 250 with early exaggeration, 500 without

Progress = Callable[[float], None]
Watch = Callable[[Array], None]  # is called with where the words are meanwhile, (n, 2 or 3)


@dataclass(frozen=True, eq=False)
class Projection(Answer):
    """Words on a map.

    `trustworthiness` (Venna & Kaski 2006; 0 to 1) falls with every point that the map puts close to another one from
    which it is far in the space. `kept` says for each point which share of its `k` nearest on the map are among its k
    nearest in the space. `shown` is the share of the variance the axes keep, None but for PCA,
    and where there is no variance. Words with one vector lie on one point.
    """

    model: str
    method: str
    words: tuple[str, ...]
    coordinates: Array  # (n, 2 or 3) float64
    k: int
    trustworthiness: float
    kept: Array  # (n,) float64, 0 to 1
    shown: float | None

    @property
    def true_neighbours(self) -> list[int]:
        """How many of the `k` nearest of each point on the map are among its k nearest in the space."""
        return [round(share) for share in (self.kept * self.k).tolist()]

    @property
    def trusted(self) -> list[bool]:
        """Whether half or more of the nearest of each point on the map are."""
        return [share >= TRUSTED for share in self.kept.tolist()]

    @property
    def misplaced(self) -> int:
        """How many points are not trusted."""
        return self.trusted.count(False)

    def as_json(self) -> dict[str, Any]:
        points = [
            {"word": word, "at": at.tolist(), "kept": float(share), "true_neighbours": true}
            for word, at, share, true in zip(self.words, self.coordinates, self.kept, self.true_neighbours, strict=True)
        ]
        return {
            "model": self.model,
            "method": self.method,
            "k": self.k,
            "trustworthiness": self.trustworthiness,
            "misplaced": self.misplaced,
            "shown": self.shown,
            "points": points,
        }

    @property
    def headline(self) -> str:
        headline = _(
            "{model} · {method} · trustworthiness {trustworthiness:.4f}",
            model=self.model,
            method=self.method,
            trustworthiness=self.trustworthiness,
        )
        if self.shown is None:
            return headline
        return headline + " · " + _("{share:.1%} of the variance", share=self.shown)

    @property
    def sentences(self) -> tuple[str, ...]:
        if not self.k:
            return (_("A map of two words is always right: give more words."),)
        return (
            _n(
                "“kept” is 1 where a word's nearest word on the map is its nearest in the space.",
                "“kept” is the share of a word's {count} nearest words on the map that are its nearest in the space.",
                self.k,
            ),
        )

    def table(self) -> Table:
        """One row a word."""
        points = zip(self.words, self.coordinates.tolist(), self.kept.tolist(), strict=True)
        header = ("word", *"xyz"[: self.coordinates.shape[1]], "kept")
        return Table(header, tuple((word, *at, share) for word, at, share in points))


def project(
    embedding: Embedding,
    words: Sequence[str],
    method: str = "pca",
    dimensions: int = 2,
    perplexity: float = 30.0,
    seed: int = 0,
    progress: Progress = lambda share: None,
    watch: Watch | None = None,
) -> Projection:
    """Bring the unit vectors of words that the model holds down to 2 or 3 dimensions; the same seed, the same map.

    PCA; t-SNE by openTSNE (van der Maaten & Hinton 2008) on cosine distances, where `perplexity` is about how many
    neighbours count; UMAP (McInnes et al. 2018) with that many neighbours, where umap-learn is installed. Both report
    `progress`, and an exception raised there stops them. t-SNE lets `watch` see the words move; umap-learn hands out no
    places before the last. Raises UserError for what cannot be drawn.
    """
    check(words, method, dimensions, perplexity)
    vectors = embedding.units(embedding.rows_of(words)).astype(np.float64)  # (n, d)
    if not vectors.any(axis=1).all():
        lost = next(word for word, vector in zip(words, vectors, strict=True) if not vector.any())
        raise UserError(
            _("The vector of “{lost}” is all zeros, so it has no place on a map. Leave the word out.", lost=lost)
        )
    firsts = _first_alike(vectors)
    vectors = vectors[firsts]
    variance = None
    if method == "pca":
        coordinates, variance = flattened(vectors, dimensions)
        coordinates = coordinates[firsts]  # the last digit of equal rows may differ
    else:  # each vector once: t-SNE and UMAP would pull apart what is the same
        distinct = np.unique(firsts)
        if len(distinct) < _FEWEST:
            raise UserError(
                _(
                    "These {words} words have too few different vectors for this map: {distinct}, but it needs "
                    "{fewest}. Take PCA, or other words.",
                    words=len(words),
                    distinct=len(distinct),
                    fewest=_FEWEST,
                )
            )
        of_words = np.searchsorted(distinct, firsts)
        if method == "t-sne":

            def report(share: float, places: Array) -> None:
                progress(share)
                if watch:
                    watch(places[of_words])

            places = _t_sne(vectors[distinct], dimensions, perplexity, seed, report)
        else:
            places = _umap(vectors[distinct], dimensions, perplexity, seed, progress)
        coordinates = places[of_words]
    k = min(_COMPARED, (len(words) - 1) // 2)
    trust, shares = _judge(vectors, coordinates, k) if k else (1.0, np.ones(len(words)))
    return Projection(embedding.name, method, tuple(words), coordinates, k, trust, shares, variance)


def check(words: Sequence[str], method: str, dimensions: int, perplexity: float) -> None:
    """Raises UserError, before anything is computed, for a map that cannot be drawn."""
    if method not in METHODS:
        raise UserError(
            _("“{method}” is not a kind of map. Take one of {methods}.", method=method, methods=", ".join(METHODS))
        )
    if dimensions not in (2, 3):
        raise UserError(_("A map has 2 or 3 dimensions, not {dimensions}.", dimensions=dimensions))
    if len(words) < 2:
        raise UserError(
            _n(
                "A map of {count} word shows nothing: give two words or more.",
                "A map of {count} words shows nothing: give two words or more.",
                len(words),
            )
        )
    if len(set(words)) < len(words):
        twice = next(word for place, word in enumerate(words) if word in words[:place])
        raise UserError(_("“{word}” is in the list twice. Give each word once.", word=twice))
    if len(words) > MOST_POINTS:
        raise UserError(
            _(
                "These are {words:,} words, but a map holds at most {most_points:,}: give fewer.",
                words=len(words),
                most_points=MOST_POINTS,
            )
        )
    if not 1 <= perplexity <= HIGHEST_PERPLEXITY:
        raise UserError(
            _(
                "The perplexity is {perplexity:g}, but must be from 1 to {highest_perplexity}.",
                perplexity=perplexity,
                highest_perplexity=HIGHEST_PERPLEXITY,
            )
        )
    if method == "t-sne" and len(words) < _FEWEST:
        raise UserError(
            _(
                "t-SNE needs at least {fewest} words, and these are {words}. Take PCA for so few.",
                fewest=_FEWEST,
                words=len(words),
            )
        )
    if method == "umap" and not find_spec("umap"):
        raise UserError(
            _(
                "UMAP is not installed: it is an extra of 200 MB. Install it with “pip install umap-learn”, or take "
                "t-SNE."
            )
        )


def _first_alike(vectors: Array) -> Array:
    """For each of the vectors (n, d) the place of the first that is the same, up to the rounding of float32: (n,)."""
    places: dict[bytes, int] = {}
    rounded = vectors.round(_ALIKE) + 0.0  # which makes −0 and 0 the same
    return np.array([places.setdefault(row.tobytes(), place) for place, row in enumerate(rounded)])


def flattened(vectors: Array, dimensions: int) -> tuple[Array, float | None]:
    """Vectors (n, d) on their first principal components, (n, dimensions), with zeros for those that they do not have;
    and the share of the variance that these show, None where the vectors do not vary."""
    pca = PCA(min(dimensions, *vectors.shape), svd_solver="full")
    if np.ptp(vectors, axis=0).max() < 10.0**-_ALIKE:
        return np.zeros((len(vectors), dimensions)), None
    coordinates = pca.fit_transform(vectors)
    coordinates = np.pad(coordinates, ((0, 0), (0, dimensions - coordinates.shape[1])))
    return coordinates, min(1.0, float(pca.explained_variance_ratio_.sum()))


def _t_sne(
    vectors: Array, dimensions: int, perplexity: float, seed: int, progress: Callable[[float, Array], None]
) -> Array:
    # seconds to import, and only a t-SNE map needs it
    from openTSNE import TSNE

    done = 0

    def report(_iteration: int, _error: float, places: Array) -> None:
        nonlocal done
        done += _EVERY
        progress(min(1.0, done / _ITERATIONS), np.array(places))

    t_sne = TSNE(
        n_components=dimensions,
        perplexity=min(perplexity, (len(vectors) - 1) / 3),  # openTSNE looks at three times as many neighbours
        metric="cosine",
        initialization="pca" if dimensions <= vectors.shape[1] else "random",
        negative_gradient_method="bh",
        random_state=seed,
        n_jobs=1,
        callbacks=report,
        callbacks_every_iters=_EVERY,
    )
    return np.asarray(t_sne.fit(vectors), dtype=np.float64)


def _umap(vectors: Array, dimensions: int, neighbours: float, seed: int, progress: Progress) -> Array:
    from umap import UMAP

    close = max(2, min(int(neighbours), len(vectors) - 1))
    initial = "spectral" if len(vectors) > dimensions + 2 else "random"
    reducer = UMAP(
        n_components=dimensions,
        n_neighbors=close,
        metric="cosine",
        init=initial,
        random_state=seed,
        n_jobs=1,
        tqdm_kwds={"file": _Epochs(progress), "disable": False, "bar_format": "{n}/{total}"},
    )
    return np.asarray(reducer.fit_transform(vectors), dtype=np.float64)


@dataclass(frozen=True)
class _Epochs:
    """What UMAP writes its bar of progress to, the only thing that it tells while it works: “120/500”, in pieces."""

    progress: Progress

    def write(self, text: str) -> None:
        done, slash, total = text.strip().partition("/")
        if slash and done.isdigit() and total.isdigit():
            self.progress(int(done) / int(total))

    def flush(self) -> None:
        pass


def _judge(vectors: Array, coordinates: Array, k: int) -> tuple[float, Array]:
    """The trustworthiness of a map of unit vectors (Venna & Kaski 2006, as scikit-learn has it; less than half the
    points are neighbours), and for each the share of its k nearest there that are among its k nearest in the space,
    (n,)."""
    n, penalty, shares = len(vectors), 0, np.empty(len(vectors))
    for start in range(0, n, _BLOCK):
        block = slice(start, min(start + _BLOCK, n))
        themselves = np.arange(block.stop - start), np.arange(start, block.stop)
        in_space = 1 - vectors[block] @ vectors.T  # (block, n)
        on_map = cdist(coordinates[block], coordinates)
        in_space[themselves] = on_map[themselves] = np.inf
        near = np.argpartition(on_map, k - 1, axis=1)[:, :k]  # (block, k)
        distances = np.take_along_axis(in_space, near, axis=1)
        closer = np.stack([(in_space < distances[:, [place]]).sum(axis=1) for place in range(k)], axis=1)  # 0 = nearest
        penalty += int(np.maximum(closer - k + 1, 0).sum())
        shares[block] = (closer < k).mean(axis=1)
    return 1 - penalty * 2 / (n * k * (2 * n - 3 * k - 1)), shares
