"""Who may do what on a server: one table, which every door asks, and who stands at the door at the moment.

The command line, Python and agents over `explorer agents` are used by who has an account on the machine: no table is
asked there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum

from explorer import serving
from explorer.access.belongings import Belonging


class Right(StrEnum):
    """What somebody may do."""

    ASK = "ask"  # every question, of what they see
    CHANGE = "change"  # import, download, compare, train, write talks; remove and cancel what is their own
    ADMINISTER = "administer"  # see, share, remove and cancel what others have made


class Kind(StrEnum):
    """Who somebody is."""

    HERE = "here"  # at the machine itself, where nobody logs in; and the server's own work
    VISITOR = "visitor"  # from another machine, where nobody logs in
    STRANGER = "stranger"  # not logged in, where one has to
    PERSON = "person"  # logged in, or with a token of a person
    ADMINISTRATOR = "administrator"


_ALL = frozenset(Right)
_NONE: frozenset[Right] = frozenset()
_ASK = frozenset({Right.ASK})
_OWN = frozenset({Right.ASK, Right.CHANGE})

TABLE: dict[str, dict[Kind, frozenset[Right]]] = {
    "usual": {Kind.HERE: _ALL, Kind.VISITOR: _ASK},
    "open": {Kind.HERE: _ALL, Kind.VISITOR: _OWN},
    "closed": {Kind.HERE: _ASK, Kind.VISITOR: _ASK},
    "login": {Kind.HERE: _ALL, Kind.STRANGER: _NONE, Kind.PERSON: _OWN, Kind.ADMINISTRATOR: _ALL},
    "login, closed": {Kind.HERE: _ASK, Kind.STRANGER: _NONE, Kind.PERSON: _ASK, Kind.ADMINISTRATOR: _ASK},
}
"""By how the server is set up. With a login, nobody who comes over the network is `HERE`, wherever from."""


@dataclass(frozen=True)
class Somebody:
    """Who asks or changes something.

    `owner` is what stands beside what they make, empty for one who cannot be known again; `name` what they are called,
    for who administers the server. With a token, they have of their rights those in `scopes`; `refusal` says what is
    wrong with one that does not count.
    """

    kind: Kind
    owner: str = ""
    name: str = ""
    scopes: frozenset[Right] = _ALL
    refusal: str = ""

    @property
    def rights(self) -> frozenset[Right]:
        return TABLE[_mode()].get(self.kind, _NONE) & self.scopes

    def may(self, right: Right) -> bool:
        return right in self.rights

    def owns(self, belonging: Belonging) -> bool:
        return belonging.owner == self.owner != ""

    def sees(self, belonging: Belonging) -> bool:
        """Without a login everybody sees everything."""
        if not serving.settings().login or not belonging.owner or belonging.shared:
            return True
        return self.owns(belonging) or self.may(Right.ADMINISTER)

    def may_remove(self, belonging: Belonging) -> bool:
        return self.may(Right.ADMINISTER) or (self.may(Right.CHANGE) and self.owns(belonging))

    @property
    def belonging(self) -> Belonging:
        """Of what they make."""
        return Belonging(self.owner, self.name)

    @property
    def belonging_of_all(self) -> Belonging:
        """Of a model of the catalogue that they download: it counts as theirs, but all see it, for no other can have
        its name."""
        return replace(self.belonging, shared=bool(self.owner))

    @property
    def view(self) -> str:
        """What differs for those who see different things: what is computed once for many is kept by it."""
        if not serving.settings().login:
            return ""
        return "all" if self.may(Right.ADMINISTER) else self.owner


HERE = Somebody(Kind.HERE)

_who: ContextVar[Somebody | None] = ContextVar("who", default=None)
of_page: Callable[[], Somebody] = lambda: HERE  # noqa: E731  the pages of a server set it
"""Who looks at the page of which a script runs; the machine itself where none runs."""


def somebody() -> Somebody:
    """Who asks at the moment."""
    return _who.get() or of_page()


@contextmanager
def acting(who: Somebody) -> Iterator[None]:
    """What is asked inside is asked by somebody."""
    token = _who.set(who)
    try:
        yield
    finally:
        _who.reset(token)


def sees(belonging: Belonging) -> bool:
    """Whether who asks at the moment sees what belongs so."""
    return somebody().sees(belonging)


def _mode() -> str:
    settings = serving.settings()
    if settings.login:
        return "login, closed" if settings.closed else "login"
    return "open" if settings.open else "closed" if settings.closed else "usual"
