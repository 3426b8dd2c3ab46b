"""The command that trains a transformer."""

from __future__ import annotations

import argparse
import math
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.output import print_json
from explorer.errors import UserError
from explorer.files import check_place

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.embeddings.embedding import Embedding
    from explorer.transformer.batches import Pair
    from explorer.transformer.training import Diverged, Training
    from explorer.transformer.translator import Translator

_LEARNS_NOTHING = 1e-5  # a learning rate that is never above this; Adam's default is 1e-3
_CARD = 1 << 14  # bytes that a card may have


def add_to(commands: Commands) -> None:
    fit = commands.add_parser(
        "fit",
        help="train a translator on sentence pairs",
        description="Train a translator on tab-separated pairs: source and target, or part (train, validation, test), "
        "source and target. Ctrl-C stops and keeps what was learnt.",
    )
    fit.add_argument("pairs", type=Path)
    fit.add_argument("--out", type=Path, required=True, help="the checkpoint to write, a .safetensors file")
    fit.add_argument("--vectors", help="start the source table from this model's vectors; none: draw it")
    fit.add_argument(
        "--projection",
        choices=("pca", "learned"),
        help="with --vectors of another size than d_model: PCA, or a matrix that is trained, which can make them "
        "wider, too (default: pca)",
    )
    kept = fit.add_mutually_exclusive_group()
    kept.add_argument("--frozen", action="store_true", help="keep the source table as it starts")
    kept.add_argument("--thaw", type=int, metavar="N", help="keep the source table as it starts for N steps")
    fit.add_argument("--d-model", type=int, default=64, help="default: 64")
    fit.add_argument("--heads", type=int, default=4, help="default: 4")
    fit.add_argument("--layers", type=int, default=2, help="default: 2")
    fit.add_argument("--d-ff", type=int, help="width of the feed-forward layer; 4 d_model where left out")
    fit.add_argument("--norm", choices=("post", "pre"), default="pre", help="default: pre")
    fit.add_argument("--dropout", type=float, default=0.1, help="default: 0.1")
    fit.add_argument("--epochs", type=int, default=30, help="default: 30")
    fit.add_argument("--batch", type=int, default=32, help="sentences a step (default: 32)")
    fit.add_argument(
        "--rate",
        type=float,
        help="the learning rate (default: 1e-3); with --warm-up a factor on the paper's, whose highest is "
        "1/√(d_model · warm-up) (default: 1)",
    )
    fit.add_argument(
        "--warm-up",
        type=int,
        default=0,
        help="steps in which the rate rises, to fall from then on (Vaswani et al. 2017, section 5.3); "
        "0 is a constant rate (default: 0)",
    )
    fit.add_argument("--smoothing", type=float, default=0.0, help="label smoothing (default: 0.0)")
    fit.add_argument(
        "--patience", type=int, default=0, help="stop after so many epochs without a better validation (default: 0)"
    )
    fit.add_argument("--seed", type=int, default=0, help="default: 0")
    fit.set_defaults(run=_fit)

    fit.add_argument("--json", action="store_true", help="for machines")


