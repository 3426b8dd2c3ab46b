"""Initialisation: which start of the embedding table is better, how sure that is, and every run behind it."""

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from explorer.errors import UserError
from explorer.initialisation import library
from explorer.initialisation.measures import AGAINST, CURVES, MEASURES
from explorer.initialisation.words import size
from explorer.questions import copies
from explorer.questions.comparisons import Comparison, Equivalence, Power, Published, Together
from explorer.questions.jobs import Compare
from explorer.texts import _
from explorer.ui.declared import control
from explorer.ui.declared import question as question_of
from explorer.ui.initialisation.causes_view import causes_view
from explorer.ui.initialisation.comparison_charts import COLUMNS, curves_chart, forest_chart, together_chart
from explorer.ui.initialisation.comparison_table import best_first, comparison_table
from explorer.ui.initialisation.comparisons import begin, under_way
from explorer.ui.initialisation.equal_updates_view import equal_updates_view
from explorer.ui.initialisation.one_arm import label_by_label, one_arm
from explorer.ui.initialisation.own_plan import own_plan
from explorer.ui.initialisation.own_texts import own_texts
from explorer.ui.initialisation.published_view import published_view
from explorer.ui.initialisation.selection import selection
from explorer.ui.job_list import job_list
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.messages import as_label, note_no_view, problems_shown, say
from explorer.ui.navigation import visit
from explorer.ui.parameters import Choice, Names, Number, Tabs, folded
from explorer.ui.rights import may_change

