"""Commands that run a transformer: encode, pass, translate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.output import given, print_json
from explorer.errors import UserError

if TYPE_CHECKING:
    from explorer.cli.output import Commands
    from explorer.transformer.trace import Trace
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
    translate.add_argument("--beam", type=int, help="how many beginnings are followed (default: 1, greedy)")
    translate.add_argument(
        "--temperature", type=float, help="sample instead, at this temperature; 0 takes the likeliest word at each step"
    )
    translate.add_argument("--top-k", type=int, help="sample instead, among the k likeliest words; 0 is all")
    translate.add_argument("--top-p", type=float, help="sample instead, among the likeliest words with this share")
    translate.add_argument("--seed", type=int, help="of the sampling (default: 0)")
    translate.set_defaults(run=_translate)

    encode.add_argument("--model", help="see `models` (default: the first of them)")
    for command in (encode, whole, translate):
        command.add_argument("--json", action="store_true", help="for machines")


def _encode(options: argparse.Namespace) -> None:
    from explorer.embeddings import catalog
    from explorer.embeddings.vocabulary import look_up
    from explorer.transformer import article
    from explorer.transformer.encoding import encode

    _refuse_without_json(options, "parameters")
    if options.article:
        if idle := [*given(options, "model"), *options.words]:
            raise UserError(f"The article has its own words and vectors, so leave out {' '.join(idle)}, or --article.")
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

    _refuse_without_json(options, "gradients", "parameters")
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


def _refuse_without_json(options: argparse.Namespace, *names: str) -> None:
    if not options.json and (idle := given(options, *names)):
        raise UserError(f"{idle[0]} adds to the JSON, so it has no effect without --json. Give both, or neither.")


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

    sampling = _sampling(options)
    translator, words = _checkpoint(options), words_of(options.text)
    _warn_of_unknown_words(translator, words)
    if sampling is not None:
        answer = sample(translator, words, **sampling)
    elif options.beam is None:
        answer = greedy(translator, words)
    else:
        answer = beam_search(translator, words, options.beam)
    if options.json:
        print_json({"source": words, "unknown": translator.unknown(words)} | answer.as_json())
    else:
        print(" ".join(answer.words))


def _sampling(options: argparse.Namespace) -> dict[str, Any] | None:
    """What `sample` is to be asked, or None where nothing is to be sampled. An option that would have no effect is
    refused, since who gave it believes that it has one."""
    names = ("temperature", "top_k", "top_p")
    if options.beam is not None and (others := given(options, *names)):
        raise UserError(
            f"--beam follows the likeliest beginnings, {others[0]} chooses words one by one. Give only one."
        )
    if options.temperature == 0:
        if idle := given(options, "top_k", "top_p", "seed"):
            raise UserError(
                f"At --temperature 0 the likeliest word is taken at each step, so {idle[0]} has no effect. "
                "Leave it out, or give a higher temperature."
            )
        return None
    if not given(options, *names):
        if options.seed is not None:
            raise UserError(
                "Nothing is drawn here, so --seed has no effect. "
                "Leave it out, or sample with --temperature, --top-k or --top-p."
            )
        return None
    return {name: getattr(options, name) for name in (*names, "seed") if getattr(options, name) is not None}


def _warn_of_unknown_words(translator: Translator, words: Sequence[str]) -> None:
    if unknown := translator.unknown(words):
        print(f"explorer: the model does not know {', '.join(unknown)}, and reads <unk> there.", file=sys.stderr)


def _checkpoint(options: argparse.Namespace) -> Translator:
    from explorer.initialisation.fitting import SHIPPED
    from explorer.transformer import checkpoint

    return checkpoint.load(options.checkpoint or SHIPPED)
