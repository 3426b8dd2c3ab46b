"""Side by side: one word in several models, and where two models disagree."""

from html import escape
from math import ceil, floor

import plotly.graph_objects as go
import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.alignment import align, aligned_map
from explorer.embeddings.bounds import MOST_COMPARED, UNIVERSAL_TAGS
from explorer.embeddings.comparison import disagreement, side_by_side
from explorer.embeddings.embedding import Embedding
from explorer.ui.downloads import downloads
from explorer.ui.joined_columns import joined_columns
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import NEIGHBOURS, SIDE_BY_SIDE
from explorer.ui.parameters import Choice, Number, Several, Text

NAMES = catalog.names()

MODELS = Several("models", "Models", NAMES[:3], NAMES)
COUNT = Number("n", "Neighbours", 15, least=1, most=100)
POS = Choice("pos", "Part of speech", ["", *UNIVERSAL_TAGS])
NEAREST = Number("k", "Neighbours compared", 10, least=1, most=100)
MOST = Number("most", "Most frequent words", 5000, least=2, most=MOST_COMPARED)
LISTED = 30
CHOSEN = MODELS.among_the_options
WORD = Text("word", "Word", catalog.examples((CHOSEN or NAMES or [catalog.DEFAULT])[0])[0])
# Two models that are compared are the first two of the columns, unless the reader takes others.
FIRST = Choice("first", "First model", list(dict.fromkeys([*CHOSEN, *NAMES])))
SECOND = Choice("second", "Second model", sorted(FIRST.options, key=lambda name: name == FIRST.value))
BLUE, ORANGE = "#2f7ed8", "#cd6a23"  # seen in both themes


@st.cache_resource(max_entries=8, show_spinner="Comparing the two models' neighbourhoods …", hash_funcs={Embedding: id})
def compared(first, second, k, most):
    return first, second, disagreement(first, second, k, most)  # kept together, so that no other model gets their ids


@st.cache_resource(max_entries=8, show_spinner="Turning one model onto the other …", hash_funcs={Embedding: id})
def turned(first, second):
    return align(first, second)


def histogram(found):
    """A bar for each number of shared neighbours; returns the numbers, least and most, that the reader brushed."""
    figure = go.Figure(
        go.Bar(y=found.histogram(), marker_color=BLUE, hovertemplate="%{y} words share %{x}<extra></extra>")
    )
    figure.update_layout(
        height=260,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        dragmode="select",
        selectdirection="h",
        xaxis={"title": f"of {found.k} neighbours the same in both", "dtick": 1 if found.k <= 30 else 10},
        yaxis={"title": "words"},
    )
    chosen = st.plotly_chart(
        figure, key="brush", on_select="rerun", selection_mode="box", config={"displaylogo": False}
    )
    boxes = chosen["selection"]["box"]
    least, most = sorted(boxes[0]["x"]) if boxes else (0, found.k)
    return max(0, ceil(least)), min(found.k, floor(most))


