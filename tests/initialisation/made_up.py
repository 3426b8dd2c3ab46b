"""Results of a plan that nothing was trained for, so that the truth about them is known."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from explorer.initialisation.collected import Collected
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Neighbour, Result
from explorer.initialisation.strategies import Strategy

ARMS = {
    "random": Strategy("unit"),
    "glove": Strategy("pretrained", "wiki-en-glove", "xavier"),
    "glove, raw": Strategy("pretrained", "wiki-en-glove", "raw"),
    "glove, shuffled": Strategy("shuffled", "wiki-en-glove", "xavier"),
    "he": Strategy("he"),
}
GAINS = {"glove": -0.5, "glove, raw": 0.4}  # on the held-out loss, against all others


def plan(**options) -> Plan:
    return Plan(**{"name": "made up", "arms": ARMS, "baseline": "random", "sizes": (0.05, 1.0), **options})


def collected(
    plan: Plan,
    gains: Mapping[str, float] = GAINS,
    noise: float = 0.05,
    missing: Collection[tuple[str, float, int]] = (),  # arm, share, seed
    failed: Collection[tuple[str, float, int]] = (),
    diverged: Collection[tuple[str, float, int]] = (),
) -> Collected:
    """Each loss is what its seed gives all arms, plus the arm's gain, plus noise of its own."""
    rates = {(arm, share): plan.rates[0] for arm in plan.arms for share in plan.sizes}
    compared = {}
    for job in plan.compared(rates):
        run = (job.arm, job.share, job.seed)
        if run in missing:
            continue
        row = result(plan, job, gains.get(job.arm, 0.0), noise)
        if run in diverged:
            row = replace(row, error="Training diverged at update 7.", loss=float("nan"))
        compared[job] = (
            row
            if run not in failed
            else replace(
                Result(row.digest, plan.task, job.arm, row.strategy, False, job.share, job.seed, job.rate),
                error="No room.",
            )
        )
    failures = tuple(f"{job.arm}, seed {job.seed}: {row.error}" for job, row in compared.items() if row.error)
    return Collected(plan, compared, {}, len(missing), failures)


def result(plan: Plan, job: Job, gain: float, noise: float) -> Result:
    shared = np.random.default_rng(job.seed).normal(0, 1)  # paired: far wider than what tells arms apart
    random = np.random.default_rng([job.seed, zlib.crc32(job.arm.encode()), round(1000 * job.share)])
    loss = 3 + shared + gain + noise * random.normal()
    steps = tuple(range(0, plan.updates + 1, plan.measured_every))
    curve = loss + 4 * np.exp(-np.arange(len(steps)) / 3)
    curves = {
        "validation_losses": curve,
        "training_losses": curve - 0.1,
        "validation_accuracies": np.clip(1 - curve / 8, 0, 1),
        "gradient_norms": curve / 2,
        "attention_entropies": 1 / (1 + curve**2),
        "drifts": np.linspace(0, loss, len(steps)),
        "vector_lengths": 8 + gain + curve / 10,
        "position_lengths": np.full(len(steps), 5.66),
    }
    neighbours = tuple(
        Neighbour(word, when, other, 0.9 - 0.1 * rank, 3 - rank if when == "after" else 0)
        for word in plan.watch
        for when in ("before", "after")
        for rank, other in enumerate(("fine", "<b>bad</b>", "great|"))
    )
    return Result(
        digest=f"{zlib.crc32(repr(job).encode()):08x}",
        task=plan.task,
        arm=job.arm,
        strategy=job.strategy.name,
        search=False,
        share=job.share,
        seed=job.seed,
        rate=job.rate,
        seconds=10 + random.uniform(),
        pairs=round(1000 * job.share),
        words=500,
        covered=450 if job.strategy.model else 0,
        parameters=50_000,
        trained=50_000 if job.strategy.training == "tuned" else 20_000,
        best_step=plan.updates - plan.measured_every,
        loss=loss,
        token_accuracy=float(np.clip(1 - loss / 8, 0, 1)),
        exact=float(np.clip(0.8 - loss / 8, 0, 1)),
        chrf=float(np.clip(100 - 10 * loss, 0, 100)),
        bleu=float(np.clip(60 - 10 * loss, 0, 100)),
        steps=steps,
        neighbours=neighbours,
        **{name: tuple(numbers.tolist()) for name, numbers in curves.items()},
    )
