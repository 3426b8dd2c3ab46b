"""The steps before the vectors: what is read, as tokens with their numbers, and what stands near them."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.embeddings.neighbours import neighbours
from explorer.lessons.example import Example
from explorer.lessons.numbers import in_passing
from explorer.lessons.steps import Step, Table
from explorer.texts import _, _n
from explorer.transformer.inspection import nearest_in_table
from explorer.transformer.notation import told_apart
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import END, MARKS, START, UNKNOWN
from explorer.writing.documents import literal

_WAY = _(
    "This lesson follows one sentence pair through a transformer: from the words to a prediction of each next word, "
    "from there to the loss, and back to better weights."
)
_WAY_OF_A_LABEL = _(
    "This lesson follows one text through a classifier: from the words to a prediction of its label, from there to the "
    "loss, and back to better weights."
)
_WAY_OF_LANGUAGE = _(
    "This lesson follows one sentence through a [[language model]], a [[decoder]] alone: from the words so far to a "
    "prediction of each next word, from there to the loss, and back to better weights."
)
_WAY_OF_THE_ENCODER = _("This lesson follows one sentence through the encoder of a transformer.")
_COUNTING = _("All counting starts at 1; only code and names of cells, such as {table}\\[4,0\\], count from 0.")
NEAREST = 4  # neighbours of a word that a lesson names


def tokens_step(example: Example) -> Step:
    """The words that are read first, as tokens: the source, or the sentence of a language model."""
    side, vocabulary = example.translator.side, example.translator.source
    ids = example.translator.read(example.words).tolist()
    words = (*[MARKS[START]] * (len(ids) - len(example.words)), *example.words)  # a classifier may read one more
    rows = tuple((word, id_ + 1) for word, id_ in zip(told_apart(words), ids, strict=True))
    if example.is_of_language:
        title, split = _("The sentence"), _("First the sentence is split into [[token|tokens]], here words.")
        number = _("Each token gets its number in the vocabulary, which has {count:,} entries.", count=len(vocabulary))
    else:
        title = _("The source")
        split = _("First the source, which the [[encoder]] reads, is split into [[token|tokens]], here words.")
        number = _(
            "Each token gets its number in the source's vocabulary, which has {count:,} entries.", count=len(vocabulary)
        )
    return Step(
        f"{side}.tokens",
        _("Tokens"),
        " ".join(
            (
                _way(example),
                split,
                number,
                _known(example),
                _COUNTING.format(table=example.translator.table),
            )
        ),
        (),
        (),
        (Table(title, (_("token"), _("number")), rows),),
    )


def _way(example: Example) -> str:
    """What the lesson follows."""
    if example.is_of_language:
        return _WAY_OF_LANGUAGE
    return _WAY_OF_A_LABEL if example.label else _WAY if example.target else _WAY_OF_THE_ENCODER


def _known(example: Example) -> str:
    """Which of the words are in the vocabulary."""
    if unknown := example.translator.unknown(example.words):
        return _n(
            "{words} is not in it and is read as {unknown}.",
            "{words} are not in it and are read as {unknown}.",
            len(unknown),
            words=literal(", ".join(unknown)),
            unknown=literal(MARKS[UNKNOWN]),
        )
    if example.embedding is not None:
        return _(
            "It was made from this sentence: it has all its words, after the {count} [[special token|special tokens]].",
            count=len(MARKS),
        )
    return _(
        "All words of this sentence are in it; a word that is not in it would be read as {unknown}.",
        unknown=literal(MARKS[UNKNOWN]),
    )


def shifted_step(example: Example, trace: Trace) -> Step:
    """What a decoder reads, and what it is to say there."""
    rows = tuple(zip(trace.target_names, (*example.target, MARKS[END]), strict=True))
    marks = {"start": literal(MARKS[START]), "end": literal(MARKS[END])}
    if example.is_of_language:
        key, title = "target.shifted", _("The sentence")
        shifted = _(
            "A [[language model]] learns from any text, for the text itself has the right answers: after the words so "
            "far, the right one is simply the next word. So the input is the sentence shifted by one: it begins with "
            "the [[special token]] {start}, and the last token that the model should predict is {end}.",
            **marks,
        )
    else:
        key, title = "target.tokens", _("The target")
        shifted = _(
            "The [[decoder]] reads the right words so far and predicts the next one: this is [[teacher forcing]]."
            " So its input is shifted by one: it begins with the [[special token]] {start}, and the last token "
            "that it should predict is {end}.",
            **marks,
        )
    table = Table(title, (_("input"), _("should predict")), rows)
    return Step(key, _("Shifted by one"), shifted, (), (), (table,))


def neighbour_table(example: Example, words: Iterable[str], side: str = "source") -> Table:
    """The nearest neighbours of each word by [[cosine]]: in the embedding, or in the model's own table."""
    rows = []
    for word in words:
        if example.embedding is None:
            near = nearest_in_table(
                example.translator.vectors(side), example.translator.vocabulary(side).words, word, NEAREST
            )
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
