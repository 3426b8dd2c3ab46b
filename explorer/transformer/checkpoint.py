"""Checkpoints: a translator, and on request a training under way, in one safetensors file that runs no code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from explorer.errors import UserError
from explorer.files import whole
from explorer.texts import _
from explorer.transformer.configuration import Configuration
from explorer.transformer.parameters import parameter_shapes
from explorer.transformer.tape import Array
from explorer.transformer.training import Measure, Recipe, Training
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import Vocabulary

_LAYOUT = "1"
_WHOLE = ("epochs", "batch_size", "warm_up_steps", "patience", "thaw", "seed")
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)  # what strange metadata leads to


class CheckpointError(UserError):
    """A checkpoint that cannot be read or written; the message says which and why."""


def save(
    path: Path, translator: Translator, card: dict[str, Any] | None = None, training: Training[Translator] | None = None
) -> None:
    """Write a checkpoint; the file stands there whole or not at all. `training` adds what resuming needs."""
    tensors = {f"parameters/{name}": np.ascontiguousarray(a) for name, a in translator.parameters.items()}
    about = {
        "layout": _LAYOUT,
        "configuration": json.dumps(asdict(translator.configuration)),
        "source": json.dumps(translator.source.words, ensure_ascii=False),
        "target": json.dumps(translator.target.words, ensure_ascii=False),
        "card": json.dumps(card or {}),  # in ASCII: the name of a file need not be UTF-8
    }
    if training:
        about["recipe"] = json.dumps(asdict(training.recipe))
        about["step"] = json.dumps(training.step)
        about["losses"] = json.dumps(training.losses)
        about["measures"] = json.dumps([asdict(measured) for measured in training.measures])
        for key, arrays in training.optimiser_state().items():
            tensors |= {f"optimiser/{key}/{name}": np.ascontiguousarray(a) for name, a in arrays.items()}
        for step, arrays in training.snapshots.items():
            tensors |= {f"snapshots/{step}/{name}": a for name, a in arrays.items()}
    try:
        with whole(path) as draft:
            save_file(tensors, draft, metadata=about)
            draft.chmod(0o644)  # safetensors writes for the owner alone
    except (OSError, SafetensorError) as error:
        raise CheckpointError(_("The checkpoint {path} cannot be written: {error}.", path=path, error=error)) from error


def write_card(path: Path, card: dict[str, Any]) -> None:
    """The card beside the checkpoint, as TOML for people; what is None is left out. Raises CheckpointError."""

    def known(fields: dict[str, Any]) -> dict[str, Any]:
        return {key: known(x) if isinstance(x, dict) else x for key, x in fields.items() if x is not None}

    try:
        with whole(path) as draft:
            draft.write_text(tomli_w.dumps(known(card)), encoding="utf-8", errors="replace")
    except OSError as error:
        raise CheckpointError(_("The card {path} cannot be written: {error}.", path=path, error=error)) from error


def load(path: Path) -> Translator:
    """The translator of a checkpoint. Raises CheckpointError for files that are missing, damaged or of another kind,
    UserError where its parameters do not fit its configuration."""
    tensors, about = _read(path, "parameters/")
    try:
        configuration = Configuration(**json.loads(about["configuration"]))
        source, target = Vocabulary(json.loads(about["source"])), Vocabulary(json.loads(about["target"]))
    except _MALFORMED as error:
        raise CheckpointError(
            _("{path} is no checkpoint of a translator: {error!r}.", path=path, error=error)
        ) from error
    parameters = _under("parameters/", tensors)
    # in the model's own order, which the file does not keep: sums over all parameters round by it
    ordered = {name: parameters.pop(name) for name in parameter_shapes(configuration) if name in parameters}
    return Translator(configuration, ordered | parameters, source, target)


def card(path: Path) -> dict[str, Any]:
    """What the checkpoint says of itself."""
    about = _read(path, "card/")[1]
    try:
        return dict(json.loads(about.get("card", "{}")))
    except _MALFORMED as error:
        raise CheckpointError(_("The card in {path} cannot be read: {error!r}.", path=path, error=error)) from error


def tensor(path: Path, name: str) -> Array:
    """One parameter, without those beside it. Raises CheckpointError for a file or a parameter that is not there."""
    with _opened(path) as file:
        array: Array = file.get_tensor(f"parameters/{name}")
    return array


def weight(path: Path, name: str, *index: int) -> tuple[float, float, float]:
    """One number of a parameter, and Adam's m and v for it, which are 0 before the first step and for a parameter that
    is not trained. Raises as `tensor`."""
    with _opened(path) as file:
        known = set(file.keys())

        def number(key: str) -> float:
            return float(file.get_slice(key)[index]) if key in known else 0.0

        return (
            float(file.get_slice(f"parameters/{name}")[index]),
            number(f"optimiser/m/{name}"),
            number(f"optimiser/v/{name}"),
        )


def resume(path: Path) -> Training[Translator]:
    """The training that `save` was given, to go on with. Raises as `load` does."""
    tensors, about = _read(path, "")
    if "recipe" not in about:
        raise CheckpointError(_("{path} holds a finished translator, not a training to go on with.", path=path))
    translator = load(path)
    try:
        fields = json.loads(about["recipe"])
        step = json.loads(about["step"])
        for name, whole in (*((name, fields[name]) for name in _WHOLE if name in fields), ("step", step)):
            if type(whole) is not int or whole < 0:
                raise ValueError(
                    _("{name} is {whole!r}, but must be a whole number of 0 or more", name=name, whole=whole)
                )
        training = Training(translator, Recipe(**fields | {"snapshots": tuple(fields["snapshots"])}))
        state: dict[str, dict[str, Array]] = {}
        for name, array in _under("optimiser/", tensors).items():
            key, _slash, parameter = name.partition("/")
            state.setdefault(key, {})[parameter] = array.reshape(translator.parameters[parameter].shape)
        for name, array in _under("snapshots/", tensors).items():
            taken_at, _slash, parameter = name.partition("/")
            training.snapshots.setdefault(int(taken_at), {})[parameter] = array
        training.restore(step, state, json.loads(about["losses"]))
        training.measures = [Measure(**measured) for measured in json.loads(about["measures"])]
    except _MALFORMED as error:
        raise CheckpointError(
            _("The training in {path} cannot be resumed: {error!r}.", path=path, error=error)
        ) from error
    return training


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file. Raises CheckpointError where it is missing, or where what is read of it is not there."""
    if not path.is_file():
        raise CheckpointError(_("There is no checkpoint at {path}.", path=path))
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise CheckpointError(_("{path} is damaged or no checkpoint: {error}.", path=path, error=error)) from error


def _read(path: Path, prefix: str) -> tuple[dict[str, Array], dict[str, str]]:
    with _opened(path) as file:
        about = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys() if name.startswith(prefix)}  # noqa: SIM118
    if about.get("layout") != _LAYOUT:
        raise CheckpointError(
            _(
                "{path} is no checkpoint of this version (layout {about}).",
                path=path,
                about=about.get("layout", "unknown"),
            )
        )
    return tensors, about


def _under(prefix: str, tensors: dict[str, Array]) -> dict[str, Array]:
    return {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
