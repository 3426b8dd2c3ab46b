"""How long a change of scene takes: each talk that came along, walked through in Chromium, press by press.

python -m benchmarks.talks    (needs Chromium)

A change is measured from the press to the second frame after it, as an audience would see it. Beside it: the same page
of the same browser that shows nothing but a number and puts the next one there, which no presentation can beat.

Aims on 2 cores: 95 of 100 changes within 0.15 s, none above 0.3 s.
"""

from __future__ import annotations

from explorer.talks.check import check
from explorer.talks.deck import Deck, Scene, names, open_deck
from explorer.talks.rehearsal import rehearse

_NUMBERS = 20


def main() -> None:
    bare = check(rehearse(Deck("numbers", tuple(Scene(title=str(number)) for number in range(_NUMBERS)))))
    print(f"{'talk':32} {'scenes':>6} {'95%':>8} {'slowest':>8} {'beside a number':>16}")
    for name in names():
        report = check(rehearse(open_deck(name)))
        slowest = max(scene.slowest for scene in report.scenes)
        ratio = report.usual / bare.usual
        print(f"{name:32} {len(report.scenes):6} {report.usual:6.0f} ms {slowest:6.0f} ms {ratio:14.1f} x")


if __name__ == "__main__":
    main()
