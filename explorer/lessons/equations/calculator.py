"""A pocket calculator for what a line prints: whether the numbers that a reader sees give the result that they see."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from explorer.lessons.numbers import read

_TOKEN = re.compile(r"\d+(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|exp|ln|sin|cos|max|[∞Φ√²^(),+−·/]")
_WORDS = re.compile(r"\[[^]]*\]")  # such as how many terms a number stands for
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "ln": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "√": math.sqrt,
    "Φ": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
}


def calculated(text: str) -> float:
    """What a pocket calculator makes of the left side of a line; NaN where it shows an error."""
    try:
        return _Calculator(_TOKEN.findall(_WORDS.sub("", text))).total()
    except (ArithmeticError, ValueError):
        return math.nan


class _Calculator:
    """Reads tokens from left to right: a power before a product before a sum, a function before all of them."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens[::-1]

    def _take(self, *signs: str) -> str:
        """The next token, where it is one of these."""
        return self._tokens.pop() if self._tokens and self._tokens[-1] in signs else ""

    def total(self) -> float:
        number = self._product()
        while sign := self._take("+", "−"):
            term = self._product()
            number += term if sign == "+" else -term
        return number

    def _product(self) -> float:
        number = self._signed()
        while sign := self._take("·", "/"):
            factor = self._signed()
            number = number * factor if sign == "·" else number / factor
        return number

    def _signed(self) -> float:
        return -self._signed() if self._take("−") else self._power()

    def _power(self) -> float:
        base = self._atom()
        if self._take("²"):
            return base * base
        return math.pow(base, self._atom()) if self._take("^") else base

    def _atom(self) -> float:
        if self._take("("):
            number = self.total()
            if self._take(","):
                number = max(number, self.total())
            self._take(")")
            return number
        token = self._tokens.pop() if self._tokens else ""
        if token == "max":
            return self._atom()
        if function := _FUNCTIONS.get(token):
            return function(self._atom())
        return math.inf if token == "∞" else read(token)