SERVER = "http://localhost:8501"  # as long as the browser has not said where it is
EVERY = 5.0  # seconds between two looks at the results of a comparison that is under way
EXPORTS = {
    "html": (_("Report (HTML)"), "text/html"),
    "pdf": (_("Report (PDF)"), "application/pdf"),
    "zip": (_("Report (Markdown, LaTeX, SVG, PDF)"), "application/zip"),
    "tex": (_("Tables (LaTeX)"), "application/x-tex"),
    "csv": ("CSV", "text/csv"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
    "toml": (_("Plan"), "application/toml"),
}

NAMES = list(dict.fromkeys([*under_way(), *library.names()]))  # what is under way is what one comes back to
RUN = control(Comparison, "comparison", Choice, name="run", options=NAMES or [""])
MEASURE = control(Comparison, "measure", options=library.measures(RUN.text))
AGAINST_WHAT = control(Comparison, "against")
MARGIN = control(Equivalence, "margin", Number, step=0.1)
EFFECT = control(Power, "effect", Number, step=0.1)
DECIDING = MEASURE.options[0]


def first(options, option):
    """The options of a choice with the one first that it opens with."""
    return [option, *(each for each in options if each != option)]


CHOSEN = MEASURES.get(MEASURE.text, MEASURES[DECIDING])
CURVE = Choice("curve", _("During training"), first(COLUMNS, CHOSEN.curve))
SORT = Choice("sort", _("Sorted by"), [best_first(CHOSEN.key)])
SHOWN = {"results": _("Results"), "published": _("Beside Kim 2014"), "own": _("Compare yourself")}
SHOW = Tabs("show", _("What the page shows"), list(SHOWN))
OF_A_COMPARISON = ("arm", "share", "arms", "sizes", "together", "word", "seed")  # its choices are a comparison's own
OF_ONES_OWN = ("plan", "texts_quick", "texts_vectors", "texts_pooling", "texts_seeds")
FOLDS = ("terms", "words", "cautions", "pace", "confusion", "why", "toml", "sources", "copy")
KNOWN = (RUN, MEASURE, AGAINST_WHAT, MARGIN, EFFECT, CURVE, SORT, SHOW, *OF_A_COMPARISON, *FOLDS, *OF_ONES_OWN)


def question(share=None, kind=Comparison, own=(AGAINST_WHAT,)):
    """The question that the page answers, as its controls stand, at one size or all."""
    measure = [] if MEASURE.text == DECIDING else [MEASURE]
    return question_of(kind, RUN, *own, *measure, size=share)


def exported(summary, form):
    from explorer.initialisation.report import report  # draws with Matplotlib, which is slow to import

    return report(summary, form)


def exported_together(answer):
    from explorer.initialisation.report import together_report

    return together_report(answer)


def answer(summary):
    """What the deciding measure says in plain words, and what keeps it from being the last word."""
    said, *more = summary.decision(DECIDING) or [summary.verdict(DECIDING)]
    say(said, "provisional" if summary.so_far else "answer")
    if more:
        *sizes, holds = map(as_label, more)
        st.markdown("\n".join(f"- {each}" for each in sizes) + f"\n\n{holds}", width=960)
    if summary.limits:
        say(" ".join(summary.limits))
    collected = summary.collected
    for sentence in (*collected.problems, *collected.failures[:5]):
        say(sentence, "problem")
    if collected.missing and not library.is_shipped(RUN.text) and RUN.text not in under_way():
        say(_("{missing:,} of {jobs:,} runs are missing.", missing=collected.missing, jobs=collected.jobs))
        if may_change() and st.button(_("Go on")):
            begin(RUN.text, summary.plan)
            st.rerun()


def differences(summary, shares, arms, arm):
    """The picture of the answer, how to read it, and what more it shows."""
    if MEASURE.text != DECIDING:
        st.markdown(
            as_label(
                _(
                    "The picture shows {noun}; the answer above is decided by {measures_noun}. {answer}",
                    noun=CHOSEN.noun,
                    measures_noun=MEASURES[DECIDING].noun,
                    answer=summary.verdict(CHOSEN.key),
                )
            ),
            width=960,
        )
    forest_chart(summary, MEASURE.text, shares, arms, arm, look_at, AGAINST_WHAT.value)
    st.markdown(
        _(
            "The runs of one seed differ only in the arm, which is one way to start and to train the embedding table. "
            "Each mark is the mean difference of an arm; its line is the 95% interval. **■ filled**: the difference is "
            "significant after Holm’s correction for all arms of one size. **○ open**: it is not significant. Click a "
            "mark to see its runs."
        )
    )
    explained(summary)
    shown = (summary.verdict(CHOSEN.key), *summary.details(CHOSEN.key))
    st.markdown("\n".join(f"- {as_label(sentence)}" for sentence in shown), width=960)
    with folded(_("All differences in words"), "words") as part:
        if part.open:
            st.markdown("\n".join(f"- {as_label(sentence)}" for sentence in summary.sentences_by(MEASURE.text)))


def explained(summary):
    with folded(_("Terms of this page"), "terms") as part:
        if part.open:
            st.markdown("\n".join(f"- **{as_label(name)}:** {as_label(meaning)}" for name, meaning in summary.terms))


def background(summary):
    """What was compared on, and what weakens the answer."""
    for sentence in filter(None, (summary.task.description, *summary.coverage, summary.chance)):
        st.markdown(as_label(sentence), width=960)
    if summary.cautions:
        with folded(_("Cautions: {cautions}", cautions=len(summary.cautions)), "cautions"):
            for sentence in summary.cautions:
                say(sentence)


def alike(share):
    """Which arms are shown to be alike, and how many seeds show a difference; in the unit of the measure."""
    st.header(_("Alike, or too few seeds?"), anchor=False)
    st.markdown(
        _(
            "That no difference is significant does not show that there is none. Say how far apart still counts as the "
            "same: the answer names the arms that are shown to be no farther from the baseline. Say which difference "
            "you look for: the answer tells how many seeds show it. Both are in {unit}.",
            unit=CHOSEN.points,
        )
    )
    with st.container(horizontal=True):
        MARGIN.draw(width=330)
        EFFECT.draw(width=330)
    if MARGIN.value is not None:
        say(question(share, Equivalence, (MARGIN,)).answer().headline)
    say(question(share, Power, (EFFECT,)).answer().headline)


def along_the_training(summary, shares, arms, arm):
    st.header(_("During training"), anchor=False)
    st.markdown(
        _(
            "Each line is the mean over the seeds; its band is the 95% interval. Lines of frozen tables are dotted, "
            "those of thawed tables dashed. Up to seven arms besides the baseline have colours; if there are more, "
            "only the chosen arm has one. Drag to zoom in, double-click to zoom out."
        )
    )
    CURVE.draw(width=420, show=lambda column: CURVES[column])
    if CURVE.value not in COLUMNS:
        raise UserError(_("There is no curve “{value}”: choose one above.", value=CURVE.value))
    curves_chart(summary, CURVE.value, shares, arms, arm)
    with folded(_("Faster, or better in the end?"), "pace") as part:
        if part.open:
            equal_updates_view(RUN.text, shares)


def look_at(arm, share, seed):
    """Show what was clicked: the arm of a mean, or the run of a seed."""
    if seed is None:
        st.query_params.update({"arm": arm, "share": f"{share:g}"})
    else:
        st.session_state.watched = {"run": RUN.text, "arm": arm, "share": f"{share:g}", "seed": str(seed)}


def copied(asked, **own):
    """What this page asks at the other doors, and the link to it here; `own` are parameters of the address."""
    server = (st.context.url or SERVER).partition("/initialisation")[0]
    parameters = st.query_params.to_dict() | own
    parameters.pop("copy", None)
    with folded(_("Copy as"), "copy") as part:
        if part.open:
            for label, text, language in (
                ("Python", copies.python(asked), "python"),
                (_("Command"), copies.command(asked), "sh"),
                ("curl", copies.curl(asked, server), "sh"),
                (_("Link"), f"{server}/initialisation?{urlencode(parameters, doseq=True)}", None),
            ):
                st.markdown(label)
                st.code(text, language)


def results_by_now():
    """The results of the chosen comparison so far; a click in them runs this function alone."""
    if watched := st.session_state.pop("watched", None):
        visit("learning", **watched)
    with problems_shown():
        if RUN.text in under_way() and RUN.text not in library.names():
            say(_("“{value}” is being prepared.", value=RUN.text))
            note_no_view()
        else:
            with st.spinner(_("Reading the results …")):
                summary = question().answer()
            show_results(summary)


def show_results(summary):
    plan = summary.plan
    sizes = {f"{share:g}": share for share in plan.sizes}
    others = [name for name in plan.arms if name != plan.baseline]
    arm, share = Choice("arm", _("Arm"), [*others, plan.baseline]), Tabs("share", _("Size"), list(sizes)[::-1])
    arms, shares = Names("arms", _("Arms"), (), list(plan.arms)), Names("sizes", _("Sizes"), (), list(sizes))
    selection([arm.value], plan.arms, "arm")
    selection([share.value], sizes, "size")

    answer(summary)
    if not summary.collected.compared:
        background(summary)
        return
    few = selection(arms.value, plan.arms, "arm")
    chosen_shares = [sizes[name] for name in selection(shares.value, sizes, "size")]
    with problems_shown():
        differences(summary, chosen_shares, few, arm.value)
    background(summary)
    with st.expander(_("Fewer arms or sizes"), expanded=arms.is_set or shares.is_set), st.container(horizontal=True):
        arms.draw(width=480, when_open=_("all"))
        if len(sizes) > 1:
            shares.draw(width=260, show=lambda name: size(sizes[name], plan), when_open=_("all"))
    with problems_shown():
        alike(chosen_shares[0] if len(chosen_shares) == 1 else None)
    with problems_shown():
        along_the_training(summary, chosen_shares, few, arm.value)

    st.header(_("Every arm"), anchor=False)
    if len(sizes) > 1:
        share.draw(show=lambda name: size(sizes[name], plan))
    rows = [row for row in summary.arms(sizes[share.value]) if row.arm in few]
    caption = _(
        "{task}, {size}; means over the seeds, with their 95% intervals beneath",
        task=plan.public.task,
        size=size(sizes[share.value], plan),
    )
    comparison_table(rows, summary.measures, caption, SORT.value, arm.value, st.query_params.to_dict())
    if summary.task.classes:
        label_by_label(summary, arm.value, sizes[share.value])
    with problems_shown():
        one_arm(RUN.text, summary, MEASURE.text, chosen_shares, arm, sizes[share.value], look_at)
    with problems_shown():
        together(arm.value)
    st.header(_("Why is it so?"), anchor=False)
    with folded(_("Look into the tables, or change their scale"), "why") as part, problems_shown():
        if part.open:
            causes_view(RUN.text, sizes[share.value] if share.is_set else None)

    st.header(_("The protocol"), anchor=False)
    with folded(_("The plan"), "toml") as part:
        if part.open:
            st.code(plan.public.as_toml(), "toml")
    with folded(_("Sources of the arms"), "sources") as part:
        if part.open:
            st.table(
                [
                    {"arm": as_label(name), "start": as_label(each.name), "source": as_label(each.source)}
                    for name, each in plan.arms.items()
                ]
            )
    with st.container(horizontal=True):
        for form, (label, mime) in EXPORTS.items():
            st.download_button(label, partial(exported, summary, form), f"{RUN.text}.{form}", mime, on_click="ignore")
    copied(question(chosen_shares[0] if len(chosen_shares) == 1 < len(sizes) else None), run=RUN.text)


def together(arm):
    """The chosen arm in several of the comparisons that have it, where there are any besides this one."""
    others = library.with_arm(arm, CHOSEN.key)
    if len(others) < 2:
        return
    st.header(_("Several comparisons together"), anchor=False)
    st.markdown(_("What {arm} gains over the baseline on the whole. Choose two or more.", arm=as_label(f"“{arm}”")))
    several = Names("together", _("Comparisons"), (), others)
    several.draw(width=680, when_open=_("none"))
    if not several.value:
        return
    both = tuple(selection(several.value, others, "comparison"))
    answer = Together(comparisons=both, arm=arm, measure=CHOSEN.key).answer()
    say(answer.headline)
    together_chart(answer)
    st.download_button(
        EXPORTS["html"][0], partial(exported_together, answer), f"{arm}.html", "text/html", on_click="ignore"
    )
    st.markdown("\n".join(f"- {as_label(sentence)}" for sentence in answer.sentences))


def results():
    with st.container(horizontal=True):
        RUN.draw(width=300)
        MEASURE.draw(width=330, show=lambda key: MEASURES[key].title)
        AGAINST_WHAT.draw(width=330, show=lambda name: AGAINST[name])
    job_list(Compare.kind, "above")
    if RUN.text:
        st.fragment(results_by_now, run_every=EVERY if RUN.text in under_way() else None)()
    else:
        say(_("There is no comparison yet. Choose “{own}” above to run one.", own=SHOWN["own"]))


def published():
    with st.spinner(_("Reading the results …")):
        answer = Published().answer()
    published_view(answer)
    copied(Published())


def own_comparison():
    if may_change():
        st.header(_("On texts of your own"), anchor=False)
        with problems_shown():
            own_texts()
    with problems_shown():
        own_plan(NAMES)


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.set_page_config(page_title="Initialisation")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.title(_("Initialisation"), anchor=False, width="content")
        SHOW.draw(show=SHOWN.__getitem__)
    say_what_is_left_out(*KNOWN)
    with problems_shown():
        if SHOW.value not in SHOWN:
            raise UserError(_("“{value}” is not one of {options}.", value=SHOW.value, options=", ".join(SHOWN)))
        {"results": results, "published": published, "own": own_comparison}[SHOW.value]()
