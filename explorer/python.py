"""The questions as Python functions and methods: what `import explorer` offers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from explorer.answers import extent_written
from explorer.errors import UserError
from explorer.questions import JOBS, QUESTIONS
from explorer.questions.jobs import Job, never
from explorer.questions.parameter import REQUIRED, Flag
from explorer.questions.question import Question, silent
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.answers import Answer
    from explorer.embeddings.embedding import Array, Embedding


class Model:
    """One model of word vectors. Every question to a model is a method: `open().neighbours("airplane", n=5)`."""

    def __init__(self, embedding: Embedding) -> None:
        self.embedding = embedding

    @property
    def name(self) -> str:
        return self.embedding.name

    @property
    def words(self) -> tuple[str, ...]:
        """The V words, by falling frequency."""
        return tuple(self.embedding.words)

    @property
    def vectors(self) -> Array:
        """Their vectors (V, d) float32, memory-mapped; they cannot be written to."""
        return self.embedding.vectors

    def __getitem__(self, word: str) -> Array:
        """The vector (d,) float32 of a word, a variant of it, a phrase or a formula. Raises UserError."""
        from explorer.embeddings.queries import resolve

        return resolve(self.embedding, word).vector

    def __contains__(self, word: object) -> bool:
        return word in self.embedding.rows

    def __len__(self) -> int:
        return self.embedding.size

    def __iter__(self) -> Iterator[str]:
        return iter(self.embedding.words)

    def __repr__(self) -> str:
        return f"<{self.name}: {extent_written(len(self), self.embedding.dimensions)}>"


def open(model: str | None = None) -> Model:
    """Open a model by its name, or the default one. Raises UserError for a name that no model has."""
    from explorer.embeddings import catalog

    return Model(catalog.load(model))


def signature(question: type[Question], of_model: bool = False) -> inspect.Signature:
    """The Python signature of a question: positional parameters first, the others by name."""
    kinds = {True: inspect.Parameter.POSITIONAL_OR_KEYWORD, False: inspect.Parameter.KEYWORD_ONLY}
    parameters = [
        inspect.Parameter(
            name,
            kinds[parameter.positional],
            default=inspect.Parameter.empty if parameter.is_required else parameter.default,
            annotation=_annotation(question, name),
        )
        for name, parameter in sorted(question.parameters.items(), key=lambda item: not item[1].positional)
        if not (of_model and name == "model")
    ]
    own = [inspect.Parameter("self", kinds[True])] if of_model else []
    hooks = [
        inspect.Parameter(name, kinds[False], default=None, annotation=f"{annotation} | None")
        for name, annotation in _HOOKS.items()
        if issubclass(question, Job)
    ]
    return inspect.Signature([*own, *parameters, *hooks])


_HOOKS = {"progress": "Callable[[str, float], None]", "cancelled": "Callable[[], bool]"}  # of a job, beside parameters


def _annotation(question: type[Question], name: str) -> Any:
    return next(
        vars(base)["__annotations__"][name]
        for base in question.__mro__
        if name in vars(base).get("__annotations__", {})
    )


def documentation(question: type[Question], of_model: bool = False) -> str:
    """The docstring of a question's function."""
    lines = [question.documentation(), ""]
    for name, parameter in question.parameters.items():
        if not (of_model and name == "model"):
            takes = "" if isinstance(parameter, Flag) else f": {parameter.values}"
            lines.append(f"`{name}`: {parameter.described}{takes}.")
    if issubclass(question, Job):
        lines.append(_("`progress`: is called with what is being done, and the share (0 to 1) that is done."))
        lines.append(_("`cancelled`: is asked now and then whether to stop."))
    return "\n".join([*lines, "", _("Raises UserError for what cannot be asked.")])


def function(question: type[Question]) -> Callable[..., Answer]:
    """The function that asks a question."""
    declared = signature(question)

    def ask(*positional: Any, **named: Any) -> Answer:
        return _answer(question, _bound(question, declared, positional, named))

    return _dressed(ask, question, declared, documentation(question))


def method(question: type[Question]) -> Callable[..., Answer]:
    """The method of `Model` that asks a question of it."""
    declared = signature(question, of_model=True)

    def ask(self: Model, *positional: Any, **named: Any) -> Answer:
        values = _bound(question, declared, (self, *positional), named)
        del values["self"]
        return _answer(question, values | {"model": self.name})

    return _dressed(ask, question, declared, documentation(question, of_model=True))


def _answer(question: type[Question], values: dict[str, Any]) -> Answer:
    if not issubclass(question, Job):
        return question(**values).answer()
    progress, cancelled = (values.pop(name, None) for name in _HOOKS)
    return question(**values).answer(silent if progress is None else progress, cancelled or never)


def _bound(question: type[Question], declared: inspect.Signature, positional: Any, named: Any) -> dict[str, Any]:
    named = {question.aliases.get(name, name): value for name, value in named.items()}
    for name in named:
        if name not in declared.parameters:
            raise UserError(
                _(
                    "There is no parameter “{name}” of {question_name}. Take {parameters}.",
                    name=name,
                    question_name=question.name,
                    parameters=", ".join(question.parameters),
                )
            )
    try:
        return dict(declared.bind_partial(*positional, **named).arguments)
    except TypeError as error:
        raise UserError(f"{question.name}: {error}.") from error


def _dressed(
    ask: Callable[..., Answer], question: type[Question], declared: inspect.Signature, doc: str
) -> Callable[..., Answer]:
    ask.__name__ = ask.__qualname__ = question.python_name
    ask.__doc__ = doc
    ask.__signature__ = declared  # type: ignore[attr-defined]
    return ask


for _question in (*QUESTIONS.values(), *JOBS.values()):
    if "model" in _question.parameters:
        setattr(Model, _question.python_name, method(_question))

FUNCTIONS = {question.python_name: function(question) for question in (*QUESTIONS.values(), *JOBS.values())}
__all__ = ["FUNCTIONS", "REQUIRED", "Model", "open"]