def arrows(picture):
    """Each word where the first model has it (ring) and where the second has it (dot), joined by a line; below it what
    is known of those that the reader clicks."""
    figure = go.Figure()
    for point in picture.points:
        (x0, y0), (x1, y1) = point.first, point.second
        figure.add_scatter(
            x=[x0, x1], y=[y0, y1], mode="lines", line={"width": 1, "color": "#888888"}, hoverinfo="skip"
        )
    places = ((picture.first, "first", "circle-open", BLUE), (picture.second, "second", "circle", ORANGE))
    for model, at, symbol, colour in places:
        figure.add_scatter(
            x=[getattr(point, at)[0] for point in picture.points],
            y=[getattr(point, at)[1] for point in picture.points],
            mode="markers+text" if at == "second" else "markers",
            text=[escape(point.word) for point in picture.points],  # plotly takes HTML in its labels
            textposition="top center",
            customdata=[[place, point.similarity] for place, point in enumerate(picture.points)],
            hovertemplate="%{text}: cosine between the models %{customdata[1]:.3f}<extra></extra>",
            marker={"size": 10, "symbol": symbol, "color": colour, "line": {"width": 2}},
            name=escape(catalog.title(model)),
            showlegend=True,
        )
    for trace in figure.data[: len(picture.points)]:
        trace.showlegend = False
    figure.update_layout(
        height=520,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        legend={"orientation": "h", "y": -0.05},
        clickmode="event+select",
        xaxis={"title": "", "showticklabels": False, "zeroline": False, "showgrid": False},
        yaxis={"title": "", "showticklabels": False, "zeroline": False, "showgrid": False, "scaleanchor": "x"},
    )
    chosen = st.plotly_chart(
        figure, key="aligned", on_select="rerun", selection_mode="points", config={"displaylogo": False}
    )
    clicked = {point["customdata"][0] for point in chosen["selection"]["points"] if point.get("customdata")}
    for point in [picture.points[place] for place in sorted(clicked) if place < len(picture.points)]:
        with st.container(horizontal=True, vertical_alignment="center"):
            label = as_label(point.word)
            st.markdown(f"**{label}**: cosine between the models {point.similarity:.3f}", width="content")
            here = st.query_params.to_dict() | {WORD.name: point.word}
            st.page_link(SIDE_BY_SIDE, label=f"{label} side by side", query_params=here)
            for model in (picture.first, picture.second):
                title = as_label(catalog.title(model))
                there = {"word": point.word, "model": model}
                st.page_link(NEIGHBOURS, label=f"Neighbours in {title}", query_params=there)


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.title("Side by side", anchor=False)
    with st.container(horizontal=True):
        WORD.draw(width=240)
        MODELS.draw(width=520, show=catalog.title)
        COUNT.draw(width=130)
        POS.draw(width=150, show=lambda tag: tag or "any")

    with problems_shown():
        answer = side_by_side([catalog.load(name) for name in MODELS.value], WORD.value, COUNT.value, POS.value or None)
        st.set_page_config(page_title=f"{WORD.value} · Side by side")
        joined_columns(answer, WORD.name)
        if len(answer.columns) > 1:
            say(f"{len(answer.ranks)} words stand in more than one column: in bold, and joined by a line.")
        downloads(answer.asked, answer.as_json(), answer.as_csv())

    st.header("Where two models disagree", anchor=False)
    if len(NAMES) < 2:
        say("There is only one model here: import another one on the page Models to compare the two.")
    else:
        with st.container(horizontal=True):
            FIRST.draw(width=300, show=catalog.title)
            SECOND.draw(width=300, show=catalog.title)
            NEAREST.draw(width=180)
            MOST.draw(width=180)
        with problems_shown():
            *_, found = compared(catalog.load(FIRST.value), catalog.load(SECOND.value), NEAREST.value, MOST.value)
            st.markdown(
                f"For each of the {len(found.words):,} most frequent words that both models have: how many of its "
                f"{found.k} nearest neighbours among them are the same, as the share of all that either names "
                f"(Jaccard). The mean is **{found.mean:.3f}**. Drag over the bars to see the words that lie there."
            )
            least, most = histogram(found)
            disputed = found.between(least, most)
            say(f"{len(disputed):,} words share {least} to {most} neighbours. The most disputed of them:")
            with st.container(horizontal=True):
                for word, _ in disputed[:LISTED]:
                    query = st.query_params.to_dict() | {WORD.name: word}
                    st.page_link(SIDE_BY_SIDE, label=as_label(word), query_params=query)
            downloads("disagreement", found.as_json(), found.as_csv())

        with problems_shown():
            picture = aligned_map(
                turned(catalog.load(FIRST.value), catalog.load(SECOND.value)), WORD.value, COUNT.value
            )
            st.header(f"“{picture.word}” in both, on one map", anchor=False)
            st.markdown(
                "The first model's unit vectors are turned, all together, to lie as close to the second's as they can "
                "(Procrustes). A long line is a word that the two place differently; click one to ask on. The two "
                f"axes show {picture.shown:.0%} of the variance; over words that the turn was not fitted on, a word "
                f"and its counterpart have a mean cosine of {picture.fit:.2f}."
            )
            arrows(picture)
            downloads("map", picture.as_json())
