"""Questions about several words, or about a pair of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.embeddings import bounds
from explorer.errors import UserError
from explorer.questions import parameter
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, silent
from explorer.questions.words import AskedOfModel, without_forms
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.embeddings import analogy, axes, contributions, matrix, odd_one_out, percentiles, similarity


class Similarity(AskedOfModel):
    """The cosine of two words or phrases, or of many pairs."""

    room = _("Several words")
    first: str | None = parameter.text(
        None,
        _("a word or a phrase"),
        longest=bounds.LONGEST_QUERY,
        positional=True,
        label=_("One word"),
        example="king",
    )
    second: str | None = parameter.text(
        None,
        _("the word to compare it with"),
        longest=bounds.LONGEST_QUERY,
        positional=True,
        label=_("The other"),
        example="queen",
    )
    pairs: tuple[tuple[str, str], ...] | None = parameter.pairs(
        None, bounds.MOST_PAIRS, _("many pairs to compare, instead of two words")
    )

    def check(self) -> None:
        if self.pairs is not None and (self.first is not None or self.second is not None):
            raise UserError(_("Give two words or pairs, not both."))
        if self.pairs is None and (self.first is None or self.second is None):
            raise UserError(_("Similarity is asked of two words: give both, or give pairs."))

    def answer(self, progress: Progress = silent) -> similarity.Pair | Any:
        from explorer.embeddings.similarity import similarities, similarity

        if self.pairs is not None:
            return similarities(self.embedding, self.pairs)
        assert self.first is not None
        assert self.second is not None
        return similarity(self.embedding, self.first, self.second)


class Matrix(AskedOfModel):
    """The cosine of every word with every other, similar words beside each other."""

    room = _("Several words")
    words: tuple[str, ...] = parameter.words(
        REQUIRED,
        bounds.MOST_WORDS,
        _("the words or phrases to compare with each other"),
        fewest=2,
        positional=True,
        example=["king", "queen", "car", "truck"],
    )

    def answer(self, progress: Progress = silent) -> matrix.Matrix:
        from explorer.embeddings.matrix import matrix

        return matrix(self.embedding, self.words)


class Analogy(AskedOfModel):
    """The words nearest to a formula, such as king - man + woman."""

    room = _("Several words")
    formula: str = parameter.text(
        REQUIRED,
        _("words with + and - between them; a weight stands before its word, as in 0.5 * queen"),
        longest=bounds.LONGEST_QUERY,
        positional=True,
        example="king - man + woman",
    )
    n: int = parameter.whole(
        bounds.DEFAULT_NEIGHBOURS,
        1,
        bounds.MOST_NEIGHBOURS,
        _("how many of the nearest words to list"),
        label=_("Answers"),
    )
    method: str = parameter.choice(
        "add",
        bounds.ANALOGY_METHODS,
        _(
            "how words are combined: add their vectors (3CosAdd), or multiply cosines (3CosMul), so that no word "
            "outweighs another"
        ),
    )

    without_forms: bool = without_forms()

    def answer(self, progress: Progress = silent) -> analogy.Analogy:
        from explorer.embeddings.analogy import analogy

        return analogy(self.embedding, self.formula, self.n, self.method, self.without_forms)


class OddOneOut(AskedOfModel):
    """The word of a list that fits the others least."""

    room = _("Several words")
    words: tuple[str, ...] = parameter.words(
        REQUIRED,
        bounds.MOST_WORDS,
        _("the words or phrases of which one does not fit"),
        fewest=3,
        positional=True,
        example=["breakfast", "cereal", "dinner", "lunch"],
    )

    def answer(self, progress: Progress = silent) -> odd_one_out.OddOneOut:
        from explorer.embeddings.odd_one_out import odd_one_out

        return odd_one_out(self.embedding, self.words)


class Placement(AskedOfModel):
    """Where words lie between two ends, such as cheap and expensive."""

    name = "axes"
    room = _("Several words")
    words: tuple[str, ...] = parameter.texts(
        REQUIRED, bounds.MOST_WORDS, _("the words to place"), positional=True, example=["bread", "yacht", "villa"]
    )
    axis: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = parameter.axes(
        REQUIRED,
        bounds.MOST_AXES,
        _("an axis: its start and its end, each one word or several; may be repeated"),
        example=[[["cheap"], ["expensive"]]],
    )

    def answer(self, progress: Progress = silent) -> axes.Placement:
        from explorer.embeddings.axes import place

        return place(self.embedding, self.words, self.axis)


class AskedOfPair(AskedOfModel):
    """A question about two words of the vocabulary."""

    room = _("Several words")
    first: str = parameter.text(
        REQUIRED, _("a word"), longest=bounds.LONGEST_QUERY, positional=True, label=_("One word"), example="airplane"
    )
    second: str = parameter.text(
        REQUIRED,
        _("the word to compare it with"),
        longest=bounds.LONGEST_QUERY,
        positional=True,
        label=_("The other"),
        example="helicopter",
    )


class Percentile(AskedOfPair):
    """How high the cosine of two words is among random pairs of equally frequent words."""

    def answer(self, progress: Progress = silent) -> percentiles.Percentile:
        from explorer.embeddings.percentiles import percentile

        return percentile(self.embedding, self.first, self.second)


class Why(AskedOfPair):
    """What the cosine of two words is made of: the share of each dimension, and the neighbours they share."""

    n: int = parameter.whole(
        10,
        1,
        bounds.MOST_DIMENSIONS,
        _("how many dimensions to list: those with the largest share of the cosine"),
        label=_("Dimensions"),
    )

    def answer(self, progress: Progress = silent) -> contributions.Contributions:
        from explorer.embeddings.contributions import contributions

        return contributions(self.embedding, self.first, self.second, self.n)
