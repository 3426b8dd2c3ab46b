"""What the stage draws of words that have a place on a plane: maps, a part of the map of all words, graphs, two axes.

These are drawings as `drawings` has them, of the kind `map`, with at most so many named words as a room can read.
Beside `points` they may have `lines` between two of them, each with the place of both and how strong it is from 0 to 1;
`axes`, the names of both ends of each; and of the map of all words the `scale` that all places have, `areas` with their
names, a path of dots for each of the `colours`, which `legend` explains, and the `camera`: the place in the middle and
the zoom, by which the dots glide from one part of the map to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.embeddings import catalog
from explorer.embeddings.atlas import DENSITIES, JUDGED
from explorer.palette import CATEGORICAL, NEGATIVE, PARTS_OF_SPEECH, TIERS, shades
from explorer.talks.drawings import MOST_ROWS, View
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.embeddings.atlas_part import AtlasPart
    from explorer.embeddings.axes import Placement
    from explorer.embeddings.embedding import Array
    from explorer.embeddings.pictures import WordGraph, WordMap

MOST_POINTS = 26  # words with a name
_MOST_LIT = 12  # words around the asked one that have a name on the map of all words
_MOST_AREAS = 7
_MOST_DOTS = 3_000
_GRID = 1_000  # whole numbers from the middle of the stage to its edge
_WIDE = 2.5  # a stage is at most so many times as wide as it is high
_HIGH = 1.03  # names of words that lie on the edge of the stage are left out
_LEVEL = 2.7  # how much one zooms in until the names are of the next level, as on the page
_APART = 2.5  # the zoom from which the names of a word's neighbours do not stand on each other
_NEAR = 4.0  # the zoom from which words have their names
_NEAREST, _FURTHEST = 1.0, 400.0

_Point = dict[str, Any]


def word_map(answer: WordMap) -> View:
    """The first two axes; of many words those that are nearest to the centre, or the most frequent."""
    parts = {row.word: row.pos for row in answer.drawn.rows} | {answer.drawn.centre: "centre"}
    places = [(place.word, place.x, place.y) for place in answer.places[:MOST_POINTS]]
    points = [{"word": word, "x": x, "y": y, "role": parts.get(word, "")} for word, x, y in _filling(places)]
    caption = _(
        "{count} words of {model}, by {method}; trustworthiness {number:.2f}",
        count=len(points),
        model=catalog.title(answer.projection.model),
        method=answer.projection.method.upper() if answer.projection.method != "t-sne" else "t-SNE",
        number=answer.projection.trustworthiness,
    )
    return _view(points, caption, answer.drawn.centre or _("Words as a map"))


def word_graph(answer: WordGraph) -> View:
    """The words with the most lines, and these lines."""
    graph, centre = answer.graph, answer.drawn.centre
    degrees = graph.degrees
    chosen = sorted((word for word in degrees if degrees[word] or word == centre), key=lambda word: -degrees[word])
    if centre in degrees:
        chosen.sort(key=lambda word: word != centre)
    drawn = _filling([(word, graph.places[word][0], -graph.places[word][1]) for word in chosen[:MOST_POINTS]])
    points = [{"word": word, "x": x, "y": y, "role": "centre" * (word == centre)} for word, x, y in drawn]
    place = {point["word"]: number for number, point in enumerate(points)}
    lines = [
        [place[edge.first], place[edge.second], round(graph.strength(edge), 3)]
        for edge in graph.edges
        if edge.first in place and edge.second in place
    ]
    caption = " ".join([graph.rule, _("A thicker line is a higher cosine. {model}", model=catalog.title(graph.model))])
    shows = "; ".join(f"{edge.first} {edge.second} {edge.similarity:.4f}" for edge in graph.edges[:MOST_ROWS])
    title = _("Who is near to whom around “{word}”?", word=centre) if centre else _("Who is near to whom?")
    return View(_view(points, caption, title, lines=lines).drawing, shows)


def two_axes(answer: Placement) -> View:
    """Where words lie between the ends of the first two axes."""
    ends = [[", ".join(axis.start), ", ".join(axis.end)] for axis in answer.axes[:2]]
    at = answer.positions[:, :2] * (1, -1)  # (words, 2), to the bottom right
    reach = float(np.abs(at).max()) or 1.0
    points = [
        {"word": word, "x": round(0.5 + x / reach / 2, 4), "y": round(0.5 + y / reach / 2, 4), "role": ""}
        for word, (x, y) in islice(zip(answer.words, at.tolist(), strict=True), MOST_POINTS)
    ]
    caption = _(
        "a word that lies further to one side is nearer to the words of that side, in {model}",
        model=catalog.title(answer.model),
    )
    shows = "; ".join(
        f"{word} {x:.4f} {-y:.4f}" for word, (x, y) in islice(zip(answer.words, at.tolist(), strict=True), MOST_ROWS)
    )
    title = _("{word}: where on two axes?", word=answer.words[0]) if len(answer.words) == 1 else _("Words on two axes")
    return View(_view(points, caption, title, axes=ends).drawing, shows)


def atlas(answer: AtlasPart, texts: Mapping[str, Sequence[str]]) -> View:
    """The part of the map of all words that an address of the page *Map* has on the screen, `at` its middle and zoom,
    in the `colour` of the page; without these around the asked word. In it are the asked word, its neighbours, and the
    names of the clusters, or without neighbours those of frequent words."""
    at, zoom = _camera(answer, texts.get("at", [""])[0])
    atlas, centre = answer.atlas, answer.drawn.centre

    def placed(places: Array) -> Array:
        """From the middle of the stage to the bottom right, where 1 is half of its height."""
        return (np.asarray(places, dtype=np.float64).reshape(-1, 2) - at) * (zoom, -zoom)

    def seen(places: Array) -> Array:
        return np.asarray((np.abs(places) < (_WIDE, _HIGH)).all(axis=1))

    def named(words: Iterable[str], places: Array, role: str, most: int) -> list[_Point]:
        spots = placed(places)
        inside = (
            {"word": word, "x": x, "y": y, "role": role}
            for word, (x, y), is_seen in zip(words, np.round(spots, 4).tolist(), seen(spots).tolist(), strict=True)
            if is_seen and word != centre
        )
        return list(islice(inside, most))

    middle = answer.centre_place
    points = []
    if centre and zoom >= _APART:
        points = named(answer.drawn.words, np.array(answer.places), "near", _MOST_LIT)
    if centre and middle and seen(placed(np.array(middle)))[0]:
        x, y = np.round(placed(np.array(middle))[0], 4).tolist()
        points.append({"word": centre, "x": x, "y": y, "role": "centre"})
    lines = [[number, len(points) - 1, 0.3] for number in range(len(points) - 1)] if _ends_in_centre(points) else []

    own = answer.turned(atlas.positions[atlas.placed])
    rows = atlas.placed[seen(placed(own))]  # the most frequent first
    if not points and zoom >= _NEAR:
        first = rows[:MOST_POINTS]
        words = [answer.embedding.words[row] for row in first.tolist()]
        points = named(words, answer.turned(atlas.positions[first]), "", _MOST_LIT)
    level = min(atlas.depth, 1 + int(np.log(zoom) / np.log(_LEVEL) + 0.05))
    clusters = sorted((each for each in answer.clusters if each.level == level), key=lambda each: -each.words)
    names = [" · ".join(cluster.name.split(", ")[:2]) for cluster in clusters]
    areas = named(names, np.array([(each.x, each.y) for each in clusters]), "area", _MOST_AREAS)
    colours, legend = _dots(answer, rows, placed, texts.get("colour", [""])[0])
    caption = _(
        "each dot is one of {words:,} words of {model}; of {k} dots near to a word, {true:.1f} are its true neighbours",
        words=len(atlas.placed),
        model=catalog.title(answer.embedding.name),
        k=JUDGED,
        true=atlas.true_neighbours,
    )
    camera = {"model": answer.embedding.name, "x": float(at[0]), "y": float(at[1]), "zoom": zoom}
    more = {"scale": True, "camera": camera, "areas": areas, "colours": colours, "legend": legend, "lines": lines}
    title = (
        _("{word} on the map of all words", word=centre)
        if centre and _ends_in_centre(points)
        else _("From the map of all words")
    )
    return _view(points, caption, title, **more)


def _ends_in_centre(points: Sequence[_Point]) -> bool:
    return bool(points) and points[-1]["role"] == "centre"


def _camera(answer: AtlasPart, text: str) -> tuple[Array, float]:
    """The middle and the zoom of an address; what is none is left to the page's own choice."""
    try:
        x, y, zoom = (float(number) for number in text.split(","))
        is_whole = bool(np.isfinite((x, y, zoom)).all())
    except ValueError:
        is_whole = False
    if not is_whole:
        x, y, zoom = answer.around or (0.0, 0.0, _NEAREST)
    return np.clip((x, y), -1, 1), float(np.clip(zoom, _NEAREST, _FURTHEST))


