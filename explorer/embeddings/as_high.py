"""How many random pairs have a cosine as high as one, in the same words at every door.

*As high* is: at least so high. So a cosine that all pairs have is as high as every one of them.
"""

from __future__ import annotations

from typing import Literal

from explorer.texts import _, _n

Population = Literal[
    "frequent pairs", "ranked pairs", "pairs", "all pairs", "frequent words", "ranked words", "words", "all words"
]  # fmt: skip
"""With what a cosine is compared: random pairs of words that are equally frequent, or of similar ranks where the model
has no counts; where it has few words, pairs of any of them, random ones or all. A phrase is compared with words."""

TOO_FEW: tuple[Population, ...] = ("all pairs", "all words")  # of a model so small that no cosine may be called high


def count(share: float, number: int) -> int:
    """How many of a `number` of random pairs, or words, have a cosine as high, where a `share` (0 to 1) of them has a
    lower one."""
    return round((1 - share) * number)


def short(share: float, number: int) -> str:
    """That count in the fewest words, for a column."""
    return _n(
        "{count:,} of {number:,} is as high",
        "{count:,} of {number:,} are as high",
        count(share, number),
        number=number,
    )


def clause(count: int, number: int, population: Population) -> str:
    """How many of a `number` of random pairs, or words, have a cosine as high; a clause without its full stop."""
    match population:
        case "frequent pairs":
            return _n(
                "{count:,} of {number:,} random pairs of equally frequent words has a cosine as high",
                "{count:,} of {number:,} random pairs of equally frequent words have a cosine as high",
                count,
                number=number,
            )
        case "ranked pairs":
            return _n(
                "{count:,} of {number:,} random pairs of words with similar ranks has a cosine as high",
                "{count:,} of {number:,} random pairs of words with similar ranks have a cosine as high",
                count,
                number=number,
            )
        case "pairs":
            return _n(
                "{count:,} of {number:,} random pairs of the model’s words has a cosine as high",
                "{count:,} of {number:,} random pairs of the model’s words have a cosine as high",
                count,
                number=number,
            )
        case "all pairs":
            return _n(
                "{count:,} of the {number:,} pairs of the model’s words has a cosine as high",
                "{count:,} of the {number:,} pairs of the model’s words have a cosine as high",
                count,
                number=number,
            )
        case "frequent words":
            return _n(
                "{count:,} in {number:,} random, equally frequent words has a cosine as high",
                "{count:,} in {number:,} random, equally frequent words have a cosine as high",
                count,
                number=number,
            )
        case "ranked words":
            return _n(
                "{count:,} in {number:,} random words with similar ranks has a cosine as high",
                "{count:,} in {number:,} random words with similar ranks have a cosine as high",
                count,
                number=number,
            )
        case "words" | "all words":
            return _n(
                "{count:,} in {number:,} of the model’s words has a cosine as high",
                "{count:,} in {number:,} of the model’s words have a cosine as high",
                count,
                number=number,
            )


def heading(number: int, population: Population) -> str:
    """The heading of a column of such numbers."""
    if population.endswith("pairs"):
        return _("pairs as high, of\u00a0{number:,}", number=number)
    return _("words as high, in\u00a0{number:,}", number=number)


def meaning(number: int, population: Population) -> str:
    """What the numbers of that column count."""
    if population == "frequent pairs":
        return _("Of {number:,} random pairs of equally frequent words, how many have a cosine as high", number=number)
    return _("Of {number:,} cosines with which this one is compared, how many are as high", number=number)
