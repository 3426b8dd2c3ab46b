"""From the words to the rows that the first layer reads: vectors, and positions added to them."""

from __future__ import annotations

from dataclasses import replace

from explorer.lessons.forward.plan import DROPOUT, Plan, concluded, steps
from explorer.lessons.sentences import quoted
from explorer.lessons.steps import Chapter
from explorer.texts import _
from explorer.transformer.trace import Trace
from explorer.writing.documents import literal

_VECTORS: Plan = (
    (
        _("Embedding"),
        _(
            "A model can only compute with numbers, so each [[token]] is looked up in the [[embedding table]]. Its "
            "[[vector]], also called its embedding, is a copy of one row of that table. Words that are used in similar "
            "ways should get similar rows. At this step no row depends on the other words of the sentence."
        ),
        ("embedding",),
        (),
    ),
    (
        _("Projection"),
        _(
            "These rows have another length than this model's [[d_model]]. One matrix, the same for all words, brings "
            "them to that length. It starts with random numbers: a random projection keeps distances roughly as they "
            "were (Johnson & Lindenstrauss 1984). Training changes it like any other weight."
        ),
        ("projected",),
        (),
    ),
    (
        _("Scaled embedding"),
        _(
            "A new [[embedding table]] is drawn with variance 1/d, where d is [[d_model]], so its rows have a length "
            "of about 1. This suits a table that also serves as the output layer: the [[logit|logits]] then start at a "
            "size of about 1. {positions} So the vectors are multiplied by √d first. Smaller positions would keep the "
            "same proportion, but the whole sum would be smaller beside what the layers add to it."
        ),
        ("scaled_embedding",),
        (),
    ),
)
_POSITIONS: Plan = (
    (
        _("Positional encoding"),
        _(
            "[[attention|Attention]] alone does not know the order of its tokens: if the words are shuffled, the "
            "results are the same, only shuffled. A [[positional encoding]] tells positions apart: each position gets "
            "a row of its own. Here the rows are made of sines and cosines; from one pair of columns to the next they "
            "oscillate more slowly. None of this is learned."
        ),
        ("positions",),
        (),
    ),
    (
        _("Sum"),
        _(
            "The vector of the word and the row of its position are added, number by number. From now on each row says "
            "both *which* word it is and *where* it is."
        ),
        ("input",),
        (),
    ),
)


def words_become_vectors(trace: Trace, scope: str, tokens: tuple[str, ...], origin: str) -> tuple[Chapter, ...]:
    """Two chapters: the vectors of the `tokens` that go in, and their positions. `origin` says where the vectors come
    from."""
    word, count = quoted(tokens[-1]), len(tokens)
    embedding, *others = steps(trace, scope, _VECTORS)
    vectors = concluded(
        _("Words become vectors"),
        (replace(embedding, prose=f"{embedding.prose} {literal(origin)}".rstrip()), *others),
        _(
            "So far: {word} has become a vector of {width} numbers, the last row.",
            word=word,
            width=trace[f"{scope}input"].shape[-1],
        ),
    )
    places = concluded(
        _("Where each word stands"), steps(trace, scope, (*_POSITIONS, DROPOUT)), _stands_at(word, count)
    )
    return vectors, places


def target_one_step_behind(trace: Trace) -> Chapter:
    """Vectors and positions of what the decoder of a translator reads."""
    return concluded(
        _("The target, one step behind"),
        steps(trace, "target.", (*_VECTORS, *_POSITIONS, DROPOUT)),
        _stands_at(quoted(trace.target_names[-1]), len(trace.target)),
    )


def _stands_at(word: str, place: int) -> str:
    return _(
        "So far: the last row says that the word is {word} and that its position is {place} of {place}.",
        word=word,
        place=place,
    )
