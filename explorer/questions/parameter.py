"""What a question is asked with: every parameter is declared once, with its kind, bounds, default, unit and help.

A kind knows what is wrong with a value (`check`), how text stands for one (`read`, as addresses and forms have it, and
`write`), and its JSON Schema (`schema`). Page, command line, HTTP, Python and agents derive what they need from these.

Nothing here imports NumPy or pydantic: `explorer --help` lists all questions in a tenth of a second, which is what
importing pydantic alone would take.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from explorer.errors import UserError, cut
from explorer.texts import _, _n

REQUIRED: Any = object()  # the default of a parameter that has none
Json = dict[str, Any]

_WHOLE_NUMBER = re.compile(r"[-−]?[0-9]{1,15}")  # what a JavaScript number holds exactly
_DECIMAL = re.compile(r"[-−]?[0-9]{1,15}(\.[0-9]{0,15})?(e[-+]?[0-9]{1,3})?", re.IGNORECASE)


class Parameter:
    """One parameter of a question: `help` is one line, `unit` what a number counts or measures.

    `label` names it on a page. `aliases` are earlier spellings that are still understood. A `positional` one needs no
    name on the command line and in Python. `example` is a value that the documentation and the tests ask with. A
    default of None means that the parameter may be left open. One that `adds_to_json` has no effect on other forms of
    the answer.
    """

    name = ""
    is_local: ClassVar[bool] = False  # whether only who works at this machine may give it

    def __init__(
        self,
        default: Any,
        help: str,
        *,
        unit: str = "",
        label: str = "",
        positional: bool = False,
        aliases: Sequence[str] = (),
        example: Any = None,
        adds_to_json: bool = False,
    ) -> None:
        self.default, self.help, self.unit, self.adds_to_json = default, help, unit, adds_to_json
        self.positional, self.aliases, self.example = positional, tuple(aliases), example
        self._label = label

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def label(self) -> str:
        return self._label or _(self.own_label)

    @property
    def own_label(self) -> str:
        """What its name makes of it, where the declaration has no label."""
        return "" if self._label else self.name.replace("_", " ").capitalize()

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED

    @property
    def is_optional(self) -> bool:
        """Whether it may be left open, which is another thing than having a default value."""
        return self.default is None

    @property
    def values(self) -> str:
        """Which values it takes, in a few words, as help texts and the reference say it."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """The value, in the one form that answers get. Raises UserError for one that it cannot have."""
        if value is REQUIRED:
            raise UserError(_("{name} is missing: give {help}.", name=self.name, help=self.help))
        if value is None and self.is_optional:
            return None
        return self._checked(value)

    def read(self, texts: Sequence[str]) -> Any:
        """The value that an address gives, where a name may stand several times. Raises UserError."""
        if len(texts) != 1:
            raise UserError(
                _("{name} stands here {texts} times, but takes one value.", name=self.name, texts=len(texts))
            )
        text = texts[0]
        return None if not text and self.is_optional else self.check(self._read(text))

    def write(self, value: Any) -> list[str]:
        """The texts that `read` understands as this value."""
        return [str(value)]

    def schema(self) -> Json:
        """Its JSON Schema."""
        schema = self._schema()
        if self.is_optional:
            schema = {"anyOf": [schema, {"type": "null"}]}
        if not self.is_required:
            schema["default"] = self.default
        return schema | {"description": self.described}

    @property
    def described(self) -> str:
        """The help, with the unit where there is one."""
        return f"{self.help} ({self.unit})" if self.unit else self.help

    def wrong(self, value: Any) -> UserError:
        """The error of a value that is none of those it takes."""
        echo = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else f"“{cut(str(value))}”"
        return UserError(_("{name} is {echo}, but must be {values}.", name=self.name, echo=echo, values=self.values))

    def _read(self, text: str) -> Any:
        return text

    def _checked(self, value: Any) -> Any:
        raise NotImplementedError

    def _schema(self) -> Json:
        raise NotImplementedError


class Text(Parameter):
    """A text of at most `longest` characters."""

    def __init__(self, default: Any, help: str, *, longest: int = 10_000, **more: Any) -> None:
        super().__init__(default, help, **more)
        self.longest = longest

    @property
    def values(self) -> str:
        return _("text of at most {longest:,} characters", longest=self.longest)

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest:
            raise self.wrong(value)
        return value

    def _schema(self) -> Json:
        return {"type": "string", "maxLength": self.longest}


class Whole(Parameter):
    """A whole number from `least` to `most`."""

    def __init__(self, default: Any, least: int, most: int, help: str, **more: Any) -> None:
        super().__init__(default, help, **more)
        self.least, self.most = least, most

    @property
    def values(self) -> str:
        return _("a whole number from {least:,} to {most:,}", least=self.least, most=self.most)

    def _read(self, text: str) -> int:
        if not _WHOLE_NUMBER.fullmatch(text):
            raise self.wrong(text)
        return int(text.replace("−", "-"))

    def _checked(self, value: Any) -> int:
        whole = isinstance(value, float) and value.is_integer()
        if isinstance(value, bool) or not (isinstance(value, int) or whole or hasattr(value, "__index__")):
            raise self.wrong(value)
        number = int(value)
        if not self.least <= number <= self.most:
            raise self.wrong(number)
        return number

    def _schema(self) -> Json:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Number(Parameter):
    """A number from `least` to `most`; without `least` itself if it is `above` it."""

    def __init__(self, default: Any, least: float, most: float, help: str, *, above: bool = False, **more: Any) -> None:
        super().__init__(default, help, **more)
        self.least, self.most, self.above = least, most, above

    @property
    def values(self) -> str:
        if self.above:
            return _("a number above {least:g} and at most {most:g}", least=self.least, most=self.most)
        return _("a number from {least:g} to {most:g}", least=self.least, most=self.most).replace("-", "−")

    def write(self, value: Any) -> list[str]:
        return [repr(float(value)).removesuffix(".0")]

    def _read(self, text: str) -> float:
        if not _DECIMAL.fullmatch(text):
            raise self.wrong(text)
        return float(text.replace("−", "-"))

    def _checked(self, value: Any) -> float:
        if isinstance(value, (bool, str)) or not hasattr(value, "__float__"):
            raise self.wrong(value)
        number = float(value)
        if not (math.isfinite(number) and self.least <= number <= self.most) or (self.above and number == self.least):
            raise UserError(
                _("{name} is {number:g}, but must be {values}.", name=self.name, number=number, values=self.values)
            )
        return number

    def _schema(self) -> Json:
        least = "exclusiveMinimum" if self.above else "minimum"
        return {"type": "number", least: self.least, "maximum": self.most}


class Flag(Parameter):
    """Yes or no, and no by default."""

    def __init__(self, help: str, **more: Any) -> None:
        super().__init__(False, help, **more)

    @property
    def values(self) -> str:
        return _("true or false")

    def write(self, value: Any) -> list[str]:
        return ["true" if value else "false"]

    def _read(self, text: str) -> bool:
        if text.lower() not in ("true", "false", "1", "0"):
            raise self.wrong(text)
        return text.lower() in ("true", "1")

    def _checked(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.wrong(value)
        return value

    def _schema(self) -> Json:
        return {"type": "boolean"}


class Choice(Parameter):
    """One of `choices`, whatever its case; they may be a function, for those that are known only when asked for."""

    def __init__(
        self, default: Any, choices: Sequence[str] | Callable[[], Sequence[str]], help: str, **more: Any
    ) -> None:
        super().__init__(default, help, **more)
        self._choices = choices

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(self._choices() if callable(self._choices) else self._choices)

    @property
    def values(self) -> str:
        *others, last = self.choices or ("nothing",)
        return _("one of {others} or {last}", others=", ".join(others), last=last) if others else last

    def _checked(self, value: Any) -> str:
        choices = {choice.lower(): choice for choice in self.choices}
        if not isinstance(value, str) or value.lower() not in choices:
            raise self.wrong(value)
        return choices[value.lower()]

    def _schema(self) -> Json:
        return {"type": "string", "enum": list(self.choices)}


class Model(Parameter):
    """The name of a model; the default model where it is left open."""

    def __init__(
        self, help: str = _("the model to ask; `models` lists them"), default: Any = None, **more: Any
    ) -> None:
        super().__init__(default, help, **({"label": _("Model")} | more))

    @property
    def values(self) -> str:
        return _("the name of a model")

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.wrong(value)
        return value

    def _schema(self) -> Json:
        return {"type": "string"}


class File(Parameter):
    """The path of a file or a folder. Programs and people elsewhere cannot give it: they would read this machine's."""

    is_local = True
    longest = 4096  # characters, as Linux has it

    @property
    def values(self) -> str:
        return _("a path")

    def _checked(self, value: Any) -> Path:
        if not isinstance(value, (str, Path)) or not 0 < len(str(value)) <= self.longest:
            raise self.wrong(value)
        return Path(value)

    def _schema(self) -> Json:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


