"""Watch it learn: a training in the page, and any number of it at any moment."""

import plotly.graph_objects as go
import streamlit as st

from explorer.data.pairs import PHRASEBOOK, TRAIN, VALIDATION, parse_pairs, read_pairs
from explorer.embeddings import catalog
from explorer.initialisation.fitting import new_translator, word_pairs, words_of
from explorer.lesson.learning import MOST_UPDATES, Learning
from explorer.lesson.lesson import lesson
from explorer.transformer.model import Configuration
from explorer.transformer.training import Recipe
from explorer.ui.matrix_view import matrix_view, scale_limits
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Choice, Number, Text

BOOK, PASTED = "phrase book", "pasted pairs"
NO_VECTORS = "random"
RATES = {"0.0003": 0.0003, "0.001": 0.001, "0.003": 0.003, "0.01": 0.01, "0.03": 0.03}
ORANGE, GREY = "#cd6a23", "#8a919b"  # seen in both themes
PLAIN = {"displaylogo": False}
MARGIN = {"l": 0, "r": 0, "t": 10, "b": 0}

DATA = Choice("data", "Pairs", [BOOK, PASTED])
VECTORS = Choice("vectors", "Embeddings start", [NO_VECTORS, *catalog.names()])
WIDTH = Number("d_model", "d_model", 32, least=2, most=256)
HEADS = Number("heads", "Heads", 4, least=1, most=16)
LAYERS = Number("layers", "Layers", 1, least=1, most=4)
UPDATES = Number("updates", "Updates", 200, least=1, most=MOST_UPDATES)
BATCH = Number("batch", "Pairs a batch", 32, least=1, most=512)
RATE = Choice("rate", "Learning rate", ["0.01", "0.0003", "0.001", "0.003", "0.03"])
SEED = Number("seed", "Seed", 0, least=0, most=999_999_999)
SOURCE = Text("source", "Source", "you are welcome")
TARGET = Text("target", "Target", "de nada")
WORD = Text("word", "Word", "you")
EXAMPLE = "good morning\tbuenos días\ngood night\tbuenas noches\ngood evening\tbuenas tardes\nyou are welcome\tde nada"


def phrases(pasted):
    return read_pairs(PHRASEBOOK) if DATA.value == BOOK else parse_pairs(pasted, "The pasted text", SEED.value)


def begin(pasted):
    """Start a training and forget the one before it, which ends because nobody looks at it."""
    if (old := st.session_state.get("learning")) is not None:
        old.cancel()
    st.session_state.pop("learning", None)
    pairs = phrases(pasted)
    configuration = Configuration(WIDTH.value, HEADS.value, LAYERS.value, norm="pre", scaled=True, tied=True)
    embedding = None if VECTORS.value == NO_VECTORS else catalog.load(VECTORS.value)
    translator, covered = new_translator(pairs, configuration, embedding, SEED.value)
    recipe = Recipe(batch_size=BATCH.value, rate=RATES[RATE.value], seed=SEED.value)
    train, validation = word_pairs(pairs, TRAIN), word_pairs(pairs, VALIDATION)
    learning = Learning(translator, train, validation, recipe, UPDATES.value)
    learning.start()
    st.session_state.learning = learning
    st.session_state.told = (
        f"{len(train):,} pairs; {len(translator.source):,} source and {len(translator.target):,} target words; "
        + (f"{covered:,} of the source words start from {VECTORS.value}." if embedding else "all weights start random.")
    )


def curves(learning):
    figure = go.Figure()
    figure.add_scatter(
        y=learning.losses, x0=1, mode="lines", line={"width": 1, "color": GREY}, name="training, each update"
    )
    moments = learning.moments
    figure.add_scatter(
        x=[moment.step for moment in moments],
        y=[moment.measure.loss for moment in moments],
        mode="lines+markers",
        line={"color": ORANGE},
        name="validation",
        customdata=[moment.measure.accuracy for moment in moments],
        hovertemplate="loss %{y:.3f}, words right %{customdata:.1%}",
    )
    figure.update_layout(
        height=300,
        margin=MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.12},
        xaxis={"title": "update", "range": [0, learning.updates]},
        yaxis={"title": "loss (cross-entropy of a word)", "rangemode": "tozero"},
    )
    st.plotly_chart(figure, key="curves", config=PLAIN)


@st.fragment(run_every=1.0)
def under_way(learning):
    """The training while it runs; when it ends, the whole page is drawn once more."""
    learning.look()
    st.progress(learning.step / learning.updates, f"{learning.step:,} of {learning.updates:,} updates")
    with st.container(horizontal=True):
        if learning.paused:
            st.button("Go on", on_click=learning.go_on)
        else:
            st.button("Pause", on_click=learning.pause)
        st.button("Stop here", on_click=learning.cancel)
    curves(learning)
    if not learning.running:
        st.rerun()


