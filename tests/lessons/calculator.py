"""A pocket calculator for the lines of equations: exact, or with what the rounding of printed numbers leaves open."""

import math
import re

from scipy.special import ndtr

_FUNCTION = re.compile(r"(exp|ln|sin|cos|Φ) (\([^()]*\)|[^\s()·/]+)")
_POWER = re.compile(r"(\d+(?:\.\d+)?)·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_NUMBER = re.compile(r"(\d+(?:\.(\d+))?)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?|∞")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_NAMES = {name: getattr(math, name) for name in ("exp", "sin", "cos", "sqrt", "inf")}
_NAMES |= {"ln": math.log, "Φ": ndtr, "max": max}


def computed(text):
    """What a pocket calculator makes of a line; NaN where it shows an error."""
    text = _POWER.sub(lambda match: f"{match[1]}e{match[2].translate(_LOWERED)}", text)
    try:
        return float(eval(_as_python(text.replace("∞", "inf")), {"__builtins__": {}}, _NAMES))
    except (ArithmeticError, ValueError):
        return math.nan


def _as_python(text):
    plain = _FUNCTION.sub(r"\1(\2)", text).replace("√(", "sqrt(").replace("²", "**2")
    return plain.replace("·", "*").replace("−", "-")


class Interval:
    """A number as it is printed: anything that is written so."""

    def __init__(self, low, high):
        self.low, self.high = min(low, high), max(low, high)

    @property
    def width(self):
        return self.high - self.low

    def meets(self, other):
        return max(self.low, other.low) <= min(self.high, other.high)

    def _of(self, other, function):
        corners = [function(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners), max(corners))

    def __add__(self, other):
        return self._of(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._of(other, lambda a, b: a - b)

    def __mul__(self, other):
        return self._of(other, lambda a, b: a * b if a and b else 0.0)

    def __truediv__(self, other):
        if other.low <= 0 <= other.high:
            return Interval(-math.inf, math.inf)
        return self._of(other, lambda a, b: a / b)

    def __pow__(self, power):
        return Interval(
            0.0 if self.low < 0 < self.high else min(self.low**2, self.high**2), max(self.low**2, self.high**2)
        )

    def __neg__(self):
        return Interval(-self.high, -self.low)

    def through(self, function):
        return Interval(function(self.low), function(self.high))


_OF_INTERVALS = {
    "exp": lambda x: x.through(math.exp),
    "ln": lambda x: Interval(max(x.low, 1e-300), x.high).through(math.log),
    "sin": lambda x: Interval(math.sin(x.low), math.sin(x.high)),
    "cos": lambda x: Interval(math.cos(x.low), math.cos(x.high)),
    "Φ": lambda x: x.through(ndtr),
    "sqrt": lambda x: Interval(max(x.low, 0.0), x.high).through(math.sqrt),
    "max": lambda _, x: Interval(max(0.0, x.low), max(0.0, x.high)),
}


def interval(text, decimals=4):
    """What a line may come to. Numbers with so many decimals or more, and powers of ten, were rounded; 3 and 0.001 were
    not."""
    names = dict(_OF_INTERVALS)

    def named(match):
        names[name := f"n{len(names)}"] = _printed(match, decimals)
        return name

    return eval(_as_python(_NUMBER.sub(named, text)), {"__builtins__": {}}, names)


def _printed(match, decimals):
    if match[0] == "∞":
        return Interval(math.inf, math.inf)
    places = len(match[2] or "")
    exponent = int(match[3].translate(_LOWERED)) if match[3] else 0
    number = float(f"{match[1]}e{exponent}")
    half = 0.5 * 10.0 ** (exponent - places) if places >= decimals or (match[3] and places) else 0.0
    return Interval(number - half, number + half)
