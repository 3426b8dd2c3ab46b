"""Commands that run a transformer: encode, pass, translate, fit."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.output import print_json

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.transformer.batches import Pair
    from explorer.transformer.trace import Trace
    from explorer.transformer.training import Diverged, Training
    from explorer.transformer.translator import Translator


def add_to(commands: Commands) -> None:
    encode = commands.add_parser("encode", help="words through a transformer encoder, every intermediate by name")
    encode.add_argument("words", nargs="*")
    encode.add_argument("--article", action="store_true", help="the article's four-dimensional “You are welcome”")
    encode.add_argument("--layers", type=int, default=2)
    encode.add_argument("--heads", type=int, default=2)
    encode.add_argument("--d-ff", type=int, help="width of the feed-forward layer (default: 4 × d_model)")
    encode.add_argument("--d-model", type=int, help="project the vectors to this size (default: theirs)")
    encode.add_argument("--seed", type=int, default=0, help="of the weights (default: 0)")
    encode.add_argument("--parameters", action="store_true", help="with --json: the weights too")
    encode.set_defaults(run=_encode)

    whole = commands.add_parser("pass", help="a sentence and its translation through the whole model, to the loss")
    whole.add_argument("--source", default="You are welcome")
    whole.add_argument("--target", default="de nada")
    which = whole.add_mutually_exclusive_group()
    which.add_argument("--checkpoint", type=Path, help="a trained model (default: the shipped one)")
    which.add_argument("--article", action="store_true", help="the article's four-dimensional example")
    whole.add_argument("--gradients", action="store_true", help="with --json: the gradient of every tensor too")
    whole.add_argument("--parameters", action="store_true", help="with --json: the weights too")
    whole.set_defaults(run=_pass)

    translate = commands.add_parser("translate", help="what a trained model answers to a sentence")
    translate.add_argument("text")
    translate.add_argument("--checkpoint", type=Path, help="a trained model (default: the shipped one)")
    translate.add_argument("--beam", type=int, default=1, help="how many beginnings are followed (default: 1, greedy)")
    translate.add_argument("--temperature", type=float, help="sample instead, at this temperature")
    translate.add_argument("--top-k", type=int, default=0, help="sample among the k likeliest words")
    translate.add_argument("--top-p", type=float, default=1.0, help="sample among the likeliest words with this share")
    translate.add_argument("--seed", type=int, default=0, help="of the sampling")
    translate.set_defaults(run=_translate)

    fit = commands.add_parser(
        "fit",
        help="train a translator on sentence pairs",
        description="Train a translator on tab-separated pairs: source and target, or part (train, validation, test), "
        "source and target. Ctrl-C stops and keeps what was learnt.",
    )
    fit.add_argument("pairs", type=Path)
    fit.add_argument("--out", type=Path, required=True, help="the checkpoint to write, a .safetensors file")
    fit.add_argument("--vectors", help="start the source table from this model's vectors; none: draw it")
    fit.add_argument("--d-model", type=int, default=64, help="default: 64")
    fit.add_argument("--heads", type=int, default=4, help="default: 4")
    fit.add_argument("--layers", type=int, default=2, help="default: 2")
    fit.add_argument("--d-ff", type=int, help="width of the feed-forward layer; 4 d_model where left out")
    fit.add_argument("--norm", choices=("post", "pre"), default="pre", help="default: pre")
    fit.add_argument("--dropout", type=float, default=0.1, help="default: 0.1")
    fit.add_argument("--epochs", type=int, default=30, help="default: 30")
    fit.add_argument("--batch", type=int, default=32, help="sentences a step (default: 32)")
    fit.add_argument(
        "--rate", type=float, default=1e-3, help="learning rate; with warm-up a factor on the schedule (default: 1e-3)"
    )
    fit.add_argument(
        "--warm-up", type=int, default=0, help="steps of the paper's warm-up; 0 is a constant rate (default: 0)"
    )
    fit.add_argument("--smoothing", type=float, default=0.0, help="label smoothing (default: 0.0)")
    fit.add_argument(
        "--patience", type=int, default=0, help="stop after so many epochs without a better validation (default: 0)"
    )
    fit.add_argument("--seed", type=int, default=0, help="default: 0")
    fit.set_defaults(run=_fit)

    encode.add_argument("--model", help="see `models` (default: the first of them)")
    for command in (encode, whole, translate, fit):
        command.add_argument("--json", action="store_true", help="for machines")


def _encode(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.vocabulary import look_up
    from explorer.transformer import article
    from explorer.transformer.encoding import encode

    if options.article:
        tokens, vectors = article.TOKENS, article.VECTORS
    else:
        tokens, vectors = look_up(catalog.load(options.model), options.words)
    trace = encode(
        tokens,
        vectors,
        layers=options.layers,
        heads=options.heads,
        d_ff=options.d_ff,
        d_model=options.d_model,
        seed=options.seed,
    )
    if options.json:
        print_json(trace.as_json(parameters=options.parameters))
        return
    print(" ".join(trace.tokens))
    _list_tensors(trace)


def _pass(options: argparse.Namespace) -> None:
    from explorer.initialisation.fitting import words_of
    from explorer.transformer import article
    from explorer.transformer.passing import teacher_forced_pass

    if options.article:
        translator, source, target = article.translator(), options.source.split(), options.target.split()
    else:
        translator, source, target = _checkpoint(options), words_of(options.source), words_of(options.target)
    _warn_of_unknown_words(translator, source)
    trace = teacher_forced_pass(translator, source, target)
    if options.json:
        print_json(trace.as_json(options.parameters, options.gradients))
        return
    print(f"{' '.join(trace.tokens)} → {' '.join(trace.target[1:])} · loss {float(trace['loss'].value):.6f}")
    _list_tensors(trace)


def _list_tensors(trace: Trace) -> None:
    """Name, shape and formula of each tensor; its numbers too, as many as a line of a terminal holds."""
    import numpy as np

    for tensor in trace:
        print(f"{tensor.name:<42} {' × '.join(map(str, tensor.shape)):<14} {tensor.formula}")
        digits = np.round(tensor.value, 4) + 0.0  # never −0
        print(np.array2string(digits, precision=4, suppress_small=True, threshold=200, edgeitems=3))


def _translate(options: argparse.Namespace) -> None:
    from explorer.initialisation.fitting import words_of
    from explorer.transformer.decoding import beam_search, greedy, sample

    translator, words = _checkpoint(options), words_of(options.text)
    _warn_of_unknown_words(translator, words)
    if options.temperature is not None or options.top_k or options.top_p != 1:
        temperature = 1.0 if options.temperature is None else options.temperature
        answer = sample(translator, words, options.seed, temperature, options.top_k, options.top_p)
    elif options.beam == 1:
        answer = greedy(translator, words)
    else:
        answer = beam_search(translator, words, options.beam)
    if options.json:
        print_json({"source": words, "unknown": translator.unknown(words)} | answer.as_json())
    else:
        print(" ".join(answer.words))


def _warn_of_unknown_words(translator: Translator, words: Sequence[str]) -> None:
    if unknown := translator.unknown(words):
        print(f"explorer: the model does not know {', '.join(unknown)}, and reads <unk> there.", file=sys.stderr)


def _checkpoint(options: argparse.Namespace) -> Translator:
    from explorer.initialisation.fitting import SHIPPED
    from explorer.transformer import checkpoint

    return checkpoint.load(options.checkpoint or SHIPPED)


def _fit(options: argparse.Namespace) -> None:
    from explorer.data.pairs import TEST, TRAIN, VALIDATION, read_pairs
    from explorer.embeddings import catalog
    from explorer.errors import UserError
    from explorer.initialisation.fitting import new_translator, word_pairs
    from explorer.transformer import checkpoint
    from explorer.transformer.batches import Batches
    from explorer.transformer.model import Configuration
    from explorer.transformer.scoring import score
    from explorer.transformer.training import Recipe, Training

    sizes = {name: getattr(options, name) for name in ("d_model", "heads", "layers", "d_ff", "norm", "dropout")}
    configuration = Configuration(**sizes, scaled=True, tied=True)
    recipe = Recipe(
        epochs=options.epochs,
        batch_size=options.batch,
        rate=options.rate,
        warm_up_steps=options.warm_up,
        smoothing=options.smoothing,
        patience=options.patience,
        seed=options.seed,
    )
    _check_place(options.out)
    phrases = read_pairs(options.pairs)
    embedding = catalog.load(options.vectors) if options.vectors else None
    translator, covered = new_translator(phrases, configuration, embedding, options.seed)
    train, validation, test = (word_pairs(phrases, part) for part in (TRAIN, VALIDATION, TEST))
    for pairs in (train, validation, test):
        if pairs:
            Batches(translator, pairs, recipe.batch_size)  # says now what would be said after hours
    if recipe.patience and not validation:
        raise UserError("Patience needs a validation part to measure on, and these pairs have none.")
    training = Training(translator, recipe)
    diverged = _trained(training, train, validation)
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
        "recipe": asdict(recipe),
    }
    checkpoint.save(options.out, training.translator, card)  # before scoring: what was learnt is safe now
    if diverged:
        raise UserError(f"{diverged} They were kept in {options.out}.")
    if test:
        card["test"] = score(training.translator, test).as_json()
        checkpoint.save(options.out, training.translator, card)
    checkpoint.write_card(options.out.with_suffix(".toml"), card)
    if options.json:
        print_json(card)
        return
    print(f"{options.out}: {training.step} steps on {len(train):,} pairs")
    for name, value in card.get("test", {}).items():
        print(f"{name:<16} {value:.4g}")


def _trained(training: Training, train: Sequence[Pair], validation: Sequence[Pair]) -> Diverged | None:
    """Run a training under a progress bar; Ctrl-C ends it after the step under way. What it diverged by, or None."""
    from tqdm import tqdm

    from explorer.transformer.training import Diverged

    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    steps = training.recipe.epochs * -(-len(train) // training.recipe.batch_size)
    before = signal.signal(signal.SIGINT, stop)
    with tqdm(total=steps, unit=" steps", delay=0.3) as bar:

        def show(training: Training) -> None:
            bar.update(training.step - bar.n)
            if training.measures:
                last = training.measures[-1]
                bar.set_postfix_str(f"validation: loss {last.loss:.3f}, accuracy {last.accuracy:.1%}", refresh=False)

        try:
            training.run(train, validation, show, cancelled=lambda: stopped)
        except Diverged as error:
            return error
        finally:
            signal.signal(signal.SIGINT, before)
    if stopped:
        print(f"explorer: stopped after {training.step} steps.", file=sys.stderr)
    return None


def _check_place(out: Path) -> None:
    from explorer.errors import UserError

    if out.suffix != ".safetensors":
        raise UserError(f"{out} is to be a checkpoint, so its name must end in .safetensors.")
    if out.exists():
        raise UserError(f"{out} is there already. Give another name, or delete it first.")
    if not out.parent.is_dir():
        raise UserError(f"There is no folder {out.parent} to write {out.name} into. Make it first.")
