"""An embedding table that starts from pre-trained vectors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import MARKS, Vocabulary


def table_from_vectors(vocabulary: Vocabulary, vectors: Mapping[str, Array], table: Array) -> tuple[Array, int]:
    """An embedding table (V, d) from pre-trained vectors, and how many of its words they cover.

    Vectors of another size are projected by PCA over the words that are covered. The covered rows are scaled together
    to the spread of `table`, the freshly drawn one (≤ V, d) that keeps the other rows, which come first: unscaled,
    pre-trained vectors can drown the positions (Kim, Balasubramanian & Kang 2024). Raises UserError where no word is
    covered, or too few for a PCA.
    """
    covered = [number for number, word in enumerate(vocabulary.words) if word in vectors]
    if not covered:
        raise UserError(
            _(
                "The vectors hold none of the {vocabulary:,} words to start. Take vectors of their language, or none.",
                vocabulary=len(vocabulary) - len(MARKS),
            )
        )
    rows = np.array([vectors[vocabulary.words[number]] for number in covered], dtype=np.float64)
    d_model = table.shape[1]
    if rows.shape[1] != d_model:
        if min(rows.shape) < d_model:
            raise UserError(
                _(
                    "{covered} words with vectors of {shape} dimensions cannot be projected to {d_model} by "
                    "PCA: take a d_model of at most {rows_shape}, or a learned projection, as the command "
                    "fit --projection learned does.",
                    covered=len(covered),
                    shape=rows.shape[1],
                    d_model=d_model,
                    rows_shape=min(rows.shape),
                )
            )
        from sklearn.decomposition import PCA  # takes a second to import, and is needed for other sizes alone

        rows = PCA(d_model, svd_solver="full").fit_transform(rows)
    result = np.zeros((len(vocabulary), d_model))
    result[: len(table)] = table
    result[covered] = rows * (table.std() / rows.std())
    return result, len(covered)
