"""What can be downloaded, known offline: address, size and licence of each model, and a checksum where there is one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from explorer.answers import extent_written
from explorer.errors import UserError
from explorer.texts import _

_PLACE = re.compile(r"LANGUAGE|NUMBER")
_NUMBER = re.compile(r"[1-9]\d{0,3}")


@dataclass(frozen=True)
class Downloadable:
    """A model of the catalogue, or a family of them, in whose name and address LANGUAGE or NUMBER stands.

    `size` is the bytes to download and `md5` their checksum in hexadecimal, None where its makers state none; so for
    `words`. `languages` are the codes that LANGUAGE stands for.
    """

    name: str
    title: str
    corpus: str
    licence: str
    address: str
    dimensions: int | None = None
    words: int | None = None
    size: int | None = None
    md5: str | None = None
    languages: tuple[str, ...] = ()

    @property
    def is_family(self) -> bool:
        return _PLACE.search(self.name) is not None

    @property
    def subject(self) -> str:
        """The title, without the place of the language or number of a family."""
        return re.split(r"(?:: |, number )(?=LANGUAGE|NUMBER)", self.title)[0]

    @property
    def extent(self) -> str:
        """How much it is: words and dimensions, or what of the corpus is known."""
        if self.words is None or self.dimensions is None:
            return self.corpus
        return extent_written(self.words, self.dimensions)

    @property
    def suffix(self) -> str:
        """How the name of the file ends: .gz, .zip."""
        return Path(urlsplit(self.address).path).suffix

    def member(self, choice: str) -> Downloadable:
        """The model of a family with this language or number."""
        name, title, address = (_PLACE.sub(choice, text) for text in (self.name, self.title, self.address))
        return replace(self, name=name, title=title, address=address, languages=())

    def match(self, name: str) -> Downloadable | None:
        """The model with this name, where it is this one or of this family."""
        if not self.is_family:
            return self if name == self.name else None
        before, after = _PLACE.split(self.name)
        choice = name.removeprefix(before).removesuffix(after)
        known = choice in self.languages if self.languages else _NUMBER.fullmatch(choice)
        return self.member(choice) if known and name == f"{before}{choice}{after}" else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"languages": list(self.languages)}


@cache
def downloadable() -> tuple[Downloadable, ...]:
    """All models and families of the catalogue."""
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(
        Downloadable(name, **entry | {"languages": tuple(entry.get("languages", "").split())})
        for name, entry in entries.items()
    )


def is_downloadable(name: str) -> bool:
    """Whether a model of the catalogue has this name."""
    return any(model.match(name) for model in downloadable())


def entry(name: str) -> Downloadable:
    """The model of the catalogue with this name. Raises UserError where there is none."""
    for model in downloadable():
        if member := model.match(name):
            return member
    known = ", ".join(model.name for model in downloadable())
    raise UserError(
        _(
            "“{name}” is not in the catalogue. There are: {known}. In a name, LANGUAGE stands for a code such as fr, "
            "NUMBER for a number of the repository.",
            name=name,
            known=known,
        )
    )
