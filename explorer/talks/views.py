"""What a scene shows: the address of a page or of a question, answered and drawn.

An address is what *Copy link* gives: `neighbours?word=airplane&model=glove`, with or without a host before it. The name
of a question does as well: `similarity?first=cat&second=dog`. Parameters of a page that open its folds have no effect.

A scene may say more than a page does: of a comparison, `draw=means` for what the arms reach instead of what they differ
by; of a lesson, `draw=row` for the worked row alone, `draw=bars` for this row of the result as bars, and `position` of
the next word, counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlsplit

from explorer.embeddings import catalog
from explorer.embeddings.atlas_part import AtlasPart
from explorer.embeddings.filters import words_in
from explorer.errors import NotThere, UserError, cut
from explorer.questions import QUESTIONS, openings
from explorer.questions.question import Question
from explorer.talks import lessons, trainings
from explorer.talks.comparisons import intervals, means
from explorer.talks.drawings import View, drawing_of
from explorer.talks.places import atlas
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary

_Texts = Mapping[str, list[str]]
_COMPARISONS = ("comparison", "initialisation")  # may name the `arms` to draw, and `draw=means` instead of differences
_NO_SCENES = ("talk", "decks")  # a talk within itself would have no end


def view(address: str) -> View:
    """What stands at an address. Raises UserError for an address at which nothing is, and what the question raises."""
    path, texts = split(address)
    if path == "lesson":
        return lessons.view(texts)
    if path == "learning":
        return trainings.curve(texts)
    answer = question_at(address).answer()
    if path in _COMPARISONS:
        arms, sizes = (_listed(texts, name) for name in ("arms", "sizes"))
        summary = cast("Summary", answer)
        return means(summary, arms) if texts.get("draw") == ["means"] else intervals(summary, arms, sizes)
    if isinstance(answer, AtlasPart):
        return atlas(answer, texts)
    return drawing_of(answer)


def _listed(texts: _Texts, name: str) -> list[str]:
    """Names that stand in an address once for each, or with semicolons between them."""
    return [part.strip() for text in texts.get(name, []) for part in text.split(";") if part.strip()]


def split(address: str) -> tuple[str, _Texts]:
    """The page or question of an address, and its parameters."""
    if " " in address:  # written by hand, not encoded: a plus is a plus
        address = address.strip().replace("%", "%25").replace("+", "%2B")
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise UserError(_("“{address}” is no address of a page.", address=cut(address))) from error
    path = parts.path.strip("/").removeprefix("api/v1/")
    return path or "neighbours", parse_qs(parts.query, keep_blank_values=True)


def question_at(address: str) -> Question:
    """The question that an address asks. Raises UserError where there is none, or it asks it wrongly."""
    path, texts = split(address)
    if path in _PAGES:
        return _PAGES[path](texts)
    if path == "comparison":
        return _of(path, texts)
    if path in QUESTIONS and path not in _NO_SCENES:
        QUESTIONS[path].check_remote(texts)  # a talk may come from anybody
        return QUESTIONS[path].read(texts)
    pages = ", ".join(["lesson", "learning", *_PAGES])
    raise NotThere(
        _(
            "A scene cannot show “{path}”. It shows one of the pages {pages}, or any question.",
            path=cut(path),
            pages=pages,
        )
    )


def unknown_names(address: str) -> tuple[str, ...]:
    """The parameters of an address that neither its page nor a scene has a use for, which is most often a typing error.
    A part of a page that is unfolded is said by its name and “true”."""
    path, texts = split(address)
    if path in _OF_PAGES:
        questions, own = _OF_PAGES[path]
        asked = {name for each in questions for name in (*QUESTIONS[each].parameters, *QUESTIONS[each].aliases)}
        known = (asked - _NOT_OF_LESSON if path == "lesson" else asked) | set(own.split()) | _EVERYWHERE
    elif path == "comparison":
        known = {*QUESTIONS[path].parameters, *QUESTIONS[path].aliases, "arms", "sizes", "draw"}
    else:
        return ()  # the question itself refuses them
    return tuple(name for name, values in texts.items() if name not in known and values != ["true"])


def is_drawn(page: str, texts: Mapping[str, object]) -> bool:
    """Whether a scene can show a page with these parameters; asks no question."""
    if page == "learning":
        return "losses" in texts
    if page == "lesson":
        return texts.get("lesson") != "checkpoint" and ("step" in texts or "view" not in texts)
    return page in _PAGES


def check(address: str) -> None:
    """Raises UserError where a scene could not show an address; asks no question."""
    path, texts = split(address)
    if path == "lesson":
        lessons.question(texts)
    elif path == "learning":
        trainings.curve(texts)
    else:
        question_at(address)


def _of(name: str, texts: _Texts, **renamed: str) -> Question:
    """A question with those parameters of a page that it has; `renamed` are names that the page has for its own."""
    kind = QUESTIONS[name]
    known = {renamed.get(each, each): values for each, values in texts.items()}
    return kind.of_page({each: values for each, values in known.items() if each in {*kind.parameters, *kind.aliases}})


def _model(texts: _Texts) -> str:
    return texts.get("model", [catalog.DEFAULT])[0] or catalog.DEFAULT


def _neighbours(texts: _Texts) -> Question:
    approximate = {"approximate": ["true"]} if texts.get("search") == ["approximate"] else {}
    rest = {name: texts[name] for name in texts if name != "approximate"}
    return _of("neighbours", {"word": [openings.word(_model(texts))], **rest, **approximate})


def _map(texts: _Texts) -> Question:
    name = "graph" if texts.get("view") == ["graph"] else "map"
    which = texts.get("show", [openings.map_shows(texts, _model(texts))])[0]
    match which:
        case "all":
            return _of("atlas", {"word": [openings.word(_model(texts))], **texts}, word="around")
        case "list":
            return _of(name, _with_list(texts, openings.listed))
        case "frequent":
            rest = {each: texts[each] for each in texts if each not in ("word", "words")}
            return _of(name, {"most_frequent": [str(openings.MOST_FREQUENT)], **rest}, most="most_frequent")
        case _:
            rest = {each: texts[each] for each in texts if each != "words"}
            return _of(name, {"word": [openings.word(_model(texts))], **rest}, word="around")


_AXES = (("left", "right"), ("lower", "upper"), ("third_start", "third_end"))


def _words(texts: _Texts, name: str) -> list[str]:
    return words_in(texts.get(name, [""])[0])


def _with_list(texts: _Texts, opening: Callable[[str], list[str]], alias: str = "") -> _Texts:
    """The parameters with the list of words; `alias` is an earlier name of it."""
    return {**texts, "words": _words(texts, "words") or _words(texts, alias) or opening(_model(texts))}


def _calculator(texts: _Texts) -> Question:
    asked = texts.get("ask", ["formula"])[0]
    match openings.COMMANDS.get(asked, asked):
        case "pairs":
            return _of("similarity", {"pairs": [openings.pairs(_model(texts))], **texts})
        case "matrix":
            return _of("matrix", _with_list(texts, openings.compared))
        case "odd":
            return _of("odd-one-out", _with_list(texts, openings.among, "among"))
        case "axes":
            opened = dict(zip(sum(_AXES, ()), sum(openings.ends(_model(texts)), ()), strict=False))
            ends = [[" ".join(_words(texts, side) or opened.get(side, ())) for side in axis] for axis in _AXES]
            axes = [",".join(axis) for axis in ends if any(axis)]
            return _of("axes", {**_with_list(texts, openings.placed, "placed"), "axis": axes})
        case _:
            return _of("analogy", {"formula": [openings.formula(_model(texts))], **texts})


_PAGES: dict[str, Callable[[_Texts], Question]] = {
    "neighbours": _neighbours,
    "map": _map,
    "calculator": _calculator,
    "side-by-side": lambda texts: _of("side-by-side", {"word": [openings.word(_model(texts))], **texts}),
    "models": lambda texts: _of("verdict" if "model" in texts else "models", texts),
    "health": lambda texts: _of("health", {"model": texts["model"]} if "model" in texts else {}),
    "initialisation": lambda texts: _of("comparison", {"run": [openings.comparison()], **texts}),
}


_OF_PAGES = {  # the questions that a page asks, and the names in its address that are its own
    "neighbours": (("neighbours", "search"), "search forms with matching"),
    "map": (("map", "graph", "atlas"), "word most view show colour second at"),
    "calculator": (
        ("analogy", "similarity", "matrix", "odd-one-out", "axes"),
        "ask forms among placed left right lower upper third_start third_end",
    ),
    "side-by-side": (("side-by-side", "disagreement", "aligned-map", "drift"), "shared"),
    "models": (("models", "verdict"), ""),
    "learning": (
        ("lesson",),
        "data vectors updates batch rate moment training run arm share word weight " + " ".join(trainings.NAMES),
    ),
    "health": (("health", "why", "evaluate"), "models example show run"),
    "initialisation": (
        ("comparison", "equivalence", "power", "together"),
        "run curve plan sort word seed arm arms share sizes show together texts_quick draw",
    ),
    "lesson": (
        ("lesson",),
        "lesson model right step cell worked edits stage equation training update rescaled compare view scope side "
        "choose draw position decimals",
    ),
}
_NOT_OF_LESSON = {"vectors"}  # its page calls them model
_EVERYWHERE = {"stage", "scene", "talk"}
