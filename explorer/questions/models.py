"""Questions about models: which there are, how good one is, where several differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.embeddings import bounds
from explorer.questions import parameter
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, Question, silent
from explorer.questions.words import AskedOfModel
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.embeddings import alignment, catalog, downloads, drift, evaluation, health, side_by_side, verdict


def _asked_word() -> Any:
    return parameter.text(
        REQUIRED,
        _("a word, a phrase or a formula"),
        longest=bounds.LONGEST_QUERY,
        positional=True,
        example="airplane",
    )


class ToAsk(NamedTuple):
    """The models to ask about a word; of those that are not asked, which lack it, and which are left, as enough have
    it."""

    asked: Sequence[str]
    lacking: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def models_to_ask(word: str, names: Sequence[str] | None = None) -> ToAsk:
    """Where nobody named any models and there are many, the first that have the word are asked."""
    from explorer.embeddings import catalog

    if names:
        return ToAsk(names)
    installed = catalog.names()
    if len(installed) <= bounds.BESIDE:
        return ToAsk(installed)
    asked = list(islice(catalog.models_with(word), bounds.BESIDE))
    if not asked:
        return ToAsk(installed[: bounds.BESIDE])  # which say that they lack it
    looked_at = len(installed) if len(asked) < bounds.BESIDE else installed.index(asked[-1]) + 1
    lacking = tuple(name for name in installed[:looked_at] if name not in asked)
    return ToAsk(asked, lacking, tuple(installed[looked_at:]))


class SideBySide(Question):
    """The neighbours of a word in several models, and which of them they share."""

    room = _("Models")
    word: str = _asked_word()
    models: tuple[str, ...] | None = parameter.models(
        None,
        bounds.MOST_MODELS,
        _("the models to ask, in this order; where none is named, the first four that have the word"),
    )
    n: int = parameter.whole(
        bounds.DEFAULT_NEIGHBOURS,
        1,
        bounds.MOST_IN_COLUMN,
        _("how many of the nearest words to list in each model"),
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

    def answer(self, progress: Progress = silent) -> side_by_side.SideBySide:
        from explorer.embeddings import catalog
        from explorer.embeddings.side_by_side import side_by_side

        asked, lacking, left = models_to_ask(self.word, self.models)
        answer = side_by_side(list(map(catalog.load, asked)), self.word, self.n, self.pos)
        return replace(answer, lacking=lacking, left=left)


class Disagreement(Question):
    """The words whose neighbours differ most in two models."""

    room = _("Models")
    is_long = True
    first: str = parameter.model(
        _("one of two models to compare"),
        default=REQUIRED,
        positional=True,
        label=_("First model"),
        example="wiki-en-word2vec",
    )
    second: str = parameter.model(
        _("the model to compare it with"),
        default=REQUIRED,
        positional=True,
        label=_("Second model"),
        example="wiki-en-glove",
    )
    k: int = parameter.whole(
        10, 1, bounds.MOST_NEAREST, _("how many neighbours of each word are compared"), label=_("Neighbours compared")
    )
    most: int = parameter.whole(
        5_000,
        2,
        bounds.MOST_COMPARED,
        _("how many words to compare: the most frequent of those that both models have"),
        label=_("Most frequent words"),
        example=200,
    )

    def answer(self, progress: Progress = silent) -> side_by_side.Disagreement:
        from explorer.embeddings import catalog
        from explorer.embeddings.side_by_side import disagreement

        first, second = catalog.load(self.first), catalog.load(self.second)
        return disagreement(first, second, self.k, self.most, lambda share: progress("comparing", share))


class AlignedMap(Question):
    """The neighbours of a word in two models on one map, one model turned onto the other."""

    room = _("Models")
    word: str = parameter.text(
        REQUIRED, _("a word that both have"), longest=bounds.LONGEST_QUERY, positional=True, example="airplane"
    )
    first: str = parameter.model(
        _("one of two models to compare"),
        default=REQUIRED,
        positional=True,
        label=_("First model"),
        example="wiki-en-word2vec",
    )
    second: str = parameter.model(
        _("the model to compare it with"),
        default=REQUIRED,
        positional=True,
        label=_("Second model"),
        example="wiki-en-glove",
    )
    n: int = parameter.whole(
        bounds.DEFAULT_NEIGHBOURS,
        1,
        bounds.MOST_AROUND,
        _("how many of the nearest words to list in each model"),
        label=_("Neighbours"),
    )

    def answer(self, progress: Progress = silent) -> alignment.AlignedMap:
        from explorer.embeddings import catalog
        from explorer.embeddings.alignment import align, aligned_map

        return aligned_map(align(catalog.load(self.first), catalog.load(self.second)), self.word, self.n)


class Drift(Question):
    """How near words are to one word in several models, in their order: as of successive years."""

    room = _("Models")
    word: str = _asked_word()
    models: tuple[str, ...] | None = parameter.models(
        None,
        bounds.MOST_MODELS,
        _("two models or more, in the order of their times; the first four that have the word where none is named"),
    )
    words: tuple[str, ...] | None = parameter.texts(
        None, bounds.MOST_WORDS, _("words whose nearness to follow; the nearest in each model where none is named")
    )
    n: int = parameter.whole(
        bounds.FOLLOWED,
        1,
        bounds.MOST_NEAREST,
        _("how many neighbours in each model are followed"),
        label=_("Followed"),
    )

    def answer(self, progress: Progress = silent) -> drift.Drift:
        from explorer.embeddings import catalog
        from explorer.embeddings.drift import drift

        asked, lacking, left = models_to_ask(self.word, self.models)
        answer = drift(list(map(catalog.load, asked)), self.word, self.words or (), self.n)
        corpora = {catalog.card(name).corpus.get("name", "") for name in answer.models}
        return replace(
            answer,
            lacking=(*answer.lacking, *lacking),
            left=left,
            corpus=corpora.pop() if len(corpora) == 1 else "",
        )


class Models(Question):
    """The models that are installed, with their cards, and those that can be downloaded."""

    room = _("Models")

    def answer(self, progress: Progress = silent) -> downloads.Models:
        from explorer.embeddings.downloads import models

        return models()


class Card(AskedOfModel):
    """What a model is and how it was made: its card."""

    room = _("Models")
    model: str | None = parameter.model(_("the model whose card to show"), positional=True)

    def answer(self, progress: Progress = silent) -> catalog.Card:
        from explorer.embeddings import catalog

        return catalog.card(self.model or catalog.DEFAULT)


class Health(AskedOfModel):
    """Hubness, anisotropy and frequency bias of a model, and what centring does to them."""

    room = _("Models")
    is_long = True
    model: str | None = parameter.model(_("the model to examine"), positional=True)
    words: int = parameter.whole(
        bounds.MEASURED,
        bounds.FEWEST_MEASURED,
        bounds.MOST_MEASURED,
        _("how many of the most frequent words to measure"),
        label=_("Most frequent words"),
        example=500,
    )
    components: int | None = parameter.whole(
        None,
        1,
        bounds.MOST_COMPONENTS,
        _("how many principal components to remove for all-but-the-top; a hundredth of the dimensions where left open"),
        label=_("Components removed"),
    )
    word: str | None = parameter.text(
        None,
        _("a word whose neighbours are listed as they are, centred, and all but the top"),
        longest=bounds.LONGEST_QUERY,
        label=_("A word"),
        example="king",
    )

    def answer(self, progress: Progress = silent) -> health.ModelHealth:
        from explorer.embeddings.health import ModelHealth, examine, example_of
        from explorer.embeddings.verdict import of_health

        measured = self.embedding, self.words, self.components
        example = example_of(self.word, *measured) if self.word else None
        spaces = examine(*measured, lambda share: progress("measuring", share))
        return ModelHealth(self.embedding.name, spaces, of_health(spaces[0], self.embedding).sentences, example)


class Verdict(AskedOfModel):
    """What a model is good for and of what to beware, by measured values and stated rules."""

    room = _("Models")
    is_long = True
    model: str | None = parameter.model(_("the model to judge"), positional=True)
    words: int = parameter.whole(
        bounds.MEASURED,
        bounds.FEWEST_MEASURED,
        bounds.MOST_MEASURED,
        _("over how many of the most frequent words hubs and the like are measured"),
        label=_("Most frequent words"),
        example=500,
    )

    def answer(self, progress: Progress = silent) -> verdict.Verdict:
        from explorer.embeddings.verdict import verdict

        return verdict(self.embedding, self.words, lambda share: progress("measuring", share))


class Evaluate(AskedOfModel):
    """Analogies and word pairs that people judged, as gensim evaluates them."""

    room = _("Models")
    is_long = True
    model: str | None = parameter.model(_("the model to evaluate"), positional=True)
    restrict_vocab: int = parameter.whole(
        bounds.EVALUATED,
        1,
        bounds.MOST_EVALUATED,
        _("how many of the most frequent words may answer an analogy"),
        label=_("Most frequent words"),
        aliases=["restrict_vocabulary"],
        example=2000,
    )

    def answer(self, progress: Progress = silent) -> evaluation.Scores:
        from explorer.embeddings.evaluation import evaluate_model

        embedding = self.embedding
        for scores in evaluate_model(embedding, self.restrict_vocab):
            progress("evaluating", scores.done)
        return scores
