"""Questions about one word: what is near to it, how it is written, its vector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.embeddings import bounds
from explorer.questions import parameter
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Basis, Progress, Question, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.embeddings import neighbour_list, patterns, queries
    from explorer.embeddings.embedding import Embedding
    from explorer.embeddings.search.nearest import VectorSearch


class AskedOfModel(Question):
    """A question to one model."""

    room = _("Words")
    model: str | None = parameter.model()

    @property
    def embedding(self) -> Embedding:
        """The model that is asked. Raises UserError for a name that no model has."""
        from explorer.embeddings import catalog

        return catalog.load(self.model)


def without_forms() -> Any:
    """The parameter of a question that can leave out the asked words in other forms."""
    return parameter.flag(
        _("leave out other forms of the asked words, such as Cat and cats for cat: case, plural, possessive, sense"),
        label=_("Other forms"),
    )


def where() -> Any:
    """The parameter of a question whose words can be chosen by their further columns."""
    return parameter.texts(
        None,
        bounds.MOST_CONDITIONS,
        _("only words that have these values in further columns of the model's file, such as category=bird"),
        label=_("Further columns"),
    )


class Neighbours(AskedOfModel):
    """The words nearest to a word, a phrase or a formula.

    The columns of its table: similarity is the cosine, and score is what the metric says, by default the cosine too;
    pos is the part of speech, and tier how frequent the word is; percentile is the share (0 to 1) of random pairs whose
    cosine is lower; survived is the number of retrained models in which the word is a neighbour too.
    """

    word: str = parameter.text(
        REQUIRED,
        _("a word, a phrase or a formula such as king - man + woman"),
        longest=bounds.LONGEST_QUERY,
        positional=True,
        example="airplane",
    )
    n: int = parameter.whole(
        bounds.DEFAULT_NEIGHBOURS,
        1,
        bounds.MOST_NEIGHBOURS,
        _("how many of the nearest words to list"),
        label=_("Neighbours"),
    )
    pos: str | None = parameter.choices(
        None,
        bounds.UNIVERSAL_TAGS,
        _(
            "only words of this part of speech, or of one of these, in at least {least}% of their uses",
            least=bounds.LEAST_SHARE,
        ),
        label=_("Part of speech"),
        example="NOUN",
    )
    metric: str = parameter.choice(
        "cosine",
        bounds.METRICS,
        _("how nearness is measured: only the cosine ignores how long the vectors are"),
        label=_("Measure"),
    )
    band: str | None = parameter.choice(
        None,
        bounds.TIERS,
        _("only words this frequent: high is more than 10 in a million words, low fewer than 1 in 2 million"),
        label=_("Frequency"),
    )
    minimum_count: int = parameter.whole(
        0,
        0,
        bounds.HIGHEST_COUNT,
        _(
            "only words that occur at least this often where the model was trained: the vectors of rare words are "
            "unreliable"
        ),
        unit=_("occurrences"),
        aliases=["min_count"],
    )
    maximum_count: int | None = parameter.whole(
        None,
        0,
        bounds.HIGHEST_COUNT,
        _("only words that occur at most this often where the model was trained"),
        unit=_("occurrences"),
        aliases=["max_count"],
    )
    among: tuple[str, ...] | None = parameter.texts(
        None, bounds.LONGEST_LIST, _("only words of this list, and no others"), label=_("Only these words"), files=True
    )
    pattern: str | None = parameter.text(
        None,
        _("only words in which this regular expression (RE2) is found: ^air begins a word, plane$ ends it"),
        longest=bounds.LONGEST_PATTERN,
        label=_("Regular expression"),
        aliases=["regex"],
    )
    approximate: bool = parameter.flag(
        _("search an index of the model: quicker, but it may miss a neighbour; `index` builds it"),
        label=_("Approximate search"),
    )

    where: tuple[str, ...] | None = where()
    without_forms: bool = without_forms()

    def basis(self) -> Basis | None:
        """For a few neighbours, without filters, of a word that stands so in the vocabulary of an open model of this
        machine."""
        from explorer.embeddings import catalog, stability
        from explorer.embeddings.engine.models import is_remote

        name = self.model or catalog.DEFAULT
        if self.n > bounds.MOST_NEAREST or self.own_values.keys() - {"word", "n", "model"}:
            return None
        if is_remote(name):  # an engine would have to be asked, and may take seconds
            return None
        embedding = catalog.if_open(name)
        if embedding is None or self.word not in embedding or not catalog.is_seen(name):
            return None
        return Basis(embedding, stability.state(embedding))

    def search(self) -> VectorSearch | None:
        from explorer.embeddings.search.nearest import VectorSearch

        embedding = self.embedding
        if embedding.remote or self.word not in embedding or not (query := embedding.vector(self.word)).any():
            return None
        return VectorSearch(embedding, query, self.n + 1)  # for the word itself, which is left out

    def answer(self, progress: Progress = silent) -> neighbour_list.Answer:
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
            without_forms=self.without_forms,
            where=self.where,
        )
        return with_evidence(embedding, answer, self.pos)


class Complete(AskedOfModel):
    """The most frequent words that begin like this, in any case."""

    prefix: str = parameter.text(
        REQUIRED, _("the beginning of a word"), longest=bounds.LONGEST_WORD, positional=True, example="airpl"
    )
    n: int = parameter.whole(20, 1, bounds.MOST_MATCHES, _("at most this many words"))
    spelled_alike: bool = parameter.flag(
        _("where few words begin like this, also words that are spelled much like it; first the word itself"),
        label=_("Spelled alike"),
    )

    def answer(self, progress: Progress = silent) -> patterns.Matches:
        from explorer.embeddings.patterns import beginning_with, suggestions

        return (suggestions if self.spelled_alike else beginning_with)(self.embedding, self.prefix, self.n)


class Search(AskedOfModel):
    """The words in which a regular expression is found, the most frequent first."""

    pattern: str = parameter.text(
        REQUIRED,
        _("a regular expression (RE2): ^air begins a word, plane$ ends it, a.*e has something between"),
        longest=bounds.LONGEST_PATTERN,
        positional=True,
        label=_("Words that match the regular expression"),
        example="plane$",
    )
    n: int = parameter.whole(20, 1, bounds.MOST_MATCHES, _("at most this many words"))

    def answer(self, progress: Progress = silent) -> patterns.Matches:
        from explorer.embeddings.patterns import search

        return search(self.embedding, self.pattern, self.n)


class Vector(AskedOfModel):
    """The vector of a word, a phrase or a formula, and how it was found."""

    word: str = parameter.text(
        REQUIRED,
        _("a word, a phrase or a formula"),
        longest=bounds.LONGEST_QUERY,
        positional=True,
        example="airplane",
    )
    pos: str | None = parameter.choices(
        None,
        bounds.UNIVERSAL_TAGS,
        _("the part of speech of the word that is meant, or several, of which the first counts that it has"),
        label=_("Part of speech"),
    )

    def answer(self, progress: Progress = silent) -> queries.Vector:
        from explorer.embeddings.queries import vector

        return vector(self.embedding, self.word, self.pos)


def _index(embedding: Embedding) -> Any:
    """The approximate index of a model; an engine has its own. Raises UserError where none was built."""
    from explorer.embeddings import catalog
    from explorer.embeddings.search import approximate
    from explorer.errors import UserError

    index = None if embedding.remote else approximate.opened(embedding, catalog.CACHE)
    if index is None and embedding.remote is None:
        raise UserError(_("{name} has no index. Build it with `explorer index --model {name}`.", name=embedding.name))
    return index
