"""Every colour that means something, in one place: the roles of tensors and the scales of numbers, light and dark.

Scales run in OKLab (Ottosson 2020, "A perceptual color space for image processing"), so that equal steps of a number
look like equal steps of colour.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

LEVELS = 32  # steps of colour from zero to the end of a scale

# (light theme, dark theme), but for the last
PAPER = ("#ffffff", "#16191d")
INK = ("#1d2126", "#e4e7eb")
QUIET = ("#666b73", "#9fa5ae")  # text that stands back
LINE = ("#d5d8dc", "#3a4048")  # between cells, behind charts
GREY = "#8a919b"  # a line of a chart, seen in both themes

# role → (light theme, dark theme): readable as text on the page, and as far apart as a search could bring them for
# eyes with and without colour-blindness; tests hold them to it
_RESIDUAL = ("#6e7588", "#d3ecff")
_ATTENTION = ("#6d4290", "#9b6fc2")
ROLES = {
    "embedding": _RESIDUAL,
    "position": ("#8f7200", "#fee96b"),
    "query": ("#0077c6", "#78a4fb"),
    "key": ("#6d3700", "#cd6a23"),
    "value": ("#296851", "#009f7e"),
    "scores": _ATTENTION,
    "weights": _ATTENTION,
    "input": _RESIDUAL,
    "residual": _RESIDUAL,
    "norm": _RESIDUAL,
    "output": _RESIDUAL,
    "hidden": ("#004357", "#34d2e2"),
    "loss": ("#5e001d", "#ffa89a"),
    "parameter": QUIET,
}

# arms of a comparison, models: things of one kind without an order → (light theme, dark theme). A search brought them
# as far apart as it could, from GREY and INK too, for eyes with and without colour-blindness; tests hold them to it.
CATEGORICAL = (
    ("#0055bb", "#0099ff"),
    ("#886600", "#ff9900"),
    ("#aa2266", "#ffaaff"),
    ("#00aa44", "#00dd99"),
    ("#bb66dd", "#8844bb"),
    ("#004400", "#007766"),
    ("#550077", "#bb3300"),
)

# frequency tier → (light theme, dark theme); a word says the same beside the colour
TIERS = {"high": ("#0a5fa8", "#7ab8ff"), "medium": ("#6b6f76", "#a4a9b0"), "low": ("#9a3c00", "#ffb077")}

# part of speech → (light theme, dark theme); all others share the last one. Tests hold them apart for every eye.
PARTS_OF_SPEECH = {
    "NOUN": ("#2f7ed8", "#6ea8e0"),
    "PROPN": ("#0c5a58", "#4fd8b4"),
    "VERB": ("#b8350f", "#e0603a"),
    "ADJ": ("#6d1f8a", "#a94fe0"),
    "ADV": ("#b08a20", "#ead96a"),
    "other": ("#858b94", "#80868f"),
}

# The colours a scale passes through, from zero to its end: (light theme, dark theme).
_ZERO = ("#ffffff", "#22262c")
NEGATIVE = ((_ZERO[0], "#f2a35e", "#8a3800"), (_ZERO[1], "#a8561c", "#ffc48d"))
POSITIVE = ((_ZERO[0], "#78b0e6", "#0a4585"), (_ZERO[1], "#2b6cb0", "#a8d3ff"))
WEIGHTS = ((_ZERO[0], "#c795d6", "#581a6b"), (_ZERO[1], "#8444a0", "#ecc2ff"))
_SCALES = {"n": NEGATIVE, "p": POSITIVE, "s": WEIGHTS}

# from far to close, neither so pale that a point is lost on the page
CLOSENESS = (("#8496aa", "#3f7fc0", "#0a2f60"), ("#5f6b78", "#5a95d0", "#d3e9ff"))

_PALEST = 0.25  # where the shades of points begin, none so pale that a point is lost on the page
_DARKEST_WITH_BLACK_TEXT = 0.179  # the relative luminance (WCAG) at which black and white text contrast alike


def stylesheet() -> str:
    """CSS: a class for each level of each scale (n32 … n0, p0 … p32 signed, s0 … s32 for probabilities) and a custom
    property for each role (--role-query …), for the light and the dark theme at once."""
    return "\n".join(
        [f":host {{{role_properties()}}}", *rules(f"{name}{level}" for name in _SCALES for level in range(LEVELS + 1))]
    )


def role_properties() -> str:
    """CSS: the custom properties of the roles."""
    return "".join(f"--role-{role}:light-dark({light},{dark});" for role, (light, dark) in ROLES.items())


def rules(levels: Iterable[str]) -> list[str]:
    """CSS: a class for each of these levels, such as p12, for both themes."""
    return [_rule(f".{level}", _SCALES[level[0]], int(level[1:])) for level in levels]


@dataclass(frozen=True)
class Scale:
    """From zero, which has no colour, to `limit` on both sides; shares, such as attention weights, have one side."""

    limit: float
    shares: bool = False

    def level(self, number: float) -> str:
        """The class of a finite number: n32 … n0 below zero, p0 … p32 above, s0 … s32 for shares."""
        reach = min(1.0, abs(number) / self.limit) if self.limit else 0.0
        return f"{'s' if self.shares else 'n' if number < 0 else 'p'}{round(reach * LEVELS)}"

    def colour(self, number: float) -> str:
        """The same level on white paper, as #rrggbb."""
        level = self.level(number)
        return colour(_SCALES[level[0]][0], int(level[1:]) / LEVELS)


@lru_cache(maxsize=1024)  # a picture has thousands of cells in a hundred levels
def colour(stops: tuple[str, ...], share: float) -> str:
    """The colour (#rrggbb) at `share` (0 … 1) of the way through the `stops`, which stand at equal distances."""
    segments = list(pairwise(stops))
    segment = min(int(share * len(segments)), len(segments) - 1)
    start, end = (to_oklab(to_linear(stop)) for stop in segments[segment])
    within = share * len(segments) - segment
    return _to_hex(tuple(a + (b - a) * within for a, b in zip(start, end, strict=True)))


def shades(scale: tuple[tuple[str, ...], tuple[str, ...]], count: int) -> list[tuple[str, str]]:
    """So many colours of points from pale to strong, each as (light theme, dark theme)."""
    shares = [_PALEST + (1 - _PALEST) * place / (count - 1) for place in range(count)]
    light, dark = scale
    return [(colour(light, share), colour(dark, share)) for share in shares]


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2, from 0 (black) to 1 (white)."""
    red, green, blue = to_linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def text_on(background: str) -> str:
    """Black or white, whichever is easier to read there."""
    return "#000000" if luminance(background) > _DARKEST_WITH_BLACK_TEXT else "#ffffff"


def _rule(selector: str, stops: tuple[tuple[str, ...], tuple[str, ...]], level: int) -> str:
    light, dark = (colour(theme, level / LEVELS) for theme in stops)
    return (
        f"{selector} {{background: light-dark({light}, {dark}); color: light-dark({text_on(light)}, {text_on(dark)})}}"
    )


def to_linear(colour: str) -> tuple[float, ...]:
    """Red, green and blue as amounts of light, 0 to 1."""
    encoded = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in encoded)


def to_oklab(linear: tuple[float, ...]) -> tuple[float, ...]:
    """Lightness, green-red, blue-yellow of amounts of light; distances are differences as they are seen."""
    red, green, blue = linear
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _to_hex(oklab: tuple[float, ...]) -> str:
    lightness, a, b = oklab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    clipped = (min(max(c, 0.0), 1.0) for c in linear)
    encoded = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in clipped)
    return "#" + "".join(f"{round(255 * c):02x}" for c in encoded)
