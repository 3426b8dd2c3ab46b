"""What a plan that a visitor gives to a page may have: all share one machine."""

from __future__ import annotations

from collections.abc import Collection

from explorer.initialisation.plan import Plan, PlanError
from explorer.texts import _

PAGE_LIMITS = {
    "arms": 24,
    "seeds": 50,
    "sizes": 10,
    "rates": 10,
    "search_seeds": 5,
    "widenings": 6,
    "watch": 20,
    "updates": 5_000,
    "measurements": 200,
    "batch_size": 512,
    "d_model": 256,
    "layers": 6,
    "heads": 16,
    "d_ff": 1_024,
    "runs": 2_000,
}
"""What a plan that is given to a page may have at most: any visitor may, and all share one machine."""


def check_page_limits(plan: Plan, tasks: Collection[str]) -> None:
    """Raise PlanError for what a page does not carry out: tasks other than those of these names, for a file's path
    would tell any visitor what is on the server, and sizes beyond PAGE_LIMITS."""
    if plan.task not in tasks:
        raise PlanError(
            _(
                "The task is “{task}”, but a page takes only these: “{tasks}”. "
                "A file of one's own is compared by the command line: python -m explorer compare plan.toml.",
                task=plan.task,
                tasks="”, “".join(tasks),
            )
        )
    has = {
        **{name: len(getattr(plan, name)) for name in ("arms", "seeds", "sizes", "rates", "watch")},
        **{name: getattr(plan, name) for name in ("search_seeds", "widenings", "updates", "batch_size")},
        **{name: getattr(plan.model, name) for name in ("d_model", "layers", "heads", "d_ff")},
        "measurements": plan.updates // plan.measured_every,
        "runs": plan.most_jobs,
    }
    for name, most in PAGE_LIMITS.items():
        if (has[name] or 0) > most:
            raise PlanError(
                _(
                    "The plan has {number:,} for {name}, but a page takes {most:,} at most. "
                    "The command line takes more: python -m explorer compare plan.toml.",
                    number=has[name],
                    name=name,
                    most=most,
                )
            )
