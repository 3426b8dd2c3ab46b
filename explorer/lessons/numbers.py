"""How numbers are written: rounded, with a real minus sign, never as minus zero."""

from __future__ import annotations

import math

from explorer.errors import UserError
from explorer.lessons.bounds import FEWEST_DECIMALS as FEWEST
from explorer.lessons.bounds import MOST_DECIMALS as MOST

MINUS = "\N{MINUS SIGN}"
_TIMES = "·10"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def check_decimals(decimals: int) -> None:
    """Raises UserError for a number of decimals that nothing is shown with."""
    if not FEWEST <= decimals <= MOST:
        raise UserError(f"{decimals} decimals cannot be shown. Take a number from {FEWEST} to {MOST}.")


def rounded(number: float, decimals: int = 4) -> str:
    """A number with so many decimals, "−0.2500"; in powers of ten, "−2.5·10⁻⁷", where that would show nothing or too
    much."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else f"{MINUS if number < 0 else ''}∞"
    text = f"{number:.{decimals}f}"
    if float(text) == 0:
        text = in_powers(number) if number else f"{0:.{decimals}f}"
    elif abs(number) >= 1e6:
        text = in_powers(number, decimals)
    return text.replace("-", MINUS)


def in_powers(number: float, decimals: int = 1) -> str:
    """A number in powers of ten, "2.5·10⁻⁷"."""
    mantissa, exponent = f"{number:.{decimals}e}".split("e")
    return f"{mantissa}{_TIMES}{str(int(exponent)).translate(_RAISED)}".replace("-", MINUS)


def read(text: str) -> float:
    """A number as it is written here or typed by a reader, with "." or "," before its decimals. Raises ValueError."""
    plain = text.strip().replace(_TIMES, "e").translate(_LOWERED)
    return float(plain.replace(MINUS, "-").replace(",", "."))


def in_passing(number: float, decimals: int = 2) -> str:
    """A cosine or a probability in running text, where a very small one is as good as zero."""
    text = f"{number:.{decimals}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", MINUS)


def in_latex(number: float, decimals: int = 4) -> str:
    """The same in LaTeX's mathematics."""
    text = rounded(number, decimals).replace(MINUS, "-").replace("∞", "\\infty").replace("NaN", "\\mathrm{NaN}")
    mantissa, times, exponent = text.partition(_TIMES)
    return f"{mantissa} \\cdot 10^{{{exponent.translate(_LOWERED)}}}" if times else text


def whole_or_rounded(number: str | int | float, decimals: int = 4) -> str:
    """A cell of a table: words and counts as they are, other numbers rounded."""
    return rounded(number, decimals) if isinstance(number, float) else str(number)
