"""Fitting a translator to a file of sentence pairs: what is checked before, the training, and what is kept of it."""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from explorer.data.pairs import TEST, TRAIN, VALIDATION, read_pairs
from explorer.embeddings import catalog
from explorer.errors import UserError
from explorer.files import check_place
from explorer.texts import _
from explorer.transformer import checkpoint
from explorer.transformer.batches import Batches
from explorer.transformer.configuration import Configuration
from explorer.transformer.scoring import score
from explorer.transformer.training import Diverged, Recipe, Training
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS
from explorer.translation.sentences import word_pairs
from explorer.translation.translators import covered_words, new_translator, unknown_held_out_words

_LEARNS_NOTHING = 1e-5  # a learning rate that is never above this; Adam's default is 1e-3
_CARD = 1 << 14  # bytes that a card may have


class Fitting:
    """A training of a translator, checked and ready: `train` it, then `finish` it.

    `steps` is how many there are to be, `notes` say what is worth knowing before it ends.
    """

    def __init__(
        self,
        pairs: Path,
        out: Path,
        configuration: Configuration,
        recipe: Recipe,
        vectors: str | None = None,
        projection: str | None = None,
        target_vectors: str | None = None,
    ) -> None:
        """Checks all that can be checked now rather than after hours. Raises UserError for what cannot be done."""
        if projection and not vectors:
            raise UserError(_("projection needs vectors: a table that is drawn has the right size already."))
        if out.suffix != ".safetensors":
            raise UserError(_("{out} is to be a checkpoint, so its name must end in .safetensors.", out=out))
        check_place(out)
        phrases = read_pairs(pairs)
        if not any(phrase.part == TRAIN for phrase in phrases):
            raise UserError(_("None of the pairs is for training. Write “train” into the first column of some."))
        embedding = catalog.load(vectors) if vectors else None
        width = configuration.d_model
        if projection == "pca" and embedding is not None and embedding.dimensions == width:
            raise UserError(
                _("The vectors have {width} dimensions already, so PCA has no effect. Leave it out.", width=width)
            )
        self.out, self.vectors, self.target_vectors = out, vectors, target_vectors
        of_target = catalog.load(target_vectors) if target_vectors else None
        translator, self.covered = new_translator(
            phrases, configuration, embedding, recipe.seed, projection or "pca", of_target
        )
        self.target_covered = covered_words(translator.target, of_target)
        self.parts = {part: word_pairs(phrases, part) for part in (TRAIN, VALIDATION, TEST)}
        for part in filter(None, self.parts.values()):
            Batches(translator, part, recipe.batch_size)  # says now what would be said after hours
        if recipe.patience and not self.parts[VALIDATION]:
            raise UserError(_("Patience needs a validation part to measure on, and these pairs have none."))
        self.training = Training(translator, recipe)
        self.steps = recipe.epochs * -(-len(self.parts[TRAIN]) // recipe.batch_size)
        if recipe.thaw >= self.steps:
            raise UserError(
                _(
                    "thaw is {thaw:,}, but this training has {steps:,} steps, so the table would never be "
                    "trained. Take fewer, or frozen.",
                    thaw=recipe.thaw,
                    steps=self.steps,
                )
            )
        self.unknown = unknown_held_out_words(translator, phrases)
        self.notes = tuple(self._notes())
        self.card: dict[str, Any] = {}
        self._diverged: Diverged | None = None

    def train(self, watch: Callable[[Training[Translator]], None], cancelled: Callable[[], bool]) -> None:
        """Train to the end, or until cancelled, and keep what was learnt; `watch` hears of each step.

        Raises UserError where a checkpoint has no room, before the first step; or where it was kept elsewhere.
        """
        with _room(self.out, self.training.translator):
            try:
                self.training.run(self.parts[TRAIN], self.parts[VALIDATION], watch, cancelled)
            except Diverged as error:
                self._diverged = error
        self.card = self._card()
        _keep(self.out, self.training.translator, self.card)  # before scoring: what was learnt is safe now

    def finish(self, announce: Callable[[str], None]) -> dict[str, Any]:
        """Score the test part, where there is one; the card. Raises UserError where the training diverged."""
        if self._diverged:
            raise UserError(_("{diverged} They were kept in {out}.", diverged=self._diverged, out=self.out))
        if test := self.parts[TEST]:
            self.card["test"] = score(self.training.translator, test).as_json()
            try:
                checkpoint.save(self.out, self.training.translator, self.card)
                checkpoint.write_card(self.out.with_suffix(".toml"), self.card)
            except checkpoint.CheckpointError as error:
                announce(
                    _(
                        "{out} is kept, but its test scores could not be added: {cause}.",
                        out=self.out,
                        cause=error.__cause__,
                    )
                )
        return self.card

    def _card(self) -> dict[str, Any]:
        training = self.training
        translator = training.translator
        return {
            "title": self.out.stem,
            "date": date.today().isoformat(),
            "configuration": asdict(translator.configuration),
            "steps": training.step,
            "pairs": len(self.parts[TRAIN]),
            "source_words": len(translator.source),
            "target_words": len(translator.target),
            "covered": self.covered,
            "vectors": self.vectors,
            "target_covered": self.target_covered,
            "target_vectors": self.target_vectors,
            "unknown_source_words": len(self.unknown[0]),
            "unknown_target_words": len(self.unknown[1]),
            "guessing_loss": math.log(len(translator.target)),
            "highest_rate": training.highest_rate(max(1, training.step)),
            "recipe": asdict(training.recipe),
        }

    def _notes(self) -> Iterator[str]:
        """What it begins with, how its losses and its rate are read."""
        translator, recipe, steps = self.training.translator, self.training.recipe, self.steps
        if self.vectors:
            yield _(
                "the vectors of {model} cover {covered:,} of {known:,} source words.",
                model=self.vectors,
                covered=self.covered,
                known=len(translator.source) - len(MARKS),
            )
        if self.target_vectors:
            yield _(
                "the vectors of {model} cover {covered:,} of {known:,} target words.",
                model=self.target_vectors,
                covered=self.target_covered,
                known=len(translator.target) - len(MARKS),
            )
        held_out = _("words of validation and test that the model")
        for words, what in zip(
            self.unknown,
            (
                _("source {held_out} reads as <unk>", held_out=held_out),
                _("target {held_out} cannot say", held_out=held_out),
            ),
            strict=True,
        ):
            if words:
                some = ", ".join(words[:5]) + (" …" if len(words) > 5 else "")
                yield f"{what}: {len(words):,} ({some})."
        target = len(translator.target)
        yield _(
            "guessing any of its {target:,} target words would be a loss of ln {target} = {log:.3f}.",
            target=target,
            log=math.log(target),
        )
        if recipe.warm_up_steps:
            highest = self.training.highest_rate(steps)
            rises = {"highest": highest, "steps": min(steps, recipe.warm_up_steps)}
            if steps > recipe.warm_up_steps:
                yield _("the learning rate rises to {highest:.3g} in {steps:,} steps, then it falls.", **rises)
            else:
                yield _(
                    "the learning rate rises to {highest:.3g} in {steps:,} steps, the whole training: the warm-up is "
                    "longer.",
                    **rises,
                )
            if highest < _LEARNS_NOTHING:
                yield _(
                    "that is too little to learn from. With warm-up, the rate ({rate:g}) is a factor: "
                    "leave it out, or give 1.",
                    rate=recipe.rate,
                )


@contextmanager
def _room(out: Path, translator: Translator) -> Iterator[None]:
    """Hold the room that a checkpoint needs until it is to be written, so that a disk which others fill meanwhile
    costs no training. Raises UserError where there is none now."""
    held = out.with_name(f".{out.name}-room-{os.getpid()}")
    try:
        checkpoint.save(held, translator, {"card": "." * _CARD})
    except checkpoint.CheckpointError as error:
        raise UserError(
            _(
                "There is no room to write {out} into: {cause}. Make room, or name another place.",
                out=out,
                cause=error.__cause__,
            )
        ) from error
    try:
        yield
    finally:
        held.unlink(missing_ok=True)


def _keep(out: Path, translator: Translator, card: dict[str, Any]) -> None:
    """Write a checkpoint and its card; where that cannot be done any more, the checkpoint elsewhere.

    Raises UserError then, which says where."""
    try:
        checkpoint.save(out, translator, card)
    except checkpoint.CheckpointError as error:
        for folder in (os.path.expanduser("~"), os.environ.get("TMPDIR", "/tmp")):
            elsewhere = Path(folder) / f"{out.stem}-{secrets.token_hex(4)}{out.suffix}"
            with suppress(checkpoint.CheckpointError):
                checkpoint.save(elsewhere, translator, card)
                raise UserError(
                    _("{error} What was learnt was kept in {place}.", error=error, place=elsewhere)
                ) from error
        raise
    checkpoint.write_card(out.with_suffix(".toml"), card)
