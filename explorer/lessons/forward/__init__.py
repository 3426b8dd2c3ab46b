"""The way forward, from the words to the loss: the pass in reading order, each part of it in a module."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.lessons.forward.label import label
from explorer.lessons.forward.layers import decoder_layers, encoder_layers
from explorer.lessons.forward.next_word import next_word
from explorer.lessons.forward.words import target_one_step_behind, words_become_vectors
from explorer.lessons.steps import Chapter
from explorer.transformer.trace import Trace


def forward_chapters(trace: Trace, origin: str = "") -> tuple[Chapter, ...]:
    """From the words through the layers; for a pass through the whole model on to the loss. `origin` says where the
    vectors of the words that are read come from.

    Steps that this pass did not take, such as the norm first of a post-norm model, are left out.
    """
    family = _language_model if not trace.tokens else _encoder
    return tuple(chapter for chapter in family(trace, origin) if chapter.steps)


def _encoder(trace: Trace, origin: str) -> Iterator[Chapter]:
    """An encoder, and what follows it: a decoder that translates, a label, or nothing."""
    yield from words_become_vectors(trace, "source." if "source.embedding" in trace else "", trace.token_names, origin)
    yield from encoder_layers(trace)
    if "pooling.pooled" in trace:
        yield from label(trace)
    if "target.embedding" in trace:
        yield target_one_step_behind(trace)
        yield from decoder_layers(trace)
        yield from next_word(trace)


def _language_model(trace: Trace, origin: str) -> Iterator[Chapter]:
    """A decoder alone, which reads what it is to say."""
    yield from words_become_vectors(trace, "target.", trace.target_names, origin)
    yield from decoder_layers(trace)
    yield from next_word(trace)
