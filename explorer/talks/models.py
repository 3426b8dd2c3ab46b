"""What the stage draws of models: those that are installed, how good one is, how healthy its vectors are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.answers import written
from explorer.embeddings import catalog, downloads
from explorer.embeddings import verdict as verdicts
from explorer.talks.drawings import MOST_ROWS, View
from explorer.texts import _

_SCORES = ("analogies", "wordsim353", "simlex999")


def installed(answer: downloads.Models) -> View:
    """The models at hand with their size, and how they answer the English tests that are known of them."""
    cards = answer.cards[:MOST_ROWS]
    rows = [
        [card.title, f"{card.words:,}", f"{card.dimensions:,}", *(_score(scores.get(name)) for name in _SCORES)]
        for card in cards
        for scores in [verdicts.known(card)]
    ]
    drawing = {
        "kind": "table",
        "header": ["", _("words"), _("dimensions"), _("analogies"), "WordSim-353", "SimLex-999"],
        "rows": rows,
        "numeric": [False, *(True for _name in range(2 + len(_SCORES)))],
        "folded": {"rows": len(answer.cards) - len(cards), "columns": 0},
        "caption": _("analogies: the share that is right; the other two: Spearman’s ρ with people’s judgement"),
        "title": _("Which models are there?"),
    }
    return View(drawing, "; ".join(" ".join(row) for row in rows))


def verdict(answer: verdicts.Verdict) -> View:
    """The measures for which the rules have a word, and that word."""
    judged = [row for row in answer.written_rows if row[-1] in (verdicts.GOOD, verdicts.FAIR, verdicts.BEWARE)]
    rows = [[name, value, word] for name, value, _rule, word in judged[:MOST_ROWS]]
    drawing = {
        "kind": "table",
        "header": ["", _("value"), _("verdict")],
        "rows": rows,
        "numeric": [False, True, False],
        "folded": {"rows": len(judged) - len(rows), "columns": 0},
        "title": _("What is {model} good for?", model=catalog.title(answer.model)),
    }
    return View(drawing, "; ".join(" ".join(row) for row in rows))


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def health(answer: Any) -> View:
    """What the three measures of the space say, as it is and mended."""
    names = [_("as it is"), _("centred"), *(space.name.rpartition(", ")[2] for space in answer.spaces[2:])]

    def shares(numbers: Sequence[float]) -> list[str]:
        return [f"{number:.1%}" for number in numbers]

    rows = [
        [_("Mean cosine of two words"), *(written(float(space.anisotropy.mean_cosine)) for space in answer.spaces)],
        [_("Words that are nobody’s neighbour"), *shares([space.hubness.orphans for space in answer.spaces])],
        [_("Neighbours of the same frequency"), *shares([space.frequency.same_band for space in answer.spaces])],
        [_("The same by chance"), *shares([space.frequency.chance for space in answer.spaces])],
    ]
    drawing = {
        "kind": "table",
        "header": ["", *names],
        "rows": rows,
        "numeric": [False, *(True for _name in names)],
        "folded": {"rows": 0, "columns": 0},
        "caption": _(
            "measured over the {words:,} most frequent words of {model}",
            words=answer.spaces[0].words,
            model=catalog.title(answer.model),
        ),
        "title": _("How healthy are the vectors?"),
    }
    return View(drawing, "; ".join(" ".join(row) for row in rows))
