"""A map of words and the table beside it: what is selected on the one is shown on the other."""

from functools import partial
from typing import Any
from urllib.parse import quote
from zlib import crc32

import streamlit as st

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.pictures import WordMap
from explorer.embeddings.projection import Projection
from explorer.texts import _, _n
from explorer.ui.clickable_chart import CLICK_AND_DRAG, clickable_chart
from explorer.ui.map.selection import clear, select, selected_rows
from explorer.ui.map.word_map import CONFIG, map_figure, points_of, table_height
from explorer.ui.messages import links_to_neighbours, say
from explorer.ui.navigation import LESSON, MAP, lesson_of_words
from explorer.ui.parameters import LONGEST_LINK
from explorer.ui.turns import turn

FOLLOWED = 24  # chosen words that links take along


def trust(projection: Projection) -> None:
    """How far the map can be trusted."""
    if not projection.k:
        say(_("Two words are too few to judge a map by."))
        return
    variance = (
        ""
        if projection.shown is None
        else " " + _("The axes show {share:.0%} of the variance.", share=projection.shown)
    )
    misplaced = (
        " "
        + _(
            "Hollow points ({misplaced:,} of {words:,}) are misplaced: most of the words drawn near them are not "
            "really their neighbours.",
            misplaced=projection.misplaced,
            words=len(projection.words),
        )
        if projection.misplaced
        else ""
    )
    st.markdown(
        _(
            "**Trustworthiness {trustworthiness:.3f} of 1** (a random map has about 0.5).{variance}{misplaced}",
            trustworthiness=projection.trustworthiness,
            variance=variance,
            misplaced=misplaced,
        ),
        help=_(
            "Trustworthiness (Venna & Kaski 2006) is lower, the more points the map puts beside a point that is far "
            "away in the space. A point is hollow if fewer than half of its {k} nearest points on the map are "
            "among its {k} nearest words in the space.",
            k=projection.k,
        ),
    )


def _row_table(rows: list[int], answer: WordMap, key: str) -> None:
    map_words, projection = answer.drawn, answer.projection
    further = {name: [map_words.rows[row].columns[name] for row in rows] for name in map_words.columns}
    columns: dict[str, list[Any]] = {
        "word": [map_words.rows[row].word for row in rows],
        "tag": [map_words.rows[row].pos for row in rows],
        "count": [map_words.rows[row].count for row in rows],
        "true neighbours": [projection.true_neighbours[row] for row in rows],
        "cosine": [map_words.rows[row].similarity for row in rows],
    }
    unknown = [name for name in ("count", "cosine") if all(value is None for value in columns[name])]
    if not any(columns["tag"]):
        unknown.append("tag")
    st.dataframe(
        {name: column for name, column in (columns | further).items() if name not in unknown},
        key=key,
        height=table_height(len(rows)),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="–",
        column_config={
            "word": st.column_config.TextColumn("word"),
            "tag": st.column_config.TextColumn("tag", help=_("The main part of speech"), width=60),
            "count": st.column_config.NumberColumn(
                "count", help=_("How often the word occurs in the corpus"), format="localized"
            ),
            "true neighbours": st.column_config.NumberColumn(
                _("really near"),
                help=_(
                    "How many of its {k} nearest points on the map are really among its {k} nearest words",
                    k=projection.k,
                ),
                width=95,
            ),
            "cosine": st.column_config.NumberColumn("cosine", help=_("To the word in the centre"), format="%.4f"),
        },
    )


@st.fragment  # so that a selection draws this part alone
@turn()
def linked(embedding: Embedding, answer: WordMap, colour: str, key: int) -> None:
    """The map and its table: what is selected on the one is shown on the other."""
    map_words, projection = answer.drawn, answer.projection
    cleared = st.session_state.setdefault("cleared", 0)
    chart = f"map{key}-{cleared}"
    on_map = selected_rows(map_words.words, chart)
    if not on_map and points_of(chart):  # plotly would go on showing what Back has taken back
        st.session_state["cleared"] = cleared + 1
        chart = f"map{key}-{cleared + 1}"
    rows = on_map or list(range(len(map_words.rows)))
    table = f"rows{key}-{crc32(repr(on_map).encode())}"
    places = st.session_state.get(table, {}).get("selection", {}).get("rows", [])
    ringed = [rows[place] for place in places if place < len(rows)]

    # As long as plotly itself shows the selection, the chart stays as it is, with the part that is zoomed into.
    by_plotly = st.session_state.get("unmarked") == chart and on_map == points_of(chart) and not ringed
    selected = [] if by_plotly else on_map
    st.session_state["unmarked"] = None if selected or ringed else chart

    left, right = st.columns([13, 8], gap="medium")
    with left:
        figure = map_figure(projection, map_words, colour, selected, ringed)
        clickable_chart(
            figure,
            chart,
            _("A map of words; the table beside it has them all"),
            partial(select, map_words.words, chart),
            CONFIG,
            CLICK_AND_DRAG,
        )
    with right:
        if on_map:
            st.markdown(
                _n("{count:,} word is selected on the map.", "{count:,} words are selected on the map.", len(on_map))
            )
        else:
            flat = projection.coordinates.shape[1] == 2
            hint = (
                _("Click a point or drag over several to select words.")
                if flat
                else _("Drag to turn the map; point at a dot for its word. It needs WebGL.")
            )
            st.markdown(_("{hint} Tick a row to mark it.", hint=hint))
        _row_table(rows, answer, table)

    chosen = [map_words.rows[row].word for row in ringed or on_map]
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            if on_map:
                st.button(_("Show all words"), on_click=clear)
            label = _n("Download the chosen word", "Download the {count:,} chosen", len(chosen))
            st.download_button(label, answer.csv_of(ringed or on_map), "chosen.csv", "text/csv", on_click="ignore")
            words = [word for word in chosen if word in embedding]  # without a phrase in the centre
            if len(words) > 1 and len(quote(",".join(words))) <= LONGEST_LINK:
                query = {"show": "list", "words": ", ".join(words), "model": embedding.name}
                st.page_link(MAP, label=_("A map of these alone"), query_params=query)
            if 0 < len(words) <= FOLLOWED:
                query = lesson_of_words(embedding.name, words)
                st.page_link(LESSON, label=_("Send to the lesson"), query_params=query)
        if len(chosen) <= FOLLOWED:
            st.markdown(_("Neighbours of"))
            links_to_neighbours(chosen, {"model": embedding.name})
