"""How the numbers of a lesson are written, and read again."""

from __future__ import annotations

import math

from explorer.errors import UserError
from explorer.lessons.bounds import FEWEST_DECIMALS as FEWEST
from explorer.lessons.bounds import MOST_DECIMALS as MOST
from explorer.texts import _
from explorer.writing.numbers import MINUS as MINUS
from explorer.writing.numbers import TIMES
from explorer.writing.numbers import in_powers as in_powers
from explorer.writing.numbers import rounded as rounded

LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def check_decimals(decimals: int) -> None:
    """Raises UserError for a number of decimals that nothing is shown with."""
    if not FEWEST <= decimals <= MOST:
        raise UserError(
            _(
                "{decimals} decimals cannot be shown. Take a number from {fewest} to {most}.",
                decimals=decimals,
                fewest=FEWEST,
                most=MOST,
            )
        )


def read(text: str) -> float:
    """A number as it is written here or typed by a reader, with "." or "," before its decimals. Raises ValueError."""
    plain = text.strip().replace(TIMES, "e").translate(LOWERED)
    return float(plain.replace(MINUS, "-").replace("∞", "inf").replace(",", "."))


def exact(number: float) -> str:
    """A number with all of its digits, so that a rule gives the same with what is printed: “0.00012345678”, “1e-05”."""
    return repr(float(number)).removesuffix(".0")


def in_passing(number: float, decimals: int = 2) -> str:
    """A cosine or a probability in running text, where a very small one is as good as zero."""
    text = f"{number:.{decimals}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", MINUS)


def in_latex(number: float, decimals: int = 4) -> str:
    """The same in LaTeX's mathematics."""
    text = rounded(number, decimals).replace(MINUS, "-").replace("∞", "\\infty").replace("NaN", "\\mathrm{NaN}")
    mantissa, times, exponent = text.partition(TIMES)
    return f"{mantissa} \\cdot 10^{{{exponent.translate(LOWERED)}}}" if times else text


def whole_or_rounded(number: str | int | float, decimals: int = 4, digits: int = 0) -> str:
    """A cell of a table: words and counts as they are, other numbers rounded; where `digits` are given, to so many
    that count."""
    if not isinstance(number, float):
        return str(number)
    return significant(number, digits) if digits else rounded(number, decimals)


def significant(number: float, digits: int) -> str:
    """A number with so many digits after its leading zeros: “−0.1087”, “2.4·10⁻⁵”."""
    if not number or not math.isfinite(number):
        return rounded(number, digits)
    power = math.floor(math.log10(abs(float(f"{number:.{digits - 1}e}"))))
    return rounded(number, max(0, digits - 1 - power)) if -4 <= power < 6 else in_powers(number, digits - 1)
