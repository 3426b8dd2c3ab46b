"""Health: how good a model is, where it is ill, and what a cosine of two words is made of."""

from dataclasses import replace
from functools import partial
from itertools import zip_longest

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.centring import default_components
from explorer.embeddings.evaluation import evaluate_model
from explorer.errors import UserError
from explorer.questions import openings
from explorer.questions.models import Evaluate, Health
from explorer.questions.vectors import Percentile, Why
from explorer.texts import _
from explorer.ui.action_bar import action_bar
from explorer.ui.centred import centred
from explorer.ui.declared import control, question
from explorer.ui.downloads import downloads
from explorer.ui.health_charts import (
    SPACES,
    bands_chart,
    benchmarks_chart,
    cosines_chart,
    hubness_chart,
    variance_chart,
)
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.parameters import Several, Tabs
from explorer.ui.why_view import why_view
from explorer.ui.word_box import word_box

MODELS = catalog.names() or [catalog.DEFAULT]
MOST_MODELS = 4
BENCHMARKS = {
    "wordsim353": _("WordSim-353: relatedness"),
    "simlex999": _("SimLex-999: similarity"),
    "analogies": _("Google analogies"),
    "semantic": _("Analogies about the world"),
    "syntactic": _("Analogies about grammar"),
}

MODEL = control(Why, "model", options=MODELS)
SEVERAL = Several("models", _("Models"), [MODEL.text] if MODEL.text in MODELS else MODELS[:1], MODELS)
FREQUENT = control(Health, "words")
COMPONENTS = control(Health, "components")
EXAMPLE = control(Health, "word", name="example", aliases=["word"])
VOCABULARY = control(Evaluate, "restrict_vocab")
PAIR = (catalog.examples(MODEL.text, ["airplane", "helicopter"], least=2) * 2)[:2]
FIRST = control(Why, "first", default=PAIR[0])
SECOND = control(Why, "second", default=PAIR[1])
DIMENSIONS = control(Why, "n")


def chosen_models():
    models = SEVERAL.value
    if not models:
        raise UserError(_("No model is chosen. Choose one above."))
    if len(models) > MOST_MODELS:
        raise UserError(
            _(
                "These are {models} models, but {most_models} fit side by side. Leave some out.",
                models=len(models),
                most_models=MOST_MODELS,
            )
        )
    return models


def hundredth_of_dimensions():
    """How many components are removed where nobody says so: a number where one model is chosen."""
    if len(SEVERAL.among_the_options) != 1:
        return _("dimensions / 100")
    return _("{count} (dimensions / 100)", count=default_components(catalog.load(SEVERAL.among_the_options[0])))


def rounded(number, digits=4):
    return "–" if number is None else f"{number:.{digits}f}".replace("-", "−")


def show_share(bar, text, _doing, share):
    bar.progress(share, text)


def show_measures():
    st.markdown(
        _(
            "Word vectors have three known weaknesses. *Hubness*: a few words are neighbours of very many others. "
            "*Anisotropy*: all vectors point in similar directions, so random words look similar. *Frequency bias*: "
            "words are near because they are equally frequent. The table shows what centring does about them. "
            "*Centred*: the mean vector is subtracted from each vector. *All but "
            "the top*: the leading principal components are removed too (Mu & Viswanath 2018)."
        )
    )
    with st.container(horizontal=True):
        SEVERAL.draw(width=560)
        FREQUENT.draw(width=190)
        COMPONENTS.draw(width=240, when_open=hundredth_of_dimensions())
    bar = st.empty()
    models = chosen_models()
    questions = {model: question(Health, FREQUENT, COMPONENTS, model=model) for model in models}
    examined = {}
    for model, each in questions.items():
        measuring = partial(show_share, bar, _("Measuring {title} …", title=as_label(model)))
        examined[model] = each.answer(measuring)
    bar.empty()

    for model, health in examined.items():
        if len(examined) > 1:
            st.subheader(as_label(model), anchor=False)
        for sentence in health.sentences:
            say(sentence)
        removed = COMPONENTS.value or default_components(catalog.load(model))
        with st.container(width=900, key=f"figures {model}"):
            st.table(measures(health.spaces, (*SPACES[:2], f"{SPACES[2]} {removed}")))
    say(
        _(
            "Measured on the {words:,} most frequent words. Neighbours are the 10 nearest words among them.",
            words=health.spaces[0].words,
        )
    )
    charted = {model: health.spaces for model, health in examined.items()}

    st.header(_("Hubness"), anchor=False)
    st.markdown(
        _(
            "A hub is a word that is a neighbour of very many words, although it has little meaning in common with "
            "them. A longer tail to the right means a higher skewness and worse hubs."
        )
    )
    hubness_chart(charted)
    for model, measured in charted.items():
        hubs = ", ".join(f"{as_label(word)} ({times})" for word, times in measured[0].hubness.hubs)
        st.markdown(
            _("The biggest hubs of {model}, with the number of their lists: {hubs}.", model=as_label(model), hubs=hubs)
        )

    st.header(_("Anisotropy"), anchor=False)
    st.markdown(
        _(
            "Vectors are anisotropic if they all point in similar directions. Random words then look similar. In a "
            "healthy space random pairs have cosines around 0, and no principal component has much more of the "
            "variance than the others."
        )
    )
    cosines_chart(charted)
    variance_chart(charted)

    st.header(_("Frequency bias"), anchor=False)
    st.markdown(
        _(
            "Vectors also encode how frequent a word is, so words of the same frequency become neighbours. The words "
            "are divided into deciles by frequency. How many neighbours of a word are in its own decile? By chance it "
            "is one in ten (dotted line)."
        )
    )
    bands_chart(charted)

    st.header(_("What this does to neighbours"), anchor=False)
    example = replace(EXAMPLE, default=catalog.examples(models[0], ["king", "time"], among=FREQUENT.value)[0])
    with st.container(width=300):
        word_box(example, models[0])
    for model in models:
        with problems_shown():
            if len(models) > 1:
                st.subheader(as_label(model), anchor=False)
            with_example = question(Health, FREQUENT, COMPONENTS, example, model=model)
            health = examined[model] = with_example.answer()
            questions[model] = with_example
            if health.example:
                st.table(neighbour_rows(health.example.near))
    table = health.as_csv() if len(examined) == 1 else None
    tree = {model: each.as_json() for model, each in examined.items()}
    action_bar(*questions.values(), before=partial(downloads, "health", tree, table))


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
        "hubness: words nobody has as a neighbour": [f"{space.hubness.orphans:.1%}" for space in measured],
        "anisotropy: mean cosine of all pairs (0 is best)": [
            rounded(space.anisotropy.mean_cosine) for space in measured
        ],
        "anisotropy: isotropy, how evenly vectors point in all directions (1 is best)": [
            rounded(space.anisotropy.isotropy) for space in measured
        ],
        f"frequency: neighbours in the same decile (by chance {measured[0].frequency.chance:.1%})": [
            f"{space.frequency.same_band:.1%}" for space in measured
        ],
        "frequency: R² of predicting it from the vector (0 is best)": [
            rounded(space.frequency.r_squared, 3) for space in measured
        ],
    }
    return [{"measure": measure} | dict(zip(headings, cells, strict=True)) for measure, cells in rows.items()]


