"""Kinds of parameters that are lists, and how a list stands in one text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from explorer.errors import UserError, cut
from explorer.questions.kinds import Json, Parameter
from explorer.texts import _, _n


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


class Words(Texts):
    """A list of words or phrases. Where one text is too few, it is a list as a reader writes it."""

    def _list(self, value: Any) -> tuple[Any, ...]:
        from explorer.embeddings.filters import words_in  # it imports NumPy

        texts = super()._list(value)
        return tuple(words_in(texts[0])) if len(texts) == 1 < self.fewest and isinstance(texts[0], str) else texts


class Models(Texts):
    """A list of models' names, in which no comma stands: it parts them wherever they are given."""

    def _list(self, value: Any) -> tuple[Any, ...]:
        texts = super()._list(value)
        names = [name for text in texts for name in (text.split(",") if isinstance(text, str) else [text])]
        return tuple(name.strip() if isinstance(name, str) else name for name in names if name)


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
