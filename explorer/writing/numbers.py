"""How numbers are written: rounded, with a real minus sign, never as minus zero."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
TIMES = "·10"  # of powers of ten
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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
    return f"{mantissa}{TIMES}{str(int(exponent)).translate(_RAISED)}".replace("-", MINUS)
