"""One arm of a comparison: its runs, the labels that it tells apart, the neighbours of its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from explorer.initialisation.summary import Summary
from explorer.initialisation.words import size
from explorer.texts import _
from explorer.ui.initialisation.comparison_charts import seeds_chart
from explorer.ui.initialisation.selection import selection
from explorer.ui.messages import as_label, say
from explorer.ui.navigation import LEARNING
from explorer.ui.parameters import Choice, folded

_MOST_CONFUSED = 12  # labels that a confusion matrix has room for


def one_arm(
    comparison: str,
    summary: Summary,
    measure: str,
    shares: Sequence[float],
    arm: Choice,
    share: float,
    clicked: Callable[[str, float, int | None], None],
) -> None:
    """The runs of the chosen arm by a measure, each beside the baseline's of the same seed; `clicked` hears of the one
    that was clicked, where runs can be watched."""
    strategy = summary.plan.arms[arm.value]
    st.header(_("One arm, run by run"), anchor=False)
    arm.draw(width=420)
    st.markdown(f"*{as_label(strategy.name)}.* {as_label(strategy.source)}")
    watched = not (summary.task.classes or summary.task.is_language)  # a translator alone is drawn while it learns
    reading = _("Each point is a run; a line joins it with the baseline’s run of the same seed.")
    if watched:
        reading += " " + _("Click one to watch it learn.")
    st.markdown(reading)
    seeds_chart(summary, measure, shares, arm.value, clicked if watched else lambda *_: None)
    seeds = summary.points(measure, share).get(arm.value, {})
    if watched:
        with st.container(horizontal=True):
            st.markdown(_("Watch it learn at {size}:", size=size(share, summary.plan)))
            for seed in seeds:
                where = {"run": comparison, "arm": arm.value, "share": f"{share:g}", "seed": str(seed)}
                st.page_link(LEARNING, label=_("seed {seed}", seed=seed), query_params=where)
    if summary.plan.watch and seeds:
        _near(summary, arm.value, share, [str(seed) for seed in seeds])


def label_by_label(summary: Summary, arm: str, share: float) -> None:
    """How well the chosen arm tells each label apart, and which it takes for which."""
    st.header(_("Label by label"), anchor=False)
    if not summary.finished(arm, share):
        say(_("No run of “{arm}” has finished.", arm=arm))
        return
    st.markdown(
        _(
            "All finished runs of {arm} together, on the test texts. Precision: of the texts that were given the "
            "label, how many have it. Recall: of the texts that have it, how many were given it. F1 is their harmonic "
            "mean.",
            arm=as_label(f"“{arm}”"),
        )
    )
    table = summary.labels(arm, share)
    rows = [(as_label(name), f"{texts:,}", *map(_percent, shares)) for name, texts, *shares in table.rows]
    st.table([dict(zip(table.header, row, strict=True)) for row in rows])
    classes, counts = summary.task.classes, summary.confusion(arm, share).counts
    with folded(_("Which label was taken for which"), "confusion") as part:
        if part.open and len(classes) > _MOST_CONFUSED:
            say(_("There are {labels} labels: the JSON has their matrix.", labels=len(classes)))
        elif part.open:
            st.markdown(_("A row for each label that texts have, a column for each that they were given."))
            given = [f"→ {as_label(name)}" for name in classes]
            st.table(
                [
                    {"label": as_label(name)} | dict(zip(given, map(str, row), strict=True))
                    for name, row in zip(classes, counts.tolist(), strict=True)
                ]
            )


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _near(summary: Summary, arm: str, share: float, seeds: Sequence[str]) -> None:
    """The neighbours of a watched word, before and after training."""
    words = summary.watched(arm, share) or summary.plan.watch
    word, seed = Choice("word", _("Neighbours of"), words), Choice("seed", _("Seed"), seeds)
    with st.container(horizontal=True):
        word.draw(width=240)
        seed.draw(width=120)
    selection([seed.value], seeds, "seed")
    ranks = summary.neighbours_by_rank(arm, share, int(seed.value), word.value)
    if not ranks:
        say(
            _(
                "“{value}” has no neighbours here: its vector is all zeros, or the plan does not watch it.",
                value=word.value,
            )
        )
        return
    st.table(
        [
            {
                "rank": str(rank),
                "before training": f"{as_label(old.word)}  {old.cosine:.3f}" if old else "–",
                "after training": f"{as_label(new.word)}  {new.cosine:.3f}" if new else "–",
                "places risen": f"{'↑' if new.risen > 0 else '↓'} {abs(new.risen)}" if new and new.risen else "·",
            }
            for rank, old, new in ranks
        ]
    )
