"""What makes no sense in a plan, said before anything is computed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explorer.initialisation.option_tables import PlanError
from explorer.initialisation.statistics import FEWEST_SEEDS
from explorer.texts import _
from explorer.transformer.training import Recipe

if TYPE_CHECKING:
    from explorer.initialisation.plan import Plan

TRANSFORMER, CNN = NETWORKS = ("transformer", "cnn")
SEARCH_SEEDS = 1_000_000  # added to the seeds that search learning rates: no run that is compared shares one
MOST_FOLDS = 20
_NAME = re.compile(r"[\w][\w .-]{0,59}")


def check(plan: Plan) -> None:
    """Raise PlanError for what a plan cannot mean, UserError for a recipe or a size that cannot be."""
    if not _NAME.fullmatch(plan.name):
        raise PlanError(
            _(
                "The plan's name is “{name}”, but must be letters, digits, spaces, dots or dashes, 60 at most.",
                name=plan.name,
            )
        )
    if len(plan.arms) < 2:
        raise PlanError(
            _(
                "The plan “{name}” has {arms} arms, but comparing takes two at least.",
                name=plan.name,
                arms=len(plan.arms),
            )
        )
    if plan.baseline not in plan.arms:
        raise PlanError(
            _(
                "The baseline “{baseline}” is none of the arms: “{arms}”.",
                baseline=plan.baseline,
                arms="”, “".join(plan.arms),
            )
        )
    for name in ("seeds", "sizes", "rates"):
        values = getattr(plan, name)
        if not values:
            raise PlanError(_("The plan has no {name}: give one at least.", name=name))
        if len(set(values)) < len(values):
            raise PlanError(_("The {name} {values} hold one twice.", name=name, values=list(values)))
    if len(plan.seeds) < FEWEST_SEEDS:
        raise PlanError(
            _(
                "The plan has {seeds} seed, but differences need {fewest_seeds} at least.",
                seeds=len(plan.seeds),
                fewest_seeds=FEWEST_SEEDS,
            )
        )
    if any(not 0 <= seed < SEARCH_SEEDS for seed in plan.seeds):
        raise PlanError(
            _(
                "The seeds are {seeds}, but must be from 0 to {search_seeds:,}.",
                seeds=list(plan.seeds),
                search_seeds=SEARCH_SEEDS - 1,
            )
        )
    if plan.looks and (list(plan.looks) != sorted(set(plan.looks)) or plan.looks[-1] != len(plan.seeds)):
        raise PlanError(
            _(
                "The looks are {looks}, but must be ascending numbers of seeds, the last of them all {seeds}, such as "
                "[{half}, {seeds}].",
                looks=list(plan.looks),
                seeds=len(plan.seeds),
                half=-(-len(plan.seeds) // 2),
            )
        )
    if plan.looks and plan.looks[0] < FEWEST_SEEDS:
        raise PlanError(
            _(
                "The first look is after {first} seeds, but differences need {fewest_seeds} at least.",
                first=plan.looks[0],
                fewest_seeds=FEWEST_SEEDS,
            )
        )
    if any(not 0 < share <= 1 for share in plan.sizes):
        raise PlanError(
            _(
                "The sizes are {sizes}, but must be shares of the training pairs, above 0 to 1.",
                sizes=list(plan.sizes),
            )
        )
    for name in ("updates", "measured_every", "search_seeds"):
        if getattr(plan, name) < 1:
            raise PlanError(_("{name} is {value}, but must be at least 1.", name=name, value=getattr(plan, name)))
    for name in ("widenings", "patience"):
        if getattr(plan, name) < 0:
            raise PlanError(_("{name} is {value}, but must be 0 or more.", name=name, value=getattr(plan, name)))
    if plan.measured_every > plan.updates:
        raise PlanError(
            _(
                "measured_every is {measured_every}, but there are only {updates} updates.",
                measured_every=plan.measured_every,
                updates=plan.updates,
            )
        )
    if not plan.threshold > 0:
        raise PlanError(_("The threshold is {threshold}, but must be a loss above 0.", threshold=plan.threshold))
    if bool(plan.text) != bool(plan.label) or ((plan.part or plan.folds) and not plan.text):
        raise PlanError(_("A table of texts needs both columns, text and label; part and folds are for it alone."))
    if plan.network not in NETWORKS:
        raise PlanError(
            _(
                "The network is “{network}”, but must be {networks}.",
                network=plan.network,
                networks=" or ".join(NETWORKS),
            )
        )
    if plan.is_convolutional and not plan.text:
        raise PlanError(_("The network “cnn” tells labels of texts apart: name the columns, text and label."))
    if plan.language and plan.text:
        raise PlanError(_("A language model is of a plain text, which has no columns. Leave text and label out."))
    if plan.folds and (plan.part or not 3 <= plan.folds <= MOST_FOLDS):
        raise PlanError(
            _(
                "The folds are {folds}, but must be from 3 to {most}, and without a column of parts.",
                folds=plan.folds,
                most=MOST_FOLDS,
            )
        )
    tested: dict[int, int] = {}
    for seed in plan.seeds if plan.folds else ():
        if (other := tested.setdefault(seed % plan.folds, seed)) != seed:
            raise PlanError(
                _(
                    "The seeds {other} and {seed} test the same one of {folds} folds, and the same texts again are "
                    "no further evidence. Take {folds} seeds at most, such as 0 to {last}.",
                    other=other,
                    seed=seed,
                    folds=plan.folds,
                    last=plan.folds - 1,
                )
            )
    for arm, strategy in plan.arms.items():
        if strategy.thaw >= plan.updates:
            raise PlanError(
                _(
                    "The arm “{arm}” thaws at update {thaw}, but training ends at {updates}: "
                    "make it frozen, or thaw it earlier.",
                    arm=arm,
                    thaw=strategy.thaw,
                    updates=plan.updates,
                )
            )
    for rate in plan.rates:
        Recipe(rate=rate, batch_size=plan.batch_size, backend=plan.backend)  # says what is wrong with them
