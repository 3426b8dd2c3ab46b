"""How right a lexicon is, by frequency: `python -m tools.parts_of_speech models/lexicon.tsv.gz [another …]`.

With `--main-only` a word passes as its main tag alone; `--wrong` lists the words that are not right.

The judgement is tests/embeddings/parts_of_speech.tsv; a lexicon passes a word as `Embedding.tags` does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from explorer.embeddings.bounds import LEAST_SHARE
from explorer.embeddings.lexicon import Lexicon, read_lexicon

JUDGED = Path(__file__).resolve().parents[1] / "tests" / "embeddings" / "parts_of_speech.tsv"
BANDS = {
    "1,000 and more": (1000, 10**12),
    "100 to 999": (100, 999),
    "20 to 99": (20, 99),
    "100 and more": (100, 10**12),
    "all": (20, 10**12),
}


@dataclass(frozen=True)
class Judgement:
    """A word that occurs `count` times: it must pass as one tag of each of `groups`, and may pass as `also`."""

    word: str
    count: int
    groups: tuple[frozenset[str], ...]
    also: frozenset[str]

    @property
    def common(self) -> frozenset[str]:
        return frozenset().union(*self.groups)


def judgements() -> list[Judgement]:
    rows = [line.split("\t") for line in JUDGED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [
        Judgement(
            word,
            int(count),
            tuple(frozenset(group.split("|")) for group in tags.split()),
            frozenset(also[0].split()) if also else frozenset(),
        )
        for word, count, tags, *also in rows
    ]


def passing(lexicon: Lexicon, word: str, main_only: bool = False) -> list[str]:
    """The tags as which a lexicon passes a word, the main one first; the main one only, as filters once had it."""
    shares = lexicon.shares(word)
    if main_only:
        return list(shares)[:1]
    return [tag for place, (tag, share) in enumerate(shares.items()) if place == 0 or 100 * share >= LEAST_SHARE]


def main_is_right(judged: Judgement, tags: list[str]) -> bool:
    """Whether the main tag is one of the common ones."""
    return bool(tags) and tags[0] in judged.common


def all_are_right(judged: Judgement, tags: list[str]) -> bool:
    """Whether no common tag is missing, and none passes that should not."""
    return all(group & set(tags) for group in judged.groups) and judged.common | judged.also >= set(tags)


def shares_of_right(lexicon: Lexicon, least: int, most: int, main_only: bool = False) -> tuple[int, float, float]:
    """How many words of a band were judged, and the shares of them of which the main tag, and of which all tags are
    right."""
    words = [judged for judged in judgements() if least <= judged.count <= most]
    tags = [passing(lexicon, judged.word, main_only) for judged in words]
    mains, sets = (sum(map(right, words, tags)) for right in (main_is_right, all_are_right))
    return len(words), mains / len(words), sets / len(words)


def wrong(lexicon: Lexicon) -> Iterator[str]:
    """A line for each word that is not right, the most frequent first."""
    for judged in sorted(judgements(), key=lambda judged: -judged.count):
        tags = passing(lexicon, judged.word)
        if not all_are_right(judged, tags):
            must = " ".join("|".join(sorted(group)) for group in judged.groups)
            yield f"{judged.word} ({judged.count:,}): {must}, but passes as {' '.join(tags) or 'nothing'}"


def main() -> None:
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    for name in names:
        lexicon = read_lexicon(Path(name))
        print(f"{name}\n\n| occurrences | words | main tag right | all tags right |\n|---|--:|--:|--:|")
        for band, bounds in BANDS.items():
            words, mains, sets = shares_of_right(lexicon, *bounds, "--main-only" in sys.argv[1:])
            print(f"| {band} | {words} | {mains:.1%} | {sets:.1%} |")
        print()
        if "--wrong" in sys.argv[1:]:
            print(*wrong(lexicon), "", sep="\n")


if __name__ == "__main__":
    main()