def weight_chart(learning, name, index):
    """A weight and Adam's two means, each on an axis of its own."""
    points = learning.weight(name, *index)
    for title, values in (
        ("weight", [point.value for point in points]),
        ("m, mean gradient", [point.m for point in points]),
        ("√v, its size", [point.size for point in points]),
    ):
        figure = go.Figure(go.Scatter(x=[point.step for point in points], y=values, mode="lines+markers"))
        figure.update_layout(height=190, margin=MARGIN, xaxis={"title": "update"}, yaxis={"title": title})
        st.plotly_chart(figure, key=f"weight {title}", config=PLAIN)


def map_chart(learning, words, moment):
    """Where words stand at a moment, and the way each has come."""
    places = learning.embedding_map(words)
    now = [kept.step for kept in learning.moments].index(moment.step)
    figure = go.Figure()
    for row in range(len(places[0])):
        way = [place[row] for place in places[: now + 1]]
        figure.add_scatter(
            x=[x for x, _ in way],
            y=[y for _, y in way],
            mode="lines",
            line={"width": 1, "color": GREY},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        x=places[now][:, 0], y=places[now][:, 1], mode="markers+text", text=words, textposition="top center"
    )
    axis = {"showticklabels": False, "zeroline": False, "showgrid": False}
    figure.update_layout(height=420, margin=MARGIN, showlegend=False, xaxis=axis, yaxis=axis)
    st.plotly_chart(figure, key="words", config=PLAIN)


def looking_back(learning):
    steps = [moment.step for moment in learning.moments]
    if len(steps) < 2:
        return
    st.header("Look back", anchor=False)
    step = st.select_slider("After update", steps, value=steps[-1], key="moment", width=620)
    moment = learning.moment(step)
    say(
        f"After {moment.step:,} updates: validation loss {moment.measure.loss:.4f}, "
        f"{moment.measure.accuracy:.1%} of its words right."
    )
    with st.container(horizontal=True):
        SOURCE.draw(width=300)
        TARGET.draw(width=300)
        WORD.draw(width=180)
    translator = learning.translator_at(moment)

    with problems_shown():
        told = lesson(learning.example_at(moment, words_of(SOURCE.value), words_of(TARGET.value)))
        st.subheader("Any matrix", anchor=False)
        names = [tensor.name for tensor in told.trace]
        default = next(name for name in names if name.endswith("cross_attention.weights"))
        name = st.selectbox("Matrix", names, index=names.index(default), key="matrix", width=420)
        matrix_view(told.trace, [told.trace[name]], scale_limits(told.trace), key="moment matrix")
        candidates = next(step for step in told.steps if step.key == "next.words").tables[0]
        columns = list(zip(*candidates.rows, strict=True))
        st.dataframe(dict(zip(candidates.columns, columns, strict=True)), hide_index=True)

    st.subheader("Neighbours in the source's table", anchor=False)
    word = WORD.value.strip().lower()
    near = learning.neighbours(word, moment)
    if not near:
        say(f"“{word}” is not among the words of the training part.")
    else:
        columns = {
            "neighbour": [other.word for other in near],
            "cosine": [other.similarity for other in near],
            "rank since the start": [risen(other.risen) for other in near],
        }
        st.dataframe(columns, hide_index=True)
        with problems_shown():
            map_chart(learning, [word, *columns["neighbour"]], moment)

    st.subheader("One weight, and what Adam remembers of it", anchor=False)
    with st.container(horizontal=True):
        parameters = list(learning.moments[0].parameters)
        name = st.selectbox("Parameter", parameters, key="parameter", width=420)
        shape = learning.moments[0].parameters[name].shape
        start = translator.source.ids([word])[0] if name == "source.table" else 0
        rows = [st.number_input("row", 0, shape[0] - 1, start, key=f"row of {name} {word}")] if len(shape) > 1 else []
        column = st.number_input("column", 0, shape[-1] - 1, 0, key=f"column of {name}")
        index = [*rows, column]
    with problems_shown():
        weight_chart(learning, name, index)


def risen(places):
    """How far a rank has risen, as an arrow."""
    return f"{'↑' if places > 0 else '↓'} {abs(places)}" if places else "·"


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.set_page_config(page_title="Watch it learn")
    st.title("Watch it learn", anchor=False)
    st.markdown(
        "A small transformer is trained here, in the page, on the phrase book or on pairs of your own. While it runs "
        "you see its loss fall; then any matrix, the neighbours of any word and any weight can be looked at, at any "
        "moment."
    )
    with st.container(horizontal=True):
        DATA.draw(width=180)
        VECTORS.draw(width=240)
        WIDTH.draw(width=130)
        HEADS.draw(width=130)
        LAYERS.draw(width=130)
    with st.container(horizontal=True):
        UPDATES.draw(width=150)
        BATCH.draw(width=150)
        RATE.draw(width=150)
        SEED.draw(width=160)
    pasted = EXAMPLE
    if DATA.value == PASTED:
        pasted = st.text_area("Pairs: source, a tab, target; one pair a line", EXAMPLE, height=160)
    with problems_shown():
        if st.button("Train"):
            begin(pasted)
    learning = st.session_state.get("learning")
    if learning is not None:
        say(st.session_state.told)
        if learning.running:
            under_way(learning)
        else:
            if learning.problem:
                say(learning.problem, "problem")
            curves(learning)
            looking_back(learning)
