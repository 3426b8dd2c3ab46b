"""The map of all words of a model, drawn by the browser: it gets the places once, by an address of their own, and from
each run of the page only what is lit and how it is coloured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.atlas import DENSITIES, JUDGED
from explorer.embeddings.atlas_part import AtlasPart
from explorer.embeddings.bounds import LONGEST_LIST
from explorer.palette import CATEGORICAL, NEGATIVE, PARTS_OF_SPEECH, TIERS, shades
from explorer.service.atlas import address
from explorer.texts import _
from explorer.ui.dom import script
from explorer.ui.parameters import Text

COLOURS = ("cluster", "part of speech", "frequency", "density")

_HERE = Path(__file__).parent
_ROOMS = (
    "labels.js", "glide.js", "sight.js", "finding.js", "names.js", "gestures.js", "tools.js", "lists.js", "atlas.js",
)  # fmt: skip
_PALETTES = {
    "cluster": CATEGORICAL,
    "part of speech": list(PARTS_OF_SPEECH.values()),
    "frequency": [*TIERS.values(), PARTS_OF_SPEECH["other"]],
    "density": shades(NEGATIVE, DENSITIES),
}
_component = st.components.v2.component(
    "explorer_atlas",
    css=(_HERE / "atlas.css").read_text(encoding="utf-8"),
    js=script(*(_HERE / name for name in ("points.js", *_ROOMS))),
)


def atlas_view(
    part: AtlasPart,
    parameter: Text,
    colour: str = COLOURS[0],
    page: str = "",
    small: bool = False,
    is_second: bool = False,
    other: AtlasPart | None = None,
) -> None:
    """Draw the map with the words of an answer lit. A click on a word asks about it: it becomes `parameter` in the
    address of this page, or of another `page`.

    A `small` one stands among other things: the wheel scrolls the page until the reader has clicked into it, and the
    address does not follow its moves. Nor does it follow those of one that `is_second` on its page; what is pointed at
    or selected on one of the two is marked on the other. Where the `other` map is given, turned over this one, a button
    lets the words go to their places there, and back.
    """
    model, place = part.embedding.name, part.centre_place
    centre = {"word": part.drawn.centre, "x": place[0], "y": place[1]} if place else None
    _component(
        key="second_atlas" if is_second else "atlas",
        data={
            "address": address(model),
            "turn": part.turn.matrix if part.turn else None,
            "own": model,
            "other": _other(other) if other else None,
            "model": model if page and model != catalog.DEFAULT else "",
            "names": parameter.names,
            "page": page,
            "small": small,
            "keeps": not small and not is_second,
            "colour": colour,
            "palettes": _PALETTES,
            "regions": list(part.atlas.colours_apart(len(CATEGORICAL)).items()),
            "judged": JUDGED,
            "most": LONGEST_LIST,
            "lit": {"centre": centre, "around": part.around, "words": [{"word": row.word} for row in part.drawn.rows]},
            "texts": _texts(part, other),
        },
    )


def _other(part: AtlasPart) -> dict[str, Any]:
    """Where the words of another map are."""
    name = part.embedding.name
    return {"address": address(name), "turn": part.turn.matrix if part.turn else None, "name": name}


def _texts(part: AtlasPart, other: AtlasPart | None) -> dict[str, str]:
    """What the map says; what only the browser knows is filled in there."""
    there = other.embedding.name if other else ""
    return {
        "map": alternative(part),
        "keys": _(
            "Drag to move, wheel or + and − to zoom, 0 for the whole map; arrow keys move it. Hold Shift and draw a "
            "line around words to list them. A click on a word asks about it."
        ),
        "touch": _("Drag to move, pinch to zoom. Tap a word to ask about it."),
        "caption": _(
            "Every dot is one of {words:,} words. Words of similar use tend to lie together: of the {k} words nearest "
            "to a word here, {true:.1f} are among its {k} nearest in the model.",
            words=len(part.atlas.placed),
            k=JUDGED,
            true=part.atlas.true_neighbours,
        ),
        "loading": _("The map of {model} is being loaded …", model=part.embedding.name),
        "failed": _("The map could not be fetched."),
        "view": _(
            "Words in view: {words}. Clusters with their names: {clusters}.", words="{words}", clusters="{clusters}"
        ),
        "near": _("Nearest to {word}", word="{word}"),
        "clusters": _("Clusters in view"),
        "words": _("The most frequent words in view"),
        "selected_one": _("{count} word selected", count="{count}"),
        "selected": _("{count} words selected", count="{count}"),
        "too_many": _("Select at most {most:,} words to download them as CSV.", most=LONGEST_LIST),
        "csv": _("Download CSV"),
        "copy": _("Copy the words"),
        "clear": _("Clear"),
        "closer": _("Zoom in"),
        "further": _("Zoom out"),
        "whole": _("The whole map"),
        "select": _("Draw a line around words to select them"),
        "sparse": _("few words around"),
        "dense": _("many"),
        "there": _("Places in {model}", model=there),
        "back": _("Back to {model}", model=part.embedding.name),
        "away": _("Places are those of {there}, colours those of {own}.", there=there, own=part.embedding.name),
        "tier": _("{tier} frequency", tier="{tier}"),
        "unknown": _("not known"),
        "cluster": _("among {cluster}", cluster="{cluster}"),
        "kept": _("{kept} of its {k} nearest here are true neighbours", kept="{kept}", k="{k}"),
    }


def alternative(part: AtlasPart) -> str:
    """What the picture shows, in words, for who does not see it."""
    text = _("A map of {words:,} words of {model}.", words=len(part.atlas.placed), model=part.embedding.name)
    if part.drawn.centre in part.drawn.words:
        row = part.embedding.rows[part.drawn.centre or ""]
        cluster = part.atlas.name(part.embedding.words, int(part.atlas.clusters[row]))
        text += " " + _("{word} lies among {cluster}.", word=part.drawn.centre, cluster=cluster)
    return text