class Texts(Parameter):
    """A list of `fewest` to `most` texts. In an address: with commas between them, quoted as CSV where need be.

    With `files`, the command line takes the name of a file of words as well.
    """

    def __init__(
        self, default: Any, most: int, help: str, *, fewest: int = 1, files: bool = False, **more: Any
    ) -> None:
        super().__init__(default, help, **more)
        self.fewest, self.most, self.files = fewest, most, files

    @property
    def values(self) -> str:
        return _("a list of {fewest:,} to {most:,} texts", fewest=self.fewest, most=self.most)

    def read(self, texts: Sequence[str]) -> Any:
        return self.check([cell for text in texts for cell in cells(text)])

    def write(self, value: Any) -> list[str]:
        return [row(value)]

    def _checked(self, value: Any) -> tuple[str, ...]:
        texts = self._list(value)
        if not all(isinstance(text, str) for text in texts):
            raise self.wrong(value)
        if not self.fewest <= len(texts) <= self.most:
            raise self._too_many_or_few(len(texts))
        return texts

    def _list(self, value: Any) -> tuple[Any, ...]:
        """The entries of a list of any kind. Raises UserError for what is none."""
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise self.wrong(value)
        return tuple(value)

    def _too_many_or_few(self, count: int) -> UserError:
        return UserError(
            _n(
                "{name} has {count} entry, but must have {fewest:,} to {most:,}.",
                "{name} has {count:,} entries, but must have {fewest:,} to {most:,}.",
                count,
                name=self.name,
                fewest=self.fewest,
                most=self.most,
            )
        )

    def _schema(self) -> Json:
        return {"type": "array", "items": {"type": "string"}, "minItems": self.fewest, "maxItems": self.most}


