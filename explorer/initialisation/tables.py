"""An embedding table that starts from pre-trained vectors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.errors import UserError
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import Vocabulary


def table_from_vectors(
    vocabulary: Vocabulary, vectors: Mapping[str, Array], d_model: int, table: Array
) -> tuple[Array, int]:
    """An embedding table (V, d_model) from pre-trained vectors, and how many of its words they cover.

    Vectors of another size are projected by PCA over the words that are covered. The covered rows are scaled together
    to the spread of `table`, the freshly drawn one that keeps the other rows: unscaled, pre-trained vectors can drown
    the positions (Kim, Balasubramanian & Kang 2024). Raises UserError where too few words are covered for a PCA.
    """
    covered = [number for number, word in enumerate(vocabulary.words) if word in vectors]
    if not covered:
        return table.copy(), 0
    rows = np.array([vectors[vocabulary.words[number]] for number in covered], dtype=np.float64)
    if rows.shape[1] != d_model:
        if min(rows.shape) < d_model:
            raise UserError(
                f"{len(covered)} words with vectors of {rows.shape[1]} dimensions cannot be projected to {d_model}: "
                f"take a d_model of at most {min(rows.shape)}."
            )
        from sklearn.decomposition import PCA  # takes a second to import, and is needed for other sizes alone

        rows = PCA(d_model, svd_solver="full").fit_transform(rows)
    result = table.copy()
    result[covered] = rows * (table.std() / rows.std())
    return result, len(covered)
