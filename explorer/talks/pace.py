"""How often somebody may do something."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Pace:
    """At most so many times a minute for each name."""

    most: int
    clock: Callable[[], float]
    times: dict[str, deque[float]] = field(default_factory=dict)

    def allows(self, name: str) -> bool:
        """Whether one more time is not too many."""
        now = self.clock()
        for old in [each for each, times in self.times.items() if times[-1] <= now - 60]:
            del self.times[old]
        times = self.times.get(name, deque())
        while times and times[0] <= now - 60:
            times.popleft()
        return len(times) < self.most

    def count(self, name: str) -> None:
        self.times.setdefault(name, deque()).append(self.clock())
