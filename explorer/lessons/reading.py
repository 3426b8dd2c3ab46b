"""The steps before the vectors: what is read, as tokens with their numbers, and what stands near them."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.documents import literal
from explorer.embeddings.neighbours import neighbours
from explorer.lessons.example import Example
from explorer.lessons.numbers import in_passing
from explorer.lessons.steps import Step, Table
from explorer.texts import _, _n
from explorer.transformer.inspection import nearest_in_table
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import END, MARKS, START, UNKNOWN

_WAY = _(
    "This lesson follows one sentence pair through a transformer: from the words to a prediction of each next word, "
    "from there to the loss, and back to better weights."
)
_WAY_OF_A_LABEL = _(
    "This lesson follows one text through a classifier: from the words to a prediction of its label, from there to the "
    "loss, and back to better weights."
)
_WAY_OF_THE_ENCODER = _("This lesson follows one sentence through the encoder of a transformer.")
_EMBEDDINGS = _(
    "A model can only compute with numbers, so each word becomes a "
    "[[vector]], its embedding. Words that are used in similar ways should get similar vectors: then what the model "
    "learns about one word also helps with the others."
)
_COUNTING = _(
    "All counting starts at 1 here: words, positions, columns, heads and layers. Only names of cells, such as "
    "source.table\\[4,0\\], and code count from 0, as programs do."
)
NEAREST = 4  # neighbours of a word that a lesson names


def source_tokens(example: Example) -> Step:
    vocabulary = example.translator.source
    unknown = example.translator.unknown(example.source)
    if unknown:
        known = _n(
            "{words} is not in it and is read as {unknown}.",
            "{words} are not in it and are read as {unknown}.",
            len(unknown),
            words=literal(", ".join(unknown)),
            unknown=literal(MARKS[UNKNOWN]),
        )
    elif example.embedding is not None:
        known = _(
            "It was made from this sentence: it has all its words, after the {count} [[special token|special tokens]].",
            count=len(MARKS),
        )
    else:
        known = _(
            "All words of this sentence are in it; a word that is not in it would be read as {unknown}.",
            unknown=literal(MARKS[UNKNOWN]),
        )
    ids = example.translator.read(example.source).tolist()
    words = (*[MARKS[START]] * (len(ids) - len(example.source)), *example.source)  # a classifier may read one more
    rows = tuple((word, id_ + 1) for word, id_ in zip(words, ids, strict=True))
    split = _(
        "First the source, which the [[encoder]] reads, is split into [[token|tokens]], here words. Each token gets "
        "its number in the source's vocabulary, which has {count:,} entries.",
        count=len(vocabulary),
    )
    way = _WAY_OF_A_LABEL if example.label else _WAY if example.target else _WAY_OF_THE_ENCODER
    return Step(
        "source.tokens",
        _("Tokens"),
        f"{way} {_EMBEDDINGS} {split} {known} {_COUNTING}",
        (),
        (),
        (Table(_("The source"), (_("token"), _("number")), rows),),
    )


def target_tokens(example: Example, trace: Trace) -> Step:
    rows = tuple(zip(trace.target, (*example.target, MARKS[END]), strict=True))
    return Step(
        "target.tokens",
        _("Shifted by one"),
        _(
            "The [[decoder]] reads the right words so far and predicts the next one: this is [[teacher forcing]]."
            " So its input is shifted by one: it begins with the [[special token]] {start}, and the last token "
            "that it should predict is {end}.",
            start=literal(MARKS[START]),
            end=literal(MARKS[END]),
        ),
        (),
        (),
        (Table(_("The target"), (_("input"), _("should predict")), rows),),
    )


def neighbour_table(example: Example, words: Iterable[str], side: str = "source") -> Table:
    """The nearest neighbours of each word by [[cosine]]: in the embedding, or in the model's own table."""
    rows = []
    for word in words:
        if example.embedding is None:
            near = nearest_in_table(example.translator.vectors(side), _words(example, side), word, NEAREST)
        elif word in example.embedding:
            near = [(row.word, row.similarity) for row in neighbours(example.embedding, word, NEAREST).rows]
        else:  # its vector is random
            near = []
        rows.append((word, ", ".join(f"{other} {in_passing(cosine, 2)}" for other, cosine in near)))
    if example.at_will:
        return Table(
            _("Cosines to the other vectors, which are arbitrary too"), (_("token"), _("cosines")), tuple(rows)
        )
    if example.embedding:
        title = _("Nearest by cosine in {name}", name=example.embedding.name)
    else:
        title = _("Nearest by cosine in the model's own vocabulary")
    return Table(title, (_("token"), _("neighbours")), tuple(rows))


def _words(example: Example, side: str) -> tuple[str, ...]:
    return (example.translator.source if side == "source" else example.translator.target).words
