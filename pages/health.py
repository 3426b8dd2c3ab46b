"""Health: how good a model is, where it is ill, and what a cosine of two words is made of."""

from functools import partial
from itertools import zip_longest

import streamlit as st

from explorer.embeddings import catalog, recipes
from explorer.embeddings.centring import default_components
from explorer.embeddings.contributions import contributions
from explorer.embeddings.diagnostics import percentile
from explorer.embeddings.evaluation import RESTRICTED_VOCABULARY, evaluate_model
from explorer.embeddings.health import FEWEST_WORDS, MOST_WORDS, WORDS, examine, spaces
from explorer.embeddings.neighbours import neighbours
from explorer.errors import UserError
from explorer.ui.downloads import downloads
from explorer.ui.health_charts import (
    SPACES,
    bands_chart,
    benchmarks_chart,
    cosines_chart,
    hubness_chart,
    percentile_chart,
    shares_chart,
    variance_chart,
)
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.parameters import Choice, Number, Several, Tabs, Text, folded
from explorer.ui.word_table import Row, word_table

MODELS = catalog.names() or [catalog.DEFAULT]
MOST_MODELS = 4
BENCHMARKS = {
    "wordsim353": "WordSim-353: relatedness",
    "simlex999": "SimLex-999: similarity",
    "analogies": "Google analogies",
    "semantic": "Analogies about the world",
    "syntactic": "Analogies about grammar",
}

SEVERAL = Several("models", "Models", MODELS[:1], MODELS)
MODEL = Choice("model", "Model", MODELS)
FREQUENT = Number("words", "Most frequent words", WORDS, least=FEWEST_WORDS, most=MOST_WORDS)
COMPONENTS = Number("components", "Components taken away", None, least=1, most=10_000)
VOCABULARY = Number("restrict_vocab", "Most frequent words asked", RESTRICTED_VOCABULARY, least=1, most=10_000_000)
PAIR = (catalog.examples(MODEL.value, ["airplane", "helicopter"], least=2) * 2)[:2]
FIRST = Text("first", "One word", PAIR[0])
SECOND = Text("second", "The other", PAIR[1])
DIMENSIONS = Number("n", "Dimensions", 8, least=1, most=1000)


def chosen_models():
    models = SEVERAL.value
    if not models:
        raise UserError("No model is chosen: choose one above.")
    if len(models) > MOST_MODELS:
        raise UserError(f"These are {len(models)} models, but {MOST_MODELS} fit side by side: leave some out.")
    return models


def rounded(number, digits=4):
    return "–" if number is None else f"{number:.{digits}f}".replace("-", "−")


def show_share(bar, text, share):
    bar.progress(min(share, 1.0), text)


