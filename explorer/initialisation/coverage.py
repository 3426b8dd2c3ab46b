"""How many words of a plan's texts have a vector in the models that its arms start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.initialisation.plan import Plan
from explorer.initialisation.tasks import Task
from explorer.initialisation.words import listed
from explorer.texts import _, _n

TOO_FEW = 0.85  # of the running words: texts in the language of the vectors have far more, others far fewer


@dataclass(frozen=True)
class Coverage:
    """Of the words that are read, how many have a vector in a model: shares of the running and of the different ones,
    from 0 to 1."""

    model: str
    running: float
    different: float
    subwords: bool = False  # whether vectors that the model makes of a word's parts count, as arms have them

    @property
    def name(self) -> str:
        return _("{model} with subwords", model=self.model) if self.subwords else self.model


def coverage(plan: Plan) -> tuple[Coverage, ...]:
    """That of each model which an arm starts from; of those that are at hand."""
    models = dict.fromkeys(
        (model, strategy.missing == "subwords") for strategy in plan.arms.values() for model in strategy.models
    )
    every = []
    for model, subwords in models:
        try:
            every.append(_coverage(plan.data, catalog.load(model), subwords))
        except UserError:
            continue  # a run says what is missing; results can be read without
    return tuple(every)


def _coverage(task: Task, embedding: Embedding, subwords: bool) -> Coverage:
    counts, parts = task.word_counts, embedding.subwords if subwords else None
    known = [count for word, count in counts.items() if word in embedding or (parts and parts.rows(word))]
    return Coverage(embedding.name, sum(known) / counts.total(), len(known) / len(counts), subwords)


def sentences(every: Sequence[Coverage]) -> tuple[str, ...]:
    """What each model has; those that have the same share a sentence."""
    alike: dict[tuple[str, str], list[str]] = {}
    for each in every:
        alike.setdefault((f"{each.running:.0%}", f"{each.different:.0%}"), []).append(each.name)
    return tuple(
        _n(
            "{models} has a vector for {running} of the running words, each counted as often as it occurs, and for "
            "{different} of the different words.",
            "{models} have a vector for {running} of the running words, each counted as often as it occurs, and for "
            "{different} of the different words.",
            len(models),
            models=listed(models),
            running=running,
            different=different,
        )
        for (running, different), models in alike.items()
    )


def warnings(every: Sequence[Coverage]) -> tuple[str, ...]:
    """A sentence for each model that has a vector for TOO_FEW of the running words or fewer."""
    return tuple(
        _(
            "{model} has no vector for {lacking:.0%} of the running words. If {most:.0%} or more are lacking, the "
            "vectors are often of another language, and a comparison says little of pre-trained vectors. Take vectors "
            "of the language of the texts.",
            model=each.name,
            lacking=1 - each.running,
            most=1 - TOO_FEW,
        )
        for each in every
        if each.running <= TOO_FEW
    )


def before(plan: Plan) -> tuple[str, ...]:
    """What is said before the first run: the sentences and the warnings."""
    every = coverage(plan)
    return (*sentences(every), *warnings(every))
