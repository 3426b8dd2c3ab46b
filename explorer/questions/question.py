"""A question: its parameters, declared as the attributes of a class, and an answer."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, dataclass_transform

from explorer.errors import UserError, cut
from explorer.questions.parameter import REQUIRED, Json, Parameter
from explorer.texts import _, paragraphs

if TYPE_CHECKING:
    from explorer.answers import Answer
    from explorer.embeddings.embedding import Embedding
    from explorer.embeddings.search.nearest import VectorSearch

Progress = Callable[[str, float], None]  # is called with what is being done, and the share (0 to 1) that is done


def silent(doing: str, share: float) -> None:
    """The progress of somebody who does not want to know."""


class Basis(NamedTuple):
    """An open model, and the state of what is known beside its vectors. From equal ones come equal answers."""

    embedding: Embedding
    state: int | None


@dataclass_transform(kw_only_default=True)
class Question:
    """A question with the values of its parameters, checked: `Neighbours(word="airplane", n=3).answer()`.

    A subclass declares its parameters and `answer`, and is listed by `explorer.questions.QUESTIONS` under its `name`.
    Raises UserError for a parameter that is missing, unknown or out of bounds.
    """

    name: ClassVar[str] = ""
    python_name: ClassVar[str] = ""  # of its function: a word that Python has already gets an underscore
    room: ClassVar[str] = ""  # under which heading help and reference list it
    is_long: ClassVar[bool] = False  # whether it may take more than seconds, and reports its progress
    documents: ClassVar[tuple[str, ...]] = ()  # the files that its parameter `document` can ask for, the default first
    binary: ClassVar[tuple[str, ...]] = ()  # those of them that are nothing to read on a terminal
    parameters: ClassVar[dict[str, Parameter]] = {}
    aliases: ClassVar[dict[str, str]] = {}  # earlier spelling → name of the parameter

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Parameter)}
        bases = [base.parameters for base in cls.__bases__ if issubclass(base, Question)]
        inherited = {name: value for parameters in bases for name, value in parameters.items()}
        parameters = own | {name: value for name, value in inherited.items() if name not in own}
        cls.parameters = parameters
        cls.aliases = {alias: name for name, parameter in parameters.items() for alias in parameter.aliases}
        cls.name = vars(cls).get("name") or re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        python = cls.name.replace("-", "_") + "_" * keyword.iskeyword(cls.name)
        cls.python_name = vars(cls).get("python_name") or python

    def __init__(self, /, **values: Any) -> None:
        values = self._named(values)
        for name, parameter in self.parameters.items():
            self.__dict__[name] = parameter.check(values.get(name, parameter.default))
        self.check()
        self.refuse_idle()

    @classmethod
    def read(cls, texts: Mapping[str, Sequence[str]]) -> Self:
        """The question that an address asks: for each name the texts that it stands with."""
        named = cls._named(texts)
        return cls(**{name: cls.parameters[name].read(values) for name, values in named.items()})

    @classmethod
    def of_page(cls, texts: Mapping[str, Sequence[str]]) -> Self:
        """The question that the address of a page asks: what has no effect there is left out, for the page keeps what
        it was asked with before."""
        named = cls._named(texts)
        names = cls.in_effect(named, lambda name: cls.parameters[name].read(named[name]))
        return cls.read({name: named[name] for name in names})

    @classmethod
    def in_effect(cls, names: Collection[str], value: Callable[[str], Any]) -> list[str]:
        """Those of the names that have an effect beside the others. `value` says the value of each; a wrong one, which
        is refused where it is asked with, counts as the default."""

        def in_force(name: str) -> Any:
            if name in names and not idle(name):
                with suppress(UserError):
                    return value(name)
            return cls.parameters[name].default

        def idle(name: str) -> str:
            parameter = cls.parameters[name]
            others = cls.parameters.keys() & {*parameter.needs, *parameter.without}
            return parameter.idle({other: in_force(other) for other in others})

        return [name for name in names if not idle(name)]

    @classmethod
    def _named(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values by today's names of their parameters."""
        named: dict[str, Any] = {}
        for name, value in values.items():
            parameter = cls.aliases.get(name, name)
            if parameter not in cls.parameters:
                takes = (
                    _("Take {parameters}.", parameters=", ".join(cls.parameters))
                    if cls.parameters
                    else _("It takes none.")
                )
                raise UserError(
                    _(
                        "There is no parameter “{name}” of {question}. {takes}",
                        name=cut(name),
                        question=cls.name,
                        takes=takes,
                    )
                )
            if parameter in named:
                raise UserError(
                    _("{parameter} is given twice, by two of its names: give it once.", parameter=parameter)
                )
            named[parameter] = value
        return named

    @classmethod
    def summary(cls) -> str:
        """What it asks, in one line."""
        return cls.documentation().partition("\n")[0].rstrip(".")

    @classmethod
    def documentation(cls) -> str:
        """What it asks: its docstring in the reader's language."""
        return "\n\n".join(map(_, paragraphs(cls.__doc__)))

    @classmethod
    def schema(cls) -> Json:
        """The JSON Schema of the parameters that programs elsewhere may give."""
        required = [parameter.name for parameter in cls.parameters.values() if parameter.is_required]
        return {
            "type": "object",
            "title": cls.name,
            "description": cls.summary(),
            "properties": {name: parameter.schema() for name, parameter in cls.remote_parameters().items()},
            "additionalProperties": False,
        } | ({"required": required} if required else {})

    @classmethod
    def remote_parameters(cls) -> dict[str, Parameter]:
        """The parameters that may be given from elsewhere: all but files."""
        return {name: parameter for name, parameter in cls.parameters.items() if not parameter.is_local}

    @classmethod
    def check_remote(cls, names: Iterable[str]) -> None:
        """Raises UserError where one of the parameters that somebody elsewhere gives is a file of this machine."""
        for name in names:
            if name in cls.parameters and cls.parameters[name].is_local:
                raise UserError(
                    _(
                        "{name} names a file of this machine, so it is for the command line and Python alone. "
                        "Leave it out.",
                        name=name,
                    )
                )

    def check_form(self, form: str) -> None:
        """Raises UserError for parameters that have no effect on an answer of this form, `json` or another."""
        idle = [name for name in self.own_values if self.parameters[name].adds_to_json]
        if idle and form != "json":
            raise UserError(
                _(
                    "{idle} adds to the JSON, so it has no effect without it. Ask for JSON, or leave it out.",
                    idle=idle[0],
                )
            )

    @classmethod
    def example(cls) -> Self:
        """The question as the documentation asks it, and the tests at every door."""
        values = {p.name: p.example for p in cls.parameters.values() if p.example is not None}
        return cls(**values)

    @property
    def values(self) -> dict[str, Any]:
        """The value of every parameter."""
        return {name: self.__dict__[name] for name in self.parameters}

    @property
    def own_values(self) -> dict[str, Any]:
        """The values that differ from the defaults, in the order of the declaration."""
        return {
            name: value
            for name, value in self.values.items()
            if (default := self.parameters[name].default) is REQUIRED
            or value != (tuple(default) if isinstance(default, list) else default)
        }

    def write(self) -> list[tuple[str, str]]:
        """The names and texts of an address that `read` understands as this question."""
        return [(name, text) for name, value in self.own_values.items() for text in self.parameters[name].write(value)]

    def check(self) -> None:
        """Raises UserError where values do not go together; what each value may be is checked before."""

    def refuse_idle(self) -> None:
        """Raises UserError where a parameter is given that has no effect beside the others."""
        for name in self.own_values:
            if problem := self.parameters[name].idle(self.values):
                raise UserError(problem)

    def basis(self) -> Basis | None:
        """What its answer is made from, where that is an open model and the answer takes no more than what `search`
        finds; None otherwise. It is quick to say. Such questions are light: those that come at the same moment are
        answered together, and their answers are kept."""
        return None

    def search(self) -> VectorSearch | None:
        """What its answer has to look for among all vectors, so that several can share a reading of them."""
        return None

    def answer(self, progress: Progress = silent) -> Answer:
        """Ask the core. A subclass says which answer that is, and `| Any` where another is asked for now and then: a
        type checker takes both from it."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.values == other.values

    def __hash__(self) -> int:
        return hash((type(self), repr(self.values)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.own_values.items())})"
