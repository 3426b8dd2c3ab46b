"""What a plan will take here, as a page says it before the first run."""

from __future__ import annotations

import threading

from explorer.initialisation.cost import cores, cost
from explorer.initialisation.plan import Plan

_MOST = 100  # sentences that are kept
_known: dict[str, str] = {}  # the sentence of each plan, for all visitors
_measuring = threading.Lock()


def expected_cost(plan: Plan) -> str:
    """A sentence, measured once for each plan. Raises UserError for a plan that cannot be carried out."""
    text = plan.as_toml()
    with _measuring:  # trainings side by side would take all cores, and say too much of each other
        if text not in _known:
            if len(_known) == _MOST:
                _known.pop(next(iter(_known)))
            _known[text] = cost(plan, cores()).sentence
        return _known[text]