def show_measures():
    st.markdown(
        "Three illnesses of vectors, and two remedies: the mean vector taken away from each (*centred*), and after "
        "that the leading principal components as well (*all but the top*, Mu & Viswanath 2018)."
    )
    with st.container(horizontal=True):
        SEVERAL.draw(width=560, show=catalog.title)
        FREQUENT.draw(width=190)
        COMPONENTS.draw(width=200, when_open="dimensions / 100")
    examined = {}
    bar = st.empty()
    for model in chosen_models():
        measuring = partial(show_share, bar, f"Measuring {as_label(catalog.title(model))} …")
        examined[model] = examine(catalog.load(model), FREQUENT.value, COMPONENTS.value, measuring)
    bar.empty()

    for model, measured in examined.items():
        if len(examined) > 1:
            st.subheader(as_label(model), anchor=False)
        taken = COMPONENTS.value or default_components(catalog.load(model))
        st.table(measures(measured, (*SPACES[:2], f"{SPACES[2]} {taken}")))
        if measured[0].note:
            say(measured[0].note)
    say(f"Measured over the {measured[0].words:,} most frequent words; neighbours are the 10 nearest among them.")

    st.header("Hubness", anchor=False)
    st.markdown(
        "Some words are near to very many others, without meaning much in common: lists of neighbours fill with them. "
        "The further the tail of the histogram reaches to the right, the larger its skewness, the worse the hubs."
    )
    hubness_chart(examined)
    for model, measured in examined.items():
        hubs = ", ".join(f"{as_label(word)} ({times})" for word, times in measured[0].hubness.hubs)
        st.markdown(f"In most lists of {as_label(model)}: {hubs}.")

    st.header("Anisotropy", anchor=False)
    st.markdown(
        "Vectors that all point the same way make random words look similar. In a healthy space random pairs have "
        "cosines around 0, and no principal component takes much more of the variance than the others."
    )
    cosines_chart(examined)
    variance_chart(examined)

    st.header("Frequency bias", anchor=False)
    st.markdown(
        "Vectors also tell how frequent a word is, and so words as frequent become neighbours. The words are cut into "
        "tenths by frequency: how many of a word's neighbours are in its own? By chance it is one in ten (dotted)."
    )
    bands_chart(examined)

    st.header("What that does to neighbours", anchor=False)
    example = Text("example", "A word", catalog.examples(next(iter(examined)), ["king"])[0])
    example.draw(width=300)
    for model in examined:
        with problems_shown({"model": model}):
            if len(examined) > 1:
                st.subheader(as_label(model), anchor=False)
            three = spaces(catalog.load(model), FREQUENT.value, COMPONENTS.value)
            st.table(neighbour_rows([neighbours(space, example.value, 8).rows for space in three]))
    downloads("health", {model: [space.as_json() for space in measured] for model, measured in examined.items()})


def neighbour_rows(lists):
    """A row for each rank: the word there in each space, and its cosine."""
    return [
        {"rank": str(rank)}
        | {
            name: f"{as_label(row.word)}  {rounded(row.similarity)}" if row else ""
            for name, row in zip(SPACES, near, strict=True)
        }
        for rank, near in enumerate(zip_longest(*lists), start=1)
    ]


def measures(measured, headings):
    """A row for each measure: what it is in each space."""
    rows = {
        "hubness: skewness (0 is even)": [rounded(space.hubness.skewness, 2) for space in measured],
        "hubness: words in no list": [f"{space.hubness.orphans:.1%}" for space in measured],
        "anisotropy: mean cosine of all pairs (0 is best)": [
            rounded(space.anisotropy.mean_cosine) for space in measured
        ],
        "anisotropy: isotropy of the partition function (1 is best)": [
            rounded(space.anisotropy.isotropy) for space in measured
        ],
        f"frequency: neighbours in the same tenth (by chance {measured[0].frequency.chance:.1%})": [
            f"{space.frequency.same_band:.1%}" for space in measured
        ],
        "frequency: R² of predicting it from the vector (0 is best)": [
            rounded(space.frequency.r_squared, 3) for space in measured
        ],
    }
    return [{"measure": measure} | dict(zip(headings, cells, strict=True)) for measure, cells in rows.items()]


def show_benchmarks():
    st.markdown(
        "Word pairs: Spearman's ρ between the cosines and how alike people found the words, from −1 to 1. Analogies: "
        "the share answered rightly by 3CosAdd. The files, the rules and the results are gensim's."
    )
    with st.container(horizontal=True):
        SEVERAL.draw(width=560, show=catalog.title)
        VOCABULARY.draw(width=220)
    scores = {}
    bar, stop, table, chart = st.empty(), st.empty(), st.empty(), st.empty()
    if st.query_params.get("run") == "no":
        stop.button("Run the benchmarks", on_click=lambda: st.query_params.pop("run"))
        return
    embeddings, most = {model: catalog.load(model) for model in chosen_models()}, VOCABULARY.value
    stop.button("Stop", on_click=st.query_params.update, args=({"run": "no"},))
    for model, embedding in embeddings.items():
        for known in evaluate_model(embedding, most):
            scores[model] = known
            if known.done < 1:
                bar.progress(known.done, f"Evaluating {as_label(catalog.title(model))} …")
                table.table(benchmark_rows(scores))
    bar.empty()
    stop.empty()
    table.table(benchmark_rows(scores))
    with chart.container():
        benchmarks_chart(scores, BENCHMARKS)
    table_of_one = known.as_csv() if len(scores) == 1 else None
    downloads("benchmarks", {model: known.as_json() for model, known in scores.items()}, table_of_one)