class Pairs(Texts):
    """A list of pairs of texts. In an address: a pair a line, with a comma between its two."""

    @property
    def values(self) -> str:
        return _("a list of {fewest:,} to {most:,} pairs", fewest=self.fewest, most=self.most)

    def read(self, texts: Sequence[str]) -> Any:
        from explorer.embeddings.similarity import read_pairs

        return self.check(read_pairs("\n".join(texts)))

    def write(self, value: Any) -> list[str]:
        return ["\n".join(row(pair) for pair in value)]

    def _checked(self, value: Any) -> tuple[Any, ...]:
        pairs = tuple(self._list(pair) for pair in self._list(value))
        if any(len(pair) != 2 or not all(isinstance(text, str) for text in pair) for pair in pairs):
            raise self.wrong(value)
        if not self.fewest <= len(pairs) <= self.most:
            raise self._too_many_or_few(len(pairs))
        return pairs

    def _schema(self) -> Json:
        pair = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
        return {"type": "array", "items": pair, "minItems": self.fewest, "maxItems": self.most}


class Axes(Texts):
    """A list of axes, each of two ends of one word or several.

    In an address an axis is two cells with a comma between them, and stands once for each axis; the words of an end
    have spaces between them.
    """

    @property
    def values(self) -> str:
        return _("{fewest:,} to {most:,} axes, each of two ends", fewest=self.fewest, most=self.most)

    def read(self, texts: Sequence[str]) -> Any:
        return self.check([[end.split() for end in cells(text)] for text in texts])

    def write(self, value: Any) -> list[str]:
        return [row([" ".join(end) for end in axis]) for axis in value]

    def _checked(self, value: Any) -> tuple[Any, ...]:
        ends = tuple(self._list(axis) for axis in self._list(value))
        if any(len(axis) != 2 for axis in ends):
            raise self.wrong(value)
        axes = tuple(tuple(self._list(end.split() if isinstance(end, str) else end) for end in axis) for axis in ends)
        if not all(isinstance(word, str) for axis in axes for end in axis for word in end):
            raise self.wrong(value)
        if not self.fewest <= len(axes) <= self.most:
            raise self._too_many_or_few(len(axes))
        return axes

    def _schema(self) -> Json:
        end = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        axis = {"type": "array", "items": end, "minItems": 2, "maxItems": 2}
        return {"type": "array", "items": axis, "minItems": self.fewest, "maxItems": self.most}