def run_again():
    del st.query_params["run"]


def show_benchmarks():
    st.markdown(
        _(
            "Word pairs: Spearman's ρ between the cosines and the similarity that people judged, from −1 to 1. "
            "Analogies: the share that 3CosAdd answered correctly. Coverage is the share of questions whose words the "
            "model has. The files, the rules and the results are those of gensim."
        )
    )
    with st.container(horizontal=True):
        SEVERAL.draw(width=560)
        VOCABULARY.draw(width=220)
    scores = {}
    bar, stop, table, chart = st.empty(), st.empty(), st.empty(), st.empty()
    if st.query_params.get("run") == "no":
        stop.button(_("Run the benchmarks"), on_click=run_again)
        return
    questions = {model: question(Evaluate, VOCABULARY, model=model) for model in chosen_models()}
    stop.button(_("Stop"), on_click=st.query_params.update, args=({"run": "no"},))
    for model, each in questions.items():
        for known in evaluate_model(each.embedding, each.restrict_vocab):
            scores[model] = known
            if known.done < 1:
                bar.progress(known.done, _("Evaluating {title} …", title=as_label(model)))
                table.table(benchmark_rows(scores))
    bar.empty()
    stop.empty()
    table.table(benchmark_rows(scores))
    with chart.container():
        benchmarks_chart(scores, BENCHMARKS)
    table_of_one = known.as_csv() if len(scores) == 1 else None
    tree = {model: known.as_json() for model, known in scores.items()}
    action_bar(*questions.values(), before=partial(downloads, "benchmarks", tree, table_of_one))


def benchmark_rows(scores):
    """A row for each benchmark and section: its score and coverage in each model."""
    names = next(iter(scores.values())).by_name  # the first is the first to be finished
    return [
        {"benchmark": BENCHMARKS.get(name, name), "questions": f"{names[name].questions:,}"}
        | {as_label(model): score_text(known.by_name.get(name)) for model, known in scores.items()}
        for name in names
    ]


def score_text(score):
    if score is None:
        return "…"
    return _("{rounded} (coverage {coverage:.1%})", rounded=rounded(score.value), coverage=score.coverage)


def show_why():
    st.markdown(_("How high is the cosine of two words, really? And what is it made of?"))
    with st.container(horizontal=True):
        with st.container(width=240):
            word_box(FIRST, MODEL)
        with st.container(width=240):
            word_box(SECOND, MODEL)
        MODEL.draw(width=240)
        DIMENSIONS.draw(width=130)
    why = question(Why, FIRST, SECOND, MODEL, DIMENSIONS)
    percentile = question(Percentile, FIRST, SECOND, MODEL)
    answer, compared = why.answer(), percentile.answer()
    why_view(answer, compared)
    tree = answer.as_json() | {"percentile": compared.as_json()}
    action_bar(why, percentile, before=partial(downloads, "why", tree, answer.as_csv()))


SHOWN = {
    "measures": (_("Measures"), show_measures),
    "benchmarks": (_("Benchmarks"), show_benchmarks),
    "why": (_("Why similar?"), show_why),
}
TAB = Tabs("show", _("What to show"), list(SHOWN), synonyms=openings.PARTS_OF_HEALTH)
KNOWN = (TAB, SEVERAL, MODEL, FREQUENT, COMPONENTS, EXAMPLE, VOCABULARY, FIRST, SECOND, DIMENSIONS, "run")

with centred():
    st.title(_("Health"), anchor=False)
    TAB.draw(show=lambda tab: SHOWN[tab][0])
    say_what_is_left_out(*KNOWN)
    with problems_shown():
        if TAB.value not in SHOWN:
            raise UserError(_("There is nothing called “{value}” to show here. Choose one above.", value=TAB.value))
        name, show = SHOWN[TAB.value]
        st.set_page_config(page_title=f"{name} · Health")
        show()
