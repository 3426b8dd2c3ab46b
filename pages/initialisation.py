"""Initialisation: which start of the embedding table is better, how sure that is, and every run behind it."""

from functools import partial

import streamlit as st

from explorer.errors import UserError
from explorer.initialisation import library
from explorer.initialisation import plan as plans
from explorer.initialisation.measures import CURVES, MEASURES
from explorer.initialisation.summary import size
from explorer.ui.comparison_charts import COLUMNS, curves_chart, forest_chart, seeds_chart
from explorer.ui.comparison_table import best_first, comparison_table
from explorer.ui.comparisons import begin, given, going_on, measures, summary, under_way
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import LEARNING, visit
from explorer.ui.parameters import Choice, Names, Tabs, folded

EVERY = 5.0  # seconds between two looks at the results of a comparison that is under way
AGAINST = {
    "baseline": "the baseline",
    "controls": "the same vectors for other words, or matched noise",
    "rescaled": "the same vectors, rescaled",
}
EXPORTS = {
    "html": ("Report (HTML)", "text/html"),
    "zip": ("Report (Markdown and SVG)", "application/zip"),
    "csv": ("CSV", "text/csv"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
    "toml": ("Plan", "application/toml"),
}

NAMES = list(dict.fromkeys([*library.names(), *under_way()]))
RUN = Choice("run", "Comparison", NAMES or [""])
MEASURE = Choice("measure", "Measure", measures(RUN.value))
AGAINST_WHAT = Choice("against", "Compared with", list(AGAINST))


def decided_first(columns, column):
    """The options of a choice with the one that goes with the measure first, which is what it opens with."""
    return [column, *(each for each in columns if each != column)]


ASKED = MEASURES.get(MEASURE.value, MEASURES[MEASURE.options[0]])
CURVE = Choice("curve", "Along the training", decided_first(COLUMNS, ASKED.curve))
SORT = Choice("sort", "Sorted by", [best_first(ASKED.key)])
PLAN = Choice("plan", "Start from the plan", [*plans.NAMES, *(name for name in NAMES if name not in plans.NAMES)])


def chosen(names, options, what):
    """The chosen ones in the order of the options, all where none is. Raises UserError for one that is not there."""
    if unknown := [name for name in names if name not in options]:
        raise UserError(f"There is no {what} “{unknown[0]}” in this comparison. There are: {', '.join(options)}.")
    return [option for option in options if option in names or not names]


def exported(told, form):
    from explorer.initialisation.report import report  # draws with Matplotlib, which is slow to import

    return report(told, form)


def answer(told):
    """What was found, and what weakens it."""
    say(told.headline, "provisional" if told.so_far else "answer")
    for sentence in filter(None, (told.task.description, told.chance)):
        st.markdown(as_label(sentence), width=960)
    for sentence in (*told.collected.problems, *told.collected.failures[:5]):
        say(sentence, "problem")
    if told.cautions:
        with folded(f"Cautions: {len(told.cautions)}", "cautions"):
            for sentence in told.cautions:
                say(sentence)
    if told.collected.missing and not library.is_shipped(RUN.value) and RUN.value not in under_way():
        say(f"{told.collected.missing:,} of {told.plan.jobs:,} runs are missing.")
        if st.button("Go on"):
            begin(RUN.value, told.plan)
            st.rerun()


def differences(told, shares, arms, arm):
    st.header("Differences, seed by seed", anchor=False)
    st.markdown(
        "Runs of one seed share everything but the embedding table they start from. Each mark is the mean of an arm’s "
        "differences, its line the 95% interval. **■ filled**: a difference is shown, after Holm’s correction for all "
        "arms of one size. **○ open**: none is shown. Click a mark for its runs."
    )
    if MEASURE.value != told.primary.key:
        st.markdown(
            as_label(f"By {ASKED.noun}, while {told.primary.noun} decides the answer above: {told.answer(ASKED.key)}"),
            width=960,
        )
    if AGAINST_WHAT.value not in AGAINST:
        raise UserError(f"Nothing is compared with “{AGAINST_WHAT.value}”: choose something above.")
    forest_chart(told, MEASURE.value, shares, arms, arm, look_at, AGAINST_WHAT.value)
    for sentence in filter(None, (told.meaning_by(ASKED.key), told.scale_by(ASKED.key))):
        st.markdown(as_label(sentence), width=960)
    with folded("All of it in words", "words") as part:
        if part.open:
            st.markdown("\n".join(f"- {as_label(sentence)}" for sentence in told.sentences(MEASURE.value)))


def along_the_training(told, shares, arms, arm):
    st.header("Along the training", anchor=False)
    st.markdown(
        "The mean over the seeds with its 95% band; frozen tables are dotted, thawed ones dashed. Up to seven arms "
        "beside the baseline have colours, of more the chosen one alone. Drag to enlarge a part, double-click to see "
        "all again."
    )
    CURVE.draw(width=420, show=lambda column: CURVES[column])
    if CURVE.value not in COLUMNS:
        raise UserError(f"There is no curve “{CURVE.value}”: choose one above.")
    curves_chart(told, CURVE.value, shares, arms, arm)


def look_at(arm, share, seed):
    """What a click on a point asks for: the arm of a mean, or the run of a seed."""
    if seed is None:
        st.query_params.update({"arm": arm, "share": f"{share:g}"})
    else:
        st.session_state.watched = {"run": RUN.value, "arm": arm, "share": f"{share:g}", "seed": str(seed)}


def one_arm(told, shares, arm, share):
    strategy = told.plan.arms[arm.value]
    st.header("One arm, run by run", anchor=False)
    arm.draw(width=420)
    st.markdown(f"*{as_label(strategy.name)}.* {as_label(strategy.source)}")
    st.markdown("Every run as a point, joined with the baseline’s run of the same seed. Click one to watch it learn.")
    seeds_chart(told, MEASURE.value, shares, arm.value, look_at)
    seeds = told.points(MEASURE.value, share).get(arm.value, {})
    with st.container(horizontal=True):
        st.markdown(f"At {size(share)}, watch again:")
        for seed in seeds:
            where = {"run": RUN.value, "arm": arm.value, "share": f"{share:g}", "seed": str(seed)}
            st.page_link(LEARNING, label=f"seed {seed}", query_params=where)
    if told.plan.watch and seeds:
        near(told, arm.value, share, [str(seed) for seed in seeds])


def near(told, arm, share, seeds):
    """The neighbours of a watched word, before and after training."""
    known = [
        word for word in told.plan.watch if any(any(told.neighbours(arm, share, int(seed), word)) for seed in seeds)
    ]
    word, seed = Choice("word", "Neighbours of", known or told.plan.watch), Choice("seed", "Seed", seeds)
    with st.container(horizontal=True):
        word.draw(width=240)
        seed.draw(width=120)
    chosen([seed.value], seeds, "seed")
    before, after = told.neighbours(arm, share, int(seed.value), word.value)
    if not before and not after:
        say(f"“{word.value}” has no neighbours here: its row has no direction, or it was not watched.")
        return
    st.table(
        [
            {
                "rank": str(rank),
                "before training": f"{as_label(old.word)}  {old.cosine:.3f}" if old else "–",
                "after it": f"{as_label(new.word)}  {new.cosine:.3f}" if new else "–",
                "places risen": f"{'↑' if new.risen > 0 else '↓'} {abs(new.risen)}" if new and new.risen else "·",
            }
            for rank, old, new in (
                (at + 1, *(side[at] if at < len(side) else None for side in (before, after)))
                for at in range(max(len(before), len(after)))
            )
        ]
    )


def results_by_now():
    """What the chosen comparison has found, be it all or not; a click in it runs this function alone."""
    if watched := st.session_state.pop("watched", None):
        visit("learning", **watched)
    with problems_shown():
        if RUN.value in under_way() and RUN.value not in library.names():
            say(f"“{RUN.value}” is being prepared.")
        else:
            show_results(summary(RUN.value))


def show_results(told):
    plan = told.plan
    sizes = {f"{share:g}": share for share in plan.sizes}
    others = [name for name in plan.arms if name != plan.baseline]
    arm, share = Choice("arm", "Arm", [*others, plan.baseline]), Tabs("share", "Size", list(sizes)[::-1])
    arms, shares = Names("arms", "Arms", (), list(plan.arms)), Names("sizes", "Sizes", (), list(sizes))
    if MEASURE.value not in MEASURES:
        raise UserError(f"There is no measure “{MEASURE.value}”: choose one above.")
    if arm.value not in plan.arms:
        raise UserError(f"There is no arm “{arm.value}” in this comparison. There are: {', '.join(plan.arms)}.")
    chosen([share.value], sizes, "size")

    answer(told)
    if not told.collected.compared:
        return
    with st.container(horizontal=True):
        arms.draw(width=480, when_open="all")
        if len(sizes) > 1:
            shares.draw(width=260, show=lambda name: size(sizes[name]), when_open="all")
        AGAINST_WHAT.draw(width=330, show=lambda name: AGAINST[name])
    few = chosen(arms.value, plan.arms, "arm")
    drawn = [sizes[name] for name in chosen(shares.value, sizes, "size")]
    with problems_shown():
        differences(told, drawn, few, arm.value)
    with problems_shown():
        along_the_training(told, drawn, few, arm.value)

    st.header("Every arm", anchor=False)
    if len(sizes) > 1:
        share.draw(show=lambda name: size(sizes[name]))
    rows = [row for row in told.arms(sizes[share.value]) if row.arm in few]
    caption = f"{plan.task}, {size(sizes[share.value])}; means over the seeds, with their 95% intervals beneath"
    comparison_table(rows, told.measures, caption, SORT.value, arm.value, st.query_params.to_dict())
    with problems_shown():
        one_arm(told, drawn, arm, sizes[share.value])

    st.header("The protocol", anchor=False)
    with folded("The plan", "toml") as part:
        if part.open:
            st.code(plan.as_toml(), "toml")
    with folded("Where the arms come from", "sources") as part:
        if part.open:
            st.table(
                [
                    {"arm": as_label(name), "start": as_label(each.name), "source": as_label(each.source)}
                    for name, each in plan.arms.items()
                ]
            )
    with st.container(horizontal=True):
        for form, (label, mime) in EXPORTS.items():
            st.download_button(label, partial(exported, told, form), f"{RUN.value}.{form}", mime, on_click="ignore")


def plan_text(name):
    """A plan that came along with its comments, or that of a comparison at hand."""
    if name in plans.NAMES:
        return (plans.PLANS / f"{name}.toml").read_text(encoding="utf-8")
    return library.plan(name).as_toml()


def new_comparison():
    st.header("Run one yourself", anchor=False)
    st.markdown(
        "A run takes seconds to minutes on each of this machine’s cores, and goes on when you close the tab; what has "
        "finished is kept. One comparison at a time. A file of your own is compared by the command line: "
        "`python -m explorer compare plan.toml`."
    )
    PLAN.draw(width=300)
    chosen([PLAN.value], PLAN.options, "plan")
    box = f"plan {PLAN.value}"
    plan = given(st.text_area("The plan, as TOML", plan_text(PLAN.value), key=box, height=360))
    say(f"{plan.jobs:,} runs in all. {plan.too_few_seeds}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = f"name of {plan.name}"
        st.text_input("Name", f"my {plan.name}", key=name, width=300)
        st.button("Start", on_click=start, args=(box, name))
    if refusal := st.session_state.pop("refusal", ""):
        say(refusal, "problem")
    going_on("beside Start")


def start(box, name):
    """What a click on Start does before the page is drawn again, so that how far it is stands there at once."""
    try:
        begin(st.session_state[name], given(st.session_state[box]))
    except UserError as error:
        st.session_state.refusal = str(error)
    else:
        st.query_params.from_dict({"run": st.session_state[name]})


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.set_page_config(page_title="Initialisation")
    st.title("Initialisation", anchor=False)
    with st.container(horizontal=True):
        RUN.draw(width=300)
        MEASURE.draw(width=330, show=lambda key: MEASURES[key].title)
    going_on("above")
    if RUN.value:
        st.fragment(results_by_now, run_every=EVERY if RUN.value in under_way() else None)()
    else:
        say("No comparison is at hand. Run one below.")
    with problems_shown():
        new_comparison()
