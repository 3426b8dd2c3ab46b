"""Write the tables of docs/initialisation.md from the rows that came along, so that no number in them is typed.

python -m tools.initialisation            writes the file
python -m tools.initialisation --check    says whether it is out of date, and ends with 1 if it is
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from explorer.initialisation import library
from explorer.initialisation.equal_updates import END, MEAN, EqualUpdates
from explorer.initialisation.equivalence import Equivalences
from explorer.initialisation.measures import MEASURES
from explorer.initialisation.published import BesidePublished
from explorer.initialisation.summary import Summary
from explorer.initialisation.words import arms_named, size

FILE = Path(__file__).resolve().parents[1] / "docs" / "initialisation.md"
_MARGIN = 0.1  # nats: so far apart counts as the same, here as in the example of the page
_BLOCK = "<!-- begin: {name} -->\n{text}\n<!-- end: {name} -->"


def blocks() -> dict[str, str]:
    """What stands between the marks of each name."""
    found, searched = BesidePublished(), library.summary("phrase-book-searched")
    beside = found.beside()
    pairs = library.summary("multi30k")
    alike = Equivalences(pairs, _MARGIN).headline
    language, projection = library.summary("language-model"), library.summary("kim-trec-projection")
    return {
        "phrase-book": _arms(library.summary("phrase-book")),
        "phrase-book-searched": _arms(searched),
        "phrase-book-searched-answer": _listed(searched.headline, searched.details("loss")),
        "phrase-book-equal-updates": _verdicts(library.summary("phrase-book")),
        "language-model": _arms(language),
        "language-model-answer": _listed(language.headline, language.details("perplexity")),
        "language-model-equal-updates": _verdicts(language),
        "parts-of-speech": _arms(library.summary("parts-of-speech")),
        "multi30k": _by_measure(pairs, ("loss", "token_accuracy", "chrf", "area")),
        "multi30k-answer": _listed(pairs.headline, (pairs.verdict("loss"), alike, *pairs.cautions)),
        "kim-2014": _table(beside.header, beside.rows),
        "kim-2014-answer": _listed(found.headline, found.sentences),
        "kim-trec-projection": f"{_arms(projection)}\n\n{_listed(projection.headline, projection.cautions)}",
    }


def written(text: str) -> str:
    """A text with today's blocks. Raises ValueError where it lacks the marks of one."""
    for name, block in blocks().items():
        marks = re.compile(_BLOCK.format(name=re.escape(name), text=".*?"), re.DOTALL)
        if not marks.search(text):
            raise ValueError(f"{FILE.name} has no block “{name}”.")
        text = marks.sub(lambda _, name=name, block=block: _BLOCK.format(name=name, text=block), text)  # type: ignore[misc]
    return text


def _arms(summary: Summary) -> str:
    """The means of each arm by the deciding measure, a column a size; bold where a difference to the baseline is
    shown."""
    measure, sizes = summary.primary, summary.plan.sizes
    rows = []
    for arm in summary.plan.arms:
        cells = []
        for share in sizes:
            mean = next(row.values[measure.key].mean for row in summary.arms(share) if row.arm == arm)
            shown = {each.arm for each in summary.comparisons(measure.key, share) if each.is_significant}
            number = measure.number(mean)
            cells.append(f"**{number}**" if arm in shown else number)
        rows.append((arm, *cells))
    pairs = [next(run.pairs for run in summary.finished(summary.plan.baseline, share)) for share in sizes]
    return _table(("arm", *(f"{share:.0%} ({count:,})" for share, count in zip(sizes, pairs, strict=True))), rows)


def _by_measure(summary: Summary, keys: Sequence[str]) -> str:
    """The means of each arm at the only size, a column a measure; bold where a difference to the baseline is shown."""
    (share,) = summary.plan.sizes
    shown = {key: {each.arm for each in summary.comparisons(key, share) if each.is_significant} for key in keys}
    rows = []
    for row in summary.arms(share):
        numbers = {key: MEASURES[key].number(row.values[key].mean) for key in keys}
        cells = [f"**{number}**" if row.arm in shown[key] else number for key, number in numbers.items()]
        rows.append((row.arm, *cells))
    return _table(("arm", *(MEASURES[key].title for key in keys)), rows)


def _verdicts(summary: Summary) -> str:
    """Which arms are shown to learn faster or to be better in the end, and which of them have higher learning rates."""
    answer = EqualUpdates(summary)
    header = ("size", "faster", "slower", "lower in the end", "higher in the end")
    points = ((MEAN, -1), (MEAN, 1), (END, -1), (END, 1))
    rows = [
        (size(share, summary.plan), *(arms_named(answer.arms(share, *point)) or "–" for point in points))
        for share in summary.plan.sizes
    ]
    lines = f"Beside “{summary.plan.baseline}”, all over the same updates:\n\n" + _table(header, rows)
    return "\n\n".join(filter(None, (lines, " ".join(answer.higher_rates))))


def _listed(answer: str, details: Sequence[str]) -> str:
    """An answer, and what there is to say beside it, a line each."""
    return "\n".join((answer, "", *(f"- {each}" for each in details)))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))


def main(arguments: Sequence[str] = sys.argv[1:]) -> int:
    before = FILE.read_text(encoding="utf-8")
    after = written(before)
    if "--check" in arguments:
        if after != before:
            print(f"{FILE.name} is out of date: run python -m tools.initialisation.")
        return int(after != before)
    FILE.write_text(after, encoding="utf-8")
    print(f"{FILE.name} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
