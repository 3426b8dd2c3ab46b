"""Questions that are answered by a picture: maps and graphs of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.embeddings import bounds
from explorer.errors import UserError
from explorer.questions import parameter
from explorer.questions.question import Progress, silent
from explorer.questions.words import AskedOfModel, where
from explorer.texts import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.embeddings import neighbour_list, pictures
    from explorer.embeddings.atlas_part import AtlasPart
    from explorer.embeddings.map_words import MapWords
    from explorer.embeddings.projection import Watch

_BESIDE = 40  # words of a map beside a list: more have no room for their names


def _seed(**more: Any) -> Any:
    return parameter.whole(
        0, 0, bounds.HIGHEST_SEED, _("where random numbers begin; the same seed draws the same picture"), **more
    )


class AskedOfMap(AskedOfModel):
    """A picture of the words around one, of a list of words, or of the most frequent."""

    room = _("Maps")
    words: tuple[str, ...] | None = parameter.texts(None, bounds.MOST_POINTS, _("the words to draw"), positional=True)
    around: str | None = parameter.text(
        None,
        _("a word, a phrase or a formula to draw with its neighbours, instead of a list"),
        longest=bounds.LONGEST_QUERY,
        example="airplane",
    )
    n: int = parameter.whole(
        50,
        1,
        bounds.MOST_AROUND,
        _("how many of the nearest words to draw around it"),
        label=_("Neighbours"),
        needs={"around": True},
    )
    most_frequent: int | None = parameter.whole(
        None, 2, bounds.MOST_POINTS, _("draw this many of the most frequent words, instead of a list"), unit=_("words")
    )
    where: tuple[str, ...] | None = where()

    def check(self) -> None:
        if sum(choice is not None for choice in (self.words, self.around, self.most_frequent)) != 1:
            raise UserError(_("Give the words to draw, or around, or most_frequent: one of the three."))

    @property
    def map_words(self) -> MapWords:
        """The words of the picture. Raises UserError where what is left out leaves too few."""
        from explorer.embeddings.map_words import around, listed, most_frequent, with_centre

        if self.around is not None:
            words = around(self.embedding, self.around, self.n, self.where)
            words = with_centre(self.embedding, words, self.around)
        elif self.most_frequent is not None:
            words = most_frequent(self.embedding, self.most_frequent, self.where)
        else:
            words = listed(self.embedding, self.words or (), self.where)
        if words.sentences and len(words.words) < 2:
            left = _("That leaves too few words to draw: give two words or more.")
            raise UserError(" ".join([*words.sentences, left]))
        return words


_RANDOM = {"method": ("t-sne", "umap")}


class Map(AskedOfMap):
    """Words in two or three dimensions, and how far the map can be trusted."""

    is_long = True
    method: str = parameter.choice(
        "pca",
        bounds.MAP_METHODS,
        _("how the map is computed: PCA keeps large distances, t-SNE and UMAP keep neighbours together"),
    )
    dimensions: int = parameter.whole(2, 2, 3, _("draw the words on a plane (2) or in space (3)"))
    perplexity: float = parameter.number(
        30,
        1,
        bounds.HIGHEST_PERPLEXITY,
        _("about how many neighbours of each word the map keeps; few show small groups, many show the whole"),
        unit=_("neighbours"),
        needs=_RANDOM,
    )
    seed: int = _seed(needs=_RANDOM)

    def answer(self, progress: Progress = silent, watch: Watch | None = None) -> pictures.WordMap:
        """The map; `watch` sees where t-SNE has the words meanwhile."""
        return self.of(self.map_words, progress, watch)

    def of(self, words: MapWords, progress: Progress = silent, watch: Watch | None = None) -> pictures.WordMap:
        """The map of these words."""
        from explorer.embeddings.pictures import WordMap
        from explorer.embeddings.projection import project

        projection = project(
            words.vectors_in(self.embedding),
            words.words,
            self.method,
            self.dimensions,
            self.perplexity,
            self.seed,
            lambda share: progress("drawing", share),
            watch,
        )
        return WordMap(projection, words)


class Graph(AskedOfMap):
    """Words as a graph: an edge joins two words whose cosine is high enough, or each word to its nearest."""

    threshold: float = parameter.number(
        0.6,
        -1,
        1,
        _("an edge joins two words with this cosine or a higher one: the higher, the fewer edges"),
        unit=_("cosine"),
        label=_("Join words from a cosine of"),
        without=["nearest"],
    )
    nearest: int | None = parameter.whole(
        None,
        1,
        bounds.MOST_JOINED,
        _("join each word to this many of its nearest words, whatever their cosines"),
        label=_("Join each to its nearest"),
        unit=_("words"),
    )
    seed: int = _seed()

    def answer(self, progress: Progress = silent) -> pictures.WordGraph:
        from explorer.embeddings.graph import neighbour_graph
        from explorer.embeddings.pictures import WordGraph

        words, how = self.map_words, (self.threshold, self.seed)
        embedding = words.vectors_in(self.embedding)
        return WordGraph(neighbour_graph(embedding, words.words, *how, words.centre, self.nearest), words)


class Atlas(AskedOfModel):
    """Where words lie on the one map of all words of a model, and the clusters there with their names.

    The map is computed once, by `project`; the shipped models have theirs. Without words, all are answered.
    """

    room = _("Maps")
    words: tuple[str, ...] | None = parameter.texts(None, bounds.LONGEST_LIST, _("only these words"), positional=True)
    around: str | None = parameter.text(
        None,
        _("only a word, a phrase or a formula and its neighbours"),
        longest=bounds.LONGEST_QUERY,
        example="airplane",
    )
    n: int = parameter.whole(
        bounds.DEFAULT_NEIGHBOURS,
        1,
        bounds.MOST_AROUND,
        _("how many of the nearest words to draw around it"),
        label=_("Neighbours"),
        needs={"around": True},
    )
    most_frequent: int | None = parameter.whole(
        None, 1, bounds.MOST_PLACED, _("only this many of the most frequent words"), unit=_("words")
    )
    over: str | None = parameter.model(
        _("turned to lie over the map of this model"), label=_("Over the map of"), example="wiki-en-glove"
    )
    where: tuple[str, ...] | None = where()

    def check(self) -> None:
        if sum(choice is not None for choice in (self.words, self.around, self.most_frequent)) > 1:
            raise UserError(_("Give words, or around, or most_frequent: one of the three, or none for all words."))

    def answer(self, progress: Progress = silent) -> AtlasPart:
        from explorer.embeddings import catalog
        from explorer.embeddings.atlas_part import atlas_part
        from explorer.embeddings.map_words import around, first, listed

        embedding, over = self.embedding, catalog.load(self.over) if self.over else None
        if self.around is not None:
            return atlas_part(embedding, around(embedding, self.around, self.n, self.where), over)
        if self.words is not None:
            return atlas_part(embedding, listed(embedding, self.words, self.where), over)
        if self.most_frequent is None and self.where is None:
            return atlas_part(embedding, over=over)
        return atlas_part(embedding, first(embedding, self.most_frequent or bounds.MOST_PLACED, self.where), over)


def map_beside(answer: neighbour_list.Answer, pos: Sequence[str] | None = None) -> pictures.WordMap | None:
    """The map of the words that an answer lists, and of what was asked, with these parts of speech; None for two words
    or fewer."""
    from explorer.embeddings.map_words import with_centre

    words = tuple(dict.fromkeys([*_asked(answer), *(row.word for row in answer.rows)]))[:_BESIDE]
    if len(words) <= 2:
        return None
    question = Map(model=answer.model, words=words)
    return question.of(with_centre(question.embedding, question.map_words, answer.asked, pos))


def atlas_beside(answer: neighbour_list.Answer) -> AtlasPart | None:
    """The words that an answer lists, and the asked word, on the map of all words; None where there is no such map."""
    from dataclasses import replace

    from explorer.embeddings import catalog
    from explorer.embeddings.atlas import has_atlas

    words = tuple(dict.fromkeys([*_asked(answer), *(row.word for row in answer.rows)]))
    if not words or not has_atlas(catalog.load(answer.model).name):
        return None
    part = Atlas(model=answer.model, words=words).answer()
    return replace(part, drawn=replace(part.drawn, centre=answer.word))


def _asked(answer: neighbour_list.Answer) -> list[str]:
    """The asked word, where it is one of the model."""
    from explorer.embeddings import catalog

    return [answer.word] if answer.word in catalog.load(answer.model) else []
