"""What is wrong with a value, which text stands for it, and its JSON Schema: kinds of parameters of one value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from explorer.errors import UserError, cut
from explorer.texts import _

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

    Where it has an effect depends on others: it `needs` one of them, each with the values that will do, or True for
    any value; and it has none with those that it is `without`. There it is refused, for who gives it believes that it
    has an effect.
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
        needs: Mapping[str, Any] | None = None,
        without: Sequence[str] = (),
    ) -> None:
        self.default, self.help, self.unit, self.adds_to_json = default, help, unit, adds_to_json
        self.needs, self.without = needs or {}, without
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
        """The help, with the unit and with what it needs, where there are such."""
        help = f"{self.help} ({self.unit})" if self.unit else self.help
        return _("with {needs}: {help}", needs=self._needs, help=help) if self.needs else help

    def idle(self, others: Mapping[str, Any]) -> str:
        """Why it has no effect beside these values of those that it is declared with, as a sentence; empty where it has
        one."""
        given = {name: value for name, value in others.items() if value is not None and value is not False}
        if other := next((name for name in self.without if name in given), None):
            return _("{name} has no effect with {other}. Leave one of them out.", name=self.name, other=other)
        if self.needs and not any(
            name in given and (values is True or given[name] in values) for name, values in self.needs.items()
        ):
            return _(
                "{name} has an effect only with {needs}. Give {needs}, or leave {name} out.",
                name=self.name,
                needs=self._needs,
            )
        return ""

    @property
    def _needs(self) -> str:
        """What it needs, in a few words."""
        return _either(
            [
                name if values is True else _("the {name} {values}", name=name, values=_either(values))
                for name, values in self.needs.items()
            ]
        )

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
        choices = self.choices or ("nothing",)
        return _("one of {choices}", choices=_either(choices)) if len(choices) > 1 else choices[0]

    def _checked(self, value: Any) -> str:
        choices = {choice.lower(): choice for choice in self.choices}
        if not isinstance(value, str) or value.lower() not in choices:
            raise self.wrong(value)
        return choices[value.lower()]

    def _schema(self) -> Json:
        return {"type": "string", "enum": list(self.choices)}


class Choices(Choice):
    """One of `choices` or several, whatever their case: a text with commas between them, or a list."""

    @property
    def values(self) -> str:
        return _("{one}, or several with commas between them", one=super().values)

    def check(self, value: Any) -> Any:
        return super().check(None if value in ([], ()) and self.is_optional else value)

    def write(self, value: Any) -> list[str]:
        return [value if isinstance(value, str) else ",".join(value)]

    def _checked(self, value: Any) -> str:
        listed = value.split(",") if isinstance(value, str) else value
        if not isinstance(listed, (list, tuple)) or not all(isinstance(choice, str) for choice in listed):
            raise self.wrong(value)
        return ",".join(dict.fromkeys(super(Choices, self)._checked(choice.strip()) for choice in listed))

    def _schema(self) -> Json:
        several = {"type": "array", "items": super()._schema(), "minItems": 1}
        choices = "|".join(map(re.escape, self.choices))
        return {"anyOf": [{"type": "string", "pattern": f"^({choices})(,({choices}))*$"}, several]}


class Model(Parameter):
    """The name of a model; the default model where it is left open."""

    def __init__(
        self,
        help: str = _("the model to ask, which is a set of word vectors; `models` lists them"),
        default: Any = None,
        **more: Any,
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


def _either(names: Sequence[str]) -> str:
    *others, last = names
    return _("{others} or {last}", others=", ".join(others), last=last) if others else last
