"""Questions about one word: what is near to it, how it is written, its vector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.embeddings import bounds
from explorer.questions.parameter import REQUIRED, Choice, Flag, Model, Text, Texts, Whole
from explorer.questions.question import Progress, Question, silent

if TYPE_CHECKING:
    from explorer.answers import Answer
    from explorer.embeddings.embedding import Embedding


class AskedOfModel(Question):
    """A question to one model."""

    room = "Words"
    model: str | None = Model()

    @property
    def embedding(self) -> Embedding:
        """The model that is asked. Raises UserError for a name that no model has."""
        from explorer.embeddings import catalog

        return catalog.load(self.model)


class Neighbours(AskedOfModel):
    """The words nearest to a word, a phrase or a formula."""

    word: str = Text(
        REQUIRED,
        "a word, a phrase or a formula such as king - man + woman",
        longest=bounds.LONGEST_QUERY,
        positional=True,
        example="airplane",
    )
    n: int = Whole(bounds.DEFAULT_NEIGHBOURS, 1, bounds.MOST_NEIGHBOURS, "how many neighbours", label="Neighbours")
    pos: str | None = Choice(
        None, bounds.UNIVERSAL_TAGS, "only words of this part of speech", label="Part of speech", example="NOUN"
    )
    metric: str = Choice("cosine", bounds.METRICS, "what near means", label="Measure")
    band: str | None = Choice(None, bounds.TIERS, "only words of this frequency band", label="Frequency")
    minimum_count: int = Whole(
        0, 0, bounds.HIGHEST_COUNT, "only words that occur at least this often", unit="occurrences", aliases=["min_count"]
    )
    maximum_count: int | None = Whole(
        None, 0, bounds.HIGHEST_COUNT, "only words that occur at most this often", unit="occurrences", aliases=["max_count"]
    )
    among: tuple[str, ...] | None = Texts(None, bounds.LONGEST_LIST, "only these words", label="Only these words", files=True)
    pattern: str | None = Text(
        None,
        "only words in which this regular expression (RE2) is found",
        longest=bounds.LONGEST_PATTERN,
        label="Regular expression",
        aliases=["regex"],
    )
    approximate: bool = Flag("search the approximate index of the model, see `index`", label="Approximate search")

    def answer(self, progress: Progress = silent) -> Answer:
        from explorer.embeddings.evidence import with_evidence
        from explorer.embeddings.neighbours import neighbours

        embedding = self.embedding
        answer = neighbours(
            embedding,
            self.word,
            self.n,
            self.pos,
            self.minimum_count,
            metric=self.metric,  # type: ignore[arg-type]
            maximum_count=self.maximum_count,
            band=self.band,
            among=self.among,
            pattern=self.pattern,
            index=_index(embedding) if self.approximate else None,
        )
        return with_evidence(embedding, answer)


class Complete(AskedOfModel):
    """The most frequent words that begin like this, in any case."""

    prefix: str = Text(REQUIRED, "the beginning of a word", longest=bounds.LONGEST_WORD, positional=True, example="airpl")
    n: int = Whole(20, 1, bounds.MOST_MATCHES, "at most this many words")

    def answer(self, progress: Progress = silent) -> Answer:
        from explorer.embeddings.patterns import beginning_with

        return beginning_with(self.embedding, self.prefix, self.n)


class Search(AskedOfModel):
    """The words in which a regular expression is found, the most frequent first."""

    pattern: str = Text(
        REQUIRED,
        "a regular expression (RE2); ^ and $ are a word's ends",
        longest=bounds.LONGEST_PATTERN,
        positional=True,
        example="plane$",
    )
    n: int = Whole(20, 1, bounds.MOST_MATCHES, "at most this many words")

    def answer(self, progress: Progress = silent) -> Answer:
        from explorer.embeddings.patterns import search

        return search(self.embedding, self.pattern, self.n)


def _index(embedding: Embedding) -> Any:
    """The approximate index of a model. Raises UserError where none was built."""
    from explorer.embeddings import catalog
    from explorer.embeddings.search import approximate
    from explorer.errors import UserError

    index = approximate.opened(embedding, catalog.CACHE)
    if index is None:
        raise UserError(f"{embedding.name} has no index. Build it with `explorer index --model {embedding.name}`.")
    return index
