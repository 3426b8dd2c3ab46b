"""The protocol of a comparison in words: what was trained, how runs are paired and searched, what the tests are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.initialisation.plan import Plan
from explorer.initialisation.summary import Summary
from explorer.initialisation.words import listed, size
from explorer.texts import _, _n
from explorer.transformer.convolution import FILTERS, LONGEST, WINDOWS


def protocol(summary: Summary) -> Iterator[str]:
    plan = summary.plan
    sizes = ", ".join(_pairs(summary, share) for share in plan.sizes)
    yield _(
        "Task: {task}. {description} Sizes: {sizes}.",
        task=plan.public.task,
        description=summary.task.description,
        sizes=sizes,
    )
    yield from summary.coverage
    yield _model(plan)
    yield (
        _(
            "Held-out numbers are measured on the test part, with the weights of the lowest validation loss. "
            "The runs of one seed have the same validation and test texts; each seed tests another of {folds} "
            "folds, and none is tested twice.",
            folds=plan.folds,
        )
        if plan.folds
        else _(
            "Held-out numbers are measured on the test part, with the weights of the lowest validation loss. "
            "All runs have the same validation and test pairs."
        )
    )
    yield _(
        "Every arm is trained with the same {seeds} seeds. The runs of one seed are pairs: they start from "
        "the same other weights and see the same training pairs in the same order. Only the embedding table of what "
        "is read differs.",
        seeds=len(plan.seeds) if summary.collected.missing else summary.look.seeds,
    )
    if plan.early_end:
        yield _(
            "The comparison is looked at after {looks} seeds, and stops where every difference to the baseline is "
            "significant by the deciding measure at every size. A look may spend what the spending function of the "
            "O’Brien–Fleming kind newly allows there (Lan & DeMets 1983): {levels}, together 5%. So in at most 5% of "
            "the families anything is shown by mistake, whenever it stops, however the looks depend on each other "
            "(Bonferroni). Stated p values are multiplied by 5% and divided by what their look may spend. A 95% "
            "interval is a repeated one (Jennison & Turnbull 1989): it leaves out about as much as its look may spend.",
            looks=listed([str(look.seeds) for look in plan.schedule]),
            levels=listed([f"{look.level:.1%}" for look in plan.schedule]),
        )
    if len(plan.rates) > 1:
        yield _n(
            "Every arm has the learning rate with the lowest validation loss at each size, of {rates}. All arms have "
            "the same search budget: {count} seed that no compared run uses.",
            "Every arm has the learning rate with the lowest validation loss at each size, of {rates}. All arms have "
            "the same search budget: {count} seeds that no compared run uses.",
            plan.search_seeds,
            rates=_searched(summary),
        )
        if plan.widenings:
            yield _(
                "The search began with {rates}. Where the best rate of an arm ended the grid of a size, that grid was "
                "continued there by its own factor for all arms, {widenings} times at each end at most.",
                rates=_rates(plan.rates),
                widenings=plan.widenings,
            )
    if plan.patience:
        yield _(
            "A run ends early when {patience} measurements in a row find no lower validation loss.",
            patience=plan.patience,
        )
    yield _(
        "A difference is arm − baseline, one for each seed. Its interval is the 95% bootstrap-t interval of the mean "
        "difference (Student’s t where there are too few different pairs to resample). It is computed on a scale that "
        "ends where the measure ends, so no interval holds a loss below 0 or a share above 100%. p is that of the "
        "paired permutation test. Intervals of single arms and curves are intervals of their means over the seeds: "
        "they may overlap although the paired difference is clear."
    )
    if len(plan.rates) > 1 and plan.search_seeds > 1:
        yield _(
            "The intervals cover the search for learning rates as well as the compared seeds: the seeds of both are "
            "drawn anew (a nested bootstrap; Dodge et al. 2019 and Bouthillier et al. 2021 show why both count). Where "
            "another search would have chosen another rate, p is the larger one of the permutation test and of this "
            "bootstrap."
        )


def _searched(summary: Summary) -> str:
    """The grid of each size, once where all have the same."""
    grids = {share: _rates(grid.rates) for share, grid in summary.collected.grids.items()}
    if len(set(grids.values())) == 1:
        return next(iter(grids.values()))
    return "; ".join(f"{rates} ({size(share, summary.plan)})" for share, rates in grids.items())


def _rates(rates: Iterable[float]) -> str:
    return ", ".join(f"{rate:g}" for rate in sorted(rates))


def _model(plan: Plan) -> str:
    """What is trained, and for how long."""
    model = plan.model
    values = {
        "d_model": model.d_model,
        "heads": model.heads,
        "pooling": model.pooling,
        "updates": plan.updates,
        "batch_size": plan.batch_size,
        "measured_every": plan.measured_every,
    }
    if plan.is_convolutional:
        return _(
            "Model: the convolutional network of Kim 2014 (windows of {windows} words with {filters} filters each, the "
            "maximum over the text, dropout {dropout:g}, weights of a label of length {longest:g} at most) on vectors "
            "of {d_model} dimensions. Each run makes at most {updates:,} updates with {batch_size} texts each, and "
            "measures the validation loss every {measured_every:,}.",
            windows=listed(list(map(str, WINDOWS))),
            filters=FILTERS,
            longest=LONGEST,
            dropout=model.dropout,
            **values,
        )
    if plan.text:
        return _n(
            "Model: an encoder of d_model {d_model}, {heads} heads, {count} layer, the text's vector by {pooling} "
            "pooling, and a layer of labels. Each run makes {updates:,} updates with {batch_size} texts each, and "
            "measures the validation loss every {measured_every:,}.",
            "Model: an encoder of d_model {d_model}, {heads} heads, {count} layers, the text's vector by {pooling} "
            "pooling, and a layer of labels. Each run makes {updates:,} updates with {batch_size} texts each, and "
            "measures the validation loss every {measured_every:,}.",
            model.layers,
            **values,
        )
    if plan.language:
        tied = _("which the output layer shares") if model.tied else _("and an output layer of its own")
        return _n(
            "Model: a decoder alone, of d_model {d_model}, {heads} heads, {count} layer and one table of words, "
            "{tied}. Each run makes {updates:,} updates with {batch_size} lines each, and measures the validation loss "
            "every {measured_every:,}.",
            "Model: a decoder alone, of d_model {d_model}, {heads} heads, {count} layers and one table of words, "
            "{tied}. Each run makes {updates:,} updates with {batch_size} lines each, and measures the validation loss "
            "every {measured_every:,}.",
            model.layers,
            tied=tied,
            **values,
        )
    return _n(
        "Model: d_model {d_model}, {heads} heads, {count} layer on each side. Each run makes {updates:,} updates with "
        "{batch_size} pairs each, and measures the validation loss every {measured_every:,}.",
        "Model: d_model {d_model}, {heads} heads, {count} layers on each side. Each run makes {updates:,} updates with "
        "{batch_size} pairs each, and measures the validation loss every {measured_every:,}.",
        model.layers,
        **values,
    )


def _pairs(summary: Summary, share: float) -> str:
    counts = [run.pairs for job, run in summary.collected.compared.items() if job.share == share and run.pairs]
    return f"{size(share, summary.plan)} ({counts[0]:,})" if counts else size(share, summary.plan)


def families(summary: Summary) -> str:
    decides, plan = summary.primary, summary.plan
    return _(
        "{title} was chosen in advance as the deciding measure. A difference is significant if p is below 5% "
        "after Holm’s correction and the interval does not contain zero. Holm’s correction counts the arms against "
        "“{baseline}” within one measure at one size. Pre-trained arms against their controls (shuffled, "
        "matched) are a family of their own, and so are pre-trained arms against themselves rescaled. Nothing is "
        "corrected across measures and sizes. The best of several arms is partly lucky (winner’s curse): expect a "
        "smaller difference with new seeds.",
        title=decides.title,
        baseline=plan.baseline,
    )