class Several(Parameter):
    """A list of `fewest` to `most` values of one kind: `each` is a parameter that says which. One value is a list too.

    In an address: with commas between them.
    """

    def __init__(
        self, default: Any, each: Parameter, help: str, *, fewest: int = 1, most: int = 100, **more: Any
    ) -> None:
        super().__init__(default, help, **more)
        self.each, self.fewest, self.most = each, fewest, most

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.each.name = name

    @property
    def values(self) -> str:
        return _(
            "{fewest:,} to {most:,} values, each {values}", fewest=self.fewest, most=self.most, values=self.each.values
        )

    def read(self, texts: Sequence[str]) -> Any:
        return self.check([self.each.read([cell]) for text in texts for cell in cells(text)])

    def write(self, value: Any) -> list[str]:
        return [row([text for one in value for text in self.each.write(one)])]

    def _checked(self, value: Any) -> tuple[Any, ...]:
        values = tuple(value) if isinstance(value, (list, tuple, range)) else (value,)
        if not self.fewest <= len(values) <= self.most:
            raise UserError(
                _(
                    "{name} has {values:,} entries, but must have {fewest:,} to {most:,}.",
                    name=self.name,
                    values=len(values),
                    fewest=self.fewest,
                    most=self.most,
                )
            )
        return tuple(self.each.check(one) for one in values)

    def _schema(self) -> Json:
        each = {key: value for key, value in self.each.schema().items() if key != "description"}
        return {"type": "array", "items": each, "minItems": self.fewest, "maxItems": self.most}


# In a declaration such as `n: int = parameter.whole(…)` the annotation is the type of the value.
text: Callable[..., Any] = Text
whole: Callable[..., Any] = Whole
number: Callable[..., Any] = Number
flag: Callable[..., Any] = Flag
choice: Callable[..., Any] = Choice
model: Callable[..., Any] = Model
file: Callable[..., Any] = File
texts: Callable[..., Any] = Texts
pairs: Callable[..., Any] = Pairs
axes: Callable[..., Any] = Axes
several: Callable[..., Any] = Several


def cells(text: str) -> list[str]:
    """The cells of a line of CSV, without empty ones and the spaces around them; of several lines all of them."""
    try:
        return [
            cell.strip()
            for line in csv.reader(text.splitlines(), skipinitialspace=True)
            for cell in line
            if cell.strip()
        ]
    except csv.Error as error:
        raise UserError(
            _("“{text}” is not a list: {error}. Put commas between its entries.", text=cut(text), error=error)
        ) from error


def row(values: Sequence[str]) -> str:
    """A line of CSV that `cells` reads again: an entry with a comma, a quote or spaces at its ends stands in quotes."""
    return ",".join(
        '"' + value.replace('"', '""') + '"' if re.search(r'[,"\n\r]|^\s|\s$', value) else value for value in values
    )
