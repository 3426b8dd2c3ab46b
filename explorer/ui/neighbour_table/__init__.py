"""The answer to "which words are nearest?": a table of words with the bars of a chart beside it, row by row."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.embeddings.as_high import heading, meaning
from explorer.embeddings.atlas import has_atlas
from explorer.embeddings.bounds import LEAST_SHARE
from explorer.embeddings.neighbour_list import Answer, Neighbour
from explorer.embeddings.pictures import WordMap
from explorer.palette import TIERS
from explorer.texts import _, _n
from explorer.ui.dom import script

METRIC_NAMES = {"cosine": _("cosine similarity"), "dot": _("dot product"), "euclidean": _("Euclidean distance")}
AT_FIRST, MORE = 100, 400  # rows that are drawn at first, and by each press of a button

_HERE = Path(__file__).parent
_TIERS = "".join(f".tier-{tier} {{ color: light-dark({light}, {dark}); }}\n" for tier, (light, dark) in TIERS.items())
_component = st.components.v2.component(
    "explorer_neighbour_table",
    css=(_HERE / "table.css").read_text(encoding="utf-8") + _TIERS,
    js=script(_HERE / "map.js", _HERE / "table.js"),
)


@st.fragment  # so that more rows are drawn without the rest of the page
def neighbour_table(answer: Answer, among: str, parameter: str, around: WordMap | None = None, page: str = "") -> None:
    """Draw an answer; `among` says in which vectors it was found. `around` is a map of its words, which stands beside
    them: what is pointed at in one is lit in the other.

    Each word is a link to this page, or another `page`, with the same controls and itself as `parameter`. Words can be
    picked, and links take them to the lesson, a map and a matrix. Of a long list the first rows are drawn, and more
    when they are asked for.
    """
    key = "neighbour_table"
    controls = st.query_params.to_dict()
    asked = urlencode(controls)
    more = st.session_state.get(key, {}).get("more") or {}
    shown = answer.rows[: more["rows"] if more.get("asked") == asked else AT_FIRST]
    rows = [
        vars(row)
        | {
            "href": f"{page}?{urlencode(controls | {parameter: row.word})}",
            "parts_of_speech": row.parts_of_speech,
            "compared": answer.compared(row),
            "verdict": answer.verdict(row),
            "as_high": answer.pairs_as_high(row),
            "stable": answer.is_stable(row),
            "known": _known(answer, row),
        }
        for row in shown
    ]
    data = {
        "model": answer.model,
        "word": answer.word,
        "known": answer.found in ("word", "variant"),
        "phrase": answer.found == "mean",
        "measure": METRIC_NAMES[answer.metric],
        "metric": answer.metric,
        "rows": rows,
        "more": {"asked": asked, "rows": len(rows) + MORE} if len(rows) < len(answer.rows) else None,
        "texts": _texts(answer, among, around, len(rows)),
    }
    if around is not None:
        data["atlas"] = _in_the_atlas(answer)
        data["points"] = [
            asdict(place)
            | {
                "href": f"{page}?{urlencode(controls | {parameter: place.word})}",
                "role": "centre" if place.word == answer.word else "",
            }
            for place in around.places
        ]
    _component(key=key, data=data, on_more_change=lambda: None)


def _known(answer: Answer, row: Neighbour) -> str:
    """What is known of a word, on a line below it, where a screen has no room for columns."""
    count = None if row.count is None else _n("{count:,} time", "{count:,} times", row.count)
    as_high = None if row.percentile is None else answer.text_of("percentile", row.percentile)
    return " · ".join(filter(None, (row.parts_of_speech, count, as_high)))


def _in_the_atlas(answer: Answer) -> str:
    """The address of the map of all words with these lit; empty where the model has no such map."""
    query = {"show": "all", "word": answer.asked, "model": answer.model}
    return f"map?{urlencode(query)}" if has_atlas(answer.model) else ""


def _percent(around: WordMap | None) -> str:
    shown = around.projection.shown if around else None
    return f"{shown:.0%}" if shown is not None else "–"


def _texts(answer: Answer, among: str, around: WordMap | None, rows: int) -> dict[str, str]:
    """What the table says; {word} is filled in where it is drawn."""
    seeds, depth = answer.other_seeds, answer.depth
    return {
        "caption": _(
            "Nearest to {word} by {measure}, {among}", word="{word}", measure=METRIC_NAMES[answer.metric], among=among
        ),
        "retrained": answer.retrained,
        "tick": _(
            "Among the {depth} nearest in both retrained models, which are smaller and began from other random seeds",
            depth=depth,
        )
        if seeds == 2
        else _(
            "Among the {depth} nearest in all {seeds} retrained models, which are smaller and began from other random "
            "seeds",
            depth=depth,
            seeds=seeds,
        ),
        "pick": _("pick"),
        "pick_word": _("Pick {word}"),
        "picked": _("Picked"),
        "picked_words": _("Picked words"),
        "remove": _("Remove {word}"),
        "hint": _("Tick words to use them elsewhere."),
        "send": _("Send to the lesson →"),
        "matrix": _("Matrix"),
        "on_map": _("Map"),
        "copy": _("Copy words"),
        "copied": _("Copied"),
        "clear": _("Clear"),
        "rank": _("rank"),
        "word": _("word"),
        "pos": _("part of speech"),
        "pos_help": _(
            "The part of speech of the word, as a universal tag. Where it is several, each in {least}% of its uses or "
            "more, they stand with their shares",
            least=LEAST_SHARE,
        ),
        "count": _("count"),
        "count_help": _("How often the word occurs in the corpus"),
        "tier": _("frequency"),
        "tier_help": _("High: more than 10 in a million words. Low: fewer than 1 in 2 million."),
        "cosine": _("cosine"),
        "cosine_help": _("The cosine of the angle between both vectors: 1 is the same direction"),
        "percentile": heading(answer.random_pairs or 0, answer.population),
        "percentile_help": meaning(answer.random_pairs or 0, answer.population),
        "out_of_order": answer.out_of_order,
        "verdict_help": _("High: at most 1 in 100 of these pairs or words is as high. Low: more than 1 in 10 are."),
        "map": _("These words on a map"),
        "map_help": _(
            "Click a point to light it up, twice to ask about it. The map is PCA: it keeps {share} of what "
            "tells these words apart.",
            share=_percent(around),
        ),
        "in_atlas": _("In the map of all words →"),
        "sort": _("Sort by {column}"),
        "score": _("dot product") if answer.metric == "dot" else _("distance"),
        "nearer": _("shorter is nearer") if answer.metric == "euclidean" else "",
        "rows": _("{rows:,} of {all_rows:,} rows", rows=rows, all_rows=len(answer.rows)),
        "more": _("Show more"),
    }
