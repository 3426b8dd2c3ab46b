"""The words that a map or a graph shows: those around a word, a list, or the most frequent."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer.embeddings.bounds import MOST_AROUND, MOST_POINTS
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.filters import Filters, candidates, not_in_vocabulary, on_list
from explorer.embeddings.formats.writing import export, metadata_path
from explorer.embeddings.frequency import tiers
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.queries import resolve
from explorer.embeddings.tags import UNKNOWN, decode_tag
from explorer.errors import UserError, named
from explorer.texts import _


@dataclass(frozen=True)
class MapWord:
    """A word of the model; `count` and `tier` are None where the model has no counts, `similarity` (the cosine to the
    word in the centre) where there is no centre, `columns` the further ones."""

    word: str
    pos: str
    count: int | None
    tier: str | None
    similarity: float | None = None
    columns: dict[str, str] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        """Without further columns where there are none."""
        return {name: value for name, value in asdict(self).items() if name != "columns" or value}


@dataclass(frozen=True)
class MapWords:
    """The words in the order in which they were found, the `centre` around which they lie (it may be a phrase that is
    none of them), and the `sentences` that a reader should know. Where a phrase is one of them, `part` is an embedding
    that has them all."""

    rows: tuple[MapWord, ...]
    centre: str | None = None
    sentences: tuple[str, ...] = ()
    part: Embedding | None = field(default=None, repr=False, compare=False)

    def vectors_in(self, embedding: Embedding) -> Embedding:
        """The model, or the part of it with a phrase, in which each of the words has its vector."""
        return self.part or embedding

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(row.word for row in self.rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what the words have in further columns."""
        return tuple(self.rows[0].columns) if self.rows else ()

    @property
    def closeness(self) -> tuple[float, float]:
        """The lowest and the highest cosine to the centre, but for the closest: at 1, it would leave the others no
        colours."""
        cosines = sorted(row.similarity or 0.0 for row in self.rows)
        others = cosines[:-1] or cosines
        return others[0], others[-1]


def around(embedding: Embedding, text: str, n: int = 50, where: Sequence[str] | None = None) -> MapWords:
    """A word and its `n` nearest neighbours, nearest first; without the word where its vector is made of others'.

    Only neighbours are taken whose further columns are as `where` says, see columns.py.

    Raises UserError as `neighbours` does, for a vector of zeros, and for more than MOST_AROUND.
    """
    if not 1 <= n <= MOST_AROUND:
        raise UserError(
            _("n is {n:,}, but a map has from 1 to {most_around} words around one.", n=n, most_around=MOST_AROUND)
        )
    answer = neighbours(embedding, text, n, where=where)
    if answer.warning and not answer.rows:
        raise UserError(_("{warning} Take another word.", warning=answer.warning))
    similarity = {answer.word: 1.0} | {row.word: row.similarity for row in answer.rows}
    rows = [embedding.rows[word] for word in similarity if word in embedding]  # without a phrase that is none
    near = tuple(replace(row, similarity=similarity[row.word]) for row in described(embedding, rows))
    return MapWords(near, answer.word, tuple(answer.sentences))


def with_centre(embedding: Embedding, words: MapWords, text: str, pos: Sequence[str] | None = None) -> MapWords:
    """The words, and what they lie around as well where that is none of the model's: a phrase, a formula, or what is
    inferred from subwords. Its vector is the one that `text` stands for, see `resolve`. Raises UserError as that does.
    """
    query = resolve(embedding, text, pos)
    if query.label in embedding:
        return words
    centre = MapWord(query.label, UNKNOWN, None, None, 1.0, dict.fromkeys(words.columns, ""))
    part = embedding.subset(embedding.rows_of(words.words)).with_word(query.label, query.vector)
    return replace(words, rows=(centre, *words.rows), centre=query.label, part=part)


def listed(embedding: Embedding, words: Sequence[str], where: Sequence[str] | None = None) -> MapWords:
    """The words of a list, each once, whose further columns are as `where` says. Raises UserError for a list without
    words, or one that is too long."""
    rows, unknown = on_list(embedding, words)
    sentences = (not_in_vocabulary(unknown),) if unknown else ()
    return _without_zeros(embedding, _passing(embedding, list(dict.fromkeys(rows)), where), sentences)


def most_frequent(embedding: Embedding, n: int = 1000, where: Sequence[str] | None = None) -> MapWords:
    """The first `n` words of the model, of those whose further columns are as `where` says. Raises UserError for none,
    and for more than a map holds."""
    if not 1 <= n <= MOST_POINTS:
        raise UserError(_("n is {n:,}, but a map holds from 1 to {most_points:,} words.", n=n, most_points=MOST_POINTS))
    return first(embedding, n, where)


def first(embedding: Embedding, n: int, where: Sequence[str] | None = None) -> MapWords:
    """The first `n` words of the model that pass `where`, however many a map of them alone could hold."""
    return _without_zeros(embedding, _passing(embedding, range(embedding.size), where)[:n])


def projector_archive(embedding: Embedding, words: Sequence[str]) -> bytes:
    """A zip file of the two tables that the Embedding Projector reads (projector.tensorflow.org), for these words."""
    part = embedding.subset(embedding.rows_of(words))
    archive = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        vectors = Path(folder) / "vectors.tsv"
        export(part, vectors, "projector")
        for file in (vectors, metadata_path(vectors)):
            packed.write(file, file.name)
    return archive.getvalue()


def _passing(embedding: Embedding, rows: Sequence[int], where: Sequence[str] | None) -> Sequence[int]:
    """Those rows whose further columns are as `where` says. Raises UserError where there are none."""
    allowed = candidates(embedding, Filters(where=where or None))
    if allowed is None:
        return rows
    passing = [row for row in rows if allowed[row]]
    if not passing:
        raise UserError(_("No word meets the conditions for the further columns: leave one out."))
    return passing


def _without_zeros(embedding: Embedding, rows: Sequence[int], sentences: tuple[str, ...] = ()) -> MapWords:
    """The words of the rows that have a place on a map, and a sentence about those that have none."""
    lost = [embedding.words[row] for row in rows if not embedding.inverse_norms[row]]
    if lost:
        sentences += (
            _(
                "These words are not on the map, because their vectors are all zeros: {names}.",
                names=named(lost),
            ),
        )
    placed = [row for row in rows if embedding.inverse_norms[row]]
    return MapWords(described(embedding, placed), sentences=sentences)


def described(embedding: Embedding, chosen: Sequence[int]) -> tuple[MapWord, ...]:
    """The words of some rows."""
    rows = np.array(chosen, dtype=np.int64)
    counts = embedding.counts[rows].tolist() if embedding.has_counts else [None] * len(rows)
    return tuple(
        MapWord(
            embedding.words[row],
            decode_tag(int(embedding.tag_codes[row])),
            count,
            str(tier) or None,
            columns=embedding.further(row),
        )
        for row, count, tier in zip(chosen, counts, tiers(embedding, rows), strict=True)
    )
