"""One set of vectors out of several trainings of the same words."""

from collections.abc import Sequence

import numpy as np

from explorer.arrays import unit


def join(parts: Sequence[np.ndarray], dimensions: int, whitening: float) -> np.ndarray:
    """One set of vectors, (V, dimensions), every row of length 1, from several of the same V words, (V, d) each.

    The rows of each part are scaled to length 1 and laid side by side, so that a cosine is the mean of the parts'; then
    the mean over all words is taken away and the leading principal components are kept, each divided by its standard
    deviation to the power of `whitening`. With 0 that only turns the vectors; with 1 all components have the same
    spread; 0.5 weakens what nearly all words share (Mu & Viswanath 2018, arXiv:1702.01417) as the square root of the
    singular values does in Levy et al. 2015 (doi:10.1162/tacl_a_00134).
    """
    joined = np.hstack([unit(part) for part in parts]).astype(np.float64)
    joined -= joined.mean(axis=0)
    variances, axes = np.linalg.eigh(joined.T @ joined / len(joined))  # ascending
    variances, axes = variances[::-1][:dimensions], axes[:, ::-1][:, :dimensions]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(dimensions)])  # eigh leaves the sign open
    spread = np.sqrt(np.maximum(variances, 1e-12 * variances[0]))
    return unit(joined @ (axes * spread**-whitening))
