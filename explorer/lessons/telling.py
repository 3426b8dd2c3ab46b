"""The way forward with what is no tensor: the tokens, their neighbours, the words that are likely next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from explorer.lessons.example import Example
from explorer.lessons.padding import padded, padding_step
from explorer.lessons.reading import neighbour_table, shifted_step, tokens_step
from explorer.lessons.saying import beam_step, greedy_step, next_words_step
from explorer.lessons.steps import Chapter, Step, Table
from explorer.texts import _
from explorer.transformer.decoding import greedy
from explorer.transformer.operations import LayerNorm
from explorer.transformer.trace import Trace


def told(example: Example, trace: Trace, chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """The chapters of the way forward, with these steps and tables among them."""
    first = f"{example.translator.side}.embedding"
    before: dict[str, tuple[Step, ...]] = {first: (tokens_step(example),)}
    after: dict[str, tuple[Step, ...]] = {}
    if example.target:
        before["target.embedding"] = (*before.get("target.embedding", ()), shifted_step(example, trace))
        if batch := padded(example):
            after["losses"] = (padding_step(batch),)
        after["probabilities"] = (next_words_step(example, trace),)
    if example.target and not example.is_of_language:
        likeliest = greedy(example.translator, example.source)
        after["probabilities"] += (greedy_step(example, likeliest), beam_step(example, likeliest))

    def steps(chapter: Chapter) -> Iterator[Step]:
        for step in chapter.steps:
            yield from before.get(step.key, ())
            if step.key == "source.embedding":
                yield replace(step, tables=(neighbour_table(example, dict.fromkeys(example.source)),))
            elif step.key == "target.embedding":
                yield replace(step, tables=(neighbour_table(example, dict.fromkeys(example.target), "target"),))
            elif step.key == "labels.probabilities":
                yield replace(step, prose=f"{step.prose} {example.caution}".rstrip())
            elif step.key == "losses":
                yield replace(step, prose=f"{step.prose} {_beside_training(example)}".rstrip())
            else:
                yield replace(step, tables=tuple(_norm_tables(trace, step)))
            yield from after.get(step.key, ())

    return tuple(Chapter(chapter.title, tuple(steps(chapter))) for chapter in chapters)


def _beside_training(example: Example) -> str:
    """How this pass differs from those that the model was trained in."""

    here, there = (example.smoothing, example.dropout), example.trained_with
    if here == there:
        return ""
    if not any(here):
        return _(
            "This model was trained with {training}. This pass has neither, so its loss and its gradients are those of "
            "the plain cross-entropy.",
            training=_smoothing_and_dropout(*there),
        )
    if not any(there):
        return _("This pass has {here}.", here=_smoothing_and_dropout(*here))
    return _(
        "This model was trained with {training}; this pass has {here}.",
        training=_smoothing_and_dropout(*there),
        here=_smoothing_and_dropout(*here),
    )


def _smoothing_and_dropout(smoothing: float, dropout: float) -> str:
    if smoothing and dropout:
        return _("label smoothing {smoothing:g} and dropout {dropout:g}", smoothing=smoothing, dropout=dropout)
    if smoothing:
        return _("label smoothing {smoothing:g}", smoothing=smoothing)
    return _("dropout {dropout:g}", dropout=dropout)


def _norm_tables(trace: Trace, step: Step) -> Iterator[Table]:
    """What a layer norm takes off each row, where a step has one."""
    for shown in step.shown:
        node = trace[shown.name].node
        if isinstance(node.operation, LayerNorm):
            rows = node.inputs[0].value  # (T, d)
            numbers = zip(
                trace.labels(shown.name)[0], rows.mean(axis=-1).tolist(), rows.std(axis=-1).tolist(), strict=True
            )
            yield Table(
                _("Mean μ and standard deviation σ of each row before the norm"), (_("token"), "μ", "σ"), tuple(numbers)
            )