def _dots(
    answer: AtlasPart, rows: Array, placed: Any, colour: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A path of dots for each colour, and what the colours mean; the names of clusters say that themselves, and a
    stronger colour of density is denser."""
    from explorer.embeddings.frequency import tiers
    from explorer.embeddings.tags import decode_tag

    atlas, embedding = answer.atlas, answer.embedding
    if len(rows) > _MOST_DOTS:
        rows = rows[np.linspace(0, len(rows) - 1, _MOST_DOTS).astype(int)]
    if colour == "part of speech":
        tags = [decode_tag(code) for code in embedding.tag_codes[rows].tolist()]
        groups = np.array([tag if tag in PARTS_OF_SPEECH else "other" for tag in tags], dtype=object)
        palette: dict[Any, tuple[str, str]] = PARTS_OF_SPEECH
    elif colour == "frequency":
        groups = tiers(embedding, rows).astype(object)
        palette = {**TIERS, "": PARTS_OF_SPEECH["other"]}
    elif colour == "density":
        groups = atlas.density[np.searchsorted(atlas.placed, rows)]
        palette = dict(enumerate(shades(NEGATIVE, DENSITIES)))
    else:
        regions = atlas.ancestry[atlas.clusters[rows]][:, 0]
        groups = np.array([atlas.colours_apart(len(CATEGORICAL))[region] for region in regions.tolist()], dtype=object)
        palette = dict(enumerate(CATEGORICAL))
    spots = np.round(placed(answer.turned(atlas.positions[rows])) * _GRID).astype(int)
    colours = [
        {"colour": list(pair), "path": "".join(f"M{x} {y}h0" for x, y in spots[groups == name].tolist())}
        for name, pair in palette.items()
        if (groups == name).any()
    ]
    names = [name for name in palette if (groups == name).any()] if isinstance(next(iter(palette)), str) else []
    texts = {tier: _("{tier} frequency", tier=tier) for tier in TIERS} | {"": _("not known")}
    return colours, [{"name": texts.get(name, name), "colour": list(palette[name])} for name in names]


def _filling(places: Sequence[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Words with their places brought to run from 0 to 1, with one scale for both axes."""
    if not places:
        return []
    at = np.array([place[1:] for place in places])  # (words, 2)
    low, high = at.min(axis=0), at.max(axis=0)
    scaled = np.round(0.5 + (at - (low + high) / 2) / (float((high - low).max()) or 1.0), 4)
    return [(place[0], x, y) for place, (x, y) in zip(places, scaled.tolist(), strict=True)]


def _view(points: list[_Point], caption: str, title: str, **more: Any) -> View:
    shows = ", ".join(f"{each['word']} {each['x']:.2f} {each['y']:.2f}" for each in points[:MOST_ROWS])
    return View({"kind": "map", "points": points, "caption": caption, "title": title, **more}, shows)