def benchmark_rows(scores):
    """A row for each benchmark and section: its score and coverage in each model."""
    names = max((known.by_name for known in scores.values()), key=len)
    return [
        {"benchmark": BENCHMARKS.get(name, name), "questions": f"{names[name].questions:,}"}
        | {as_label(model): shown_score(known.by_name.get(name)) for model, known in scores.items()}
        for name in names
    ]


def shown_score(score):
    if score is None:
        return "…"
    return f"{rounded(score.value)} ({score.coverage:.1%} asked)"


def show_why():
    st.markdown("How high is the cosine of two words, really? And what is it made of?")
    with st.container(horizontal=True):
        FIRST.draw(width=240)
        SECOND.draw(width=240)
        MODEL.draw(width=300, show=catalog.title)
        DIMENSIONS.draw(width=130)
    embedding = catalog.load(MODEL.value)
    answer = contributions(embedding, FIRST.value, SECOND.value, DIMENSIONS.value)
    compared = percentile(embedding, FIRST.value, SECOND.value)
    pair = f"{as_label(answer.first)} · {as_label(answer.second)}"

    st.header("How high is it?", anchor=False)
    st.markdown(
        f"**{pair}: {rounded(answer.similarity)}** is {compared.sentence}. Percentiles compare across models and "
        "frequencies; cosines do not."
    )
    percentile_chart(compared)

    st.header("What is it made of?", anchor=False)
    st.markdown(
        f"The products of the two unit vectors' {len(answer.shares)} coordinates add up to the cosine. A dimension on "
        "its own seldom means anything; the words at its two ends show what it tells apart."
    )
    shares_chart(answer)
    st.table(
        [
            {
                "dimension": str(each.index),
                "share": rounded(each.share),
                f"in {as_label(answer.first)}": rounded(each.first),
                f"in {as_label(answer.second)}": rounded(each.second),
                "lowest": as_label(", ".join(each.lowest)),
                "highest": as_label(", ".join(each.highest)),
            }
            for each in answer.largest
        ]
    )

    st.header("What is near to both?", anchor=False)
    if answer.shared:
        caption = f"{len(answer.shared)} words are among the {answer.looked_at} nearest of both"
        rows = [
            Row((near.word,), min(near.to_first, near.to_second), (rounded(near.to_first), rounded(near.to_second)))
            for near in answer.shared
        ]
        headings = ("rank", "word", f"to {answer.first}", f"to {answer.second}")
        word_table(caption, headings, rows, "the lower cosine", embedding.name, "shared")
    else:
        say(f"Not one word is among the {answer.looked_at} nearest of both.")
    downloads("why", answer.as_json() | {"percentile": compared.as_json()})
    with folded("Copy as Python", "python") as part:
        if part.open:
            st.code(recipes.similarity(embedding, answer.first, answer.second), "python")


SHOWN = {
    "measures": ("Measures", show_measures),
    "benchmarks": ("Benchmarks", show_benchmarks),
    "why": ("Why similar?", show_why),
}
TAB = Tabs("show", "What to show", list(SHOWN))

with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.title("Health", anchor=False)
    TAB.draw(show=lambda tab: SHOWN[tab][0])
    with problems_shown():
        if TAB.value not in SHOWN:
            raise UserError(f"There is nothing called “{TAB.value}” to show here: choose one above.")
        name, show = SHOWN[TAB.value]
        st.set_page_config(page_title=f"{name} · Health")
        show()
