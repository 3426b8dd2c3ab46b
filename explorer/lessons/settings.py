"""The settings that each kind of lesson has a use for, by their names in an address of its page."""

from __future__ import annotations

_SIZES = ("layers", "heads", "d_ff", "seed")
AS_IN_TRAINING = ("smoothing", "dropout")  # of a lesson whose loss is that of a translation


def settings_of(kind: str, encoder_only: bool, decoder_only: bool, has_labels: bool) -> tuple[str, ...]:
    """The names for the lesson `article`, `trained` or `own`; the last may be of one half of the model alone, or tell a
    text's label."""
    if kind == "article":
        return ("encoder_only", *(() if encoder_only else AS_IN_TRAINING), *_SIZES)
    is_own = kind == "own"
    if encoder_only:
        sentences: tuple[str, ...] = ("encoder_only", "source")
    elif is_own and decoder_only:
        sentences = ("decoder_only", "source")
    elif is_own and has_labels:
        sentences = ("source", "labels", "right", "pooling")
    else:
        sentences = ("source", "target", *AS_IN_TRAINING)
    return (*sentences, "model", "d_model", "norm", "projection", "scaled", *_SIZES) if is_own else sentences
