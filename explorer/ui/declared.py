"""Controls of the parameters that a question declares: label, help, default, bounds and choices are the declaration's,
and so is the sentence for a value that it does not take. `question` asks with what the controls say, and `in_effect`
are those to draw."""

from __future__ import annotations

from typing import Any, TypeVar

from explorer.embeddings import catalog
from explorer.questions import parameter as declare
from explorer.questions.parameter import Parameter
from explorer.questions.question import Question
from explorer.texts import _
from explorer.ui.parameters import Choice, Either, Lines, Number, Several, Slider, Text

_Question = TypeVar("_Question", bound=Question)


def control(question: type[Question], parameter: str, kind: Any = None, **own: Any) -> Any:
    """The control of a parameter that a question declares, drawn as `kind` where that is not plain.

    What is the page's `own`: the `name` in the URL where that is older than the declaration's, and what an empty page
    opens with: the `default` of a parameter that has none, the `options` of one whose choices are not declared.
    """
    declared = question.parameters[parameter]
    kind = kind or next(control for kinds, control in _DRAWN if isinstance(declared, kinds))
    named = {"name": declared.name, "label": declared.label, "help": _tooltip(declared), "aliases": declared.aliases}
    return kind(**{**named, "declared": declared, **_of(declared, kind), **own})


def question(kind: type[_Question], *controls: Any, **values: Any) -> _Question:
    """The question that controls ask, with the `values` that the page gives; the address may name what has no effect
    beside them, as of another choice before. Raises UserError for what is wrong."""
    asked = in_effect(kind, *controls, **values)
    return kind(**{control.declared.name: control.value for control in asked}, **values)


def in_effect(kind: type[Question], *controls: Any, **values: Any) -> list[Any]:
    """Those of the controls of a question that have an effect beside the others and the `values`."""
    named = {control.declared.name: control for control in controls}
    names = kind.in_effect([*values, *named], lambda name: values[name] if name in values else named[name].value)
    return [named[name] for name in names if name in named]


_DRAWN: list[tuple[Any, Any]] = [
    (declare.Texts, Lines),
    (declare.Choices, Several),
    (declare.Whole, Number),
    (declare.Number, Slider),
    (declare.Flag, Either),
    ((declare.Choice, declare.Model), Choice),
    (declare.Text, Text),
]


def _of(declared: Parameter, kind: Any) -> dict[str, Any]:
    """What a control of this kind takes from a declaration."""
    has_default = not (declared.is_required or declared.is_optional)
    if isinstance(declared, declare.Choices):
        return {"default": (), "options": declared.choices}
    if issubclass(kind, Choice):
        return {"options": _options(declared)} if not isinstance(declared, declare.Flag) else {}
    if isinstance(declared, (declare.Whole, declare.Number)):
        if issubclass(kind, Text):
            return {"default": declared.write(declared.default)[0]} if has_default else {}
        number = float if isinstance(declared, declare.Number) else int
        default = number(declared.default) if has_default else None
        step = {"step": number(1)} if kind is Number else {}
        return {"default": default, "least": number(declared.least), "most": number(declared.most), **step}
    return {"default": declared.default} if has_default else {}


def _options(declared: Parameter) -> list[str]:
    """The choices, the default first; the empty one is to leave it open."""
    if isinstance(declared, declare.Model):
        return catalog.names() or [catalog.DEFAULT]
    if isinstance(declared, declare.Whole):
        choices = [str(number) for number in range(declared.least, declared.most + 1)]
    else:
        choices = list(declared.choices) if isinstance(declared, declare.Choice) else []
    first = "" if declared.default is None else str(declared.default)
    return [first, *(choice for choice in choices if choice != first)]


def _tooltip(declared: Parameter) -> str:
    """What it is, and which numbers it takes, in sentences."""
    counts = isinstance(declared, (declare.Whole, declare.Number, declare.Texts))
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in (declared.help, *[_range(declared)] * counts))


def _range(declared: Any) -> str:
    if isinstance(declared, declare.Texts):
        return _("from {least:,} to {most:,} entries", least=declared.fewest, most=declared.most)
    if isinstance(declared, declare.Whole):
        counted = _("from {least:,} to {most:,}", least=declared.least, most=declared.most)
        return f"{counted} {declared.unit}".rstrip()
    values: str = declared.values
    return values
