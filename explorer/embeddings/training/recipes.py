"""From options that were given to the recipe of a method: what is not given has the method's default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from explorer.embeddings.training import word2vec
from explorer.embeddings.training.defaults import OF_EACH_TRAINING, RECIPES
from explorer.embeddings.training.making import UNTITLED, About, StageProgress
from explorer.errors import UserError
from explorer.texts import _


def train(
    method: str,
    corpus: Path,
    out: Path,
    options: Mapping[str, Any],
    about: About = UNTITLED,
    progress: StageProgress = lambda stage, share: None,
) -> dict[str, Any]:
    """Train by one of RECIPES, with the options that are given; the card. Errors are those of `making.make_model`."""
    by = import_module(f"explorer.embeddings.training.{method}")
    recipe = word2vec_recipe(options) if method == "word2vec" else _recipe(method, by.Options, options)
    card: dict[str, Any] = by.train(corpus, out, recipe, about, progress)
    return card


def word2vec_recipe(options: Mapping[str, Any]) -> word2vec.Options:
    """Word2Vec's recipe: options of OF_EACH_TRAINING are sequences with one value for all trainings, or one each.

    Raises UserError for what is no option of it, TrainingError for what does not go together.
    """
    _refuse_others("word2vec", options)
    lists = {name: values for name, values in options.items() if name in OF_EACH_TRAINING}
    others = {name: value for name, value in options.items() if name not in lists}
    if "vector_size" in lists:
        lists["dimensions"] = lists.pop("vector_size")
    runs = word2vec.trainings(**lists) if lists else word2vec.Options.trainings
    return word2vec.Options(trainings=runs, **{"dimensions": sum(run.dimensions for run in runs)} | others)


def _recipe(method: str, kind: Callable[..., Any], options: Mapping[str, Any]) -> Any:
    """The Options of a method that trains once: a list may have only one value."""
    _refuse_others(method, options)
    own = dict(options)
    for name in OF_EACH_TRAINING:
        if name in own:
            if len(own[name]) != 1:
                raise UserError(
                    _(
                        "{name} has {count} values, but {method} trains once: give one.",
                        name=name,
                        count=len(own[name]),
                        method=method,
                    )
                )
            own[name] = own[name][0]
    return kind(**own)


def _refuse_others(method: str, options: Mapping[str, Any]) -> None:
    for name in options:
        if name not in RECIPES[method]:
            raise UserError(
                _(
                    "{name} is no option of {method}, which has {options}.",
                    name=name,
                    method=method,
                    options=", ".join(RECIPES[method]),
                )
            )
