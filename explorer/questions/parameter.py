"""What a question is asked with: every parameter is declared once, with its kind, bounds, default, unit and help.

A kind knows what is wrong with a value (`check`), how text stands for one (`read`, as addresses and forms have it, and
`write`), and its JSON Schema (`schema`). Page, command line, HTTP, Python and agents derive what they need from these.

Nothing here imports NumPy or pydantic: `explorer --help` lists all questions in a tenth of a second, which is what
importing pydantic alone would take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.questions.kinds import REQUIRED, Choice, Choices, File, Flag, Json, Model, Number, Parameter, Text, Whole
from explorer.questions.lists import Axes, Models, Pairs, Several, Texts, Words

__all__ = [
    "REQUIRED", "Axes", "Choice", "Choices", "File", "Flag", "Json", "Model", "Models", "Number", "Pairs", "Parameter",
    "Several", "Text", "Texts", "Whole", "Words",
]  # fmt: skip

# In a declaration such as `n: int = parameter.whole(…)` the annotation is the type of the value.
text: Callable[..., Any] = Text
whole: Callable[..., Any] = Whole
number: Callable[..., Any] = Number
flag: Callable[..., Any] = Flag
choice: Callable[..., Any] = Choice
choices: Callable[..., Any] = Choices
model: Callable[..., Any] = Model
file: Callable[..., Any] = File
texts: Callable[..., Any] = Texts
words: Callable[..., Any] = Words
models: Callable[..., Any] = Models
pairs: Callable[..., Any] = Pairs
axes: Callable[..., Any] = Axes
several: Callable[..., Any] = Several
