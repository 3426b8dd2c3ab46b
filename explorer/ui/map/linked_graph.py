"""A graph of words and the table of its lines: of all, or of the words that are selected."""

from functools import partial

import streamlit as st

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.graph import NeighbourGraph
from explorer.embeddings.map_words import MapWords
from explorer.texts import _, _n
from explorer.ui.clickable_chart import CLICK_AND_DRAG, clickable_chart
from explorer.ui.map.linked_map import FOLLOWED
from explorer.ui.map.selection import select, selected_rows
from explorer.ui.map.word_map import CONFIG, graph_figure, table_height
from explorer.ui.messages import links_to_neighbours, say


@st.fragment  # so that a selection draws this part alone
def linked_graph(embedding: Embedding, graph: NeighbourGraph, map_words: MapWords, colour: str) -> None:
    """The graph and the table of its lines: of all, or of the words that are selected."""
    chart = "graph"
    left, right = st.columns([13, 8], gap="medium")
    with left:
        figure = graph_figure(graph, map_words, colour)
        clickable_chart(
            figure,
            chart,
            _("Words as a graph; the table beside it has all lines"),
            partial(select, map_words.words, chart),
            CONFIG,
            CLICK_AND_DRAG,
        )
    chosen = [map_words.words[row] for row in selected_rows(map_words.words, chart)]
    edges = graph.edges_of(chosen) if chosen else graph.edges
    with right:
        if chosen:
            of = f"“{chosen[0]}”" if len(chosen) == 1 else _n("{count:,} word", "{count:,} words", len(chosen))
            say(_("Lines of {measure}: {edges:,}.", measure=of, edges=len(edges)))
        else:
            st.markdown(_("Click a word or drag over several to see only their lines."))
        st.dataframe(
            {
                "first": [edge.first for edge in edges],
                "second": [edge.second for edge in edges],
                "cosine": [edge.similarity for edge in edges],
            },
            height=table_height(len(edges)),
            hide_index=True,
            column_config={"cosine": st.column_config.NumberColumn("cosine", format="%.4f")},
        )
    if 0 < len(chosen) <= FOLLOWED:
        st.markdown(_("Neighbours of"))
        links_to_neighbours(chosen, {"model": embedding.name})