def _fit(options: argparse.Namespace) -> None:
    from explorer.data.pairs import TEST, TRAIN, VALIDATION, read_pairs
    from explorer.embeddings import catalog
    from explorer.initialisation.fitting import new_translator, unknown_words, word_pairs
    from explorer.transformer import checkpoint
    from explorer.transformer.batches import Batches
    from explorer.transformer.model import Configuration
    from explorer.transformer.scoring import score
    from explorer.transformer.training import Recipe, Training

    if options.projection and not options.vectors:
        raise UserError("--projection needs --vectors: a table that is drawn has the right size already.")
    if options.thaw is not None and options.thaw < 1:
        raise UserError(f"--thaw is {options.thaw}, but must be at least 1: the step after which the table is trained.")
    sizes = {name: getattr(options, name) for name in ("d_model", "heads", "layers", "d_ff", "norm", "dropout")}
    configuration = Configuration(**sizes, scaled=True, tied=True)
    recipe = Recipe(
        epochs=options.epochs,
        batch_size=options.batch,
        rate=(1.0 if options.warm_up else 1e-3) if options.rate is None else options.rate,
        warm_up_steps=options.warm_up,
        smoothing=options.smoothing,
        patience=options.patience,
        frozen=("source.table",) if options.frozen or options.thaw else (),
        thaw=options.thaw or 0,
        seed=options.seed,
    )
    _check_place(options.out)
    phrases = read_pairs(options.pairs)
    if not any(phrase.part == TRAIN for phrase in phrases):
        raise UserError("None of the pairs is for training. Write “train” into the first column of some.")
    embedding = catalog.load(options.vectors) if options.vectors else None
    if options.projection == "pca" and embedding is not None and embedding.dimensions == options.d_model:
        raise UserError(f"The vectors have {options.d_model} dimensions already, so PCA has no effect. Leave it out.")
    translator, covered = new_translator(phrases, configuration, embedding, options.seed, options.projection or "pca")
    train, validation, test = (word_pairs(phrases, part) for part in (TRAIN, VALIDATION, TEST))
    for pairs in (train, validation, test):
        if pairs:
            Batches(translator, pairs, recipe.batch_size)  # says now what would be said after hours
    if recipe.patience and not validation:
        raise UserError("Patience needs a validation part to measure on, and these pairs have none.")
    training = Training(translator, recipe)
    steps = recipe.epochs * -(-len(train) // recipe.batch_size)
    if recipe.thaw >= steps:
        raise UserError(
            f"--thaw is {recipe.thaw:,}, but this training has {steps:,} steps, so the table would never be trained. "
            "Take fewer, or --frozen."
        )
    unknown = unknown_words(translator, phrases)
    _announce(training, steps, embedding, covered, unknown)
    with _asked_to_stop() as asked:
        with _room(options.out, translator):
            diverged = _trained(training, steps, train, validation, asked)
        card: dict[str, Any] = {
            "title": options.out.stem,
            "date": date.today().isoformat(),
            "configuration": asdict(training.translator.configuration),
            "steps": training.step,
            "pairs": len(train),
            "source_words": len(translator.source),
            "target_words": len(translator.target),
            "covered": covered,
            "vectors": options.vectors,
            "unknown_source_words": len(unknown[0]),
            "unknown_target_words": len(unknown[1]),
            "guessing_loss": math.log(len(translator.target)),
            "highest_rate": training.highest_rate(max(1, training.step)),
            "recipe": asdict(recipe),
        }
        _keep(options.out, training.translator, card)  # before scoring: what was learnt is safe now
    if asked():
        with suppress(OSError):  # a terminal that was closed
            print(f"explorer: stopped after {training.step} steps.", file=sys.stderr)
    if diverged:
        raise UserError(f"{diverged} They were kept in {options.out}.")
    if test:
        card["test"] = score(training.translator, test).as_json()
        try:
            checkpoint.save(options.out, training.translator, card)
            checkpoint.write_card(options.out.with_suffix(".toml"), card)
        except checkpoint.CheckpointError as error:
            print(
                f"explorer: {options.out} is kept, but its test scores could not be added: {error.__cause__}.",
                file=sys.stderr,
            )
    if options.json:
        print_json(card)
        return
    print(f"{options.out}: {training.step} steps on {len(train):,} pairs")
    for name, value in card.get("test", {}).items():
        print(f"{name:<16} {value:.4g}")


def _announce(
    training: Training, steps: int, embedding: Embedding | None, covered: int, unknown: tuple[list[str], list[str]]
) -> None:
    """What is worth knowing before the training ends: what it begins with, how its losses and its rate are read."""
    from explorer.transformer.vocabulary import MARKS

    translator, recipe = training.translator, training.recipe
    lines = []
    if embedding is not None:
        known = len(translator.source) - len(MARKS)
        lines.append(f"the vectors of {embedding.name} cover {covered:,} of {known:,} source words.")
    held_out = "words of validation and test that the model"
    for words, what in zip(
        unknown, (f"source {held_out} reads as <unk>", f"target {held_out} cannot say"), strict=True
    ):
        if words:
            some = ", ".join(words[:5]) + (" …" if len(words) > 5 else "")
            lines.append(f"{what}: {len(words):,} ({some}).")
    target = len(translator.target)
    lines.append(
        f"guessing any of its {target:,} target words would be a loss of ln {target} = {math.log(target):.3f}."
    )
    if recipe.warm_up_steps:
        highest = training.highest_rate(steps)
        lines.append(
            f"the learning rate rises to {highest:.3g} in {min(steps, recipe.warm_up_steps):,} steps"
            + (", then it falls." if steps > recipe.warm_up_steps else ", the whole training: the warm-up is longer.")
        )
        if highest < _LEARNS_NOTHING:
            lines.append(
                f"that is too little to learn from. With --warm-up, --rate ({recipe.rate:g}) is a factor: "
                "leave it out, or give 1."
            )
    for line in lines:
        print(f"explorer: {line}", file=sys.stderr)


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C, `kill` or a terminal that closes have asked to stop: all that they do while this lasts.

    A signal that is ignored, as `nohup` has it for the last of them, stays so."""
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {
        number: signal.signal(number, ask)
        for number in numbers
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _trained(
    training: Training, steps: int, train: Sequence[Pair], validation: Sequence[Pair], cancelled: Callable[[], bool]
) -> Diverged | None:
    """Run a training under a progress bar; what it diverged by, or None."""
    from tqdm import tqdm

    from explorer.transformer.training import Diverged

    with tqdm(total=steps, unit=" steps", delay=0.3) as bar:

        def show(training: Training) -> None:
            bar.update(training.step - bar.n)
            if training.measures:
                last = training.measures[-1]
                bar.set_postfix_str(f"validation: loss {last.loss:.3f}, accuracy {last.accuracy:.1%}", refresh=False)

        try:
            training.run(train, validation, show, cancelled)
        except Diverged as error:
            return error
    return None


@contextmanager
def _room(out: Path, translator: Translator) -> Iterator[None]:
    """Hold the room that a checkpoint needs until it is to be written, so that a disk which others fill meanwhile
    costs no training. Raises UserError where there is none now."""
    from explorer.transformer import checkpoint

    held = out.with_name(f".{out.name}-room-{os.getpid()}")
    try:
        checkpoint.save(held, translator, {"card": "." * _CARD})
    except checkpoint.CheckpointError as error:
        raise UserError(
            f"There is no room to write {out} into: {error.__cause__}. Make room, or name another place."
        ) from error
    try:
        yield
    finally:
        held.unlink(missing_ok=True)


def _keep(out: Path, translator: Translator, card: dict[str, Any]) -> None:
    """Write a checkpoint and its card; where that cannot be done any more, the checkpoint elsewhere.

    Raises UserError then, which says where."""
    from explorer.transformer import checkpoint

    try:
        checkpoint.save(out, translator, card)
    except checkpoint.CheckpointError as error:
        for folder in (os.path.expanduser("~"), os.environ.get("TMPDIR", "/tmp")):
            elsewhere = Path(folder) / f"{out.stem}-{secrets.token_hex(4)}{out.suffix}"
            with suppress(checkpoint.CheckpointError):
                checkpoint.save(elsewhere, translator, card)
                raise UserError(f"{error} What was learnt was kept in {elsewhere}.") from error
        raise
    checkpoint.write_card(out.with_suffix(".toml"), card)


def _check_place(out: Path) -> None:
    if out.suffix != ".safetensors":
        raise UserError(f"{out} is to be a checkpoint, so its name must end in .safetensors.")
    check_place(out)
